"""The CoinEx sandbox venue behind one object: core, keys, REST, streams, traffic and its oracle."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from decimal import Decimal
from typing import Any

from tradewire.sandbox.exact import plain
from tradewire.sandbox.faults import COMMON, FaultKind, Faults
from tradewire.sandbox.faults.reads import LaggingReads
from tradewire.sandbox.market import MAKERS, TAKERS, Cancel, Command, Quote
from tradewire.sandbox.order import Kind, Order
from tradewire.sandbox.outbox import Outbox
from tradewire.sandbox.traffic import Traffic
from tradewire.sandbox.venue import ControlHandler
from tradewire.sandbox.venues.coinex import oracle
from tradewire.sandbox.venues.coinex.api import RestApi
from tradewire.sandbox.venues.coinex.auth import Keyring, Trader
from tradewire.sandbox.venues.coinex.core import FEE_RATES, ExchangeCore
from tradewire.sandbox.venues.coinex.depth import DepthKey, DepthPublisher, PushedState, look
from tradewire.sandbox.venues.coinex.fault_points import CoinExFaultPoints
from tradewire.sandbox.venues.coinex.feeds import Feeds
from tradewire.sandbox.venues.coinex.habits import Habits
from tradewire.sandbox.venues.coinex.market_data import DEPTH_INTERVALS, DEPTH_LIMITS
from tradewire.sandbox.venues.coinex.markets import STATUSES
from tradewire.sandbox.venues.coinex.options import CoinExOptions
from tradewire.sandbox.venues.coinex.rates import RateLimits
from tradewire.sandbox.venues.coinex.rest import SUBJECTS
from tradewire.sandbox.venues.coinex.rest.spot_deals import user_deal_of
from tradewire.sandbox.venues.coinex.rest.spot_orders import order_of, status_of
from tradewire.sandbox.venues.coinex.stream import Stream
from tradewire.sandbox.venues.coinex.treasury import Treasury, control
from tradewire.sandbox.venues.coinex.wallets import margin_wallet

__all__ = ["CoinExVenue"]

INTERNAL_ACCOUNTS = frozenset(MAKERS + TAKERS)
INTERNAL_DEPOSIT = Decimal(10) ** 15
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
INDEX_EVERY_S = 5.0
DEPTH_NAP_MS = 50
"""With a push per change only the minute's refresh is left to a timer; this is its coarseness."""


