"""Whether one book can still be believed, and when to fetch it again.

The book itself (native) says what is wrong with it; this decides what to do about that: one resync at a
time, never two within the interval, the interval doubling while resyncs do not help. Sans-IO.
"""

from __future__ import annotations

from enum import StrEnum

from tradewire._native import Pulse
from tradewire.protocol.timing import Timing

__all__ = ["BookHealth", "Phase"]


IGNORED_BOUND = 3
"""Pushes ignored in a row before the book is fetched again: one may have been overtaken, not several."""


class Phase(StrEnum):
    """Where a book stands with the venue."""

    NOT_SUBSCRIBED = "not_subscribed"
    WAITING = "waiting"
    """Subscribed; the first whole book has not come."""
    VERIFIED = "verified"
    SUSPECT = "suspect"
    """A resync is due at ``deadline_ns``."""


class BookHealth:
    """The liveness of one book's data.

    Attributes:
        pulse: What is noted of every push, in the core where frames are read.
    """

    __slots__ = (
        "_interval_ns",
        "_phase",
        "_proved_since_ns",
        "_resynced_at_ns",
        "_silence_ns",
        "_timing",
        "missing_snapshots",
        "pulse",
        "reason",
        "was_verified",
    )

    def __init__(self, timing: Timing, silence_ns: int | None = None) -> None:
        self._timing = timing
        self._silence_ns = timing.silence_ns if timing.silence_ns is not None else silence_ns
        self._interval_ns = timing.resync_ns
        self._resynced_at_ns: int | None = None
        self._proved_since_ns = 0
        self.pulse = Pulse()
        self._phase = Phase.NOT_SUBSCRIBED
        self.reason = ""
        self.missing_snapshots = 0
        """Subscriptions in a row that brought no whole book."""
        self.was_verified = False
        """The book has been verified at least once, so that the market exists."""

    @property
    def phase(self) -> Phase:
        """Where it stands."""
        return self._phase

    def _enter(self, phase: Phase) -> None:
        self._phase = phase
        self.pulse.is_verified = phase is Phase.VERIFIED

    def asked(self, now_ns: int) -> None:
        """A subscription was sent: a whole book is expected."""
        self._enter(Phase.WAITING)
        self.pulse.heard_at_ns = now_ns

    def lost(self) -> None:
        """The connection is gone; nothing is expected until the next subscription."""
        self._enter(Phase.NOT_SUBSCRIBED)

    def proved(self, now_ns: int) -> None:
        """A push left the book proved equal to the venue's."""
        self.pulse.proved(now_ns)
        if self.phase is not Phase.VERIFIED:
            self._enter(Phase.VERIFIED)
            self._proved_since_ns = now_ns
            self.missing_snapshots = 0
            self.was_verified = True

    def ignored(self, now_ns: int) -> None:
        """A push was ignored as older than the book. It proves nothing; several in a row speak against the book."""
        self.pulse.ignored += 1
        if self.pulse.ignored >= IGNORED_BOUND:
            self.pulse.ignored = 0
            self.mark_suspect("stale_pushes", now_ns)

    def mark_suspect(self, reason: str, now_ns: int) -> None:
        """Ask for a resync because of ``reason``, unless one is already due."""
        if self.phase in (Phase.SUSPECT, Phase.NOT_SUBSCRIBED):
            return
        if self.phase is Phase.VERIFIED and now_ns - self._proved_since_ns >= self._timing.settled_ns:
            self._interval_ns = self._timing.resync_ns
        self._enter(Phase.SUSPECT)
        self.reason = reason

    def deadline_ns(self) -> int | None:
        """When ``due`` will next have something to say."""
        if self.phase is Phase.SUSPECT:
            return 0 if self._resynced_at_ns is None else self._resynced_at_ns + self._interval_ns
        if self.phase is Phase.WAITING:
            return self.pulse.heard_at_ns + self._timing.snapshot_ns
        if self.phase is Phase.VERIFIED and self._silence_ns is not None:
            return self.pulse.heard_at_ns + self._silence_ns
        return None

    def due(self, now_ns: int) -> str:
        """Return why this book must be fetched again now, empty if it need not."""
        deadline_ns = self.deadline_ns()
        if deadline_ns is None or now_ns < deadline_ns:
            return ""
        if self.phase is not Phase.SUSPECT:
            is_missing = self.phase is Phase.WAITING
            self.missing_snapshots += is_missing
            self.mark_suspect("no_snapshot" if is_missing else "silent", now_ns)
            return self.due(now_ns)
        return self.reason

    def resynced(self, now_ns: int) -> None:
        """A resync was sent; the next may not follow before the interval, which doubles."""
        if self._resynced_at_ns is not None:
            self._interval_ns = min(2 * self._interval_ns, self._timing.resync_cap_ns)
        self._resynced_at_ns = now_ns
        self.asked(now_ns)
