"""Loans of margin accounts."""

from __future__ import annotations

from typing import Annotated, TypeAlias

from tradewire.sandbox.exact import plain
from tradewire.sandbox.routing import Reader, route
from tradewire.sandbox.venues.coinex.fields import (
    Asset,
    Fields,
    Flag,
    Id,
    Market,
    Number,
    Page,
    Paged,
    Text,
    UncheckedAmount,
    one_of,
)
from tradewire.sandbox.venues.coinex.handlers import Call, Json
from tradewire.sandbox.venues.coinex.money import MoneyHandlers, newest_first
from tradewire.sandbox.venues.coinex.rest.transfers import PLACES
from tradewire.sandbox.venues.coinex.treasury.loans import LEVERAGE, Loan

__all__ = ["Loans"]

STATUSES = ("loan", "debt", "liquidated", "finish")


def _repaid(fields: Fields, name: str) -> UncheckedAmount:
    # The sources disagree on its name: either will do.
    return fields.number("borrow_amount" if fields.has("borrow_amount") else name)


Repaid: TypeAlias = Annotated[UncheckedAmount, Reader(_repaid, ("amount",))]


class Loans(MoneyHandlers):
    """Page group ``assets/loan-flat``."""

    @route("POST", "/v2/assets/margin/borrow", group="account-modify", action="amend")
    def borrow(
        self, call: Call, market: Market, ccy: Asset, borrow_amount: Number, is_auto_renew: Flag
    ) -> Json:
        """Lend to a margin account."""
        loans = self.treasury(call).loans
        amount = borrow_amount.of(PLACES)
        return _loan_of(loans.borrow(call.account, market.name, ccy, amount, is_auto_renew, call.now_ms))

    @route("POST", "/v2/assets/margin/repay", group="account-modify", action="amend")
    def repay(self, call: Call, market: Market, ccy: Asset, amount: Repaid, borrow_id: Id = 0) -> Json:
        """Take back what was lent, no more than is owed."""
        loans = self.treasury(call).loans
        loans.repay(call.account, market.name, ccy, amount.of(2 * PLACES), borrow_id, call.now_ms)
        return {}

    @route("GET", "/v2/assets/margin/borrow-history", group="account-history")
    def history(self, call: Call, page: Page, market: Market | None = None, status: Text = "") -> Paged:
        """Return loans."""
        if status:
            one_of("status", status, STATUSES)
        loans = self.treasury(call).loans.of(call.account, market.name if market else "")
        return newest_first(loans, lambda loan: status in {"", loan.status}, _loan_of, page)

    @route("GET", "/v2/assets/margin/interest-limit", group="account-query")
    def limit(self, call: Call, market: Market, ccy: Asset) -> Json:
        """Return what may be borrowed, and what it costs."""
        loans = self.treasury(call).loans
        loans.require_asset(market.name, ccy)
        terms = loans.terms(ccy)
        return {
            "market": market.name,
            "ccy": ccy,
            "leverage": str(LEVERAGE),
            "min_amount": plain(terms.least),
            "max_amount": plain(loans.most(call.account, market.name, ccy)),
            "daily_interest_rate": plain(terms.daily_rate),
        }


def _loan_of(loan: Loan) -> Json:
    return {
        "borrow_id": loan.loan_id,
        "created_at": loan.created_ms,
        "market": loan.market,
        "ccy": loan.asset,
        "daily_interest_rate": plain(loan.daily_rate),
        "expired_at": loan.expires_ms,
        "borrow_amount": plain(loan.borrowed),
        "to_repaied_amount": plain(loan.owed),
        "is_auto_renew": loan.renews,
        "status": loan.status,
    }
