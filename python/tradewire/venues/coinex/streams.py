"""The ``watch_...`` methods of both products, each a callback or an async iterator.

Knows what a bot may ask for; how it is done is in ``connection``.
"""

from __future__ import annotations

from collections.abc import Callable

from tradewire._native import FeedEvent, Level2Book
from tradewire.errors import ConfigError
from tradewire.model import AccountKind, Balance, BestQuote, Fill, Order, Ticker, Trade
from tradewire.session.subscription import Subscription
from tradewire.session.watched_book import BookSubscription
from tradewire.venues.coinex import dialect
from tradewire.venues.coinex.connection import Streams
from tradewire.venues.coinex.model import IndexPrice, StopOrder
from tradewire.venues.coinex.notices import Maintenance

__all__ = ["StreamMethods"]


class StreamMethods:
    """The ``watch_...`` methods of the client, and the order that can be sent from inside a callback."""

    _streams: Streams

    def watch_book(
        self,
        market: str,
        *,
        depth: int = 50,
        on_update: Callable[[FeedEvent[Level2Book]], None] | None = None,
    ) -> BookSubscription[FeedEvent[Level2Book], Level2Book]:
        """Keep a live book of ``market``, proved by the venue's checksum on every push. ``depth.subscribe``.

        The book is ``subscription.book``; ``await subscription.ready()`` waits until it can be read. A book
        in doubt (checksum, gap, silence, lost connection) does not answer and is fetched again by itself.

        * ``on_update(event)`` runs in the loop iteration that read the socket, for every push, also for one
          that left the book in doubt (``event.reason``). Cost: one native call per frame and one of yours.
        * ``async for event in subscription``: at most one event waits, the newest; those it replaced are
          counted in ``conflated``. The book itself is never behind.

        Args:
            market: For instance ``BTCUSDT``.
            depth: Levels a side: 5, 10, 20 or 50.
            on_update: Called in the loop iteration that read the socket; leave it out to iterate.

        Raises:
            ConfigError: No such depth, the market is watched with another depth, or the client is closed.

        Source:
            https://docs.coinex.com/api/v2/spot/market/ws/market-depth, read 2026-11-20.
        """
        return self._streams.watch_book(market, depth, on_update)

    def watch_trades(
        self, market: str = "", *, on_update: Callable[[Trade], None] | None = None, bound: int = 10_000
    ) -> Subscription[Trade]:
        """Watch public trades in the order they happened. ``deals.subscribe``.

        Each trade comes once, starting with the latest ones before the subscription. Trades during a lost
        connection beyond those the venue repeats are missing; ask ``trades()``.

        Args:
            market: Empty for every market.
            on_update: Called with each trade in the loop iteration that read it; leave it out to iterate.
            bound: Length of the iterator's queue; once it is full, ``StreamOverflow`` follows what it holds.

        Raises:
            ConfigError: The client is closed.

        Source:
            https://docs.coinex.com/api/v2/spot/market/ws/market-deals, read 2026-11-20.
        """
        return self._streams.watch(dialect.TRADES, market, on_update, bound)

    def watch_bbo(
        self, market: str, *, on_update: Callable[[BestQuote], None] | None = None, bound: int = 10_000
    ) -> Subscription[BestQuote]:
        """Watch the best bid and ask of ``market`` in real time. ``bbo.subscribe``.

        Args:
            market: For instance ``BTCUSDT``.
            on_update: Called in the loop iteration that read the socket; leave it out to iterate.
            bound: Length of the iterator's queue; once it is full, ``StreamOverflow`` follows what it holds.

        Raises:
            ConfigError: No market, or the client is closed.

        Source:
            https://docs.coinex.com/api/v2/spot/market/ws/market-bbo, read 2026-11-20.
        """
        if not market:
            raise ConfigError("watch_bbo needs a market; the venue does not define a subscription to all")
        return self._streams.watch(dialect.BBO, market, on_update, bound)

    def watch_ticker(
        self, market: str = "", *, on_update: Callable[[Ticker], None] | None = None, bound: int = 10_000
    ) -> Subscription[Ticker]:
        """Watch 24-hour figures, at most every 200 ms a market. ``state.subscribe``.

        Args:
            market: Empty for every market.
            on_update: Called in the loop iteration that read the socket; leave it out to iterate.
            bound: Length of the iterator's queue; once it is full, ``StreamOverflow`` follows what it holds.

        Raises:
            ConfigError: The client is closed.

        Source:
            https://docs.coinex.com/api/v2/spot/market/ws/market, read 2026-11-20.
        """
        return self._streams.watch(dialect.TICKER, market, on_update, bound)

    def watch_index(
        self,
        market: str = "",
        *,
        on_update: Callable[[IndexPrice], None] | None = None,
        bound: int = 10_000,
    ) -> Subscription[IndexPrice]:
        """Watch index prices, and mark prices of futures, every 5 seconds. ``index.subscribe``.

        Args:
            market: Empty for every market; for spot the pages do not say so.
            on_update: Called in the loop iteration that read the socket; leave it out to iterate.
            bound: Length of the iterator's queue; once it is full, ``StreamOverflow`` follows what it holds.

        Raises:
            ConfigError: The client is closed.

        Source:
            https://docs.coinex.com/api/v2/spot/market/ws/market-index, read 2026-11-20.
        """
        return self._streams.watch(dialect.INDEX, market, on_update, bound)

    async def stream_time(self) -> int:
        """Return the venue's time, nanoseconds UTC, to the millisecond, as the stream tells it. ``server.time``.

        Raises:
            NotSent: Nothing is watched, or the connection is not live: watch something first.
            VenueUnavailable: The connection was lost before the venue answered.

        Source:
            https://docs.coinex.com/api/v2/common/ws/time, read 2026-11-20.
        """
        return await self._streams.time()

    def watch_maintenance(
        self, *, on_update: Callable[[Maintenance], None] | None = None, bound: int = 1000
    ) -> Subscription[Maintenance]:
        """Watch announcements of when the venue will not be there. ``server.sign``, ``notice.subscribe``.

        What was announced before is in ``CoinEx.maintenance()``.

        Args:
            on_update: Called in the loop iteration that read the socket; leave it out to iterate.
            bound: Length of the iterator's queue; once it is full, ``StreamOverflow`` follows what it holds.

        Raises:
            ConfigError: No credentials, or the client is closed.

        Source:
            https://docs.coinex.com/api/v2/common/ws/notice, read 2026-11-20.
        """
        return self._streams.watch(dialect.NOTICES, "", on_update, bound)

    def watch_orders(
        self,
        market: str = "",
        *,
        account: AccountKind | str | None = None,
        on_update: Callable[[Order], None] | None = None,
        bound: int = 10_000,
    ) -> Subscription[Order]:
        """Watch our orders. ``server.sign``, ``order.subscribe``.

        Every ``LiveOrder`` of this client follows the venue while this is open.

        There is no snapshot: ask ``open_orders()`` once subscribed. After a reconnect the client asks REST by
        itself, and the answers come here too: the state of every order this client knew as alive, and every
        order open now, are then certain.

        Args:
            market: Empty for every market.
            account: The product's if left out. ``margin`` reports on the same topic as ``spot``; each is watched, and
                its orders are followed, apart from the other's.
            on_update: Called in the loop iteration that read the socket; leave it out to iterate.
            bound: Reports the queue of the iterator holds; when it is full the iterator raises
                ``StreamOverflow`` after what is queued, and live orders stop following.

        Raises:
            ConfigError: No credentials, or the client is closed.

        Source:
            https://docs.coinex.com/api/v2/spot/order/ws/user-order, read 2026-11-20.
        """
        return self._streams.watch_account(dialect.ORDERS, market, account, on_update, bound)

    def watch_stop_orders(
        self,
        market: str = "",
        *,
        account: AccountKind | str | None = None,
        on_update: Callable[[StopOrder], None] | None = None,
        bound: int = 10_000,
    ) -> Subscription[StopOrder]:
        """Watch our stop orders: placed, fired or cancelled. ``server.sign``, ``stop.subscribe``.

        Only here does the venue tell whether it took the order of one that fired: ``StopStatus.PLACED`` or ``FAILED``.
        A changed stop order comes twice, cancelled under its old id and waiting under the new one. There is no
        snapshot, not after a reconnect either: ask ``open_stop_orders()`` on ``Reconnected``.

        Args:
            market: Empty for every market.
            account: As for ``watch_orders``.
            on_update: Called in the loop iteration that read the socket; leave it out to iterate.
            bound: Length of the iterator's queue; once it is full, ``StreamOverflow`` follows what it holds.

        Raises:
            ConfigError: No credentials, or the client is closed.

        Source:
            https://docs.coinex.com/api/v2/spot/order/ws/user-stop-order, read 2026-11-20.
        """
        return self._streams.watch_account(dialect.STOP_ORDERS, market, account, on_update, bound)

    def watch_fills(
        self,
        market: str = "",
        *,
        account: AccountKind | str | None = None,
        on_update: Callable[[Fill], None] | None = None,
        bound: int = 10_000,
    ) -> Subscription[Fill]:
        """Watch our trades, each exactly once. ``server.sign``, ``user_deals.subscribe``.

        After a reconnect the client asks REST for the fills of the markets its orders are in, and the missed
        ones come here; fills of other programs in other markets are not asked for.

        Args:
            market: Empty for every market.
            account: As for ``watch_orders``.
            on_update: Called in the loop iteration that read the socket; leave it out to iterate.
            bound: Length of the iterator's queue; once it is full, ``StreamOverflow`` follows what it holds.

        Raises:
            ConfigError: No credentials, or the client is closed.

        Source:
            https://docs.coinex.com/api/v2/spot/deal/ws/user-deals, read 2026-11-20.
        """
        return self._streams.watch_account(dialect.FILLS, market, account, on_update, bound)

    def watch_balances(
        self,
        asset: str = "",
        *,
        account: AccountKind | str | None = None,
        on_update: Callable[[Balance], None] | None = None,
        bound: int = 10_000,
    ) -> Subscription[Balance]:
        """Watch the assets of an account. ``server.sign``, ``balance.subscribe``.

        There is no snapshot, not after a reconnect either: ask ``balances()`` on ``Reconnected``.

        Args:
            asset: For instance ``USDT``; empty for every asset.
            account: As for ``watch_orders``; ``Balance.margin_market`` says which margin account.
            on_update: Called in the loop iteration that read the socket; leave it out to iterate.
            bound: Length of the iterator's queue; once it is full, ``StreamOverflow`` follows what it holds.

        Raises:
            ConfigError: No credentials, or the client is closed.

        Source:
            https://docs.coinex.com/api/v2/assets/balance/ws/spot_balance, read 2026-11-20.
        """
        return self._streams.watch_account(dialect.BALANCE, asset, account, on_update, bound)
