"""The connections of one Exchange client: one for the user, one for every watched market.

The venue sends one market per connection, so each has a feed and a session of its own; the user's connection
carries orders, fills, messages and trading. Knows how the rooms are joined; the methods bots call are in
``streams`` and ``trading``.
"""

from __future__ import annotations

import asyncio
import random
import time
from collections.abc import Callable, Iterable
from typing import Any, TypeVar

from tradewire._native import ExchangeEvent, ExchangeFeed, Level3Book
from tradewire.errors import ConfigError, NotSupported, OutcomeUnknown
from tradewire.model import Order, Trade
from tradewire.protocol import events
from tradewire.protocol.backoff import Backoff
from tradewire.protocol.channels import Channel
from tradewire.protocol.stream import StreamProtocol
from tradewire.protocol.timing import Timing
from tradewire.session.metrics import StreamMetrics
from tradewire.session.orders import OrderTracker
from tradewire.session.reconcile import until_answered
from tradewire.session.stream import StreamSession
from tradewire.session.subscription import Overflow, Owner, Subscription
from tradewire.transport.seam import WsTransport
from tradewire.venues.exchange import faults
from tradewire.venues.exchange.account import FILLS, ORDERS, POSITIONS, Account, Item
from tradewire.venues.exchange.dialect import BOOK, TRADES, MarketDialect, UserDialect
from tradewire.venues.exchange.lane import WsLane
from tradewire.venues.exchange.model import Execution
from tradewire.venues.exchange.queries import Queries

__all__ = ["BookSubscription", "Streams"]

ItemT = TypeVar("ItemT")

QUIET = Timing(silence_ns=None)
"""A quiet market says nothing; the heartbeat proves the connection and the sequence the book."""
LATE_REQUEST_S = 10.0
"""Requests carry no time and never expire; one still under way for this long is taken to be lost."""
MISSING = {
    "M": "order-by-order books without a login",
    "L": "order-by-order books",
}


class BookSubscription(Subscription[ExchangeEvent]):
    """A watched book.

    Attributes:
        book: The book itself, always as new as the last frame; the same object for everybody who watches this
            market with this client. Own orders are marked, so ``book.queue(order_id)`` tells their place.
    """

    def __init__(
        self, book: Level3Book, owner: Owner, on_update: Callable[[ExchangeEvent], None] | None
    ) -> None:
        channel = Channel(BOOK, book.market)
        super().__init__((channel,), owner, on_update=on_update, bound=1, overflow=Overflow.CONFLATE)
        self.book = book

    @property
    def is_synced(self) -> bool:
        """The book can be read."""
        return self.book.is_synced


class TradeSubscription(Subscription[Trade]):
    """Watched trades. Holds the book's channel, on whose frames they come, without listening to it."""

    def deliver(self, item: Trade) -> None:
        """Take trades and leave what the book's channel brings."""
        if isinstance(item, Trade):
            super().deliver(item)


class _Market:
    """One market's connection."""

    def __init__(self, market: str, streams: Streams) -> None:
        self.feed = ExchangeFeed()
        self.book = self.feed.add_book(market)
        self.session: StreamSession[ExchangeEvent] = streams.session_of(
            MarketDialect(), self.feed, on_released=lambda channel: streams.released(market, channel)
        )


