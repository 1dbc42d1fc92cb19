"""Public data that spot and futures markets have alike: books, deals, candles. Numbers carry no trailing zeros."""

from __future__ import annotations

from decimal import Decimal
from itertools import islice
from typing import ClassVar

from tradewire.sandbox.candles import Candle, Candles
from tradewire.sandbox.checksum import checksum_of
from tradewire.sandbox.exact import ZERO, plain
from tradewire.sandbox.order import Side, Trade
from tradewire.sandbox.routing import route
from tradewire.sandbox.venues.coinex.codes import invalid
from tradewire.sandbox.venues.coinex.fields import Id, Limit, Market, Span, Text, one_of
from tradewire.sandbox.venues.coinex.handlers import Call, Json, ProductHandlers

__all__ = ["DEPTH_INTERVALS", "DEPTH_LIMITS", "MarketData", "deal_of", "ticker_of"]

DEPTH_LIMITS = (5, 10, 20, 50)
DEPTH_INTERVALS = ("0", *(f"{Decimal(1).scaleb(-places):f}" for places in range(12, -4, -1)))
MINUTE_MS = 60_000
MINUTES = {
    "1min": 1, "3min": 3, "5min": 5, "15min": 15, "30min": 30, "1hour": 60, "2hour": 120, "4hour": 240, "6hour": 360,
    "12hour": 720, "1day": 1440, "3day": 3 * 1440, "1week": 7 * 1440,
}  # fmt: skip
MONDAY_OFFSET_MS = 4 * 1440 * MINUTE_MS
"""1970-01-01 was a Thursday; weeks begin on Monday."""
DAY_S = 86_400


class MarketData(ProductHandlers):
    """Page groups ``spot/market`` and ``futures/market``."""

    price_types: ClassVar[tuple[str, ...]] = ("latest_price", "index_price")
    """What candles may be asked of."""

    def candles_of(self, market: str, price_type: str) -> Candles:  # noqa: ARG002 - spot has one price
        """Return the candles of a price; the index of a spot market is its last price."""
        return self.core.candles[market]

    @route("GET", "/v2/{product}/depth")
    def depth(self, call: Call, market: Market, limit: Id, interval: Text) -> Json:
        """Return the book with its checksum."""
        if limit not in DEPTH_LIMITS:
            raise invalid("limit must be 5, 10, 20 or 50")
        step = Decimal(one_of("interval", interval, DEPTH_INTERVALS))
        bids, asks = (
            [[plain(price), plain(size)] for price, size in levels]
            for side in (Side.BUY, Side.SELL)
            for levels in [self.core.engine(market.name).depth(side, limit, step)]
        )
        depth = {
            "asks": asks,
            "bids": bids,
            "last": plain(self.core.last_price(market.name)),
            "updated_at": self.core.changed_ms[market.name] or call.now_ms,
            "checksum": checksum_of(bids, asks),
        }
        return {"market": market.name, "is_full": True, "depth": depth}

    @route("GET", "/v2/{product}/deals")
    def deals(self, market: Market, limit: Limit, last_id: Id = 0) -> list[Json]:
        """Return trades, newest first; ``last_id`` goes on below an id, 0 starts at the newest."""
        newest_first = reversed(self.core.deals[market.name])
        wanted = (trade for trade in newest_first if not last_id or trade.trade_id < last_id)
        return [deal_of(trade) for trade in islice(wanted, limit)]

    @route("GET", "/v2/{product}/kline")
    def candles(
        self, market: Market, period: Text, limit: Limit, span: Span, price_type: Text = "latest_price"
    ) -> list[Json]:
        """Return candles, oldest first."""
        length_ms = MINUTES[one_of("period", period, MINUTES)] * MINUTE_MS
        one_of("price_type", price_type, self.price_types)
        offset_ms = MONDAY_OFFSET_MS if period == "1week" else 0
        candles = self.candles_of(market.name, price_type).of_period(length_ms, offset_ms=offset_ms)
        within = [candle for candle in candles if candle.opened_ms in span]
        return [
            {"market": market.name, "created_at": candle.opened_ms, **_prices(candle)}
            for candle in within[-limit:]
        ]


def ticker_of(market: str, day: Candle | None) -> Json:
    """Return a ticker; the pushed state has the same fields."""
    day = day or Candle(0, ZERO, ZERO, ZERO, ZERO)
    return {
        "market": market,
        "last": plain(day.close),
        **_prices(day),
        "volume_sell": plain(day.volume - day.bought),
        "volume_buy": plain(day.bought),
        "period": DAY_S,
    }


def deal_of(trade: Trade) -> Json:
    """Return a public trade."""
    return {
        "deal_id": trade.trade_id,
        "created_at": trade.at_ms,
        "side": trade.taker.side.value,
        "price": plain(trade.price),
        "amount": plain(trade.quantity),
    }


def _prices(candle: Candle) -> Json:
    return {
        name: plain(getattr(candle, name)) for name in ("open", "close", "high", "low", "volume", "value")
    }
