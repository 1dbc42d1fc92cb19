"""The Exchange sandbox venue behind one object: core, commands, REST, streams, traffic and its oracle."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from typing import Any

from tradewire.sandbox.faults.reads import LaggingReads
from tradewire.sandbox.outbox import Outbox
from tradewire.sandbox.traffic import Traffic
from tradewire.sandbox.venue import ControlHandler
from tradewire.sandbox.venues.exchange import market_makers
from tradewire.sandbox.venues.exchange.api import RestApi
from tradewire.sandbox.venues.exchange.core import ExchangeCore
from tradewire.sandbox.venues.exchange.events import Events
from tradewire.sandbox.venues.exchange.fault_points import ExchangeFaultPoints, ExchangeFaults
from tradewire.sandbox.venues.exchange.journal import BookChange
from tradewire.sandbox.venues.exchange.lagging import LaggingOutbox
from tradewire.sandbox.venues.exchange.market_makers import MarketMakers
from tradewire.sandbox.venues.exchange.operating import Operating
from tradewire.sandbox.venues.exchange.options import ExchangeOptions
from tradewire.sandbox.venues.exchange.oracle import Oracle
from tradewire.sandbox.venues.exchange.records import User
from tradewire.sandbox.venues.exchange.rest import SUBJECTS
from tradewire.sandbox.venues.exchange.storage import Storage
from tradewire.sandbox.venues.exchange.stream import Stream
from tradewire.sandbox.venues.exchange.trading import Trading

__all__ = ["ExchangeVenue"]

DEFAULT_TRADER = "trader"
MAX_READ_BYTES = 4 * 1024 * 1024
"""Twice the venue's limit: who asks is looked at before how much was sent."""
MAX_MESSAGE_BYTES = 64 * 1024 * 1024


