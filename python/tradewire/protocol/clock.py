"""The venue's time, estimated from replies that carry it."""

from __future__ import annotations

from collections import deque

__all__ = ["ClockEstimate"]

SAMPLES = 16


class ClockEstimate:
    """Offset between our clock and the venue's.

    The sample with the shortest round trip is the best: its error is at most half of that trip. Old samples
    leave after ``SAMPLES`` newer ones, so that a drifting clock is followed.
    """

    def __init__(self) -> None:
        self._samples: deque[tuple[int, int]] = deque(maxlen=SAMPLES)
        self._is_outdated = False

    @property
    def offset_ns(self) -> int:
        """The venue's time minus ours; 0 until the first sample."""
        return min(self._samples)[1] if self._samples else 0

    @property
    def uncertainty_ns(self) -> int | None:
        """Largest error of ``offset_ns``; ``None`` before the first sample."""
        return min(self._samples)[0] // 2 if self._samples else None

    def observe(self, sent_ns: int, received_ns: int, venue_ns: int) -> None:
        """Add a sample: our times around a request, and the venue's time in its reply."""
        if self._is_outdated:
            self._samples.clear()
            self._is_outdated = False
        round_trip_ns = max(0, received_ns - sent_ns)
        self._samples.append((round_trip_ns, venue_ns - (sent_ns + round_trip_ns // 2)))

    def restart(self) -> None:
        """Forget all samples once there is a new one: until then an old estimate is better than none."""
        self._is_outdated = True
