"""Orders in spot markets: placed, changed, cancelled, asked for; singly and in batches."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from decimal import Decimal
from typing import TypeVar

from tradewire.sandbox.engine import CannotFill, NoLiquidity, Refused, TooSmall, UnknownOrder, WouldTake
from tradewire.sandbox.exact import ZERO, exactly, plain
from tradewire.sandbox.ledger import Shortfall
from tradewire.sandbox.order import Kind, Order, Side
from tradewire.sandbox.routing import route
from tradewire.sandbox.venues.coinex.codes import Code, Refusal, invalid, unreadable
from tradewire.sandbox.venues.coinex.core import FEE_RATES
from tradewire.sandbox.venues.coinex.fields import (
    KINDS,
    ClientId,
    Filter,
    Flag,
    Id,
    Items,
    Market,
    Number,
    OneSide,
    OrderFilter,
    OrderKind,
    Page,
    Paged,
    SelfTradeMode,
    SpotOnly,
    Text,
    one_of,
)
from tradewire.sandbox.venues.coinex.handlers import Call, Handlers, Json
from tradewire.sandbox.venues.coinex.markets import ONLINE, MarketRules

__all__ = ["SpotOrders", "order_of", "order_parts", "status_of"]

DoneT = TypeVar("DoneT")
KIND_WORDS = {kind: word for word, kind in KINDS.items()}
REFUSALS: Mapping[type[Exception], tuple[Code, str]] = {
    WouldTake: (Code.WOULD_TAKE, "Order cancelled: a maker_only order would take"),
    CannotFill: (Code.CANNOT_FILL, "Order cancelled: it cannot be filled completely"),
    NoLiquidity: (Code.NO_DEPTH, "Not enough depth: market orders are off for now"),
    UnknownOrder: (Code.ORDER_NOT_FOUND, "Order not found"),
    TooSmall: (Code.INVALID_PARAMETER, "Invalid Parameter: amount must be above the filled amount"),
    Shortfall: (Code.BALANCE_NOT_ENOUGH, "Balance not enough"),
}


class SpotOrders(Handlers):
    """Page group ``spot/order``."""

    topic = "orders"

    @route("POST", "/v2/spot/order", group="spot-put", action="place")
    @exactly
    def place(
        self,
        call: Call,
        market: Market,
        _market_type: SpotOnly,
        side: OneSide,
        type_: OrderKind,
        amount: Number,
        price: Number | None = None,
        ccy: Text = "",
        client_id: ClientId = "",
        is_hide: Flag = False,
        stp_mode: SelfTradeMode | None = None,
    ) -> Json:
        """Take a new order."""
        _require_open(market)
        is_market = type_ is Kind.MARKET
        if price is None and not is_market:
            raise unreadable("price is required")
        in_quote = _is_in_quote(ccy, market, side, type_)
        order = Order(
            order_id=self.core.next_order_id(),
            account=call.account,
            market=market.name,
            side=side,
            kind=type_,
            quantity=amount.of(market.quote_places if in_quote else market.base_places),
            price=None if price is None or is_market else price.of(market.quote_places),
            in_quote=in_quote,
            hidden=is_hide,
            self_trade=stp_mode,
            client_id=client_id,
            rates=FEE_RATES,
        )
        size = order.quantity
        if in_quote:
            best = self.core.spots[market.name].engine.sides[side.opposite].first()
            if best is None or best.price is None:
                raise Refusal(*REFUSALS[NoLiquidity])
            size = order.quantity // (best.price * market.lot) * market.lot
        _require_minimum(size, market)
        _executed(lambda: self.core.place(order, call.now_ms))
        return order_of(order, market)

    @route("POST", "/v2/spot/batch-order", group="spot-put", action="place", cost="orders")
    def place_batch(self, call: Call, orders: Items) -> list[Json]:
        """Take new orders, each by itself; the venue of 2024 did not wrap those it took."""
        return self.run_batch(self.place, call, orders, bare=self.options.bare_batch_items)

    @route("POST", "/v2/spot/modify-order", group="spot-put", action="amend")
    def modify(
        self,
        call: Call,
        market: Market,
        _market_type: SpotOnly,
        order_id: Id,
        amount: Number | None = None,
        price: Number | None = None,
    ) -> Json:
        """Change price or size of an order, which keeps its id."""
        _require_open(market)
        self._require_own(call, market, order_id)
        if amount is None and price is None:
            raise unreadable("amount or price is required")
        size = None if amount is None else amount.of(market.base_places)
        if size is not None:
            _require_minimum(size, market)
        at = None if price is None else price.of(market.quote_places)
        order = _executed(
            lambda: self.core.amend(market.name, order_id, price=at, quantity=size, now_ms=call.now_ms)
        )
        is_live = order_id in self.core.live[call.account]
        return {**order_of(order, market), "status": status_of(order, is_live=is_live)}

    @route("POST", "/v2/spot/cancel-order", group="spot-cancel", action="cancel")
    def cancel(self, call: Call, market: Market, _market_type: SpotOnly, order_id: Id) -> Json:
        """Cancel an order."""
        self._require_own(call, market, order_id)
        order = _executed(lambda: self.core.cancel(market.name, order_id, call.now_ms))
        return order_of(order, market)

    @route(
        "POST", "/v2/spot/cancel-batch-order", group="spot-cancel-batch", action="cancel", cost="order_ids"
    )
    def cancel_batch(self, call: Call, market: Market, order_ids: Items) -> list[Json]:
        """Cancel orders, each by itself."""
        items = [{"market": market.name, "market_type": "SPOT", "order_id": one} for one in order_ids]
        return self.run_batch(self.cancel, call, items)

    @route("POST", "/v2/spot/cancel-all-order", group="spot-cancel-batch", action="cancel")
    def cancel_all(
        self, call: Call, market: Market, _market_type: SpotOnly, side: OneSide | None = None
    ) -> Json:
        """Cancel every order of a market, or of one side of it."""
        for order in OrderFilter(market, side).of(self.core.live[call.account]):
            self.core.cancel(market.name, order.order_id, call.now_ms)
        return {}

    @route("POST", "/v2/spot/cancel-order-by-client-id", group="spot-cancel-batch", action="cancel")
    def cancel_by_client_id(
        self, call: Call, client_id: ClientId, _market_type: SpotOnly, market: Market | None = None
    ) -> list[Json]:
        """Cancel every order with this client id; none gives an empty list."""
        done = []
        for order in OrderFilter(market, client_id=client_id).of(self.core.live[call.account]):
            data = self.cancel(call, self.core.rules[order.market], "SPOT", order.order_id)
            done.append({"code": 0, "data": data, "message": "OK"})
        return done

    @route("GET", "/v2/spot/order-status", group="spot-query")
    def order_status(self, call: Call, market: Market, order_id: Id) -> Json:
        """Return an order that is live, or was filled at least in part."""
        records = self.reads.view()
        order = records.live.get(call.account, {}).get(order_id)
        is_live = order is not None
        order = order or records.finished.get(call.account, {}).get(order_id)
        if order is None or order.market != market.name:
            raise Refusal(*REFUSALS[UnknownOrder])
        return {**order_of(order, market), "status": status_of(order, is_live=is_live)}

    @route("GET", "/v2/spot/batch-order-status", group="spot-query")
    def order_statuses(self, call: Call, market: Market, order_ids: Items) -> list[Json]:
        """Return orders, each by itself."""
        items = [{"market": market.name, "order_id": one} for one in order_ids]
        return self.run_batch(self.order_status, call, items, from_query=True)

    @route("GET", "/v2/spot/pending-order", group="spot-query")
    def pending(self, call: Call, _market_type: SpotOnly, page: Page, wanted: Filter) -> Paged:
        """Return live orders, newest first, with their number."""
        orders = wanted.of(self.reads.view().live.get(call.account, {}))
        return page.of([self._shown(order) for order in orders[::-1]], with_total=True)

    @route("GET", "/v2/spot/finished-order", group="spot-history")
    def finished(self, call: Call, _market_type: SpotOnly, page: Page, wanted: Filter) -> Paged:
        """Return orders that are done and were filled at least in part, newest first."""
        orders = wanted.of(self.reads.view().finished.get(call.account, {}))
        shown = [self._shown(order) for order in orders[::-1]]
        for order in shown:
            del order["last_filled_amount"], order["last_filled_price"]
        return page.of(shown)

    def _shown(self, order: Order) -> Json:
        return order_of(order, self.core.rules[order.market])

    def _require_own(self, call: Call, market: MarketRules, order_id: int) -> None:
        order = self.core.live[call.account].get(order_id)
        if order is None or order.market != market.name:
            raise Refusal(*REFUSALS[UnknownOrder])


def order_of(order: Order, rules: MarketRules) -> Json:
    """Return an order as replies carry it."""
    return order_parts(order) | {
        "market_type": "SPOT",
        "ccy": rules.quote if order.in_quote else rules.base,
        "base_fee": plain(order.base_fee),
        "quote_fee": plain(order.quote_fee),
        "discount_fee": "0",
    }


def order_parts(order: Order) -> Json:
    """Return what replies and pushes say of an order alike."""
    return {
        "order_id": order.order_id,
        "market": order.market,
        "side": order.side.value,
        "type": KIND_WORDS[order.kind],
        "amount": plain(order.quantity),
        "price": plain(order.price or ZERO),
        "unfilled_amount": plain(order.remaining),
        "filled_amount": plain(order.filled),
        "filled_value": plain(order.filled_value),
        "client_id": order.client_id,
        "maker_fee_rate": plain(order.rates.maker),
        "taker_fee_rate": plain(order.rates.taker),
        "last_filled_amount": plain(order.last_fill_quantity),
        "last_filled_price": plain(order.last_fill_price),
        "created_at": order.created_ms,
        "updated_at": order.updated_ms,
    }


def status_of(order: Order, *, is_live: bool) -> str:
    """Return the status of an order that can be queried."""
    if is_live:
        return "part_filled" if order.filled else "open"
    if not order.remaining:
        return "filled"
    return "part_canceled" if order.filled else "canceled"


def _require_open(market: MarketRules) -> None:
    if market.status != ONLINE:
        raise Refusal(Code.MARKET_CLOSED, f"Trading is closed in {market.name}")


def _require_minimum(size: Decimal, market: MarketRules) -> None:
    if size < market.min_amount:
        text = f"The amount is below the minimum of {market.min_amount} {market.base}"
        raise Refusal(Code.BELOW_MINIMUM, text)


def _is_in_quote(ccy: str, market: MarketRules, side: Side, kind: Kind) -> bool:
    if not ccy:
        return kind is Kind.MARKET and side is Side.BUY
    if one_of("ccy", ccy, (market.base, market.quote)) == market.quote and kind is not Kind.MARKET:
        raise invalid("ccy can be the quote currency for market orders only")
    return ccy == market.quote


def _executed(command: Callable[[], DoneT]) -> DoneT:
    try:
        return command()
    except (Refused, Shortfall) as error:
        raise Refusal(*REFUSALS[type(error)]) from None
