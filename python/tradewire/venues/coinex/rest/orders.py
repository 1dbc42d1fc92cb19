"""Orders of spot and futures: place, amend, cancel and ask."""

from __future__ import annotations

import os
from collections.abc import AsyncIterator, Callable, Coroutine
from decimal import Decimal
from functools import cached_property, partial
from typing import Annotated

from msgspec import field

from tradewire.errors import ConfigError, OrderNotFound, OutcomeUnknown, RequestError
from tradewire.model import (
    AccountKind,
    Order,
    OrderStatus,
    OrderType,
    Page,
    Rows,
    Side,
    StpMode,
    TimeInForce,
    unreadable_rows,
)
from tradewire.protocol.arguments import Exact, check_plain, exact, flag, member, shown
from tradewire.protocol.client_ids import counted_ids
from tradewire.protocol.endpoint import Effect, Reply
from tradewire.protocol.mismatch import mismatch, same
from tradewire.protocol.new_order import NewOrder, OrderKind, check_kind, check_numbers
from tradewire.protocol.request import (
    DIGITS,
    NOT_SENT,
    TEXT,
    Argument,
    Checked,
    Name,
    Request,
    Switch,
    number,
)
from tradewire.session.cancelling import cancel_each
from tradewire.session.lane import Sending
from tradewire.session.live_order import LiveOrder
from tradewire.session.paging import every, gather
from tradewire.session.prepared import OrderPlan, PreparedOrder, remembered
from tradewire.venues.coinex import errors, parse, replies, shapes
from tradewire.venues.coinex.api import (
    FUTURES,
    SPOT,
    AccountWord,
    ClientOrderId,
    Limit,
    OrderId,
    PageNumber,
    Part,
    Product,
    SideWord,
    StpWord,
    both,
    check_client_order_id,
)
from tradewire.wire import Accepted

__all__ = ["Orders"]

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


class AmendOrder(Request, frozen=True):
    """New price or size of an order."""

    market: Name
    account: AccountWord = field(name="market_type")
    order_id: OrderId
    size: Checked | None = field(name="amount")
    price: Checked | None

    def __post_init__(self) -> None:
        """Refuse to change nothing."""
        if self.price is None and self.size is None:
            raise ConfigError("amend_order needs a new price, a new size or both")


class OrderRef(Request, frozen=True):
    """One order, by the venue's number."""

    market: Name
    order_id: OrderId


class CancelOrder(OrderRef, frozen=True):
    """The same, to be cancelled."""

    account: AccountWord = field(name="market_type")


class ClientOrderIdRef(Request, frozen=True):
    """Every order with one client id."""

    client_order_id: ClientOrderId = field(name="client_id")
    market: Name | None
    account: AccountWord = field(name="market_type")


class CancelAll(Request, frozen=True):
    """Every order of a market, or of one of its sides."""

    market: Name
    side: SideWord | None
    account: AccountWord = field(name="market_type")


class OrdersQuery(Request, frozen=True):
    """A page of orders."""

    market: Name | None
    side: SideWord | None
    client_order_id: ClientOrderId | None = field(name="client_id")
    account: AccountWord = field(name="market_type")
    page: PageNumber = 1
    limit: Limit = 100


ROWS = {SPOT: shapes.OrderRow, FUTURES: shapes.FuturesOrderRow}
NEW_ORDERS: dict[Product, type[PlaceOrder]] = {SPOT: PlaceSpotOrder, FUTURES: PlaceOrder}


def _order(product: Product) -> Reply[Order]:
    return replies.one(ROWS[product], parse.order)


def _finished(product: Product) -> Reply[Order]:
    return replies.one(ROWS[product], parse.finished_order)


