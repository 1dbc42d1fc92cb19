"""Transfers between the wallets of an account."""

from __future__ import annotations

from tradewire.sandbox.exact import plain
from tradewire.sandbox.routing import route
from tradewire.sandbox.venues.coinex.codes import invalid
from tradewire.sandbox.venues.coinex.fields import (
    AccountType,
    Asset,
    Market,
    Number,
    Page,
    Paged,
    Span,
    Text,
    one_of,
)
from tradewire.sandbox.venues.coinex.handlers import Call, Json
from tradewire.sandbox.venues.coinex.money import MoneyHandlers, newest_first
from tradewire.sandbox.venues.coinex.treasury.transfers import Transfer

__all__ = ["PLACES", "TRANSFER_STATUSES", "Transfers"]

PLACES = 8
TRANSFER_STATUSES = ("created", "deducted", "failed", "finished")


class Transfers(MoneyHandlers):
    """Page group ``assets/transfer``."""

    @route("POST", "/v2/assets/transfer", group="account-modify", action="amend")
    def transfer(
        self,
        call: Call,
        from_account_type: AccountType,
        to_account_type: AccountType,
        ccy: Asset,
        amount: Number,
        market: Market | None = None,
    ) -> Json:
        """Move money at once."""
        self.treasury(call).transfers.make(
            call.account, from_account_type, to_account_type, ccy, amount.of(PLACES),
            market.name if market else "", call.now_ms,
        )  # fmt: skip
        return {}

    @route("GET", "/v2/assets/transfer-history", group="account-history")
    def history(
        self, call: Call, ccy: Asset, transfer_type: AccountType, span: Span, page: Page, status: Text = ""
    ) -> Paged:
        """Return transfers to and from the margin or the futures account: all are ``finished``."""
        if transfer_type == "SPOT":
            raise invalid("transfer_type must be MARGIN or FUTURES")
        if status:
            one_of("status", status, TRANSFER_STATUSES)

        def fits(row: Transfer) -> bool:
            kinds = {row.source, row.target}
            return (
                row.asset == ccy
                and transfer_type in kinds
                and status in {"", "finished"}
                and row.at_ms in span
            )

        return newest_first([*self.treasury(call).transfers.made(call.account)], fits, _transfer_of, page)


def _transfer_of(row: Transfer) -> Json:
    margin = {"margin_market": row.margin_market} if row.margin_market else {}
    return {
        "created_at": row.at_ms,
        "from_account_type": row.source,
        "to_account_type": row.target,
        "ccy": row.asset,
        "amount": plain(row.amount),
        "status": "finished",
        **margin,
    }
