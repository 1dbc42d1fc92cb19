"""The client of the toy exchange: it describes, ``tradewire.session`` wires."""

from __future__ import annotations

import os
import random
import uuid
from collections.abc import AsyncIterator, Callable, Sequence
from typing import Any, Self, Unpack

from tradewire.book import Book, BookEvent
from tradewire.errors import NotSupported, OrderNotFound
from tradewire.interface import Capabilities, ClientOptions, OrderSender, VenueClient
from tradewire.model import (
    Balance,
    BookSnapshot,
    Candle,
    CandleInterval,
    Fill,
    Market,
    Order,
    OrderType,
    Page,
    Side,
    Ticker,
    TimeInForce,
    Trade,
)
from tradewire.protocol.arguments import Exact
from tradewire.protocol.backoff import Backoff
from tradewire.protocol.channels import Channel
from tradewire.protocol.events import Event
from tradewire.protocol.limits import Limiter
from tradewire.protocol.new_order import check_terms
from tradewire.protocol.stream import StreamProtocol
from tradewire.protocol.timing import Timing
from tradewire.session.account import AccountConnection, AccountDescription
from tradewire.session.cancelling import cancel_each, close_within_s
from tradewire.session.journalling import Reconciliation
from tradewire.session.lifetime import AsyncCloseable
from tradewire.session.live_order import LiveOrder
from tradewire.session.metrics import StreamMetrics
from tradewire.session.raw import RawRequests
from tradewire.session.rest import RestSession
from tradewire.session.stream import StreamSession
from tradewire.session.subscription import Subscription
from tradewire.session.watched_book import BookSubscription
from tradewire.transport.default import default_http
from tradewire.transport.network import DIRECT
from tradewire.transport.ws import PicowsTransport

from . import rows
from .stream import BOOK, FILLS, ORDERS, Dialect, ToyEvent, ToyFeed

__all__ = ["Toy"]

LIVE = ("https://toy.example", "wss://toy.example/stream")


class _Prepared:
    """Sends orders of one kind."""

    def __init__(self, send: Callable[..., LiveOrder]) -> None:
        self._send = send

    def send(
        self, size: Exact, price: Exact | None = None, *, client_order_id: str | None = None
    ) -> LiveOrder:
        """Place one order without waiting."""
        return self._send(size, price, client_order_id=client_order_id)