class CoinExVenue:
    """The venue. Made by ``tradewire.Sandbox``; addresses are set once it listens.

    Attributes:
        rest_url: Base of REST paths, for instance ``http://127.0.0.1:41234/v2``.
        ws_spot_url: Address of the spot stream.
        access_id: Key of the default trader.
        secret: Its secret.
        faults: Faults to inject next.
    """

    name = "coinex"
    frames_are_text = False
    refuses_binary = True
    max_body_bytes = MAX_BODY_BYTES
    max_message_bytes = MAX_MESSAGE_BYTES
    fault_kinds = COMMON | {FaultKind.CORRUPT_CHECKSUM, FaultKind.MARGIN_EVENTS, FaultKind.STALE_TIMESTAMP}

    fault_points = CoinExFaultPoints()

    def __init__(
        self,
        *,
        seed: int,
        rate_per_s: float,
        faults: Faults,
        now_ms: Callable[[], int],
        options: CoinExOptions,
    ) -> None:
        if options.push_ms < 0:
            raise ValueError("push_ms must be at least 0")
        self.rest_url = ""
        self.ws_spot_url = ""
        self.core = ExchangeCore(options.markets, remembers=lambda account: account not in INTERNAL_ACCOUNTS)
        self.keyring = Keyring(seed, accept_legacy_hash=options.accept_legacy_hash)
        self.streams: set[Stream] = set()
        self._habits = habits = Habits(options)
        self.feeds = Feeds(self.core, self.streams, habits)
        self.depth = DepthPublisher(self.core, faults, habits, full_every_ms=options.full_every_ms)
        self.now_ms: Callable[[], int] = lambda: now_ms() + faults.skew_ms
        self.faults = faults
        faults.on(
            FaultKind.MARGIN_EVENTS,
            lambda market, count: self.feeds.margin_events(market, count, self.now_ms()),
        )
        reads = LaggingReads(faults, copy=self.core.copied_records, now=self.core.own_records)
        self.idle_s: float | None = options.idle_s
        self.idle_cut_is_abrupt = options.idle_cut_is_abrupt
        self._push_ms = options.push_ms
        self._takes_unknown = options.takes_unknown_markets
        self._resting: dict[int, int] = {}
        self.core.treasury = Treasury(
            self.core,
            self.keyring,
            seed=seed,
            step_ms=options.money_step_ms,
            now_ms=self.now_ms(),
            remembers=lambda account: account not in INTERNAL_ACCOUNTS,
            tell=self.feeds.send_balance,
        )
        self.core.listen(self.core.treasury.books.on_event, lambda _market, _now_ms: None)
        self.core.listen(self.feeds.on_event, self._on_command, self.feeds.on_stop)
        self.api = RestApi(
            (subject(self.core, reads, options) for subject in SUBJECTS),
            self.core,
            self.keyring,
            RateLimits(enabled=options.rate_limits),
            habits,
        )
        pairs = [rules.pair for rules in self.core.rules.values()]
        self.traffic = Traffic(seed, pairs, rate_per_s, self._play)
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

    def add_trader(self, name: str, deposits: Mapping[str, str | Decimal] | None = None) -> Trader:
        """Open a funded account and return its key.

        Raises:
            ValueError: The name is taken, or a deposit is below zero.
        """
        if name in INTERNAL_ACCOUNTS:
            raise ValueError(f"{name!r} trades for the venue itself")
        trader = self.keyring.issue(name)
        for asset, amount in (DEFAULT_DEPOSITS if deposits is None else deposits).items():
            self.core.treasury.deposits.open_account(name, asset, Decimal(amount), self.now_ms())
        return trader

    def set_status(self, market: str, status: str) -> None:
        """Open a market (``online``) or close it to trading (``bidding``, ``counting_down``).

        Raises:
            ValueError: There is no such market or status.
        """
        if market not in self.core.rules or status not in STATUSES:
            raise ValueError(f"no market {market!r} or no status {status!r}")
        self.core.rules[market].status = status

    def book(self, market: str, limit: int = 50, interval: str = "0") -> dict[str, Any]:
        """Return the public book at this moment in the text of depth pushes: bids, asks and checksum.

        Raises:
            ValueError: There is no such market, limit or interval.
        """
        return _shown(look(self.depth_key(market, limit, interval), self.core, self._habits, self.now_ms()))

    def pushed_book(
        self, market: str, limit: int, interval: str, *, updated_at: int, checksum: int
    ) -> dict[str, Any] | None:
        """Return exactly the book that was pushed with these marks, or ``None`` if none is remembered.

        Raises:
            ValueError: There is no such market, limit or interval.
        """
        state = self.depth.recall(self.depth_key(market, limit, interval), updated_at, checksum & 0xFFFFFFFF)
        return _shown(state) if state else None

    def depth_key(self, market: str, limit: int, interval: str) -> DepthKey:
        """Return the key of a book.

        Raises:
            ValueError: There is no such market, limit or interval.
        """
        if market not in self.core.rules or limit not in DEPTH_LIMITS or interval not in DEPTH_INTERVALS:
            raise ValueError(f"no book of {market!r}, limit {limit}, interval {interval!r}")
        return DepthKey(market, limit, interval)

    def ledger_of(self, access_id: str) -> dict[str, Any]:
        """Return an account as the venue has it: balances by asset, orders with status, deals; oldest first.

        Orders and deals of margin wallets are among them, the balances are those of the spot wallet.

        Raises:
            KeyError: No trader has this key.
        """
        trader = self.keyring.find(access_id)
        if trader is None:
            raise KeyError(access_id)
        core, account = self.core, trader.name
        wallets = [account, *(margin_wallet(account, name) for name in core.rules)]
        live = {key: order for wallet in wallets for key, order in core.live[wallet].items()}
        finished = [order for wallet in wallets for order in core.finished[wallet].values()]
        orders = sorted([*finished, *live.values()], key=lambda order: order.order_id)
        return {
            "balances": {
                asset: {"available": plain(held.available), "frozen": plain(held.frozen)}
                for asset, held in sorted(core.ledger.accounts[account].items())
            },
            "orders": [
                {
                    **order_of(order, core.rules[order.market]),
                    "status": status_of(order, is_live=order.order_id in live),
                }
                for order in orders
            ],
            "deals": [
                {**user_deal_of(trade, order, core.rules[trade.market]), "client_id": order.client_id}
                for wallet in wallets
                for trade, order in core.user_deals[wallet]
            ],
        }

    def account(self) -> dict[str, Any]:
        """Return the default trader's account in words that all venues share."""
        return oracle.account_of(self.ledger_of(self.access_id))

    def sent_book(self, market: str, marks: Mapping[str, Any]) -> dict[str, Any] | None:
        """Return the book pushed with this limit, time and checksum."""
        state = {"updated_at": int(marks["time_ms"]), "checksum": int(marks["checksum"])}
        return self.pushed_book(market, int(marks["limit"]), "0", **state)

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
            "access_id": self.access_id,
            "secret": self.secret,
            "markets": list(self.markets),
        }

    def control_routes(self) -> Mapping[tuple[str, str], ControlHandler]:
        """Return the venue's own control requests, see ``oracle`` and ``treasury.control``."""
        return {**oracle.routes(self), **control.routes(self)}

    def has_stream(self, path: str) -> bool:
        """Say whether ``path`` is the spot stream; a trailing slash does no harm."""
        return path in {"/v2/spot", "/v2/spot/"}

    def listening(self, host: str, port: int) -> None:
        """Take note of where the venue can be reached."""
        self.rest_url = f"http://{host}:{port}/v2"
        self.ws_spot_url = f"ws://{host}:{port}/v2/spot"

    def connect(self, outbox: Outbox) -> Stream:
        """Begin a conversation over WebSocket."""
        stream = Stream(
            outbox.put,
            keyring=self.keyring,
            feeds=self.feeds,
            depth=self.depth,
            markets=self.core.rules.keys(),
            now_ms=self.now_ms(),
            takes_unknown=self._takes_unknown,
        )
        self.streams.add(stream)
        return stream

    def disconnect(self, stream: Stream) -> None:
        """End a conversation."""
        stream.closed()
        self.streams.discard(stream)

    async def run(self) -> None:
        """Push at the venue's cadence and play the traffic, until cancelled."""
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(self.traffic.run())
            tasks.create_task(self._push())
            tasks.create_task(self._push_index())

    async def _push(self) -> None:
        while True:
            await asyncio.sleep((self._push_ms or DEPTH_NAP_MS) / 1000)
            now_ms = self.now_ms()
            self.core.treasury.advance(now_ms)
            self.depth.publish(now_ms)
            self.feeds.tick(now_ms)
            self.depth.refresh(now_ms)

    async def _push_index(self) -> None:
        while True:
            await asyncio.sleep(INDEX_EVERY_S)
            self.feeds.tick_index()

    def _on_command(self, market: str, now_ms: int) -> None:
        self.depth.touch(market)
        self.feeds.on_command(market, now_ms)
        if not self._push_ms:
            self.depth.publish(now_ms)
            self.feeds.tick(now_ms)

    def _play(self, command: Command) -> None:
        now_ms = self.now_ms()
        if isinstance(command, Cancel):
            order_id = self._resting.pop(command.ref, None)
            market = self.core.spots[command.market]
            if order_id is not None and order_id in market.engine.orders:
                self.core.cancel(command.market, order_id, now_ms)
            return
        order = Order(
            order_id=self.core.next_order_id(),
            account=command.account,
            market=command.market,
            side=command.side,
            kind=Kind.LIMIT if isinstance(command, Quote) else Kind.IOC,
            quantity=command.quantity,
            price=command.price,
            rates=FEE_RATES,
        )
        self.core.place(order, now_ms)
        if isinstance(command, Quote):
            self._resting[command.ref] = order.order_id


def _shown(state: PushedState) -> dict[str, Any]:
    return {
        "bids": [list(level) for level in state.bids],
        "asks": [list(level) for level in state.asks],
        "checksum": state.checksum,
        "updated_at": state.updated_at_ms,
        "last": state.last,
    }
