"""The client's public REST methods."""

from __future__ import annotations

from functools import partial

from tradewire.errors import MarketUnavailable
from tradewire.model import BookSnapshot, Market, Rows, Ticker, Trade
from tradewire.protocol.endpoint import calls
from tradewire.session.rest import RestSession
from tradewire.venues.coinex import endpoints as rows
from tradewire.venues.coinex import parse, requests, shapes
from tradewire.wire import WireRows

__all__ = ["MarketData"]


class MarketData:
    """What anybody may ask."""

    _rest: RestSession
    _rules: dict[str, Market]

    @calls(rows.PING)
    async def ping(self) -> None:
        """Ask whether the venue answers.

        ``GET /v2/ping``, rate group ip, public, read.

        Shape:
            {"data": {"result": "pong"}}

        Source:
            https://docs.coinex.com/api/v2/common/http/ping, read 2026-11-20.
        """
        return await self._rest.call(rows.PING, None)

    @calls(rows.TIME)
    async def time(self) -> int:
        """Return the venue's time, nanoseconds UTC, to the millisecond.

        ``GET /v2/time``, rate group ip, public, read.

        Shape:
            {"data": {"timestamp": int ms}}

        Source:
            https://docs.coinex.com/api/v2/common/http/time, read 2026-11-20.
        """
        return await self._rest.call(rows.TIME, None)

    @calls(rows.MARKETS)
    async def markets(self, *markets: str) -> Rows[Market]:
        """Return markets and their rules.

        ``GET /v2/spot/market``, rate group ip, public, read.

        Args:
            markets: At most ten names; none for all.

        Raises:
            MarketUnavailable: The venue knows no such market.

        Shape:
            {"data": [{"market": str, "base_ccy": str, "quote_ccy": str, "base_ccy_precision": int,
            "quote_ccy_precision": int, "min_amount": str, "maker_fee_rate": str, ...}]}

        Source:
            https://docs.coinex.com/api/v2/spot/market/http/list-market, read 2026-11-20.
        """
        return await self._rest.call(rows.MARKETS, requests.MarketsQuery(markets))

    async def load_markets(self) -> Rows[Market]:
        """Return all markets, as ``markets`` does, and keep their rules.

        From then on an order that breaks a rule (tick size, lot size, minimum) is refused with ``ConfigError``
        before it is sent, and market orders count in base units. Without it the venue judges. Rules change
        rarely: call this once, and again when the venue refuses what they allow.
        """
        found = await self.markets()
        self._rules = {market.symbol: market for market in found}
        return found

    @calls(rows.TICKERS)
    async def tickers(self, *markets: str) -> Rows[Ticker]:
        """Return the last 24 hours of markets.

        ``GET /v2/spot/ticker``, rate group ip, public, read.

        Args:
            markets: At most ten names; none for all.

        Raises:
            MarketUnavailable: The venue knows no such market.

        Shape:
            {"data": [{"market": str, "last": str, "open": str, "high": str, "low": str, "volume": str,
            "value": str}]}

        Source:
            https://docs.coinex.com/api/v2/spot/market/http/list-market-ticker, read 2026-11-20.
        """
        return await self._rest.call(rows.TICKERS, requests.MarketsQuery(markets))

    async def ticker(self, market: str) -> Ticker:
        """Return the last 24 hours of one market, as ``tickers`` does.

        Raises:
            MarketUnavailable: The venue knows no such market.
        """
        found = await self.tickers(market)
        if not found:
            raise MarketUnavailable(f"no ticker of {market}", venue="coinex", endpoint=rows.TICKERS.name)
        return found[0]

    @calls(rows.BOOK)
    async def book(self, market: str, *, depth: int = 20) -> BookSnapshot:
        """Return the top of a book, once.

        ``GET /v2/spot/depth``, rate group ip, public, read.

        For a book that follows the market use ``watch_book``.

        Args:
            market: For instance ``BTCUSDT``.
            depth: Levels a side: 5, 10, 20 or 50.

        Raises:
            MarketUnavailable: The venue knows no such market.

        Shape:
            {"data": {"market": str, "is_full": bool, "depth": {"asks": [[price str, amount str]],
            "bids": as asks, "last": str, "updated_at": int ms, "checksum": int}}}

        Source:
            https://docs.coinex.com/api/v2/spot/market/http/list-market-depth, read 2026-11-20.
        """
        return await self._rest.call(rows.BOOK, requests.DepthQuery(market, depth))

    @calls(rows.TRADES)
    async def trades(self, market: str, *, limit: int = 100, after_id: str | None = None) -> Rows[Trade]:
        """Return the latest public trades, newest first.

        ``GET /v2/spot/deals``, rate group ip, public, read.

        Args:
            market: For instance ``BTCUSDT``.
            limit: 1 to 1000.
            after_id: A trade id to start from.

        Raises:
            MarketUnavailable: The venue knows no such market.

        Shape:
            {"data": [{"deal_id": int, "created_at": int ms, "side": "buy" | "sell", "price": str,
            "amount": str}]}

        Source:
            https://docs.coinex.com/api/v2/spot/market/http/list-market-deals, read 2026-11-20.
        """

        # A deal does not name its market.
        def read(deals: WireRows[shapes.DealRow]) -> Rows[Trade]:
            return deals.build(partial(parse.trade, market))

        return await self._rest.call_as(rows.TRADES, requests.TradesQuery(market, limit, after_id), read)
