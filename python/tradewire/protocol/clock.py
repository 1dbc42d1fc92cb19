"""The venue's time, estimated from replies that carry it. Sans-IO: times come in as arguments."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable

__all__ = ["ClockEstimate"]

SAMPLES = 16
NS_PER_S = 1_000_000_000
MAX_ROUND_TRIP_NS = 4 * NS_PER_S
"""A sample's error is half of its round trip; the narrowest window of a venue has 5 s."""
MAX_OFFSET_NS = 86_400 * NS_PER_S
"""No clock that a program trades by is a day off; a venue's reply in other units is."""
STEP_NS = NS_PER_S // 4
"""Our wall clock was set if it went this much further than the monotonic one."""
DISAGREEMENT_NS = 3 * NS_PER_S // 2
"""Beyond the error of both, a sample this far from the estimate means that the venue's clock was set. Some venues
tell whole seconds only."""


class ClockEstimate:
    """Offset between our clock and the venue's.

    The sample with the shortest round trip is the best: its error is at most half of that trip. Old samples
    leave after ``SAMPLES`` newer ones, so that a drifting clock is followed, or at once when a new one contradicts
    them. When our own clock is set, the estimate moves with it, and ``steps`` says that it should be proved.
    """

    def __init__(self) -> None:
        self._samples: deque[tuple[int, int]] = deque(maxlen=SAMPLES)
        self._is_outdated = False
        self._skew_ns: int | None = None
        self.offset_ns = 0
        """The venue's time minus ours; 0 until the first sample."""
        self.steps = 0
        """How often our own clock was set, as far as we saw."""
        self.believed = 0
        """Samples taken so far."""

    @property
    def uncertainty_ns(self) -> int | None:
        """Largest error of ``offset_ns``; ``None`` before the first sample."""
        return min(self._samples)[0] // 2 if self._samples else None

    def venue_ns(self, wall_ns: int, monotonic_ns: int) -> int:
        """Return the venue's time, given both of our clocks; notices when the first of them was set."""
        before_ns, skew_ns = self._skew_ns, wall_ns - monotonic_ns
        self._skew_ns = skew_ns
        if before_ns is not None and not -STEP_NS <= skew_ns - before_ns <= STEP_NS:
            self._move(skew_ns - before_ns)
        return wall_ns + self.offset_ns

    def observe(self, sent_ns: int, received_ns: int, venue_ns: int, elapsed_ns: int | None = None) -> str:
        """Add a sample and return an empty text, or return why it is not believed.

        Args:
            sent_ns: Our time when the request left.
            received_ns: Our time when the reply was there.
            venue_ns: The venue's time in the reply.
            elapsed_ns: What a monotonic clock counted between the two; unlike them it cannot be set meanwhile.
        """
        round_trip_ns = max(0, received_ns - sent_ns)
        if elapsed_ns is not None and abs(received_ns - sent_ns - elapsed_ns) > STEP_NS:
            return "our own clock was set while the venue answered"
        if round_trip_ns > MAX_ROUND_TRIP_NS:
            return f"the reply took {round_trip_ns / NS_PER_S:.1f} s"
        offset_ns = venue_ns - (sent_ns + round_trip_ns // 2)
        if abs(offset_ns) > MAX_OFFSET_NS:
            days = offset_ns / MAX_OFFSET_NS
            return f"the venue's clock would be {days:+.0f} days from ours; set this machine's clock"
        if self._is_outdated or self._contradicts(round_trip_ns, offset_ns):
            self._samples.clear()
            self._is_outdated = False
        self._keep([*self._samples, (round_trip_ns, offset_ns)])
        self.believed += 1
        return ""

    def restart(self) -> None:
        """Forget all samples once there is a new one: until then an old estimate is better than none."""
        self._is_outdated = True

    def _contradicts(self, round_trip_ns: int, offset_ns: int) -> bool:
        if not self._samples:
            return False
        best_round_trip_ns, best_offset_ns = min(self._samples)
        error_ns = (round_trip_ns + best_round_trip_ns) // 2
        return abs(offset_ns - best_offset_ns) > error_ns + DISAGREEMENT_NS

    def _move(self, step_ns: int) -> None:
        self.steps += 1
        self._keep([(round_trip_ns, offset_ns - step_ns) for round_trip_ns, offset_ns in self._samples])

    def _keep(self, samples: Iterable[tuple[int, int]]) -> None:
        self._samples = deque(samples, maxlen=SAMPLES)
        # Kept, since every request is stamped with it.
        self.offset_ns = min(self._samples)[1] if self._samples else 0
