"""The routes that change orders: place, modify, cancel, singly and in batches."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from decimal import Decimal
from typing import Any

from tradewire.sandbox.engine import CannotFill, NoLiquidity, Refused, TooSmall, UnknownOrder, WouldTake
from tradewire.sandbox.exact import exactly
from tradewire.sandbox.ledger import Shortfall
from tradewire.sandbox.order import Kind as OrderKind
from tradewire.sandbox.order import Order, Side
from tradewire.sandbox.venues.coinex import shapes
from tradewire.sandbox.venues.coinex.codes import Code, Refusal, invalid, unreadable
from tradewire.sandbox.venues.coinex.core import FEE_RATES, ExchangeCore
from tradewire.sandbox.venues.coinex.fields import Fields
from tradewire.sandbox.venues.coinex.markets import ONLINE, MarketRules
from tradewire.sandbox.venues.coinex.rest import Call

__all__ = ["Trading", "batch_size", "known_market", "spot_only"]

MAX_BATCH = 50
"""The venue does not publish how many orders a batch may hold; its examples have five."""

REFUSALS: dict[type[Exception], tuple[Code, str]] = {
    WouldTake: (Code.WOULD_TAKE, "Order cancelled: a maker_only order would take"),
    CannotFill: (Code.CANNOT_FILL, "Order cancelled: it cannot be filled completely"),
    NoLiquidity: (Code.NO_DEPTH, "Not enough depth: market orders are off for now"),
    UnknownOrder: (Code.ORDER_NOT_FOUND, "Order not found"),
    TooSmall: (Code.INVALID_PARAMETER, "Invalid Parameter: amount must be above the filled amount"),
    Shortfall: (Code.BALANCE_NOT_ENOUGH, "Balance not enough"),
}


class Trading:
    """The handlers; each returns the ``data`` of the envelope or raises its refusal."""

    def __init__(self, core: ExchangeCore, *, bare_batch_items: bool = False) -> None:
        self._core = core
        self._bare_batch_items = bare_batch_items

    def place(self, call: Call) -> Any:
        """POST /v2/spot/order."""
        return self._place(call.fields, call)

    def place_batch(self, call: Call) -> Any:
        """POST /v2/spot/batch-order."""
        items = call.fields.items("orders", MAX_BATCH)
        return [self._item(lambda fields: self._place(fields, call), item) for item in items]

    def modify(self, call: Call) -> Any:
        """POST /v2/spot/modify-order; the order keeps its id."""
        fields = call.fields
        rules = known_market(self._core, fields)
        spot_only(fields)
        _open(rules)
        order = self._own(call, rules.name, fields.integer("order_id"))
        if not fields.has("amount") and not fields.has("price"):
            raise unreadable("amount or price is required")
        amount = fields.amount("amount", rules.base_places) if fields.has("amount") else None
        price = fields.amount("price", rules.quote_places) if fields.has("price") else None
        if amount is not None and amount < rules.min_amount:
            raise _below(rules)
        order = self._executed(
            lambda: self._core.amend(
                rules.name, order.order_id, price=price, quantity=amount, now_ms=call.now_ms
            )
        )
        live = order.order_id in self._core.live[call.account]
        return {**shapes.order_of(order, rules), "status": shapes.status_of(order, live=live)}

    def cancel(self, call: Call) -> Any:
        """POST /v2/spot/cancel-order."""
        rules = known_market(self._core, call.fields)
        spot_only(call.fields)
        return self._cancel(call, rules, call.fields.integer("order_id"))

    def cancel_batch(self, call: Call) -> Any:
        """POST /v2/spot/cancel-batch-order."""
        rules = known_market(self._core, call.fields)
        ids = call.fields.items("order_ids", MAX_BATCH)

        def cancel_one(fields: Fields) -> Any:
            return self._cancel(call, rules, fields.integer("order_id"))

        return [self._item(cancel_one, {"order_id": order_id}, bare=False) for order_id in ids]

    def cancel_all(self, call: Call) -> Any:
        """POST /v2/spot/cancel-all-order."""
        fields = call.fields
        rules = known_market(self._core, fields)
        spot_only(fields)
        side = fields.choice("side", tuple(Side)) if fields.has("side") else None
        for order in self._core.live_orders(call.account):
            if order.market == rules.name and side in {None, order.side.value}:
                self._core.cancel(rules.name, order.order_id, call.now_ms)
        return {}

    def cancel_by_client_id(self, call: Call) -> Any:
        """POST /v2/spot/cancel-order-by-client-id: every match; none gives an empty list."""
        fields = call.fields
        market = known_market(self._core, fields).name if fields.has("market") else None
        spot_only(fields)
        fields.text("client_id")
        client_id = fields.client_id()
        return [
            {
                "code": 0,
                "data": self._cancel(call, self._core.rules[order.market], order.order_id),
                "message": "OK",
            }
            for order in self._core.live_orders(call.account)
            if order.client_id == client_id and market in {None, order.market}
        ]

    def _item(self, work: Callable[[Fields], Any], item: Any, *, bare: bool | None = None) -> Any:
        """Return one element of a batch: wrapped, or bare where the venue of 2024 sent successes bare."""
        try:
            if not isinstance(item, dict):
                raise invalid("each element must be an object")
            data = work(Fields(item, from_query=False))
        except Refusal as refusal:
            return {"code": int(refusal.code), "data": None, "message": refusal.message}
        if self._bare_batch_items if bare is None else bare:
            return data
        return {"code": 0, "data": data, "message": ""}

    @exactly
    def _place(self, fields: Fields, call: Call) -> Any:
        order, rules = self._read(fields, call)
        self._executed(lambda: self._core.place(order, call.now_ms))
        return shapes.order_of(order, rules)

    def _read(self, fields: Fields, call: Call) -> tuple[Order, MarketRules]:
        rules = known_market(self._core, fields)
        spot_only(fields)
        side = Side(fields.choice("side", tuple(Side)))
        kind = shapes.KINDS[fields.choice("type", shapes.KINDS)]
        _open(rules)
        in_quote = _amount_is_in_quote(fields, rules, side, kind)
        quantity = fields.amount("amount", rules.quote_places if in_quote else rules.base_places)
        price = None if kind is OrderKind.MARKET else fields.amount("price", rules.quote_places)
        mode = fields.choice("stp_mode", shapes.SELF_TRADE_MODES) if fields.has("stp_mode") else ""
        order = Order(
            order_id=self._core.next_order_id(),
            account=call.account,
            market=rules.name,
            side=side,
            kind=kind,
            quantity=quantity,
            price=price,
            in_quote=in_quote,
            hidden=fields.flag("is_hide"),
            self_trade=shapes.SELF_TRADE_MODES.get(mode),
            client_id=fields.client_id(),
            rates=FEE_RATES,
        )
        if self._base_amount(order, rules) < rules.min_amount:
            raise _below(rules)
        return order, rules

    def _base_amount(self, order: Order, rules: MarketRules) -> Decimal:
        if not order.in_quote:
            return order.quantity
        best = self._core.spots[order.market].engine.sides[order.side.opposite].first()
        if best is None or best.price is None:
            raise Refusal(*REFUSALS[NoLiquidity])
        return order.quantity // (best.price * rules.lot) * rules.lot

    def _cancel(self, call: Call, rules: MarketRules, order_id: int) -> Any:
        order = self._own(call, rules.name, order_id)
        self._executed(lambda: self._core.cancel(rules.name, order_id, call.now_ms))
        return shapes.order_of(order, rules)

    def _own(self, call: Call, market: str, order_id: int) -> Order:
        order = self._core.live[call.account].get(order_id)
        if order is None or order.market != market:
            raise Refusal(*REFUSALS[UnknownOrder])
        return order

    def _executed(self, command: Callable[[], Any]) -> Any:
        try:
            return command()
        except (Refused, Shortfall) as error:
            raise Refusal(*REFUSALS[type(error)]) from None


def known_market(core: ExchangeCore, fields: Fields) -> MarketRules:
    """Return the rules of the market that ``fields`` names."""
    name = fields.text("market")
    rules = core.rules.get(name)
    if rules is None:
        raise invalid(f"market {name[:32]} not found")
    return rules


def spot_only(fields: Fields) -> None:
    """Refuse the market types this sandbox does not have yet."""
    if fields.choice("market_type", ("SPOT", "MARGIN")) != "SPOT":
        raise unreadable("the sandbox does not have margin trading yet")


def batch_size(name: str) -> Callable[[Mapping[str, Any]], int]:
    """Return the cost of a batch: one token for each element of ``name``."""

    def cost(values: Mapping[str, Any]) -> int:
        items = values.get(name)
        return max(1, len(items)) if isinstance(items, list) else 1

    return cost


def _open(rules: MarketRules) -> None:
    if rules.status != ONLINE:
        raise Refusal(Code.MARKET_CLOSED, f"Trading is closed in {rules.name}")


def _below(rules: MarketRules) -> Refusal:
    return Refusal(Code.BELOW_MINIMUM, f"The amount is below the minimum of {rules.min_amount} {rules.base}")


def _amount_is_in_quote(fields: Fields, rules: MarketRules, side: Side, kind: OrderKind) -> bool:
    if not fields.has("ccy"):
        return kind is OrderKind.MARKET and side is Side.BUY
    ccy = fields.choice("ccy", (rules.base, rules.quote))
    if ccy == rules.quote and kind is not OrderKind.MARKET:
        raise invalid("ccy can be the quote currency for market orders only")
    return ccy == rules.quote
