"""Rate limits as a venue meters them: one token bucket a group, with a part kept back for cancels.

Knows counts and times, no venue and no loop: who must wait is told how long, and asks again.
"""

from __future__ import annotations

from collections.abc import Mapping

from tradewire.errors import ConfigError, LocalProtocolError

__all__ = ["Limiter"]

NS_PER_S = 1_000_000_000


class _Bucket:
    """Tokens refill at ``rate_per_s`` up to ``capacity``. ``waiting`` are promised to those in line."""

    __slots__ = ("_at_ns", "capacity", "rate_per_s", "tokens", "waiting")

    def __init__(self, rate_per_s: float, capacity: float) -> None:
        self.rate_per_s = rate_per_s
        self.capacity = capacity
        self.tokens = capacity
        self.waiting = 0
        self._at_ns = 0

    def refill(self, now_ns: int) -> None:
        elapsed_ns = max(0, now_ns - self._at_ns)
        self.tokens = min(self.capacity, self.tokens + elapsed_ns * self.rate_per_s / NS_PER_S)
        self._at_ns = now_ns

    def wait_ns(self, wanted: float) -> int:
        """Return how long until ``wanted`` tokens are there."""
        return max(0, round((wanted - self.tokens) * NS_PER_S / self.rate_per_s))


class Limiter:
    """Says whether a request may go now, and if not, how long it must wait.

    Args:
        rates_per_s: Requests per second by group; a bucket holds one second's worth, see ``bursts``.
        shared: The group every request draws from besides its own; empty if there is none.
        bursts: What a bucket holds, by group, where that is not one second's worth.
        cancel_share: Part of every bucket that only cancels may use, so that quoting can never starve them.
    """

    def __init__(
        self,
        rates_per_s: Mapping[str, float],
        *,
        shared: str = "",
        bursts: Mapping[str, float] | None = None,
        cancel_share: float = 0.1,
    ) -> None:
        known = bursts or {}
        self._buckets = {group: _Bucket(rate, known.get(group, rate)) for group, rate in rates_per_s.items()}
        self._shared = shared
        self._cancel_share = cancel_share

    def take(
        self, group: str, weight: int, now_ns: int, *, is_cancel: bool = False, is_next: bool = False
    ) -> int:
        """Take ``weight`` tokens and return 0, or take nothing and return the nanoseconds to wait.

        Args:
            group: The rate group.
            weight: Tokens the request costs.
            now_ns: A monotonic time.
            is_cancel: The request may use what is kept back, and need not stand in line.
            is_next: The request stood in line and it is its turn.

        Raises:
            ConfigError: No bucket ever holds ``weight`` tokens: send a smaller batch.
        """
        buckets = self._of(group)
        longest_ns = 0
        for bucket in buckets:
            bucket.refill(now_ns)
            if weight > bucket.capacity:
                raise ConfigError(f"rate group {group} takes {bucket.capacity:g} at once, was {weight}")
            kept_back = (
                0.0 if is_cancel else min(bucket.capacity * self._cancel_share, bucket.capacity - weight)
            )
            in_front = 0 if is_cancel or is_next else bucket.waiting
            longest_ns = max(longest_ns, bucket.wait_ns(weight + kept_back + in_front))
        if not longest_ns:
            for bucket in buckets:
                bucket.tokens -= weight
        return longest_ns

    def join(self, group: str, weight: int) -> None:
        """Stand in line: those who come later wait behind."""
        for bucket in self._of(group):
            bucket.waiting += weight

    def leave(self, group: str, weight: int) -> None:
        """Leave the line, served or not."""
        for bucket in self._of(group):
            bucket.waiting -= weight

    def observe(self, group: str, remaining: float, now_ns: int) -> None:
        """Learn from the venue how many tokens are left; never believe in more than it says."""
        bucket = self._buckets[group]
        bucket.refill(now_ns)
        bucket.tokens = min(bucket.tokens, remaining)

    def exhaust(self, group: str, now_ns: int) -> None:
        """Learn that the venue found the bucket empty."""
        self.observe(group, 0.0, now_ns)

    def _of(self, group: str) -> tuple[_Bucket, ...]:
        try:
            own = self._buckets[group]
        except KeyError:
            raise LocalProtocolError(f"there is no rate group {group!r}") from None
        return (own, self._buckets[self._shared]) if self._shared not in {"", group} else (own,)
