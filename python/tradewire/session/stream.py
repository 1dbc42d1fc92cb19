"""One supervised stream connection, which never stops by itself.

Joins a sans-IO ``StreamProtocol``, a transport and a clock, and hands what arrives to subscriptions. Knows
nothing of a venue's words; those come in as a decoder.
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Awaitable, Callable, Iterable
from typing import Any, Generic, Protocol, TypeVar

from tradewire._native import FramePath
from tradewire.errors import (
    ConfigError,
    FrameError,
    MarketUnavailable,
    NotSent,
    RequestError,
    StreamStopped,
    TradewireError,
    UnreadableRow,
    VenueUnavailable,
)
from tradewire.model import stamp
from tradewire.protocol import events
from tradewire.protocol.channels import Channel
from tradewire.protocol.dialect import FrameEvent
from tradewire.protocol.states import State
from tradewire.protocol.stream import NO_SNAPSHOT, StreamProtocol
from tradewire.protocol.timing import NS_PER_S, Timing
from tradewire.session.background import Tasks, own_loop
from tradewire.session.callbacks import CALLBACK_FAULTS, check_callback
from tradewire.session.event_feed import EventFeed
from tradewire.session.metrics import StreamMetrics
from tradewire.session.routes import Routes
from tradewire.session.subscription import AnySubscription, Overflow, Subscription
from tradewire.transport.seam import Clock, ConnectFailed, ConnectionLost, WsConnection, WsTransport

__all__ = ["MAX_FRAME_BYTES", "Decoder", "StreamSession"]

ItemT = TypeVar("ItemT")
EventT = TypeVar("EventT", bound=FrameEvent)
EventT_contra = TypeVar("EventT_contra", bound=FrameEvent, contravariant=True)

MAX_FRAME_BYTES = 4 * 1024 * 1024
"""A state push of every market of a large venue stays well under one MiB; a larger frame ends the connection."""
LIVE = State.LIVE
"""Looked at before every order over the stream: finding it in its enum costs more than the rest of the look."""
logger = logging.getLogger("tradewire.stream")


class Decoder(Protocol[EventT_contra]):
    """Turns a venue's pushes into items of the common interface."""

    def push_name(self, channel: Channel) -> str:
        """Return the topic that pushes of ``channel`` carry."""

    def decode(self, news: EventT_contra) -> Iterable[tuple[str, str, object]]:
        """Return items, each with the topic of ``push_name`` and the market or asset it belongs to.

        Raises:
            FrameError: The push does not have the documented shape.
        """

    def refusal(self, channel: Channel, code: str, message: str) -> TradewireError:
        """Return the error that says why ``channel`` was refused and what to do about it."""


