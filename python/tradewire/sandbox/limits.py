"""Rate limits: token buckets, and long windows after whose quota everything goes slower.

Knows no venue: groups and figures come in. Reads no clock: the time comes in, in milliseconds.
"""

from __future__ import annotations

from dataclasses import dataclass

__all__ = ["FixedWindows", "LongWindow", "TokenBucket"]

MS_PER_S = 1000
MS_PER_HOUR = 3_600_000


class TokenBucket:
    """Refilled at ``rate_per_s``, never above one second's worth.

    Counts thousandths of a token as integers, so that refilling is exact.
    """

    __slots__ = ("_level_millis", "_seen_ms", "rate_per_s")

    def __init__(self, rate_per_s: int, now_ms: int) -> None:
        self.rate_per_s = rate_per_s
        self._level_millis = rate_per_s * MS_PER_S
        self._seen_ms = now_ms

    def take(self, cost: int, now_ms: int) -> bool:
        """Take ``cost`` tokens if they are there; say whether they were."""
        # Where the clock was set back, time goes on from there.
        elapsed_ms = max(0, now_ms - self._seen_ms)
        self._seen_ms = now_ms
        full = self.rate_per_s * MS_PER_S
        self._level_millis = min(full, self._level_millis + elapsed_ms * self.rate_per_s)
        if self._level_millis < cost * MS_PER_S:
            return False
        self._level_millis -= cost * MS_PER_S
        return True

    @property
    def remaining(self) -> int:
        """Whole tokens left at the last look."""
        return self._level_millis // MS_PER_S


@dataclass(slots=True)
class LongWindow:
    """A quota over whole hours, counted from the first request in it."""

    hours: int
    quota: int
    opened_ms: int = 0
    used: int = 0

    def spend(self, cost: int, now_ms: int) -> bool:
        """Count ``cost`` and say whether it still fits the quota."""
        if now_ms - self.opened_ms >= self.hours * MS_PER_HOUR:
            self.opened_ms, self.used = now_ms, 0
        self.used += cost
        return self.used <= self.quota

    @property
    def remaining(self) -> int:
        """What is left of the quota."""
        return max(0, self.quota - self.used)


class FixedWindows:
    """So many requests of each key in a window that begins with its first request after the last one ended.

    Args:
        quota: Requests in one window; ``None``: as many as it likes.
        length_ms: How long one is.
    """

    def __init__(self, quota: int | None, length_ms: int) -> None:
        self.quota = quota
        self._length_ms = length_ms
        self._spent: dict[str, tuple[int, int]] = {}

    def take(self, key: str, now_ms: int) -> bool:
        """Count one request, or refuse it."""
        began_ms, spent = self._spent.get(key, (now_ms, 0))
        if not 0 <= now_ms - began_ms < self._length_ms:
            began_ms, spent = now_ms, 0
        if self.quota is not None and spent >= self.quota:
            return False
        self._spent[key] = (began_ms, spent + 1)
        return True
