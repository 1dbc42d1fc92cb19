"""``tradewire.Exchange``: how its parts are put together.

The methods are in ``rest`` and ``streams``; the operator's client is in ``admin``.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Protocol, Self, Unpack

from tradewire.description import Capabilities
from tradewire.errors import ConfigError
from tradewire.model import TimeInForce
from tradewire.protocol.timing import Timing
from tradewire.session.cancelling import close_within_s
from tradewire.session.lifetime import AccountClient
from tradewire.session.rest import RestSession
from tradewire.session.subscription import Subscription
from tradewire.signing import Token
from tradewire.transport.default import default_http
from tradewire.transport.network import DIRECT, NetworkOptions
from tradewire.transport.seam import HttpTransport, WsTransport
from tradewire.transport.ws import PicowsTransport
from tradewire.venues.exchange import hosts
from tradewire.venues.exchange.auth import TraderAuth
from tradewire.venues.exchange.connection import Streams
from tradewire.venues.exchange.hosts import LIVE, Environment
from tradewire.venues.exchange.model import Message
from tradewire.venues.exchange.rest.account import Account
from tradewire.venues.exchange.rest.market_data import MarketData
from tradewire.venues.exchange.rest.orders import Orders
from tradewire.venues.exchange.rest_rules import RestRules

if TYPE_CHECKING:
    from tradewire.interface import ClientOptions

__all__ = ["Exchange"]


class SandboxVenue(Protocol):
    """What a sandbox says of its Exchange venue."""

    @property
    def rest_url(self) -> str: ...
    @property
    def ws_url(self) -> str: ...
    @property
    def api_key(self) -> str: ...


class Sandbox(Protocol):
    """A sandbox with an Exchange venue, as ``tradewire.Sandbox()`` opens one."""

    @property
    def exchange(self) -> SandboxVenue: ...


class Exchange(MarketData, Account, Orders, AccountClient):
    """Exchange (jamxu88): order-by-order books, positions in whole numbers, trading over REST and WebSocket.

        async with Exchange(Token.from_env("TRADEWIRE_EXCHANGE_KEY")) as venue:
            print(await venue.positions())

    The constructor opens nothing; connections open when first used and close with ``async with``. A client
    belongs to one event loop and is not shared between threads.

    It speaks generation P of the protocol and recognises the later ones by their signs: ``generation`` tells
    which one was met, and what cannot be done there raises ``NotSupported``.

    Args:
        api_key: The trader's key; leave it out for public data only.
        environment: Where the venue is; ``venues.exchange.hosts.local(...)`` for one of your own.
        network: Proxy and TLS context for both transports; the environment's proxies are ignored unless it says so.
        http: Another HTTP transport, for instance ``transport.mock.MockHttp``.
        ws: Another WebSocket transport.
        timeout_s: Longest wait for an answer, on both lanes.
        max_wait_s: Longest wait for a rate limit; a request that would wait longer raises ``NotSent``.
        timing: Deadlines of the streams.
        allow_insecure: Let ``http://`` and ``ws://`` go to another machine: everything can be read on the way.
        allow_any_key: Let a sandbox's key go to a live host, or another to a sandbox.
        cancel_on_close: Cancel the live orders this client sent, and no others, when it closes: for 5 seconds at most,
            or for as many as given. What is not proved to have ended by then is reported as ``CancelAllFailed``.
        on_error: Called with exceptions in background work that no one awaits; they are logged if left out.
    """

    capabilities = Capabilities(
        amend=True,
        client_order_ids=False,
        post_only=False,
        market_orders=False,
        time_in_force=frozenset({TimeInForce.GTC}),
        order_entry=frozenset({"rest", "ws"}),
        book="level3",
    )

    def __init__(
        self,
        api_key: Token | None = None,
        *,
        environment: Environment = LIVE,
        network: NetworkOptions = DIRECT,
        http: HttpTransport | None = None,
        ws: WsTransport | None = None,
        timeout_s: float = 10.0,
        max_wait_s: float = 5.0,
        timing: Timing | None = None,
        cancel_on_close: bool | float = False,
        on_error: Callable[[Exception], None] | None = None,
        allow_insecure: bool = False,
        allow_any_key: bool = False,
    ) -> None:
        fault = hosts.client_fault(
            environment,
            api_key,
            "Exchange(Token(api_key))",
            allow_insecure=allow_insecure,
            allow_any_key=allow_any_key,
        )
        if fault:
            # Whatever was passed for the key may be a secret, and crash reports show what a frame holds.
            del api_key
            raise ConfigError(fault)
        auth = TraderAuth(api_key)
        self._keeper: Subscription[Message] | None = None
        self._cancel_within_s = close_within_s(cancel_on_close)
        self._http = http if http is not None else default_http(network)
        self._rest = RestSession(
            RestRules(auth),
            environment.rest_root,
            self._http,
            hosts.limiter(),
            timeout_s=timeout_s,
            max_wait_s=max_wait_s,
        )
        self._streams = Streams(
            url=environment.ws_url,
            transport=ws if ws is not None else PicowsTransport(network),
            asking=self,
            rest=self._rest,
            api_key=auth.reveal if auth.has_key else None,
            timeout_s=timeout_s,
            timing=timing,
            on_error=on_error,
        )
        self._rest.on_unreadable = self._streams.user.report_unreadable

    @classmethod
    def for_sandbox(
        cls,
        box: Sandbox,
        **options: Unpack[ClientOptions],
    ) -> Self:
        """Return a client of a sandbox's Exchange venue, with the key of its default trader."""
        venue = box.exchange
        if not venue.api_key:
            raise ConfigError("this sandbox began without traders: make one with ExchangeAdmin.create_user")
        environment = hosts.sandbox(venue.rest_url, venue.ws_url)
        return cls(
            Token(venue.api_key),
            environment=environment,
            **options,
        )
