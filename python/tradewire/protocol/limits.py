"""Rate limits as a venue meters them: one token bucket a group, with a part kept back for cancels."""

from __future__ import annotations

from collections.abc import Mapping

__all__ = ["Limiter"]

NS_PER_S = 1_000_000_000


class _Bucket:
    __slots__ = ("at_ns", "capacity", "rate_per_s", "tokens")

    def __init__(self, rate_per_s: float) -> None:
        self.rate_per_s = rate_per_s
        self.capacity = rate_per_s
        self.tokens = rate_per_s
        self.at_ns = 0

    def refill(self, now_ns: int) -> None:
        elapsed_ns = max(0, now_ns - self.at_ns)
        self.tokens = min(self.capacity, self.tokens + elapsed_ns * self.rate_per_s / NS_PER_S)
        self.at_ns = now_ns


class Limiter:
    """Says how long a request must wait for its group's bucket.

    Args:
        rates_per_s: Requests per second by group; a bucket holds one second's worth.
        cancel_share: Part of every bucket that only cancels may use, so that quoting can never starve them.
    """

    def __init__(self, rates_per_s: Mapping[str, float], *, cancel_share: float = 0.1) -> None:
        self._buckets = {group: _Bucket(rate) for group, rate in rates_per_s.items()}
        self._cancel_share = cancel_share

    def take(self, group: str, weight: int, now_ns: int, *, is_cancel: bool = False) -> int:
        """Take ``weight`` tokens and return how long to wait before sending, nanoseconds.

        The tokens are taken at once, so that those who come later queue behind.
        """
        bucket = self._buckets[group]
        bucket.refill(now_ns)
        kept_back = 0.0 if is_cancel else bucket.capacity * self._cancel_share
        bucket.tokens -= weight
        lacking = kept_back - bucket.tokens
        return max(0, round(lacking * NS_PER_S / bucket.rate_per_s))

    def give_back(self, group: str, weight: int) -> None:
        """Return tokens of a request that was not sent after all."""
        bucket = self._buckets[group]
        bucket.tokens = min(bucket.capacity, bucket.tokens + weight)

    def observe(self, group: str, remaining: float, now_ns: int) -> None:
        """Learn from the venue how many tokens are left; never believe in more than it says."""
        bucket = self._buckets[group]
        bucket.refill(now_ns)
        bucket.tokens = min(bucket.tokens, remaining)

    def exhaust(self, group: str, now_ns: int) -> None:
        """Learn that the venue found the bucket empty."""
        self.observe(group, 0.0, now_ns)
