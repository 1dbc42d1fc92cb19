"""The connections that carry market data: the venue sends one market per connection, so each has its own.

Knows feeds, books and who watches them. The user's connection and the account are in ``connection``.
"""

from __future__ import annotations

import asyncio
from collections import OrderedDict
from collections.abc import Callable, Iterable
from typing import TypeAlias

from tradewire._native import ExchangeFeed, FeedEvent, Level3Book, PublicTrade
from tradewire.model import Side, Trade
from tradewire.protocol.channels import Channel
from tradewire.session.metrics import StreamMetrics
from tradewire.session.stream import StreamSession
from tradewire.session.subscription import Overflow, Subscription
from tradewire.session.watched_book import BookSubscription
from tradewire.venues.exchange.dialect import BOOK, TRADES

__all__ = ["Markets", "OpenSession"]

SIDES_BOUND = 10_000

OpenSession: TypeAlias = Callable[
    [ExchangeFeed, Callable[[Channel], None]], StreamSession[FeedEvent[Level3Book]]
]
"""Makes a market's session from its feed, and tells of every channel no one watches any more."""


class TradeSubscription(Subscription[Trade]):
    """Watched trades. Holds the book's channel, on whose frames they come, without listening to it."""

    def deliver(self, item: Trade) -> None:
        """Take trades and leave what the book's channel brings."""
        if isinstance(item, Trade):
            super().deliver(item)


class _Market:
    """One market's connection."""

    def __init__(self, market: str, markets: Markets, open_session: OpenSession) -> None:
        self.feed = ExchangeFeed()
        self.book = self.feed.add_book(market)
        self.session = open_session(self.feed, lambda channel: markets.released(market, channel))


class Markets:
    """Every market somebody watches. A connection opens with the first who does and closes after the last.

    Args:
        open_session: Makes a market's session.
        own_ids: Returns the ids of our open orders, to be marked on a new book.
    """

    def __init__(self, open_session: OpenSession, own_ids: Callable[[], Iterable[str]]) -> None:
        self._open_session = open_session
        self._own_ids = own_ids
        self._watched: dict[str, _Market] = {}
        self._closing: set[asyncio.Task[None]] = set()
        self._is_closed = False
        self._past = StreamMetrics()
        self._sides: OrderedDict[str, Side] = OrderedDict()

    @property
    def metrics(self) -> StreamMetrics:
        """Counters of every connection together, those closed too."""
        return sum((watched.session.metrics for watched in self._watched.values()), start=self._past)

    def watch_book(
        self, market: str, on_update: Callable[[FeedEvent[Level3Book]], None] | None
    ) -> BookSubscription[FeedEvent[Level3Book], Level3Book]:
        """Watch one book."""
        watched = self._market(market)
        subscription = BookSubscription(watched.book, Channel(BOOK, market), watched.session, on_update)
        watched.session.start(subscription)
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

    def mark_own(self, market: str, order_id: str, *, rests: bool) -> None:
        """Mark an order of ours on its market's book, if that is watched, or take the mark away."""
        watched = self._watched.get(market)
        if watched is not None and rests:
            watched.book.mark_own(order_id)
        elif watched is not None:
            watched.book.unmark_own(order_id)

    def saw(self, trade: PublicTrade) -> None:
        """Keep the sides of a trade's two orders, in case one of them turns out to be ours."""
        if trade.aggressor:
            side = Side(trade.aggressor)
            self._sides |= {trade.taker_order_id: side, trade.maker_order_id: side.opposite}
            while len(self._sides) > SIDES_BOUND:
                self._sides.popitem(last=False)

    def side_of(self, market: str, order_id: str) -> Side | None:
        """Return the side of any order that was seen to rest or to trade, as far as that is remembered."""
        watched = self._watched.get(market)
        resting = None if watched is None else watched.book.order(order_id, unsynced_ok=True)
        return self._sides.get(order_id) if resting is None else Side(resting[0])

    def released(self, market: str, channel: Channel) -> None:
        """Close the connection of a market whose book no one watches any more."""
        if channel.topic != BOOK or self._is_closed:
            return
        watched = self._watched.pop(market, None)
        if watched is not None:
            task = asyncio.get_running_loop().create_task(self._close(watched))
            self._closing.add(task)
            task.add_done_callback(self._closing.discard)

    async def close(self) -> None:
        """Close every connection. Safe to call twice."""
        self._is_closed = True
        for watched in list(self._watched.values()):
            await watched.session.close()
        if self._closing:
            await asyncio.wait(self._closing)

    def _market(self, market: str) -> _Market:
        watched = self._watched.get(market)
        if watched is None:
            watched = self._watched[market] = _Market(market, self, self._open_session)
            for order_id in self._own_ids():
                watched.book.mark_own(order_id)
        return watched

    async def _close(self, watched: _Market) -> None:
        await watched.session.close()
        self._past += watched.session.metrics
