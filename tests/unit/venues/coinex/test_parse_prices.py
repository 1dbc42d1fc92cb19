from __future__ import annotations

from typing import Any

import msgspec
import pytest

from tradewire.errors import ConfigError, UnreadableRow
from tradewire.model import Candle, CandleInterval, Rows
from tradewire.session.candles import check_span, every_candle
from tradewire.venues.coinex import parse_prices, shapes
from tradewire.venues.coinex.api import SPOT
from tradewire.venues.coinex.client import CoinEx
from tradewire.venues.coinex.model import CoinExCandle
from tradewire.venues.coinex.products import PERIODS
from tradewire.venues.coinex.rest import candles
from tradewire.wire import Reader

MINUTE_NS = CandleInterval.MINUTE.duration_ns
ROW = {
    "market": "BTCUSDT", "created_at": 1711411200000, "open": "69000", "close": "69500", "high": "70000",
    "low": "68000", "volume": "2", "value": "138500",
}  # fmt: skip


def read(asked_ns: int = 0, **changes: object) -> CoinExCandle:
    raw = msgspec.Raw(msgspec.json.encode({**ROW, **changes}))
    return Reader(shapes.CandleRow).one(
        raw, lambda row: parse_prices.candle(row, CandleInterval.MINUTE, asked_ns)
    )


def sums(found: CoinExCandle) -> tuple[str, ...]:
    return tuple(map(str, (found.volume, found.quote_volume, found.venue_volume, found.venue_value)))


def test_sums_are_those_of_the_pages() -> None:
    assert sums(read()) == ("2", "138500", "2", "138500")


def test_sums_as_captured_in_2024_are_told_by_the_prices() -> None:
    assert sums(read(volume="138500", value="2")) == ("2", "138500", "138500", "2")


def test_sums_that_fit_neither_way_are_those_of_the_pages() -> None:
    assert sums(read(volume="7", value="5")) == ("7", "5", "7", "5")
    assert sums(read(volume="0", value="0")) == ("0", "0", "0", "0")


def test_a_candle_is_closed_once_it_has_ended() -> None:
    end_ns = 1711411200000 * 1_000_000 + MINUTE_NS
    assert read(end_ns).is_closed
    assert not read(end_ns - 1).is_closed


@pytest.mark.parametrize("field", ["created_at", "open", "high", "low", "close", "volume", "value"])
def test_a_candle_without_a_field_is_unreadable(field: str) -> None:
    changes: dict[str, Any] = {field: None}
    with pytest.raises(UnreadableRow, match=field):
        read(**changes)


def test_every_interval_has_a_period_and_a_duration() -> None:
    assert set(PERIODS) == set(CandleInterval)
    assert [one.duration_ns // MINUTE_NS for one in CandleInterval] == [
        1, 3, 5, 15, 30, 60, 120, 240, 360, 720, 1440, 3 * 1440, 7 * 1440,
    ]  # fmt: skip
    encoded = candles.CANDLES[SPOT].encode(candles.CandlesQuery("BTCUSDT", "1w", MINUTE_NS, None, 5))
    assert dict(encoded.query) == {
        "market": "BTCUSDT", "period": "1week", "start_time": "60000", "limit": "5", "price_type": "latest_price",
    }  # fmt: skip


@pytest.mark.parametrize(("start_ns", "end_ns"), [(-1, None), (1.5, None), (5, 5), (5, 4), (5, "6")])
def test_a_span_that_makes_no_sense_is_refused(start_ns: int, end_ns: int) -> None:
    with pytest.raises(ConfigError, match="_ns must be"):
        check_span(start_ns, end_ns)


async def test_arguments_are_checked_before_anything_is_asked() -> None:
    async with CoinEx() as venue:
        for market, interval, price_type in (
            ("BTC USDT", "1m", "latest_price"), ("BTCUSDT", "2m", "latest_price"), ("BTCUSDT", "1m", "best_price"),
            ("BTCUSDT", "1m", "mark_price"),
        ):  # fmt: skip
            with pytest.raises(ConfigError):
                venue.candles(market, interval, 0, price_type=price_type)


async def test_a_page_with_an_unreadable_candle_raises_instead_of_leaving_a_gap() -> None:
    fault = UnreadableRow("no")

    async def fetch(_from_ns: int, _until_ns: int) -> Rows[Candle]:
        return Rows([], [fault])

    with pytest.raises(UnreadableRow):
        _ = [one async for one in every_candle(fetch, CandleInterval.DAY, 0, 1, per_request=9)]
