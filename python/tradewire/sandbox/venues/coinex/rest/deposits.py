"""Deposits and withdrawals: the only chain is the sandbox's own, and nothing moves over it."""

from __future__ import annotations

from tradewire.sandbox.routing import route
from tradewire.sandbox.venues.coinex.codes import invalid
from tradewire.sandbox.venues.coinex.fields import Text
from tradewire.sandbox.venues.coinex.handlers import Handlers, Json

__all__ = ["Deposits"]


class Deposits(Handlers):
    """Page group ``assets/deposit-withdrawal``."""

    @route("GET", "/v2/assets/deposit-withdraw-config")
    def config(self, ccy: Text) -> Json:
        """Return how an asset moves in and out."""
        if ccy not in self._assets():
            raise invalid(f"ccy {ccy[:32]} not found")
        return _config_of(ccy)

    @route("GET", "/v2/assets/all-deposit-withdraw-config")
    def configs(self) -> list[Json]:
        """Return one entry for each asset of the markets."""
        return [_config_of(asset) for asset in self._assets()]

    def _assets(self) -> list[str]:
        return sorted({name for rules in self.core.rules.values() for name in (rules.base, rules.quote)})


def _config_of(asset: str) -> Json:
    switches = {"deposit_enabled": False, "withdraw_enabled": False}
    chain = {
        "chain": "SANDBOX",
        "min_deposit_amount": "1",
        "min_withdraw_amount": "1",
        "deposit_delay_minutes": 0,
        "safe_confirmations": 1,
        "irreversible_confirmations": 1,
        "deflation_rate": "0",
        "withdrawal_fee": "0",
        "withdrawal_precision": 8,
        "memo": "",
        "is_memo_required_for_deposit": False,
        "explorer_asset_url": "",
    }
    return {
        "asset": {"ccy": asset, "inter_transfer_enabled": False, "is_st": False, **switches},
        "chains": [chain | switches],
    }