class ExchangeVenue:
    """The venue. Made by ``tradewire.Sandbox``; addresses are set once it listens.

    Attributes:
        rest_url: Root of REST paths, for instance ``http://127.0.0.1:41234``.
        ws_url: Address of the stream.
        faults: Faults to inject next.
    """

    name = "exchange"
    frames_are_text = True
    refuses_binary = False
    idle_cut_is_abrupt = False
    max_body_bytes = MAX_READ_BYTES
    max_message_bytes = MAX_MESSAGE_BYTES
    faults_class = ExchangeFaults
    idle_s: float | None = None

    def __init__(
        self,
        *,
        seed: int,
        rate_per_s: float,
        faults: ExchangeFaults,
        now_ms: Callable[[], int],
        options: ExchangeOptions,
    ) -> None:
        self.rest_url = ""
        self.ws_url = ""
        self.now_ms: Callable[[], int] = lambda: now_ms() + faults.skew_ms
        self.faults = faults
        if options.quotes < 1:
            raise ValueError(f"quotes must be at least 1, got {options.quotes}")
        self._options = options
        self._streams: dict[Stream, asyncio.Task[None]] = {}
        self._events = Events()
        self._events.listeners.append(self)
        self.storage = Storage(options.state_file)
        self.core = ExchangeCore(seed, self.now_ms, self.storage, self._events)
        self.trading = Trading(self.core)
        self.operating = Operating(
            self.core,
            self.trading,
            pushes_markets=options.with_market_pushes,
            revives_settled=options.revives_settled_markets,
        )
        self._oracle = Oracle(self.core)
        self._market_makers = MarketMakers(self.core, self.trading)
        reads = LaggingReads(faults, copy=self.core.copied_records, now=self.core.own_records)
        self.api = RestApi(
            (subject(self.core, self.trading, self.operating, options, reads) for subject in SUBJECTS),
            self.core,
            options,
            self.now_ms,
        )
        self.fault_points = ExchangeFaultPoints(self.api)
        pairs = [] if options.fresh else market_makers.pairs(options.quotes)
        self.traffic = Traffic(seed, pairs, 0 if options.fresh else rate_per_s, self._market_makers.play)
        self._begin(was_there=self.core.load())

    @property
    def admin_token(self) -> str:
        """The operator's token."""
        return self._options.admin_token

    @property
    def api_key(self) -> str:
        """Key of the default trader; empty for a fresh venue."""
        user = self.core.by_name.get(DEFAULT_TRADER)
        return user.api_key if user is not None else ""

    @property
    def markets(self) -> tuple[str, ...]:
        """Every market."""
        return tuple(sorted(self.core.markets))

    def add_trader(self, username: str) -> User:
        """Provision a trader, as the operator does."""
        return self.operating.add_user(username)

    def book_at(self, market: str, sequence: int) -> dict[str, Any] | None:
        """Return ``[order_id, price, remaining]`` by side in priority as of ``sequence``; ``None`` if forgotten."""
        return self._oracle.book_at(market, sequence)

    def ledger_of(self, api_key: str) -> dict[str, Any]:
        """Return an account as the venue has it, see ``oracle``.

        Raises:
            KeyError: No trader has this key.
        """
        return self._oracle.ledger_of(api_key)

    def account(self) -> dict[str, Any]:
        """Return the default trader's account in words that all venues share."""
        return self._oracle.account_of(self.api_key)

    def sent_book(self, market: str, marks: Mapping[str, Any]) -> dict[str, Any] | None:
        """Return the book as of this sequence, order by order."""
        return self.book_at(market, int(marks["sequence"]))

    def assert_adds_up(self) -> None:
        """Prove that every contract bought was sold.

        Raises:
            DoesNotAddUp: It was not.
        """
        self.core.assert_adds_up()

    def has_stream(self, path: str) -> bool:
        """Say whether ``path`` is the stream."""
        return path == "/ws"

    def outbox(self) -> LaggingOutbox:
        """Return what keeps frames for one client."""
        return LaggingOutbox(self._options.ws_broadcast_buffer)

    def connect(self, outbox: Outbox, path: str) -> Stream:  # noqa: ARG002 - there is one
        """Begin a conversation over WebSocket."""
        assert isinstance(outbox, LaggingOutbox)
        stream = Stream(outbox, self.core, self.trading, self.api, self._options, self.faults)
        self._streams[stream] = asyncio.create_task(self._beat(stream))
        return stream

    def disconnect(self, stream: Stream) -> None:
        """End a conversation."""
        self._streams.pop(stream).cancel()

    def listening(self, host: str, port: int) -> None:
        """Take note of where the venue can be reached."""
        self.rest_url = f"http://{host}:{port}"
        self.ws_url = f"ws://{host}:{port}/ws"

    def keys(self) -> dict[str, Any]:
        """Return what a client needs to begin."""
        return {
            "rest_url": self.rest_url,
            "ws_url": self.ws_url,
            "api_key": self.api_key,
            "admin_token": self.admin_token,
            "markets": list(self.markets),
        }

    def control_routes(self) -> Mapping[tuple[str, str], ControlHandler]:
        """Return the venue's own control requests, see ``oracle``."""
        return self._oracle.routes()

    async def run(self) -> None:
        """Play the traffic until cancelled, and take no command after that."""
        try:
            await self.traffic.run()
        finally:
            self.storage.close()

    def on_book(self, change: BookChange) -> None:
        """Send every stream a book's change."""
        for stream in tuple(self._streams):
            stream.on_book(change)

    def on_user(self, trader_id: str, message: dict[str, Any]) -> None:
        """Send every stream a user's event."""
        for stream in tuple(self._streams):
            stream.on_user(trader_id, message)

    def on_system(self, trader_id: str | None, message: dict[str, Any]) -> None:
        """Send every stream a system message."""
        for stream in tuple(self._streams):
            stream.on_system(trader_id, message)

    def on_market(self, message: dict[str, Any]) -> None:
        """Send every stream a market's change."""
        for stream in tuple(self._streams):
            stream.on_market(message)

    def _begin(self, *, was_there: bool) -> None:
        if self._options.fresh:
            return
        self._market_makers.move_in()
        if DEFAULT_TRADER not in self.core.by_name:
            self.operating.add_user(DEFAULT_TRADER)
        if was_there:
            self._market_makers.resume(self.traffic.skip_opening())
        else:
            market_makers.open_markets(self.operating)
            self.traffic.open()
        self.storage.commit()
        self._events.publish()

    async def _beat(self, stream: Stream) -> None:
        while True:
            await asyncio.sleep(self._options.heartbeat_s)
            stream.beat()
