"""The venue's rate limits: per address, per account and group, and the long windows.

Source: docs.coinex.com/api/v2/rate-limit, read 2026-11-20. The quotas of the long windows are not published;
the figures here are this sandbox's own and far above what one bot needs.
"""

from __future__ import annotations

from tradewire.sandbox.limits import LongWindow, TokenBucket
from tradewire.sandbox.venues.coinex.codes import Code, Refusal

__all__ = ["GROUP_RATES_PER_S", "IP_RATE_PER_S", "RateLimits"]

IP_RATE_PER_S = 400
GROUP_RATES_PER_S = {
    "spot-put": 30,
    "spot-cancel": 60,
    "spot-cancel-batch": 40,
    "spot-query": 50,
    "spot-history": 10,
    "futures-put": 20,
    "futures-cancel": 40,
    "futures-cancel-batch": 20,
    "futures-query": 50,
    "futures-history": 10,
    "futures-account": 10,
    "account-modify": 10,
    "account-query": 10,
    "account-history": 10,
}
NEVER_SLOWED = frozenset(group for group in GROUP_RATES_PER_S if "cancel" in group)
LONG_WINDOW_HOURS = (1, 4, 8, 24)
LONG_QUOTA_PER_HOUR = 72_000
SLOW_RATE_PER_S = 1
MAX_PEERS = 1024


class RateLimits:
    """The buckets of every account.

    Args:
        enabled: ``False`` lets everything pass and still sends the headers.
        long_quota_per_hour: Requests an account may send in an hour before it is slowed down.
    """

    def __init__(self, *, enabled: bool = True, long_quota_per_hour: int = LONG_QUOTA_PER_HOUR) -> None:
        self._enabled = enabled
        self._long_quota_per_hour = long_quota_per_hour
        self._peers: dict[str, TokenBucket] = {}
        self._groups: dict[tuple[str, str], TokenBucket] = {}
        self._slow: dict[str, TokenBucket] = {}
        self._windows: dict[str, list[LongWindow]] = {}

    def charge_peer(self, peer: str, now_ms: int) -> None:
        """Count one request of an address.

        Raises:
            Refusal: It asks more than the address limit.
        """
        bucket = self._peers.get(peer)
        if bucket is None:
            if len(self._peers) >= MAX_PEERS:
                del self._peers[next(iter(self._peers))]
            bucket = self._peers[peer] = TokenBucket(IP_RATE_PER_S, now_ms)
        if not bucket.take(1, now_ms) and self._enabled:
            raise _too_many("IP")

    def charge(self, account: str, group: str, cost: int, now_ms: int, *, family: str = "") -> dict[str, str]:
        """Take ``cost`` tokens from the account's bucket and return the headers that say what is left.

        The long windows are those of ``family``: a main account shares them with its sub-accounts.

        Raises:
            Refusal: The bucket is empty, or the account is slowed down. It carries no headers.
        """
        bucket = self._groups.get((account, group))
        if bucket is None:
            bucket = self._groups[account, group] = TokenBucket(GROUP_RATES_PER_S[group], now_ms)
        if not bucket.take(cost, now_ms) and self._enabled:
            raise _too_many(group)
        windows = self._windows.setdefault(
            family or account,
            [LongWindow(hours, hours * self._long_quota_per_hour) for hours in LONG_WINDOW_HOURS],
        )
        within = [window.spend(cost, now_ms) for window in windows]
        if not all(within) and group not in NEVER_SLOWED and self._enabled:
            slow = self._slow.setdefault(account, TokenBucket(SLOW_RATE_PER_S, now_ms))
            if not slow.take(1, now_ms):
                raise _too_many("long period")
        return {
            "X-RateLimit-Limit": str(bucket.rate_per_s),
            "X-RateLimit-Remaining": str(bucket.remaining),
        } | {f"X-RateLimit-LongPeriod-{window.hours}H-Remaining": str(window.remaining) for window in windows}


def _too_many(what: str) -> Refusal:
    return Refusal(Code.TOO_MANY_REQUESTS, f"Too many requests: {what}")
