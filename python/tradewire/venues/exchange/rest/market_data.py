"""The venue itself and its markets: what needs no key."""

from __future__ import annotations

from collections.abc import AsyncIterator
from decimal import Decimal
from types import NoneType
from typing import Any

import msgspec

from tradewire import codec
from tradewire.errors import NotSupported, RemoteProtocolError
from tradewire.model import BookSnapshot, Candle, CandleInterval, Market, Rows, Ticker, Trade
from tradewire.protocol.endpoint import Reply
from tradewire.venues.exchange.api import Part, api, check_market, every, one
from tradewire.venues.exchange.errors import VENUE
from tradewire.venues.exchange.model import Health, VenueMarket
from tradewire.wire import decoder

__all__ = ["HEALTH", "MarketData"]

# What an OpenAPI document holds is not known to a type checker, hence Any.
_documents: msgspec.json.Decoder[dict[str, Any]] = decoder(dict[str, Any])


def _market(row: VenueMarket) -> Market:
    """Build a market of the common interface: sizes are whole numbers, fees there are none."""
    return Market(
        symbol=row.market,
        base=row.base,
        quote=row.quote,
        tick_size=Decimal(row.tick_size),
        lot_size=Decimal(1),
        min_size=Decimal(row.min_size),
        maker_fee_rate=Decimal(0),
        taker_fee_rate=Decimal(0),
        is_tradable=row.status == "enabled",
        status=row.status,
    )


def _page(body: bytes) -> str:
    try:
        return body.decode()
    except UnicodeDecodeError as error:
        raise RemoteProtocolError(f"a page that is not UTF-8: {error}") from None


HEALTH = api("GET", "/health", NoneType, one(Health), group="public", source="rest-api")
MARKETS = api(
    "GET", "/api/v1/markets", NoneType, every(VenueMarket, _market), group="public", source="market-lifecycle"
)
OPENAPI = api(
    "GET", "/api-doc/openapi.json", NoneType,
    Reply(lambda body: codec.decode_as(body, _documents), '{"openapi": str, "info": {...}, "paths": {...}}'),
    group="public", source="rest-api",
)  # fmt: skip
DOCS = api("GET", "/docs", NoneType, Reply(_page, "HTML"), group="public", source="rest-api")


class MarketData(Part):
    """What anybody may ask."""

    @HEALTH.client_method
    async def health(self) -> Health:
        """Return how the venue is; it answers even when it is not well."""
        return await self._rest.call(HEALTH, None)

    async def time(self) -> int:
        """Return the venue's time, nanoseconds UTC, as ``health`` has it."""
        return (await self.health()).now_ns

    @MARKETS.client_method
    async def markets(self) -> Rows[Market]:
        """Return every market and its rules, disabled and settled ones too."""
        return await self._rest.call(MARKETS, None)

    async def load_markets(self) -> Rows[Market]:
        """Return every market, as ``markets`` does: the venue's rules are the venue's to check."""
        return await self.markets()

    @OPENAPI.client_method
    async def openapi(self) -> dict[str, Any]:  # as _documents
        """Return the venue's OpenAPI document. It covers eleven operations only."""
        return await self._rest.call(OPENAPI, None)

    @DOCS.client_method
    async def docs(self) -> str:
        """Return the page that shows the OpenAPI document, as HTML."""
        return await self._rest.call(DOCS, None)

    async def book(self, market: str, *, depth: int = 20) -> BookSnapshot:
        """Return the top of a book, once. The venue has no REST book: this subscribes, looks and leaves.

        Cost: a connection, unless the market is watched already. A market the venue does not know is an
        empty book.

        Args:
            market: For instance ``ABC-USD``.
            depth: Levels a side.
        """
        async with self._streams.markets.watch_book(check_market(market), None) as watched:
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

    def candles(
        self,
        market: str,
        interval: CandleInterval | str,
        start_ns: int,
        end_ns: int | None = None,
    ) -> AsyncIterator[Candle]:
        """Refuse: the venue has no tape of which candles could be made.

        Raises:
            NotSupported: Always.
        """
        del start_ns, end_ns
        raise NotSupported(
            f"Exchange has no candles of {market}, of {interval} or any other interval",
            venue=VENUE,
            instead="watch_trades(market) from now on",
        )
