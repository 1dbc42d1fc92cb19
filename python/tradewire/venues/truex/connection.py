"""One TrueX stream connection and everything that lives on it: feed, books, session, account.

Describes TrueX to ``session.account``; the methods bots call are in ``streams``, frames in ``dialect``, pushes in
``pushes``.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import TypeVar

from tradewire._native import FeedEvent, Level2Book, TruexFeed
from tradewire.errors import ConfigError
from tradewire.protocol.channels import Channel
from tradewire.session.account import AccountDescription
from tradewire.session.lifetime import AccountStreams, Wiring
from tradewire.session.live_order import LiveOrder
from tradewire.session.subscription import Subscription
from tradewire.session.watched_book import BookSubscription
from tradewire.venues.truex.dialect import FILLS, Dialect
from tradewire.venues.truex.errors import VENUE
from tradewire.venues.truex.pushes import BOOK, DROPCOPY, ORDERS, TAPE

__all__ = ["PING_S", "Streams"]

ItemT = TypeVar("ItemT")

WINDOW_LEVELS = 20
"""Levels a side the venue shows."""
PING_S = 20.0
"""Interval of the vendor's own client, and how long it waits for a pong."""
ACCOUNT = AccountDescription(
    venue=VENUE,
    orders=ORDERS,
    fills=FILLS,
    followed_by=lambda _: (Channel(DROPCOPY),),
    # The venue refuses a request that is older than fifteen seconds; one more is for clocks that disagree.
    window_s=16.0,
    # The drop copy reports how much an order traded, not the trades.
    pushes_fills=False,
    fills_by_market=False,
)


class Streams(AccountStreams):
    """One TrueX stream connection with everything that lives on it.

    Args:
        wiring: What the streams of every venue are made with.
        dialect: Writes and reads its frames.
        prepare: Reads what ids stand for before a connection opens: best prices, trades and orders come with ids.
        trim_books: Keep books to the levels the venue shows.
    """

    def __init__(
        self,
        wiring: Wiring,
        dialect: Dialect,
        prepare: Callable[[], Awaitable[None]],
        *,
        trim_books: bool = False,
    ) -> None:
        self._tapes: set[str] = set()
        self.dialect = dialect
        self.feed = TruexFeed(coalesced=not dialect.can_login, limit=WINDOW_LEVELS if trim_books else 0)
        self._wire(wiring, ACCOUNT, dialect, self.feed, prepare=prepare)
        self.session.on_unreadable(Channel(DROPCOPY), self.account.missed)

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
        subscription: Subscription[ItemT] = self.session.watch(channels, on_update, bound)
        if topic == TAPE:
            self._tapes.add(key)
        return subscription

    def watch_book(
        self, market: str, on_update: Callable[[FeedEvent[Level2Book]], None] | None
    ) -> BookSubscription[FeedEvent[Level2Book], Level2Book]:
        """Watch one book."""
        known = self.feed.book(market)
        # Adding a book that is there would empty it under those who watch it.
        book = known if known is not None else self.feed.add_book(market)
        subscription = BookSubscription(book, Channel(BOOK, market), self.session, on_update)
        self.session.start(subscription)
        return subscription

    def known(self, order_id: str, client_order_id: str) -> LiveOrder | None:
        """Return the order of ours with the venue's id, or with our own if it was not answered yet."""
        self.account.tracker.identify(client_order_id, order_id)
        return self.account.tracker.order(order_id)

    def followed(self, order_id: str) -> LiveOrder | None:
        """Return the order with the venue's id as the drop copy reports it; ``None`` while reports may be missing."""
        is_current = self.account.is_followed("") and self.account.is_certain
        return self.account.tracker.order(order_id) if is_current else None

    def only_tape(self) -> str:
        """Return the one market whose trades are watched; empty for none or several."""
        return next(iter(self._tapes)) if len(self._tapes) == 1 else ""

    def _on_released(self, channel: Channel) -> None:
        if channel.topic == BOOK:
            self.feed.remove_book(channel.key)
        elif channel.topic == TAPE:
            self._tapes.discard(channel.key)
