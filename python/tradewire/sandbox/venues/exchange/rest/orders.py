"""Orders: submitted, shrunk, cancelled."""

from __future__ import annotations

from typing import Any

from tradewire.sandbox.routing import route
from tradewire.sandbox.venues.exchange.fields import OneSide, Text, Unpublished, Uuid, Whole
from tradewire.sandbox.venues.exchange.handlers import Call, Handlers, Json
from tradewire.sandbox.venues.exchange.options import ExchangeOptions
from tradewire.sandbox.venues.exchange.refusals import Refusal

__all__ = ["Orders", "require_limit"]


class Orders(Handlers):
    """Group ``trading``."""

    topic = "orders"

    @route("POST", "/api/v1/orders", group="trader", action="place", status=201)
    def submit(
        self, call: Call, market: Text, side: OneSide, price: Whole, quantity: Whole, order_type: Unpublished
    ) -> Json:
        """Take a limit order."""
        require_limit(self.options, order_type)
        done = self.trading.submit(call.user, market, side, price, quantity)
        fills = [fill.shape() for fill in done.fills]
        return {"order": done.order.shape(), "fills": fills, "resting": done.is_resting}

    @route("PATCH", "/api/v1/orders/{order_id}", group="trader", action="amend")
    def amend(self, call: Call, order_id: Uuid, remaining: Whole) -> Json:
        """Shrink an order, which keeps its place."""
        return {"order": self.trading.amend(call.user, order_id, remaining).shape()}

    @route("DELETE", "/api/v1/orders/{order_id}", group="trader", action="cancel")
    def cancel(self, call: Call, order_id: Uuid) -> Json:
        """Pull an order."""
        return {"order": self.trading.cancel(call.user, order_id).shape()}


def require_limit(options: ExchangeOptions, order_type: Any) -> None:
    """Refuse an order type other than the one there is, where the server reads it at all."""
    if options.with_order_type and order_type not in (None, "limit"):
        raise Refusal(400, f"order type {order_type} is not offered by this sandbox", "invalid_order_type")
