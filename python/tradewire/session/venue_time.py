"""Since when to ask a venue: its own time, found without trusting any one clock.

Our clock may be wrong or step, the venue's may be, too. A loss is therefore remembered in three ways, and the earliest
counts: how long ago it was by our monotonic clock, what the venue's clock said then, and the venue's time of the last
thing it reported before.
"""

from __future__ import annotations

import time
from collections.abc import Awaitable, Callable

__all__ = ["VenueTime"]


class VenueTime:
    """The venue's clock as far as catching up needs it."""

    def __init__(
        self,
        now_ns: Callable[[], int],
        ask: Callable[[], Awaitable[None]],
        monotonic_ns: Callable[[], int] = time.monotonic_ns,
    ) -> None:
        self._now_ns = now_ns
        self._ask = ask
        self._monotonic_ns = monotonic_ns
        # Before anything was ever caught up with, everything counts as missed.
        self._lost: tuple[int, int] | None = (monotonic_ns(), now_ns())
        self._reported_ns = 0
        self.is_asked = False
        """The venue has given its time since the loss; else its clock may have stepped unnoticed."""

    def reported(self, time_ns: int) -> None:
        """Take note of the venue's time of a report: the newest before a loss, the oldest while something is missed."""
        if not time_ns:
            return
        if (
            time_ns > self._reported_ns
            if self._lost is None
            else time_ns < (self._reported_ns or time_ns + 1)
        ):
            self._reported_ns = time_ns

    def lost(self) -> None:
        """Take note that reports may be missed from now on."""
        self.is_asked = False
        if self._lost is None:
            self._lost = self._monotonic_ns(), self._now_ns()

    def caught_up(self) -> None:
        """Take note that nothing is missed any more."""
        self._lost = None

    async def refresh(self) -> None:
        """Ask the venue for its time; the estimate follows. Raises ``RequestError``."""
        await self._ask()
        self.is_asked = True

    def since(self) -> int:
        """Return the venue's time since when something may have been missed, UTC."""
        now_ns = self._now_ns()
        if self._lost is None:
            return now_ns
        lost_monotonic_ns, lost_venue_ns = self._lost
        by_duration_ns = now_ns - (self._monotonic_ns() - lost_monotonic_ns)
        return min(by_duration_ns, lost_venue_ns, self._reported_ns or lost_venue_ns)
