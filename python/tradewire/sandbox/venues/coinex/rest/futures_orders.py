"""Orders, stop orders and own trades of perpetuals; the account of all of them is the trader's."""

from __future__ import annotations

from decimal import Decimal
from typing import Annotated

from tradewire.sandbox.exact import exactly
from tradewire.sandbox.order import Order, Trade
from tradewire.sandbox.routing import route
from tradewire.sandbox.venues.coinex.deals import DealHandlers
from tradewire.sandbox.venues.coinex.fields import Items, Market, MarketType, Number, TriggerPriceType
from tradewire.sandbox.venues.coinex.futures.handlers import OwnedHandlers
from tradewire.sandbox.venues.coinex.futures.shapes import futures_deal_of, futures_order_of
from tradewire.sandbox.venues.coinex.handlers import Call, Json
from tradewire.sandbox.venues.coinex.markets import MarketRules
from tradewire.sandbox.venues.coinex.order_terms import ORDER_TERMS, OrderTerms, executed
from tradewire.sandbox.venues.coinex.orders import OrderHandlers
from tradewire.sandbox.venues.coinex.stop_orders import StopOrderHandlers, stop_parts
from tradewire.sandbox.venues.coinex.stops import PriceKind, StopOrder

__all__ = ["FuturesDeals", "FuturesOrders", "FuturesStopOrders"]


class FuturesOrders(OwnedHandlers, OrderHandlers):
    """Page group ``futures/order``."""

    @route("POST", "/v2/futures/order", group="futures-put", action="place")
    @exactly
    def place(self, call: Call, terms: Annotated[OrderTerms, ORDER_TERMS], market_type: MarketType) -> Json:
        """Take a new order."""
        market = terms.market
        order = self.core.new_order(
            self.wallet(call, market, market_type),
            market.name,
            terms.side,
            terms.quantity,
            price=terms.limit,
            kind=terms.type_,
            closes_only=False,
        )
        order.hidden, order.self_trade, order.client_id = terms.is_hide, terms.stp_mode, terms.client_id
        executed(market, lambda: self.core.require_acceptable(order))
        executed(market, lambda: self.core.place(order, call.now_ms))
        return futures_order_of(order)

    @route(
        "POST",
        "/v2/futures/cancel-batch-order",
        group="futures-cancel-batch",
        action="cancel",
        cost="order_ids",
    )
    def cancel_batch(
        self, call: Call, market: Market, market_type: MarketType, order_ids: Items
    ) -> list[Json]:
        """Cancel orders, each by itself."""
        common = {"market": market.name, "market_type": market_type}
        return self.run_batch(self.cancel, call, [{**common, "order_id": one} for one in order_ids])

    def shown(self, order: Order) -> Json:
        """Return an order as replies carry it."""
        return futures_order_of(order)


class FuturesStopOrders(OwnedHandlers, StopOrderHandlers):
    """The stop orders of page group ``futures/order``."""

    @route("POST", "/v2/futures/stop-order", group="futures-put", action="place")
    @exactly
    def place(
        self,
        call: Call,
        terms: Annotated[OrderTerms, ORDER_TERMS],
        market_type: MarketType,
        trigger_price: Number,
        trigger_price_type: TriggerPriceType,
    ) -> Json:
        """Take a new stop order."""
        market = terms.market
        stop = StopOrder(
            stop_id=self.core.stops.next_id(),
            account=self.wallet(call, market, market_type),
            market=market.name,
            side=terms.side,
            kind=terms.type_,
            quantity=terms.quantity,
            price=terms.limit,
            trigger_price=self.limit_of(market, trigger_price),
            price_kind=trigger_price_type,
            hidden=terms.is_hide,
            self_trade=terms.stp_mode,
            client_id=terms.client_id,
        )
        return self.added(call, market, stop)

    @route(
        "POST",
        "/v2/futures/cancel-batch-stop-order",
        group="futures-cancel-batch",
        action="cancel",
        cost="stop_ids",
    )
    def cancel_batch(
        self, call: Call, market: Market, market_type: MarketType, stop_ids: Items
    ) -> list[Json]:
        """Cancel stop orders, each by itself."""
        common = {"market": market.name, "market_type": market_type}
        return self.run_batch(self.cancel, call, [{**common, "stop_id": one} for one in stop_ids])

    def shown(self, stop: StopOrder) -> Json:
        """Return a stop order as replies carry it."""
        return stop_parts(stop) | {"market_type": "FUTURES", "trigger_price_type": stop.price_kind.value}

    def watched(self, market: MarketRules, kind: PriceKind) -> Decimal:
        """Return the price that is watched."""
        return self.core.price(market.name, kind)


class FuturesDeals(OwnedHandlers, DealHandlers):
    """Page group ``futures/deal``."""

    def shown(self, trade: Trade, order: Order) -> Json:
        """Return a trade as replies carry it."""
        return futures_deal_of(trade, order)
