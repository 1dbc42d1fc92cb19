"""New orders: placed at once, sent without waiting, and kept ready."""

from __future__ import annotations

import os
from collections.abc import Callable, Coroutine
from decimal import Decimal
from functools import cached_property, partial
from typing import Annotated

from msgspec import field

from tradewire.errors import ConfigError
from tradewire.model import (
    AccountKind,
    Order,
    OrderType,
    Side,
    StpMode,
    TimeInForce,
)
from tradewire.protocol.arguments import Exact, check_plain, flag, member, shown
from tradewire.protocol.client_ids import counted_ids
from tradewire.protocol.mismatch import mismatch
from tradewire.protocol.new_order import NewOrder, OrderKind, check_kind, check_numbers
from tradewire.protocol.request import (
    NOT_SENT,
    TEXT,
    Argument,
    Checked,
    Request,
    Switch,
    number,
)
from tradewire.session.lane import Sending
from tradewire.session.live_order import LiveOrder
from tradewire.session.prepared import OrderPlan, PreparedOrder, remembered
from tradewire.venues.coinex import parse, replies, shapes
from tradewire.venues.coinex.api import (
    FUTURES,
    SPOT,
    AccountWord,
    Part,
    Product,
    StpWord,
    both,
    check_client_order_id,
)
from tradewire.wire import Accepted

__all__ = ["ROWS", "PlaceOrder", "PlaceSpotOrder", "Placing", "new_client_order_id", "size_asset"]

ONE = Decimal(1)
new_client_order_id = counted_ids(lambda: f"tw-{os.urandom(8).hex()}")


def size_asset(name: str, asset: str) -> str | None:
    """Return the asset that a size counts in, if one is said."""
    return check_plain(name, asset) if asset else None


class PlaceOrder(NewOrder, frozen=True, kw_only=True):
    """A new order."""

    account: AccountWord = field(name="market_type")
    time_in_force: Annotated[TimeInForce, NOT_SENT]
    post_only: Annotated[bool, NOT_SENT]
    size: Checked = field(name="amount")
    price: Checked | None
    client_order_id: str = field(name="client_id")
    stp: StpWord | None = field(name="stp_mode")
    is_hidden: Switch = field(name="is_hide")
    size_asset: Annotated[str, NOT_SENT] = ""

    def members(self) -> dict[str, object]:
        """Return what travels: the venue's order type holds time in force and post-only as well."""
        word = parse.wire_type(self.type, self.time_in_force, post_only=self.post_only)
        return {**Request.members(self), "type": word}

    def as_sent(self, account: AccountKind | None = None) -> Order:
        """Return the order as it is sent: ``PENDING``, of which the venue has said nothing."""
        return NewOrder.as_sent(self, account or self.account)

    def mismatch(self, order: Order | Accepted) -> str:
        """Return how a reply contradicts this request."""
        if isinstance(order, Accepted):
            return mismatch(client_order_id=(self.client_order_id, order.client_order_id))
        return mismatch(
            client_order_id=(self.client_order_id, order.client_order_id),
            account=(self.account, order.account),
            market=(self.market, order.market),
            side=(self.side, order.side),
            size=(self.size, order.size),
            price=(self.price, order.price),
        )


class PlaceSpotOrder(PlaceOrder, frozen=True, kw_only=True):
    """A new order of spot, where a market order may count in either asset."""

    size_asset: Annotated[str, Argument(size_asset)] = field(name="ccy", default="")


ROWS = {SPOT: shapes.OrderRow, FUTURES: shapes.FuturesOrderRow}
NEW_ORDERS: dict[Product, type[PlaceOrder]] = {SPOT: PlaceSpotOrder, FUTURES: PlaceOrder}


PLACE_ORDER = both(
    "POST", "order", NEW_ORDERS, lambda product: replies.placed(ROWS[product]),
    group="put", source="order/http/put-order", mismatch=PlaceOrder.mismatch, is_placing=True,
    lookup="{client}.open_orders(client_order_id={request.client_order_id!r}), then "
    "{client}.closed_orders(client_order_id={request.client_order_id!r})",
)  # fmt: skip


