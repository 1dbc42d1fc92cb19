"""``tradewire.CoinEx``: how its parts are put together, and what it shares with ``tradewire.CoinExFutures``.

The methods are in ``rest`` and ``streams``.
"""

from __future__ import annotations

from typing import ClassVar, Generic, Self, Unpack

from tradewire.description import Capabilities
from tradewire.errors import ConfigError
from tradewire.model import AccountKind, Market, Ticker, TimeInForce
from tradewire.session.lifetime import AccountClient, Box, ClientOptions
from tradewire.signing import Credentials
from tradewire.venues.coinex import hosts
from tradewire.venues.coinex.api import SPOT
from tradewire.venues.coinex.auth import Auth
from tradewire.venues.coinex.connection import Streams
from tradewire.venues.coinex.errors import VENUE
from tradewire.venues.coinex.hosts import LIVE, Environment
from tradewire.venues.coinex.products import PERIODS
from tradewire.venues.coinex.queries import Queries
from tradewire.venues.coinex.rest.common import Common
from tradewire.venues.coinex.rest.market import MarketData, MarketT, TickerT
from tradewire.venues.coinex.rest.orders import Orders
from tradewire.venues.coinex.rest.subjects import Assets, Rarer
from tradewire.venues.coinex.rest_rules import RestRules
from tradewire.venues.coinex.streams import StreamMethods

__all__ = ["CoinEx", "ProductClient"]


class ProductClient(
    Common,
    MarketData[MarketT, TickerT],
    Rarer,
    Orders,
    StreamMethods,
    AccountClient,
    Generic[MarketT, TickerT],
):
    """What the clients of both products are: each names its own, and has what only that one has besides."""

    _stream_class: ClassVar[type[Streams]] = Streams
    capabilities = Capabilities(
        amend=True,
        client_order_ids=True,
        post_only=True,
        market_orders=True,
        time_in_force=frozenset(TimeInForce),
        order_entry=frozenset({"rest"}),
        book="level2",
        candles=frozenset(PERIODS),
    )

    def __init__(
        self,
        credentials: Credentials | None = None,
        *,
        environment: Environment = LIVE,
        **options: Unpack[ClientOptions],
    ) -> None:
        fault = hosts.client_fault(environment, credentials, **options)
        url = "" if fault else environment.stream_url(self.product)
        if not url:
            # Whatever was passed for credentials may be a secret, and crash reports show what a frame holds.
            del credentials
            nowhere = f"the environment must say where the {self.product.name} stream is; see hosts.local"
            raise ConfigError(fault or nowhere)
        auth = Auth(credentials)
        self._take(options, credentials=credentials, environment=environment)
        self._rules: dict[str, Market] = {}
        self._rest = self._connect(RestRules(auth), environment.rest_root, hosts.limiter(), options)

        def login_params() -> dict[str, str | int]:
            return auth.stream_login(self._rest.venue_now_ms)

        self._streams = self._stream_class(
            self.product,
            self._wiring(url, Queries(self, self, self.product.account), options),
            login_params if auth.can_sign else None,
        )
        self._rest.on_unreadable = self._streams.session.report_unreadable
        self._streams.dialect.market_of = self._rules.get
        self._made()

    def _made(self) -> None:
        """Add what only one product has."""

    async def __aenter__(self) -> Self:
        # No order shall wait for an import, nor one in a batch or with a condition.
        _ = self.place_stop_order, self.send_orders
        return await super().__aenter__()

    @classmethod
    def from_env(cls, **options: Unpack[ClientOptions]) -> Self:
        """Return a client of the live venue with ``Credentials.from_env("coinex")``."""
        return cls(Credentials.from_env(VENUE), **options)

    @classmethod
    def for_sandbox(
        cls,
        box: Box,
        **options: Unpack[ClientOptions],
    ) -> Self:
        """Return a client of a sandbox's CoinEx venue, with the keys of its default trader."""
        venue = box.venue(VENUE)
        return cls(
            Credentials(venue.access_id, venue.secret),
            environment=hosts.sandbox(venue.rest_url, venue.ws_spot_url),
            **options,
        )


class CoinEx(ProductClient[Market, Ticker], Assets, product=SPOT):
    """CoinEx v2 spot over REST and WebSocket.

        async with CoinEx(Credentials.from_env("coinex")) as venue:
            print(await venue.balances())

    The constructor opens nothing; connections open when first used and close with ``async with``. A client
    belongs to one event loop and is not shared between threads.

    CoinEx has announced its end (its notice 53539656293908 of 2026-09-15): futures ended on 2026-09-22 and spot trading
    on 2026-09-29, withdrawals are open until 2026-12-22. What is left to do there is ``balances``, ``transfer`` and
    ``withdraw``; everything else lives on in the sandbox, see ``for_sandbox``.

    Args:
        credentials: Access id and secret; leave them out for public data only.
        environment: Where the venue is; ``venues.coinex.hosts.local(...)`` for one of your own.
        options: What every client takes, see ``tradewire.ClientOptions``: ``network``, ``http``, ``ws``, ``timeout_s``,
            ``max_wait_s``, ``timing``, ``cancel_on_close``, ``on_error``, ``allow_insecure`` and ``allow_any_key``.
    """

    def _made(self) -> None:
        self._streams.add_account(AccountKind.MARGIN, Queries(self, self, AccountKind.MARGIN))
