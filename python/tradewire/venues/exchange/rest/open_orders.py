"""What rests, what was filled, and what became of an order."""

from __future__ import annotations

from tradewire.errors import OrderNotFound
from tradewire.model import Fill, Order, Page, Rows
from tradewire.protocol.mismatch import same
from tradewire.protocol.request import Request
from tradewire.venues.exchange.api import MarketName, Part, api, check_order_id, rows
from tradewire.venues.exchange.errors import VENUE
from tradewire.venues.exchange.model import Execution
from tradewire.venues.exchange.shapes import OrderRow

__all__ = ["OpenOrders"]


class MarketQuery(Request, frozen=True):
    """A market, or all of them."""

    market: MarketName | None


OPEN_ORDERS = api(
    "GET", "/api/v1/open-orders", MarketQuery, rows(OrderRow),
    group="trader", source="rest-api", mismatch=same("market"),
)  # fmt: skip
FILLS = api(
    "GET", "/api/v1/fills", MarketQuery, rows(Execution),
    group="trader", source="rest-api", mismatch=same("market"),
)  # fmt: skip


class OpenOrders(Part):
    """Orders and fills. All of it needs a key."""

    @OPEN_ORDERS.documents
    async def open_orders(self, market: str | None = None) -> Rows[Order]:
        """Return our resting orders, oldest first.

        ``filled_size`` is exact for orders this client has followed; for others it takes the order as never
        amended, since the venue does not say.

        Args:
            market: All markets if left out; one the venue does not know has none.
        """
        found = await self._rest.call(OPEN_ORDERS, MarketQuery(market))
        return Rows(map(self._streams.heard, found), found.unreadable)

    @FILLS.client_method
    async def executions(self, market: str | None = None) -> Rows[Execution]:
        """Return our executions as the venue reports them, oldest first, all of them: without sides.

        Cost: the whole history in one reply.

        Args:
            market: All markets if left out.
        """
        return await self._rest.call(FILLS, MarketQuery(market))

    async def resting(self, market: str | None = None) -> Rows[OrderRow]:
        """Return our resting orders as the wire has them; ``open_orders`` is for people."""
        return await self._rest.call(OPEN_ORDERS, MarketQuery(market))

    async def fills(self, market: str, *, start_ns: int | None = None, page: int = 1) -> Page[Fill]:
        """Return our fills in ``market``, newest first, on one page.

        The venue reports neither side nor which order is ours. Both are known for orders this client has seen;
        a fill of an order it has not seen has no side and no order id. One with ourselves counts twice.

        Args:
            market: For instance ``ABC-USD``.
            start_ns: Leave out what is older, UTC.
            page: There is only the first.
        """
        if page != 1:
            return Page((), has_next=False)
        account = self._streams.state.account
        found = [
            fill
            for execution in await self.executions(market)
            if start_ns is None or execution.time_ns >= start_ns
            for fill in account.fill_of(execution)
        ]
        return Page(tuple(reversed(found)), has_next=False, total=len(found))

    async def order(self, market: str, order_id: str) -> Order:
        """Return one order, resting or ended. The venue has no such question: this asks for what rests, then for fills.

        Cost: for one that has gone without a report of the venue's, as long as its reads may lag.

        An amended order whose events this client did not follow is reported as not found even if all that was left
        of it was filled.

        Args:
            market: Its market.
            order_id: ``Order.order_id``.

        Raises:
            OrderNotFound: It does not rest, and this client has not seen it, so that nothing can tell what
                became of it.
        """
        check_order_id(order_id)
        for order in await self.open_orders(market):
            if order.order_id == order_id:
                return order
        account = self._streams.account
        known = self._streams.state.account.find(order_id)
        if account.tracker.order(order_id) is None and known is not None:
            account.take_order(known.report(self._streams.now().venue_ns))
        live = account.tracker.order(order_id)
        if live is None:
            message = "it does not rest, and this client has not followed it"
            raise OrderNotFound(message, code="order_not_found", venue=VENUE, endpoint=OPEN_ORDERS.name)
        if live.report is not None and live.status.is_final:
            return live.report
        return await account.settle(live)
