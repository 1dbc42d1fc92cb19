"""Loans of margin accounts: borrow, repay, look."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Annotated

from msgspec import field

from tradewire.model import Page
from tradewire.protocol.arguments import Exact
from tradewire.protocol.mismatch import same
from tradewire.protocol.request import Amount, Flag, Name, Request, one_of
from tradewire.session.paging import every
from tradewire.venues.coinex import replies
from tradewire.venues.coinex.api import Limit, PageNumber, Part, VenueId, api
from tradewire.venues.coinex.model_assets import BorrowLimit, Loan, LoanStatus

__all__ = ["Loans"]


class Borrow(Request, frozen=True):
    """A loan to take."""

    market: Name
    asset: Name = field(name="ccy")
    amount: Amount = field(name="borrow_amount")
    renews: Flag = field(name="is_auto_renew")


class Repay(Request, frozen=True):
    """Money to pay back."""

    market: Name
    asset: Name = field(name="ccy")
    amount: Amount
    loan_id: VenueId | None = field(name="borrow_id")


class LoansQuery(Request, frozen=True):
    """A page of loans."""

    market: Name | None
    status: Annotated[LoanStatus | str, one_of(LoanStatus)] | None
    page: PageNumber = 1
    limit: Limit = 100


class BorrowLimitQuery(Request, frozen=True):
    """One asset of a margin account."""

    market: Name
    asset: Name = field(name="ccy")


BORROW = api(
    "POST", "/v2/assets/margin/borrow", Borrow, replies.model(Loan),
    group="account-modify", source="assets/loan-flat/http/margin-borrow", mismatch=same("market", "asset"),
    lookup="CoinEx.loans({request.market!r})",
)  # fmt: skip
# Its pages and one other client call the amount amount, another calls it borrow_amount.
REPAY = api(
    "POST", "/v2/assets/margin/repay", Repay, replies.nothing("{}"),
    group="account-modify", source="assets/loan-flat/http/margin-repay",
    lookup="CoinEx.loans({request.market!r})",
)  # fmt: skip
LOANS = api(
    "GET", "/v2/assets/margin/borrow-history", LoansQuery, replies.models_page(Loan),
    group="account-history", source="assets/loan-flat/http/list-margin-borrow-history", mismatch=same("market"),
)  # fmt: skip
BORROW_LIMIT = api(
    "GET", "/v2/assets/margin/interest-limit", BorrowLimitQuery, replies.model(BorrowLimit),
    group="account-query", source="assets/loan-flat/http/list-margin-interest-limit",
    mismatch=same("market", "asset"),
)  # fmt: skip


class Loans(Part):
    """Loans. All of it needs credentials."""

    @BORROW.client_method
    async def borrow(self, market: str, asset: str, amount: Exact, *, renews: bool = False) -> Loan:
        """Borrow for a margin account. Interest is charged from the first hour on.

        Args:
            market: The margin account's, for instance ``BTCUSDT``.
            asset: Base or quote of the market.
            amount: Units of it, within what ``borrow_limit`` says.
            renews: Renew the loan when it expires; else it is due then.

        Raises:
            BadRequest: It is too little, or more than the account may borrow.
            OutcomeUnknown: No proof either way, and never sent twice. Ask ``loans(market)``.
        """
        return await self._rest.call(BORROW, Borrow(market, asset, amount, renews))

    @REPAY.client_method
    async def repay(
        self, market: str, asset: str, amount: Exact, *, loan_id: str | int | None = None
    ) -> None:
        """Pay back what a margin account borrowed, interest included.

        Args:
            market: The margin account's.
            asset: What was borrowed.
            amount: Units of it, see ``Loan.owed``.
            loan_id: Of this loan only, ``Loan.loan_id``; else of the oldest first.

        Raises:
            InsufficientFunds: The margin account has less available.
            BadRequest: There is no such loan.
            OutcomeUnknown: No proof either way, and never sent twice. Ask ``loans(market)``.
        """
        return await self._rest.call(REPAY, Repay(market, asset, amount, loan_id))

    @LOANS.client_method
    async def loans(
        self,
        market: str | None = None,
        *,
        status: LoanStatus | str | None = None,
        page: int = 1,
        limit: int = 100,
    ) -> Page[Loan]:
        """Return a page of loans, newest first.

        Args:
            market: Only of this margin account.
            status: Only those that stand so, see ``LoanStatus``.
            page: From 1.
            limit: 1 to 100.
        """
        return await self._rest.call(LOANS, LoansQuery(market, status, page, limit))

    async def all_loans(
        self, market: str | None = None, *, status: LoanStatus | str | None = None
    ) -> AsyncIterator[Loan]:
        """Yield all loans, newest first; one request per hundred, as ``loans``."""
        async for one in every(lambda page, _: self.loans(market, status=status, page=page)):
            yield one

    @BORROW_LIMIT.client_method
    async def borrow_limit(self, market: str, asset: str) -> BorrowLimit:
        """Return what a margin account may borrow, and what it costs.

        Args:
            market: The margin account's.
            asset: Base or quote of the market.

        Raises:
            BadRequest: The market has no margin account.
        """
        return await self._rest.call(BORROW_LIMIT, BorrowLimitQuery(market, asset))
