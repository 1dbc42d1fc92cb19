"""The client's public methods."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from tradewire._native import FeedEvent, Level3Book
from tradewire.errors import NotSupported
from tradewire.model import BookSnapshot, Market, Rows, Ticker, Trade
from tradewire.protocol.endpoint import calls
from tradewire.session.rest import RestSession
from tradewire.session.watched_book import BookSubscription
from tradewire.venues.exchange import endpoints as rows
from tradewire.venues.exchange import model
from tradewire.venues.exchange.errors import VENUE

__all__ = ["MarketData"]


class MarketData:
    """What anybody may ask."""

    _rest: RestSession
    watch_book: Callable[..., BookSubscription[FeedEvent[Level3Book], Level3Book]]

    @calls(rows.HEALTH)
    async def health(self) -> model.Health:
        """Return how the venue is; it answers even when it is not well.

        ``GET /health``, rate group public, public, read.

        Shape:
            {"status": "ok" | "degraded", "service": "exchange", "now": time, "persistence": {"backend": str,
            "mode": str, ...}}

        Source:
            https://www.mintlify.com/jamxu88/exchange/guides/rest-api, read 2026-11-20.
        """
        return await self._rest.call(rows.HEALTH, None)

    async def time(self) -> int:
        """Return the venue's time, nanoseconds UTC, as ``health`` tells it."""
        return (await self.health()).now_ns

    @calls(rows.MARKETS)
    async def markets(self) -> Rows[Market]:
        """Return every market and its rules, disabled and settled ones too.

        ``GET /api/v1/markets``, rate group public, public, read.

        Shape:
            [{"market_id": str, "display_name": str, "base_asset": str, "quote_asset": str, "tick_size": int,
            "min_order_quantity": int, "reference_price": int | null, "settlement_price": int | null,
            "status": "enabled" | "disabled" | "settled", "created_at": time, "updated_at": time}]

        Source:
            https://www.mintlify.com/jamxu88/exchange/guides/market-lifecycle, read 2026-11-20.
        """
        return await self._rest.call(rows.MARKETS, None)

    async def load_markets(self) -> Rows[Market]:
        """Return every market, as ``markets`` does: the venue's rules are the venue's to check."""
        return await self.markets()

    @calls(rows.OPENAPI)
    async def openapi(self) -> dict[str, Any]:
        """Return the venue's OpenAPI document. It covers eleven operations only.

        ``GET /api-doc/openapi.json``, rate group public, public, read.

        Shape:
            {"openapi": str, "info": {...}, "paths": {...}}

        Source:
            https://www.mintlify.com/jamxu88/exchange/guides/rest-api, read 2026-11-20.
        """
        return await self._rest.call(rows.OPENAPI, None)

    @calls(rows.DOCS)
    async def docs(self) -> str:
        """Return the page that shows the OpenAPI document, as HTML.

        ``GET /docs``, rate group public, public, read.

        Shape:
            HTML

        Source:
            https://www.mintlify.com/jamxu88/exchange/guides/rest-api, read 2026-11-20.
        """
        return await self._rest.call(rows.DOCS, None)

    async def book(self, market: str, *, depth: int = 20) -> BookSnapshot:
        """Return the top of a book, once. The venue has no REST book: this subscribes, looks and leaves.

        Cost: a connection, unless the market is watched already. A market the venue does not know is an
        empty book.

        Args:
            market: For instance ``ABC-USD``.
            depth: Levels a side.
        """
        async with self.watch_book(market) as watched:
            return await watched.snapshot(depth)

    async def ticker(self, market: str) -> Ticker:
        """Refuse: the venue keeps no figures of 24 hours.

        Raises:
            NotSupported: Always.
        """
        raise NotSupported(
            f"Exchange has no ticker of {market}",
            venue=VENUE,
            instead="watch_trades(market), watch_book(market)",
        )

    async def trades(self, market: str, *, limit: int = 100) -> tuple[Trade, ...]:
        """Refuse: the venue has no tape of public trades.

        Raises:
            NotSupported: Always.
        """
        raise NotSupported(
            f"Exchange has no tape: {limit} trades of {market} cannot be had",
            venue=VENUE,
            instead="watch_trades(market)",
        )
