"""``tradewire.CoinEx``: how its parts are put together.

The methods are in ``market_data``, ``account``, ``trading`` and ``streams``.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Protocol, Self, Unpack

from tradewire.description import Capabilities
from tradewire.errors import ConfigError
from tradewire.model import Market, TimeInForce
from tradewire.protocol.timing import Timing
from tradewire.session.cancelling import close_within_s
from tradewire.session.lifetime import AccountClient
from tradewire.session.rest import RestSession
from tradewire.signing import Credentials
from tradewire.transport.default import default_http
from tradewire.transport.network import DIRECT, NetworkOptions
from tradewire.transport.seam import HttpTransport, WsTransport
from tradewire.transport.ws import PicowsTransport
from tradewire.venues.coinex import hosts
from tradewire.venues.coinex.auth import Auth
from tradewire.venues.coinex.connection import Streams
from tradewire.venues.coinex.hosts import LIVE, Environment
from tradewire.venues.coinex.queries import Queries
from tradewire.venues.coinex.rest.balance import Balances
from tradewire.venues.coinex.rest.common import Common
from tradewire.venues.coinex.rest.deals import Deals
from tradewire.venues.coinex.rest.market import MarketData
from tradewire.venues.coinex.rest.orders import Orders
from tradewire.venues.coinex.rest_rules import RestRules
from tradewire.venues.coinex.streams import StreamMethods

if TYPE_CHECKING:
    from tradewire.interface import ClientOptions

__all__ = ["CoinEx"]


class SandboxVenue(Protocol):
    """What a sandbox says of its CoinEx venue."""

    @property
    def rest_url(self) -> str: ...
    @property
    def ws_spot_url(self) -> str: ...
    @property
    def access_id(self) -> str: ...
    @property
    def secret(self) -> str: ...


class Sandbox(Protocol):
    """A sandbox with a CoinEx venue, as ``tradewire.Sandbox()`` opens one."""

    @property
    def coinex(self) -> SandboxVenue: ...


class CoinEx(Common, MarketData, Orders, Deals, Balances, StreamMethods, AccountClient):
    """CoinEx v2 spot over REST and WebSocket.

        async with CoinEx(Credentials.from_env("coinex")) as venue:
            print(await venue.balances())

    The constructor opens nothing; connections open when first used and close with ``async with``. A client
    belongs to one event loop and is not shared between threads.

    Args:
        credentials: Access id and secret; leave them out for public data only.
        environment: Where the venue is; ``venues.coinex.hosts.local(...)`` for one of your own.
        network: Proxy and TLS context for both transports; the environment's proxies are ignored unless it says so.
        http: Another HTTP transport, for instance ``transport.mock.MockHttp``.
        ws: Another WebSocket transport.
        timeout_s: Longest wait for a REST reply.
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
        client_order_ids=True,
        post_only=True,
        market_orders=True,
        time_in_force=frozenset(TimeInForce),
        order_entry=frozenset({"rest"}),
        book="level2",
    )

    def __init__(
        self,
        credentials: Credentials | None = None,
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
            environment, credentials, allow_insecure=allow_insecure, allow_any_key=allow_any_key
        )
        if fault:
            # Whatever was passed for credentials may be a secret, and crash reports show what a frame holds.
            del credentials
            raise ConfigError(fault)
        auth = Auth(credentials)
        self._cancel_within_s = close_within_s(cancel_on_close)
        self._http = http if http is not None else default_http(network)
        self._rules: dict[str, Market] = {}
        self._rest = RestSession(
            RestRules(auth),
            environment.rest_root,
            self._http,
            hosts.limiter(),
            timeout_s=timeout_s,
            max_wait_s=max_wait_s,
        )

        def login_params() -> dict[str, str | int]:
            return auth.stream_login(self._rest.venue_now_ms)

        self._streams = Streams(
            url=environment.ws_spot_url,
            transport=ws if ws is not None else PicowsTransport(network),
            questions=Queries(self),
            rest=self._rest,
            login_params=login_params if auth.can_sign else None,
            timing=timing,
            on_error=on_error,
        )
        self._rest.on_unreadable = self._streams.session.report_unreadable
        self._streams.dialect.market_of = lambda market: self._rules.get(market)

    @classmethod
    def for_sandbox(
        cls,
        box: Sandbox,
        **options: Unpack[ClientOptions],
    ) -> Self:
        """Return a client of a sandbox's CoinEx venue, with the keys of its default trader."""
        venue = box.coinex
        return cls(
            Credentials(venue.access_id, venue.secret),
            environment=hosts.sandbox(venue.rest_url, venue.ws_spot_url),
            **options,
        )
