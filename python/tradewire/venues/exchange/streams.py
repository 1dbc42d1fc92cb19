"""The ``watch_...`` methods of the Exchange client, each a callback or an async iterator.

Knows what a bot may ask for; how it is done is in ``connection``.
"""

from __future__ import annotations

from collections.abc import Callable

from tradewire._native import FeedEvent, Level3Book
from tradewire.errors import ConfigError, NotSupported
from tradewire.model import Balance, Fill, Order, Position, Trade
from tradewire.protocol import events
from tradewire.session.metrics import StreamMetrics
from tradewire.session.subscription import Subscription
from tradewire.session.watched_book import BookSubscription
from tradewire.venues.exchange.api import check_market
from tradewire.venues.exchange.connection import Streams
from tradewire.venues.exchange.dialect import FILLS, MESSAGES, ORDERS, POSITIONS
from tradewire.venues.exchange.errors import VENUE
from tradewire.venues.exchange.model import Message

__all__ = ["StreamMethods"]


class StreamMethods:
    """The ``watch_...`` methods of the client.

    Source:
        https://www.mintlify.com/jamxu88/exchange/guides/websocket-api and .../introduction, read 2026-11-20.
    """

    _streams: Streams
    _keeper: Subscription[Message] | None

    def watch_book(
        self,
        market: str,
        *,
        depth: int = 0,  # noqa: ARG002 - the common interface's; the venue sends every order
        on_update: Callable[[FeedEvent[Level3Book]], None] | None = None,
    ) -> BookSubscription[FeedEvent[Level3Book], Level3Book]:
        """Keep the whole live book of ``market``, order by order. ``subscribe`` to ``l3``, a connection of its own.

        The book is ``subscription.book``; ``await subscription.ready()`` waits until it can be read. It holds
        every order in its place: ``book.queue(order_id)`` tells how much is ahead of one. A gap in the
        sequence, a call to resync or a lost connection puts it in doubt; it is fetched again by itself. A
        market the venue does not know is an empty book.

        * ``on_update(event)`` runs in the loop iteration that read the socket. Cost: one native call per
          frame and one of yours.
        * ``async for event in subscription``: at most one event waits, the newest; those it replaced are
          counted in ``conflated``. The book itself is never behind.

        Args:
            market: For instance ``ABC-USD``.
            depth: Not used: the venue sends every order.
            on_update: Called in the loop iteration that read the socket; leave it out to iterate.

        Raises:
            ConfigError: No such name can be a market, or the client is closed.
            NotSupported: From ``ready`` and the iterator: the venue speaks a later generation of its protocol,
                which has no such books.
        """
        return self._streams.markets.watch_book(check_market(market), on_update)

    def watch_trades(
        self, market: str = "", *, on_update: Callable[[Trade], None] | None = None, bound: int = 10_000
    ) -> Subscription[Trade]:
        """Watch a market's public trades, from the frames of its book. Times are ours, ids are market and sequence.

        The aggressor's side follows from the book; it is ``None`` for a trade whose maker the book never saw.
        Trades during a lost connection or a gap are missing: the venue has no tape.

        Args:
            market: For instance ``ABC-USD``.
            on_update: Called in the loop iteration that read the socket; leave it out to iterate.
            bound: Length of the iterator's queue; once it is full, ``StreamOverflow`` follows what it holds.

        Raises:
            ConfigError: No market, or the client is closed.
        """
        if not market:
            raise ConfigError("watch_trades needs a market; Exchange has no subscription to all of them")
        return self._streams.markets.watch_trades(check_market(market), on_update, bound)

    def watch_orders(
        self, market: str = "", *, on_update: Callable[[Order], None] | None = None, bound: int = 10_000
    ) -> Subscription[Order]:
        """Watch our orders. ``authenticate``, then ``order_state`` comes unasked.

        Once the login is accepted, and again after every loss, the client reads orders, fills and positions
        over REST and tells them here too; nothing that happened meanwhile is missed.

        Args:
            market: Empty for every market.
            on_update: Called in the loop iteration that read the socket; leave it out to iterate.
            bound: Length of the iterator's queue; once it is full, ``StreamOverflow`` follows what it holds.

        Raises:
            ConfigError: No key, no such name can be a market, or the client is closed.
        """
        return self._streams.watch_user(ORDERS, _market(market), on_update, bound)

    def watch_fills(
        self, market: str = "", *, on_update: Callable[[Fill], None] | None = None, bound: int = 10_000
    ) -> Subscription[Fill]:
        """Watch our fills, each exactly once; a trade with ourselves is two of them.

        The venue tells neither side nor which order is ours: a fill is reported with the state of its order,
        which follows it at once.

        Args:
            market: Empty for every market.
            on_update: Called in the loop iteration that read the socket; leave it out to iterate.
            bound: Length of the iterator's queue; once it is full, ``StreamOverflow`` follows what it holds.

        Raises:
            ConfigError: No key, no such name can be a market, or the client is closed.
        """
        return self._streams.watch_user(FILLS, _market(market), on_update, bound)

    def watch_positions(
        self, market: str = "", *, on_update: Callable[[Position], None] | None = None, bound: int = 10_000
    ) -> Subscription[Position]:
        """Watch our positions, kept from fills by the venue's own integer rules.

        The venue pushes none. They begin with what REST says and are equal to it after every fill.

        Args:
            market: Empty for every market.
            on_update: Called in the loop iteration that read the socket; leave it out to iterate.
            bound: Length of the iterator's queue; once it is full, ``StreamOverflow`` follows what it holds.

        Raises:
            ConfigError: No key, no such name can be a market, or the client is closed.
        """
        return self._streams.watch_user(POSITIONS, _market(market), on_update, bound)

    def watch_messages(
        self, *, on_update: Callable[[Message], None] | None = None, bound: int = 1000
    ) -> Subscription[Message]:
        """Watch the operator's messages: settlements are announced here and nowhere else.

        Args:
            on_update: Called in the loop iteration that read the socket; leave it out to iterate.
            bound: Length of the iterator's queue; once it is full, ``StreamOverflow`` follows what it holds.

        Raises:
            ConfigError: No key, or the client is closed.
        """
        return self._streams.watch_user(MESSAGES, "", on_update, bound)

    def watch_balances(
        self,
        asset: str = "",  # noqa: ARG002 - the common interface's
        *,
        on_update: Callable[[Balance], None] | None = None,  # noqa: ARG002 - the common interface's
    ) -> Subscription[Balance]:
        """Refuse: the venue holds positions, no assets.

        Raises:
            NotSupported: Always.
        """
        raise NotSupported(
            "Exchange holds positions, no balances",
            venue=VENUE,
            instead="watch_positions()",
        )

    def watch_events(
        self, on_update: Callable[[events.Event], None] | None = None
    ) -> Subscription[events.Event]:
        """Watch what every connection tells about itself, see ``tradewire.protocol.events``.

        ``ProtocolVersionDetected`` says that the venue speaks a later generation, and what cannot be done there.
        """
        return self._streams.events.watch(on_update)

    async def account_ready(self) -> None:
        """Open the user's stream and wait until it is live and orders, fills and positions are known.

        Raises:
            ConfigError: There is no key.
            AuthRejected: The venue does not know it.
        """
        if self._keeper is None or self._keeper.is_closed:
            self._keeper = self._streams.watch_user(MESSAGES, "", _ignore, 1)
        await self._keeper.ready()
        await self._streams.account_known()

    @property
    def generation(self) -> str:
        """The generation of the protocol the venue speaks: ``P`` until it has shown to be ``M`` or ``L``."""
        return self._streams.generation

    @property
    def stream_metrics(self) -> StreamMetrics:
        """Counters of every connection together since the client was opened."""
        return self._streams.metrics


def _ignore(_: Message) -> None:
    """Take a message no one watches: the subscription only keeps the stream open."""


def _market(market: str) -> str:
    return market if market == "" else check_market(market)
