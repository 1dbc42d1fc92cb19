"""The connections of one Exchange client: one for the user here, one for every watched market in ``markets``.

The user's connection carries orders, fills, messages and trading. Knows how the rooms are joined; the methods bots
call are in ``streams`` and ``trading``.
"""

from __future__ import annotations

import asyncio
import random
import time
from collections.abc import Awaitable, Callable, Iterable
from typing import Any, NamedTuple, TypeVar

from tradewire._native import ExchangeEvent, ExchangeFeed
from tradewire.errors import ConfigError, NotSent, OutcomeUnknown
from tradewire.model import Fill, Order, OrderStatus
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
from tradewire.session.stream import StreamSession
from tradewire.session.subscription import Overflow, Subscription
from tradewire.transport.seam import WsTransport
from tradewire.venues.exchange import errors
from tradewire.venues.exchange import user_values as values
from tradewire.venues.exchange.dialect import (
    FILLS,
    MESSAGES,
    MISSING,
    ORDERS,
    POSITIONS,
    Item,
    MarketDialect,
    UserDialect,
    order_frame,
)
from tradewire.venues.exchange.markets import Markets
from tradewire.venues.exchange.queries import Asking, Queries
from tradewire.venues.exchange.user_state import LOOKUP, UserState

__all__ = ["Streams"]

ItemT = TypeVar("ItemT")

QUIET = Timing(silence_ns=None)
"""A quiet market says nothing; the heartbeat proves the connection and the sequence the book."""
MAX_FRAME_BYTES = 16 * 1024 * 1024
"""As much as the feed takes: a snapshot of 80,000 orders."""
LATE_REQUEST_S = 10.0
"""Requests carry no time and never expire; one still under way for this long is taken to be lost."""


class _Request(NamedTuple):
    """A request on the socket whose caller waits."""

    future: asyncio.Future[Order]
    timer: asyncio.TimerHandle


