"""Orders in spot markets, of the spot and the margin accounts: placed, changed, cancelled, asked for."""

from __future__ import annotations

from typing import Annotated

from tradewire.sandbox.exact import exactly, plain
from tradewire.sandbox.order import Order
from tradewire.sandbox.routing import route
from tradewire.sandbox.venues.coinex.core import FEE_RATES
from tradewire.sandbox.venues.coinex.fields import Items, Market, MarketType
from tradewire.sandbox.venues.coinex.handlers import Call, Handlers, Json
from tradewire.sandbox.venues.coinex.markets import MarketRules
from tradewire.sandbox.venues.coinex.order_terms import SPOT_TERMS, SpotTerms, executed
from tradewire.sandbox.venues.coinex.orders import OrderHandlers, order_parts
from tradewire.sandbox.venues.coinex.wallets import (
    margin_wallet,
    market_type_of,
    market_type_of_id,
    spot_wallet,
    spot_wallets,
)

__all__ = ["SpotOrders", "order_of"]


class SpotOrders(OrderHandlers, Handlers):
    """Page group ``spot/order``."""

    @route("POST", "/v2/spot/order", group="spot-put", action="place")
    @exactly
    def place(self, call: Call, terms: Annotated[SpotTerms, SPOT_TERMS], market_type: MarketType) -> Json:
        """Take a new order."""
        market = terms.market
        order = Order(
            order_id=self.core.next_order_id(),
            account=spot_wallet(call.account, market, market_type),
            market=market.name,
            side=terms.side,
            kind=terms.type_,
            quantity=terms.quantity,
            price=terms.limit,
            in_quote=terms.is_in_quote,
            hidden=terms.is_hide,
            self_trade=terms.stp_mode,
            client_id=terms.client_id,
            rates=FEE_RATES,
        )
        executed(market, lambda: self.core.require_acceptable(order))
        executed(market, lambda: self.core.place(order, call.now_ms))
        return order_of(order, market)

    @route(
        "POST", "/v2/spot/cancel-batch-order", group="spot-cancel-batch", action="cancel", cost="order_ids"
    )
    def cancel_batch(self, call: Call, market: Market, order_ids: Items) -> list[Json]:
        """Cancel orders of the spot and the margin account, each by itself."""
        in_margin = self.core.live[margin_wallet(call.account, market.name)]
        items = [
            {
                "market": market.name,
                "market_type": market_type_of_id(one, in_margin),
                "order_id": one,
            }
            for one in order_ids
        ]
        return self.run_batch(self.cancel, call, items)

    def wallet(self, call: Call, market: MarketRules, market_type: str) -> str:
        """Return the wallet that pays."""
        return spot_wallet(call.account, market, market_type)

    def wallets(self, call: Call, market: MarketRules | None, market_type: str) -> list[str]:
        """Return the wallets of a market type."""
        return spot_wallets(call.account, self.core.rules, market, market_type)

    def every_wallet(self, call: Call, market: MarketRules) -> list[str]:
        """Return the spot and the margin wallet."""
        return [call.account, margin_wallet(call.account, market.name)]

    def shown(self, order: Order) -> Json:
        """Return an order as replies carry it."""
        return order_of(order, self.core.rules[order.market])


def order_of(order: Order, rules: MarketRules) -> Json:
    """Return an order as replies carry it."""
    return order_parts(order) | {
        "market_type": market_type_of(order.account),
        "ccy": rules.quote if order.in_quote else rules.base,
        "base_fee": plain(order.base_fee),
        "quote_fee": plain(order.quote_fee),
        "discount_fee": "0",
    }
