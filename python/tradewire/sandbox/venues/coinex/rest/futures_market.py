"""Public data of perpetuals: what spot has too, and prices, funding, levels and liquidations."""

from __future__ import annotations

from tradewire.sandbox.candles import Candles
from tradewire.sandbox.exact import exactly, plain
from tradewire.sandbox.routing import route
from tradewire.sandbox.venues.coinex.fields import Market, Markets, Page, Paged, Span
from tradewire.sandbox.venues.coinex.futures.handlers import FuturesHandlers
from tradewire.sandbox.venues.coinex.futures.shapes import funding_rate_of, futures_ticker_of
from tradewire.sandbox.venues.coinex.handlers import Call, Json
from tradewire.sandbox.venues.coinex.market_data import MarketData
from tradewire.sandbox.venues.coinex.markets import ONLINE
from tradewire.sandbox.venues.coinex.stops import PriceKind

__all__ = ["FuturesMarket"]


class FuturesMarket(FuturesHandlers, MarketData):
    """Page group ``futures/market``."""

    price_types = ("latest_price", "mark_price", "index_price")

    def candles_of(self, market: str, price_type: str) -> Candles:
        """Return the candles of a price; those of mark and index have no volume."""
        if price_type == PriceKind.LATEST:
            return self.core.candles[market]
        return self.core.price_candles[market, PriceKind(price_type)]

    @route("GET", "/v2/futures/market", topic="markets")
    def markets(self, market: Markets) -> list[Json]:
        """Return what orders have to keep to."""
        return [
            {
                "market": rules.name,
                "contract_type": "linear",
                "taker_fee_rate": plain(rules.fee_rates.taker),
                "maker_fee_rate": plain(rules.fee_rates.maker),
                "min_amount": plain(rules.min_amount),
                "base_ccy": rules.base,
                "quote_ccy": rules.quote,
                "base_ccy_precision": rules.base_places,
                "quote_ccy_precision": rules.quote_places,
                "status": rules.status,
                "delisted_at": 0,
                "tick_size": plain(rules.tick),
                "leverage": [str(one) for one in rules.leverages],
                "open_interest_volume": plain(self.desk.open_interest(rules.name)),
                "is_market_available": rules.status == ONLINE,
                "is_copy_trading_available": False,
                "is_api_trading_available": rules.status == ONLINE,
            }
            for rules in (self.core.rules[one.name] for one in market)
        ]

    @route("GET", "/v2/futures/ticker")
    def tickers(self, call: Call, market: Markets) -> list[Json]:
        """Return the last 24 hours and the prices now."""
        return [futures_ticker_of(self.desk, rules.name, call.now_ms) for rules in market]

    @route("GET", "/v2/futures/index")
    def index(self, call: Call, market: Markets) -> list[Json]:
        """Return index prices: the only source is the sandbox's own spot market."""
        found = []
        for rules in market:
            price = plain(self.core.prices[rules.name].index)
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

    @route("GET", "/v2/futures/funding-rate")
    def funding_rates(self, market: Markets) -> list[Json]:
        """Return what funding costs now and next."""
        return [funding_rate_of(self.desk, rules.name) for rules in market]

    @route("GET", "/v2/futures/funding-rate-history")
    def funding_history(self, market: Market, span: Span, page: Page) -> Paged:
        """Return past settlements, newest first."""
        return page.of(
            [
                {
                    "market": market.name,
                    "funding_time": rate.at_ms,
                    "theoretical_funding_rate": plain(rate.theoretical),
                    "actual_funding_rate": plain(rate.actual),
                }
                for rate in reversed(self.desk.funding.rates[market.name])
                if rate.at_ms in span
            ]
        )

    @route("GET", "/v2/futures/premium-index-history")
    def premium_history(self, market: Market, span: Span, page: Page) -> Paged:
        """Return the premium index at the first sample of each minute, newest first."""
        return page.of(
            [
                {"market": market.name, "created_at": minute.at_ms, "premium_index": plain(minute.premium)}
                for minute in reversed(self.core.prices[market.name].minutes)
                if minute.at_ms in span
            ]
        )

    @route("GET", "/v2/futures/basis-history")
    def basis_history(self, market: Market, span: Span) -> list[Json]:
        """Return the basis rate at the first sample of each minute, newest first."""
        return [
            {"market": market.name, "created_at": minute.at_ms, "basis_rate": plain(minute.basis_rate)}
            for minute in reversed(self.core.prices[market.name].minutes)
            if minute.at_ms in span
        ]

    @route("GET", "/v2/futures/position-level")
    def position_levels(self, market: Markets) -> list[Json]:
        """Return what positions of each size may and must."""
        return [
            {
                "market": rules.name,
                "level": [
                    {
                        "amount": plain(level.amount),
                        "leverage": str(level.leverage),
                        "maintenance_margin_rate": plain(level.maintenance_rate),
                        "min_initial_margin_rate": plain(level.initial_rate),
                    }
                    for level in self.core.rules[rules.name].levels
                ],
            }
            for rules in market
        ]

    @route("GET", "/v2/futures/liquidation-history")
    @exactly
    def liquidations(self, market: Market, span: Span, page: Page) -> Paged:
        """Return liquidations, newest first."""
        return page.of(
            [
                {
                    "market": market.name,
                    "side": "long" if one.is_long else "short",
                    "liq_price": plain(one.liquidation_price),
                    "liq_amount": plain(one.amount),
                    "bkr_price": plain(one.bankruptcy_price),
                    "created_at": one.at_ms,
                }
                for one in reversed(self.desk.liquidations.history[market.name])
                if one.at_ms in span
            ]
        )
