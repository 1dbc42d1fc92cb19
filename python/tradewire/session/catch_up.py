"""When to ask what happened while nobody could tell us, and from when on.

Knows losses and their times; what is asked is ``reconcile``'s, how it is spelled the venue's.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable

from tradewire.session.reconcile import retry_until_success
from tradewire.transport.seam import Clock

__all__ = ["MARGIN_NS", "CatchUp"]

MARGIN_NS = 60 * 1_000_000_000
"""Asked for is what happened from this long before a loss: clocks differ, and the loss was noticed late. What was
seen already is sorted out by its id."""


class CatchUp:
    """Asks for what was missed until it is answered; nothing between the first loss and now is left out.

    Args:
        ask: Asks what happened since a time, nanoseconds UTC, and tells it.
        report: Told of questions that failed; they are asked again.
        now_ns: Our clock, UTC.
    """

    def __init__(
        self,
        ask: Callable[[int], Awaitable[None]],
        report: Callable[[Exception], None],
        now_ns: Clock = time.time_ns,
    ) -> None:
        self._ask = ask
        self._report = report
        self._now_ns = now_ns
        self._lost_at_ns = 0
        self._since_ns = 0
        self._is_due = False
        self._task: asyncio.Task[None] | None = None

    @property
    def is_behind(self) -> bool:
        """Something may have been missed that was not made up for."""
        return bool(self._lost_at_ns or self._since_ns)

    def lost(self) -> None:
        """Note that from now on something may be missed."""
        self._lost_at_ns = self._lost_at_ns or self._now_ns()

    def resume(self) -> None:
        """The connection is back: ask at once, from the first loss that is not made up for."""
        if self._task is not None:
            self._task.cancel()
        self._begin()

    def missed(self) -> None:
        """Something was missed on a living connection: ask, after what is being asked already."""
        self.lost()
        if self._task is None or self._task.done():
            self._begin()
        else:
            self._is_due = True

    async def close(self) -> None:
        """Stop asking."""
        if self._task is not None:
            self._task.cancel()
            await asyncio.wait([self._task])

    def _begin(self) -> None:
        self._since_ns = self._since_ns or self._lost_at_ns or self._now_ns()
        self._lost_at_ns = 0
        self._is_due = False
        self._task = asyncio.get_running_loop().create_task(self._run(self._since_ns - MARGIN_NS))

    async def _run(self, since_ns: int) -> None:
        await retry_until_success(lambda: self._ask(since_ns), self._report)
        # A loss that came while asking has its own time.
        self._since_ns = 0
        if self._is_due:
            self._begin()
