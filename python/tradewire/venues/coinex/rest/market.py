"""Public market data of spot and futures."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import Annotated, Generic, TypeVar, cast

from msgspec import field

from tradewire.errors import ConfigError, MarketUnavailable
from tradewire.model import BookSnapshot, Market, Rows, Ticker, Trade
from tradewire.protocol.arguments import check_plain, shown
from tradewire.protocol.endpoint import Reply
from tradewire.protocol.mismatch import same
from tradewire.protocol.request import Argument, Name, Request, within
from tradewire.venues.coinex import errors, parse, replies, shapes
from tradewire.venues.coinex.api import SPOT, OrderId, Part, Product, both

__all__ = ["MarketData"]

MarketT = TypeVar("MarketT", bound=Market)
TickerT = TypeVar("TickerT", bound=Ticker)

MAX_MARKETS = 10
"""Markets one request may name; none means all of them."""
BOOK_LIMITS = (5, 10, 20, 50)


def _names(_: str, markets: Sequence[str]) -> str | None:
    if len(markets) > MAX_MARKETS:
        raise ConfigError(f"a request names at most {MAX_MARKETS} markets, none for all, got {len(markets)}")
    if any("," in check_plain("market", market) for market in markets):
        raise ConfigError("pass each market as an argument of its own")
    return ",".join(markets) or None


def _depth(name: str, levels: object) -> int:
    if type(levels) is not int or levels not in BOOK_LIMITS:
        raise ConfigError(f"{name} must be one of {BOOK_LIMITS}, got {shown(levels)}")
    return levels


class MarketsQuery(Request, frozen=True):
    """Some markets, or all."""

    markets: Annotated[Sequence[str], Argument(_names)] = field(name="market", default=())


class DepthQuery(Request, frozen=True):
    """The top of one book."""

    market: Name
    depth: Annotated[int, Argument(_depth)] = field(name="limit")
    interval: str = "0"


class TradesQuery(Request, frozen=True):
    """The latest public trades of a market."""

    market: Name
    limit: Annotated[int, within(1, 1000)] = 100
    after_id: OrderId | None = field(name="last_id", default=None)


def _markets(product: Product) -> Reply[Rows[Market]]:
    if product is SPOT:
        return replies.every(shapes.MarketRow, parse.market)
    from tradewire.venues.coinex.futures import words

    return replies.every(words.MarketRow, words.market)


def _tickers(product: Product) -> Reply[Rows[Ticker]]:
    if product is SPOT:
        return replies.every(shapes.TickerRow, parse.ticker)
    from tradewire.venues.coinex.futures import words

    return replies.every(words.TickerRow, words.ticker)


MARKETS = both(
    "GET", "market", MarketsQuery, _markets,
    group="ip", source="market/http/list-market",
)  # fmt: skip
TICKERS = both(
    "GET", "ticker", MarketsQuery, _tickers,
    group="ip", source="market/http/list-market-ticker",
)  # fmt: skip
BOOK = both(
    "GET", "depth", DepthQuery, replies.one(shapes.DepthReply, parse.book),
    group="ip", source="market/http/list-market-depth", mismatch=same("market"),
)  # fmt: skip
TRADES = both(
    "GET", "deals", TradesQuery, replies.rows(shapes.DealRow),
    group="ip", source="market/http/list-market-deals",
)  # fmt: skip


class MarketData(Part, Generic[MarketT, TickerT]):
    """What anybody may ask."""

    @MARKETS.documents
    async def markets(self, *markets: str) -> Rows[MarketT]:
        """Return markets and their rules.

        Args:
            markets: At most ten names; none for all.

        Raises:
            MarketUnavailable: The venue knows no such market.
        """
        found = await self._rest.call(MARKETS[self.product], MarketsQuery(markets))
        return cast("Rows[MarketT]", found)

    async def load_markets(self) -> Rows[MarketT]:
        """Return all markets, as ``markets`` does, and keep their rules.

        From then on an order that breaks a rule (tick size, lot size, minimum) is refused with ``ConfigError``
        before it is sent, and market orders count in base units. Without it the venue judges. Rules change
        rarely: call this once, and again when the venue refuses what they allow.
        """
        found = await self.markets()
        self._rules.clear()
        self._rules.update({market.symbol: market for market in found})
        return found

    @TICKERS.documents
    async def tickers(self, *markets: str) -> Rows[TickerT]:
        """Return the last 24 hours of markets.

        Args:
            markets: At most ten names; none for all.

        Raises:
            MarketUnavailable: The venue knows no such market.
        """
        found = await self._rest.call(TICKERS[self.product], MarketsQuery(markets))
        return cast("Rows[TickerT]", found)

    async def ticker(self, market: str) -> TickerT:
        """Return the last 24 hours of one market, as ``tickers`` does.

        Raises:
            MarketUnavailable: The venue knows no such market.
        """
        found = await self.tickers(market)
        if not found:
            raise MarketUnavailable(
                f"no ticker of {market}", venue=errors.VENUE, endpoint=TICKERS[self.product].name
            )
        return found[0]

    @BOOK.client_method
    async def book(self, market: str, *, depth: int = 20) -> BookSnapshot:
        """Return the top of a book, once; for a book that follows the market use ``watch_book``.

        Args:
            market: For instance ``BTCUSDT``.
            depth: Levels a side: 5, 10, 20 or 50.

        Raises:
            MarketUnavailable: The venue knows no such market.
        """
        return await self._rest.call(BOOK[self.product], DepthQuery(market, depth))

    @TRADES.documents
    async def trades(self, market: str, *, limit: int = 100, after_id: str | None = None) -> Rows[Trade]:
        """Return the latest public trades, newest first.

        Args:
            market: For instance ``BTCUSDT``.
            limit: 1 to 1000.
            after_id: A trade id to start from.

        Raises:
            MarketUnavailable: The venue knows no such market.
        """
        # A deal does not name its market.
        return await self._rest.call_as(
            TRADES[self.product],
            TradesQuery(market, limit, after_id),
            lambda deals: deals.build(partial(parse.trade, market)),
        )
