"""One CoinEx stream connection and everything that lives on it: feed, books, session, orders.

Knows how the rooms are joined; the methods bots call are in ``streams``, frames in ``dialect``, pushes in
``pushes``, the loop in ``session.stream``.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Mapping
from typing import TypeVar

from tradewire._native import CoinexFeed, FeedEvent, Level2Book
from tradewire.errors import ConfigError
from tradewire.model import Order, OrderStatus, Trade
from tradewire.protocol import events
from tradewire.protocol.backoff import Backoff
from tradewire.protocol.channels import Channel
from tradewire.protocol.stream import StreamProtocol
from tradewire.protocol.timing import Timing
from tradewire.session.catch_up import CatchUp
from tradewire.session.inquiry import Inquiries
from tradewire.session.live_order import LiveOrder
from tradewire.session.orders import OrderTracker
from tradewire.session.recent import Recent
from tradewire.session.reconcile import OrderQueries, reconcile
from tradewire.session.stream import StreamSession
from tradewire.session.subscription import Overflow, Subscription
from tradewire.session.watched_book import BookSubscription
from tradewire.transport.seam import WsTransport
from tradewire.venues.coinex import dialect
from tradewire.venues.coinex.dialect import BOOK_DEPTHS, Dialect, Topic

__all__ = ["Streams"]

ItemT = TypeVar("ItemT")

RECENT_TRADES = 50_000
"""Public trades remembered over all markets, so that none is delivered twice."""
REQUEST_WINDOW_S = 6.0
"""The venue refuses a request stamped more than five seconds ago; one more for its clock and ours."""


class Streams:
    """One CoinEx stream connection with everything that lives on it. Opens with the first subscription.

    Args:
        url: The spot WebSocket.
        transport: Opens it.
        queries: The REST questions that settle orders of unknown fate and what a reconnect missed.
        login_params: Returns the signed parameters of ``server.sign``; leave it out for public topics only.
        timing: Every deadline.
        on_error: Told of exceptions that have no other place to go; logs them if left out.
        clock_offset_ns: Returns how far the venue's clock is ahead of ours.
    """

    def __init__(
        self,
        *,
        url: str,
        transport: WsTransport,
        queries: OrderQueries,
        login_params: Callable[[], Mapping[str, str | int]] | None = None,
        timing: Timing | None = None,
        on_error: Callable[[Exception], None] | None = None,
        clock_offset_ns: Callable[[], int] = lambda: 0,
    ) -> None:
        self._queries = queries
        self._timing = timing or Timing()
        self._trades = Recent[tuple[str, str]](RECENT_TRADES)
        self.feed = CoinexFeed()
        self.dialect = Dialect(login_params)
        self.protocol = StreamProtocol(self.dialect, self.feed, Backoff(random.random), self._timing)
        self.session: StreamSession[FeedEvent] = StreamSession(
            url=url,
            transport=transport,
            protocol=self.protocol,
            decoder=self.dialect,
            timing=self._timing,
            checksum_failures=lambda: self.feed.checksums_failed,
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
            on_reply=self.publish_order,
            clock_offset_ns=clock_offset_ns,
        )
        self._catch_up = CatchUp(self._ask_since, self.session.report)
        self.session.intercept(_channel(dialect.ORDERS), self._take_order)
        self.session.intercept(_channel(dialect.FILLS), self.tracker.take_fill)
        self.session.intercept(_channel(dialect.TRADES), self._is_new_trade)
        self.session.watch_events(self._on_event)

    async def close(self) -> None:
        """Close the connection and leave no task behind. Safe to call twice."""
        # First the session: what is heard may begin what is stopped here.
        await self.session.close()
        await self._catch_up.close()
        await self._inquiries.close()
        await self.tracker.close()

    def watch(
        self, topic: Topic, key: str, on_update: Callable[[ItemT], None] | None, bound: int
    ) -> Subscription[ItemT]:
        """Watch one topic.

        Raises:
            ConfigError: The topic needs credentials and there are none, or the client is closed.
        """
        if topic.is_private and not self.dialect.can_login:
            raise ConfigError(f"{topic.python} needs credentials; pass them to the client")
        subscription = Subscription[ItemT](
            (_channel(topic, key),), self.session, on_update=on_update, bound=bound, overflow=Overflow.END
        )
        self.session.start(subscription)
        return subscription

    def watch_book(
        self, market: str, depth: int, on_update: Callable[[FeedEvent], None] | None
    ) -> BookSubscription[FeedEvent, Level2Book]:
        """Watch one book.

        Raises:
            ConfigError: No such depth, or the market is watched with another one.
        """
        if depth not in BOOK_DEPTHS:
            raise ConfigError(f"CoinEx offers books of {BOOK_DEPTHS} levels, was {depth}")
        if not market:
            raise ConfigError("watch_book needs a market; CoinEx has no subscription to every book")
        known = self.feed.book(market)
        if known is not None and known.limit != depth:
            raise ConfigError(f"{market} is watched with {known.limit} levels; use those or a second client")
        # Adding a book that is there would empty it under those who watch it.
        book = known if known is not None else self.feed.add_book(market, depth)
        channel = Channel(dialect.DEPTH.name, market, depth)
        subscription = BookSubscription(book, channel, self.session, on_update)
        self.session.start(subscription)
        return subscription

    def _on_released(self, channel: Channel) -> None:
        if channel.topic == dialect.DEPTH.name:
            self.feed.remove_book(channel.key)

    def publish_order(self, report: Order) -> None:
        """Take a report that REST brought, as if it were pushed."""
        self.session.inject(_channel(dialect.ORDERS, report.market), report)

    def _conclude_absent(self, order: LiveOrder) -> None:
        report = self.tracker.mark_not_found(order, "the venue knows no such order")
        if report is not None:
            self.publish_order(report)

    def _take_order(self, report: Order) -> bool:
        # A conclusion was drawn from the tracker's own state.
        return report.status is OrderStatus.NOT_FOUND or self.tracker.take_order(report) is not None

    def _is_new_trade(self, trade: Trade) -> bool:
        # The first push after every subscribe repeats the latest trades.
        return self._trades.add((trade.market, trade.trade_id))

    def _on_event(self, event: events.Event) -> None:
        if isinstance(event, events.Disconnected):
            self._catch_up.lost()
        elif isinstance(event, events.Reconnected) and self.dialect.can_login:
            self._catch_up.resume()

    async def _ask_since(self, since_ns: int) -> None:
        await reconcile(
            self.tracker,
            self._queries,
            since_ns=since_ns,
            on_order=self.publish_order,
            on_absent=self._conclude_absent,
            on_fill=lambda fill: self.session.inject(_channel(dialect.FILLS, fill.market), fill),
        )


def _channel(topic: Topic, key: str = "") -> Channel:
    return Channel(topic.name, key)
