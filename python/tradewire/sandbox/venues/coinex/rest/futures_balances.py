"""What an account has for perpetuals."""

from __future__ import annotations

from tradewire.sandbox.routing import route
from tradewire.sandbox.venues.coinex.futures.handlers import FuturesHandlers
from tradewire.sandbox.venues.coinex.futures.shapes import balance_of
from tradewire.sandbox.venues.coinex.handlers import Call, Json
from tradewire.sandbox.venues.coinex.wallets import futures_wallet

__all__ = ["FuturesBalances"]


class FuturesBalances(FuturesHandlers):
    """The futures wallet of page group ``assets/balance``."""

    topic = "balances"

    @route("GET", "/v2/assets/futures/balance", group="account-query")
    def balances(self, call: Call) -> list[Json]:
        """Return what the account has or had."""
        held = self.core.ledger.accounts.get(futures_wallet(call.account), {})
        return [balance_of(self.core, call.account, asset) for asset in sorted(held)]
