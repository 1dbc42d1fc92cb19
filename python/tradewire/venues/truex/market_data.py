"""The client's public methods."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal

from tradewire._native import FeedEvent, Level2Book
from tradewire.errors import ConfigError, NotSupported
from tradewire.model import BestQuote, BookSnapshot, Market, Rows, Side, Ticker, Trade
from tradewire.protocol.arguments import Exact, exact, member
from tradewire.protocol.endpoint import calls
from tradewire.session.rest import RestSession
from tradewire.session.watched_book import BookSubscription
from tradewire.venues.truex import endpoints as rows
from tradewire.venues.truex import model, parse, requests, shapes
from tradewire.venues.truex.directory import Directory
from tradewire.venues.truex.errors import VENUE
from tradewire.wire import WireRows

__all__ = ["MarketData"]

MAX_DEPTH = 20
ZERO = Decimal(0)


class MarketData:
    """What anybody may ask. None of it needs credentials."""

    _rest: RestSession
    _directory: Directory
    watch_book: Callable[..., BookSubscription[FeedEvent[Level2Book], Level2Book]]

    @calls(rows.HEALTH)
    async def health(self) -> model.Health:
        """Return how the venue is; it answers even when it is not well.

        ``GET /v1/cefi/health``, rate group public, public, read.

        Shape:
            {"status": "healthy" | "degraded", "timestamp": "YYYY-MM-DD HH:MM:SS", "service": str}

        Source:
            https://docs.truemarkets.co/apis/cefi/rest/v1/service/getservicehealth, read 2026-11-20.
        """
        return await self._rest.call(rows.HEALTH, None)

    async def time(self) -> int:
        """Return the venue's time, nanoseconds UTC, to the second, as ``health`` tells it."""
        return (await self.health()).now_ns

    @calls(rows.VERSIONS)
    async def versions(self) -> Rows[model.SchemaVersion]:
        """Return the schema versions the venue speaks.

        ``GET /v1/cefi/versions``, rate group public, public, read.

        Not confirmed: the page that shows the reply could not be read. A list is understood, and an object
        that holds one under ``versions``.

        Shape:
            {"versions": [{"version": str, "status": str, "default": bool, "sunset": str}]}

        Source:
            https://docs.truemarkets.co/apis/institutional/true-markets-cefi-rest, read 2026-11-20.
        """
        return await self._rest.call(rows.VERSIONS, None)

    @calls(rows.ASSETS)
    async def assets(self, name: str | None = None, *, asset_id: str | None = None) -> Rows[model.Asset]:
        """Return assets and their ids.

        ``GET /v1/cefi/assets``, rate group public, public, read.

        Args:
            name: Only this one, for instance ``BTC``.
            asset_id: Only this one.

        Shape:
            [{"id": str, "status": str, "fields": {"name": str}}], the name also seen elsewhere

        Source:
            https://docs.truemarkets.co/apis/cefi-direct/rest/v1/assets/getassets, read 2026-11-20.
        """
        found = await self._rest.call(rows.ASSETS, requests.NameQuery("name", asset_id, name))
        self._directory.learn_assets(found)
        return found

    @calls(rows.INSTRUMENTS)
    async def instruments(
        self, symbol: str | None = None, *, instrument_id: str | None = None
    ) -> Rows[model.Instrument]:
        """Return instruments with their limits and their last 24 hours.

        ``GET /v1/cefi/instruments``, rate group public, public, read.

        Args:
            symbol: Only those whose symbol holds this text; upper and lower case differ.
            instrument_id: Only this one.

        Shape:
            [{"id": str, "status": str, "info": {"symbol": str, "reference_price": str, "base_asset_id": str,
            "quote_asset_id": str, "price_limit_window_secs": str, "price_limit_percent": str,
            "price_bands_percent": str}, "stats": {"last_24hr_notional": str, "last_24hr_quantity": str}}]

        Source:
            https://docs.truemarkets.co/apis/cefi/rest/v1/instruments/getinstruments, read 2026-11-20.
        """
        query = requests.NameQuery("symbol", instrument_id, symbol)
        found = await self._rest.call(rows.INSTRUMENTS, query)
        self._directory.learn_instruments(found)
        return found

    async def markets(self) -> tuple[Market, ...]:
        """Return every instrument as a market, with the tick and lot of its reference price.

        Both steps depend on the price of the order itself: ``increments.increment_at(price)`` has them for any.
        """
        found = await self.instruments()
        await self._learn_names()
        return tuple(parse.market(instrument, self._directory) for instrument in found)

    async def load_markets(self) -> tuple[Market, ...]:
        """Return every market, and remember which names the venue's ids stand for.

        Everything that needs the names reads them by itself; call this first to save the time later.
        """
        return await self.markets()

    async def _learn_names(self) -> None:
        """Read which names the venue's ids stand for, unless they are known: two requests, once."""
        if not self._directory.is_known:
            await self.assets()
            await self.instruments()

    @calls(rows.QUOTES)
    async def quotes(self, market: str | None = None) -> Rows[BestQuote]:
        """Return best bid and best ask, of one market or of all.

        ``GET /v1/cefi/markets/quote``, rate group public, public, read.

        Args:
            market: Only this one.

        Raises:
            MarketUnavailable: The venue knows no such market.

        Shape:
            [{"id": str, "symbol": str, "info": {"last_trade": {"price": str, "qty": str, "timestamp": ns},
            "best_bid": {"price": str, "qty": str, "order_count": str, "last_update": ns},
            "best_ask": the same, "last_update": ns}}]; price 0 or an end of the 128-bit range is an empty side

        Source:
            https://docs.truemarkets.co/apis/cefi/rest/v1/market-data/getmarketdata, read 2026-11-20.
        """
        instrument_id = None if market is None else await self._instrument_id(market)
        await self._learn_names()

        def read(found: WireRows[shapes.QuoteRow]) -> Rows[BestQuote]:
            return found.build(lambda row: parse.best_quote(row, self._directory))

        return await self._rest.call_as(rows.QUOTES, requests.TradesQuery(instrument_id), read)

    @calls(rows.COMPUTE_QUOTE)
    async def compute_quote(
        self, market: str, side: Side | str, size: Exact, *, unit: model.QuoteUnit | str = "base"
    ) -> model.Quote:
        """Return what taking a size from the visible book would do. Nothing is reserved, no order is made.

        ``POST /v1/cefi/markets/quote``, rate group public, public, read.

        Args:
            market: For instance ``BTC-PYUSD``.
            side: ``buy`` or ``sell``.
            size: How much, in ``unit``.
            unit: ``base``, or ``quote`` for the largest size, on the lot of the last level taken, that the
                amount pays for.

        Raises:
            BadRequest: The visible book does not hold that much.

        Shape:
            {"qty": str, "price": str, "notional": str, "notional_residual": str}; the older version has the
            first two

        Source:
            https://docs.truemarkets.co/apis/cefi-direct/rest/v1/market-data/postmarketsquote, read 2026-11-20.
        """
        request = requests.QuoteRequest(
            await self._instrument_id(market),
            member("side", Side, side),
            exact("size", size),
            member("unit", model.QuoteUnit, unit),
        )
        return await self._rest.call(rows.COMPUTE_QUOTE, request)

    @calls(rows.PUBLIC_TRADES)
    async def trades(self, market: str, *, limit: int = 100) -> Rows[Trade]:
        """Return the latest public trades. The venue does not tell the taker's side.

        ``GET /v1/cefi/markets/trade``, rate group public, public, read.

        Not confirmed: no page describes it; path and members are those a live client was seen to use.

        Args:
            market: For instance ``BTC-PYUSD``.
            limit: At most this many.

        Shape:
            [{"match_id": str, "price" or "trade_price": str, "qty" or "trade_qty": str, "timestamp": ns,
            "instrument_id": str}]

        Source:
            https://docs.truemarkets.co/apis/cefi/rest/v1/market-data/getmarketdata, read 2026-11-20.
        """
        query = requests.TradesQuery(await self._instrument_id(market), limit)

        def read(found: WireRows[shapes.Tape]) -> Rows[Trade]:
            return found.build(lambda row: parse.trade(row, self._directory, symbol=market))

        return await self._rest.call_as(rows.PUBLIC_TRADES, query, read)

    @calls(rows.INCREMENTS)
    async def increments(self) -> Rows[model.PublicIncrement]:
        """Return the table of ticks and lots as the venue serves it.

        ``GET /v1/cefi/markets/increment``, rate group public, public, read.

        Not confirmed: known from a release note only. Orders are checked against the published table, see
        ``tradewire.venues.truex.increments``.

        Shape:
            [{"price_from": str, "price_to": str, "price_increment": str, "qty_increment": str,
            "min_notional": str}]

        Source:
            https://docs.truemarkets.co/documentation/exchange/cefi/information/increment_sizes, read 2026-11-20.
        """
        return await self._rest.call(rows.INCREMENTS, None)

    async def book(self, market: str, *, depth: int = MAX_DEPTH) -> BookSnapshot:
        """Return the top of a book, once. The venue has no REST book: this subscribes, looks and leaves.

        Cost: a connection, unless one is open already.

        Args:
            market: For instance ``BTC-PYUSD``.
            depth: Levels a side, at most 20.
        """
        if not 1 <= depth <= MAX_DEPTH:
            raise ConfigError(f"TrueX shows 1 to {MAX_DEPTH} levels, was {depth}")
        async with self.watch_book(market) as watched:
            return await watched.snapshot(depth)

    async def ticker(self, market: str) -> Ticker:
        """Refuse: of its last 24 hours the venue tells size and notional only.

        Raises:
            NotSupported: Always.
        """
        raise NotSupported(
            f"TrueX tells neither open, high nor low of {market}",
            venue=VENUE,
            instead="instruments(symbol) for size and notional of 24 hours, quotes(market) for the last trade",
        )

    async def _instrument_id(self, market: str) -> str:
        await self._learn_names()
        return self._directory.instrument(market).instrument_id
