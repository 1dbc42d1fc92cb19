"""Public market data. None of it needs credentials; a book once is a matter of the stream."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Annotated

from msgspec import field

from tradewire.errors import NotSupported
from tradewire.model import BestQuote, Candle, CandleInterval, Rows, Side, Ticker, Trade
from tradewire.protocol.arguments import Exact
from tradewire.protocol.endpoint import Effect
from tradewire.protocol.request import Amount, Request, one_of
from tradewire.venues.truex import parse, replies, shapes
from tradewire.venues.truex.api import Limit, SideWord, api, legacy
from tradewire.venues.truex.errors import VENUE
from tradewire.venues.truex.model import Quote, QuoteUnit
from tradewire.venues.truex.rest.reference import Reference

__all__ = ["MarketData"]


class MarketQuery(Request, frozen=True):
    """Public trades of an instrument, or best prices of one or of all."""

    instrument_id: str | None
    limit: Limit | None = field(name="size", default=None)


class QuoteRequest(Request, frozen=True):
    """A quote to compute."""

    instrument_id: str
    side: SideWord
    size: Amount = field(name="qty")
    unit: Annotated[QuoteUnit | str, one_of(QuoteUnit, str.upper)] = field(name="qty_unit")


QUOTES = api(
    "GET", "/v1/cefi/markets/quote", MarketQuery, replies.rows(shapes.QuoteRow),
    group="public", source="apis/cefi/rest/v1/market-data/getmarketdata",
    spellings=legacy("markets/quote", "market/quote"),
)  # fmt: skip
COMPUTE_QUOTE = api(
    "POST", "/v1/cefi/markets/quote", QuoteRequest, replies.one(Quote, replies.itself),
    group="public", source="apis/cefi-direct/rest/v1/market-data/postmarketsquote", effect=Effect.READ,
    spellings=legacy("markets/quote", "market/quote"),
)  # fmt: skip
PUBLIC_TRADES = api(
    "GET", "/v1/cefi/markets/trade", MarketQuery, replies.rows(shapes.Tape),
    group="public", source="apis/cefi/rest/v1/market-data/getmarketdata", spellings=legacy("market/trade"),
)  # fmt: skip


class MarketData(Reference):
    """What anybody may ask."""

    @QUOTES.documents
    async def quotes(self, market: str | None = None) -> Rows[BestQuote]:
        """Return best bid and best ask, of one market or of all.

        Price 0 or an end of the 128-bit range is an empty side.

        Args:
            market: Only this one.

        Raises:
            MarketUnavailable: The venue knows no such market.
        """
        query = MarketQuery(None if market is None else await self._instrument_id(market))
        await self._learn_names()
        return await self._rest.call_as(
            QUOTES, query, lambda found: found.build(lambda row: parse.best_quote(row, self._directory))
        )

    @COMPUTE_QUOTE.client_method
    async def compute_quote(
        self, market: str, side: Side | str, size: Exact, *, unit: QuoteUnit | str = "base"
    ) -> Quote:
        """Return what taking a size from the visible book would do. Nothing is reserved, no order is made.

        Args:
            market: For instance ``BTC-PYUSD``.
            side: ``buy`` or ``sell``.
            size: How much, in ``unit``.
            unit: ``base``, or ``quote`` for the largest size, on the lot of the last level taken, that the
                amount pays for.

        Raises:
            BadRequest: The visible book does not hold that much.
        """
        request = QuoteRequest(await self._instrument_id(market), side, size, unit)
        return await self._rest.call(COMPUTE_QUOTE, request)

    @PUBLIC_TRADES.documents
    async def trades(self, market: str, *, limit: int = 100) -> Rows[Trade]:
        """Return the latest public trades. The venue does not tell the taker's side.

        Not confirmed: no page describes it; path and members are those a live client was seen to use.

        Args:
            market: For instance ``BTC-PYUSD``.
            limit: At most this many.
        """
        query = MarketQuery(await self._instrument_id(market), limit)
        return await self._rest.call_as(
            PUBLIC_TRADES,
            query,
            lambda found: found.build(lambda row: parse.trade(row, self._directory, symbol=market)),
        )

    def candles(
        self,
        market: str,
        interval: CandleInterval | str,
        start_ns: int,
        end_ns: int | None = None,
    ) -> AsyncIterator[Candle]:
        """Refuse: the trading API has no candles; ``/api/v1/market/candle`` and ``/candles`` answer 404.

        Raises:
            NotSupported: Always.
        """
        del start_ns, end_ns
        raise NotSupported(
            f"TrueX has no candles of {market}, of {interval} or any other interval",
            venue=VENUE,
            instead="trades(market) for the latest ones, watch_trades(market) from now on",
        )

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
