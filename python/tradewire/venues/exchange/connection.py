"""The connections of one Exchange client: one for the user here, one for every watched market in ``markets``.

The user's connection carries orders, fills, messages and trading. Knows how the rooms are joined; the methods bots
call are in ``streams`` and ``trading``.
"""

from __future__ import annotations

import asyncio
import random
import time
from collections.abc import Callable, Iterable
from typing import Any, TypeVar

from tradewire._native import ExchangeEvent, ExchangeFeed
from tradewire.errors import ConfigError, FrameError, NotSent, OutcomeUnknown
from tradewire.model import Order, OrderStatus
from tradewire.protocol import events
from tradewire.protocol.backoff import Backoff
from tradewire.protocol.channels import Channel
from tradewire.protocol.states import State
from tradewire.protocol.stream import StreamProtocol
from tradewire.protocol.timing import Timing
from tradewire.session.inquiry import Inquiries
from tradewire.session.live_order import LiveOrder
from tradewire.session.metrics import StreamMetrics
from tradewire.session.orders import OrderTracker
from tradewire.session.reconcile import retry_until_success
from tradewire.session.stream import StreamSession
from tradewire.session.subscription import Overflow, Subscription
from tradewire.transport.seam import WsTransport
from tradewire.venues.exchange import errors
from tradewire.venues.exchange.dialect import MESSAGES, MISSING, MarketDialect, UserDialect, read_message
from tradewire.venues.exchange.known_account import FILLS, ORDERS, Account, Item
from tradewire.venues.exchange.lane import WsOrderEntry
from tradewire.venues.exchange.markets import Markets
from tradewire.venues.exchange.model import Execution, Message
from tradewire.venues.exchange.queries import Queries

__all__ = ["Streams"]

ItemT = TypeVar("ItemT")

