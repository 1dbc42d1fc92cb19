"""One TrueX stream connection and everything that lives on it: feed, books, session, orders.

Knows how the rooms are joined; the methods bots call are in ``streams``, frames in ``dialect``, pushes in
``pushes``, the loop in ``session.stream``.
"""

from __future__ import annotations

import random
from collections.abc import Awaitable, Callable, Mapping
from typing import TypeVar

from tradewire._native import Level2Book, TruexEvent, TruexFeed
from tradewire.errors import ConfigError, RequestError
from tradewire.model import Fill, Order, OrderStatus
from tradewire.protocol import events
from tradewire.protocol.backoff import Backoff
from tradewire.protocol.channels import Channel
from tradewire.protocol.stream import StreamProtocol
from tradewire.protocol.timing import Timing
from tradewire.session.catch_up import CatchUp
from tradewire.session.inquiry import Inquiries
from tradewire.session.live_order import LiveOrder
from tradewire.session.orders import OrderTracker
from tradewire.session.reconcile import reconcile
from tradewire.session.stream import StreamSession
from tradewire.session.subscription import Overflow, Subscription
from tradewire.session.watched_book import BookSubscription
from tradewire.transport.network import NetworkOptions
from tradewire.transport.seam import ConnectFailed, WsConnection, WsListener, WsTransport
from tradewire.transport.ws import PicowsTransport
from tradewire.venues.truex.dialect import FILLS, Dialect
from tradewire.venues.truex.missing_fills import MissingFills
from tradewire.venues.truex.pushes import BOOK, DROPCOPY, ORDERS, TAPE
from tradewire.venues.truex.queries import Queries

__all__ = ["Streams", "default_transport"]

ItemT = TypeVar("ItemT")

QUIET = Timing(silence_ns=None)
"""A quiet market says nothing; pings prove the connection and the sequence the book."""
REQUEST_WINDOW_S = 16.0
"""The venue refuses a request that is older than fifteen seconds; one more is for clocks that disagree."""
WINDOW_LEVELS = 20
"""Levels a side the venue shows."""
PING_S = 20.0
"""Interval of the vendor's own client, and how long it waits for a pong."""


def default_transport(network: NetworkOptions) -> WsTransport:
    """Return a transport that keeps the connection alive as the venue expects it."""
    return PicowsTransport(network, ping_interval_s=PING_S, pong_timeout_s=PING_S)


class _Introduced:
    """Opens a connection once ids have names: best prices, trades and orders come with ids only."""

    def __init__(self, transport: WsTransport, load_markets: Callable[[], Awaitable[None]]) -> None:
        self._transport = transport
        self._load_markets = load_markets

    async def connect(
        self,
        url: str,
        listener: WsListener,
        *,
        headers: Mapping[str, str],
        timeout_s: float,
        max_frame_bytes: int,
    ) -> WsConnection:
        try:
            await self._load_markets()
        except (RequestError, ConfigError) as error:
            raise ConnectFailed(f"the venue's instruments could not be read: {error}") from error
        return await self._transport.connect(
            url, listener, headers=headers, timeout_s=timeout_s, max_frame_bytes=max_frame_bytes
        )


