"""``tradewire.TrueX``: how its parts are put together.

The methods are in ``rest`` and ``streams``.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable
from typing import Self, Unpack

from tradewire.description import Capabilities
from tradewire.errors import ConfigError, Rejected, RequestError, TradewireError
from tradewire.model import TimeInForce
from tradewire.protocol.arguments import kind_fault, member
from tradewire.protocol.retry import is_temporary
from tradewire.protocol.timing import NS_PER_S
from tradewire.session.lifetime import AccountClient, Box, ClientOptions
from tradewire.signing import Credentials
from tradewire.transport.seam import SYSTEM
from tradewire.venues.truex import hosts, pushes
from tradewire.venues.truex.api import CURSOR
from tradewire.venues.truex.auth import Auth
from tradewire.venues.truex.connection import PING_S, Streams
from tradewire.venues.truex.dialect import Dialect
from tradewire.venues.truex.directory import Directory
from tradewire.venues.truex.errors import VENUE
from tradewire.venues.truex.hosts import PRODUCTION, Environment, Prefix, Spelling, Version
from tradewire.venues.truex.ids import check_venue_id
from tradewire.venues.truex.jwt import JwtKey, Tokens
from tradewire.venues.truex.queries import Queries
from tradewire.venues.truex.rest.balances import Balances
from tradewire.venues.truex.rest.clients import only_account
from tradewire.venues.truex.rest.market import MarketData
from tradewire.venues.truex.rest.orders import Orders
from tradewire.venues.truex.rest.service import Service
from tradewire.venues.truex.rest.trades import Trades
from tradewire.venues.truex.rest.transfers import Transfers
from tradewire.venues.truex.rest_rules import RestRules
from tradewire.venues.truex.streams import StreamMethods

__all__ = ["TrueX"]

CLOCK_PATIENCE_S = 2.0
"""A stream asks for the venue's time before it opens, because its requests must not be ahead of it; it opens
without an answer too."""
NO_ACCOUNT = "0"
"""What the vendor's own client puts into the user header while it knows no account."""


def _wall_s(options: ClientOptions) -> Callable[[], float]:
    """Return the wall clock that a client was given, in seconds."""
    wall_ns = options.get("clocks", SYSTEM).wall_ns
    return lambda: wall_ns() / NS_PER_S


