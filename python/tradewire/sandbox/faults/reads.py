"""Queries that lag: the state of some time ago, as a venue's read replicas show it.

Copies of the state are kept from the moment the lag begins, so its first ``lag_ms`` show that moment.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable
from typing import Generic, TypeVar

from tradewire.sandbox.faults.kinds import FaultKind
from tradewire.sandbox.faults.store import FaultStore

__all__ = ["LaggingReads"]

T = TypeVar("T")
SHORTEST_INTERVAL_S = 0.01
COPIES_PER_LAG = 50


class LaggingReads(Generic[T]):
    """What queries read while ``read_lag`` is on.

    Args:
        faults: Says how far reads lag.
        copy: Returns a copy of what queries read.
        now: Returns what queries read.
    """

    def __init__(self, faults: FaultStore, *, copy: Callable[[], T], now: Callable[[], T]) -> None:
        self._faults = faults
        self._copy = copy
        self._now = now
        self._copies: deque[tuple[float, T]] = deque()
        self._timer: asyncio.TimerHandle | None = None
        faults.on(FaultKind.READ_LAG, self._set)

    def view(self) -> T:
        """Return what a query reads now."""
        if not self._copies:
            return self._now()
        self._forget(asyncio.get_running_loop().time())
        self._faults.triggered[FaultKind.READ_LAG] += 1
        return self._copies[0][1]

    def _set(self, lag_ms: int) -> int:
        if self._timer is not None:
            self._timer.cancel()
        if lag_ms:
            self._keep()
        else:
            self._copies.clear()
        return 0

    def _keep(self) -> None:
        loop = asyncio.get_running_loop()
        self._copies.append((loop.time(), self._copy()))
        self._forget(loop.time())
        interval_s = max(SHORTEST_INTERVAL_S, self._faults.read_lag_ms / 1000 / COPIES_PER_LAG)
        self._timer = loop.call_later(interval_s, self._keep)

    def _forget(self, now_s: float) -> None:
        """Drop copies older than the newest one that is old enough."""
        due_s = now_s - self._faults.read_lag_ms / 1000
        while len(self._copies) > 1 and self._copies[1][0] <= due_s:
            self._copies.popleft()
