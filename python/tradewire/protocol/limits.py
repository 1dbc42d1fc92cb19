"""Rate limits as a venue meters them: one token bucket a group, with a part kept back for cancels.

Knows counts and times, no venue and no loop: it says how long to wait. All times are of one
monotonic clock.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import NamedTuple

from tradewire.errors import ConfigError, LocalProtocolError

__all__ = ["Limiter", "Mark"]

NS_PER_S = 1_000_000_000


class Mark(NamedTuple):
    """Where a group stood when a request left. Counts in its reply belong to this moment, not to the reply's."""

    time_ns: int
    spent: float
    """Tokens of this group that had left until then."""
    account_spent: float
    """The same of all groups that a long-period quota counts."""


class _Bucket:
    """Tokens refill at ``rate_per_s`` up to ``capacity``.

    ``waiting`` are promised to those in line. ``held`` are given out to requests that have not left yet: the venue has
    not counted them, and its bucket does not fill over its brim meanwhile, so neither may ours.
    """

    __slots__ = (
        "_time_ns",
        "capacity",
        "closed_until_ns",
        "held",
        "rate_per_s",
        "spent",
        "tokens",
        "waiting",
    )

    def __init__(self, rate_per_s: float, capacity: float) -> None:
        self.rate_per_s = rate_per_s
        self.capacity = capacity
        self.tokens = capacity
        self.waiting = 0
        self.held = 0
        self.spent = 0.0
        self.closed_until_ns = 0
        self._time_ns = 0

    def refill(self, now_ns: int) -> None:
        tokens = self.tokens
        if now_ns > self._time_ns:
            tokens += (now_ns - self._time_ns) * self.rate_per_s / NS_PER_S
        brim = self.capacity - self.held
        self.tokens = min(brim, tokens)
        self._time_ns = now_ns

    def wait_ns(self, wanted: float, now_ns: int) -> int:
        """Return how long until ``wanted`` tokens are there and the bucket is open."""
        if wanted <= self.tokens and now_ns >= self.closed_until_ns:
            return 0
        refill_ns = max(0, round((wanted - self.tokens) * NS_PER_S / self.rate_per_s))
        return max(refill_ns, self.closed_until_ns - now_ns)

    def take(self, weight: float) -> None:
        self.tokens -= weight
        self.spent += weight

    def learn(self, tokens: float) -> None:
        """Believe in ``tokens`` if we thought that there were more."""
        self.tokens = min(self.tokens, tokens)


class _LongPeriods:
    """Quotas of hours, shared by all of an account's groups. Who uses one up is served slowly, except for cancels.

    A quota that is used up is obeyed by going slowly of our own accord: one request at a time at ``rate_per_s``,
    whose replies say when there is more.
    """

    __slots__ = ("_left", "groups", "slow", "spent")

    def __init__(self, groups: Collection[str], rate_per_s: float) -> None:
        self.groups = frozenset(groups)
        self.slow = _Bucket(rate_per_s, 1.0)
        self.spent = 0.0
        self._left: dict[str, float] = {}

    @property
    def is_used_up(self) -> bool:
        return any(left < 1 for left in self._left.values())

    def take(self, weight: float) -> None:
        self.spent += weight
        for period in self._left:
            self._left[period] -= weight

    def learn(self, left: Mapping[str, float], since: float) -> None:
        self._left.update({period: count - (self.spent - since) for period, count in left.items()})


