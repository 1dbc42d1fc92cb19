"""Withdrawals: ask, cancel, look."""

from __future__ import annotations

from tradewire.sandbox.exact import plain
from tradewire.sandbox.routing import route
from tradewire.sandbox.venues.coinex.codes import invalid
from tradewire.sandbox.venues.coinex.fields import Anything, Asset, Id, Number, Page, Paged, Text, one_of
from tradewire.sandbox.venues.coinex.handlers import Call, Json
from tradewire.sandbox.venues.coinex.money import MoneyHandlers, newest_first
from tradewire.sandbox.venues.coinex.rest.transfers import PLACES
from tradewire.sandbox.venues.coinex.treasury.chains import EXPLORER
from tradewire.sandbox.venues.coinex.treasury.deposits import INTER_USER, ON_CHAIN
from tradewire.sandbox.venues.coinex.treasury.withdrawals import STATUSES, Wish, Withdrawal

__all__ = ["Withdrawals"]

MAX_REMARK = 500


class Withdrawals(MoneyHandlers):
    """Page group ``assets/deposit-withdrawal``: withdrawals."""

    @route("POST", "/v2/assets/withdraw", group="account-modify", action="amend")
    def withdraw(
        self,
        call: Call,
        ccy: Asset,
        to_address: Text,
        amount: Number,
        chain: Text = "",
        withdraw_method: Text = ON_CHAIN,
        memo: Text = "",
        fee_ccy: Text = "",
        extra: Anything = None,
        remark: Text = "",
    ) -> Json:
        """Begin a withdrawal; ``extra`` is for chains that this sandbox does not have."""
        method = one_of("withdraw_method", withdraw_method.lower(), (ON_CHAIN, INTER_USER))
        if method == ON_CHAIN and not chain:
            raise invalid("chain is required for on_chain withdrawals")
        if extra is not None and not isinstance(extra, dict):
            raise invalid("extra must be an object")
        if len(remark) > MAX_REMARK:
            raise invalid(f"remark must have at most {MAX_REMARK} characters")
        wish = Wish(method, ccy, amount.of(PLACES), to_address, chain, memo, fee_ccy, remark)
        return _withdrawal_of(self.treasury(call).withdrawals.ask(call.account, wish, call.now_ms))

    @route("POST", "/v2/assets/cancel-withdraw", group="account-modify", action="amend")
    def cancel(self, call: Call, withdraw_id: Id) -> Json:
        """Cancel one that was not sent yet."""
        self.treasury(call).withdrawals.cancel(call.account, withdraw_id, call.now_ms)
        return {}

    @route("GET", "/v2/assets/withdraw", group="account-history")
    def history(
        self, call: Call, page: Page, ccy: Asset = "", withdraw_id: Id = 0, status: Text = ""
    ) -> Paged:
        """Return withdrawals."""
        if status:
            one_of("status", status.lower(), STATUSES)

        def fits(row: Withdrawal) -> bool:
            return (
                ccy in {"", row.wish.asset}
                and withdraw_id in {0, row.withdraw_id}
                and status.lower() in {"", row.status}
            )

        return newest_first(self.treasury(call).withdrawals.of(call.account), fits, _withdrawal_of, page)


def _withdrawal_of(row: Withdrawal) -> Json:
    wish = row.wish
    return {
        "withdraw_id": row.withdraw_id,
        "created_at": row.created_ms,
        # Upper case, as captured; the page has it in lower case.
        "withdraw_method": wish.method.upper(),
        "ccy": wish.asset,
        "amount": plain(wish.amount),
        "actual_amount": plain(row.actual),
        "chain": wish.chain,
        "tx_fee": plain(row.fee),
        "fee_ccy": row.fee_asset,
        "fee_asset": row.fee_asset,
        "fee_amount": plain(row.fee),
        "to_address": wish.address,
        "memo": wish.memo,
        "tx_id": row.tx_id,
        "confirmations": row.confirmations,
        "explorer_address_url": f"{EXPLORER}/address/{wish.address}" if wish.method == ON_CHAIN else "",
        "explorer_tx_url": f"{EXPLORER}/tx/{row.tx_id}" if row.tx_id else "",
        "remark": wish.remark,
        "status": row.status,
    }
