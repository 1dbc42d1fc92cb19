"""Sub-accounts: made, frozen, given keys and money."""

from __future__ import annotations

from tradewire.sandbox.exact import plain
from tradewire.sandbox.routing import route
from tradewire.sandbox.venues.coinex.auth import Trader
from tradewire.sandbox.venues.coinex.fields import (
    AccountType,
    Asset,
    Flag,
    Id,
    Number,
    Page,
    Paged,
    QueryFlag,
    Span,
    Text,
    Texts,
)
from tradewire.sandbox.venues.coinex.handlers import Call, Json
from tradewire.sandbox.venues.coinex.money import MoneyHandlers, newest_first, worth_of
from tradewire.sandbox.venues.coinex.rest.balances import balance_of
from tradewire.sandbox.venues.coinex.rest.transfers import PLACES
from tradewire.sandbox.venues.coinex.treasury.subs import PERMISSIONS, Sub, SubTransfer
from tradewire.sandbox.venues.coinex.wallets import financial_wallet, futures_wallet

__all__ = ["Subs"]


class Subs(MoneyHandlers):
    """Page group ``account/subs``."""

    @route("POST", "/v2/account/subs", group="account-modify", action="amend")
    def create(
        self, call: Call, sub_user_name: Text, permissions: Texts = PERMISSIONS, remark: Text = ""
    ) -> Json:
        """Make a sub-account, which may do everything unless it is said."""
        self.treasury(call).subs.create(call.account, sub_user_name, permissions, remark, call.now_ms)
        return {}

    @route("GET", "/v2/account/subs", group="account-query")
    def listed(self, call: Call, page: Page, sub_user_name: Text = "", is_frozen: QueryFlag = False) -> Paged:
        """Return those sub-accounts that are not frozen, or those that are."""

        def fits(sub: Sub) -> bool:
            return sub_user_name in {"", sub.name} and is_frozen == sub.is_frozen

        return newest_first(self.treasury(call).subs.of(call.account), fits, self._sub_of, page)

    @route("GET", "/v2/account/subs/info", group="account-query")
    def info(self, call: Call, sub_user_name: Text = "") -> Json:
        """Return who asks, or about whom. What the venue replies is seen in one client only."""
        subs = self.treasury(call).subs
        if sub_user_name and not subs.parent_of(call.account):
            return {"user_type": "sub_account", "sub_user_name": subs.find(call.account, sub_user_name).name}
        is_sub = bool(subs.parent_of(call.account))
        return {
            "user_type": "sub_account" if is_sub else "main_account",
            "sub_user_name": call.account if is_sub else None,
        }

    @route("POST", "/v2/account/subs/frozen", group="account-modify", action="amend")
    def freeze(self, call: Call, sub_user_name: Text) -> Json:
        """Let a sub-account do nothing more."""
        self.treasury(call).subs.freeze(call.account, sub_user_name, frozen=True)
        return {}

    @route("POST", "/v2/account/subs/unfrozen", group="account-modify", action="amend")
    def unfreeze(self, call: Call, sub_user_name: Text) -> Json:
        """Let it go on."""
        self.treasury(call).subs.freeze(call.account, sub_user_name, frozen=False)
        return {}

    @route("POST", "/v2/account/subs/api", group="account-modify", action="amend")
    def make_key(
        self, call: Call, sub_user_name: Text, ip_whitelist: Texts, trade_enabled: Flag, remark: Text = ""
    ) -> Json:
        """Make a key."""
        subs = self.treasury(call).subs
        key = subs.make_key(call.account, sub_user_name, ip_whitelist, trade_enabled, remark, call.now_ms)
        return _key_of(key, call.now_ms)

    @route("GET", "/v2/account/subs/api", group="account-query")
    def keys(self, call: Call, sub_user_name: Text, page: Page) -> Paged:
        """Return a sub-account's keys."""
        keys = self.treasury(call).subs.keys(call.account, sub_user_name)
        return newest_first(keys, lambda _: True, lambda key: _key_of(key, call.now_ms), page)

    @route("GET", "/v2/account/subs/api-detail", group="account-query")
    def key(self, call: Call, api_id: Id, sub_user_name: Text = "") -> Json:
        """Return one key."""
        return _key_of(self.treasury(call).subs.key(call.account, api_id, sub_user_name), call.now_ms)

    @route("POST", "/v2/account/subs/edit-api", group="account-modify", action="amend")
    def edit_key(
        self,
        call: Call,
        sub_user_name: Text,
        api_id: Id,
        trade_enabled: Flag | None = None,
        ip_whitelist: Texts | None = None,
        remark: Text | None = None,
    ) -> Json:
        """Change a key."""
        subs = self.treasury(call).subs
        key = subs.edit_key(
            call.account, sub_user_name, api_id, addresses=ip_whitelist, trades=trade_enabled, remark=remark
        )
        return _key_of(key, call.now_ms)

    @route("POST", "/v2/account/subs/delete-api", group="account-modify", action="amend")
    def delete_key(self, call: Call, sub_user_name: Text, api_id: Id) -> Json:
        """Forget a key."""
        self.treasury(call).subs.delete_key(call.account, sub_user_name, api_id)
        return {}

    @route("GET", "/v2/account/subs/balance", group="account-query")
    def balance(
        self, call: Call, sub_user_name: Text = "", ccy: Asset = "", account_type: AccountType = "SPOT"
    ) -> list[Json]:
        """Return what sub-accounts have, each asset of each. The venue's reply is not published: this is our guess."""
        subs = self.treasury(call).subs
        wanted = [subs.find(call.account, sub_user_name)] if sub_user_name else subs.of(call.account)
        return [
            {"sub_user_name": sub.name, "account_type": account_type, **row}
            for sub in wanted
            for row in self._held(futures_wallet(sub.name) if account_type == "FUTURES" else sub.name, ccy)
        ]

    @route("GET", "/v2/account/subs/spot-balance", group="account-query")
    def spot_balance(self, call: Call, sub_user_name: Text, ccy: Asset = "") -> list[Json]:
        """Return what a sub-account has."""
        return self._held(self.treasury(call).subs.find(call.account, sub_user_name).name, ccy)

    @route("POST", "/v2/account/subs/transfer", group="account-modify", action="amend")
    def transfer(
        self,
        call: Call,
        from_account_type: AccountType,
        to_account_type: AccountType,
        ccy: Asset,
        amount: Number,
        from_user_name: Text = "",
        to_user_name: Text = "",
    ) -> Json:
        """Move money at once."""
        self.treasury(call).subs.transfer(
            call.account, (from_user_name, to_user_name), (from_account_type, to_account_type), ccy,
            amount.of(PLACES), call.now_ms,
        )  # fmt: skip
        return {}

    @route("GET", "/v2/account/subs/transfer-history", group="account-history")
    def transfers(
        self, call: Call, span: Span, page: Page, sub_user_name: Text = "", ccy: Asset = ""
    ) -> Paged:
        """Return what was moved."""

        def fits(row: SubTransfer) -> bool:
            is_his = sub_user_name in {"", row.source, row.target}
            return is_his and ccy in {"", row.asset} and row.at_ms in span

        return newest_first(self.treasury(call).subs.transfers(call.account), fits, _transfer_of, page)

    def _held(self, wallet: str, asset: str) -> list[Json]:
        held = self.core.ledger.accounts.get(wallet, {})
        return [balance_of(name, held[name]) for name in sorted(held) if asset in {"", name}]

    def _sub_of(self, sub: Sub) -> Json:
        wallets = (sub.name, futures_wallet(sub.name), financial_wallet(sub.name))
        return {
            "sub_user_name": sub.name,
            "is_frozen": sub.is_frozen,
            "is_authorized": False,
            "permissions": [one for one in PERMISSIONS if one in sub.permissions],
            "balance_usd": plain(worth_of(self.core, wallets)),
        }


def _key_of(key: Trader, now_ms: int) -> Json:
    return {
        "api_id": key.key_id,
        "created_at": key.created_ms,
        "access_id": key.access_id,
        "secret_key": key.secret,
        "ip_whitelist": list(key.addresses),
        "trade_enabled": key.trades,
        "withdraw_enabled": key.withdraws,
        "is_expired": 0 < key.expires_ms <= now_ms,
        "expires_at": key.expires_ms,
        "remark": key.remark,
    }


def _transfer_of(row: SubTransfer) -> Json:
    return {
        "id": row.transfer_id,
        "created_at": row.at_ms,
        "from_account_type": row.source_type,
        "to_account_type": row.target_type,
        "from_user_name": row.source,
        "to_user_name": row.target,
        "ccy": row.asset,
        "amount": plain(row.amount),
        "status": "finished",
    }
