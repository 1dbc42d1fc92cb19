"""``tradewire.Exchange``: how its parts are put together.

The methods are in ``rest`` and ``streams``; the operator's client is in ``admin``.
"""

from __future__ import annotations

from typing import Self, Unpack

from tradewire.description import Capabilities
from tradewire.errors import ConfigError
from tradewire.model import TimeInForce
from tradewire.session.lifetime import TIMEOUT_S, AccountClient, Box, ClientOptions
from tradewire.session.subscription import Subscription
from tradewire.signing import Token
from tradewire.venues.exchange import hosts
from tradewire.venues.exchange.auth import TraderAuth
from tradewire.venues.exchange.connection import Streams
from tradewire.venues.exchange.errors import VENUE
from tradewire.venues.exchange.hosts import LIVE, Environment
from tradewire.venues.exchange.model import Message
from tradewire.venues.exchange.queries import Queries
from tradewire.venues.exchange.rest.account import Account
from tradewire.venues.exchange.rest.market_data import MarketData
from tradewire.venues.exchange.rest.orders import Orders
from tradewire.venues.exchange.rest_rules import RestRules

__all__ = ["Exchange"]


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
        options: What every client takes, see ``tradewire.ClientOptions``: ``network``, ``http``, ``ws``, ``timeout_s``,
            ``max_wait_s``, ``timing``, ``cancel_on_close``, ``on_error``, ``allow_insecure`` and ``allow_any_key``.
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
        **options: Unpack[ClientOptions],
    ) -> None:
        fault = hosts.client_fault(environment, api_key, "Exchange(Token(api_key))", **options)
        if fault:
            # Whatever was passed for the key may be a secret, and crash reports show what a frame holds.
            del api_key
            raise ConfigError(fault)
        auth = TraderAuth(api_key)
        self._keeper: Subscription[Message] | None = None
        self._take(options, api_key=api_key, environment=environment)
        self._rest = self._connect(RestRules(auth), environment.rest_root, hosts.limiter(), options)
        self._streams = Streams(
            self._wiring(environment.ws_url, Queries(self), options),
            auth.reveal if auth.has_key else None,
            options.get("timeout_s", TIMEOUT_S),
        )
        self._rest.on_unreadable = self._streams.session.report_unreadable

    @classmethod
    def from_env(cls, **options: Unpack[ClientOptions]) -> Self:
        """Return a client of the live venue with ``Token.from_env("TRADEWIRE_EXCHANGE_KEY")``."""
        return cls(Token.from_env("TRADEWIRE_EXCHANGE_KEY"), **options)

    @classmethod
    def for_sandbox(
        cls,
        box: Box,
        **options: Unpack[ClientOptions],
    ) -> Self:
        """Return a client of a sandbox's Exchange venue, with the key of its default trader."""
        venue = box.venue(VENUE)
        if not venue.api_key:
            raise ConfigError("this sandbox began without traders: make one with ExchangeAdmin.create_user")
        environment = hosts.sandbox(venue.rest_url, venue.ws_url)
        return cls(
            Token(venue.api_key),
            environment=environment,
            **options,
        )
