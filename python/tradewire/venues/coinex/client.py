"""``tradewire.CoinEx``: how its rooms are put together. The methods are in ``market_data``, ``trading``, ``streams``."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from types import TracebackType
from typing import Protocol, Self

from tradewire.errors import OrderNotFound
from tradewire.model import Fill, Order
from tradewire.protocol.limits import Limiter
from tradewire.protocol.timing import Timing
from tradewire.session.live_order import LiveOrder
from tradewire.session.rest import RestSession
from tradewire.signing import Credentials
from tradewire.transport.http import AiohttpTransport
from tradewire.transport.seam import HttpTransport, WsTransport
from tradewire.transport.ws import PicowsTransport
from tradewire.venues.coinex import hosts
from tradewire.venues.coinex.auth import Auth
from tradewire.venues.coinex.connection import Streams
from tradewire.venues.coinex.hosts import LIVE, Environment
from tradewire.venues.coinex.market_data import MarketData
from tradewire.venues.coinex.rest import RestRules
from tradewire.venues.coinex.streams import StreamFace
from tradewire.venues.coinex.trading import Trading
from tradewire.venues.rooms import Capabilities

__all__ = ["CLIENT", "CoinEx"]

NS_PER_MS = 1_000_000


class SandboxVenue(Protocol):
    """What a sandbox says of its CoinEx venue."""

    @property
    def rest_url(self) -> str: ...  # noqa: D102
    @property
    def ws_spot_url(self) -> str: ...  # noqa: D102
    @property
    def access_id(self) -> str: ...  # noqa: D102
    @property
    def secret(self) -> str: ...  # noqa: D102


class Sandbox(Protocol):
    """A sandbox with a CoinEx venue, as ``tradewire.sandbox()`` opens one."""

    @property
    def coinex(self) -> SandboxVenue: ...  # noqa: D102


class CoinEx(MarketData, Trading, StreamFace):
    """CoinEx v2 spot over REST and WebSocket.

        async with CoinEx(Credentials.from_env("coinex")) as venue:
            print(await venue.balances())

    Nothing happens in the constructor; connections open when first used and close with ``async with``.

    Args:
        credentials: Access id and secret; leave them out for public data only.
        environment: Where the venue is; ``hosts.local(rest_url, ws_spot_url)`` for a sandbox.
        http: Another HTTP transport, for instance ``transport.mock.MockHttp``.
        ws: Another WebSocket transport.
        timeout_s: Longest wait for a REST reply.
        timing: Deadlines of the streams.
        on_error: Told of exceptions in background work that nobody awaits; they are logged if left out.
    """

    capabilities = Capabilities(
        amend=True,
        client_ids=True,
        post_only=True,
        market_orders=True,
        order_entry=frozenset({"rest"}),
        book="level2",
    )

    def __init__(
        self,
        credentials: Credentials | None = None,
        *,
        environment: Environment = LIVE,
        http: HttpTransport | None = None,
        ws: WsTransport | None = None,
        timeout_s: float = 10.0,
        timing: Timing | None = None,
        on_error: Callable[[Exception], None] | None = None,
    ) -> None:
        auth = Auth(credentials)
        self._http = http or AiohttpTransport()
        self._rest = RestSession(
            RestRules(auth),
            environment.rest_root,
            self._http,
            Limiter(hosts.RATES_PER_S),
            timeout_s=timeout_s,
        )

        def login_params() -> dict[str, str | int]:
            return auth.stream_login((time.time_ns() + self._rest.clock.offset_ns) // NS_PER_MS)

        self._streams = Streams(
            url=environment.ws_spot_url,
            transport=ws or PicowsTransport(),
            queries=_Queries(self),
            login_params=login_params if auth.can_sign else None,
            timing=timing,
            on_error=on_error,
        )

    @classmethod
    def for_sandbox(cls, box: Sandbox, *, http: HttpTransport | None = None) -> Self:
        """Return a client of a sandbox's CoinEx venue, with the keys of its default trader."""
        venue = box.coinex
        return cls(
            Credentials(venue.access_id, venue.secret),
            environment=hosts.local(venue.rest_url, venue.ws_spot_url),
            http=http,
        )

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        await self.close()

    async def close(self) -> None:
        """Close every connection and leave no task behind. Safe to call twice."""
        await self._streams.close()
        await self._http.close()


class _Queries:
    """The REST questions by which streams settle what they cannot know."""

    def __init__(self, client: CoinEx) -> None:
        self._client = client

    async def open_orders(self) -> Sequence[Order]:
        return await self._client.open_orders()

    async def find_order(self, order: LiveOrder) -> Order | None:
        """Return the order, or ``None``: it is not open and never traded, so the venue has no trace of it."""
        if order.venue_id:
            try:
                return await self._client.order(order.market, order.venue_id)
            except OrderNotFound:
                return None
        found = await self._client.open_orders(order.market, client_id=order.client_id)
        if not found:
            page = await self._client.closed_orders(order.market, client_id=order.client_id)
            found = page.items
        mine = [report for report in found if report.client_id == order.client_id]
        return mine[0] if mine else None

    async def fills_since(self, market: str, since_ns: int) -> Sequence[Fill]:
        return [fill async for fill in self._client.iter_fills(market, start_ns=since_ns)]


CLIENT = CoinEx
"""What ``venues.rooms`` looks for in every venue."""