class Placing(Part):
    """What brings orders to the venue. All of it needs credentials."""

    @PLACE_ORDER.documents
    async def place_order(
        self,
        market: str,
        side: Side | str,
        size: Exact,
        price: Exact | None = None,
        *,
        type: OrderType | str = OrderType.LIMIT,  # noqa: A002 - the field's word for it
        time_in_force: TimeInForce | str = TimeInForce.GTC,
        post_only: bool = False,
        client_order_id: str | None = None,
        stp: StpMode | str | None = None,
        is_hidden: bool = False,
        size_asset: str | None = None,
        account: AccountKind | str | None = None,
    ) -> Order:
        """Place one order and return it as the venue accepted it, perhaps filled already.

        Args:
            market: For instance ``BTCUSDT``.
            side: ``buy`` or ``sell``.
            size: Base units, a multiple of the market's lot size; a market order may count in ``size_asset``.
            price: Quote units per base unit, a multiple of the tick size; none for market orders.
            type: ``limit`` or ``market``.
            time_in_force: ``gtc``, ``ioc`` or ``fok``; market orders take at once whatever it says.
            post_only: Refuse rather than take liquidity.
            client_order_id: Your own id, 1 to 32 of ``A-Z a-z 0-9 - _``, made up if left out so that the order can
                be asked for. Never use one twice: the venue does not refuse it.
            stp: What gives way when the order would trade with one of your own.
            is_hidden: Keep it out of the public book.
            size_asset: Market orders only: the asset ``size`` counts in, base or quote. A market buy of spot needs it
                unless ``load_markets`` was called, because the venue would take the size as quote units; futures
                count in the base.
            account: ``margin`` for an order paid from the market's margin account; the product's own if left out.

        Raises:
            ConfigError: An argument is malformed or, after ``load_markets``, breaks a rule of the market.
            NotSent: No connection, or too many orders; it is safe to try again.
            InsufficientFunds: Lower the size or free some balance.
            PostOnlyRejected: It would have taken liquidity: quote further away.
            OrderRejected: It breaks a rule of the market; the message says which.
            OutcomeUnknown: No proof either way, and never sent twice. Ask ``open_orders(client_order_id=...)``,
                then ``closed_orders(client_order_id=...)`` before anything else; ``send_order`` does it for you.
        """
        order = self.send_order(
            market, side, size, price, type=type, time_in_force=time_in_force, post_only=post_only,
            client_order_id=client_order_id, stp=stp, is_hidden=is_hidden, size_asset=size_asset, account=account,
        )  # fmt: skip
        return await self._streams.account_of(order.placed.account).placed(order)

    def send_order(
        self,
        market: str,
        side: Side | str,
        size: Exact,
        price: Exact | None = None,
        *,
        type: OrderType | str = OrderType.LIMIT,  # noqa: A002 - the field's word for it
        time_in_force: TimeInForce | str = TimeInForce.GTC,
        post_only: bool = False,
        client_order_id: str | None = None,
        stp: StpMode | str | None = None,
        is_hidden: bool = False,
        size_asset: str | None = None,
        account: AccountKind | str | None = None,
    ) -> LiveOrder:
        """Place one order without waiting, for instance from inside a callback; arguments as ``place_order``.

        The order returned follows its own fate: ``await order`` for the venue's answer, ``order.status`` at
        any time, ``await order.finished()`` for its end. If the answer is lost its fate is asked for until it is
        known. While ``watch_orders`` is open it is followed by the stream; else the venue is asked every few seconds.

        Raises:
            ConfigError: An argument is malformed, a live order has the client order id, or this is not the client's
                event loop.
        """
        order = self._prepared(
            market, side, type, time_in_force, post_only, stp, is_hidden, size_asset, account
        )
        return order.start(size, price, client_order_id)

    def prepare_order(
        self,
        market: str,
        side: Side | str,
        *,
        type: OrderType | str = OrderType.LIMIT,  # noqa: A002 - the field's word for it
        time_in_force: TimeInForce | str = TimeInForce.GTC,
        post_only: bool = False,
        stp: StpMode | str | None = None,
        is_hidden: bool = False,
        size_asset: str | None = None,
        account: AccountKind | str | None = None,
    ) -> PreparedOrder[PlaceOrder]:
        """Return what sends orders that differ in size, price and id only; arguments as ``place_order``.

        Its ``send(size, price)`` is ``send_order`` without what is the same for all of them: that is checked here, and
        encoded once. After ``load_markets`` it goes by the new rules.

        Raises:
            ConfigError: An argument is malformed, or does not go with another.
        """
        return self._prepare(
            market, side, type, time_in_force, post_only, stp, is_hidden, size_asset, account
        )

    @cached_property
    def _prepared(self) -> Callable[..., PreparedOrder[PlaceOrder]]:
        return remembered(self._prepare)

    def _prepare(
        self,
        market: str,
        side: Side | str,
        type: OrderType | str,  # noqa: A002 - the field's word for it
        time_in_force: TimeInForce | str,
        post_only: bool,
        stp: StpMode | str | None,
        is_hidden: bool,
        size_asset: str | None,
        account: AccountKind | str | None,
    ) -> PreparedOrder[PlaceOrder]:
        kind = check_kind(market, side, type, time_in_force, post_only)
        stp_mode = None if stp is None else member("stp", StpMode, stp)
        flag("is_hidden", is_hidden)
        whose = self._account(account)
        return PreparedOrder(
            self._streams.account_of(whose),
            plan=lambda: self._plan(kind, stp_mode, is_hidden, size_asset, whose),
            basis=partial(self._rules.get, market),
            begin=self._place,
            new_id=new_client_order_id,
            check_id=check_client_order_id,
        )

    def _plan(
        self,
        kind: OrderKind,
        stp: StpMode | None,
        is_hidden: bool,
        wanted_asset: str | None,
        account: AccountKind,
    ) -> OrderPlan[PlaceOrder]:
        market, is_market = kind["market"], kind["type"] is OrderType.MARKET
        if is_market:
            wanted_asset = self._size_asset(market, kind["side"], wanted_asset)
        elif wanted_asset is not None:
            raise ConfigError("only market orders count in size_asset")
        size_asset = wanted_asset or ""
        rules, new_order = self._rules.get(market), NEW_ORDERS[self.product]
        is_in_base = rules is None or size_asset in {"", rules.base}

        def check(size: Exact, price: Exact | None) -> tuple[Decimal, Decimal | None]:
            numbers = check_numbers(kind, size, price)
            self._check_rules(market, numbers[0] if is_in_base else None, numbers[1])
            return numbers

        def build(size: Decimal, price: Decimal | None, client_order_id: str) -> PlaceOrder:
            return new_order(
                **kind, size=size, price=price, client_order_id=client_order_id, stp=stp, is_hidden=is_hidden,
                size_asset=size_asset, account=account,
            )  # fmt: skip

        if rules is None:
            holes = {"size": number(), "price": number()}
        else:
            size_hole = number(rules.lot_size, rules.min_size) if is_in_base else number()
            holes = {"size": size_hole, "price": number(rules.tick_size)}
        if is_market:
            del holes["price"]
        sample = build(ONE, None if is_market else ONE, "")
        return OrderPlan(
            check,
            build,
            self._rest.lanes.make(PLACE_ORDER[self.product], sample, {**holes, "client_order_id": TEXT}),
        )

    def _place(self, request: PlaceOrder, sending: Sending | None) -> Coroutine[object, object, Order]:
        def read(reply: Order | Accepted) -> Order:
            if isinstance(reply, Order):
                return reply
            # The venue has it; all else the reply says is lost, so that it is the order as it was sent.
            self._rest.report_unreadable(PLACE_ORDER[self.product].name, [reply.fault])
            return reply.order(request.as_sent())

        return self._rest.begin(PLACE_ORDER[self.product], request, read, sending)

    def _size_asset(self, market: str, side: Side, wanted: str | None) -> str | None:
        """Return the unit of a market order; left out, spot takes quote for buys, base for sells."""
        rules = self._rules.get(market)
        if self.product is FUTURES:
            base = "" if rules is None else rules.base
            if wanted is None or (
                wanted == base if base else market.startswith(check_plain("size_asset", wanted))
            ):
                return base or wanted
            raise ConfigError(f"futures orders count in the base of {market}, got size_asset {shown(wanted)}")
        if wanted is not None:
            return check_plain("size_asset", wanted)
        if rules is not None:
            return rules.base
        if side is Side.BUY:
            raise ConfigError(
                f"a market buy of {market} needs size_asset, base or quote, or load_markets() beforehand"
            )
        return None
