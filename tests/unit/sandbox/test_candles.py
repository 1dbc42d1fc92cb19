"""Candles and the last day from trades."""

from __future__ import annotations

from decimal import Decimal

from tradewire.sandbox.candles import Candles
from tradewire.sandbox.order import Kind as OrderKind
from tradewire.sandbox.order import Order, Side, Trade


def _trade(price: str, quantity: str, at_ms: int, taker_side: Side) -> Trade:
    maker, taker = (
        Order(number, "", "ABC", side, OrderKind.LIMIT, Decimal(quantity))
        for number, side in enumerate((taker_side.opposite, taker_side))
    )
    value = Decimal(price) * Decimal(quantity)
    return Trade(1, "ABC", Decimal(price), Decimal(quantity), value, maker, taker, at_ms)


def test_candles_merge_into_periods_and_a_day() -> None:
    candles = Candles()
    for price, quantity, at_ms, side in (
        ("10", "1", 60_000, Side.BUY),
        ("12", "2", 60_500, Side.SELL),
        ("9", "1", 130_000, Side.BUY),
        ("11", "1", 400_000, Side.SELL),
    ):
        candles.add(_trade(price, quantity, at_ms, side))
    minutes = candles.of_period(60_000)
    assert [(c.opened_ms, str(c.open), str(c.high), str(c.low), str(c.close)) for c in minutes] == [
        (60_000, "10", "12", "10", "12"),
        (120_000, "9", "9", "9", "9"),
        (360_000, "11", "11", "11", "11"),
    ]
    five = candles.of_period(300_000)
    assert [(c.opened_ms, str(c.volume), str(c.value)) for c in five] == [
        (0, "4", "43"),
        (300_000, "1", "11"),
    ]
    day = candles.day(400_001)
    assert day is not None
    figures = (day.open, day.high, day.low, day.close, day.volume, day.bought)
    assert figures == tuple(map(Decimal, (10, 12, 9, 11, 5, 2)))
    later = candles.day(400_001 + 86_400_000)
    assert later is None


def test_the_day_forgets_what_is_older() -> None:
    candles = Candles()
    assert candles.day(0) is None
    candles.add(_trade("10", "1", 0, Side.BUY))
    candles.add(_trade("20", "1", 86_400_000, Side.BUY))
    day = candles.day(86_400_000)
    assert day is not None
    assert day.open == 20
