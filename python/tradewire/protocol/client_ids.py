"""Ids for our orders that no one has used before: random where they begin, counted where they end."""

from __future__ import annotations

import os
from collections.abc import Callable
from itertools import count

__all__ = ["ClientOrderIds"]


class ClientOrderIds:
    """Makes ids. A process that forks makes others from then on. Lives as long as the process.

    Args:
        prefix: Returns a new random beginning; eight hexadecimal digits follow it.
    """

    def __init__(self, prefix: Callable[[], str]) -> None:
        self._new_prefix = prefix
        self._renew()
        if hasattr(os, "register_at_fork"):
            os.register_at_fork(after_in_child=self._renew)

    def __call__(self) -> str:
        """Return the next id."""
        return f"{self._prefix}{next(self._count):08x}"

    def _renew(self) -> None:
        self._prefix = self._new_prefix()
        self._count = count()
