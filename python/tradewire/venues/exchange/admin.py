"""``tradewire.ExchangeAdmin``: the operator's plane of Exchange, over REST with a bearer token.

The methods are in ``rest``.
"""

from __future__ import annotations

from typing import Self

from tradewire.errors import ConfigError
from tradewire.session.lifetime import AsyncCloseable, Box
from tradewire.session.raw import RawRequests
from tradewire.session.rest import RestSession
from tradewire.signing import Token
from tradewire.transport.default import default_http
from tradewire.transport.network import DIRECT, NetworkOptions
from tradewire.transport.seam import HttpTransport
from tradewire.venues.exchange import hosts
from tradewire.venues.exchange.auth import AdminAuth
from tradewire.venues.exchange.errors import VENUE
from tradewire.venues.exchange.hosts import LIVE, Environment
from tradewire.venues.exchange.rest.admin_control import Control
from tradewire.venues.exchange.rest.admin_markets import Markets
from tradewire.venues.exchange.rest.admin_users import Users
from tradewire.venues.exchange.rest_rules import RestRules

__all__ = ["ExchangeAdmin"]


class ExchangeAdmin(Users, Markets, Control, RawRequests, AsyncCloseable):
    """What the operator may do: traders, markets and their life cycle, trading on and off, messages.

        async with ExchangeAdmin(Token.from_env("TRADEWIRE_EXCHANGE_ADMIN")) as admin:
            await admin.put_market(MarketDefinition(base="ABC", quote="USD"))
            profile = await admin.create_user("desk-7")

    Args:
        token: The operator's token.
        environment: Where the venue is; ``venues.exchange.hosts.local(rest_url, ws_url)`` for one of your own.
        network: Proxy and TLS context for both transports; the environment's proxies are ignored unless it says so.
        http: Another HTTP transport.
        timeout_s: Longest wait for a reply.
        allow_insecure: Let ``http://`` and ``ws://`` go to another machine: everything can be read on the way.
        allow_any_key: Let a sandbox's key go to a live host, or another to a sandbox.
    """

    def __init__(
        self,
        token: Token,
        *,
        environment: Environment = LIVE,
        network: NetworkOptions = DIRECT,
        http: HttpTransport | None = None,
        timeout_s: float = 10.0,
        allow_insecure: bool = False,
        allow_any_key: bool = False,
    ) -> None:
        fault = hosts.client_fault(
            environment,
            token,
            "ExchangeAdmin(Token(admin_token))",
            allow_insecure=allow_insecure,
            allow_any_key=allow_any_key,
        )
        if fault:
            # Whatever was passed for the token may be a secret, and crash reports show what a frame holds.
            del token
            raise ConfigError(fault)
        self._http = http if http is not None else default_http(network)
        self._rest = RestSession(
            RestRules(AdminAuth(token)),
            environment.rest_root,
            self._http,
            hosts.limiter(),
            timeout_s=timeout_s,
        )

    @classmethod
    def for_sandbox(cls, box: Box) -> Self:
        """Return the operator of a sandbox's Exchange venue."""
        venue = box.venue(VENUE)
        return cls(Token(venue.admin_token), environment=hosts.local(venue.rest_url, ""))

    async def close(self) -> None:
        """Close every connection. Safe to call twice."""
        await self._http.close()