QUIET = Timing(silence_ns=None)
"""A quiet market says nothing; the heartbeat proves the connection and the sequence the book."""
MAX_FRAME_BYTES = 16 * 1024 * 1024
"""As much as the feed takes: a snapshot of 80,000 orders."""
LATE_REQUEST_S = 10.0
"""Requests carry no time and never expire; one still under way for this long is taken to be lost."""


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
        clock_offset_ns: Returns how far the venue's clock is ahead of ours.
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
        clock_offset_ns: Callable[[], int] = lambda: 0,
    ) -> None:
        self._url = url
        self._transport = transport
        self._queries = queries
        self._timing = timing or QUIET
        self._on_error = on_error
        self._event_watchers: list[Subscription[events.Event]] = []
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
            "reject": self._on_reject,
            "admin_message": self._on_message,
        }
        self.dialect = UserDialect(api_key, readers)
        self.user = self._session_of(self.dialect, self._user_feed)
        self._inquiries = Inquiries(
            queries.find_order,
            lambda order, report: self.tracker.answered(order, report),
            self._conclude_absent,
            self.user.report,
            window_s=LATE_REQUEST_S,
        )
        self.tracker = OrderTracker(
            self._inquiries.ask,
            self.user.report,
            on_reply=self.publish_order,
            clock_offset_ns=clock_offset_ns,
        )
        self.lane = WsOrderEntry(self.user.send, self._found, self._doubted, timeout_s)
        self.account = Account(self.lane.identify)
        self._markets = Markets(self._open_market, lambda: self.account.own_ids)
        queries.use(self.account, self.tracker, self.lane.acks.under_way, self.tell)
        self.user.intercept(Channel(ORDERS), self._take_order)
        self.user.intercept(Channel(FILLS), self.tracker.take_fill)
        self.user.intercept(Channel(MESSAGES), self._take_message)
        self.user.watch_events(self._on_user_event)

    def _session_of(
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
            max_frame_bytes=MAX_FRAME_BYTES,
            on_released=on_released,
            on_error=self._on_error,
        )

    async def close(self) -> None:
        """Close every connection and leave no task behind. Safe to call twice."""
        self._is_closed = True
        if self._refreshing is not None:
            self._refreshing.cancel()
            await asyncio.wait([self._refreshing])
        self._learned.set()
        await self._inquiries.close()
        await self.tracker.close()
        await self.user.close()
        self.lane.disconnected()
        await self._markets.close()
        for watcher in self._event_watchers:
            watcher.finish()

    @property
    def metrics(self) -> StreamMetrics:
        """Counters of every connection together, those closed too."""
        return self.user.metrics + self._markets.metrics

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

    @property
    def markets(self) -> Markets:
        """Every watched market.

        Raises:
            ConfigError: The client is closed.
        """
        self._check_open()
        return self._markets

    def watch_events(
        self, on_update: Callable[[events.Event], None] | None = None
    ) -> Subscription[events.Event]:
        """Watch what every connection tells about itself."""
        subscription = Subscription[events.Event](
            (Channel("events"),), self, on_update=on_update, bound=1000, overflow=Overflow.CONFLATE
        )
        self._event_watchers.append(subscription)
        return subscription

    def tell(self, items: Iterable[Item]) -> None:
        """Tell those who watch what was learned elsewhere than on the stream."""
        for topic, market, item in items:
            self.user.inject(Channel(topic, market), item)

    @property
    def is_reading(self) -> bool:
        """The connection is live and only the account is not known yet."""
        return self.user.state is State.LIVE and not self.account.is_known

    async def account_read(self) -> None:
        """Wait while the account is being read.

        Raises:
            NotSent: The connection was lost meanwhile, or was not there.
        """
        while not self.account.is_known:
            if not self.is_reading:
                raise NotSent("the user's connection is not live: await account_ready()", venue=errors.VENUE)
            self._learned.clear()
            await self._learned.wait()

    async def account_known(self) -> None:
        """Wait until orders and positions have been read.

        Raises:
            ConfigError: The client is closed.
        """
        while not self.account.is_known:
            self._check_open()
            self._learned.clear()
            await self._learned.wait()

    def mark_own(self, order: Order) -> None:
        """Mark an order of ours on its market's book, if that is watched, or take the mark away once it has ended."""
        self._markets.mark_own(order.market, order.order_id, rests=not order.status.is_final)

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

    def _check_open(self) -> None:
        if self._is_closed:
            raise ConfigError("the client is closed; open a new one")

    def _open_market(
        self, feed: ExchangeFeed, on_released: Callable[[Channel], None]
    ) -> StreamSession[ExchangeEvent]:
        session = self._session_of(MarketDialect(), feed, on_released)
        session.watch_events(lambda event: self._on_event(event, feed))
        return session

    def _on_event(self, event: events.Event, feed: ExchangeFeed) -> None:
        self._look_for_generation(feed)
        self._publish(event)

    def _look_for_generation(self, feed: ExchangeFeed) -> None:
        """Take note of a sign that the venue speaks a later generation, and tell it once."""
        if feed.generation and self.generation != feed.generation:
            self.generation = feed.generation
            self._publish(events.ProtocolVersionDetected(feed.generation, MISSING[feed.generation]))

    def _publish(self, event: events.Event) -> None:
        for watcher in tuple(self._event_watchers):
            watcher.deliver(event)

    def _on_user_event(self, event: events.Event) -> None:
        if isinstance(event, events.Disconnected):
            self.lane.disconnected()
            self.account.mark_suspect()
            self._learned.set()
        elif isinstance(event, events.Authenticated):
            self.read_account()
        elif isinstance(event, events.Unreadable):
            # It may have been a fill, or the order of a request.
            self.lane.missed()
            self.read_account()
        self._on_event(event, self._user_feed)

    def _on_order_state(self, news: ExchangeEvent) -> Iterable[Item]:
        order = news.order
        assert order is not None
        fields = (
            order.order_id,
            order.trader_id,
            order.market,
            order.side,
            order.price,
            order.quantity,
            order.remaining,
            order.created_at_ns,
        )
        return self.account.on_state(fields, news.status, news.received_at_ns)

    def _on_fill(self, news: ExchangeEvent) -> Iterable[Item]:
        fill = news.fill
        assert fill is not None
        self.account.on_fill(
            Execution(
                fill_id=fill.fill_id,
                market=fill.market,
                maker_order_id=fill.maker_order_id,
                taker_order_id=fill.taker_order_id,
                price=fill.price,
                size=fill.quantity,
                time_ns=fill.time_ns,
            )
        )
        return ()

    def _on_reject(self, news: ExchangeEvent) -> Iterable[Item]:
        self._look_for_generation(self._user_feed)
        return self.lane.on_reject(news)

    def _on_message(self, news: ExchangeEvent) -> Iterable[Item]:
        try:
            return read_message(news)
        except FrameError:
            # It may have told of a settlement.
            self.read_account()
            raise

    def _on_resync(self, news: ExchangeEvent) -> Iterable[Item]:
        """The venue skipped events for us, or erased the account: ask REST for everything.

        Settlements and erasures are announced on the system channel, and only there.
        """
        self._publish(events.Gap(f"resync_required {news.channel}", news.message))
        if news.channel == "account":
            self.account.erase()
        if news.channel != "system":
            self.lane.missed()
        self.read_account()
        return ()

    def publish_order(self, report: Order) -> None:
        """Take a report that REST brought, as if it were pushed."""
        self.user.inject(Channel(ORDERS, report.market), report)

    def _conclude_absent(self, order: LiveOrder) -> None:
        report = self.tracker.mark_not_found(order, "nothing of the venue's fits it")
        if report is not None:
            self.publish_order(report)

    def _take_order(self, order: Order) -> bool:
        if order.status is OrderStatus.NOT_FOUND:
            # A conclusion was drawn from the tracker's own state.
            return True
        news = self.tracker.take_order(order)
        self.lane.on_order(order)
        self.mark_own(order)
        return news is not None

    def _take_message(self, message: Message) -> bool:
        """A settlement closes positions without a fill, and only the message about its market tells."""
        if message.market is not None:
            self.read_account()
        return True

    def _found(self, request_id: str, order_id: str) -> None:
        self.account.name(order_id, request_id)
        self.tracker.identify(request_id, order_id)

    def _doubted(self, request_id: str, error: OutcomeUnknown) -> None:
        self.account.take_back(request_id)
        self.tracker.unlink(request_id, error)

    def read_account(self) -> None:
        """Ask REST for orders, fills and positions, again if that is under way; until then nothing is certain."""
        self.account.mark_suspect()
        if self._is_closed:
            # An event that came while the client closes would leave a task behind.
            return
        if self._refreshing is not None:
            self._refreshing.cancel()
        self._refreshing = asyncio.get_running_loop().create_task(self._ask_until_known())

    async def _ask_until_known(self) -> None:
        """Ask REST for orders, fills and positions until all three are of one moment."""
        while not self.account.is_known:
            await retry_until_success(self._ask_once, self.user.report)

    async def _ask_once(self) -> None:
        alive = [order for order in self.tracker.live if order.order_id]
        self.account.begin_reading()
        taken = await self._queries.account()
        now_ns = time.time_ns()
        self.tell(self.account.start(taken.open_orders, taken.executions, taken.positions))
        for fields in taken.open_orders:
            report = self.account.report(fields, None, now_ns)
            self.user.inject(Channel(ORDERS, report.market), report)
        still_open = {fields[0] for fields in taken.open_orders}
        for order in alive:
            if order.order_id not in still_open and not order.status.is_final:
                ended = self._queries.ended(order, now_ns)
                self.user.inject(Channel(ORDERS, order.market), ended)
        self._learned.set()
