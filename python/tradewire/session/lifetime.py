"""What all clients are made with, and how they close: with ``async with``."""

from __future__ import annotations

import logging
from abc import ABC, abstractmethod
from collections.abc import Awaitable, Callable
from types import TracebackType
from typing import TYPE_CHECKING, Any, Protocol, Self, TypedDict, TypeVar

from msgspec import Struct

from tradewire.errors import ConfigError
from tradewire.protocol.backoff import Backoff
from tradewire.protocol.channels import Channel
from tradewire.protocol.dialect import Dialect, Feed, FrameEvent
from tradewire.protocol.events import Event
from tradewire.protocol.limits import Limiter
from tradewire.protocol.stream import StreamProtocol
from tradewire.protocol.timing import Timing
from tradewire.session.account import AccountConnection, AccountDescription, AccountQuestions, AnyAccount
from tradewire.session.cancelling import close_within_s
from tradewire.session.journalling import Reconciliation, together
from tradewire.session.live_order import LiveOrder
from tradewire.session.metrics import StreamMetrics
from tradewire.session.raw import RawRequests
from tradewire.session.rest import RestSession
from tradewire.session.rest_dialect import RestDialect
from tradewire.session.stream import MAX_FRAME_BYTES, Decoder, StreamSession
from tradewire.session.subscription import Subscription
from tradewire.transport.default import default_http
from tradewire.transport.network import DIRECT, NetworkOptions
from tradewire.transport.seam import SYSTEM, Clocks, HttpTransport, WsTransport
from tradewire.transport.taps import Tap, TappedWs
from tradewire.transport.ws import PicowsTransport

__all__ = [
    "TIMEOUT_S", "AccountClient", "AccountStreams", "AsyncCloseable", "Box", "ClientOptions", "Wiring", "attach_tap",
    "check_untapped",
]  # fmt: skip

if TYPE_CHECKING:
    from tradewire.journal.journal import Journal
    from tradewire.session.guard import Guard
    from tradewire.session.guarded import Guarded

log = logging.getLogger("tradewire.journal")

EventT = TypeVar("EventT", bound=FrameEvent)
EventT_contra = TypeVar("EventT_contra", bound=FrameEvent, contravariant=True)

TIMEOUT_S = 10.0
MAX_WAIT_S = 5.0


class ClientOptions(TypedDict, total=False):
    """What every client class takes by name, beside its credentials, its ``environment`` and what only it has.

    Attributes:
        network: Proxy and TLS context for both transports; the environment's proxies are ignored unless it says so.
        http: Another HTTP transport, for instance ``transport.mock.MockHttp``.
        ws: Another WebSocket transport.
        timeout_s: Longest wait for a reply; 10 if left out.
        max_wait_s: Longest wait for a rate limit, 5 if left out; a request that would wait longer raises ``NotSent``.
        timing: Deadlines of the streams.
        cancel_on_close: Cancel the live orders this client sent, and no others, when it closes: for 5 seconds at most,
            or for as many as given. What is not proved to have ended by then is reported as ``CancelAllFailed``.
        on_error: Called with exceptions in background work that no one awaits; they are logged if left out.
        clocks: Where time and chance come from; the machine's if left out.
        journal: Where orders are written before they are sent; ``async with`` then asks first what became of those that
            an earlier run left, see ``tradewire.Journal``.
        guard: A process that cancels what is open should the bot die or hang, see ``tradewire.Guard``; needs a journal.
        allow_insecure: Let ``http://`` and ``ws://`` go to another machine: everything can be read on the way.
        allow_any_key: Let a sandbox's key go to a live host, or another to a sandbox.
    """

    network: NetworkOptions
    http: HttpTransport | None
    ws: WsTransport | None
    timeout_s: float
    max_wait_s: float
    timing: Timing | None
    cancel_on_close: bool | float
    on_error: Callable[[Exception], None] | None
    clocks: Clocks
    journal: Journal | None
    guard: Guard | None
    allow_insecure: bool
    allow_any_key: bool


class Box(Protocol):
    """A sandbox, as ``tradewire.Sandbox()`` opens one."""

    def venue(self, name: str, /) -> Any:
        """Return its venue of that name, with addresses and keys."""


class AsyncCloseable(ABC):
    """An object whose ``close`` is awaited at the end of an ``async with`` block, however it ends."""

    @abstractmethod
    async def close(self) -> None:
        """Close every connection and leave no task behind. Safe to call twice."""

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        await self.close()


class VenueDialect(Dialect, Decoder[EventT_contra], Protocol[EventT_contra]):
    """Writes a venue's frames, judges its codes and reads its pushes."""


