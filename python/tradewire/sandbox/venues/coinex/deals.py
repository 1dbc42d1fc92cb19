"""An account's own trades as both products tell them."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Callable

from tradewire.sandbox.order import Order, Trade
from tradewire.sandbox.routing import route
from tradewire.sandbox.venues.coinex.fields import Id, Market, MarketType, OneSide, Page, Paged, Span
from tradewire.sandbox.venues.coinex.handlers import Call, Json, ProductHandlers
from tradewire.sandbox.venues.coinex.markets import MarketRules

__all__ = ["DealHandlers"]


class DealHandlers(ProductHandlers):
    """Page groups ``spot/deal`` and ``futures/deal``; newest first."""

    topic = "fills"

    @abstractmethod
    def wallet(self, call: Call, market: MarketRules, market_type: str) -> str:
        """Return the account of an order; refuse a market type that the product or the market does not have."""

    @abstractmethod
    def shown(self, trade: Trade, order: Order) -> Json:
        """Return a trade as replies carry it."""

    @route("GET", "/v2/{product}/user-deals", group="{product}-history")
    def user_deals(
        self,
        call: Call,
        market: Market,
        market_type: MarketType,
        span: Span,
        page: Page,
        side: OneSide | None = None,
    ) -> Paged:
        """Return the account's trades."""
        return self._paged(
            call,
            market,
            market_type,
            page,
            lambda trade, order: side in {None, order.side} and trade.at_ms in span,
        )

    @route("GET", "/v2/{product}/order-deals", group="{product}-history")
    def order_deals(
        self, call: Call, market: Market, market_type: MarketType, order_id: Id, page: Page
    ) -> Paged:
        """Return the trades of one order."""
        return self._paged(call, market, market_type, page, lambda _, order: order.order_id == order_id)

    def _paged(
        self,
        call: Call,
        market: MarketRules,
        market_type: str,
        page: Page,
        fits: Callable[[Trade, Order], bool],
    ) -> Paged:
        wallet = self.wallet(call, market, market_type)
        newest_first = reversed(self.reads.view().user_deals.get(wallet, ()))
        return page.of(
            [
                self.shown(trade, order)
                for trade, order in newest_first
                if trade.market == market.name and fits(trade, order)
            ]
        )
