"""``tradewire.ExchangeAdmin``: the operator's plane of Exchange, over REST with a bearer token."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol, Self

from tradewire.errors import ConfigError
from tradewire.model import Rows
from tradewire.protocol.arguments import Exact, check_kind, member
from tradewire.protocol.endpoint import calls
from tradewire.session.lifetime import AsyncCloseable
from tradewire.session.rest import RestSession
from tradewire.signing import Token
from tradewire.transport.default import default_http
from tradewire.transport.network import DIRECT, NetworkOptions
from tradewire.transport.seam import HttpTransport
from tradewire.venues.exchange import endpoints as rows
from tradewire.venues.exchange import hosts, model, requests
from tradewire.venues.exchange.auth import AdminAuth
from tradewire.venues.exchange.hosts import LIVE, Environment
from tradewire.venues.exchange.rest import RestRules

__all__ = ["ExchangeAdmin"]


class OperatedVenue(Protocol):
    """What a sandbox says of its Exchange venue to the operator."""

    @property
    def rest_url(self) -> str: ...
    @property
    def admin_token(self) -> str: ...


class OperatedSandbox(Protocol):
    """A sandbox with an Exchange venue, as ``tradewire.Sandbox()`` opens one."""

    @property
    def exchange(self) -> OperatedVenue: ...


class ExchangeAdmin(AsyncCloseable):
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
    def for_sandbox(cls, box: OperatedSandbox) -> Self:
        """Return the operator of a sandbox's Exchange venue."""
        venue = box.exchange
        return cls(Token(venue.admin_token), environment=hosts.local(venue.rest_url, ""))

    async def close(self) -> None:
        """Close every connection. Safe to call twice."""
        await self._http.close()

    @calls(rows.CREATE_USER)
    async def create_user(self, username: str) -> model.Profile:
        """Provision a trader and return its profile with the key, which never changes.

        ``POST /api/v1/admin/users``, rate group admin, keyed, repeatable.

        Args:
            username: Any text that is not blank and not taken; blanks around it are cut.

        Raises:
            Rejected: The name is taken; after a lost answer that is how you know it was done.

        Shape:
            {"profile": {"trader_id": uuid, "username": str, "api_key": str, "created_at": time}}

        Source:
            https://www.mintlify.com/jamxu88/exchange/guides/admin-overview, read 2026-11-20.
        """
        return await self._rest.call(rows.CREATE_USER, requests.NewUser(username))

    @calls(rows.RESET_USERS)
    async def reset_users(self) -> model.Reset:
        """Erase every order, position and fill. Traders, markets and messages stay.

        ``POST /api/v1/admin/users/reset``, rate group admin, keyed, once.

        Shape:
            {"cleared_orders": int, "cleared_positions": int, "cleared_fills": int}

        Source:
            https://www.mintlify.com/jamxu88/exchange/guides/admin-overview, read 2026-11-20.
        """
        return await self._rest.call(rows.RESET_USERS, None)

    @calls(rows.ADMIN_STATE)
    async def state(self) -> model.AdminState:
        """Return switches, markets, recent messages and how the venue keeps its state.

        ``GET /api/v1/admin/state``, rate group admin, keyed, read.

        Shape:
            {"controls": {"trading_enabled": bool, "updated_at": time}, "markets": [...],
            "recent_messages": [...], "persistence": {...}}

        Source:
            https://www.mintlify.com/jamxu88/exchange/guides/admin-overview, read 2026-11-20.
        """
        return await self._rest.call(rows.ADMIN_STATE, None)

    @calls(rows.START_TRADING)
    async def start_trading(self) -> model.Controls:
        """Let orders in everywhere.

        ``POST /api/v1/admin/trading/start``, rate group admin, keyed, repeatable.

        Shape:
            {"controls": {"trading_enabled": true, "updated_at": time}}

        Source:
            https://www.mintlify.com/jamxu88/exchange/guides/admin-overview, read 2026-11-20.
        """
        return await self._rest.call(rows.START_TRADING, None)

    @calls(rows.STOP_TRADING)
    async def stop_trading(self) -> model.Controls:
        """Refuse new orders and amends everywhere; what rests stays and may be cancelled.

        ``POST /api/v1/admin/trading/stop``, rate group admin, keyed, repeatable.

        Shape:
            {"controls": {"trading_enabled": false, "updated_at": time}}

        Source:
            https://www.mintlify.com/jamxu88/exchange/guides/admin-overview, read 2026-11-20.
        """
        return await self._rest.call(rows.STOP_TRADING, None)

    @calls(rows.ADMIN_MARKETS)
    async def markets(self) -> Rows[model.VenueMarket]:
        """Return every market's whole definition.

        ``GET /api/v1/admin/markets``, rate group admin, keyed, read.

        Shape:
            As ``Exchange.markets``.

        Source:
            https://www.mintlify.com/jamxu88/exchange/guides/admin-overview, read 2026-11-20.
        """
        return await self._rest.call(rows.ADMIN_MARKETS, None)

    @calls(rows.PUT_MARKET)
    async def put_market(self, definition: requests.MarketDefinition) -> model.VenueMarket:
        """Create a market, or replace its definition; what rests in it stays.

        ``POST /api/v1/admin/markets``, rate group admin, keyed, repeatable.

        Args:
            definition: The market. A reference price left out is erased.

        Raises:
            Rejected: The market is settled, which is for good.

        Shape:
            As one of ``Exchange.markets``.

        Source:
            https://www.mintlify.com/jamxu88/exchange/guides/market-lifecycle, read 2026-11-20.
        """
        check_kind("the definition", requests.MarketDefinition, definition, "MarketDefinition(base, quote)")
        return await self._rest.call(rows.PUT_MARKET, definition)

    @calls(rows.PATCH_MARKET)
    async def patch_market(
        self,
        market: str,
        *,
        display_name: str | None = None,
        tick_size: Exact | None = None,
        min_size: Exact | None = None,
        reference_price: Exact | None = None,
        is_enabled: bool | None = None,
    ) -> model.VenueMarket:
        """Change some of a market's definition; resting orders are left as they are.

        ``PATCH /api/v1/admin/markets/{market_id}``, rate group admin, keyed, repeatable.

        Args:
            market: For instance ``ABC-USD``.
            display_name: For people.
            tick_size: Prices are multiples of this.
            min_size: Smallest order.
            reference_price: Marks positions while the book is empty; it can be set, not erased.
            is_enabled: Whether orders are taken.

        Raises:
            MarketUnavailable: There is no such market.
            Rejected: It is settled.

        Shape:
            As one of ``Exchange.markets``.

        Source:
            https://www.mintlify.com/jamxu88/exchange/guides/market-lifecycle, read 2026-11-20.
        """
        patch = requests.MarketPatch(market, display_name, tick_size, min_size, reference_price, is_enabled)
        return await self._rest.call(rows.PATCH_MARKET, patch)

    @calls(rows.DELETE_MARKET)
    async def delete_market(self, market: str) -> str:
        """Delete a market without open orders and return its name. Its sequence begins anew if it is made again.

        ``DELETE /api/v1/admin/markets/{market_id}``, rate group admin, keyed, repeatable.

        Args:
            market: For instance ``ABC-USD``.

        Raises:
            MarketUnavailable: There is no such market.
            Rejected: Orders rest in it.

        Shape:
            {"market_id": str}

        Source:
            https://www.mintlify.com/jamxu88/exchange/guides/market-lifecycle, read 2026-11-20.
        """
        return await self._rest.call(rows.DELETE_MARKET, requests.MarketRef(market))

    @calls(rows.SETTLE_MARKET)
    async def settle_market(
        self, market: str, price: Exact, *, announcement: str | None = None
    ) -> model.Settlement:
        """End a market: cancel every order, close every position at ``price``, announce it.

        ``POST /api/v1/admin/markets/{market_id}/settle``, rate group admin, keyed, repeatable.

        Args:
            market: For instance ``ABC-USD``.
            price: A whole number above zero.
            announcement: The message everybody gets; the venue has words of its own. A blank one is refused
                here: the venue would refuse it after having settled.

        Raises:
            MarketUnavailable: There is no such market.
            Rejected: It is settled already; after a lost answer that is how you know it was done.

        Shape:
            {"market": {...}, "canceled_orders": int, "affected_traders": int, "settled_quantity": int,
            "settlement_price": int}

        Source:
            https://www.mintlify.com/jamxu88/exchange/guides/market-lifecycle, read 2026-11-20.
        """
        return await self._rest.call(rows.SETTLE_MARKET, requests.SettleMarket(market, price, announcement))

    @calls(rows.LOAD_CONFIG)
    async def load_config(
        self, markets: Sequence[requests.MarketDefinition], *, is_trading: bool | None = None
    ) -> model.LoadedConfig:
        """Create or replace several markets, one after the other.

        ``POST /api/v1/admin/config/load``, rate group admin, keyed, repeatable.

        Not all or nothing: the switch is set first, and an error leaves the markets before it applied.

        Args:
            markets: The markets, in this order.
            is_trading: Whether orders are taken anywhere; as it is if left out.

        Raises:
            Rejected: One of the markets is settled, or its definition makes no sense.

        Shape:
            {"controls": {...}, "markets": [...]}

        Source:
            https://www.mintlify.com/jamxu88/exchange/guides/admin-overview, read 2026-11-20.
        """
        return await self._rest.call(rows.LOAD_CONFIG, requests.LoadConfig(markets, is_trading))

    @calls(rows.ADMIN_MESSAGES)
    async def messages(self, *, limit: int | None = None) -> Rows[model.Message]:
        """Return messages, newest first.

        ``GET /api/v1/admin/messages``, rate group admin, keyed, read.

        Args:
            limit: How many; 50 if left out.

        Shape:
            [{"message_id": uuid, "target_username": str | null, "target_trader_id": uuid | null,
            "market": str | null, "level": str, "title": str | null, "body": str, "created_at": time}]

        Source:
            https://www.mintlify.com/jamxu88/exchange/guides/admin-overview, read 2026-11-20.
        """
        return await self._rest.call(rows.ADMIN_MESSAGES, requests.LimitQuery(limit))

    @calls(rows.SEND_MESSAGE)
    async def send_message(
        self,
        body: str,
        *,
        level: model.MessageLevel | str = model.MessageLevel.INFO,
        target_username: str | None = None,
        market: str | None = None,
        title: str | None = None,
    ) -> model.Message:
        """Send a message to one trader, or to everybody.

        ``POST /api/v1/admin/messages``, rate group admin, keyed, once.

        Args:
            body: Any text that is not blank.
            level: ``info``, ``warning`` or ``critical``.
            target_username: One trader; everybody if left out.
            market: What it is about; not checked by the venue.
            title: A headline.

        Raises:
            BadRequest: There is no such trader.

        Shape:
            As one of ``messages``.

        Source:
            https://www.mintlify.com/jamxu88/exchange/guides/admin-overview, read 2026-11-20.
        """
        request = requests.NewMessage(
            member("level", model.MessageLevel, level), body, target_username, market, title
        )
        return await self._rest.call(rows.SEND_MESSAGE, request)

    @calls(rows.ADMIN_LEADERBOARD)
    async def leaderboard(self, *, limit: int | None = None) -> Rows[model.LeaderboardRow]:
        """Return every trader by net profit and loss, best first.

        ``GET /api/v1/admin/leaderboard``, rate group admin, keyed, read.

        Args:
            limit: How many; all if left out.

        Shape:
            As ``Exchange.leaderboard``.

        Source:
            https://www.mintlify.com/jamxu88/exchange/guides/admin-overview, read 2026-11-20.
        """
        return await self._rest.call(rows.ADMIN_LEADERBOARD, requests.LimitQuery(limit))
