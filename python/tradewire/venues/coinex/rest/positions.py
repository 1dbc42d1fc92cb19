"""Positions of futures: what is held, how, and closing it."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from typing import Annotated

import msgspec
from msgspec import field

from tradewire.errors import ConfigError
from tradewire.model import AccountKind, Order, OrderType, Page, Rows
from tradewire.protocol.arguments import Exact, exact, member, plain
from tradewire.protocol.endpoint import Effect
from tradewire.protocol.mismatch import mismatch, same
from tradewire.protocol.request import Amount, Argument, Name, Request, Switch, TimeMs, one_of, within
from tradewire.session.paging import every, gather
from tradewire.session.subscription import Subscription
from tradewire.venues.coinex import parse, replies, shapes
from tradewire.venues.coinex.api import (
    AccountWord,
    ClientOrderId,
    Limit,
    PageNumber,
    Part,
    api,
    check_client_order_id,
)
from tradewire.venues.coinex.futures import words
from tradewire.venues.coinex.futures.model import FuturesPosition, Leverage, MarginMode
from tradewire.venues.coinex.futures.positions import as_closed
from tradewire.venues.coinex.futures.streams import FuturesStreams, now_s
from tradewire.venues.coinex.rest.placing import new_client_order_id
from tradewire.wire import Text, Whole

__all__ = ["FuturesRequest", "Positions", "signed"]

ASKS_POSITIONS = "CoinExFutures.positions({request.market!r})"


def signed(name: str, value: Exact) -> str:
    """Return an exact number that may be below zero as it travels.

    Raises:
        ConfigError: It is 0, a float, or no number.
    """
    text = "" if isinstance(value, float) else str(value)
    is_below = text.startswith("-")
    magnitude = exact(name, text[1:] if is_below else value)
    return ("-" if is_below else "") + plain(magnitude)


class FuturesRequest(Request, frozen=True, kw_only=True):
    """Something about a futures market, or about all of them."""

    account: AccountWord = field(name="market_type", default=AccountKind.FUTURES)


class PositionsQuery(FuturesRequest, frozen=True):
    """A page of open positions."""

    market: Name | None = None
    page: PageNumber = 1
    limit: Limit = 100


class ClosedPositionsQuery(FuturesRequest, frozen=True):
    """A page of closed positions."""

    market: Name | None = None
    start_ns: TimeMs | None = field(name="start_time", default=None)
    end_ns: TimeMs | None = field(name="end_time", default=None)
    page: PageNumber = 1
    limit: Limit = 100


class ClosePosition(FuturesRequest, frozen=True):
    """An order that takes a position back, or part of it."""

    market: Name
    type: str
    price: Amount | None
    size: Amount | None = field(name="amount")
    client_order_id: ClientOrderId = field(name="client_id")
    is_hidden: Switch = field(name="is_hide")

    def mismatch(self, order: Order) -> str:
        """Return how a reply contradicts this request."""
        return mismatch(
            client_order_id=(self.client_order_id, order.client_order_id),
            account=(self.account, order.account),
            market=(self.market, order.market),
        )


class AdjustMargin(FuturesRequest, frozen=True):
    """Money into the margin of an isolated position, or out of it."""

    market: Name
    amount: Annotated[Exact, Argument(signed)]


class AdjustLeverage(FuturesRequest, frozen=True):
    """How a market's positions are held."""

    market: Name
    margin_mode: Annotated[MarginMode | str, one_of(MarginMode)]
    leverage: Annotated[int, within(1)]


class LeverageReply(msgspec.Struct, frozen=True):
    """``POST /v2/futures/adjust-position-leverage``."""

    margin_mode: Text
    leverage: Whole


def _leverage(reply: LeverageReply) -> Leverage:
    return Leverage(MarginMode(reply.margin_mode.lower()), reply.leverage)