PLACE_ORDER = both(
    "POST", "order", NEW_ORDERS, lambda product: replies.placed(ROWS[product]),
    group="put", source="order/http/put-order", mismatch=PlaceOrder.mismatch, is_placing=True,
    lookup="{client}.open_orders(client_order_id={request.client_order_id!r}), then "
    "{client}.closed_orders(client_order_id={request.client_order_id!r})",
)  # fmt: skip
# Whether the reply to an amend has the new price and size already is not published.
AMEND_ORDER = both(
    "POST", "modify-order", AmendOrder, _order,
    group="put", source="order/http/modify-order", mismatch=same("order_id", "market"),
    varying={"order_id": DIGITS, "size": number(), "price": number()},
    lookup="{client}.order({request.market!r}, {request.order_id!r})",
)  # fmt: skip
CANCEL_ORDER = both(
    "POST", "cancel-order", CancelOrder, _finished,
    group="cancel", source="order/http/cancel-order", mismatch=same("order_id", "market"),
    varying={"order_id": DIGITS},
    effect=Effect.REPEATABLE, is_cancel=True, lookup="{client}.order({request.market!r}, {request.order_id!r})",
)  # fmt: skip
CANCEL_BY_CLIENT_ORDER_ID = both(
    "POST", "cancel-order-by-client-id", ClientOrderIdRef,
    lambda product: replies.batch(
        ROWS[product], parse.finished_order, f"POST /v2/{product.name}/cancel-order-by-client-id"
    ),
    group="cancel-batch", source="order/http/cancel-order-by-client-id",
    mismatch=same("client_order_id", "market"), effect=Effect.REPEATABLE, is_cancel=True,
    lookup="{client}.open_orders(client_order_id={request.client_order_id!r})",
)  # fmt: skip
CANCEL_ALL = both(
    "POST", "cancel-all-order", CancelAll, replies.nothing("{}"),
    group="cancel-batch", source="order/http/cancel-all-order",
    effect=Effect.REPEATABLE, is_cancel=True, lookup="{client}.open_orders({request.market!r})",
)  # fmt: skip
ORDER = both(
    "GET", "order-status", OrderRef, lambda product: replies.order(ROWS[product]),
    group="query", source="order/http/get-order-status", mismatch=same("order_id", "market"),
)  # fmt: skip
OPEN_ORDERS = both(
    "GET", "pending-order", OrdersQuery, lambda product: replies.page(ROWS[product], parse.order),
    group="query", source="order/http/list-pending-order", mismatch=same("market"),
)  # fmt: skip
CLOSED_ORDERS = both(
    "GET", "finished-order", OrdersQuery, lambda product: replies.page(ROWS[product], parse.finished_order),
    group="history", source="order/http/list-finished-order", mismatch=same("market"),
)  # fmt: skip


