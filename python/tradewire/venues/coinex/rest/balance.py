"""What the account owns."""

from __future__ import annotations

from types import NoneType

from tradewire.model import Balance, Rows
from tradewire.venues.coinex import parse, replies, shapes
from tradewire.venues.coinex.api import Part, api

__all__ = ["Balances"]

BALANCES = api(
    "GET", "/v2/assets/spot/balance", NoneType, replies.every(shapes.BalanceRow, parse.balance),
    group="account-query", source="assets/balance/http/get-spot-balance",
)  # fmt: skip


class Balances(Part):
    """Balances. All of it needs credentials."""

    @BALANCES.client_method
    async def balances(self) -> Rows[Balance]:
        """Return the account's assets."""
        return await self._rest.call(BALANCES, None)
