"""Asking for our orders. All of it needs credentials."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Annotated

from msgspec import field

from tradewire import codec
from tradewire.errors import ConfigError
from tradewire.model import Order, OrderStatus, Page, Rows
from tradewire.protocol.arguments import check_plain, shown
from tradewire.protocol.mismatch import first_mismatch, mismatch
from tradewire.protocol.request import Argument, Request
from tradewire.session.paging import every, gather
from tradewire.venues.truex import ids, parse, replies, shapes
from tradewire.venues.truex.api import MAX_PAGE, Cursor, PageQuery, api, legacy
from tradewire.venues.truex.rest.reference import Reference
from tradewire.wire import Accepted, WireRows

__all__ = ["OrderQueries", "OrderRef"]


def _status_filter(name: str, statuses: object) -> str | None:
    """Return the one form of the filter language that is known to work: orders in some of the venue's states."""
    if not isinstance(statuses, list | tuple):
        raise ConfigError(f"{name} must be a tuple of texts, got {shown(statuses)}")
    if not statuses:
        return None
    words = [check_plain(name, status) for status in statuses]
    return codec.encode({"columns": [{"name": "status", "filter": [{"$in": words}]}]}).decode()


class OrderRef(Request, frozen=True):
    """An order by the venue's id or by ours."""

    ref_id: str
    id_type: str

    @property
    def named(self) -> str:
        """How the client's methods name it."""
        return f"client_order_id={self.ref_id!r}" if self.id_type == ids.CLIENT else repr(self.ref_id)

    def mismatch(self, row: shapes.OrderRow | Accepted) -> str:
        """Return how an order contradicts this request."""
        if isinstance(row, Accepted):
            return mismatch(order_id=(self.ref_id, row.order_id)) if self.id_type == ids.EXCHANGE else ""
        if self.id_type == ids.EXCHANGE:
            return mismatch(order_id=(self.ref_id, row.id))
        if row.ref_external_id:
            # An amended order had other client ids before and is found by each of them.
            return ""
        return mismatch(client_order_id=(self.ref_id, row.external_id))

    def mismatch_of_all(self, rows: WireRows[shapes.OrderRow]) -> str:
        """Return how states of one order do; by a client id the first may be from before an amendment unsaid."""
        return first_mismatch(map(self.mismatch, rows)) if self.id_type == ids.EXCHANGE else ""


class ActiveOrdersQuery(Request, frozen=True):
    """A page of the open orders."""

    cursor: Cursor


class OrdersQuery(PageQuery, frozen=True, kw_only=True):
    """A page of orders of the last weeks, filtered by the venue's own language."""

    statuses: Annotated[tuple[str, ...], Argument(_status_filter)] = field(name="query")


ORDER_STATUS = api(
    "GET", "/v1/cefi/orders/status/{ref_id}", OrderRef, replies.found_order,
    group="orders", source="apis/institutional/get-order-status", mismatch=OrderRef.mismatch,
    spellings=legacy("orders/status/{ref_id}", "order/status/{ref_id}"),
)  # fmt: skip
ACTIVITY = api(
    "GET", "/v1/cefi/orders/activity/{ref_id}", OrderRef, replies.rows(shapes.OrderRow),
    group="orders", source="apis/cefi/rest/v1/orders", mismatch=OrderRef.mismatch_of_all,
)  # fmt: skip
ACTIVE_ORDERS = api(
    "GET", "/v1/cefi/orders/active", ActiveOrdersQuery, replies.rows(shapes.OrderRow),
    group="orders", source="apis/cefi/rest/v1/orders/getordersactive",
    spellings=legacy("orders/active", "order/active"),
)  # fmt: skip
ORDERS = api(
    "GET", "/v1/cefi/orders/list", OrdersQuery, replies.rows(shapes.OrderRow),
    group="orders", source="apis/cefi/rest/v1/orders/getorderslist", spellings=legacy("orders/list", "order"),
)  # fmt: skip


