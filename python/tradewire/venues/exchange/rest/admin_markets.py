"""The operator's markets and their life cycle."""

from __future__ import annotations

from collections.abc import Sequence
from types import NoneType
from typing import Annotated

import msgspec
from msgspec import field

from tradewire.errors import ConfigError
from tradewire.model import Rows
from tradewire.protocol.arguments import Exact, check_kind, shown
from tradewire.protocol.endpoint import Effect
from tradewire.protocol.request import Argument, Flag, Request
from tradewire.venues.exchange.api import (
    MarketName,
    OperatorPart,
    WholeNumber,
    Words,
    api,
    check_market,
    one,
    rows,
)
from tradewire.venues.exchange.model import LoadedConfig, Settlement, VenueMarket
from tradewire.wire import Id

__all__ = ["MarketDefinition", "Markets"]


class MarketDefinition(Request, frozen=True, kw_only=True):
    """A market as the operator wants it. Its name must be ``base-quote``.

    Attributes:
        base: Asset traded, for instance ``ABC``.
        quote: What it is priced in, for instance ``USD``.
        tick_size: Prices are multiples of this.
        min_size: Smallest order.
        is_enabled: Orders are taken.
        display_name: For people; the market's name if left out.
        reference_price: Marks positions while the book is empty.
    """

    computed = ("market_id",)

    base: Words = field(name="base_asset")
    quote: Words = field(name="quote_asset")
    tick_size: WholeNumber = 1
    min_size: WholeNumber = field(name="min_order_quantity", default=1)
    is_enabled: Flag = field(name="enabled", default=True)
    display_name: Words | None = None
    reference_price: WholeNumber | None = None

    @property
    def market(self) -> str:
        """Its name."""
        return f"{self.base}-{self.quote}"

    def members(self) -> dict[str, object]:
        """Return what travels: the market's name as well."""
        return {"market_id": check_market(self.market), **Request.members(self)}


class MarketRef(Request, frozen=True):
    """A market."""

    market: MarketName = field(name="market_id")


class MarketPatch(MarketRef, frozen=True):
    """Changes of a market; ``None`` leaves as it is."""

    display_name: Words | None
    tick_size: WholeNumber | None
    min_size: WholeNumber | None = field(name="min_order_quantity")
    reference_price: WholeNumber | None
    is_enabled: Flag | None = field(name="enabled")


class SettleMarket(MarketRef, frozen=True):
    """The end of a market."""

    price: WholeNumber = field(name="settlement_price")
    announcement: Words | None


def _definitions(name: str, markets: object) -> Sequence[dict[str, object]]:
    if not isinstance(markets, list | tuple) or not all(isinstance(one, MarketDefinition) for one in markets):
        raise ConfigError(f"{name} must be a list of MarketDefinition, got {shown(markets)}")
    return [market.members() for market in markets]


class LoadConfig(Request, frozen=True):
    """Markets and switch at once."""

    markets: Annotated[Sequence[MarketDefinition], Argument(_definitions)]
    is_trading: Flag | None = field(name="trading_enabled")


class Deleted(msgspec.Struct, frozen=True):
    """Answer to a deletion."""

    market_id: Id


_MARKET = "/api/v1/admin/markets/{market_id}"

MARKETS = api(
    "GET", "/api/v1/admin/markets", NoneType, rows(VenueMarket), group="admin", source="admin-overview"
)
PUT_MARKET = api(
    "POST", "/api/v1/admin/markets", MarketDefinition, one(VenueMarket),
    group="admin", source="market-lifecycle", effect=Effect.REPEATABLE, lookup="ExchangeAdmin.markets()",
)  # fmt: skip
PATCH_MARKET = api(
    "PATCH", _MARKET, MarketPatch, one(VenueMarket),
    group="admin", source="market-lifecycle", effect=Effect.REPEATABLE, lookup="ExchangeAdmin.markets()",
)  # fmt: skip
DELETE_MARKET = api(
    "DELETE", _MARKET, MarketRef, one(Deleted).then(lambda reply: reply.market_id),
    group="admin", source="market-lifecycle", effect=Effect.REPEATABLE, lookup="ExchangeAdmin.markets()",
)  # fmt: skip
SETTLE_MARKET = api(
    "POST", f"{_MARKET}/settle", SettleMarket, one(Settlement),
    group="admin", source="market-lifecycle", effect=Effect.REPEATABLE, lookup="ExchangeAdmin.markets()",
)  # fmt: skip
LOAD_CONFIG = api(
    "POST", "/api/v1/admin/config/load", LoadConfig, one(LoadedConfig),
    group="admin", source="admin-overview", effect=Effect.REPEATABLE, lookup="ExchangeAdmin.state()",
)  # fmt: skip


class Markets(OperatorPart):
    """Markets."""

    @MARKETS.client_method
    async def markets(self) -> Rows[VenueMarket]:
        """Return every market's whole definition."""
        return await self._rest.call(MARKETS, None)

    @PUT_MARKET.client_method
    async def put_market(self, definition: MarketDefinition) -> VenueMarket:
        """Create a market, or replace its definition; what rests in it stays.

        Args:
            definition: The market. A reference price left out is erased.

        Raises:
            Rejected: The market is settled, which is for good.
        """
        check_kind("the definition", MarketDefinition, definition, "MarketDefinition(base, quote)")
        return await self._rest.call(PUT_MARKET, definition)

    @PATCH_MARKET.client_method
    async def patch_market(
        self,
        market: str,
        *,
        display_name: str | None = None,
        tick_size: Exact | None = None,
        min_size: Exact | None = None,
        reference_price: Exact | None = None,
        is_enabled: bool | None = None,
    ) -> VenueMarket:
        """Change some of a market's definition; resting orders are left as they are.

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
        """
        patch = MarketPatch(market, display_name, tick_size, min_size, reference_price, is_enabled)
        return await self._rest.call(PATCH_MARKET, patch)

    @DELETE_MARKET.client_method
    async def delete_market(self, market: str) -> str:
        """Delete a market without open orders and return its name. Its sequence begins again if it is made again.

        Args:
            market: For instance ``ABC-USD``.

        Raises:
            MarketUnavailable: There is no such market.
            Rejected: Orders rest in it.
        """
        return await self._rest.call(DELETE_MARKET, MarketRef(market))

    @SETTLE_MARKET.client_method
    async def settle_market(
        self, market: str, price: Exact, *, announcement: str | None = None
    ) -> Settlement:
        """End a market: cancel every order, close every position at ``price``, announce it.

        Args:
            market: For instance ``ABC-USD``.
            price: A whole number above zero.
            announcement: The message everybody gets; the venue has words of its own. A blank one is refused
                here: the venue would refuse it after having settled.

        Raises:
            MarketUnavailable: There is no such market.
            Rejected: It is settled already; after a lost answer that is how you know it was done.
        """
        return await self._rest.call(SETTLE_MARKET, SettleMarket(market, price, announcement))

    @LOAD_CONFIG.client_method
    async def load_config(
        self, markets: Sequence[MarketDefinition], *, is_trading: bool | None = None
    ) -> LoadedConfig:
        """Create or replace several markets, one after the other.

        Not all or nothing: the switch is set first, and an error leaves the markets before it applied.

        Args:
            markets: The markets, in this order.
            is_trading: Whether orders are taken anywhere; as it is if left out.

        Raises:
            Rejected: One of the markets is settled, or its definition makes no sense.
        """
        return await self._rest.call(LOAD_CONFIG, LoadConfig(markets, is_trading))