class Orders(Part):
    """What an account may do. All of it needs credentials."""

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
        return order.send(size, price, client_order_id=client_order_id)

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

    @AMEND_ORDER.client_method
    async def amend_order(
        self,
        market: str,
        order_id: str,
        *,
        price: Exact | None = None,
        size: Exact | None = None,
        account: AccountKind | str | None = None,
    ) -> Order:
        """Change price or size of an open order.

        The order may lose its place in the queue. Its id stays; take it from the reply all the same.

        Args:
            market: The order's market.
            order_id: ``Order.order_id``.
            price: New price, quote units per base unit.
            size: New whole size, base units, more than is filled already.
            account: As for ``place_order``.

        Raises:
            OrderNotFound: It is finished.
            OutcomeUnknown: No proof either way. Ask ``order(market, order_id)``.
        """
        new_size = None if size is None else exact("size", size)
        new_price = None if price is None else exact("price", price)
        request = AmendOrder(market, self._account(account), order_id, new_size, new_price)
        self._check_rules(market, new_size, new_price)
        return self._streams.order_heard(await self._rest.call(AMEND_ORDER[self.product], request))

    @CANCEL_ORDER.client_method
    async def cancel_order(
        self, market: str, order_id: str, *, account: AccountKind | str | None = None
    ) -> Order:
        """Cancel one order and return its last state.

        Args:
            market: The order's market.
            order_id: ``Order.order_id``.
            account: As for ``place_order``.

        Raises:
            OrderNotFound: It is finished, or never was. The venue forgets a cancelled order without fills.
            OutcomeUnknown: No proof either way. Ask ``order(market, order_id)``, or cancel again: twice does
                no harm.
        """
        kind = self._account(account)
        row, request = CANCEL_ORDER[self.product], CancelOrder(market, order_id, kind)
        report = await self._rest.call(row, request)
        orders = self._streams.account_of(kind)
        live = orders.tracker.order(order_id)
        if live is None or live.status.is_final or live.report is None:
            return orders.heard(report)
        if report.status is OrderStatus.FILLED or report.updated_at_ns > live.report.updated_at_ns:
            return orders.heard(report)
        # A second reply to its placing or amending looks the same: only time shows what it answers.
        try:
            found = await self.order(market, order_id)
        except OrderNotFound:
            # As it is after a cancel without a fill, or while reads lag: what the venue says later decides.
            live.note_cancel(report)
            orders.inquire(live)
            return report
        except RequestError as error:
            raise _unproved(order_id, row.name) from error
        if not found.status.is_final:
            raise _unproved(order_id, row.name)
        return found

    @CANCEL_BY_CLIENT_ORDER_ID.client_method
    async def cancel_by_client_order_id(
        self,
        client_order_id: str,
        *,
        market: str | None = None,
        account: AccountKind | str | None = None,
    ) -> tuple[Order | RequestError, ...]:
        """Cancel every order with ``client_order_id`` and return what became of each: its last state, or why not.

        Args:
            client_order_id: The id the orders were placed with.
            market: Only in this market.
            account: As for ``place_order``.

        Raises:
            OrderNotFound: No open order has it.
            OutcomeUnknown: No proof either way. Ask ``open_orders(client_order_id=...)``, or cancel again.
        """
        request = ClientOrderIdRef(client_order_id, market, self._account(account))
        results = await self._rest.call(CANCEL_BY_CLIENT_ORDER_ID[self.product], request)
        for result in results:
            if isinstance(result, Order):
                self._streams.order_heard(result)
        return results

    @CANCEL_ALL.client_method
    async def cancel_all(
        self,
        market: str | None = None,
        *,
        side: Side | str | None = None,
        account: AccountKind | str | None = None,
    ) -> None:
        """Cancel every open order of a market, or of all markets, and go on past failures.

        The venue cancels by market and does not say which orders it cancelled: use ``watch_orders`` or ask
        ``open_orders(market)``. Orders placed meanwhile may stay. Cost: one request a market; without a market the
        open orders are asked for first.

        Args:
            market: For instance ``BTCUSDT``; every market with an open order if left out.
            side: Only one side.
            account: As for ``place_order``.

        Raises:
            RequestError: The open orders could not be asked for.
            CancelAllFailed: Some markets failed, ``failures`` says which and why; the others were cancelled. Cancel
                again: twice does no harm.
        """
        wanted, kind = None if side is None else member("side", Side, side), self._account(account)
        if market is not None:
            check_plain("market", market)
        found: tuple[Order, ...] = ()
        if market is None:
            found = await self.open_orders(side=wanted, account=kind)
        markets = [order.market for order in found] if market is None else [check_plain("market", market)]
        await cancel_each(
            {name: CancelAll(name, wanted, kind) for name in markets},
            lambda request: self._rest.call(CANCEL_ALL[self.product], request),
            venue=errors.VENUE,
            unreadable=unreadable_rows(found),
        )

    @ORDER.client_method
    async def order(self, market: str, order_id: str) -> Order:
        """Return one order.

        Args:
            market: The order's market.
            order_id: ``Order.order_id``.

        Raises:
            OrderNotFound: There is none, or it was cancelled without a fill: those are forgotten.
        """
        return self._streams.order_heard(
            await self._rest.call(ORDER[self.product], OrderRef(market, order_id))
        )

    @OPEN_ORDERS.documents
    async def open_orders(
        self,
        market: str | None = None,
        *,
        side: Side | str | None = None,
        client_order_id: str | None = None,
        account: AccountKind | str | None = None,
    ) -> Rows[Order]:
        """Return every open order, one request per hundred.

        Beyond one page, orders that open or finish meanwhile may shift another one out of sight. A row that cannot be
        read is in ``unreadable`` of what is returned: while there are any, absence proves nothing.

        Args:
            market: Only of this market.
            side: Only of this side.
            client_order_id: Only those with this client id.
            account: As for ``place_order``.
        """
        kind, row = self._account(account), OPEN_ORDERS[self.product]
        return await gather(
            lambda page, _: self._rest.call(row, OrdersQuery(market, side, client_order_id, kind, page))
        )

    @CLOSED_ORDERS.client_method
    async def closed_orders(
        self,
        market: str | None = None,
        *,
        side: Side | str | None = None,
        client_order_id: str | None = None,
        page: int = 1,
        limit: int = 100,
        account: AccountKind | str | None = None,
    ) -> Page[Order]:
        """Return a page of finished orders, newest first.

        Filled and partly filled orders only: the venue forgets those cancelled without a fill.

        Args:
            market: Only of this market.
            side: Only of this side.
            client_order_id: Only those with this client id; whether the venue heeds it was seen in one client only.
            page: From 1.
            limit: 1 to 100.
            account: As for ``place_order``.
        """
        query = OrdersQuery(market, side, client_order_id, self._account(account), page, limit)
        return await self._rest.call(CLOSED_ORDERS[self.product], query)

    async def all_closed_orders(
        self,
        market: str | None = None,
        *,
        side: Side | str | None = None,
        account: AccountKind | str | None = None,
    ) -> AsyncIterator[Order]:
        """Yield all finished orders, newest first; one request per hundred, as ``closed_orders``."""
        async for order in every(
            lambda page, _: self.closed_orders(market, side=side, page=page, account=account)
        ):
            yield order

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


def _unproved(order_id: str, endpoint: str) -> OutcomeUnknown:
    return OutcomeUnknown(
        f"the reply does not prove that {order_id} was cancelled: the order is no newer than before",
        lookup="order(market, order_id), or cancel again",
        venue=errors.VENUE,
        endpoint=endpoint,
    )
