"""Index and mark price of one perpetual, and the rates that follow from them.

Simple: the index is the last price of the spot market of the same name. The mark price is the index plus the mean of
the last minute's basis samples (mid of the book less index, at most one a second), at most half a percent away from
the index. The premium index is that mean over the index; the funding rate is the premium index within its limits.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal

from tradewire.sandbox.exact import ZERO, quotient
from tradewire.sandbox.venues.coinex.futures.markets import FuturesRules

__all__ = ["MAX_FUNDING_RATE", "Prices", "Sample"]

SAMPLE_MS = 1000
SAMPLES = 60
MINUTE_MS = 60_000
KEPT_MINUTES = 1440
RATE_PLACES = 8
MAX_BASIS_SHARE = Decimal("0.005")
MAX_FUNDING_RATE = Decimal("0.00375")


@dataclass(frozen=True, slots=True)
class Sample:
    """What the histories keep of one minute: rates at its first sample."""

    at_ms: int
    basis_rate: Decimal
    premium: Decimal


class Prices:
    """The prices of one market that do not come from its own trades.

    Args:
        rules: Which market.
        spot_price: Returns the last price of its spot market.
    """

    def __init__(self, rules: FuturesRules, spot_price: Callable[[], Decimal]) -> None:
        self._rules = rules
        self._spot_price = spot_price
        self._basis: deque[Decimal] = deque(maxlen=SAMPLES)
        self._mean = ZERO
        self._known = ZERO, ZERO, ZERO
        self._sampled_ms = -SAMPLE_MS
        self.forced_index: Decimal | None = None
        """Stands for index and mark price while it is set, so that a test can move them."""
        self.forced_rate: Decimal | None = None
        """Stands for the funding rate while it is set."""
        self.max_funding_rate = MAX_FUNDING_RATE
        self.minutes: deque[Sample] = deque(maxlen=KEPT_MINUTES)

    @property
    def index(self) -> Decimal:
        """The index price."""
        return self._spot_price() if self.forced_index is None else self.forced_index

    @property
    def basis(self) -> Decimal:
        """How far the mark is above the index."""
        if self.forced_index is not None:
            return ZERO
        most = quotient(self.index * MAX_BASIS_SHARE, Decimal(1), self._rules.quote_places)
        return max(-most, min(most, self._mean))

    @property
    def mark(self) -> Decimal:
        """The mark price: what positions are valued at."""
        if self.forced_index is not None:
            return self.forced_index
        index = self.index
        if (index, self._mean) != self._known[:2]:
            mark = quotient(index + self.basis, Decimal(1), self._rules.quote_places)
            self._known = index, self._mean, mark
        return self._known[2]

    @property
    def premium(self) -> Decimal:
        """The premium index."""
        return quotient(self.basis, self.index, RATE_PLACES)

    @property
    def funding_rate(self) -> Decimal:
        """What longs pay shorts next, as a share of the position's value; negative: what shorts pay longs."""
        rate = self.premium if self.forced_rate is None else self.forced_rate
        return max(-MAX_FUNDING_RATE, min(MAX_FUNDING_RATE, rate))

    def force(self, index: Decimal | None) -> None:
        """Set the index, or let it follow the spot market again; what was sampled before is forgotten."""
        self.forced_index = index
        self._basis.clear()
        self._mean = ZERO

    def wants_sample(self, now_ms: int) -> bool:
        """Say whether a second has passed since the last sample."""
        return self.forced_index is None and not 0 <= now_ms - self._sampled_ms < SAMPLE_MS

    def sample(self, mid: Decimal | None, now_ms: int) -> None:
        """Take note of the book's ``mid``, at most once a second."""
        if mid is None or not self.wants_sample(now_ms):
            return
        self._sampled_ms = now_ms
        basis = mid - self.index
        self._basis.append(basis)
        total, number = sum(self._basis, ZERO), Decimal(len(self._basis))
        self._mean = quotient(total, number, self._rules.quote_places)
        minute_ms = now_ms - now_ms % MINUTE_MS
        if not self.minutes or self.minutes[-1].at_ms != minute_ms:
            self.minutes.append(Sample(minute_ms, quotient(basis, self.index, RATE_PLACES), self.premium))