class StreamSession(Generic[EventT]):
    """Keeps one venue connection up and its subscriptions fed until it is closed.

    The connection opens with the first subscription. It reconnects by itself with jittered back-off, logs in
    again and subscribes again; books are stale meanwhile and say so.

    Args:
        url: The venue's WebSocket.
        transport: Opens it.
        protocol: The conversation.
        decoder: The venue's pushes.
        timing: The deadline for connecting is taken from here.
        max_frame_bytes: A larger frame ends the connection.
        monotonic_ns: The clock all deadlines are measured with.
        prepare: Awaited before each connection is opened; what it raises is a failed try like any other.
        refresh_login: Asks the venue's time after it refused a login that may be good, see ``LoginRetried``.
        checksum_failures: Reads the feed's counter.
        on_released: Called with every channel no one watches any more.
        on_error: Called with exceptions that have no other place to go; logs them if left out.
    """

    def __init__(
        self,
        *,
        url: str,
        transport: WsTransport,
        protocol: StreamProtocol[EventT],
        decoder: Decoder[EventT],
        timing: Timing | None = None,
        max_frame_bytes: int = MAX_FRAME_BYTES,
        monotonic_ns: Clock = time.monotonic_ns,
        prepare: Callable[[], Awaitable[None]] | None = None,
        refresh_login: Callable[[], Awaitable[None]] | None = None,
        checksum_failures: Callable[[], int] = lambda: 0,
        on_released: Callable[[Channel], None] | None = None,
        on_error: Callable[[Exception], None] | None = None,
    ) -> None:
        check_callback("on_error", on_error)
        self._url = url
        self._transport = transport
        self._protocol = protocol
        self._decoder = decoder
        self._timing = timing or Timing()
        self._max_frame_bytes = max_frame_bytes
        self._monotonic_ns = monotonic_ns
        self._prepare = prepare
        self._refresh_login = refresh_login
        self._checksum_failures = checksum_failures
        self._on_released = on_released
        self._on_error = on_error
        self._routes = Routes(decoder.push_name)
        self._interceptors: dict[str, Callable[[Any], Any | None]] = {}
        self._on_unreadable: dict[str, list[Callable[[], None]]] = {}
        self._events = EventFeed(self.callback_failed)
        self._waiting: dict[AnySubscription, asyncio.Event] = {}
        self._connection: WsConnection | None = None
        self._tasks = Tasks[str](self.report)
        self._loop: asyncio.AbstractEventLoop | None = None
        self._wake = asyncio.Event()
        self._is_closed = False
        self._path = FramePath(
            protocol.feed, monotonic_ns, protocol.traffic,
            pulses=protocol.pulses, inlets=self._routes.inlets, take=self._take, broken=self._broken,
        )  # fmt: skip
        self._callback_errors = 0
        self._unclaimed = 0
        self._conflated = 0
        self._dropped = 0

    @property
    def state(self) -> State:
        """Where the connection stands."""
        return self._protocol.state

    @property
    def metrics(self) -> StreamMetrics:
        """Counters since the session began."""
        open_now = self._routes.subscriptions()
        return StreamMetrics(
            frames=self._protocol.traffic.frames,
            reconnects=self._protocol.reconnects,
            resyncs=self._protocol.resyncs,
            checksum_failures=self._checksum_failures(),
            callback_errors=self._callback_errors,
            unrecognised=self._protocol.unrecognised,
            unclaimed=self._unclaimed + self._protocol.unsolicited,
            conflated=self._conflated
            + self._events.conflated
            + sum(subscription.conflated for subscription in open_now),
            dropped=self._dropped + sum(subscription.dropped for subscription in open_now),
        )

    def start(self, subscription: AnySubscription) -> None:
        """Feed ``subscription`` from now on; connects if nothing did yet. Never waits.

        Raises:
            ConfigError: The session is closed.
        """
        self._check_open()
        self._loop = own_loop(self._loop, "a stream must be watched from")
        self._routes.add(subscription)
        self._protocol.subscribe(subscription.channels, self._monotonic_ns())
        self._tasks.start(f"stream {self._url}", self._run)
        self._flush_and_wake()

    def watch(
        self,
        channels: tuple[Channel, ...],
        on_update: Callable[[ItemT], None] | None,
        bound: int,
    ) -> Subscription[ItemT]:
        """Watch channels with a queue of ``bound`` that ends the subscription when it is full.

        Raises:
            ConfigError: The session is closed or belongs to another event loop, or the callback is async.
        """
        subscription = Subscription[ItemT](
            channels, self, on_update=on_update, bound=bound, overflow=Overflow.END
        )
        self.start(subscription)
        return subscription

    def watch_events(
        self, on_update: Callable[[events.Event], None] | None = None
    ) -> Subscription[events.Event]:
        """Watch what the session tells about itself. Queue of 1000; the oldest give way and are counted."""
        self._check_open()
        return self._events.watch(on_update)

    def intercept(self, channel: Channel, take: Callable[[Any], Any | None]) -> None:
        """Let ``take`` see every item of the channel's topic first; what it returns goes on, ``None`` ends it.

        Where several do, each sees what those before it let pass.
        """
        name = self._decoder.push_name(channel)
        earlier = self._interceptors.get(name)

        def both(item: object) -> object | None:
            passed = None if earlier is None else earlier(item)
            return None if passed is None else take(passed)

        self._interceptors[name] = take if earlier is None else both

    def on_unreadable(self, channel: Channel, act: Callable[[], None]) -> None:
        """Call ``act`` whenever a push of the channel's topic could not be read: it may have said something."""
        self._on_unreadable.setdefault(self._decoder.push_name(channel), []).append(act)

    def publish(self, channel: Channel, item: object) -> None:
        """Deliver an item learned elsewhere, from REST for instance, to whoever watches the channel."""
        for subscription in self._routes.of(self._decoder.push_name(channel), channel.key):
            subscription.deliver(item)

    def publish_event(self, event: events.Event) -> None:
        """Deliver an event to whoever watches them."""
        self._events.publish(event)

    def watched_keys(self, topic: str) -> tuple[str, ...]:
        """Return the markets or assets that are watched of a topic; empty for all of them."""
        return tuple(channel.key for channel in self._routes.channels() if channel.topic == topic)

    @property
    def is_private_wanted(self) -> bool:
        """Somebody watches a channel of the account."""
        return self._protocol.is_private_wanted

    def send(self, frame: bytes) -> None:
        """Send a frame of the venue's own making, an order for instance. Never waits.

        Raises:
            NotSent: The connection is not live. Nothing was sent.
        """
        if self._connection is None or self._protocol.state is not LIVE:
            raise NotSent(f"{self._url} is {self._protocol.state}")
        try:
            self._connection.send_text(frame)
        except ConnectionLost as error:
            self._end(str(error))
            raise NotSent(str(error)) from error

    async def ask(self, frame: Callable[[int], bytes]) -> FrameEvent:
        """Return the reply to a question that ``frame`` makes of its number.

        Raises:
            NotSent: The connection is not live.
            VenueUnavailable: It was lost before the reply came.
        """
        if self._connection is None or self._protocol.state is not LIVE:
            raise NotSent(f"{self._url} is {self._protocol.state}")
        reply: asyncio.Future[FrameEvent | None] = asyncio.get_running_loop().create_future()

        def answer(news: FrameEvent | None) -> None:
            if not reply.done():
                reply.set_result(news)

        self._protocol.ask(frame, answer, self._monotonic_ns())
        self._flush_and_wake()
        news = await reply
        if news is None:
            raise VenueUnavailable(f"{self._url} was lost before it answered")
        return news

    def reconnect(self, reason: str) -> None:
        """End the connection, if there is one; the next one logs in and subscribes as after a loss."""
        self._end(reason)

    async def close(self) -> None:
        """Close the connection, end every subscription and leave no task behind. Safe to call twice."""
        if not self._is_closed:
            self._stop(None)
        if self._loop is asyncio.get_running_loop():
            await self._tasks.close()

    @property
    def on_frame(self) -> Callable[[bytes, int], None]:
        """What takes one frame from the transport, and when it was read, and delivers it before returning.

        Cost: for a push that proves its book one native call and those of the callbacks.
        """
        return self._path.on_frame

    def _take(self, news: EventT, now_ns: int) -> None:
        """Take what a frame said that asks for more than to be delivered."""
        told = self._protocol.take(news, now_ns)
        if told is not None:
            self._hand_out(told)
        self._after_frame()

    def _broken(self, error: Exception, now_ns: int) -> None:
        """Take what went wrong with a frame."""
        if isinstance(error, FrameError):
            self._protocol.unreadable(error, now_ns)
        else:
            # A bug of ours: what this frame said is lost, and a new connection starts from known ground.
            self.report(error)
            self._end(f"a frame could not be handled: {error!r}")
        self._after_frame()

    def _after_frame(self) -> None:
        if self._protocol.has_output:
            self._flush_and_wake()
        if self._waiting:
            self._check_ready()

    def on_closed(self, code: int, reason: str) -> None:
        """Learn from the transport that the connection is gone: books are stale from this moment."""
        self._end(f"closed with code {code}: {reason}" if reason else f"closed with code {code}")

    def is_confirmed(self, channel: Channel) -> bool:
        """Tell whether the venue has confirmed ``channel`` on the present connection."""
        return self._protocol.is_confirmed(channel)

    def wait_ready(self, subscription: AnySubscription) -> Awaitable[object]:
        """Wait until the subscription is ready or over."""
        return self._waiting.setdefault(subscription, asyncio.Event()).wait()

    def release(self, subscription: AnySubscription) -> None:
        """Forget a subscription, and unsubscribe the channels no one else watches."""
        self._conflated += subscription.conflated
        self._dropped += subscription.dropped
        released = self._routes.remove(subscription)
        for channel in released:
            if self._on_released is not None:
                self._on_released(channel)
        if self._protocol.state is not State.CLOSED:
            self._protocol.unsubscribe(released, self._monotonic_ns())
            self._flush_and_wake()
        self._check_ready()

    def callback_failed(self, channel: Channel, error: Exception) -> None:
        """Count and report what a callback of the caller raised."""
        self._callback_errors += 1
        self.report(error)
        if channel.topic != "events":
            self._publish(events.CallbackFailed(channel, error))

    def report(self, error: Exception) -> None:
        """Give an exception that has no other place to go to ``on_error``, or log it. Never raises."""
        if self._on_error is not None:
            try:
                self._on_error(error)
            except CALLBACK_FAULTS:
                logger.exception("on_error raised while it was given %s: %s", type(error).__name__, error)
            return
        # What a venue said no to, or left open, is news; a traceback would only show where it was read.
        trace = None if isinstance(error, RequestError | UnreadableRow) else error
        logger.error("an error no one waited for: %s: %s", type(error).__name__, error, exc_info=trace)

    def report_unreadable(self, error: UnreadableRow) -> None:
        """Report a row that cannot be read: to ``on_error`` or the log, and as ``RowUnreadable``."""
        self.report(error)
        self._publish(events.RowUnreadable(error))

    def _missed(self, topic: str) -> None:
        """A push of ``topic`` was not understood, whole or in part."""
        for act in self._on_unreadable.get(topic, ()):
            act()

    def _check_open(self) -> None:
        if self._is_closed:
            raise ConfigError("the stream session is closed; open a new client")

    def _hand_out(self, news: EventT) -> None:
        is_book = news.kind == "book"
        if is_book:
            watchers = self._routes.of_book(news)
            for subscription in watchers:
                subscription.deliver(news)
            self._unclaimed += not watchers
        if not is_book or news.has_more:
            self._dispatch(news)

    def _dispatch(self, news: EventT) -> None:
        try:
            for topic, key, item in self._decoder.decode(news):
                if isinstance(item, UnreadableRow):
                    item.endpoint = item.endpoint or topic
                    self.report_unreadable(item)
                    self._missed(topic)
                    continue
                stamp(item, news.received_at_ns)
                interceptor = self._interceptors.get(topic)
                if interceptor is not None:
                    item = interceptor(item)
                    if item is None:
                        continue
                watchers = self._routes.of(topic, key)
                for subscription in watchers:
                    subscription.deliver(item)
                self._unclaimed += not watchers
        except TradewireError as error:
            self._protocol.report_unrecognised(news.payload, str(error))
            self._missed(news.topic)

    def _flush_and_wake(self) -> None:
        """Send and tell what the protocol has to, and let the supervising task look at its deadlines again."""
        self._flush()
        self._wake.set()

    def _flush(self) -> None:
        frames = self._protocol.data_to_send()
        if self._connection is not None:
            try:
                for frame in frames:
                    self._connection.send_text(frame)
            except ConnectionLost as error:
                self._end(str(error))
        for event in self._protocol.take_events():
            self._publish(event)

    def _publish(self, event: events.Event) -> None:
        if isinstance(event, events.LoginRetried):
            self._tasks.start("clock", self._refresh)
        if isinstance(event, events.Disconnected):
            place = "" if self._url in event.reason else f"{self._url}: "
            logger.warning("%s%s", place, event.reason)
        self.publish_event(event)
        if isinstance(event, events.SubscriptionRefused):
            error = self._refusal(event)
            logger.warning("%s: %s", self._url, error)
            for subscription in self._routes.on(event.channel):
                subscription.fail(error)
        self._check_ready()

    def _check_ready(self) -> None:
        for subscription, event in list(self._waiting.items()):
            if subscription.is_closed or subscription.is_ready:
                del self._waiting[subscription]
                event.set()

    async def _refresh(self) -> None:
        """Let the venue's time be asked, then, whatever came of that, log in again."""
        try:
            if self._refresh_login is not None:
                await self._refresh_login()
        finally:
            if self._protocol.state.is_open:
                self._protocol.retry_login(self._monotonic_ns())
                self._flush_and_wake()

    def _refusal(self, event: events.SubscriptionRefused) -> TradewireError:
        if event.code == NO_SNAPSHOT:
            # Not the venue's word: it said OK, and nothing more.
            return MarketUnavailable(f"{event.channel}: {event.message}", code=NO_SNAPSHOT)
        return self._decoder.refusal(event.channel, event.code, event.message)

    def _end(self, reason: str) -> None:
        """The connection is over, whoever ended it."""
        if not self._path.is_open:
            return
        self._path.is_open = False
        self._protocol.lost(reason, self._monotonic_ns())
        self._flush_and_wake()

    async def _run(self) -> None:
        try:
            while not self._is_closed:
                await self._one_connection()
                while (self._protocol.next_deadline_ns() or 0) > self._monotonic_ns():
                    await self._wait_for_deadline()
        finally:
            # Whatever ended this task, no one else would say that what it fed is out of date.
            if not self._is_closed:
                self._stop(
                    StreamStopped(f"the task that keeps {self._url} up was cancelled; open a new client")
                )

    def _stop(self, error: StreamStopped | None) -> None:
        """There is no way on: books are stale, whoever watches or waits learns why, and nothing new begins."""
        self._is_closed = True
        self._path.is_open = False
        if error is not None and (self._protocol.state is State.CONNECTING or self._protocol.state.is_open):
            self._protocol.lost(str(error), self._monotonic_ns())
        self._protocol.close()
        self._flush()
        for subscription in [*self._routes.subscriptions(), *self._events.watchers]:
            if error is None:
                subscription.finish()
            else:
                subscription.fail(error)
        self._check_ready()

    async def _one_connection(self) -> None:
        """Open a connection and serve it to its end; the protocol is backing off afterwards."""
        protocol = self._protocol
        protocol.connect()
        self._path.is_open = True
        connection: WsConnection | None = None
        try:
            connection = await self._open()
            if self._path.is_open:
                self._connection = connection
                protocol.opened(self._monotonic_ns())
                self._flush()
            while self._path.is_open:
                if protocol.disconnect_reason:
                    self._end(protocol.disconnect_reason)
                    break
                await self._wait_for_deadline()
                protocol.tick(self._monotonic_ns())
                self._flush()
        except ConnectFailed as error:
            self._end(str(error))
        except Exception as error:
            # No failure of a library, or bug of ours, may end the stream for ever: it is a failed try.
            self.report(error)
            self._end(f"failed: {error!r}")
        finally:
            self._path.is_open = False
            self._connection = None
            if connection is not None:
                await connection.close()

    async def _open(self) -> WsConnection:
        if self._prepare is not None:
            try:
                await self._prepare()
            except TradewireError as error:
                raise ConnectFailed(
                    f"what must be known before connecting could not be read: {error}"
                ) from error
        return await self._transport.connect(
            self._url,
            self,
            headers={},
            timeout_s=self._timing.connect_ns / NS_PER_S,
            max_frame_bytes=self._max_frame_bytes,
        )

    async def _wait_for_deadline(self) -> None:
        """Sleep until the protocol's next deadline or until something happened."""
        deadline_ns = self._protocol.next_deadline_ns()
        wait_s = None if deadline_ns is None else max(0, deadline_ns - self._monotonic_ns()) / NS_PER_S
        try:
            async with asyncio.timeout(wait_s):
                await self._wake.wait()
        except TimeoutError:
            pass
        self._wake.clear()
