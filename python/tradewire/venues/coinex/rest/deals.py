"""Our own trades."""

from __future__ import annotations

from collections.abc import AsyncIterator

from msgspec import field

from tradewire.model import Fill, Page, Side
from tradewire.protocol.mismatch import same
from tradewire.protocol.request import Name, Request, TimeMs
from tradewire.session.paging import every
from tradewire.venues.coinex import parse, replies, shapes
from tradewire.venues.coinex.api import Limit, MarketType, OrderId, PageNumber, Part, SideWord, api

__all__ = ["Deals"]


class FillsQuery(Request, frozen=True):
    """A page of our trades in a market."""

    market: Name
    side: SideWord | None = None
    start_ns: TimeMs | None = field(name="start_time", default=None)
    end_ns: TimeMs | None = field(name="end_time", default=None)
    page: PageNumber = 1
    limit: Limit = 100
    market_type: MarketType = MarketType.SPOT


class OrderFillsQuery(Request, frozen=True):
    """A page of one order's trades."""

    market: Name
    order_id: OrderId
    page: PageNumber = 1
    limit: Limit = 100
    market_type: MarketType = MarketType.SPOT


FILLS = api(
    "GET", "/v2/spot/user-deals", FillsQuery, replies.page(shapes.UserDealRow, parse.fill),
    group="spot-history", source="spot/deal/http/list-user-deals", mismatch=same("market"),
)  # fmt: skip
ORDER_FILLS = api(
    "GET", "/v2/spot/order-deals", OrderFillsQuery, replies.page(shapes.UserDealRow, parse.fill),
    group="spot-history", source="spot/deal/http/list-user-order-deals", mismatch=same("order_id", "market"),
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
    ) -> Page[Fill]:
        """Return a page of our trades, newest first.

        Args:
            market: For instance ``BTCUSDT``.
            side: Only of this side.
            start_ns: Not before this time, nanoseconds UTC; the venue counts milliseconds.
            end_ns: Not after this time.
            page: From 1.
            limit: 1 to 100.
        """
        return await self._rest.call(FILLS, FillsQuery(market, side, start_ns, end_ns, page, limit))

    async def iter_fills(self, market: str, *, start_ns: int | None = None) -> AsyncIterator[Fill]:
        """Yield all our trades of a market, newest first; one request per hundred, as ``fills``."""
        async for fill in every(lambda page, _: self.fills(market, start_ns=start_ns, page=page)):
            yield fill

    @ORDER_FILLS.client_method
    async def order_fills(self, market: str, order_id: str, *, page: int = 1, limit: int = 100) -> Page[Fill]:
        """Return a page of one order's trades.

        Args:
            market: The order's market.
            order_id: ``Order.order_id``.
            page: From 1.
            limit: 1 to 100.
        """
        return await self._rest.call(ORDER_FILLS, OrderFillsQuery(market, order_id, page, limit))
