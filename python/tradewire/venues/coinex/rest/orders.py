"""Orders of spot and futures: amended, cancelled and asked for; how they are placed is in ``placing``."""

from __future__ import annotations

from collections.abc import AsyncIterator

from msgspec import field

from tradewire.errors import ConfigError, OrderNotFound, OutcomeUnknown, RequestError
from tradewire.model import (
    AccountKind,
    Order,
    OrderStatus,
    Page,
    Rows,
    Side,
    unreadable_rows,
)
from tradewire.protocol.arguments import Exact, check_plain, exact, member
from tradewire.protocol.endpoint import Effect, Reply
from tradewire.protocol.mismatch import same
from tradewire.protocol.request import (
    DIGITS,
    Checked,
    Name,
    Request,
    number,
)
from tradewire.session.cancelling import cancel_each
from tradewire.session.paging import every, gather
from tradewire.venues.coinex import errors, parse, replies
from tradewire.venues.coinex.api import (
    AccountWord,
    ClientOrderId,
    Limit,
    OrderId,
    PageNumber,
    Product,
    SideWord,
    both,
)
from tradewire.venues.coinex.rest.placing import ROWS, Placing

__all__ = ["Orders"]


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


def _order(product: Product) -> Reply[Order]:
    return replies.one(ROWS[product], parse.order)


def _finished(product: Product) -> Reply[Order]:
    return replies.one(ROWS[product], parse.finished_order)


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


class Orders(Placing):
    """What an account may do. All of it needs credentials."""

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


def _unproved(order_id: str, endpoint: str) -> OutcomeUnknown:
    return OutcomeUnknown(
        f"the reply does not prove that {order_id} was cancelled: the order is no newer than before",
        lookup="order(market, order_id), or cancel again",
        venue=errors.VENUE,
        endpoint=endpoint,
    )
