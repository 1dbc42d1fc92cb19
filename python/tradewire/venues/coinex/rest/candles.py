"""Candles of both products."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Annotated

from msgspec import field

from tradewire.errors import ConfigError
from tradewire.model import CandleInterval, Rows
from tradewire.protocol.arguments import check_plain, member
from tradewire.protocol.mismatch import same
from tradewire.protocol.request import Name, Request, TimeMs, one_of, within
from tradewire.session.candles import check_span, every_candle
from tradewire.venues.coinex import parse_prices, replies, shapes
from tradewire.venues.coinex.api import SPOT, Part, both
from tradewire.venues.coinex.model import CoinExCandle, TriggerPrice
from tradewire.venues.coinex.products import PERIODS
from tradewire.wire import WireRows

__all__ = ["Candles"]

NS_PER_S = 1_000_000_000
MOST = 1000
"""Candles of one reply."""
CLOCK_MARGIN_NS = NS_PER_S
"""How much earlier than it ended, by our estimate of the venue's clock, a candle may still grow."""


class CandlesQuery(Request, frozen=True):
    """Candles of a market."""

    market: Name
    interval: Annotated[CandleInterval | str, one_of(CandleInterval, PERIODS)] = field(name="period")
    start_ns: TimeMs | None = field(name="start_time", default=None)
    end_ns: TimeMs | None = field(name="end_time", default=None)
    limit: Annotated[int, within(1, MOST)] = 100
    price_type: Annotated[TriggerPrice | str, one_of(TriggerPrice)] = TriggerPrice.LATEST


CANDLES = both(
    "GET", "kline", CandlesQuery, replies.rows(shapes.CandleRow),
    group="ip", source="market/http/list-market-kline", mismatch=same("market"),
)  # fmt: skip


class Candles(Part):
    """Candles. Each has the venue's own ``volume`` and ``value`` as they came, see ``CoinExCandle``."""

    def candles(
        self,
        market: str,
        interval: CandleInterval | str,
        start_ns: int,
        end_ns: int | None = None,
        *,
        price_type: TriggerPrice | str = TriggerPrice.LATEST,
    ) -> AsyncIterator[CoinExCandle]:
        """Yield the candles that begin from ``start_ns`` on and before ``end_ns``, oldest first, each once.

        No candle of the venue is missing between two that come. The one that still grows is the last if it is within
        the span, with ``is_closed`` false. An interval for which the venue sends none, for instance before a market
        was listed, has none here.

        Cost: one request for each 999 intervals of the span, sent when its first candle is wanted; one more for the
        venue's time if that is not known yet.

        Args:
            market: For instance ``BTCUSDT``.
            interval: ``1m`` ``3m`` ``5m`` ``15m`` ``30m`` ``1h`` ``2h`` ``4h`` ``6h`` ``12h`` ``1d`` ``3d`` ``1w``.
            start_ns: Time, nanoseconds UTC; the venue counts milliseconds.
            end_ns: Time, nanoseconds UTC; now if left out.
            price_type: Which price: ``latest_price``, ``index_price``, or ``mark_price`` for futures.

        Raises:
            ConfigError: An argument is malformed.
            MarketUnavailable: The venue knows no such market.
            UnreadableRow: A candle cannot be read; without it the list would have a gap.
        """
        query = CandlesQuery(
            check_plain("market", market),
            member("interval", CandleInterval, interval),
            limit=MOST,
            price_type=self._price_type(price_type),
        )
        check_span(start_ns, end_ns)
        return self._every(query, start_ns, end_ns)

    @CANDLES.documents
    async def latest_candles(
        self,
        market: str,
        interval: CandleInterval | str,
        *,
        limit: int = 100,
        price_type: TriggerPrice | str = TriggerPrice.LATEST,
    ) -> Rows[CoinExCandle]:
        """Return the latest candles, in the venue's order, the one that still grows among them.

        Args:
            market: For instance ``BTCUSDT``.
            interval: As for ``candles``.
            limit: 1 to 1000.
            price_type: As for ``candles``.

        Raises:
            MarketUnavailable: The venue knows no such market.
        """
        kind = self._price_type(price_type)
        return await self._ask(CandlesQuery(market, interval, None, None, limit, kind))

    def _price_type(self, price_type: TriggerPrice | str) -> TriggerPrice:
        kind = member("price_type", TriggerPrice, price_type)
        if kind is TriggerPrice.MARK and self.product is SPOT:
            raise ConfigError("spot has no mark price: price_type must be latest_price or index_price")
        return kind

    async def _every(
        self, query: CandlesQuery, start_ns: int, end_ns: int | None
    ) -> AsyncIterator[CoinExCandle]:
        if not self._rest.clock.believed:
            await self._rest.ask_time()

        async def fetch(from_ns: int, until_ns: int) -> Rows[CoinExCandle]:
            return await self._ask(
                CandlesQuery(query.market, query.interval, from_ns, until_ns, MOST, query.price_type)
            )

        until_ns = self._rest.venue_now_ns + 1 if end_ns is None else end_ns
        interval = CandleInterval(query.interval)
        async for candle in every_candle(fetch, interval, start_ns, until_ns, per_request=MOST - 1):
            yield candle

    async def _ask(self, query: CandlesQuery) -> Rows[CoinExCandle]:
        # What the reply has grows until the venue makes it, so that the time is taken before.
        asked_ns = self._rest.venue_now_ns - CLOCK_MARGIN_NS
        interval = member("interval", CandleInterval, query.interval)

        def build(found: WireRows[shapes.CandleRow]) -> Rows[CoinExCandle]:
            return found.build(lambda row: parse_prices.candle(row, interval, asked_ns))

        return await self._rest.call_as(CANDLES[self.product], query, build)