class Limiter:
    """Says whether a request may go now, and if not, how long it must wait.

    Args:
        rates_per_s: Requests per second by group; a bucket holds one second's worth, see ``bursts``.
        shared: The group every request draws from besides its own; empty if there is none.
        bursts: What a bucket holds, by group, where that is not one second's worth.
        cancel_share: Part of every bucket that only cancels may use, so that quoting can never starve them.
        long_period_groups: Groups that count against the venue's quotas of hours, if it has any.
        slow_rate_per_s: Requests per second, cancels aside, once such a quota is used up.
    """

    def __init__(
        self,
        rates_per_s: Mapping[str, float],
        *,
        shared: str = "",
        bursts: Mapping[str, float] | None = None,
        cancel_share: float = 0.1,
        long_period_groups: Collection[str] = (),
        slow_rate_per_s: float = 1.0,
    ) -> None:
        known = bursts or {}
        self._buckets = {group: _Bucket(rate, known.get(group, rate)) for group, rate in rates_per_s.items()}
        common = (self._buckets[shared],) if shared else ()
        self._together = {
            group: (bucket, *common) if group != shared else (bucket,)
            for group, bucket in self._buckets.items()
        }
        self._cancel_share = cancel_share
        self._long = _LongPeriods(long_period_groups, slow_rate_per_s)

    @property
    def rates_per_s(self) -> Mapping[str, float]:
        """Requests per second by group."""
        return {group: bucket.rate_per_s for group, bucket in self._buckets.items()}

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
                raise ConfigError(
                    f"a request in rate group {group} must weigh at most {bucket.capacity:g}, got {weight}: split it"
                )
            wanted: float = weight
            if not is_cancel:
                kept_back = bucket.capacity * self._cancel_share
                room = bucket.capacity - weight
                wanted += min(room, kept_back) + (0 if is_next else bucket.waiting)
            wait_ns = bucket.wait_ns(wanted, now_ns)
            if wait_ns > longest_ns:
                longest_ns = wait_ns
        is_metered = group in self._long.groups
        is_slow = is_metered and not is_cancel and self._long.is_used_up
        if is_slow:
            self._long.slow.refill(now_ns)
            longest_ns = max(longest_ns, self._long.slow.wait_ns(1, now_ns))
        if not longest_ns:
            for bucket in buckets:
                bucket.take(weight)
            if is_metered:
                self._long.take(weight)
            if is_slow:
                self._long.slow.take(1)
        return longest_ns

    def join(self, group: str, weight: int) -> None:
        """Stand in line: those who come later wait behind."""
        for bucket in self._of(group):
            bucket.waiting += weight

    def leave(self, group: str, weight: int) -> None:
        """Leave the line, served or not."""
        for bucket in self._of(group):
            bucket.waiting -= weight

    def hold(self, group: str, weight: int) -> None:
        """Note that a request has taken its tokens and not left yet."""
        for bucket in self._of(group):
            bucket.held += weight

    def left(self, group: str, weight: int, now_ns: int) -> None:
        """Note that a held request has left, or never will: from now on its tokens are refilled."""
        for bucket in self._of(group):
            bucket.refill(now_ns)
            bucket.held -= weight

    def mark(self, group: str, now_ns: int) -> Mark:
        """Return where ``group`` stands as a request leaves, for ``observe`` to count from."""
        bucket = self._of(group)[0]
        return Mark(now_ns, bucket.spent - bucket.held, self._long.spent)

    def observe(self, group: str, remaining: float, now_ns: int, since: Mark | None = None) -> None:
        """Learn from the venue how many tokens are left; never believe in more than it says.

        Args:
            group: The rate group.
            remaining: Tokens the venue counted.
            now_ns: A monotonic time.
            since: When it counted them, about: the request's mark. What was refilled and spent since then is
                allowed for, so that a late reply costs no token that the venue has.
        """
        bucket = self._of(group)[0]
        bucket.refill(now_ns)
        if since is not None:
            remaining += (now_ns - since.time_ns) * bucket.rate_per_s / NS_PER_S
            remaining -= bucket.spent - since.spent
        bucket.learn(remaining)

    def observe_long_periods(self, left: Mapping[str, float], since: Mark) -> None:
        """Learn from the venue what is left of its quotas of hours, by period; more than before is believed."""
        self._long.learn(left, since.account_spent)

    def close(self, wait_ns: int, now_ns: int, *groups: str) -> None:
        """Empty ``groups``, or all if none is named, and send nothing in them for ``wait_ns``."""
        for group in groups or self._buckets:
            bucket = self._of(group)[0]
            bucket.refill(now_ns)
            bucket.learn(0.0)
            bucket.closed_until_ns = max(bucket.closed_until_ns, now_ns + wait_ns)

    def closed_ns(self, group: str, now_ns: int) -> int:
        """Return how long ``group`` stays closed; 0 if it is open."""
        return max(0, *(bucket.closed_until_ns - now_ns for bucket in self._of(group)))

    def _of(self, group: str) -> tuple[_Bucket, ...]:
        """Return the bucket of ``group``, and the shared one if it is another."""
        try:
            return self._together[group]
        except KeyError:
            raise LocalProtocolError(f"there is no rate group {group!r}") from None
