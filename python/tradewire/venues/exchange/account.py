"""The client's methods that read the account. All of them need a key."""

from __future__ import annotations

from decimal import Decimal
from typing import NoReturn

from tradewire.errors import ConfigError, NotSupported, OrderNotFound
from tradewire.model import Balance, Fill, Order, Page, Position, Rows, Side
from tradewire.protocol.arguments import Exact, member
from tradewire.protocol.endpoint import calls
from tradewire.session.rest import RestSession
from tradewire.venues.exchange import endpoints as rows
from tradewire.venues.exchange import model, parse, requests, shapes
from tradewire.venues.exchange.connection import Streams
from tradewire.venues.exchange.errors import VENUE
from tradewire.venues.exchange.user_values import OrderFields

__all__ = ["Account", "fields_of"]


class Account:
    """What a trader may ask."""

    _rest: RestSession
    _streams: Streams

    @calls(rows.USER)
    async def user(self) -> model.Profile:
        """Return who we are. The profile holds the key itself.

        ``GET /api/v1/user``, rate group trader, keyed, read.

        Shape:
            {"trader_id": uuid, "username": str, "api_key": str, "created_at": time}

        Source:
            https://www.mintlify.com/jamxu88/exchange/guides/rest-api, read 2026-11-20.
        """
        return await self._rest.call(rows.USER, None)

    @calls(rows.POSITIONS)
    async def positions(self) -> Rows[Position]:
        """Return our positions by market. One that is flat and never won or lost anything is not listed.

        ``GET /api/v1/positions``, rate group trader, keyed, read.

        Shape:
            [{"market": str, "net_quantity": int, "average_entry_price": int | null, "realized_pnl": int,
            "updated_at": time}]

        Source:
            https://www.mintlify.com/jamxu88/exchange/guides/rest-api, read 2026-11-20.
        """
        return await self._rest.call(rows.POSITIONS, None)

    @calls(rows.BALANCE)
    async def positions_legacy(self) -> Rows[Position]:
        """Return our positions by the path they once had. The venue holds no balances, whatever it is called.

        ``GET /api/v1/balance``, rate group trader, keyed, read.

        Shape:
            As ``positions``.

        Source:
            https://www.mintlify.com/jamxu88/exchange/guides/rest-api, read 2026-11-20.
        """
        return await self._rest.call(rows.BALANCE, None)

    @calls(rows.PORTFOLIO)
    async def portfolio(self) -> model.Portfolio:
        """Return our positions and their limit. The venue adds no marks and no unrealized profit.

        ``GET /api/v1/portfolio``, rate group trader, keyed, read.

        Shape:
            {"trader_id": uuid, "position_limit": int, "positions": as ``positions``}

        Source:
            https://www.mintlify.com/jamxu88/exchange/guides/rest-api, read 2026-11-20.
        """
        return await self._rest.call(rows.PORTFOLIO, None)

    @calls(rows.LEADERBOARD)
    async def leaderboard(self, *, limit: int | None = None) -> Rows[model.LeaderboardRow]:
        """Return every trader by net profit and loss, best first.

        ``GET /api/v1/leaderboard``, rate group trader, keyed, read.

        Args:
            limit: How many; all if left out.

        Shape:
            [{"rank": int, "trader_id": uuid, "username": str, "net_pnl": int, "realized_pnl": int,
            "unrealized_pnl": int, "gross_exposure": int}]

        Source:
            https://www.mintlify.com/jamxu88/exchange/guides/rest-api, read 2026-11-20.
        """
        return await self._rest.call(rows.LEADERBOARD, requests.LimitQuery(limit))

    @calls(rows.OPEN_ORDERS)
    async def open_orders(self, market: str | None = None) -> Rows[Order]:
        """Return our resting orders, oldest first.

        ``GET /api/v1/open-orders``, rate group trader, keyed, read.

        ``filled_size`` is exact for orders this client has followed; for others it takes the order as never
        amended, since the venue does not tell.

        Args:
            market: All markets if left out; one the venue does not know has none.

        Shape:
            [{"id": uuid, "trader_id": uuid, "market": str, "side": "BUY" | "SELL", "price": int,
            "quantity": int, "remaining": int, "created_at": time}]

        Source:
            https://www.mintlify.com/jamxu88/exchange/guides/rest-api, read 2026-11-20.
        """
        found = await self._rest.call(rows.OPEN_ORDERS, requests.MarketQuery(market))
        return Rows([self._streams.heard(fields_of(row)) for row in found], found.unreadable)

    @calls(rows.FILLS)
    async def executions(self, market: str | None = None) -> Rows[model.Execution]:
        """Return our executions as the venue tells them, oldest first, all of them: without sides.

        ``GET /api/v1/fills``, rate group trader, keyed, read.

        Cost: the whole history in one reply.

        Args:
            market: All markets if left out.

        Shape:
            [{"fill_id": uuid, "market": str, "maker_order_id": uuid, "taker_order_id": uuid, "price": int,
            "quantity": int, "occurred_at": time}]

        Source:
            https://www.mintlify.com/jamxu88/exchange/guides/rest-api, read 2026-11-20.
        """
        return await self._rest.call(rows.FILLS, requests.MarketQuery(market))

    async def resting(self, market: str | None = None) -> Rows[OrderFields]:
        """Return our resting orders as the streams tell them; ``open_orders`` is for people."""
        found = await self._rest.call(rows.OPEN_ORDERS, requests.MarketQuery(market))
        return Rows(map(fields_of, found), found.unreadable)

    async def fills(self, market: str, *, start_ns: int | None = None, page: int = 1) -> Page[Fill]:
        """Return our fills in ``market``, newest first, on one page.

        The venue tells neither side nor which order is ours. Both are known for orders this client has seen;
        a fill of an order it has not seen has no side and no order id. One with ourselves counts twice.

        Args:
            market: For instance ``ABC-USD``.
            start_ns: Leave out what is older, UTC.
            page: There is only the first.
        """
        if page != 1:
            return Page((), has_next=False)
        account = self._streams.state.account
        found = [
            fill
            for execution in await self.executions(market)
            if start_ns is None or execution.time_ns >= start_ns
            for fill in account.fill_of(execution)
        ]
        return Page(tuple(reversed(found)), has_next=False, total=len(found))

    async def order(self, market: str, order_id: str) -> Order:
        """Return one order, resting or ended. The venue has no such question: this asks for what rests, then for fills.

        Cost: for one that has gone without a word of the venue's, as long as its reads may lag.

        An amended order whose events this client did not follow is told as not found even if all that was left
        of it was filled.

        Args:
            market: Its market.
            order_id: ``Order.order_id``.

        Raises:
            OrderNotFound: It does not rest, and this client has not seen it, so that nobody can tell what
                became of it.
        """
        requests.check_order_id(order_id)
        for order in await self.open_orders(market):
            if order.order_id == order_id:
                return order
        account = self._streams.account
        known = self._streams.state.account.find(order_id)
        if account.tracker.order(order_id) is None and known is not None:
            account.take_order(known.report(self._streams.now().venue_ns))
        live = account.tracker.order(order_id)
        if live is None:
            message = "it does not rest, and this client has not followed it"
            raise OrderNotFound(message, code="order_not_found", venue=VENUE, endpoint=rows.OPEN_ORDERS.name)
        if live.report is not None and live.status.is_final:
            return live.report
        return await account.settle(live)

    async def balances(self) -> tuple[Balance, ...]:
        """Refuse: the venue holds positions, no assets.

        Raises:
            NotSupported: Always.
        """
        _no_balances()

    def position(self, market: str) -> Position:
        """Return our position as kept from fills by the venue's own rules, without asking.

        As new as the last event while the user's stream is open (any of ``watch_orders``, ``watch_fills``,
        ``watch_positions`` or trading over WebSocket opens it).

        Raises:
            ConfigError: The account has not been read yet, or is being read anew after a loss.
        """
        self._check_known()
        return self._streams.state.account.positions.of(market)

    def unrealized_pnl(self, market: str, mark: Exact) -> Decimal:
        """Return what closing our position at ``mark`` would add to what is realized.

        Raises:
            ConfigError: As ``position``.
        """
        return self.position(market).unrealized_pnl(requests.whole("mark", mark))

    def exposure(self, market: str, side: Side | str, size: Exact) -> int | None:
        """Return the worst position for which the venue would refuse an order, ``None`` if it would take it.

        The venue's own rule: the position plus every open order of the side, this one's whole size included,
        may not pass 1000 either way. Orders still under way are not counted: the venue may refuse them.

        Raises:
            ConfigError: As ``position``, or a malformed argument.
        """
        self._check_known()
        return self._streams.state.account.exposure(
            market, member("side", Side, side), requests.whole("size", size)
        )

    def _check_known(self) -> None:
        if not self._streams.state.account.is_known:
            raise ConfigError("the account is not read yet: await client.account_ready() first")


def fields_of(row: shapes.OrderRow) -> OrderFields:
    """Return an order of REST as the streams tell it."""
    return OrderFields(
        row.id,
        row.market,
        parse.side(row.side).value,
        row.price,
        row.quantity,
        row.remaining,
        parse.nanoseconds(row.created_at),
    )


def _no_balances() -> NoReturn:
    raise NotSupported("Exchange holds no assets", venue=VENUE, instead="positions(), position(market)")
