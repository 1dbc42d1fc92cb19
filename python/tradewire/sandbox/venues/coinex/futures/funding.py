"""Funding: every so many seconds of the sandbox's clock longs pay shorts, or the other way round.

A position's payment is its size times mark price times rate. It passes through the market's clearing account, which is
as it was afterwards; what a payer has not got the insurance account pays.
"""

from __future__ import annotations

from collections import defaultdict, deque
from dataclasses import dataclass
from decimal import Decimal

from tradewire.sandbox.exact import exactly
from tradewire.sandbox.venues.coinex.futures.core import FuturesCore
from tradewire.sandbox.venues.coinex.futures.positions import Position

__all__ = ["Funding", "FundingPayment", "FundingRate"]

KEPT_RATES = 1000
KEPT_PAYMENTS = 10_000


@dataclass(frozen=True, slots=True)
class FundingRate:
    """What one settlement asked for."""

    at_ms: int
    theoretical: Decimal
    actual: Decimal


@dataclass(frozen=True, slots=True)
class FundingPayment:
    """What one position received, or paid if below zero."""

    position: Position
    size: Decimal
    mark: Decimal
    rate: Decimal
    value: Decimal
    at_ms: int


class Funding:
    """Settles all markets at once.

    Args:
        core: Where the positions are.
        every_s: Seconds between two settlements, which are at whole multiples of that.
    """

    def __init__(self, core: FuturesCore, every_s: int) -> None:
        if every_s < 1:
            raise ValueError(f"funding_every_s must be at least 1, got {every_s}")
        self.rates: dict[str, deque[FundingRate]] = {name: deque(maxlen=KEPT_RATES) for name in core.rules}
        self.payments: defaultdict[str, deque[FundingPayment]] = defaultdict(
            lambda: deque(maxlen=KEPT_PAYMENTS)
        )
        self.last_ms = self.next_ms = 0
        self._core = core
        self._every_ms = every_s * 1000
        core.steps.append(self.step)

    def step(self, now_ms: int) -> bool:
        """Settle if it is time; say whether it was. Times that were slept through are left out."""
        if not self.next_ms:
            self._schedule(now_ms)
        if now_ms < self.next_ms:
            return False
        self.settle(now_ms)
        return True

    @exactly
    def settle(self, now_ms: int) -> int:
        """Let everybody pay now; return how many positions did."""
        margins, paid = self._core.margins, 0
        self._schedule(now_ms)
        self.last_ms = now_ms
        for market, prices in self._core.prices.items():
            rate, mark = prices.funding_rate, prices.mark
            self.rates[market].append(FundingRate(now_ms, prices.premium, rate))
            for account, held in list(margins.positions.items()):
                if (position := held.get(market)) is None:
                    continue
                value = -position.size * mark * rate
                margins.pay_funding(position, value)
                position.funding += value
                position.updated_ms = now_ms
                payment = FundingPayment(position, position.size, mark, rate, value, now_ms)
                self.payments[account].append(payment)
                self._core.positions.observe(position, "update")
                paid += 1
            self._core.publish(market, now_ms)
        return paid

    def _schedule(self, now_ms: int) -> None:
        self.next_ms = now_ms - now_ms % self._every_ms + self._every_ms
