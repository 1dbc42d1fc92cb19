"""Our trades. All of it needs credentials."""

from __future__ import annotations

from collections.abc import AsyncIterator

from tradewire.model import Fill, Page
from tradewire.protocol.arguments import whole_number
from tradewire.venues.truex import parse, replies, shapes
from tradewire.venues.truex.api import MAX_PAGE, HistoryQuery, api, legacy
from tradewire.venues.truex.rest.reference import Reference

__all__ = ["Trades"]

REACH_NS = 86_400 * 1_000_000_000
"""A history reaches this far back from the time it is asked for."""
MAX_STEPS = 28
"""Times a history is asked for further back: the venue keeps four weeks."""

TRADES = api(
    "GET", "/v1/cefi/orders/trades", HistoryQuery, replies.rows(shapes.TradeRow),
    group="orders", source="apis/cefi/rest/v1/orders", spellings=legacy("orders/trades", "order/trade"),
)  # fmt: skip


class Trades(Reference):
    """Our trades."""

    @TRADES.documents
    async def fills(
        self,
        market: str = "",
        *,
        start_ns: int | None = None,
        end_ns: int | None = None,
        page: int = 1,
        limit: int = MAX_PAGE,
        cursor: str = "",
    ) -> Page[Fill]:
        """Return a page of our trades of the 24 hours before ``end_ns``, newest first.

        A trade names neither side nor client id: they are those of its order, if this client knows it. The
        fee is price by size by rate, in quote units. Cost: page n takes n requests under the newer version,
        which pages by cursor; ``iter_fills`` does not count pages and reaches back further.

        Args:
            market: Only of this market; the venue does not filter, so a page may hold less than ``limit``.
            start_ns: Not before this time, nanoseconds UTC.
            end_ns: Before this time; now if left out.
            page: From 1.
            limit: 1 to 100.
            cursor: ``Page.next_cursor`` of the page before, instead of ``page``.
        """
        await self._learn_names()
        from_ns = 0 if start_ns is None else whole_number("start_ns", start_ns, 0)
        query = HistoryQuery(end_ns=self._end_ns(end_ns), limit=limit, cursor=cursor)
        found = await self._page(TRADES, query, self._fill, page, lambda row: self._is_ours(row.client_id))
        kept = [fill for fill in found if market in {"", fill.market} and fill.time_ns >= from_ns]
        has_next = found.has_next and all(fill.time_ns >= from_ns for fill in found)
        return Page(kept, has_next, next_cursor=found.next_cursor, unreadable=found.unreadable)

    async def iter_fills(self, market: str = "", *, start_ns: int) -> AsyncIterator[Fill]:
        """Yield all our trades from ``start_ns`` (UTC) on, newest first; one request per hundred and per day.

        The venue keeps four weeks.
        """
        end_ns = self._end_ns(None)
        before: set[tuple[str, str]] = set()
        for _ in range(MAX_STEPS):
            reached = False
            number, cursor = 1, ""
            while not reached:
                page = await self.fills("", end_ns=end_ns, page=number, cursor=cursor)
                for fill in page:
                    reached = reached or fill.time_ns < start_ns
                    # A trade that comes while we ask pushes others on to the next page.
                    is_new = (fill.order_id, fill.trade_id) not in before
                    if is_new and fill.time_ns >= start_ns and market in {"", fill.market}:
                        yield fill
                before = {(fill.order_id, fill.trade_id) for fill in page}
                if not page.has_next:
                    break
                number, cursor = number + 1, page.next_cursor
            end_ns -= REACH_NS
            if reached or end_ns < start_ns:
                return

    def _fill(self, row: shapes.TradeRow) -> Fill:
        order = self._streams.account.tracker.order(row.order_id)
        side = None if order is None else order.side
        return parse.fill(row, self._directory, side, "" if order is None else order.client_order_id)
