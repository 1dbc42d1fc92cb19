"""What a trader may do: submit, amend, cancel. Checks in the server's order, the first failure wins.

Source: the project's ``trading.rs`` and ``matching.rs`` at 6a38735, read 2026-11-20.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

from tradewire.sandbox.venues.exchange.core import ExchangeCore
from tradewire.sandbox.venues.exchange.positions import MAX_I64, Position, exposure
from tradewire.sandbox.venues.exchange.records import BUY, Fill, Market, Order, User
from tradewire.sandbox.venues.exchange.refusals import Refusal

__all__ = ["MAX_NUMBER", "Submitted", "Trading"]

MAX_NUMBER = MAX_I64
"""Larger numbers overflow inside the server, possibly after the book changed; they are refused up front."""


@dataclass(frozen=True, slots=True)
class Submitted:
    """What became of a new order."""

    order: Order
    fills: list[Fill]
    is_resting: bool


class Trading:
    """The traders' commands."""

    def __init__(self, core: ExchangeCore) -> None:
        self._core = core

    def submit(self, user: User, market_id: str, side: str, price: int, quantity: int) -> Submitted:
        """Take a limit order: match it and rest what is left.

        Raises:
            Refusal: A rule forbids it; nothing changed.
        """
        core = self._core
        market = self._open_market(market_id)
        if price > MAX_NUMBER:
            raise Refusal(400, f"price must be at most {MAX_NUMBER}", "price_too_large")
        if quantity > MAX_NUMBER:
            raise Refusal(400, f"quantity must be at most {MAX_NUMBER}", "quantity_too_large")
        if price % market.tick_size:
            message = f"price must align to tick size {market.tick_size}"
            raise Refusal(400, message, "tick_size_violation")
        if quantity < market.min_order_quantity:
            message = f"quantity must be at least {market.min_order_quantity}"
            raise Refusal(400, message, "quantity_below_minimum")
        if price == 0:
            raise Refusal(400, "price must be greater than zero", "invalid_price")
        if user.position_limit is not None:
            self._check_exposure(user, market_id, side, quantity)
        now_us = core.now_us()
        order = Order(core.new_id(), user.trader_id, market_id, side, price, quantity, quantity, now_us)
        book = core.books[market_id]
        executions = book.crossing(order)
        # Before anything changes: a profit may be too large.
        positions = self._positions_after(order, executions)
        book.execute(order, executions)
        fills = self._publish_executions(order, executions)
        for trader_id, position in positions.items():
            core.put_position(trader_id, position)
        if order.remaining:
            book.add(order)
            core.keep_order(order)
            core.events.book(market_id, {"kind": "order_added", "order": order.public()})
        else:
            core.end_order(order, "filled")
        self._publish_state(order, "open" if order.remaining else "filled")
        core.storage.commit()
        return Submitted(order, fills, bool(order.remaining))

    def amend(self, user: User, order_id: str, remaining: int) -> Order:
        """Shrink a resting order, which keeps its place.

        Raises:
            Refusal: A rule forbids it; nothing changed.
        """
        if remaining == 0:
            raise Refusal(400, "remaining quantity must be greater than zero", "invalid_remaining")
        core = self._core
        order = core.own_order(user.trader_id, order_id)
        self._open_market(order.market)
        if remaining > order.remaining:
            raise Refusal(400, "cannot increase remaining quantity", "invalid_amend")
        order.remaining = remaining
        core.keep_order(order)
        core.events.book(order.market, {"kind": "order_updated", "order": order.public()})
        self._publish_state(order, "open")
        core.storage.commit()
        return order

    def cancel(self, user: User, order_id: str) -> Order:
        """Pull a resting order; works whatever the state of market and venue.

        Raises:
            Refusal: It is not there.
        """
        order = self._core.own_order(user.trader_id, order_id)
        self.pull(order)
        self._core.storage.commit()
        return order

    def pull(self, order: Order) -> None:
        """Take an order out and publish it; the caller commits."""
        core = self._core
        core.books[order.market].remove(order)
        core.end_order(order, "canceled")
        core.events.book(order.market, _removal(order))
        self._publish_state(order, "canceled")

    def _open_market(self, market_id: str) -> Market:
        base, hyphen, quote = market_id.partition("-")
        if not (base and hyphen and quote):
            raise Refusal(400, "invalid market symbol", "invalid_market")
        core = self._core
        if not core.trading_enabled:
            raise Refusal(409, "trading is currently disabled", "trading_disabled")
        market = core.markets.get(market_id)
        if market is None:
            raise Refusal(404, "market is not configured", "market_not_configured")
        if market.status == "disabled":
            raise Refusal(409, "market is disabled", "market_disabled")
        if market.status == "settled":
            raise Refusal(409, "market has already been settled", "market_settled")
        return market

    def _check_exposure(self, user: User, market_id: str, side: str, quantity: int) -> None:
        core = self._core
        net = core.position(user.trader_id, market_id).net_quantity
        projected = exposure(net, core.open_orders(user.trader_id, market_id), side, quantity)
        if projected is not None:
            message = f"projected net position for {market_id} would be {projected}; limit is +/-1000"
            raise Refusal(409, message, "position_limit_exceeded")

    def _positions_after(self, taker: Order, executions: list[tuple[Order, int]]) -> dict[str, Position]:
        """Return the positions of everyone in the ``executions`` as they will be."""
        core = self._core
        now_us = core.now_us() if executions else 0
        after: dict[str, Position] = {}
        for maker, size in executions:
            # Of a trade with oneself the taker's leg comes first.
            for order in (taker, maker):
                if order.trader_id not in after:
                    after[order.trader_id] = replace(core.position(order.trader_id, order.market))
                after[order.trader_id].apply(size if order.side == BUY else -size, maker.price, now_us)
        return after

    def _publish_executions(self, taker: Order, executions: list[tuple[Order, int]]) -> list[Fill]:
        """Publish each maker's change and its trade, and after all of them the makers' states."""
        core = self._core
        now_us = core.now_us() if executions else 0
        fills = []
        for maker, size in executions:
            if maker.remaining:
                core.keep_order(maker)
                core.events.book(taker.market, {"kind": "order_updated", "order": maker.public()})
            else:
                core.end_order(maker, "filled")
                core.events.book(taker.market, _removal(maker))
            fills.append(self._publish_trade(taker, maker, size, now_us))
        for maker, _ in executions:
            self._publish_state(maker, "open" if maker.remaining else "filled")
        return fills

    def _publish_trade(self, taker: Order, maker: Order, size: int, now_us: int) -> Fill:
        core = self._core
        fill = Fill(
            core.new_id(), taker.market, maker.order_id, taker.order_id, maker.price, size, now_us,
            maker.trader_id, taker.trader_id,
        )  # fmt: skip
        trade = {"kind": "trade", "maker_order_id": maker.order_id, "taker_order_id": taker.order_id}
        core.events.book(taker.market, {**trade, "price": maker.price, "quantity": size})
        core.add_fill(fill)
        message: dict[str, Any] = {"type": "fill", "fill": fill.shape()}
        core.events.user(taker.trader_id, message)
        core.events.user(maker.trader_id, message)
        return fill

    def _publish_state(self, order: Order, status: str) -> None:
        message = {"type": "order_state", "order": order.shape(), "status": status}
        self._core.events.user(order.trader_id, message)


def _removal(order: Order) -> dict[str, Any]:
    return {"kind": "order_removed", "order_id": order.order_id, "side": order.side, "price": order.price}