class Toy(RawRequests, AsyncCloseable):
    """The toy exchange.

    Args:
        key: The account's key; empty for public data only.
        urls: REST and WebSocket.
        options: What every client takes.
    """

    capabilities = Capabilities(
        amend=False,
        client_order_ids=True,
        post_only=False,
        market_orders=False,
        time_in_force=frozenset({TimeInForce.GTC}),
        order_entry=frozenset({"rest"}),
        book="level2",
    )

    def __init__(
        self, key: str = "", *, urls: tuple[str, str] = LIVE, **options: Unpack[ClientOptions]
    ) -> None:
        network, timing = options.get("network", DIRECT), options.get("timing") or Timing()
        self._cancel_within_s = close_within_s(options.get("cancel_on_close", False))
        self._http = options.get("http") or default_http(network)
        self._rest = RestSession(rows.RestRules(key), urls[0], self._http, Limiter(rows.RATES_PER_S))
        self._feed, self._dialect = ToyFeed(), Dialect(key)
        self._session: StreamSession[ToyEvent] = StreamSession(
            url=urls[1],
            transport=options.get("ws") or PicowsTransport(network),
            protocol=StreamProtocol(self._dialect, self._feed, Backoff(random.random), timing),
            decoder=self._dialect,
            timing=timing,
            on_released=self._on_released,
            on_error=options.get("on_error"),
        )
        description = AccountDescription(
            rows.VENUE, ORDERS, FILLS, lambda market: (Channel(ORDERS),), window_s=2.0
        )
        self._found: Reconciliation | None = None
        self._account = AccountConnection(
            self._session, description, self, self._rest, journal=options.get("journal")
        )

    @classmethod
    def from_env(cls, **options: Unpack[ClientOptions]) -> Self:
        """Return a client of the live venue with the key in ``TOY_KEY``."""
        return cls(os.environ["TOY_KEY"], **options)

    @classmethod
    def for_sandbox(cls, box: Any, /, **options: Any) -> Self:
        """Return a client of a sandbox's toy exchange, with the key of its default trader."""
        venue = box.venue("toy")
        return cls(venue.key, urls=(venue.rest_url, venue.ws_url), **options)

    async def close(self) -> None:
        """Close every connection and leave no task behind."""
        await self._account.tracker.cancel_live(self._cancel_within_s, venue=rows.VENUE)
        await self._account.close()
        await self._http.close()

    @rows.TIME.client_method
    async def time(self) -> int:
        """Return the exchange's time."""
        return await self._rest.call(rows.TIME, None)

    @rows.MARKETS.client_method
    async def markets(self) -> tuple[Market, ...]:
        """Return every market."""
        return await self._rest.call(rows.MARKETS, None)

    async def load_markets(self) -> tuple[Market, ...]:
        """Return every market."""
        return await self.markets()

    async def ticker(self, market: str) -> Ticker:
        """Refuse."""
        raise NotSupported("Toy has no tickers", venue=rows.VENUE, instead="book()")

    async def book(self, market: str, *, depth: int = 20) -> BookSnapshot:
        """Return the top of a book."""
        whole = await self._rest.call(rows.BOOK, rows.MarketQuery(market))
        return BookSnapshot(
            market=whole.market, bids=whole.bids[:depth], asks=whole.asks[:depth], time_ns=whole.time_ns
        )

    async def trades(self, market: str, *, limit: int = 100) -> tuple[Trade, ...]:
        """Refuse."""
        raise NotSupported("Toy has no public trades", venue=rows.VENUE, instead="watch_book()")

    def candles(
        self, market: str, interval: CandleInterval | str, start_ns: int, end_ns: int | None = None
    ) -> AsyncIterator[Candle]:
        """Refuse."""
        raise NotSupported("Toy has no candles", venue=rows.VENUE, instead="watch_book()")

    async def place_order(
        self, market: str, side: Side | str, size: Exact, price: Exact | None = None, **more: Any
    ) -> Order:
        """Place one order and return it as the exchange accepted it."""
        return await self._account.placed(self.send_order(market, side, size, price, **more))

    def send_order(
        self,
        market: str,
        side: Side | str,
        size: Exact,
        price: Exact | None = None,
        *,
        type: OrderType | str = OrderType.LIMIT,  # noqa: A002
        time_in_force: TimeInForce | str = TimeInForce.GTC,
        post_only: bool = False,
        client_order_id: str | None = None,
    ) -> LiveOrder:
        """Place one order without waiting."""
        if price is None or (type, time_in_force, post_only) != ("limit", "gtc", False):
            raise NotSupported("Toy has plain limit orders only", venue=rows.VENUE, instead="a price")
        request = rows.PlaceOrder(
            **check_terms(market, side, size, price, type, time_in_force, post_only),
            client_order_id=client_order_id or uuid.uuid4().hex,
        )
        return self._account.submit(
            request.client_order_id, lambda: self._rest.call(rows.PLACE, request), request.as_sent
        )

    def prepare_order(self, market: str, side: Side | str, **kind: Any) -> OrderSender:
        """Return what sends orders of one kind."""
        return _Prepared(
            lambda size, price, **more: self.send_order(market, side, size, price, **kind, **more)
        )

    async def amend_order(
        self, market: str, order_id: str, *, price: Exact | None = None, size: Exact | None = None
    ) -> Order:
        """Refuse."""
        raise NotSupported("Toy does not amend", venue=rows.VENUE, instead="cancel_order() and place_order()")

    async def cancel_order(self, market: str, order_id: str) -> Order:
        """Cancel one order."""
        return self._account.heard(await self._rest.call(rows.CANCEL, rows.OrderId(order_id)))

    async def cancel_all(self, market: str | None = None) -> None:
        """Cancel every open order of a market, or of all markets."""
        found = {order.order_id: order for order in await self.open_orders(market)}
        await cancel_each(
            found, lambda order: self.cancel_order(order.market, order.order_id), venue=rows.VENUE
        )

    async def order(self, market: str, order_id: str) -> Order:
        """Return one order."""
        return self._account.heard(await self._rest.call(rows.ORDER, rows.OrderId(order_id)))

    async def open_orders(self, market: str | None = None) -> tuple[Order, ...]:
        """Return every open order."""
        found = await self._rest.call(rows.OPEN_ORDERS, None)
        return tuple(order for order in found if market in {None, order.market})

    async def fills(self, market: str, *, start_ns: int | None = None, page: int = 1) -> Page[Fill]:
        """Return our trades, all on one page."""
        return await self._rest.call(rows.FILLS, rows.FillsQuery(market, start_ns or 0))

    async def balances(self) -> tuple[Balance, ...]:
        """Return the account's assets."""
        return await self._rest.call(rows.BALANCES, None)

    def watch_book(
        self, market: str, *, depth: int = 0, on_update: Callable[[BookEvent], None] | None = None
    ) -> BookSubscription[Any, Book]:
        """Keep a live book, whole."""
        book = self._feed.add_book(market)
        watch: BookSubscription[Any, Book] = BookSubscription(
            book, Channel(BOOK, market), self._session, on_update
        )
        self._session.start(watch)
        return watch

    def watch_trades(
        self, market: str = "", *, on_update: Callable[[Trade], None] | None = None
    ) -> Subscription[Trade]:
        """Refuse."""
        raise NotSupported("Toy has no public trades", venue=rows.VENUE, instead="watch_book()")

    def watch_orders(
        self, market: str = "", *, on_update: Callable[[Order], None] | None = None
    ) -> Subscription[Order]:
        """Watch our orders."""
        return self._session.watch((Channel(ORDERS, market),), on_update, 10_000)

    def watch_fills(
        self, market: str = "", *, on_update: Callable[[Fill], None] | None = None
    ) -> Subscription[Fill]:
        """Watch our trades."""
        return self._session.watch((Channel(FILLS, market),), on_update, 10_000)

    def watch_balances(
        self, asset: str = "", *, on_update: Callable[[Balance], None] | None = None
    ) -> Subscription[Balance]:
        """Refuse."""
        raise NotSupported("Toy pushes no balances", venue=rows.VENUE, instead="balances()")

    def watch_events(self, on_update: Callable[[Event], None] | None = None) -> Subscription[Event]:
        """Watch what the connection tells about itself."""
        return self._session.watch_events(on_update)

    def restored(self, order: LiveOrder) -> None:
        """Do nothing: the venue's answers name the order."""

    async def reconcile(self, *, cancel: bool = False) -> Reconciliation:
        """Ask what became of the orders an earlier run left in the journal."""
        if self._found is None:
            self._found = await self._account.reconcile(cancel=cancel)
        return self._found

    @property
    def reconciliation(self) -> Reconciliation | None:
        """What was found of them."""
        return self._found

    @property
    def stream_metrics(self) -> StreamMetrics:
        """Counters of the stream."""
        return self._session.metrics

    @property
    def live_orders(self) -> tuple[LiveOrder, ...]:
        """Orders that are not final."""
        return self._account.tracker.live

    # What the session asks to be certain of the account.

    async def find_order(self, order: LiveOrder) -> Order | None:
        """Return the order as the exchange has it now, ``None`` if it has none."""
        try:
            if order.order_id:
                return await self._rest.call(rows.ORDER, rows.OrderId(order.order_id))
            return await self._rest.call(rows.NAMED_ORDER, rows.NamedOrder(order.client_order_id))
        except OrderNotFound:
            return None

    async def fills_since(self, market: str, since_ns: int) -> Sequence[Fill]:
        """Return our fills from ``since_ns`` on."""
        return await self.fills(market, start_ns=since_ns)

    async def cancel(self, order: LiveOrder) -> object:
        """Cancel an order."""
        return await self.cancel_order(order.market, order.order_id)

    async def amend(self, order: LiveOrder, price: Exact | None, size: Exact | None) -> object:
        """Refuse."""
        return await self.amend_order(order.market, order.order_id, price=price, size=size)

    def _on_released(self, channel: Channel) -> None:
        if channel.topic == BOOK:
            self._feed.remove_book(channel.key)


CLIENT: type[VenueClient] = Toy
"""The type checker sees that nothing is missing."""