class Wiring(Struct, frozen=True):
    """What the streams of every venue are made with."""

    url: str
    transport: WsTransport
    questions: AccountQuestions
    rest: RestSession
    timing: Timing | None
    on_error: Callable[[Exception], None] | None
    clocks: Clocks = SYSTEM
    journal: Journal | None = None
    refusal: Callable[[], str] | None = None
    """Returns why no order may be sent now, where there is a guard."""


class AccountStreams:
    """The streams of a client, of which one carries its account. They open with their first subscription."""

    account: AnyAccount
    session: StreamSession[Any]
    """The connection that carries it."""
    _reconciliation: Reconciliation | None = None

    def _wire(
        self,
        wiring: Wiring,
        account: AccountDescription,
        dialect: VenueDialect[EventT],
        feed: Feed[EventT],
        *,
        prepare: Callable[[], Awaitable[None]] | None = None,
        checksum_failures: Callable[[], int] = lambda: 0,
    ) -> None:
        """Make ``session`` and ``account``. Opens nothing."""
        self.session = self._session_of(
            wiring, dialect, feed, self._on_released, prepare=prepare, checksum_failures=checksum_failures
        )
        self.account = self._account_of(wiring, account, wiring.questions)

    def _account_of(
        self, wiring: Wiring, account: AccountDescription, questions: AccountQuestions
    ) -> AnyAccount:
        """Return what keeps an account on ``session`` certain."""
        return AccountConnection(
            self.session,
            account,
            questions,
            wiring.rest,
            journal=wiring.journal,
            refusal=wiring.refusal,
            clocks=wiring.clocks,
        )

    def _session_of(
        self,
        wiring: Wiring,
        dialect: VenueDialect[EventT],
        feed: Feed[EventT],
        on_released: Callable[[Channel], None],
        *,
        max_frame_bytes: int = MAX_FRAME_BYTES,
        prepare: Callable[[], Awaitable[None]] | None = None,
        checksum_failures: Callable[[], int] = lambda: 0,
    ) -> StreamSession[EventT]:
        """Return what keeps one connection up. Opens nothing."""
        timing = wiring.timing or Timing()
        return StreamSession(
            url=wiring.url,
            transport=wiring.transport,
            protocol=StreamProtocol(dialect, feed, Backoff(wiring.clocks.random), timing),
            decoder=dialect,
            timing=timing,
            max_frame_bytes=max_frame_bytes,
            monotonic_ns=wiring.clocks.monotonic_ns,
            prepare=prepare,
            refresh_login=wiring.rest.ask_time,
            checksum_failures=checksum_failures,
            on_released=on_released,
            on_error=wiring.on_error,
        )

    def open_accounts(self) -> tuple[AnyAccount, ...]:
        """Return every account whose orders this client can send."""
        return (self.account,)

    async def reconcile(self, *, cancel: bool = False) -> Reconciliation:
        """Reconcile the journal, account by account; the second time what was found is returned again."""
        if self._reconciliation is None:
            self._reconciliation = together(
                [await account.reconcile(cancel=cancel) for account in self.open_accounts()]
            )
        return self._reconciliation

    @property
    def reconciliation(self) -> Reconciliation | None:
        """What was found; ``None`` before that."""
        return self._reconciliation

    @property
    def live_orders(self) -> tuple[LiveOrder, ...]:
        """Orders of ours that are not final, as far as was heard of them."""
        return self.account.tracker.live

    def _on_released(self, channel: Channel) -> None:
        """Forget what was kept of a channel that no one watches any more."""

    async def close(self, cancel_within_s: float = 0.0) -> None:
        """Cancel live orders of ours within that time, close every connection and leave no task behind."""
        await self.account.close(cancel_within_s)


