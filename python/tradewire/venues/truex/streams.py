"""The ``watch_...`` methods of the TrueX client, each a callback or an async iterator.

Knows what a bot may ask for; how it is done is in ``connection``.
"""

from __future__ import annotations

from collections.abc import Callable

from tradewire._native import FeedEvent, Level2Book
from tradewire.errors import ConfigError, NotSupported
from tradewire.model import Balance, BestQuote, BookSnapshot, Fill, Order, Trade
from tradewire.protocol.arguments import check_plain, whole_number
from tradewire.session.subscription import Subscription
from tradewire.session.watched_book import BookSubscription
from tradewire.venues.truex.connection import Streams
from tradewire.venues.truex.dialect import FILLS
from tradewire.venues.truex.errors import VENUE
from tradewire.venues.truex.model import Instrument
from tradewire.venues.truex.pushes import BEST, INSTRUMENTS, ORDERS, TAPE

__all__ = ["StreamMethods"]

MAX_DEPTH = 20


class StreamMethods:
    """The ``watch_...`` methods of the client.

    Source:
        https://docs.truemarkets.co/websocket/institutional, read 2026-11-20.
    """

    _streams: Streams

    def watch_book(
        self,
        market: str,
        *,
        depth: int = MAX_DEPTH,
        on_update: Callable[[FeedEvent[Level2Book]], None] | None = None,
    ) -> BookSubscription[FeedEvent[Level2Book], Level2Book]:
        """Keep a live book of ``market``, 20 levels a side with the orders of each. ``DEPTH``.

        The book is ``subscription.book``; ``await subscription.ready()`` waits until it can be read. A gap in
        the channel's sequence, which all books share, puts every book in doubt, and so does a lost connection;
        they are fetched again by themselves. Without an HMAC key the venue merges changes, about once a second,
        and whether its numbers jump then is not known: they are not judged.

        * ``on_update(event)`` runs in the loop iteration that read the socket. Cost: one native call per
          frame and one of yours.
        * ``async for event in subscription``: at most one event waits, the newest; those it replaced are
          counted in ``conflated``. The book itself is never behind.

        Args:
            market: For instance ``BTC-PYUSD``.
            depth: Not more than 20; the venue sends 20.
            on_update: Called in the loop iteration that read the socket; leave it out to iterate.

        Raises:
            ConfigError: No such depth, no such name, or the client is closed.
        """
        whole_number("depth", depth, 1, MAX_DEPTH)
        return self._streams.watch_book(_named("watch_book", market), on_update)

    async def book(self, market: str, *, depth: int = MAX_DEPTH) -> BookSnapshot:
        """Return the top of a book, once. The venue has no REST book: this subscribes, looks and leaves.

        Cost: a connection, unless one is open already.

        Args:
            market: For instance ``BTC-PYUSD``.
            depth: Levels a side, at most 20.
        """
        async with self.watch_book(market, depth=depth) as watched:
            return await watched.snapshot(depth)

    def watch_bbo(
        self, market: str, *, on_update: Callable[[BestQuote], None] | None = None, bound: int = 10_000
    ) -> Subscription[BestQuote]:
        """Watch best bid and best ask. ``EBBO``.

        Args:
            market: For instance ``BTC-PYUSD``.
            on_update: Called in the loop iteration that read the socket; leave it out to iterate.
            bound: Length of the iterator's queue; once it is full, ``StreamOverflow`` follows what it holds.

        Raises:
            ConfigError: No such name, or the client is closed.
        """
        return self._streams.watch(BEST, _named("watch_bbo", market), on_update, bound)

    def watch_trades(
        self, market: str = "", *, on_update: Callable[[Trade], None] | None = None, bound: int = 10_000
    ) -> Subscription[Trade]:
        """Watch a market's public trades. ``TRADE``. The taker's side is not stated, and times are ours.

        There is no snapshot: trades during a lost connection or a gap are missing; ask ``trades()``.

        Args:
            market: For instance ``BTC-PYUSD``.
            on_update: Called with each trade in the loop iteration that read it; leave it out to iterate.
            bound: Length of the iterator's queue; once it is full, ``StreamOverflow`` follows what it holds.

        Raises:
            ConfigError: No such name, or the client is closed.
        """
        return self._streams.watch(TAPE, _named("watch_trades", market), on_update, bound)

    def watch_instruments(
        self, market: str, *, on_update: Callable[[Instrument], None] | None = None, bound: int = 1000
    ) -> Subscription[Instrument]:
        """Watch an instrument's state: status, limits, 24 hours. ``INSTRUMENT``.

        Args:
            market: For instance ``BTC-PYUSD``.
            on_update: Called in the loop iteration that read the socket; leave it out to iterate.
            bound: Length of the iterator's queue; once it is full, ``StreamOverflow`` follows what it holds.

        Raises:
            ConfigError: No such name, or the client is closed.
        """
        return self._streams.watch(INSTRUMENTS, _named("watch_instruments", market), on_update, bound)

    def watch_orders(
        self, market: str = "", *, on_update: Callable[[Order], None] | None = None, bound: int = 10_000
    ) -> Subscription[Order]:
        """Watch our orders. ``DROPCOPY``: every open one first, then every change of state.

        After a gap, a lost connection or a report that cannot be read the client asks over REST what happened
        meanwhile, and tells that here too. What the channel carries is not published; it is read as the orders
        of REST, whatever is missing or added.

        Args:
            market: Empty for every market.
            on_update: Called in the loop iteration that read the socket; leave it out to iterate.
            bound: Length of the iterator's queue; once it is full, ``StreamOverflow`` follows what it holds.

        Raises:
            ConfigError: No HMAC key (bearer tokens are for REST), or the client is closed.
        """
        return self._streams.watch(ORDERS, _named_or_all(market), on_update, bound)

    def watch_fills(
        self, market: str = "", *, on_update: Callable[[Fill], None] | None = None, bound: int = 10_000
    ) -> Subscription[Fill]:
        """Watch our fills, each exactly once.

        The venue pushes that an order has traded, not the trades: they are asked for over REST when one has,
        so a fill comes a round trip after the order's report. Cost: a request for every burst of trades.

        Args:
            market: Empty for every market.
            on_update: Called in the loop iteration that read the socket; leave it out to iterate.
            bound: Length of the iterator's queue; once it is full, ``StreamOverflow`` follows what it holds.

        Raises:
            ConfigError: No HMAC key (bearer tokens are for REST), or the client is closed.
        """
        return self._streams.watch(FILLS, _named_or_all(market), on_update, bound)

    def watch_balances(
        self,
        asset: str = "",  # noqa: ARG002 - the common interface's
        *,
        on_update: Callable[[Balance], None] | None = None,  # noqa: ARG002 - the common interface's
    ) -> Subscription[Balance]:
        """Refuse: the venue pushes no balances.

        Raises:
            NotSupported: Always.
        """
        raise NotSupported(
            "TrueX pushes no balances",
            venue=VENUE,
            instead="holdings() after a fill",
        )


def _named_or_all(market: str) -> str:
    return market if market == "" else check_plain("market", market)


def _named(method: str, market: str) -> str:
    if not market:
        raise ConfigError(f"{method} needs a market; TrueX has no subscription to all of them")
    return check_plain("market", market)
