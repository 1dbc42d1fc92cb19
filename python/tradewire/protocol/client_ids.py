"""Ids for our orders that no one has used before: random where they begin, counted where they end."""

from __future__ import annotations

import os
from collections.abc import Callable

from tradewire._native import CountedIds

__all__ = ["counted_ids", "restart_ids"]


class _Prefix:
    """Makes beginnings of ids: a given one once, then random ones."""

    def __init__(self, new: Callable[[], str]) -> None:
        self._new = new
        self.given = ""

    def __call__(self) -> str:
        given, self.given = self.given, ""
        return given or self._new()


_made: dict[Callable[[], str], tuple[CountedIds, _Prefix]] = {}


def counted_ids(prefix: Callable[[], str]) -> Callable[[], str]:
    """Return what makes ids. A process that forks makes others from then on. Lives as long as the process.

    Args:
        prefix: Returns a new random beginning; eight hexadecimal digits follow it.
    """
    beginning = _Prefix(prefix)
    ids = CountedIds(beginning)
    if hasattr(os, "register_at_fork"):
        os.register_at_fork(after_in_child=ids.renew)
    make = ids.next
    _made[make] = ids, beginning
    return make


def restart_ids(make: Callable[[], str], prefix: str) -> None:
    """Count from the beginning behind ``prefix``, in a run that is to give the same ids as the one before."""
    ids, beginning = _made[make]
    beginning.given = prefix
    ids.renew()
