"""Our own trades."""

from __future__ import annotations

from collections.abc import AsyncIterator

from msgspec import field

from tradewire.model import AccountKind, Fill, Page, Side
from tradewire.protocol.endpoint import Reply
from tradewire.protocol.mismatch import same
from tradewire.protocol.request import Name, Request, TimeMs
from tradewire.session.paging import every
from tradewire.venues.coinex import parse, replies, shapes
from tradewire.venues.coinex.api import (
    FUTURES,
    SPOT,
    AccountWord,
    Limit,
    OrderId,
    PageNumber,
    Part,
    Product,
    SideWord,
    both,
)

__all__ = ["Deals"]


class FillsQuery(Request, frozen=True):
    """A page of our trades in a market."""

    market: Name
    account: AccountWord = field(name="market_type")
    side: SideWord | None = None
    start_ns: TimeMs | None = field(name="start_time", default=None)
    end_ns: TimeMs | None = field(name="end_time", default=None)
    page: PageNumber = 1
    limit: Limit = 100


class OrderFillsQuery(Request, frozen=True):
    """A page of one order's trades."""

    market: Name
    account: AccountWord = field(name="market_type")
    order_id: OrderId
    page: PageNumber = 1
    limit: Limit = 100


ROWS = {SPOT: shapes.UserDealRow, FUTURES: shapes.FuturesUserDealRow}


def _fills(product: Product) -> Reply[Page[Fill]]:
    return replies.page(ROWS[product], parse.fill)


FILLS = both(
    "GET", "user-deals", FillsQuery, _fills,
    group="history", source="deal/http/list-user-deals", mismatch=same("market"),
)  # fmt: skip
ORDER_FILLS = both(
    "GET", "order-deals", OrderFillsQuery, _fills,
    group="history", source="deal/http/list-user-order-deals", mismatch=same("order_id", "market"),
)  # fmt: skip


class Deals(Part):
    """Our trades. All of it needs credentials."""

    @FILLS.client_method
    async def fills(
        self,
        market: str,
        *,
        side: Side | str | None = None,
        start_ns: int | None = None,
        end_ns: int | None = None,
        page: int = 1,
        limit: int = 100,
        account: AccountKind | str | None = None,
    ) -> Page[Fill]:
        """Return a page of our trades, newest first.

        Args:
            market: For instance ``BTCUSDT``.
            side: Only of this side.
            start_ns: Not before this time, nanoseconds UTC; the venue counts milliseconds.
            end_ns: Not after this time.
            page: From 1.
            limit: 1 to 100.
            account: As for ``place_order``.
        """
        query = FillsQuery(market, self._account(account), side, start_ns, end_ns, page, limit)
        return await self._rest.call(FILLS[self.product], query)

    async def iter_fills(
        self, market: str, *, start_ns: int | None = None, account: AccountKind | str | None = None
    ) -> AsyncIterator[Fill]:
        """Yield all our trades of a market, newest first; one request per hundred, as ``fills``."""
        async for fill in every(
            lambda page, _: self.fills(market, start_ns=start_ns, page=page, account=account)
        ):
            yield fill

    @ORDER_FILLS.client_method
    async def order_fills(
        self,
        market: str,
        order_id: str,
        *,
        page: int = 1,
        limit: int = 100,
        account: AccountKind | str | None = None,
    ) -> Page[Fill]:
        """Return a page of one order's trades.

        Args:
            market: The order's market.
            order_id: ``Order.order_id``.
            page: From 1.
            limit: 1 to 100.
            account: As for ``place_order``.
        """
        query = OrderFillsQuery(market, self._account(account), order_id, page, limit)
        return await self._rest.call(ORDER_FILLS[self.product], query)
