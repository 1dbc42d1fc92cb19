"""Deposits: where to, what came, and how assets move in and out."""

from __future__ import annotations

from tradewire.sandbox.exact import plain
from tradewire.sandbox.routing import route
from tradewire.sandbox.venues.coinex.fields import Asset, Page, Paged, Text, one_of
from tradewire.sandbox.venues.coinex.handlers import Call, Json
from tradewire.sandbox.venues.coinex.money import MoneyHandlers, newest_first
from tradewire.sandbox.venues.coinex.treasury import chains
from tradewire.sandbox.venues.coinex.treasury.chains import EXPLORER
from tradewire.sandbox.venues.coinex.treasury.deposits import Deposit

__all__ = ["Deposits"]

STATUSES = ("processing", "confirming", "cancelled", "finished", "too_small", "exception")


class Deposits(MoneyHandlers):
    """Page group ``assets/deposit-withdrawal``, but for withdrawals."""

    @route("GET", "/v2/assets/deposit-withdraw-config")
    def config(self, call: Call, ccy: Text) -> Json:
        """Return how an asset moves in and out."""
        return _config_of(self.treasury(call).chains.asset(ccy))

    @route("GET", "/v2/assets/all-deposit-withdraw-config")
    def configs(self, call: Call) -> list[Json]:
        """Return one entry for each asset."""
        return [_config_of(asset) for _, asset in sorted(self.treasury(call).chains.assets.items())]

    @route("GET", "/v2/assets/info")
    def info(self, call: Call) -> list[Json]:
        """Return what the assets are."""
        return [_info_of(asset) for _, asset in sorted(self.treasury(call).chains.assets.items())]

    @route("GET", "/v2/assets/deposit-address", group="account-query")
    def address(self, call: Call, ccy: Asset, chain: Text) -> Json:
        """Return where to deposit: always the same place until it is renewed."""
        return _address_of(self.treasury(call).chains.address(call.account, ccy, chain))

    @route("POST", "/v2/assets/renewal-deposit-address", group="account-modify", action="amend")
    def renew_address(self, call: Call, ccy: Asset, chain: Text) -> Json:
        """Return a new place to deposit; what is sent to an older one arrives as well."""
        return _address_of(self.treasury(call).chains.address(call.account, ccy, chain, renew=True))

    @route("GET", "/v2/assets/deposit-history", group="account-history")
    def history(self, call: Call, page: Page, ccy: Asset = "", tx_id: Text = "", status: Text = "") -> Paged:
        """Return deposits."""
        if status:
            one_of("status", status.lower(), STATUSES)

        def fits(row: Deposit) -> bool:
            return ccy in {"", row.asset} and tx_id in {"", row.tx_id} and status.lower() in {"", row.status}

        return newest_first(self.treasury(call).deposits.of(call.account), fits, _deposit_of, page)


def _address_of(found: chains.Address) -> Json:
    return {"address": found.address, "memo": found.memo}


def _deposit_of(row: Deposit) -> Json:
    return {
        "deposit_id": row.deposit_id,
        "created_at": row.created_ms,
        "tx_id": row.tx_id,
        "tx_id_display": row.tx_id[:16],
        "ccy": row.asset,
        "chain": row.chain,
        # Upper case, as captured; the page has it in lower case.
        "deposit_method": row.method.upper(),
        "amount": plain(row.amount),
        "actual_amount": plain(row.amount) if row.status == "finished" else "0",
        "to_address": row.address,
        "confirmations": row.confirmations,
        "status": row.status.upper(),
        "tx_explorer_url": f"{EXPLORER}/tx/{row.tx_id}" if row.tx_id else "",
        "to_addr_explorer_url": f"{EXPLORER}/address/{row.address}" if row.address else "",
        "remark": row.remark,
    }


def _config_of(asset: chains.Asset) -> Json:
    return {
        "asset": {
            "ccy": asset.name,
            "deposit_enabled": asset.deposit_enabled,
            "withdraw_enabled": asset.withdraw_enabled,
            "inter_transfer_enabled": asset.inter_transfer_enabled,
            "is_st": False,
        },
        "chains": [
            {
                "chain": chain.name,
                "min_deposit_amount": plain(chain.least_deposit),
                "min_withdraw_amount": plain(chain.least_withdrawal),
                "deposit_enabled": chain.deposit_enabled,
                "withdraw_enabled": chain.withdraw_enabled,
                "deposit_delay_minutes": 0,
                "safe_confirmations": chain.confirmations,
                "irreversible_confirmations": chain.confirmations,
                "deflation_rate": "0",
                "withdrawal_fee": plain(chain.fee),
                "withdrawal_precision": chain.places,
                "memo": "",
                "is_memo_required_for_deposit": chain.needs_memo,
                "explorer_asset_url": f"{EXPLORER}/asset/{asset.name}",
            }
            for chain in asset.chains
        ],
    }


def _info_of(asset: chains.Asset) -> Json:
    return {
        "short_name": asset.name,
        "full_name": asset.full_name,
        "website_url": "",
        "white_paper_url": "",
        "chain_info": [
            {"chain_name": chain.name, "identity": "", "explorer_url": EXPLORER} for chain in asset.chains
        ],
    }
