"""The account and its fees."""

from __future__ import annotations

from tradewire.sandbox.exact import plain
from tradewire.sandbox.routing import route
from tradewire.sandbox.venues.coinex.core import FEE_RATES
from tradewire.sandbox.venues.coinex.fields import Market, MarketType
from tradewire.sandbox.venues.coinex.handlers import Handlers, Json

__all__ = ["Account"]


class Account(Handlers):
    """Page group ``account``."""

    @route("GET", "/v2/account/trade-fee-rate", group="account-query")
    def trade_fee_rate(self, market: Market, _market_type: MarketType) -> Json:
        """Return what trading costs, the same everywhere."""
        return {
            "market": market.name,
            "maker_rate": plain(FEE_RATES.maker),
            "taker_rate": plain(FEE_RATES.taker),
        }