class Streams:
    """Every connection of one client. Each opens with the first subscription that needs it.

    Args:
        url: The WebSocket.
        transport: Opens it.
        queries: The REST questions that tell the account and settle orders of unknown fate.
        api_key: Returns the trader's key; leave it out for public data only.
        timeout_s: Longest wait for an answer to an order over WebSocket.
        timing: Every deadline of the connections.
        on_error: Told of exceptions that have no other place to go; logs them if left out.
    """

    def __init__(
        self,
        *,
        url: str,
        transport: WsTransport,
        queries: Queries,
        api_key: Callable[[], str] | None,
        timeout_s: float,
        timing: Timing | None = None,
        on_error: Callable[[Exception], None] | None = None,
    ) -> None:
        self._url = url
        self._transport = transport
        self._queries = queries
        self._timing = timing or QUIET
        self._on_error = on_error
        self._markets: dict[str, _Market] = {}
        self._closing: set[asyncio.Task[None]] = set()
        self._event_watchers: list[Subscription[events.Event]] = []
        self._past = _NOTHING
        self._refreshing: asyncio.Task[None] | None = None
        self._is_closed = False
        self._learned = asyncio.Event()
        self.generation = "P"
        """The generation of the protocol the venue speaks, as far as it has shown."""
        self._user_feed = ExchangeFeed()
        readers: dict[str, Callable[[ExchangeEvent], Iterable[Item]]] = {
            "order_state": self._on_order_state,
            "fill": self._on_fill,
            "resync_required": self._on_resync,
            "ack": lambda news: self.lane.on_ack(news),
            "reject": lambda news: self.lane.on_reject(news),
        }
        self.dialect = UserDialect(api_key, readers)
        self.user = self.session_of(self.dialect, self._user_feed)
        self.tracker = OrderTracker(queries.find_order, self.user.report, window_s=LATE_REQUEST_S)
        self.lane = WsLane(self.user.send, self._found, self._doubted, timeout_s)
        self.account = Account(self.lane.identify)
        queries.use(self.account, self.tracker)
        self.user.tap(Channel(ORDERS), self._take_order)
        self.user.tap(Channel(FILLS), self.tracker.add_fill)
        self._hear(self.user, self._on_user_event)

    def session_of(
        self,
        spoken: MarketDialect | UserDialect,
        feed: ExchangeFeed,
        on_released: Callable[[Channel], None] | None = None,
    ) -> StreamSession[ExchangeEvent]:
        """Make a connection's session; it opens with its first subscription."""
        protocol: StreamProtocol[ExchangeEvent] = StreamProtocol(
            spoken, feed, Backoff(random.random), self._timing
        )
        return StreamSession(
            url=self._url,
            transport=self._transport,
            protocol=protocol,
            decoder=spoken,
            timing=self._timing,
            on_released=on_released,
            on_error=self._on_error,
        )

    async def close(self) -> None:
        """Close every connection and leave no task behind. Safe to call twice."""
        self._is_closed = True
        if self._refreshing is not None:
            self._refreshing.cancel()
            await asyncio.wait([self._refreshing])
        await self.tracker.close()
        await self.user.close()
        for market in list(self._markets.values()):
            await market.session.close()
        if self._closing:
            await asyncio.wait(self._closing)
        for watcher in self._event_watchers:
            watcher.finish()

    @property
    def metrics(self) -> StreamMetrics:
        """Counters of every connection together, those closed too."""
        total = _added(self._past, self.user.metrics)
        for market in self._markets.values():
            total = _added(total, market.session.metrics)
        return total

    def watch_user(
        self, topic: str, market: str, on_update: Callable[[ItemT], None] | None, bound: int
    ) -> Subscription[ItemT]:
        """Watch one topic of the user.

        Raises:
            ConfigError: There is no key, or the client is closed.
        """
        if not self.dialect.can_login:
            raise ConfigError(f"watching {topic} needs a trader: Exchange(Token(api_key))")
        subscription = Subscription[ItemT](
            (Channel(topic, market),), self.user, on_update=on_update, bound=bound, overflow=Overflow.END
        )
        self.user.start(subscription)
        return subscription

    def watch_trades(
        self, market: str, on_update: Callable[[Trade], None] | None, bound: int
    ) -> Subscription[Trade]:
        """Watch a market's trades, which come with its book."""
        session = self._market(market).session
        channels = (Channel(TRADES, market), Channel(BOOK, market))
        subscription = TradeSubscription(
            channels, session, on_update=on_update, bound=bound, overflow=Overflow.END
        )
        session.start(subscription)
        return subscription

    def watch_book(self, market: str, on_update: Callable[[ExchangeEvent], None] | None) -> BookSubscription:
        """Watch one book."""
        watched = self._market(market)
        subscription = BookSubscription(watched.book, watched.session, on_update)
        watched.session.start(subscription)
        return subscription

    def watch_events(
        self, on_update: Callable[[events.Event], None] | None = None
    ) -> Subscription[events.Event]:
        """Watch what every connection tells about itself."""
        subscription = Subscription[events.Event](
            (Channel("events"),), self, on_update=on_update, bound=1000, overflow=Overflow.CONFLATE
        )
        self._event_watchers.append(subscription)
        return subscription

    def released(self, market: str, channel: Channel) -> None:
        """Close the connection of a market whose book nobody watches any more."""
        if channel.topic != BOOK or self._is_closed:
            return
        watched = self._markets.pop(market, None)
        if watched is not None:
            task = asyncio.get_running_loop().create_task(self._close_market(watched))
            self._closing.add(task)
            task.add_done_callback(self._closing.discard)

    def tell(self, items: Iterable[Item]) -> None:
        """Tell those who watch what was learned elsewhere than on the stream."""
        for topic, market, item in items:
            self.user.inject(Channel(topic, market), item)

    async def account_known(self) -> None:
        """Wait until orders and positions have been read."""
        while not self.account.is_known:
            self._learned.clear()
            await self._learned.wait()

    def mark_own(self, market: str, order_id: str) -> None:
        """Mark an order of ours on its market's book, if that is watched."""
        watched = self._markets.get(market)
        if watched is not None:
            watched.book.mark_own(order_id)

    # What a subscription asks of its owner, for events, which come from several sessions.

    def is_confirmed(self, channel: Channel) -> bool:  # noqa: ARG002 - the contract's
        """Tell that events need no confirmation."""
        return True

    async def wait_ready(self, subscription: Subscription[Any]) -> None:
        """Return at once: events are always ready."""

    def release(self, subscription: Subscription[Any]) -> None:
        """Forget a watcher of events."""
        if subscription in self._event_watchers:
            self._event_watchers.remove(subscription)

    def callback_failed(self, channel: Channel, error: Exception) -> None:  # noqa: ARG002 - the contract's
        """Report what a watcher of events raised."""
        self.user.report(error)

    def _market(self, market: str) -> _Market:
        if self._is_closed:
            raise ConfigError("the client is closed; open a new one")
        self.check_generation()
        watched = self._markets.get(market)
        if watched is None:
            watched = self._markets[market] = _Market(market, self)
            self._hear(watched.session, lambda event: self._on_event(event, watched.feed))
            for order_id in self.account.own_ids:
                watched.book.mark_own(order_id)
        return watched

    def check_generation(self) -> None:
        """Refuse what the venue's generation does not have.

        Raises:
            NotSupported: It has shown to be a later one.
        """
        missing = MISSING.get(self.generation)
        if missing is not None:
            raise NotSupported(
                f"the venue speaks generation {self.generation} of its protocol, which has no {missing}",
                venue=faults.VENUE,
                instead="REST and the user's streams work",
            )

    def _hear(self, session: StreamSession[ExchangeEvent], take: Callable[[events.Event], None]) -> None:
        session.watch_events(take)

    async def _close_market(self, watched: _Market) -> None:
        await watched.session.close()
        self._past = _added(self._past, watched.session.metrics)

    def _on_event(self, event: events.Event, feed: ExchangeFeed) -> None:
        if feed.generation and self.generation != feed.generation:
            self.generation = feed.generation
            self._tell(events.OtherProtocol(feed.generation, MISSING[feed.generation]))
        self._tell(event)

    def _tell(self, event: events.Event) -> None:
        for watcher in tuple(self._event_watchers):
            watcher.deliver(event)

    def _on_user_event(self, event: events.Event) -> None:
        if isinstance(event, events.Disconnected):
            self.lane.disconnected()
            self.account.doubt()
        elif isinstance(event, events.Signed):
            self._refresh()
        self._on_event(event, self._user_feed)

    def _on_order_state(self, news: ExchangeEvent) -> Iterable[Item]:
        assert news.order is not None
        items = self.account.on_state(news.order, news.status, news.received_at_ns)
        self.mark_own(news.order[2], news.order[0])
        return items

    def _on_fill(self, news: ExchangeEvent) -> Iterable[Item]:
        assert news.fill is not None
        fill_id, market, maker, taker, price, size, at_ns = news.fill
        self.account.on_fill(
            Execution(
                fill_id=fill_id,
                market=market,
                maker_order_id=maker,
                taker_order_id=taker,
                price=price,
                size=size,
                at_ns=at_ns,
            )
        )
        return ()

    def _on_resync(self, news: ExchangeEvent) -> Iterable[Item]:
        """The venue skipped events for us, or erased the account: ask REST for everything."""
        self._tell(events.Gap(f"resync_required {news.channel}", news.message))
        if news.channel != "system":
            self.account.doubt()
            self._refresh()
        return ()

    def _take_order(self, order: Order) -> bool:
        self.tracker.add_order(order)
        self.lane.on_order(order)
        return True

    def _found(self, request_id: str, order_id: str) -> None:
        self.account.name(order_id, request_id)
        self.tracker.identify(request_id, order_id)

    def _doubted(self, request_id: str, error: OutcomeUnknown) -> None:
        self.tracker.disown(request_id, error)

    def _refresh(self) -> None:
        if self._refreshing is not None:
            self._refreshing.cancel()
        self._refreshing = asyncio.get_running_loop().create_task(self._ask_until_known())

    async def _ask_until_known(self) -> None:
        """Ask REST for orders, fills and positions until all three are of one moment."""
        while not self.account.is_known:
            await until_answered(self._ask_once, self.user.report)

    async def _ask_once(self) -> None:
        alive = [order for order in self.tracker.live if order.venue_id]
        taken = await self._queries.account()
        now_ns = time.time_ns()
        self.tell(self.account.start(taken.open_orders, taken.executions, taken.positions))
        for fields in taken.open_orders:
            report = self.account.report(fields, None, now_ns)
            self.user.inject(Channel(ORDERS, report.market), report)
            self.mark_own(report.market, report.venue_id)
        still_open = {fields[0] for fields in taken.open_orders}
        for order in alive:
            if order.venue_id not in still_open and not order.status.is_final:
                ended = self._queries.ended(order, now_ns)
                self.user.inject(Channel(ORDERS, order.market), ended)
        self.tell((POSITIONS, position.market, position) for position in taken.positions)
        self._learned.set()


_NOTHING = StreamMetrics(
    frames=0,
    reconnects=0,
    resyncs=0,
    checksum_failures=0,
    callback_errors=0,
    unrecognised=0,
    unclaimed=0,
    conflated=0,
    dropped=0,
)


def _added(one: StreamMetrics, other: StreamMetrics) -> StreamMetrics:
    return StreamMetrics(
        **{name: getattr(one, name) + getattr(other, name) for name in StreamMetrics.__struct_fields__}
    )
