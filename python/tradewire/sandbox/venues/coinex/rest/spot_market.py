"""Public data of spot markets. Numbers carry no trailing zeros."""

from __future__ import annotations

from tradewire.sandbox.exact import plain
from tradewire.sandbox.routing import route
from tradewire.sandbox.venues.coinex.core import FEE_RATES
from tradewire.sandbox.venues.coinex.fields import Markets
from tradewire.sandbox.venues.coinex.handlers import Call, Handlers, Json
from tradewire.sandbox.venues.coinex.market_data import MarketData, ticker_of
from tradewire.sandbox.venues.coinex.markets import ONLINE

__all__ = ["SpotMarket"]


class SpotMarket(Handlers, MarketData):
    """Page group ``spot/market``."""

    @route("GET", "/v2/spot/market", topic="markets")
    def markets(self, market: Markets) -> list[Json]:
        """Return what orders have to keep to."""
        return [
            {
                "market": rules.name,
                "taker_fee_rate": plain(FEE_RATES.taker),
                "maker_fee_rate": plain(FEE_RATES.maker),
                "min_amount": plain(rules.min_amount),
                "base_ccy": rules.base,
                "quote_ccy": rules.quote,
                "base_ccy_precision": rules.base_places,
                "quote_ccy_precision": rules.quote_places,
                "status": rules.status,
                "delisted_at": 0,
                "is_amm_available": False,
                "is_margin_available": rules.has_margin,
                "is_pre_market_trading_available": False,
                "is_api_trading_available": rules.status == ONLINE,
            }
            for rules in market
        ]

    @route("GET", "/v2/spot/ticker")
    def tickers(self, call: Call, market: Markets) -> list[Json]:
        """Return the last 24 hours."""
        return [ticker_of(rules.name, self.core.candles[rules.name].day(call.now_ms)) for rules in market]

    @route("GET", "/v2/spot/index")
    def index(self, call: Call, market: Markets) -> list[Json]:
        """Return index prices: the sandbox's only source is its own last price."""
        found = []
        for rules in market:
            price = plain(self.core.last_price(rules.name))
            source = {
                "exchange": "Sandbox",
                "created_at": call.now_ms,
                "index_weight": "1",
                "index_price": price,
            }
            found.append(
                {"market": rules.name, "created_at": call.now_ms, "price": price, "sources": [source]}
            )
        return found
