"""Ids for our orders that no one has used before: random where they begin, counted where they end."""

from __future__ import annotations

import os
from collections.abc import Callable

from tradewire._native import CountedIds

__all__ = ["counted_ids"]


def counted_ids(prefix: Callable[[], str]) -> Callable[[], str]:
    """Return what makes ids. A process that forks makes others from then on. Lives as long as the process.

    Args:
        prefix: Returns a new random beginning; eight hexadecimal digits follow it.
    """
    ids = CountedIds(prefix)
    if hasattr(os, "register_at_fork"):
        os.register_at_fork(after_in_child=ids.renew)
    return ids.next