class AccountClient(RawRequests, AsyncCloseable):
    """A client of one account."""

    _http: HttpTransport
    _ws: TappedWs
    _failure = ""
    # The mixins of a client name its own kind of ``AccountStreams``.
    _streams: Any

    def _take(self, options: ClientOptions, **others: object) -> None:
        """Take what every client is made with, and for a guard what else this one is.

        Raises:
            ConfigError: An option makes no sense.
            TypeError: There is no such option.
        """
        if unknown := sorted(options.keys() - ClientOptions.__optional_keys__):
            raise TypeError(f"{type(self).__name__} takes no {unknown[0]!r}; see tradewire.ClientOptions")
        guard = options.get("guard")
        self._guarded: Guarded | None = None
        if guard is not None:
            self._guarded = guard.of(type(self), {**options, **others}, lambda: self._streams.session)
        http = options.get("http")
        self._cancel_within_s = close_within_s(options.get("cancel_on_close", False))
        self._http = http if http is not None else default_http(options.get("network", DIRECT))

    def _wiring(
        self, url: str, questions: AccountQuestions, options: ClientOptions, **pings: float
    ) -> Wiring:
        """Return what the streams are made with; ``pings`` are how the connection is kept alive, if the venue says."""
        self._ws = TappedWs(options.get("ws") or PicowsTransport(options.get("network", DIRECT), **pings))
        return Wiring(
            url,
            self._ws,
            questions,
            self._rest,
            options.get("timing"),
            options.get("on_error"),
            options.get("clocks", SYSTEM),
            options.get("journal"),
            None if self._guarded is None else self._guarded.guard.refusal,
        )

    def _connect(
        self, rules: RestDialect, rest_root: str, limiter: Limiter, options: ClientOptions
    ) -> RestSession:
        """Return what sends requests. Opens nothing."""
        clocks = options.get("clocks", SYSTEM)
        return RestSession(
            rules,
            rest_root,
            self._http,
            limiter,
            timeout_s=options.get("timeout_s", TIMEOUT_S),
            max_wait_s=options.get("max_wait_s", MAX_WAIT_S),
            wall_ns=clocks.wall_ns,
            monotonic_ns=clocks.monotonic_ns,
            jitter=clocks.random,
        )

    @property
    def live_orders(self) -> tuple[LiveOrder, ...]:
        """Orders of ours that are not final, as far as this client has heard of them."""
        streams: AccountStreams = self._streams
        return streams.live_orders

    def watch_events(self, on_update: Callable[[Event], None] | None = None) -> Subscription[Event]:
        """Watch what the connection tells about itself, see ``tradewire.protocol.events``.

        The queue of the iterator holds 1000 events; the oldest give way and are counted in ``conflated``.
        """
        streams: AccountStreams = self._streams
        return streams.session.watch_events(on_update)

    @property
    def stream_metrics(self) -> StreamMetrics:
        """Counters of the stream connections together since the client was opened."""
        streams: AccountStreams = self._streams
        return streams.session.metrics

    async def reconcile(self, *, cancel: bool = False) -> Reconciliation:
        """Ask what became of the orders that an earlier run left in the journal; ``async with`` does it by itself.

        The orders are live ones again, ``live_orders``; until this is done none is sent. Returned is what was found,
        the second time the same.

        Args:
            cancel: Cancel each of them as soon as the venue has named it, and return once all have ended, however long
                the venue cannot be reached.

        Raises:
            ConfigError: The client has no journal, or this is another event loop.
        """
        streams: AccountStreams = self._streams
        if self._guarded is not None:
            await self._guarded.join()
        return await streams.reconcile(cancel=cancel)

    async def cancel_own(self, *, prefix: str = "") -> int:
        """Cancel every open order that this client sent or its journal has, and others by the beginning of their ids.

        The venue is asked what is open, so it finds what no report has told of.

        Args:
            prefix: Beginning of the client order ids of further orders that are to be cancelled; empty for none.

        Returns:
            How many were listed as open. Ask again, once the venue's reads cannot lag any more, until there are none.

        Raises:
            CancelAllFailed: Some could not be cancelled; ``failures`` names them.
            RequestError: The open orders could not be listed.
        """
        streams: AccountStreams = self._streams
        return sum([await account.cancel_own(prefix) for account in streams.open_accounts()])

    @property
    def reconciliation(self) -> Reconciliation | None:
        """What was found of the orders of an earlier run; ``None`` before that, or without a journal."""
        streams: AccountStreams = self._streams
        return streams.reconciliation

    async def __aenter__(self) -> Self:
        streams: AccountStreams = self._streams
        if streams.account.keeper is not None:
            try:
                found = await self.reconcile()
            except BaseException:
                await self.close()
                raise
            log.info("%s", found)
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        # To be cancelled, by Ctrl-C for instance, is an end in good order.
        if isinstance(error, Exception):
            self._failure = f"{type(error).__name__}: {error}"[:200]
        await self.close()

    async def close(self) -> None:
        """Cancel what is to be cancelled, close every connection and leave no task behind. Safe to call twice."""
        await self._streams.close(self._cancel_within_s)
        if self._guarded is not None:
            await self._guarded.leave(self._failure)
        await self._http.close()


def check_untapped(client: AccountClient) -> None:
    """Refuse a client of which a recording would lack the beginning.

    Raises:
        ConfigError: It is recorded already, or has opened a stream.
    """
    if client._ws.tap is not None:
        raise ConfigError("the client is recorded already: one recorder a client")
    if client._ws.opened:
        raise ConfigError("the client has opened a stream: make the recorder before it watches anything")


def attach_tap(client: AccountClient, tap: Tap) -> None:
    """Let ``tap`` see what passes between ``client`` and its venue from now on, tokens aside."""
    client._ws.tap = tap
    client._rest.tap(tap)
