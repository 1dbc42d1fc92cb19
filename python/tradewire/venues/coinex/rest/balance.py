"""What the account owns, in each of its wallets, and what changed it."""

from __future__ import annotations

from collections.abc import AsyncIterator
from types import NoneType
from typing import Annotated

from msgspec import field

from tradewire.model import Balance, Page, Rows
from tradewire.protocol.request import Name, Request, TimeMs, one_of
from tradewire.session.paging import every
from tradewire.venues.coinex import parse, replies, shapes
from tradewire.venues.coinex.api import Limit, PageNumber, Part, api
from tradewire.venues.coinex.model_assets import (
    AmmStake,
    CreditInfo,
    MarginBalance,
    Transaction,
    TransactionKind,
)

__all__ = ["Balances"]


class TransactionsQuery(Request, frozen=True):
    """A page of changes of the spot account."""

    kind: Annotated[TransactionKind | str, one_of(TransactionKind)] = field(name="type")
    asset: Name | None = field(name="ccy", default=None)
    start_ns: TimeMs | None = field(name="start_time", default=None)
    end_ns: TimeMs | None = field(name="end_time", default=None)
    page: PageNumber = 1
    limit: Limit = 100


BALANCES = api(
    "GET", "/v2/assets/spot/balance", NoneType, replies.every(shapes.BalanceRow, parse.balance),
    group="account-query", source="assets/balance/http/get-spot-balance",
)  # fmt: skip
MARGIN_BALANCES = api(
    "GET", "/v2/assets/margin/balance", NoneType, replies.models(MarginBalance),
    group="account-query", source="assets/balance/http/get-marigin-balance",
)  # fmt: skip
FINANCIAL_BALANCES = api(
    "GET", "/v2/assets/financial/balance", NoneType, replies.every(shapes.BalanceRow, parse.balance),
    group="account-query", source="assets/balance/http/get-financial-balance",
)  # fmt: skip
AMM_STAKES = api(
    "GET", "/v2/assets/amm/liquidity", NoneType, replies.models(AmmStake),
    group="account-query", source="assets/balance/http/get-amm-liquidity",
)  # fmt: skip
CREDIT = api(
    "GET", "/v2/assets/credit/info", NoneType, replies.model(CreditInfo),
    group="account-query", source="assets/balance/http/get-credit-info",
)  # fmt: skip
TRANSACTIONS = api(
    "GET", "/v2/assets/spot/transcation-history", TransactionsQuery, replies.models_page(Transaction),
    group="account-history", source="assets/balance/http/get-spot-transcation-history",
)  # fmt: skip


class Balances(Part):
    """Balances. All of it needs credentials."""

    @BALANCES.client_method
    async def balances(self) -> Rows[Balance]:
        """Return the spot account's assets."""
        return await self._rest.call(BALANCES, None)

    @MARGIN_BALANCES.client_method
    async def margin_balances(self) -> Rows[MarginBalance]:
        """Return the margin accounts, each for one market: what they have and owe."""
        return await self._rest.call(MARGIN_BALANCES, None)

    @FINANCIAL_BALANCES.client_method
    async def financial_balances(self) -> Rows[Balance]:
        """Return the savings account's assets."""
        return await self._rest.call(FINANCIAL_BALANCES, None)

    @AMM_STAKES.client_method
    async def amm_stakes(self) -> Rows[AmmStake]:
        """Return our parts of pools of automated market making."""
        return await self._rest.call(AMM_STAKES, None)

    @CREDIT.client_method
    async def credit_info(self) -> CreditInfo:
        """Return the state of the credit account."""
        return await self._rest.call(CREDIT, None)

    @TRANSACTIONS.client_method
    async def transactions(
        self,
        kind: TransactionKind | str,
        *,
        asset: str | None = None,
        start_ns: int | None = None,
        end_ns: int | None = None,
        page: int = 1,
        limit: int = 100,
    ) -> Page[Transaction]:
        """Return a page of what changed the spot account, newest first. Transfers have a list of their own.

        Args:
            kind: ``deposit``, ``withdraw``, ``trade`` or ``maker_cash_back``: the venue lists one kind at a time.
            asset: Only of this asset.
            start_ns: Not before this time, nanoseconds UTC; the venue counts milliseconds.
            end_ns: Not after this time.
            page: From 1.
            limit: 1 to 100.
        """
        query = TransactionsQuery(kind, asset, start_ns, end_ns, page, limit)
        return await self._rest.call(TRANSACTIONS, query)

    async def all_transactions(
        self, kind: TransactionKind | str, *, asset: str | None = None, start_ns: int | None = None
    ) -> AsyncIterator[Transaction]:
        """Yield all that changed the spot account, newest first; one request per hundred, as ``transactions``."""
        async for one in every(
            lambda page, _: self.transactions(kind, asset=asset, start_ns=start_ns, page=page)
        ):
            yield one