class Streams:
    """Every connection of one client. Each opens with the first subscription that needs it.

    Args:
        url: The WebSocket.
        transport: Opens it.
        asking: Asks REST about the account and orders of unknown fate.
        venue_ahead_ns: Asks how far the venue's clock is ahead of ours.
        api_key: Returns the trader's key; leave it out for public data only.
        timeout_s: Longest wait for an answer to an order over WebSocket.
        timing: Every deadline of the connections.
        on_error: Called with exceptions that have no other place to go; logs them if left out.
        clock_offset_ns: Returns how far the venue's clock is ahead of ours.
    """

    def __init__(
        self,
        *,
        url: str,
        transport: WsTransport,
        asking: Asking,
        venue_ahead_ns: Callable[[], Awaitable[int]],
        api_key: Callable[[], str] | None,
        timeout_s: float,
        timing: Timing | None = None,
        on_error: Callable[[Exception], None] | None = None,
        clock_offset_ns: Callable[[], int] = lambda: 0,
    ) -> None:
        self._url = url
        self._transport = transport
        self._timeout_s = timeout_s
        self._clock_offset_ns = clock_offset_ns
        self._timing = timing or QUIET
        self._on_error = on_error
        self._event_watchers: list[Subscription[events.Event]] = []
        self._refreshing: asyncio.Task[None] | None = None
        self._is_closed = False
        self._learned = asyncio.Event()
        self.generation = "P"
        """The generation of the protocol the venue speaks, as far as it has shown."""
        self._user_feed = ExchangeFeed()
        self.state = UserState()
        self._requests: dict[str, _Request] = {}
        self._changes = 0
        self.dialect = UserDialect(api_key, self._on_push)
        self.user = self._session_of(self.dialect, self._user_feed)
        self._queries = Queries(asking, self, venue_ahead_ns)
        self._inquiries = Inquiries(
            self._queries,
            self,
            window_s=LATE_REQUEST_S,
        )
        self.tracker: OrderTracker = OrderTracker(
            self._inquire,
            self.user.report,
            on_reply=self.take_order,
            clock_offset_ns=clock_offset_ns,
        )
        self._markets = Markets(self._open_market, lambda: self.state.account.own_ids)
        self.user.intercept(Channel(ORDERS), self._merge_order)
        self.user.intercept(Channel(FILLS), self._merge_fill)
        self.user.on_unreadable(Channel("admin_message"), self._on_unreadable_message)
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
        self.take(values.Disconnected())
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

    def take(self, event: values.Input) -> None:
        """Take what was learned elsewhere than from a push, and do what follows from it."""
        for topic, market, item in self._carry_out(self.state.take(event, self.now())):
            if isinstance(item, Order):
                self.take_order(item)
            elif isinstance(item, Fill):
                self.take_fill(item)
            else:
                self.user.publish(Channel(topic, market), item)

    def heard(self, order: values.WireOrder, final: OrderStatus | None = None) -> Order:
        """Return the order that REST describes, and let whoever follows it know; ``final`` if it has ended."""
        [report] = [
            effect.order
            for effect in self.state.take(values.OrderRead(order, final), self.now())
            if isinstance(effect, values.ReportOrder)
        ]
        if self.tracker.order(report.order_id) is not None:
            self.take_order(report)
        return report

    def submit(
        self, request_id: str, attributes: values.Attributes, members: dict[str, Any]
    ) -> asyncio.Future[Order]:
        """Send a submit; the future becomes its order, or the error.

        Raises:
            NotSent: The connection is not live, or the account is being read.
        """
        if not self.state.account.is_known:
            # An order of before could be reported now and be taken for this one.
            raise NotSent("the account is being read: await account_ready()", venue=errors.VENUE)
        return self._request("submit_order", request_id, attributes, members)

    def change(self, order_id: str, remaining: int | None) -> asyncio.Future[Order]:
        """Shrink an order, or cancel it with ``None``; the future becomes its new state once that is reported.

        Raises:
            NotSent: The connection is not live.
        """
        op, members = ("cancel_order", {}) if remaining is None else ("amend_order", {"remaining": remaining})
        self._changes += 1
        # With a blank, which no client order id has.
        request_id = f"{op} {self._changes}"
        change = values.Change(order_id, remaining)
        return self._request(op, request_id, change, {"order_id": order_id, **members})

    @property
    def is_reading(self) -> bool:
        """The connection is live and only the account is not known yet."""
        return self.user.state is State.LIVE and not self.state.account.is_known

    async def account_read(self) -> None:
        """Wait while the account is being read.

        Raises:
            NotSent: The connection was lost meanwhile, or was not there.
        """
        while not self.state.account.is_known:
            if not self.is_reading:
                raise NotSent("the user's connection is not live: await account_ready()", venue=errors.VENUE)
            self._learned.clear()
            await self._learned.wait()

    async def account_known(self) -> None:
        """Wait until orders and positions have been read.

        Raises:
            ConfigError: The client is closed.
        """
        while not self.state.account.is_known:
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
            self.take(values.Disconnected())
            self._learned.set()
        elif isinstance(event, events.Authenticated):
            self.take(values.EventsMissed("a new connection", are_orders=False))
        elif isinstance(event, events.Unreadable):
            self.take(values.EventsMissed(f"a frame could not be read: {event.kind}"))
        self._on_event(event, self._user_feed)

    def _on_unreadable_message(self) -> None:
        # It may have announced a settlement.
        self.take(values.EventsMissed("a message could not be read", are_orders=False))

    def _on_push(self, news: ExchangeEvent) -> Iterable[Item]:
        self._look_for_generation(self._user_feed)
        return self._carry_out(self.state.take(news, self.now()))

    def now(self) -> values.Now:
        """Return the time."""
        return values.Now(time.monotonic_ns(), time.time_ns() + self._clock_offset_ns())

    def _request(
        self, op: str, request_id: str, content: values.Attributes | values.Change, members: dict[str, Any]
    ) -> asyncio.Future[Order]:
        self.user.send(order_frame(op, request_id, members))
        self.take(values.Sent(request_id, content))
        loop = asyncio.get_running_loop()
        timed_out = values.TimedOut(request_id, self._timeout_s)
        timer = loop.call_later(self._timeout_s, self.take, timed_out)
        request = self._requests[request_id] = _Request(loop.create_future(), timer)
        return request.future

    def _carry_out(self, effects: Iterable[values.Effect]) -> list[Item]:
        """Do what follows from an input, and return what is to be published."""
        items: list[Item] = []
        for effect in effects:
            match effect:
                case values.ReportOrder():
                    items.append((ORDERS, effect.order.market, effect.order))
                case values.ReportFill():
                    items.append((FILLS, effect.fill.market, effect.fill))
                case values.ReportPosition():
                    items.append((POSITIONS, effect.position.market, effect.position))
                case values.ReportMessage():
                    items.append((MESSAGES, effect.message.market or "", effect.message))
                case values.Report():
                    self._publish(effect.event)
                case values.ReadAccount():
                    self._read_account()
                case values.Identified():
                    self.tracker.identify(effect.request_id, effect.order_id)
                case values.Unlinked():
                    error = OutcomeUnknown(effect.reason, lookup=LOOKUP, venue=errors.VENUE)
                    self.tracker.unlink(effect.request_id, error)
                case values.RequestDone() | values.RequestFailed():
                    self._answer(effect)
        return items

    def _answer(self, effect: values.RequestDone | values.RequestFailed) -> None:
        request = self._requests.pop(effect.request_id)
        request.timer.cancel()
        # Whoever waited may have been cancelled.
        if request.future.done():
            return
        if isinstance(effect, values.RequestDone):
            request.future.set_result(effect.order)
        else:
            request.future.set_exception(effect.error)

    # Where the answers to questions go.

    def take_order(self, report: Order) -> None:
        """Take a report that REST brought, as if it were pushed."""
        news = self._merge_order(report)
        if news is not None:
            self.user.publish(Channel(ORDERS, news.market), news)

    def take_fill(self, fill: Fill) -> None:
        """Take a fill that REST brought, as if it were pushed."""
        if self._merge_fill(fill) is not None:
            self.user.publish(Channel(FILLS, fill.market), fill)

    def answered(self, order: LiveOrder, report: Order) -> None:
        """Take the answer to a question about ``order``."""
        self.tracker.answered(order, report)

    def confirm_absent(self, order: LiveOrder, reason: str) -> None:
        """Take the conclusion that nothing of the venue's is this order."""
        news = self.tracker.mark_not_found(order, reason)
        if news is not None:
            self.user.publish(Channel(ORDERS, news.market), news)

    def failing(self, question: str, error: Exception) -> None:
        """Report a question that failed and is asked again."""
        self.user.report(error)
        self._publish(events.CatchUpFailing(question, error))

    def _inquire(self, order: LiveOrder) -> None:
        if not self._is_closed:
            self._inquiries.ask(order)

    def _merge_order(self, report: Order) -> Order | None:
        news = self.tracker.take_order(report)
        self.mark_own(report)
        return news

    def _merge_fill(self, fill: Fill) -> Fill | None:
        return fill if self.tracker.take_fill(fill) else None

    def _read_account(self) -> None:
        """Ask REST for orders, fills and positions, again if that is under way."""
        if self._is_closed:
            # An event that came while the client closes would leave a task behind.
            return
        if self._refreshing is not None:
            self._refreshing.cancel()
        self._refreshing = asyncio.get_running_loop().create_task(self._ask_until_known())

    async def _ask_until_known(self) -> None:
        """Ask REST for orders, fills and positions until all three are of one moment."""
        while not self.state.account.is_known:
            await self._inquiries.until_answered("the account", self._ask_once)

    async def _ask_once(self) -> None:
        self.take(values.ReadStarted())
        self.take(await self._queries.account())
        self._learned.set()