class TrueX(Service, MarketData, Orders, Trades, Balances, Transfers, StreamMethods, AccountClient):
    """TrueX (True Markets CeFi): orders over REST, books and order reports over one WebSocket.

        async with TrueX(Credentials.from_env("truex")) as venue:
            print(await venue.holdings())

    The constructor opens nothing; connections open when first used and close with ``async with``. A client
    belongs to one event loop and is not shared between threads.

    The venue changed its shape several times and does not publish everything: ``version``, ``prefix``,
    ``spelling``, ``signed_prefix``, ``cursor``, ``sign_stream_path`` and ``trim_books`` choose among what was
    seen. Replies are read in either version's shape whichever was asked for.

    Args:
        credentials: Id and secret of an HMAC key; leave them out for public data only. The secret is used as
            the text it is.
        jwt: Instead of ``credentials``, a key that mints bearer tokens, for REST only; needs
            ``tradewire[truex]``.
        account_id: The venue's client that orders are for; found out if the key has only one.
        organization_id: Of the key, for stream requests; found out if left out.
        user_id: What the user header carries if not the account.
        environment: ``PRODUCTION``, ``UAT``, or ``local(...)`` for one of your own, of ``venues.truex.hosts``.
        version: The schema asked for.
        prefix: What paths begin with. It is part of what is signed.
        spelling: How the nouns in paths are written.
        signed_prefix: What paths begin with in the text that is signed, should something on the way to the venue
            rewrite them; as they are sent if left out.
        cursor: Name of the query's member that asks for a page by cursor; no page of the venue's says it.
        sign_stream_path: Sign the path in stream requests, as the pages say.
        trim_books: Keep books to the 20 levels a side that the venue shows. Whether it tells of levels that fall
            out of the 20 is not published: set this if it does not.
        rates_per_s: Requests per second by group, ``public``, ``orders`` and ``account``; the venue publishes
            none.
        options: What every client takes, see ``tradewire.ClientOptions``: ``network``, ``http``, ``ws``, ``timeout_s``,
            ``max_wait_s``, ``timing``, ``cancel_on_close``, ``on_error``, ``allow_insecure`` and ``allow_any_key``.
            Another ``ws`` should ping about every 20 s.

    Raises:
        ConfigError: Both kinds of credentials, a malformed id, or a spelling the prefix does not have.
    """

    capabilities = Capabilities(
        amend=True,
        client_order_ids=True,
        post_only=True,
        market_orders=True,
        time_in_force=frozenset({TimeInForce.GTC, TimeInForce.IOC}),
        order_entry=frozenset({"rest"}),
        book="level2",
    )

    def __init__(
        self,
        credentials: Credentials | None = None,
        *,
        jwt: JwtKey | None = None,
        account_id: str = "",
        organization_id: str = "",
        user_id: str = "",
        environment: Environment = PRODUCTION,
        version: Version | str = Version.V2026_01_23,
        prefix: Prefix | str = Prefix.CEFI,
        spelling: Spelling | str = Spelling.PLURAL,
        signed_prefix: Prefix | str | None = None,
        cursor: str = CURSOR,
        sign_stream_path: bool = True,
        trim_books: bool = False,
        rates_per_s: dict[str, float] | None = None,
        **options: Unpack[ClientOptions],
    ) -> None:
        prefix = member("prefix", Prefix, prefix)
        fault = "" if jwt is None else kind_fault("jwt", JwtKey, jwt, "JwtKey.from_file(path)")
        fault = fault or hosts.client_fault(
            environment, prefix, credentials, "" if jwt is None else jwt.key_id, **options
        )
        if fault:
            # Whatever was passed for a key may be a secret, and crash reports show what a frame holds.
            del credentials, jwt
            raise ConfigError(fault)
        self._version = member("version", Version, version)
        self._account_id = check_venue_id("account_id", account_id) if account_id else ""
        self._unidentified: TradewireError | None = None
        self._directory = Directory()
        self._take(
            options,
            credentials=credentials,
            jwt=jwt,
            account_id=account_id,
            organization_id=organization_id,
            user_id=user_id,
            environment=environment,
            version=version,
            prefix=prefix,
            spelling=spelling,
            signed_prefix=signed_prefix,
            cursor=cursor,
            sign_stream_path=sign_stream_path,
            rates_per_s=rates_per_s,
        )
        auth = Auth(
            credentials,
            None if jwt is None else Tokens(jwt, environment.auth_root, self._http, _wall_s(options)),
            user_id=user_id or account_id or NO_ACCOUNT,
            organization_id=organization_id,
            version=self._version.value,
            signed_prefix=None if signed_prefix is None else member("signed_prefix", Prefix, signed_prefix),
        )
        self._rest = self._connect(
            RestRules(auth, prefix, member("spelling", Spelling, spelling), cursor),
            environment.root(prefix),
            hosts.limiter(rates_per_s),
            options,
        )

        async def prepare() -> None:
            await self._learn_names()
            if auth.can_sign:
                await self._identify(auth)
            with contextlib.suppress(RequestError, TimeoutError):
                async with asyncio.timeout(CLOCK_PATIENCE_S):
                    await self._rest.ask_time()

        self._streams = Streams(
            self._wiring(
                environment.ws_url, Queries(self), options, ping_interval_s=PING_S, pong_timeout_s=PING_S
            ),
            Dialect(
                auth,
                environment.ws_url,
                lambda: self._account_id,
                lambda: self._unidentified,
                lambda: self._rest.venue_now_ms,
                pushes.reader(
                    self._directory,
                    lambda *ids: self._streams.known(*ids),
                    lambda: self._streams.only_tape(),
                ),
                sign_path=sign_stream_path,
            ),
            prepare,
            trim_books=trim_books,
        )
        self._rest.on_unreadable = self._streams.session.report_unreadable

    @classmethod
    def from_env(cls, **options: Unpack[ClientOptions]) -> Self:
        """Return a client of the live venue with ``Credentials.from_env("truex")``."""
        return cls(Credentials.from_env("truex"), **options)

    @classmethod
    def for_sandbox(
        cls,
        box: Box,
        *,
        version: Version | str = Version.V2026_01_23,
        prefix: Prefix | str = Prefix.CEFI,
        rates_per_s: dict[str, float] | None = None,
        **options: Unpack[ClientOptions],
    ) -> Self:
        """Return a client of a sandbox's TrueX venue, with the key of its default account."""
        venue = box.venue(VENUE)
        return cls(
            Credentials(venue.key_id, venue.secret),
            account_id=venue.client_id,
            organization_id=venue.organization_id,
            environment=hosts.sandbox(venue.rest_url, venue.ws_url, venue.auth_url),
            version=version,
            prefix=prefix,
            rates_per_s=rates_per_s,
            **options,
        )

    async def _identify(self, auth: Auth) -> None:
        """Find out what stream requests must name, or why that cannot be found out.

        Raises:
            RequestError: The question failed and may be asked again.
        """
        if self._account_id and auth.organization_id:
            return
        self._unidentified = None
        try:
            found = await self.clients()
            for account in found:
                auth.organization_id = auth.organization_id or account.organization_id
            self._account_id = self._account_id or only_account(found)
        except ConfigError as error:
            self._unidentified = error
        except Rejected as error:
            if is_temporary(error):
                raise
            self._unidentified = error