class Streams:
    """One TrueX stream connection with everything that lives on it. Opens with the first subscription.

    Args:
        url: The WebSocket.
        transport: Opens it.
        queries: The REST questions that settle orders of unknown fate, and tell fills.
        dialect: Writes and reads its frames.
        load_markets: Reads what ids stand for, once.
        trim_books: Keep books to the levels the venue shows.
        timing: Every deadline.
        on_error: Told of exceptions that have no other place to go; logs them if left out.
        clock_offset_ns: Returns how far the venue's clock is ahead of ours.
    """

    def __init__(
        self,
        *,
        url: str,
        transport: WsTransport,
        queries: Queries,
        dialect: Dialect,
        load_markets: Callable[[], Awaitable[None]],
        trim_books: bool = False,
        timing: Timing | None = None,
        on_error: Callable[[Exception], None] | None = None,
        clock_offset_ns: Callable[[], int] = lambda: 0,
    ) -> None:
        self._queries = queries
        self._is_following = False
        self._tapes: set[str] = set()
        self.dialect = dialect
        self.feed = TruexFeed(coalesced=not dialect.can_login, limit=WINDOW_LEVELS if trim_books else 0)
        timing = timing or QUIET
        self.session: StreamSession[TruexEvent] = StreamSession(
            url=url,
            transport=_Introduced(transport, load_markets),
            protocol=StreamProtocol(dialect, self.feed, Backoff(random.random), timing),
            decoder=dialect,
            timing=timing,
            on_released=self._on_released,
            on_error=on_error,
        )
        self._inquiries = Inquiries(
            queries.find_order,
            lambda order, report: self.tracker.answered(order, report),
            self._conclude_absent,
            self.session.report,
            window_s=REQUEST_WINDOW_S,
        )
        self.tracker = OrderTracker(
            self._inquiries.ask,
            self.session.report,
            on_reply=self._publish_order,
            clock_offset_ns=clock_offset_ns,
        )
        self._missing = MissingFills(
            lambda since_ns: queries.fills_since("", since_ns), self._tell_fill, self.session.report
        )
        self._catch_up = CatchUp(self._ask_since, self.session.report)
        self.session.intercept(Channel(ORDERS), self._take_order)
        self.session.intercept(Channel(FILLS), self.tracker.take_fill)
        self.session.watch_events(self._on_event)

    async def close(self) -> None:
        """Close the connection and leave no task behind. Safe to call twice."""
        # First the session: what is heard may begin what is stopped here.
        await self.session.close()
        await self._catch_up.close()
        await self._inquiries.close()
        await self.tracker.close()
        await self._missing.close()

    def watch(
        self, topic: str, key: str, on_update: Callable[[ItemT], None] | None, bound: int
    ) -> Subscription[ItemT]:
        """Watch one topic.

        Raises:
            ConfigError: The topic needs an HMAC key and there is none, or the client is closed.
        """
        channels: tuple[Channel, ...] = (Channel(topic, key),)
        if self.dialect.is_private(channels[0]):
            if not self.dialect.can_login:
                raise ConfigError(f"{topic} need an HMAC key: TrueX(Credentials(key_id, secret))")
            channels = (Channel(DROPCOPY), *channels)
        subscription = Subscription[ItemT](
            channels, self.session, on_update=on_update, bound=bound, overflow=Overflow.END
        )
        if topic == TAPE:
            self._tapes.add(key)
        self.session.start(subscription)
        return subscription

    def watch_book(
        self, market: str, on_update: Callable[[TruexEvent], None] | None
    ) -> BookSubscription[TruexEvent, Level2Book]:
        """Watch one book."""
        known = self.feed.book(market)
        # Adding a book that is there would empty it under those who watch it.
        book = known if known is not None else self.feed.add_book(market)
        subscription = BookSubscription(book, Channel(BOOK, market), self.session, on_update)
        self.session.start(subscription)
        return subscription

    def known(self, order_id: str, client_order_id: str) -> LiveOrder | None:
        """Return the order of ours with the venue's id, or with our own if it was not answered yet."""
        self.tracker.identify(client_order_id, order_id)
        return self.tracker.order(order_id)

    def followed(self, order_id: str) -> LiveOrder | None:
        """Return the order with the venue's id as the drop copy tells it; ``None`` while reports may be missing."""
        is_current = self._is_following and not self._catch_up.is_behind
        return self.tracker.order(order_id) if is_current else None

    def only_tape(self) -> str:
        """Return the one market whose trades are watched; empty for none or several."""
        return next(iter(self._tapes)) if len(self._tapes) == 1 else ""

    def hear(self, report: Order) -> Order:
        """Let the order that is followed, if it is, know what REST said of it."""
        if self.tracker.order(report.order_id) is not None:
            self._publish_order(report)
        return report

    def _on_released(self, channel: Channel) -> None:
        if channel.topic == BOOK:
            self.feed.remove_book(channel.key)
        elif channel.topic == TAPE:
            self._tapes.discard(channel.key)
        elif channel.topic == DROPCOPY:
            self._is_following = False

    def _publish_order(self, report: Order) -> None:
        """Take a report that REST brought, as if it were pushed."""
        self.session.inject(Channel(ORDERS, report.market), report)

    def _conclude_absent(self, order: LiveOrder) -> None:
        report = self.tracker.mark_not_found(order, "the venue knows no such order")
        if report is not None:
            self._publish_order(report)

    def _take_order(self, report: Order) -> bool:
        if report.status is OrderStatus.NOT_FOUND:
            # A conclusion was drawn from the tracker's own state.
            return True
        news = self.tracker.take_order(report)
        order = self.tracker.order(report.order_id)
        if order is not None:
            self._missing.look_at(order)
        return news is not None

    def _tell_fill(self, fill: Fill) -> None:
        self.session.inject(Channel(FILLS, fill.market), fill)

    def missed_report(self) -> None:
        """A report of an order could not be read: ask what it said."""
        if self.session.is_confirmed(Channel(DROPCOPY)):
            self._catch_up.missed()

    def _on_event(self, event: events.Event) -> None:
        if isinstance(event, events.Disconnected):
            self._is_following = False
            self._catch_up.lost()
        elif isinstance(event, events.Live):
            self._follow()
        elif isinstance(event, events.Unreadable) or (
            isinstance(event, events.Gap) and event.topic == DROPCOPY
        ):
            self.missed_report()

    def _follow(self) -> None:
        """Ask what happened before the drop copy was followed: it begins with open orders, not with finished ones."""
        if self._is_following or not self.session.is_confirmed(Channel(DROPCOPY)):
            return
        self._is_following = True
        if self._catch_up.is_behind or self.tracker.live:
            self._catch_up.resume()

    async def _ask_since(self, since_ns: int) -> None:
        await reconcile(
            self.tracker,
            self._queries,
            since_ns=since_ns,
            on_order=self._publish_order,
            on_absent=self._conclude_absent,
            on_fill=self._tell_fill,
        )
