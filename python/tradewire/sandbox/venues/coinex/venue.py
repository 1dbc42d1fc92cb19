"""The CoinEx sandbox venue behind one object: core, keys, REST, streams, traffic and its oracle."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator, Mapping
from decimal import Decimal
from functools import partial
from typing import Any

from tradewire.sandbox.faults import FaultKind
from tradewire.sandbox.faults.reads import LaggingReads
from tradewire.sandbox.market import Quote, Take
from tradewire.sandbox.order import Kind, Order
from tradewire.sandbox.ordered import OrderedSet
from tradewire.sandbox.outbox import Outbox
from tradewire.sandbox.traffic import Traffic
from tradewire.sandbox.venue import ControlHandler
from tradewire.sandbox.venues.coinex import oracle
from tradewire.sandbox.venues.coinex.api import RestApi
from tradewire.sandbox.venues.coinex.auth import Keyring, Trader
from tradewire.sandbox.venues.coinex.channel import DEPTH_NAP_MS, Channel
from tradewire.sandbox.venues.coinex.core import FEE_RATES, ExchangeCore
from tradewire.sandbox.venues.coinex.depth import DepthPublisher
from tradewire.sandbox.venues.coinex.fault_points import CoinExFaultPoints, CoinExFaults
from tradewire.sandbox.venues.coinex.feeds import Feeds
from tradewire.sandbox.venues.coinex.futures import oracle as futures_oracle
from tradewire.sandbox.venues.coinex.futures.desk import DEFAULT_FUNDS, FuturesDesk
from tradewire.sandbox.venues.coinex.futures.handlers import FuturesHandlers
from tradewire.sandbox.venues.coinex.futures.pushes import FUTURES_TOPICS, FuturesFeeds
from tradewire.sandbox.venues.coinex.habits import Habits
from tradewire.sandbox.venues.coinex.handlers import ProductHandlers
from tradewire.sandbox.venues.coinex.house import INTERNAL_ACCOUNTS, INTERNAL_DEPOSIT, House
from tradewire.sandbox.venues.coinex.markets import STATUSES
from tradewire.sandbox.venues.coinex.options import CoinExOptions
from tradewire.sandbox.venues.coinex.rates import RateLimits
from tradewire.sandbox.venues.coinex.rest import SUBJECTS
from tradewire.sandbox.venues.coinex.stream import SPOT_TOPICS, Stream
from tradewire.sandbox.venues.coinex.treasury import Treasury, control
from tradewire.sandbox.venues.coinex.treasury.referrals import Scheme
from tradewire.sandbox.venues.coinex.treasury.settings import Maintenance
from tradewire.sandbox.venues.coinex.wallets import PREFIXES, futures_wallet, owner_of

__all__ = ["CoinExVenue"]

DEFAULT_DEPOSITS = {
    "USDT": "1000000",
    "BTC": "20",
    "ETH": "400",
    "SOL": "8000",
    "XRP": "2000000",
    "CET": "15000000",
}
MAX_BODY_BYTES = 1024 * 1024
MAX_MESSAGE_BYTES = 64 * 1024


class CoinExVenue:
    """The venue. Made by ``tradewire.Sandbox``; addresses are set once it listens.

    Attributes:
        rest_url: Base of REST paths, for instance ``http://127.0.0.1:41234/v2``.
        ws_spot_url: Address of the spot stream.
        ws_futures_url: Address of the futures stream.
        access_id: Key of the default trader.
        secret: Its secret.
        faults: Faults to inject next.
    """

    name = "coinex"
    frames_are_text = False
    refuses_binary = True
    max_body_bytes = MAX_BODY_BYTES
    max_message_bytes = MAX_MESSAGE_BYTES
    faults_class = CoinExFaults
    fault_points = CoinExFaultPoints()

    def __init__(
        self,
        *,
        seed: int,
        rate_per_s: float,
        faults: CoinExFaults,
        now_ms: Callable[[], int],
        options: CoinExOptions,
    ) -> None:
        if options.push_ms < 0:
            raise ValueError("push_ms must be at least 0")
        self.rest_url = ""
        self.ws_spot_url = ""
        self.ws_futures_url = ""
        self.core = ExchangeCore(options.markets, remembers=lambda account: account not in INTERNAL_ACCOUNTS)
        self.keyring = Keyring(
            seed, accept_legacy_hash=options.accept_legacy_hash, reserved={*INTERNAL_ACCOUNTS, *PREFIXES}
        )
        self._habits = habits = Habits(options)
        self.now_ms: Callable[[], int] = lambda: now_ms() + faults.skew_ms
        self.faults = faults
        self.idle_s: float | None = options.idle_s
        self.idle_cut_is_abrupt = options.idle_cut_is_abrupt
        self.streams = OrderedSet[Stream]()
        self.feeds = Feeds(self.core, self.streams, habits)
        self.depth = DepthPublisher(self.core, faults, habits, full_every_ms=options.full_every_ms)
        self._futures = FuturesDesk(self.core, options, seed=seed, now_ms=self.now_ms)
        futures_streams = OrderedSet[Stream]()
        self.futures_feeds = FuturesFeeds(self._futures, futures_streams, habits)
        self.futures_depth = DepthPublisher(
            self._futures.core, faults, habits, full_every_ms=options.full_every_ms
        )
        channel = partial(Channel, options=options, keyring=self.keyring, now_ms=self.now_ms)
        self._channels = {
            "/v2/spot": channel(self.core, self.feeds, self.depth, self.streams, SPOT_TOPICS),
            "/v2/futures": channel(
                self._futures.core, self.futures_feeds, self.futures_depth, futures_streams, FUTURES_TOPICS
            ),
        }
        self._books = {
            name: oracle.BookOracle(one.core, one.depth, habits, self.now_ms)
            for name, one in (
                ("spot", self._channels["/v2/spot"]),
                ("futures", self._channels["/v2/futures"]),
            )
        }
        faults.on(
            FaultKind.MARGIN_EVENTS,
            lambda market, count: self.feeds.margin_events(market, count, self.now_ms()),
        )
        self._push_ms = options.push_ms
        self.core.treasury = Treasury(
            self.core,
            self.keyring,
            seed=seed,
            step_ms=options.money_step_ms,
            now_ms=self.now_ms(),
            remembers=lambda account: account not in INTERNAL_ACCOUNTS,
            tell=self._tell_balance,
            usable=self._futures.usable,
            on_frozen=self._end_logins,
        )
        self._futures.core.listen(
            self.core.treasury.referrals.on_futures_event, lambda _market, _now_ms: None
        )
        self.api = RestApi(
            self._handlers(options),
            {"spot": self.core.rules, "futures": self._futures.core.rules},
            self.keyring,
            RateLimits(enabled=options.rate_limits),
            habits,
            self.core.treasury.subs,
            self._use,
        )
        pairs = [rules.pair.filled(options.quotes) for rules in self.core.rules.values()]
        self.traffic = Traffic(seed, pairs, rate_per_s, House(self.core, self._house_order, self.now_ms).play)
        for account in sorted(INTERNAL_ACCOUNTS):
            for asset in DEFAULT_DEPOSITS:
                self.core.ledger.deposit(account, asset, INTERNAL_DEPOSIT)
        self._trader = self.add_trader("trader")
        self.traffic.open()

    @property
    def access_id(self) -> str:
        """Key of the default trader."""
        return self._trader.access_id

    @property
    def secret(self) -> str:
        """Secret of the default trader."""
        return self._trader.secret

    @property
    def markets(self) -> tuple[str, ...]:
        """Every market name."""
        return tuple(self.core.rules)

    def add_trader(
        self,
        name: str,
        deposits: Mapping[str, str | Decimal] | None = None,
        *,
        futures_usdt: str | Decimal = DEFAULT_FUNDS,
        referrer: str = "",
        is_agent: bool = False,
    ) -> Trader:
        """Open a funded account and return its key.

        Args:
            name: The trader's.
            deposits: What its spot wallet holds, by asset; some of everything by default.
            futures_usdt: What its futures wallet holds.
            referrer: Who brought it to the venue, and gets rebates.
            is_agent: That one is an agent.

        Raises:
            ValueError: The name is taken, or a deposit is below zero.
        """
        trader = self.keyring.issue(name)
        for asset, amount in (DEFAULT_DEPOSITS if deposits is None else deposits).items():
            self.core.treasury.deposits.open_account(name, asset, Decimal(amount), self.now_ms())
        self._futures.fund(name, Decimal(futures_usdt))
        if referrer:
            scheme = Scheme.AGENT if is_agent else Scheme.REFEREE
            self.core.treasury.referrals.bring(name, referrer, scheme, self.now_ms())
        return trader

    @property
    def futures(self) -> FuturesDesk:
        """The perpetuals, open for trading from the first time that somebody asks for them."""
        self._futures.open()
        return self._futures

    def set_status(self, market: str, status: str, *, product: str = "spot") -> None:
        """Open a market (``online``) or close it to trading (``bidding``, ``counting_down``).

        Raises:
            ValueError: There is no such market, status or product.
        """
        rules = self._books_of(product).core.rules
        if market not in rules or status not in STATUSES:
            raise ValueError(f"no market {market!r} or no status {status!r}")
        rules[market].status = status

    def announce(self, maintenance: Maintenance) -> None:
        """Announce maintenance. Nothing happens by itself when it begins: see ``set_status`` and faults for that."""
        self.core.treasury.settings.maintenance.append(maintenance)
        for channel in self._channels.values():
            channel.feeds.notice(maintenance)

    def book(
        self, market: str, limit: int = 50, interval: str = "0", *, product: str = "spot"
    ) -> dict[str, Any]:
        """Return the public book at this moment in the text of depth pushes: bids, asks and checksum.

        Args:
            market: Which.
            limit: Levels a side: 5, 10, 20 or 50.
            interval: What levels are merged to, ``"0"`` for not.
            product: ``spot`` or ``futures``.

        Raises:
            ValueError: There is no such market, limit, interval or product.
        """
        return self._books_of(product).book(market, limit, interval)

    def pushed_book(
        self, market: str, limit: int, interval: str, *, updated_at: int, checksum: int, product: str = "spot"
    ) -> dict[str, Any] | None:
        """Return exactly the book that was pushed with these marks, or ``None`` if none is remembered.

        Raises:
            ValueError: There is no such market, limit, interval or product.
        """
        return self._books_of(product).pushed(market, limit, interval, updated_at, checksum)

    def ledger_of(self, access_id: str, *, product: str = "spot") -> dict[str, Any]:
        """Return an account as the venue has it: balances by asset, orders with status, deals; oldest first.

        Orders and deals of margin wallets are among those of spot, the balances are those of the spot wallet. What
        ``futures`` has besides are ``positions``, the open ones, and ``finished_positions``.

        Raises:
            KeyError: No trader has this key.
            ValueError: There is no such product.
        """
        trader = self._trader_of(access_id)
        self._books_of(product)
        if product == "futures":
            return futures_oracle.ledger_of(self._futures, trader)
        return oracle.ledger_of(self.core, trader)

    def wallets_of(self, access_id: str) -> dict[str, dict[str, dict[str, str]]]:
        """Return what each wallet of a trader holds by asset: ``spot``, ``futures``, ``margin/BTCUSDT`` and so on.

        Raises:
            KeyError: No trader has this key.
        """
        return oracle.wallets_of(self.core.ledger, self._trader_of(access_id))

    def account(self, *, product: str = "spot") -> dict[str, Any]:
        """Return the default trader's account in words that all venues share; that of ``futures`` has positions."""
        ledger = self.ledger_of(self.access_id, product=product)
        shared = oracle.account_of(ledger)
        return shared | (futures_oracle.positions_of(self._futures, ledger) if product == "futures" else {})

    def sent_book(
        self, market: str, marks: Mapping[str, Any], *, product: str = "spot"
    ) -> dict[str, Any] | None:
        """Return the book pushed with this limit, time and checksum."""
        books = self._books_of(product)
        return books.pushed(market, int(marks["limit"]), "0", int(marks["time_ms"]), int(marks["checksum"]))

    def assert_adds_up(self) -> None:
        """Prove that no money appeared or vanished, and that no balance is negative.

        Raises:
            DoesNotAddUp: It did.
        """
        self.core.ledger.assert_adds_up()

    def outbox(self) -> Outbox:
        """Return what keeps frames for one client."""
        return Outbox()

    def keys(self) -> dict[str, Any]:
        """Return what a client needs to begin."""
        return {
            "rest_url": self.rest_url,
            "ws_spot_url": self.ws_spot_url,
            "ws_futures_url": self.ws_futures_url,
            "access_id": self.access_id,
            "secret": self.secret,
            "markets": list(self.markets),
            "futures_markets": list(self._futures.core.rules),
        }

    def control_routes(self) -> Mapping[tuple[str, str], ControlHandler]:
        """Return the venue's own control requests, see ``oracle``, ``treasury.control`` and ``futures.oracle``."""
        return {
            **oracle.routes(self),
            **control.routes(self),
            **futures_oracle.routes(self._futures),
        }

    def has_stream(self, path: str) -> bool:
        """Say whether ``path`` is one of the two streams; a trailing slash does no harm."""
        return path.removesuffix("/") in self._channels

    def listening(self, host: str, port: int) -> None:
        """Take note of where the venue can be reached."""
        self.rest_url = f"http://{host}:{port}/v2"
        self.ws_spot_url = f"ws://{host}:{port}/v2/spot"
        self.ws_futures_url = f"ws://{host}:{port}/v2/futures"

    def connect(self, outbox: Outbox, path: str) -> Stream:
        """Begin a conversation over WebSocket."""
        path = path.removesuffix("/")
        self._use(path.rpartition("/")[2])
        return self._channels[path].connect(outbox)

    def disconnect(self, stream: Stream) -> None:
        """End a conversation."""
        for channel in self._channels.values():
            channel.disconnect(stream)

    async def run(self) -> None:
        """Push at the venue's cadence and play the traffic, until cancelled."""
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(self.traffic.run())
            tasks.create_task(self._futures.run(self.traffic))
            tasks.create_task(self._keep_books())
            for channel in self._channels.values():
                tasks.create_task(channel.push())
                tasks.create_task(channel.push_index())

    def _tell_balance(self, wallet: str, asset: str, now_ms: int) -> None:
        trader = owner_of(wallet)
        if wallet == futures_wallet(trader):
            self.futures_feeds.send_balance(trader, asset, now_ms)
        else:
            self.feeds.send_balance(wallet, asset, now_ms)

    async def _keep_books(self) -> None:
        while True:
            await asyncio.sleep((self._push_ms or DEPTH_NAP_MS) / 1000)
            self.core.treasury.advance(self.now_ms())

    def _end_logins(self, account: str) -> None:
        for channel in self._channels.values():
            for stream in channel.streams:
                if stream.account == account:
                    stream.expire_login()

    def _handlers(self, options: CoinExOptions) -> Iterator[ProductHandlers]:
        spot, futures = (
            LaggingReads(self.faults, copy=core.copied_records, now=core.own_records)
            for core in (self.core, self._futures.core)
        )
        for subject in SUBJECTS:
            is_futures = issubclass(subject, FuturesHandlers)
            state: Any = self._futures if is_futures else self.core
            yield subject(state, futures if is_futures else spot, options)

    def _trader_of(self, access_id: str) -> str:
        trader = self.keyring.find(access_id)
        if trader is None:
            raise KeyError(access_id)
        return trader.name

    def _use(self, product: str) -> None:
        if product == "futures":
            self._futures.open()

    def _books_of(self, product: str) -> oracle.BookOracle:
        self._use(product)
        try:
            return self._books[product]
        except KeyError:
            raise ValueError(f"product must be {' or '.join(self._books)}, got {product!r}") from None

    def _house_order(self, command: Quote | Take, kind: Kind) -> Order:
        return Order(
            order_id=self.core.next_order_id(),
            account=command.account,
            market=command.market,
            side=command.side,
            kind=kind,
            quantity=command.quantity,
            price=command.price,
            rates=FEE_RATES,
        )
