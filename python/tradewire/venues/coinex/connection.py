"""One CoinEx stream connection and everything that lives on it: feed, books, session, account.

Describes CoinEx to ``session.account``; the methods bots call are in ``streams``, frames in ``dialect``, pushes in
``pushes``.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from typing import TYPE_CHECKING, TypeVar

import msgspec

from tradewire import codec
from tradewire._native import CoinexFeed, FeedEvent, Level2Book
from tradewire.errors import ConfigError
from tradewire.model import AccountKind, Balance, Fill, Order, Trade
from tradewire.protocol.arguments import check_plain, member, shown
from tradewire.protocol.channels import Channel
from tradewire.protocol.dialect import Verdict
from tradewire.session.account import AccountConnection, AccountDescription, AccountQuestions
from tradewire.session.lifetime import AccountStreams, Wiring
from tradewire.session.live_order import LiveOrder
from tradewire.session.recent import Recent
from tradewire.session.subscription import Owner, Subscription
from tradewire.session.watched_book import BookSubscription
from tradewire.venues.coinex import dialect
from tradewire.venues.coinex.auth import WINDOW_S
from tradewire.venues.coinex.dialect import BOOK_DEPTHS, Dialect, Topic
from tradewire.venues.coinex.errors import VENUE
from tradewire.venues.coinex.products import FUTURES, Product
from tradewire.wire import Whole, decoder

if TYPE_CHECKING:
    from tradewire.venues.coinex.model import StopOrder

__all__ = ["Streams"]

ItemT = TypeVar("ItemT")
ReportT = TypeVar("ReportT", bound="Order | StopOrder | Fill | Balance")

NS_PER_MS = 1_000_000
RECENT_TRADES = 50_000
"""Public trades remembered over all markets, so that none is delivered twice."""
ACCOUNTS = {
    account: AccountDescription(
        venue=VENUE,
        orders=dialect.ORDERS.name,
        fills=dialect.FILLS.name,
        followed_by=lambda market: (Channel(dialect.ORDERS.name), Channel(dialect.ORDERS.name, market)),
        # One second more is for its clock and ours.
        window_s=WINDOW_S + 1.0,
        account=account,
    )
    for account in AccountKind
}


class TimeReply(msgspec.Struct, frozen=True):
    """What ``server.time`` says."""

    timestamp: Whole


class TimeFrame(msgspec.Struct, frozen=True):
    """Its reply."""

    data: TimeReply


_times: msgspec.json.Decoder[TimeFrame] = decoder(TimeFrame)


class AccountSubscription(Subscription[ReportT]):
    """Reports of one account: the venue sends those of all accounts on the same topics."""

    def __init__(
        self,
        channel: Channel,
        owner: Owner,
        account: AccountKind,
        on_update: Callable[[ReportT], None] | None,
        bound: int,
    ) -> None:
        super().__init__((channel,), owner, on_update=on_update, bound=bound)
        self._account = account

    def deliver(self, item: ReportT) -> None:
        """Give one item to whoever reads, if it is of the account. Called by the session only."""
        if item.account is self._account:
            super().deliver(item)


class Streams(AccountStreams):
    """One CoinEx stream connection with everything that lives on it.

    Args:
        product: Whose stream it is.
        wiring: What the streams of every venue are made with.
        login_params: Returns the signed parameters of ``server.sign``; leave it out for public topics only.
    """

    def __init__(
        self,
        product: Product,
        wiring: Wiring,
        login_params: Callable[[], Mapping[str, str | int]] | None = None,
    ) -> None:
        self._product = product
        self._wiring = wiring
        self._trades = Recent[tuple[str, str]](RECENT_TRADES)
        self.feed = CoinexFeed()
        self.dialect = Dialect(product, login_params)
        self._wire(
            wiring,
            ACCOUNTS[product.account],
            self.dialect,
            self.feed,
            checksum_failures=lambda: self.feed.checksums_failed,
        )
        self.session.intercept(Channel(dialect.TRADES.name), self._new_trade)
        self._accounts = {product.account: self.account}
        self._unopened: dict[AccountKind, Callable[[], AccountConnection[FeedEvent]]] = {}

    def add_account(self, kind: AccountKind, questions: AccountQuestions) -> None:
        """Let this stream carry another account, which is kept certain once an order of it is sent."""
        self._unopened[kind] = partial(self._account_of, self._wiring, ACCOUNTS[kind], questions)

    def open_accounts(self) -> tuple[AccountConnection[FeedEvent], ...]:
        """Keep every account whose orders this client can send certain from now on, and return them."""
        for kind in list(self._unopened):
            self.account_of(kind)
        return tuple(self._accounts.values())

    def account_of(self, kind: AccountKind) -> AccountConnection[FeedEvent]:
        """Return what keeps an account of this stream certain."""
        if kind in self._unopened:
            self._accounts[kind] = self._unopened.pop(kind)()
        return self._accounts[kind]

    def order_heard(self, report: Order) -> Order:
        """Let the order that is followed, if it is, know what REST said of it, and return the report."""
        account = self._accounts.get(report.account)
        return report if account is None else account.heard(report)

    @property
    def live_orders(self) -> tuple[LiveOrder, ...]:
        """Orders of every account that are not final."""
        return tuple(order for account in self._accounts.values() for order in account.tracker.live)

    async def close(self, cancel_within_s: float = 0.0) -> None:
        """Cancel live orders of ours within that time, close every connection and leave no task behind."""
        others = [account for account in self._accounts.values() if account is not self.account]
        for account in others:
            await account.tracker.cancel_live(cancel_within_s, venue=VENUE)
        await super().close(cancel_within_s)
        for account in others:
            await account.close()

    async def time(self) -> int:
        """Return the venue's time; see ``StreamMethods.stream_time``."""
        news = await self.session.ask(dialect.time_request)
        if self.dialect.verdict(news.code) is not Verdict.DONE:
            raise self.dialect.refusal(Channel("server.time"), news.code, news.message)
        return codec.decode_as(news.payload, _times).data.timestamp * NS_PER_MS

    def watch_account(
        self,
        topic: Topic,
        key: str,
        account: AccountKind | str | None,
        on_update: Callable[[ReportT], None] | None,
        bound: int,
    ) -> Subscription[ReportT]:
        """Watch one topic of an account.

        Raises:
            ConfigError: There are no credentials, the account is none, or the client is closed.
        """
        kind = self._product.account if account is None else member("account", AccountKind, account)
        if (kind is AccountKind.FUTURES) is not (self._product is FUTURES):
            raise ConfigError(f"account must be one of {self._product.client}'s, got {kind.value!r}")
        channel = self._channel(topic, key)
        subscription = AccountSubscription(channel, self.session, kind, on_update, bound)
        self.session.start(subscription)
        return subscription

    def watch(
        self, topic: Topic, key: str, on_update: Callable[[ItemT], None] | None, bound: int
    ) -> Subscription[ItemT]:
        """Watch one topic.

        Raises:
            ConfigError: The topic needs credentials and there are none, or the client is closed.
        """
        return self.session.watch((self._channel(topic, key),), on_update, bound)

    def _channel(self, topic: Topic, key: str) -> Channel:
        if topic.is_private and not self.dialect.can_login:
            raise ConfigError(
                f"{self._product.client}.{topic.method} needs credentials; pass them to the client"
            )
        wanted = key if key == "" else check_plain("asset" if topic is dialect.BALANCE else "market", key)
        return Channel(topic.name, wanted)

    def watch_book(
        self, market: str, depth: int, on_update: Callable[[FeedEvent[Level2Book]], None] | None
    ) -> BookSubscription[FeedEvent[Level2Book], Level2Book]:
        """Watch one book.

        Raises:
            ConfigError: No such depth, or the market is watched with another one.
        """
        if type(depth) is not int or depth not in BOOK_DEPTHS:
            raise ConfigError(f"depth must be one of {BOOK_DEPTHS} levels, got {shown(depth)}")
        if not market:
            raise ConfigError("watch_book needs a market; CoinEx has no subscription to every book")
        known = self.feed.book(check_plain("market", market))
        if known is not None and known.limit != depth:
            raise ConfigError(f"{market} is watched with {known.limit} levels; use those or a second client")
        # Adding a book that is there would empty it under those who watch it.
        book = known if known is not None else self.feed.add_book(market, depth)
        subscription = BookSubscription(
            book, Channel(dialect.DEPTH.name, market, depth), self.session, on_update
        )
        self.session.start(subscription)
        return subscription

    def _on_released(self, channel: Channel) -> None:
        if channel.topic == dialect.DEPTH.name:
            self.feed.remove_book(channel.key)

    def _new_trade(self, trade: Trade) -> Trade | None:
        # The first push after every subscribe repeats the latest trades.
        return trade if self._trades.add((trade.market, trade.trade_id)) else None