POSITIONS = api(
    "GET", "/v2/futures/pending-position", PositionsQuery, replies.page(words.PositionRow, words.position),
    group="futures-account", source="futures/position/http/list-pending-position", mismatch=same("market"),
)  # fmt: skip
CLOSED_POSITIONS = api(
    "GET", "/v2/futures/finished-position", ClosedPositionsQuery,
    replies.page(words.PositionRow, words.closed_position),
    group="futures-history", source="futures/position/http/list-finished-position", mismatch=same("market"),
)  # fmt: skip
CLOSE_POSITION = api(
    "POST", "/v2/futures/close-position", ClosePosition, replies.one(shapes.FuturesOrderRow, parse.order),
    group="futures-put", source="futures/position/http/close-position", mismatch=ClosePosition.mismatch,
    lookup="CoinExFutures.open_orders(client_order_id={request.client_order_id!r}), then "
    "CoinExFutures.closed_orders(client_order_id={request.client_order_id!r})",
)  # fmt: skip
ADJUST_MARGIN = api(
    "POST", "/v2/futures/adjust-position-margin", AdjustMargin, replies.one(words.PositionRow, words.position),
    group="futures-put", source="futures/position/http/adjust-position-margin", mismatch=same("market"),
    lookup=ASKS_POSITIONS,
)  # fmt: skip
ADJUST_LEVERAGE = api(
    "POST", "/v2/futures/adjust-position-leverage", AdjustLeverage, replies.one(LeverageReply, _leverage),
    group="futures-put", source="futures/position/http/adjust-position-leverage",
    mismatch=same("margin_mode", "leverage"), effect=Effect.REPEATABLE, lookup=ASKS_POSITIONS,
)  # fmt: skip


