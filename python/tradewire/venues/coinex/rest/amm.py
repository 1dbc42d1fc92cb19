"""Pools of automated market making: put in, take out, look."""

from __future__ import annotations

from collections.abc import AsyncIterator

from msgspec import field

from tradewire.model import Page
from tradewire.protocol.arguments import Exact
from tradewire.protocol.mismatch import same
from tradewire.protocol.request import Amount, Name, Request, TimeMs
from tradewire.session.paging import every
from tradewire.venues.coinex import replies
from tradewire.venues.coinex.api import Limit, PageNumber, Part, api
from tradewire.venues.coinex.model_assets import AmmIncome, AmmStake
from tradewire.venues.coinex.replies import Unconfirmed

__all__ = ["Amm"]


class AddLiquidity(Request, frozen=True):
    """Money to put into a pool."""

    market: Name
    base_amount: Amount = field(name="base_ccy_amount")
    quote_amount: Amount = field(name="quote_ccy_amount")


class PoolRef(Request, frozen=True):
    """One pool."""

    market: Name


class PoolsQuery(Request, frozen=True):
    """One pool, or all."""

    market: Name | None


class IncomesQuery(Request, frozen=True):
    """A page of what a pool brought us."""

    market: Name
    start_ns: TimeMs | None = field(name="start_time", default=None)
    end_ns: TimeMs | None = field(name="end_time", default=None)
    page: PageNumber = 1
    limit: Limit = 100


ADD_LIQUIDITY = api(
    "POST", "/v2/assets/amm/add-liquidity", AddLiquidity, replies.model(AmmStake),
    group="account-modify", source="assets/amm/http/add-liquidtiy", mismatch=same("market"),
    lookup="CoinEx.amm_stakes()",
)  # fmt: skip
REMOVE_LIQUIDITY = api(
    "POST", "/v2/assets/amm/remove-liquidity", PoolRef, replies.model(AmmStake),
    group="account-modify", source="assets/amm/http/remove-liquidtiy", mismatch=same("market"),
    lookup="CoinEx.amm_stakes()",
)  # fmt: skip
POOLS = api(
    "GET", "/v2/assets/amm/liquidity-pool", PoolsQuery, replies.unconfirmed,
    group="account-query", source="assets/amm",
)  # fmt: skip
INCOMES = api(
    "GET", "/v2/assets/amm/income-history", IncomesQuery, replies.models_page(AmmIncome),
    group="account-history", source="assets/amm/http/list-income-history", mismatch=same("market"),
)  # fmt: skip


class Amm(Part):
    """Pools of automated market making. All of it needs credentials."""

    @ADD_LIQUIDITY.client_method
    async def add_liquidity(self, market: str, base_amount: Exact, quote_amount: Exact) -> AmmStake:
        """Put money from the spot account into a market's pool.

        Args:
            market: For instance ``BTCUSDT``.
            base_amount: Base units.
            quote_amount: Quote units.

        Raises:
            InsufficientFunds: There is less.
            BadRequest: The market has no pool, or it is too little.
            OutcomeUnknown: No proof either way, and never sent twice. Ask ``amm_stakes()``.
        """
        return await self._rest.call(ADD_LIQUIDITY, AddLiquidity(market, base_amount, quote_amount))

    @REMOVE_LIQUIDITY.client_method
    async def remove_liquidity(self, market: str) -> AmmStake:
        """Take our whole part out of a market's pool.

        Args:
            market: For instance ``BTCUSDT``.

        Raises:
            BadRequest: We have none there.
            OutcomeUnknown: No proof either way. Ask ``amm_stakes()``.
        """
        return await self._rest.call(REMOVE_LIQUIDITY, PoolRef(market))

    @POOLS.client_method
    async def amm_pools(self, market: str | None = None) -> Unconfirmed:
        """Return what the venue says of its pools, as it is: neither parameters nor reply are confirmed.

        Args:
            market: Only of this market.
        """
        return await self._rest.call(POOLS, PoolsQuery(market))

    @INCOMES.client_method
    async def amm_incomes(
        self,
        market: str,
        *,
        start_ns: int | None = None,
        end_ns: int | None = None,
        page: int = 1,
        limit: int = 100,
    ) -> Page[AmmIncome]:
        """Return a page of what our part of a pool brought, newest first.

        Args:
            market: For instance ``BTCUSDT``.
            start_ns: Not before this time, nanoseconds UTC; the venue counts milliseconds.
            end_ns: Not after this time.
            page: From 1.
            limit: 1 to 100.
        """
        return await self._rest.call(INCOMES, IncomesQuery(market, start_ns, end_ns, page, limit))

    async def all_amm_incomes(self, market: str, *, start_ns: int | None = None) -> AsyncIterator[AmmIncome]:
        """Yield all that our part of a pool brought, newest first; one request per hundred, as ``amm_incomes``."""
        async for one in every(lambda page, _: self.amm_incomes(market, start_ns=start_ns, page=page)):
            yield one
