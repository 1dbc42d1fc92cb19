"""The client's signed REST methods that ask: orders, fills and balances."""

from __future__ import annotations

from collections.abc import AsyncIterator

from tradewire.model import Balance, Fill, Order, Page, Rows, Side
from tradewire.protocol.arguments import member, whole_number
from tradewire.protocol.endpoint import calls
from tradewire.session.paging import every, gather
from tradewire.session.rest import RestSession
from tradewire.venues.coinex import endpoints as rows
from tradewire.venues.coinex import requests
from tradewire.venues.coinex.connection import Streams

__all__ = ["Account"]

NS_PER_MS = 1_000_000
WHOLE_PAGE = 100


class Account:
    """What an account may ask. All of it needs credentials."""

    _rest: RestSession
    _streams: Streams

    @calls(rows.ORDER)
    async def order(self, market: str, order_id: str) -> Order:
        """Return one order.

        ``GET /v2/spot/order-status``, rate group spot-query, signed, read.

        Args:
            market: The order's market.
            order_id: ``Order.order_id``.

        Raises:
            OrderNotFound: There is none, or it was cancelled without a fill: those are forgotten.

        Shape:
            As ``place_order``, with "status".

        Source:
            https://docs.coinex.com/api/v2/spot/order/http/get-order-status, read 2026-11-20.
        """
        return self._streams.account.heard(
            await self._rest.call(rows.ORDER, requests.OrderRef(market, order_id))
        )

    @calls(rows.OPEN_ORDERS)
    async def open_orders(
        self, market: str | None = None, *, side: Side | str | None = None, client_order_id: str | None = None
    ) -> Rows[Order]:
        """Return every open order, one request per hundred.

        ``GET /v2/spot/pending-order``, rate group spot-query, signed, read.

        Beyond one page, orders that open or finish meanwhile may shift another one out of sight. A row that cannot be
        read is in ``unreadable`` of what is returned: while there are any, absence proves nothing.

        Args:
            market: Only of this market.
            side: Only of this side.
            client_order_id: Only those with this client id.

        Shape:
            {"data": [order as in ``place_order``], "pagination": {"total": int, "has_next": bool}}

        Source:
            https://docs.coinex.com/api/v2/spot/order/http/list-pending-order, read 2026-11-20.
        """
        wanted = _side(side)

        async def fetch(page: int, _: str) -> Page[Order]:
            query = requests.OrdersQuery(market, wanted, client_order_id, page, WHOLE_PAGE)
            return await self._rest.call(rows.OPEN_ORDERS, query)

        return await gather(fetch)

    @calls(rows.CLOSED_ORDERS)
    async def closed_orders(
        self,
        market: str | None = None,
        *,
        side: Side | str | None = None,
        client_order_id: str | None = None,
        page: int = 1,
        limit: int = WHOLE_PAGE,
    ) -> Page[Order]:
        """Return a page of finished orders, newest first.

        ``GET /v2/spot/finished-order``, rate group spot-history, signed, read.

        Filled and partly filled orders only: the venue forgets those cancelled without a fill.

        Args:
            market: Only of this market.
            side: Only of this side.
            client_order_id: Only those with this client id; whether the venue heeds it was seen in one client only.
            page: From 1.
            limit: 1 to 100.

        Shape:
            {"data": [order as in ``place_order``], "pagination": {"has_next": bool}}

        Source:
            https://docs.coinex.com/api/v2/spot/order/http/list-finished-order, read 2026-11-20.
        """
        query = requests.OrdersQuery(market, _side(side), client_order_id, page, limit)
        return await self._rest.call(rows.CLOSED_ORDERS, query)

    @calls(rows.FILLS)
    async def fills(
        self,
        market: str,
        *,
        side: Side | str | None = None,
        start_ns: int | None = None,
        end_ns: int | None = None,
        page: int = 1,
        limit: int = WHOLE_PAGE,
    ) -> Page[Fill]:
        """Return a page of our trades, newest first.

        ``GET /v2/spot/user-deals``, rate group spot-history, signed, read.

        Args:
            market: For instance ``BTCUSDT``.
            side: Only of this side.
            start_ns: Not before this time, nanoseconds UTC; the venue counts milliseconds.
            end_ns: Not after this time.
            page: From 1.
            limit: 1 to 100.

        Shape:
            {"data": [{"deal_id": int, "created_at": int ms, "market": str, "side": str, "order_id": int,
            "price": str, "amount": str, "role": str, "fee": str, "fee_ccy": str}],
            "pagination": {"has_next": bool}}

        Source:
            https://docs.coinex.com/api/v2/spot/deal/http/list-user-deals, read 2026-11-20.
        """
        query = requests.FillsQuery(
            market, _side(side), _ms("start_ns", start_ns), _ms("end_ns", end_ns), page, limit
        )
        return await self._rest.call(rows.FILLS, query)

    async def iter_fills(self, market: str, *, start_ns: int | None = None) -> AsyncIterator[Fill]:
        """Yield all our trades of a market, newest first; one request per hundred, as ``fills``."""

        async def fetch(page: int, _: str) -> Page[Fill]:
            return await self.fills(market, start_ns=start_ns, page=page)

        async for fill in every(fetch):
            yield fill

    @calls(rows.ORDER_FILLS)
    async def order_fills(
        self, market: str, order_id: str, *, page: int = 1, limit: int = WHOLE_PAGE
    ) -> Page[Fill]:
        """Return a page of one order's trades.

        ``GET /v2/spot/order-deals``, rate group spot-history, signed, read.

        Args:
            market: The order's market.
            order_id: ``Order.order_id``.
            page: From 1.
            limit: 1 to 100.

        Shape:
            As ``fills``.

        Source:
            https://docs.coinex.com/api/v2/spot/deal/http/list-user-order-deals, read 2026-11-20.
        """
        return await self._rest.call(rows.ORDER_FILLS, requests.OrderRef(market, order_id, page, limit))

    @calls(rows.BALANCES)
    async def balances(self) -> Rows[Balance]:
        """Return the account's assets.

        ``GET /v2/assets/spot/balance``, rate group account-query, signed, read.

        Shape:
            {"data": [{"ccy": str, "available": str, "frozen": str}]}

        Source:
            https://docs.coinex.com/api/v2/assets/balance/http/get-spot-balance, read 2026-11-20.
        """
        return await self._rest.call(rows.BALANCES, None)


def _side(side: Side | str | None) -> Side | None:
    return None if side is None else member("side", Side, side)


def _ms(name: str, time_ns: int | None) -> int | None:
    return None if time_ns is None else whole_number(name, time_ns, 0) // NS_PER_MS
