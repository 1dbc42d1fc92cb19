"""What the futures account owns."""

from __future__ import annotations

from types import NoneType

from tradewire.model import Rows
from tradewire.venues.coinex import replies
from tradewire.venues.coinex.api import Part, api
from tradewire.venues.coinex.futures import words
from tradewire.venues.coinex.futures.model import FuturesBalance

__all__ = ["FuturesBalances"]

BALANCES = api(
    "GET", "/v2/assets/futures/balance", NoneType, replies.every(words.BalanceRow, words.balance),
    group="account-query", source="assets/balance/http/get-futures-balance",
)  # fmt: skip


class FuturesBalances(Part):
    """Balances. All of it needs credentials."""

    @BALANCES.client_method
    async def balances(self) -> Rows[FuturesBalance]:
        """Return the account's assets: what positions hold of them is ``margin``."""
        return await self._rest.call(BALANCES, None)
