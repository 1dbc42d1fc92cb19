"""The TrueX sandbox venue behind one object: core, commands, REST, tokens, streams, traffic and its oracle."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable, Mapping
from decimal import Decimal
from typing import Any

from tradewire.sandbox.exact import ZERO, exactly
from tradewire.sandbox.faults.reads import LaggingReads
from tradewire.sandbox.ledger import DoesNotAddUp
from tradewire.sandbox.ordered import OrderedSet
from tradewire.sandbox.outbox import Outbox
from tradewire.sandbox.traffic import Traffic
from tradewire.sandbox.venue import ControlHandler
from tradewire.sandbox.venues.truex.api import RestApi
from tradewire.sandbox.venues.truex.auth import STREAM_PATH, Authenticator
from tradewire.sandbox.venues.truex.clients import Client, Key
from tradewire.sandbox.venues.truex.core import ExchangeCore
from tradewire.sandbox.venues.truex.fault_points import TrueXFaultPoints, TrueXFaults
from tradewire.sandbox.venues.truex.feeds import Feeds
from tradewire.sandbox.venues.truex.instruments import Instrument, instruments
from tradewire.sandbox.venues.truex.market_makers import MarketMakers
from tradewire.sandbox.venues.truex.options import CURRENT, OLDER, TrueXOptions
from tradewire.sandbox.venues.truex.oracle import Oracle
from tradewire.sandbox.venues.truex.rest import SUBJECTS
from tradewire.sandbox.venues.truex.stream import Stream
from tradewire.sandbox.venues.truex.tokens import Tokens, key_file
from tradewire.sandbox.venues.truex.trading import Trading
from tradewire.sandbox.venues.truex.transfers import Transfers

__all__ = ["TrueXVenue"]

DEFAULT_DEPOSITS = {"PYUSD": "1000000", "BTC": "20", "ETH": "400", "SOL": "8000"}
MAX_BODY_BYTES = 256 * 1024
MAX_MESSAGE_BYTES = 64 * 1024
TIMER_S = 0.1


class TrueXVenue:
    """The venue. Made by ``tradewire.Sandbox``; addresses are set once it listens.

    Attributes:
        rest_url: Root of REST paths, without a prefix, for instance ``http://127.0.0.1:41234``.
        auth_url: Root of the token service.
        ws_url: Address of the stream.
        faults: Faults to inject next.
    """

    name = "truex"
    frames_are_text = True
    refuses_binary = True
    idle_cut_is_abrupt = False
    max_body_bytes = MAX_BODY_BYTES
    max_message_bytes = MAX_MESSAGE_BYTES
    faults_class = TrueXFaults
    idle_s: float | None = None

    def __init__(
        self,
        *,
        seed: int,
        rate_per_s: float,
        faults: TrueXFaults,
        now_ms: Callable[[], int],
        options: TrueXOptions,
    ) -> None:
        if options.default_version not in {OLDER, CURRENT}:
            raise ValueError(f"default_version must be {OLDER} or {CURRENT}")
        self.rest_url = self.auth_url = self.ws_url = ""
        self.faults = faults
        self.now_ms: Callable[[], int] = lambda: now_ms() + faults.skew_ms
        self._options = options
        self.streams = OrderedSet[Stream]()
        self.core = ExchangeCore(seed, instruments(options.instruments), self.now_ms, options.halt_ms)
        reads = LaggingReads(faults, copy=self.core.copied_records, now=self.core.own_records)
        self._feeds = Feeds(self.core, options, faults)
        self.core.listener = self._feeds
        self.transfers = Transfers(self.core, options.transfer_step_ms)
        directory = self.core.directory
        self._authenticator = Authenticator(directory, options)
        self._oracle = Oracle(self.core, self.transfers, self._feeds.pushed)
        trading = Trading(self.core, options)
        self.api = RestApi(
            (subject(self.core, trading, self.transfers, options, reads) for subject in SUBJECTS),
            self.core.by_id,
            self._authenticator,
            Tokens(directory, options, seed),
            options,
        )
        self.fault_points = TrueXFaultPoints(self.core.by_id, self.api)
        pairs = [instrument.pair.filled(options.quotes) for instrument in self.core.instruments.values()]
        self.traffic = Traffic(seed, pairs, rate_per_s, MarketMakers(self.core).play)
        self._client, self._key = self.add_client("trader")
        self.add_client("second-desk", key=self._key)
        self.traffic.open()

    @property
    def client_id(self) -> str:
        """The default client."""
        return self._client.client_id

    @property
    def key_id(self) -> str:
        """Its key."""
        return self._key.key_id

    @property
    def secret(self) -> str:
        """The key's secret."""
        return self._key.secret

    @property
    def organization_id(self) -> str:
        """The key's organization."""
        return self._key.organization_id

    @property
    def instruments(self) -> Mapping[str, Instrument]:
        """Every instrument by symbol."""
        return self.core.instruments

    def add_client(
        self, mnemonic: str, deposits: Mapping[str, str | Decimal] | None = None, **how: Any
    ) -> tuple[Client, Key]:
        """Open a funded client and return it with its key.

        Args:
            mnemonic: Its name.
            deposits: Amount by asset; a little of everything by default.
            how: See ``Directory.issue``: ``key`` to put it under a key there is, or ``key_id``, ``secret`` and
                ``client_id`` of the new ones.

        Raises:
            ValueError: The name or id is taken, or a deposit is below zero.
        """
        client, key = self.core.directory.issue(mnemonic, **how)
        for asset, amount in (DEFAULT_DEPOSITS if deposits is None else deposits).items():
            self.core.ledger.deposit(client.client_id, asset, Decimal(amount))
        return client, key

    def book(self, symbol: str, checksum: int | None = None) -> dict[str, Any] | None:
        """Return the public book now, or the one sent with ``checksum``; ``None`` if none is remembered.

        Raises:
            KeyError: There is no such instrument.
        """
        return self._oracle.book(symbol, checksum)

    def ledger_of(self, client_id: str) -> dict[str, Any]:
        """Return a client as the venue has it: holdings, orders, trades; oldest first.

        Raises:
            KeyError: There is no such client.
        """
        return self._oracle.ledger_of(client_id)

    def key_file(self) -> dict[str, Any]:
        """Return what the file of the default key for tokens holds.

        Raises:
            ModuleNotFoundError: The ``cryptography`` package is not installed.
        """
        return key_file(self._key)

    def account(self) -> dict[str, Any]:
        """Return the default client in words that all venues share."""
        return self._oracle.account_of(self.client_id)

    def sent_book(self, market: str, marks: Mapping[str, Any]) -> dict[str, Any] | None:
        """Return the book sent with this checksum, over prices, quantities and numbers of orders."""
        return self.book(market, int(marks["checksum"]))

    @exactly
    def assert_adds_up(self) -> None:
        """Prove that balances, fees and withdrawals equal deposits, and that every hold has its reason.

        Raises:
            DoesNotAddUp: They do not.
        """
        core = self.core
        core.ledger.assert_adds_up()
        for asset, taken in core.ledger.fees.items():
            if taken != core.settlement.all_fees(asset):
                raise DoesNotAddUp(f"{asset}: {taken} fees taken, {core.settlement.all_fees(asset)} known")
        for client_id in core.directory.clients:
            for asset, balance in core.ledger.accounts.get(client_id, {}).items():
                reasons = (
                    core.orders_hold(client_id, asset)
                    + core.fees_held(client_id, asset)
                    + self.transfers.held(client_id, asset)
                )
                if balance.frozen != reasons:
                    raise DoesNotAddUp(
                        f"{client_id} has {balance.frozen} of {asset} frozen, {reasons or ZERO} with a reason"
                    )

    def has_stream(self, path: str) -> bool:
        """Say whether ``path`` is the stream."""
        return path == STREAM_PATH

    def outbox(self) -> Outbox:
        """Return what keeps frames for one client."""
        return Outbox()

    def connect(self, outbox: Outbox, path: str) -> Stream:  # noqa: ARG002 - there is one
        """Begin a conversation over WebSocket."""
        stream = Stream(outbox, self.core, self._feeds, self._authenticator, len(self.streams) + 1)
        self.streams.add(stream)
        return stream

    def disconnect(self, stream: Stream) -> None:
        """End a conversation."""
        self._feeds.leave(stream)
        self.streams.discard(stream)

    def listening(self, host: str, port: int) -> None:
        """Take note of where the venue can be reached."""
        self.rest_url = f"http://{host}:{port}"
        self.auth_url = f"{self.rest_url}/v1/auth"
        self.ws_url = f"ws://{host}:{port}{STREAM_PATH}"

    def keys(self) -> dict[str, Any]:
        """Return what a client needs to begin; ``jwt_key_file`` only where ``cryptography`` is installed."""
        known: dict[str, Any] = {
            "rest_url": self.rest_url,
            "auth_url": self.auth_url,
            "ws_url": self.ws_url,
            "key_id": self.key_id,
            "secret": self.secret,
            "client_id": self.client_id,
            "organization_id": self.organization_id,
            "markets": list(self.instruments),
        }
        with contextlib.suppress(ModuleNotFoundError):
            known["jwt_key_file"] = self.key_file()
        return known

    def control_routes(self) -> Mapping[tuple[str, str], ControlHandler]:
        """Return the venue's own control requests, see ``oracle``."""
        return self._oracle.routes()

    async def run(self) -> None:
        """Play the traffic and let time pass until cancelled."""
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(self.traffic.run())
            tasks.create_task(self._every(TIMER_S, self._let_time_pass))
            tasks.create_task(self._every(self._options.settle_ms / 1000, self.core.settlement.settle))
            tasks.create_task(self._every(self._options.coalesce_ms / 1000, self._feeds.tick))

    def _let_time_pass(self) -> None:
        self.transfers.advance()
        self.core.reopen()

    async def _every(self, interval_s: float, work: Callable[[], None]) -> None:
        while True:
            await asyncio.sleep(interval_s)
            work()
