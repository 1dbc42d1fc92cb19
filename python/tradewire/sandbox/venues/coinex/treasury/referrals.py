"""Rebates: who brought whom to the venue gets a part of the fees, in USDT, at the end of each UTC day.

An account's referees are said when they are added; an agent's referees are another list with its own rebates. Fees are
valued in USDT at the last price, as far as their assets have a market. A rebate counts the day that has ended.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from enum import StrEnum

from tradewire.sandbox.exact import ZERO, exactly, floored
from tradewire.sandbox.order import Event, Order, Side, Trade, Traded
from tradewire.sandbox.venues.coinex.core import ExchangeCore
from tradewire.sandbox.venues.coinex.treasury.books import REBATES, Books
from tradewire.sandbox.venues.coinex.wallets import owner_of

__all__ = ["DayOfReferee", "Referee", "Referrals", "Scheme"]

DAY_MS = 86_400_000
RATE = Decimal("0.2")
PLACES = 8
FIRST_UID = 10_000_000
PAID_IN = "USDT"


class Scheme(StrEnum):
    """As what somebody was brought."""

    REFEREE = "referee"
    AGENT = "agent-referee"


@dataclass(frozen=True, slots=True)
class Referee:
    """Who was brought, and by whom."""

    name: str
    uid: int
    referrer: str
    scheme: Scheme
    at_ms: int


@dataclass(slots=True)
class DayOfReferee:
    """What a referee traded in a day, valued in USDT, and what the referrer got for it."""

    referee: Referee
    at_ms: int
    spot_value: Decimal = ZERO
    spot_fee: Decimal = ZERO
    futures_value: Decimal = ZERO
    futures_fee: Decimal = ZERO
    rebate: Decimal = ZERO
    is_paid: bool = False

    @property
    def value(self) -> Decimal:
        """Spot and futures together."""
        return self.spot_value + self.futures_value

    @property
    def fee(self) -> Decimal:
        """Of spot and futures together."""
        return self.spot_fee + self.futures_fee


@dataclass(slots=True)
class Referrals:
    """All who were brought.

    Args:
        core: The spot markets, for their prices.
        books: Where the money is.
    """

    core: ExchangeCore
    books: Books
    referees: dict[str, Referee] = field(default_factory=dict)
    _days: defaultdict[str, dict[tuple[str, int], DayOfReferee]] = field(
        default_factory=lambda: defaultdict(dict)
    )

    def bring(self, name: str, referrer: str, scheme: Scheme, now_ms: int) -> Referee:
        """Take note of who brought a trader."""
        found = Referee(name, FIRST_UID + len(self.referees), referrer, scheme, now_ms)
        self.referees[name] = found
        return found

    def of(self, referrer: str, scheme: Scheme) -> Sequence[Referee]:
        """Return whom an account brought, first ones first."""
        return [one for one in self.referees.values() if (one.referrer, one.scheme) == (referrer, scheme)]

    def details(self, referrer: str, scheme: Scheme) -> Sequence[DayOfReferee]:
        """Return what each referee brought each day that was paid, oldest first."""
        return [day for day in self._days[referrer].values() if day.is_paid and day.referee.scheme is scheme]

    def days(self, referrer: str, scheme: Scheme) -> Mapping[int, Sequence[DayOfReferee]]:
        """Return the same by the day's beginning."""
        found: dict[int, list[DayOfReferee]] = {}
        for day in self.details(referrer, scheme):
            found.setdefault(day.at_ms, []).append(day)
        return found

    @exactly
    def on_event(self, event: Event) -> None:
        """Take note of what referees trade in spot markets."""
        for day, trade, order in self._concerned(event):
            rate = self._rate(trade.market)
            # A buyer pays in what is bought.
            fee = _fee(trade, order) * (trade.price if order.side is Side.BUY else 1)
            day.spot_value += trade.value * rate
            day.spot_fee += fee * rate

    @exactly
    def on_futures_event(self, event: Event) -> None:
        """Take note of what referees trade in futures, which is all paid in USDT."""
        for day, trade, order in self._concerned(event):
            day.futures_value += trade.value
            day.futures_fee += _fee(trade, order)

    @exactly
    def advance(self, now_ms: int) -> None:
        """Pay for the days that have ended."""
        for referrer, days in self._days.items():
            for day in days.values():
                if not day.is_paid and day.at_ms + DAY_MS <= now_ms:
                    day.is_paid = True
                    day.rebate = floored(day.fee * RATE, Decimal(1), PLACES)
                    self.books.move(REBATES, referrer, PAID_IN, day.rebate, now_ms)

    def _concerned(self, event: Event) -> Iterator[tuple[DayOfReferee, Trade, Order]]:
        """Yield the days of those referees who took part in a trade."""
        if not self.referees or not isinstance(event, Traded):
            return
        trade = event.trade
        at_ms = trade.at_ms - trade.at_ms % DAY_MS
        for order in (trade.maker, trade.taker):
            referee = self.referees.get(owner_of(order.account))
            if referee is not None:
                days = self._days[referee.referrer]
                yield days.setdefault((referee.name, at_ms), DayOfReferee(referee, at_ms)), trade, order

    def _rate(self, market: str) -> Decimal:
        """Return what a unit of a market's quote asset is worth in USDT, as far as it has a market."""
        quote = self.core.rules[market].quote
        if quote == PAID_IN:
            return Decimal(1)
        has_market = f"{quote}{PAID_IN}" in self.core.rules
        return self.core.last_price(f"{quote}{PAID_IN}") if has_market else ZERO


def _fee(trade: Trade, order: Order) -> Decimal:
    return trade.maker_fee if order is trade.maker else trade.taker_fee