class Positions(Part):
    """What we hold. All of it needs credentials."""

    _streams: FuturesStreams

    @POSITIONS.documents
    async def positions(self, market: str | None = None) -> Rows[FuturesPosition]:
        """Return every open position, one request per hundred.

        Args:
            market: Only in this market.
        """
        return await gather(
            lambda page, _: self._rest.call(POSITIONS, PositionsQuery(market=market, page=page))
        )

    def position(self, market: str) -> FuturesPosition:
        """Return our position as the stream and the last look at REST left it, without asking; size 0 for none.

        Args:
            market: Its market.

        Raises:
            ConfigError: ``watch_positions`` is not open for the market, or positions are being read after a loss.
        """
        return self._streams.known_position(market)

    async def check_positions(self) -> tuple[FuturesPosition, ...]:
        """Ask for every position, take over what the venue says, and return those of which we knew something else.

        They go to ``watch_positions`` as well. The client does this by itself after every reconnect. A position that
        the venue does not list, and that was not reported in the last seconds, is closed.
        """
        asked_at_s = now_s()
        news, gone = self._streams.checked(await self.positions(), asked_at_s)
        for position in gone:
            closed = await self._closed(position)
            if self._streams.ended(position, closed):
                news.append(closed)
        return tuple(news)

    async def _closed(self, position: FuturesPosition) -> FuturesPosition:
        page = await self.closed_positions(position.market, start_ns=position.created_at_ns)
        return next((one for one in page if one.position_id == position.position_id), as_closed(position))

    @CLOSED_POSITIONS.client_method
    async def closed_positions(
        self,
        market: str | None = None,
        *,
        start_ns: int | None = None,
        end_ns: int | None = None,
        page: int = 1,
        limit: int = 100,
    ) -> Page[FuturesPosition]:
        """Return a page of closed positions, newest first.

        Args:
            market: Only in this market.
            start_ns: Not before this time, nanoseconds UTC; the venue counts milliseconds.
            end_ns: Not after this time.
            page: From 1.
            limit: 1 to 100.
        """
        query = ClosedPositionsQuery(market=market, start_ns=start_ns, end_ns=end_ns, page=page, limit=limit)
        return await self._rest.call(CLOSED_POSITIONS, query)

    async def all_closed_positions(
        self, market: str | None = None, *, start_ns: int | None = None
    ) -> AsyncIterator[FuturesPosition]:
        """Yield all closed positions, newest first; one request per hundred, as ``closed_positions``."""
        async for position in every(
            lambda page, _: self.closed_positions(market, start_ns=start_ns, page=page)
        ):
            yield position

    @CLOSE_POSITION.client_method
    async def close_position(
        self,
        market: str,
        size: Exact | None = None,
        price: Exact | None = None,
        *,
        type: OrderType | str = OrderType.MARKET,  # noqa: A002 - the field's word for it
        client_order_id: str | None = None,
        is_hidden: bool = False,
    ) -> Order:
        """Place an order that only takes our position back, and return it as the venue accepted it.

        Args:
            market: The position's market.
            size: Base units; all of it if left out.
            price: Quote units per base unit, for a limit order.
            type: ``market`` or ``limit``.
            client_order_id: As for ``place_order``.
            is_hidden: Keep it out of the public book.

        Raises:
            ConfigError: An argument is malformed.
            OrderRejected: There is no such position, or less of it; the message says which.
            OutcomeUnknown: No proof either way, and never sent twice; ask as for ``place_order``.
        """
        kind = member("type", OrderType, type)
        if (price is None) is not (kind is OrderType.MARKET):
            raise ConfigError("a limit order needs a price, and a market order has none")
        name = new_client_order_id() if client_order_id is None else check_client_order_id(client_order_id)
        self._check_rules(
            market,
            None if size is None else exact("size", size),
            None if price is None else exact("price", price),
        )
        request = ClosePosition(
            market=market, type=kind.value, price=price, size=size, client_order_id=name, is_hidden=is_hidden
        )
        order = await self._rest.call(CLOSE_POSITION, request)
        self._streams.account.take_order(order)
        return order

    @ADJUST_MARGIN.client_method
    async def adjust_position_margin(self, market: str, amount: Exact) -> FuturesPosition:
        """Change the margin of our isolated position, and return the position.

        Args:
            market: The position's market.
            amount: What is added, units of the asset the market settles in; below zero, what is taken out.

        Raises:
            InsufficientFunds: There is not as much to add, or to take out.
            OutcomeUnknown: No proof either way. Ask ``positions(market)`` for its margin before trying again.
        """
        return self._streams.heard(
            await self._rest.call(ADJUST_MARGIN, AdjustMargin(market=market, amount=amount))
        )

    @ADJUST_LEVERAGE.client_method
    async def adjust_position_leverage(
        self, market: str, margin_mode: MarginMode | str, leverage: int
    ) -> Leverage:
        """Choose how our position in a market is held, the next one too.

        Args:
            market: For instance ``BTCUSDT``.
            margin_mode: ``cross`` or ``isolated``.
            leverage: One of ``FuturesMarket.leverages``.

        Raises:
            Rejected: The position, or an open order, does not allow it.
        """
        request = AdjustLeverage(market=market, margin_mode=margin_mode, leverage=leverage)
        return await self._rest.call(ADJUST_LEVERAGE, request)

    def watch_positions(
        self,
        market: str = "",
        *,
        on_update: Callable[[FuturesPosition], None] | None = None,
        bound: int = 10_000,
    ) -> Subscription[FuturesPosition]:
        """Watch our positions. ``server.sign``, ``position.subscribe``.

        Pushes begin with the next change. What is held is asked for once subscribed and after every reconnect, and
        what differs comes here too; a closed position comes with size 0.

        Args:
            market: Empty for every market.
            on_update: Called in the loop iteration that read the socket; leave it out to iterate.
            bound: Length of the iterator's queue; once it is full, ``StreamOverflow`` follows what it holds.

        Raises:
            ConfigError: No credentials, or the client is closed.

        Source:
            https://docs.coinex.com/api/v2/futures/position/ws/user-position, read 2026-11-20.
        """
        return self._streams.watch_positions(market, on_update, bound)
