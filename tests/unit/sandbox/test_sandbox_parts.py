"""The small parts: limits, candles, outbox, exact numbers."""

from __future__ import annotations

import asyncio
from decimal import Decimal, Inexact

import pytest

from tradewire.sandbox.candles import Candles
from tradewire.sandbox.exact import padded, plain
from tradewire.sandbox.limits import FixedWindows, LongWindow, TokenBucket
from tradewire.sandbox.order import Kind as OrderKind
from tradewire.sandbox.order import Order, Side, Trade
from tradewire.sandbox.outbox import Outbox


def test_bucket_refills_at_its_rate_and_no_further() -> None:
    bucket = TokenBucket(10, now_ms=0)
    assert all(bucket.take(1, 0) for _ in range(10))
    assert not bucket.take(1, 99)
    assert bucket.take(1, 100)
    assert not bucket.take(11, 10_000)
    assert bucket.take(10, 10_000)
    assert bucket.remaining == 0


def test_bucket_survives_a_clock_that_goes_back() -> None:
    bucket = TokenBucket(1, now_ms=1000)
    assert bucket.take(1, 1000)
    assert not bucket.take(1, 0)
    assert not bucket.take(1, 1500)
    assert bucket.take(1, 2000)


def test_long_window_counts_whole_hours() -> None:
    window = LongWindow(hours=1, quota=2)
    assert [window.spend(1, 5_000_000) for _ in range(3)] == [True, True, False]
    assert window.remaining == 0
    assert window.spend(1, 5_000_000 + 3_600_000)


def test_fixed_windows_count_each_key_by_itself() -> None:
    windows = FixedWindows(2, length_ms=1000)
    assert [windows.take("a", now_ms) for now_ms in (5, 900, 1004, 1005)] == [True, True, False, True]
    assert windows.take("b", 1004)
    unlimited = FixedWindows(None, length_ms=1000)
    assert all(unlimited.take("a", 0) for _ in range(5))
    assert not FixedWindows(0, length_ms=1000).take("a", 0)


@pytest.mark.parametrize(
    ("text", "short"),
    [
        ("100", "100"),
        ("1.500", "1.5"),
        ("0.000", "0"),
        ("1E+3", "1000"),
        ("1E-8", "0.00000001"),
        ("10.0", "10"),
    ],
)
def test_plain_has_no_exponent_and_no_trailing_zeros(text: str, short: str) -> None:
    assert plain(Decimal(text)) == short


def test_padded_keeps_places_and_refuses_to_round() -> None:
    assert padded(Decimal("1.5"), 4) == "1.5000"
    assert padded(Decimal("1E+2"), 2) == "100.00"
    with pytest.raises(Inexact):
        padded(Decimal("0.001"), 2)


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


async def test_outbox_is_first_in_first_out() -> None:
    outbox = Outbox()
    waiting = asyncio.create_task(outbox.get())
    await asyncio.sleep(0)
    outbox.put(b"1")
    outbox.put(b"2")
    assert [await waiting, await outbox.get()] == [b"1", b"2"]


@pytest.mark.parametrize("outbox", [Outbox(max_frames=2), Outbox(max_bytes=5)], ids=["frames", "bytes"])
def test_outbox_overflows_once_and_takes_no_more(outbox: Outbox) -> None:
    told: list[bool] = []
    outbox.on_overflow = lambda: told.append(True)
    for _ in range(5):
        outbox.put(b"ab")
    assert outbox.overflowed
    assert told == [True]
