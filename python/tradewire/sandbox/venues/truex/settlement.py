"""What is traded but not settled yet: fees by client, and amounts by client and asset.

Balances change at the trade; this only says how much of the change waits for settlement. Real settlement times
are not published.
"""

from __future__ import annotations

from collections import defaultdict
from decimal import Decimal

from tradewire.sandbox.exact import ZERO, exactly
from tradewire.sandbox.order import Order, Side, Trade
from tradewire.sandbox.venues.truex.instruments import Instrument

__all__ = ["Settlement"]


class Settlement:
    """What waits."""

    def __init__(self) -> None:
        self.fees: defaultdict[tuple[str, str], Decimal] = defaultdict(lambda: ZERO)
        """By client and asset."""
        self.settled_fees: defaultdict[str, Decimal] = defaultdict(lambda: ZERO)
        """By asset."""
        self.amounts: defaultdict[tuple[str, str], Decimal] = defaultdict(lambda: ZERO)
        """By client and asset; below zero for what was given."""

    @exactly
    def traded(self, order: Order, instrument: Instrument, trade: Trade, fee: Decimal) -> None:
        """Count one side of a trade."""
        sign = 1 if order.side is Side.BUY else -1
        self.amounts[order.account, instrument.base] += sign * trade.quantity
        self.amounts[order.account, instrument.quote] -= sign * trade.value
        self.fees[order.account, instrument.quote] += fee

    @exactly
    def settle(self) -> None:
        """Settle everything."""
        for (_, asset), fee in self.fees.items():
            self.settled_fees[asset] += fee
        self.fees.clear()
        self.amounts.clear()

    @exactly
    def fees_of(self, client_id: str) -> Decimal:
        """Return the fees of a client that wait; all instruments of the sandbox share one quote asset."""
        return sum((fee for (owner, _), fee in self.fees.items() if owner == client_id), ZERO)

    @exactly
    def all_fees(self, asset: str) -> Decimal:
        """Return all fees ever taken in ``asset``."""
        waiting = sum((fee for (_, fee_asset), fee in self.fees.items() if fee_asset == asset), ZERO)
        return waiting + self.settled_fees[asset]
