"""The faults that only some venues have: each venue's class is made of ``Faults`` and of what it has of these."""

from __future__ import annotations

from tradewire.sandbox.faults.api import Faults
from tradewire.sandbox.faults.kinds import FaultKind
from tradewire.sandbox.faults.store import FaultStore

__all__ = [
    "AllFaults",
    "Broadcasts",
    "Checksums",
    "MarginAccount",
    "NumberedUserEvents",
    "Timestamps",
    "TwoTimestamps",
]

STALE_CODES = (0, 4010, 4017)


class Timestamps(FaultStore):
    """Of a venue whose signatures carry a time."""

    def stale_timestamp(self, count: int = 1) -> None:
        """Refuse the next signed requests as expired."""
        self._arm(FaultKind.STALE_TIMESTAMP, count, code=0)


class TwoTimestamps(FaultStore):
    """Of a venue that has two codes for it."""

    def stale_timestamp(self, count: int = 1, code: int = 0) -> None:
        """Refuse the next signed requests as expired; ``code`` picks one of 4010 and 4017 where it has both."""
        if code not in STALE_CODES:
            raise ValueError(f"code must be one of {', '.join(map(str, STALE_CODES))}, got {code}")
        self._arm(FaultKind.STALE_TIMESTAMP, count, code=code)


class Checksums(FaultStore):
    """Of a venue that sends a checksum with its books."""

    def corrupt_checksum(self, market: str | None = None, count: int = 1) -> None:
        """Send a wrong checksum with the next pushed states of a book."""
        self._arm(FaultKind.CORRUPT_CHECKSUM, count, market)


class NumberedUserEvents(FaultStore):
    """Of a venue whose events of a user are numbered, or say how many were skipped."""

    def user_lag(self, count: int = 1, lost: int = 1) -> None:
        """Skip an event of a user's orders and say that ``lost`` were; numbered channels only jump."""
        self._arm(FaultKind.USER_LAG, count, lost=lost)


class Broadcasts(FaultStore):
    """Of a venue that broadcasts single changes, and takes commands over WebSocket."""

    def lag(self, market: str | None = None, count: int = 1, lost: int = 1) -> None:
        """Skip a change of a book and say that ``lost`` were skipped."""
        self._arm(FaultKind.LAG, count, market, lost=lost)

    def out_of_order(self, market: str | None = None, count: int = 1) -> None:
        """Broadcast two changes of a book in the wrong order, as two orders at once may."""
        self._arm(FaultKind.OUT_OF_ORDER, count, market)

    def stale_event(self, market: str | None = None, count: int = 1) -> None:
        """Call for a resync right after a snapshot because of an event older than it."""
        self._arm(FaultKind.STALE_EVENT, count, market)

    def early_effects(self, market: str | None = None, count: int = 1) -> None:
        """Send a snapshot that already holds what the next changes say."""
        self._arm(FaultKind.EARLY_EFFECTS, count, market)

    def lost_ack(self, count: int = 1) -> None:
        """Execute the next commands over WebSocket and never acknowledge them."""
        self._arm(FaultKind.LOST_ACK, count)


class MarginAccount(FaultStore):
    """Of a venue with margin accounts beside the one that trades."""

    def margin_events(self, market: str, count: int = 1) -> int:
        """Push order, deal and balance of a margin account to who is logged in and subscribed.

        Returns:
            How many pushes went out.
        """
        return self._act(FaultKind.MARGIN_EVENTS, market, count)


class AllFaults(TwoTimestamps, Checksums, NumberedUserEvents, Broadcasts, MarginAccount, Faults):
    """Every fault there is, for whoever looks them up by name."""
