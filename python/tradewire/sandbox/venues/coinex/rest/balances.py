"""What an account has."""

from __future__ import annotations

from tradewire.sandbox.exact import plain
from tradewire.sandbox.ledger import Balance
from tradewire.sandbox.routing import route
from tradewire.sandbox.venues.coinex.handlers import Call, Handlers, Json

__all__ = ["Balances", "balance_of"]


class Balances(Handlers):
    """Page group ``assets/balance``."""

    topic = "balances"

    @route("GET", "/v2/assets/spot/balance", group="account-query")
    def spot(self, call: Call) -> list[Json]:
        """Return what the account has or had."""
        held = self.core.ledger.accounts.get(call.account, {})
        return [balance_of(asset, balance) for asset, balance in sorted(held.items())]


def balance_of(asset: str, balance: Balance) -> Json:
    """Return one element of the balance list."""
    return {"ccy": asset, "available": plain(balance.available), "frozen": plain(balance.frozen)}