class OrderQueries(Reference):
    """What an account may ask of its orders."""

    async def order(self, market: str, order_id: str) -> Order:
        """Return one order, as ``order_status`` does.

        Raises:
            OrderNotFound: There is none.
        """
        check_plain("market", market)
        return await self.order_status(order_id)

    @ORDER_STATUS.documents
    async def order_status(self, order_id: str | None = None, *, client_order_id: str | None = None) -> Order:
        """Return one order of the last weeks, finished and refused ones too.

        Args:
            order_id: ``Order.order_id``.
            client_order_id: Or our own id, as last amended.

        Raises:
            OrderNotFound: There is none.
        """
        await self._learn_names()
        ref = OrderRef(*ids.id_type(order_id, client_order_id))
        return self._heard(await self._rest.call_as(ORDER_STATUS, ref, self._readable_order))

    @ACTIVITY.documents
    async def activity(
        self, order_id: str | None = None, *, client_order_id: str | None = None
    ) -> Rows[Order]:
        """Return every state one order went through, oldest first.

        Not confirmed: the pages mention an activity history and show neither path nor reply.

        Args:
            order_id: ``Order.order_id``.
            client_order_id: Or our own id, as last amended.

        Raises:
            OrderNotFound: There is none.
        """
        await self._learn_names()
        ref = OrderRef(*ids.id_type(order_id, client_order_id))
        return await self._rest.call_as(ACTIVITY, ref, lambda found: found.build(self._order))

    @ACTIVE_ORDERS.documents
    async def open_orders(self, market: str | None = None) -> Rows[Order]:
        """Return every open order of the account, or of all the key has if none was chosen.

        Args:
            market: Only of this market; the venue sends them all.
        """
        await self._learn_names()

        def read(found: WireRows[shapes.OrderRow]) -> Page[Order]:
            built = found.where(lambda row: self._is_ours(row.account_id)).build(self._order)
            cursor = found.next_cursor
            return Page(built, bool(cursor), next_cursor=cursor, unreadable=built.unreadable)

        found = await gather(
            lambda _, cursor: self._rest.call_as(ACTIVE_ORDERS, ActiveOrdersQuery(cursor), read)
        )
        for report in found:
            self._heard(report)
        return Rows([report for report in found if market in {None, report.market}], found.unreadable)

    @ORDERS.documents
    async def orders(
        self, *, statuses: tuple[str, ...] = (), page: int = 1, limit: int = MAX_PAGE, cursor: str = ""
    ) -> Page[Order]:
        """Return a page of the orders of the last four weeks, newest first.

        Args:
            statuses: Only in these states, in the venue's words: ``ACTIVE``, ``FILLED``, ``CANCELED`` ... Of the
                venue's filter language only this form is known to work.
            page: From 1; page n takes n requests under the newer version, which pages by cursor.
            limit: 1 to 100.
            cursor: ``Page.next_cursor`` of the page before, instead of ``page``.
        """
        await self._learn_names()
        query = OrdersQuery(statuses=statuses, limit=limit, cursor=cursor)
        return await self._page(ORDERS, query, self._order, page)

    async def iter_orders(self, *, statuses: tuple[str, ...] = ()) -> AsyncIterator[Order]:
        """Yield the orders of the last four weeks, newest first; one request per hundred, as ``orders``."""
        async for order in every(
            lambda page, cursor: self.orders(statuses=statuses, page=page, cursor=cursor)
        ):
            yield order

    def _readable_order(self, found: shapes.OrderRow | Accepted) -> Order:
        if isinstance(found, Accepted):
            if found.status is OrderStatus.OPEN:
                self._streams.account.tracker.confirm(found.order_id)
            raise found.fault
        return self._order(found)

    def _order(self, row: shapes.OrderRow) -> Order:
        return parse.order(row, self._directory, self._streams.account.tracker.order(row.id))

    def _heard(self, report: Order) -> Order:
        """Let the order that is followed, if it is, know what REST said of it."""
        return self._streams.account.heard(report)
