"""What the trades of one market add up to: candles of any period and the last 24 hours.

Keeps one candle a minute and builds the rest from those. Reads no clock.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal

from tradewire.sandbox.exact import ZERO, exactly
from tradewire.sandbox.order import Side, Trade

__all__ = ["Candle", "Candles"]

MINUTE_MS = 60_000
DAY_MS = 86_400_000
KEPT_MINUTES = 7 * 1440
"""One week, the longest period of any venue."""


@dataclass(slots=True)
class Candle:
    """Prices and sums of one period."""

    opened_ms: int
    open: Decimal
    high: Decimal
    low: Decimal
    close: Decimal
    volume: Decimal = ZERO
    value: Decimal = ZERO
    bought: Decimal = ZERO
    """Volume in which the taker was the buyer; the rest of ``volume`` was sold to makers."""

    def absorb(self, later: Candle) -> None:
        """Take in a candle that follows this one."""
        self.high = max(self.high, later.high)
        self.low = min(self.low, later.low)
        self.close = later.close
        self.volume += later.volume
        self.value += later.value
        self.bought += later.bought


class Candles:
    """The minutes of one market, at most a week of them."""

    def __init__(self) -> None:
        self._minutes: dict[int, Candle] = {}
        self._closed_day: tuple[int, Candle | None] = (-1, None)

    @exactly
    def add(self, trade: Trade) -> None:
        """Count ``trade``."""
        bought = trade.quantity if trade.taker.side is Side.BUY else ZERO
        price = trade.price
        self._absorb(Candle(trade.at_ms, price, price, price, price, trade.quantity, trade.value, bought))

    @exactly
    def note(self, price: Decimal, at_ms: int) -> None:
        """Count a price at which nothing was traded."""
        self._absorb(Candle(at_ms, price, price, price, price))

    def _absorb(self, one: Candle) -> None:
        opened_ms = one.opened_ms = one.opened_ms - one.opened_ms % MINUTE_MS
        minute = self._minutes.get(opened_ms)
        if minute is not None:
            minute.absorb(one)
            return
        self._minutes[opened_ms] = one
        if len(self._minutes) > KEPT_MINUTES:
            del self._minutes[next(iter(self._minutes))]

    @exactly
    def of_period(self, period_ms: int, *, offset_ms: int = 0) -> list[Candle]:
        """Return the candles of ``period_ms``, oldest first; ``offset_ms`` moves where periods begin."""
        merged: dict[int, Candle] = {}
        for minute in self._minutes.values():
            opened_ms = minute.opened_ms - (minute.opened_ms - offset_ms) % period_ms
            _merge(merged, opened_ms, minute)
        return list(merged.values())

    @exactly
    def day(self, now_ms: int) -> Candle | None:
        """Return the last 24 hours as one candle, ``None`` before the first trade.

        Cost: a pass over the day's minutes once a minute, else one addition.
        """
        this_minute_ms = now_ms - now_ms % MINUTE_MS
        if self._closed_day[0] != this_minute_ms:
            since_ms = this_minute_ms - DAY_MS
            self._closed_day = (
                this_minute_ms,
                _sum(m for m in self._minutes.values() if since_ms < m.opened_ms < this_minute_ms),
            )
        closed = self._closed_day[1]
        return _sum(c for c in (closed, self._minutes.get(this_minute_ms)) if c is not None)


def _sum(candles: Iterable[Candle]) -> Candle | None:
    merged: dict[int, Candle] = {}
    for candle in candles:
        _merge(merged, 0, candle)
    return merged.get(0)


def _merge(into: dict[int, Candle], opened_ms: int, candle: Candle) -> None:
    so_far = into.get(opened_ms)
    if so_far is not None:
        so_far.absorb(candle)
        return
    copy = Candle(opened_ms, candle.open, candle.high, candle.low, candle.close)
    copy.volume, copy.value, copy.bought = candle.volume, candle.value, candle.bought
    into[opened_ms] = copy
