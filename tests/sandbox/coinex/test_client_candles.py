from __future__ import annotations

from decimal import Decimal

import pytest

from tradewire.errors import MarketUnavailable
from tradewire.model import CandleInterval
from tradewire.sandbox import Sandbox
from tradewire.sandbox.candles import MINUTE_MS, Candles
from tradewire.sandbox.order import Kind, Order, Side, Trade
from tradewire.venues.coinex.client import CoinEx

NS_PER_MS = 1_000_000
MINUTES = 2500


def trade(at_ms: int) -> Trade:
    maker, taker = (
        Order(
            order_id=1, account="maker-1", market="BTCUSDT", side=side, kind=Kind.LIMIT, quantity=Decimal(1)
        )
        for side in Side
    )
    price = Decimal(60000 + at_ms // MINUTE_MS % 100)
    return Trade(1, "BTCUSDT", price, Decimal(1), price, maker, taker, at_ms)


def history(box: Sandbox) -> int:
    """Have trades in two minutes of three; return when the first began."""
    now_ms = box.coinex.now_ms()
    start_ms = now_ms - now_ms % MINUTE_MS - MINUTES * MINUTE_MS
    candles = box.coinex.core.candles["BTCUSDT"] = Candles()
    for number in range(MINUTES + 1):
        if number % 3:
            candles.add(trade(start_ms + number * MINUTE_MS))
    return start_ms


async def test_a_long_span_is_read_whole_over_several_pages(box: Sandbox, venue: CoinEx) -> None:
    start_ms = history(box)
    found = [one async for one in venue.candles("BTCUSDT", "1m", start_ms * NS_PER_MS)]
    core = box.coinex.core.candles["BTCUSDT"].of_period(MINUTE_MS)
    assert [one.start_ns for one in found] == [candle.opened_ms * NS_PER_MS for candle in core]
    assert len(found) > 1000
    assert all(one.is_closed for one in found[:-2])
    assert {(one.volume, one.quote_volume) for one in found} == {
        (candle.volume, candle.value) for candle in core
    }


async def test_the_end_is_not_included_and_every_interval_works(box: Sandbox, venue: CoinEx) -> None:
    start_ms = history(box)
    third = start_ms + 3 * MINUTE_MS
    found = [one async for one in venue.candles("BTCUSDT", "1m", start_ms * NS_PER_MS, third * NS_PER_MS)]
    assert [one.start_ns // NS_PER_MS for one in found] == [third - 2 * MINUTE_MS, third - MINUTE_MS]
    for interval in CandleInterval:
        start_ns = start_ms * NS_PER_MS - interval.duration_ns
        total = sum([one.volume async for one in venue.candles("BTCUSDT", interval, start_ns)])
        assert total == len([one for one in range(MINUTES + 1) if one % 3])


async def test_the_latest_candles_and_an_unknown_market(box: Sandbox, venue: CoinEx) -> None:
    history(box)
    found = await venue.latest_candles("BTCUSDT", "1h", limit=3, price_type="index_price")
    assert len(found) == 3
    with pytest.raises(MarketUnavailable):
        _ = [one async for one in venue.candles("NOPEUSDT", "1m", 0, 1)]
