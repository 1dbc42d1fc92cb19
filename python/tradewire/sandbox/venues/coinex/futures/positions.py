"""One position: how its size, cost and results follow from what was traded. No accounts, no money.

A position knows its cost: what its size was paid for, negative for a short. Its average price is the quotient, and only
shown. What a reduction takes from the cost is rounded to 20 decimals; as the rest keeps the remainder, results and cost
always add up to the exact sum of what was traded.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from decimal import Decimal
from enum import StrEnum

from tradewire.sandbox.exact import ZERO, quotient
from tradewire.sandbox.order import Order

__all__ = ["FuturesOrder", "MarginMode", "Position", "Purpose"]

COST_PLACES = 20
PRICE_PLACES = 12


class MarginMode(StrEnum):
    """What stands for a position's losses."""

    CROSS = "cross"
    """The whole wallet."""
    ISOLATED = "isolated"
    """The position's own margin."""


class Purpose(StrEnum):
    """Why an order was sent, where that is not the trader's plain wish."""

    NONE = ""
    CLOSE_ALL = "market_close_all"
    TAKE_PROFIT = "take_profit"
    STOP_LOSS = "stop_loss"
    LIQUIDATION = "liq"


@dataclass(slots=True, eq=False)
class FuturesOrder(Order):
    """An order of a perpetual; what it froze is kept by account, not by order."""

    closes_only: bool = False
    """It may only reduce the position."""
    purpose: Purpose = Purpose.NONE
    stop_id: int = 0
    fee: Decimal = ZERO
    realized_pnl: Decimal = ZERO
    position_ids: dict[int, int] = field(default_factory=dict)
    """Position by deal; a deal that turns a position belongs to the one it ended."""


@dataclass(slots=True, eq=False)
class Position:
    """What an account holds of one market, until it is closed."""

    position_id: int
    account: str
    market: str
    mode: MarginMode
    leverage: int
    created_ms: int
    size: Decimal = ZERO
    """Above zero for a long."""
    cost: Decimal = ZERO
    traded_pnl: Decimal = ZERO
    """Result of what was closed, before fees and funding."""
    fees: Decimal = ZERO
    funding: Decimal = ZERO
    """Received less paid."""
    largest: Decimal = ZERO
    largest_margin: Decimal = ZERO
    largest_cost: Decimal = ZERO
    total_value: Decimal = ZERO
    """Value of everything that was traded."""
    first_price: Decimal = ZERO
    last_price: Decimal = ZERO
    updated_ms: int = 0
    was_long: bool = True
    finished_type: str = ""
    settle_price: Decimal = ZERO

    @property
    def is_long(self) -> bool:
        """Say which way it goes, or went."""
        return self.size > 0 if self.size else self.was_long

    @property
    def amount(self) -> Decimal:
        """Its size without the sign."""
        return abs(self.size)

    @property
    def realized_pnl(self) -> Decimal:
        """What it has brought so far, after fees and funding."""
        return self.traded_pnl - self.fees + self.funding

    @property
    def average_price(self) -> Decimal:
        """The average price of what is open, for display."""
        return quotient(self.cost, self.size, PRICE_PLACES) if self.size else ZERO

    def unrealized_pnl(self, mark: Decimal) -> Decimal:
        """Return the result of closing at ``mark``."""
        return self.size * mark - self.cost

    def trade(self, size: Decimal, price: Decimal, now_ms: int) -> Decimal:
        """Take in a trade of ``size``, below zero for a sale, that does not turn it; return the result realised."""
        before = self.size
        pnl = ZERO
        if before and (before > 0) != (size > 0):
            assert abs(size) <= abs(before)
            released = self.cost if size == -before else quotient(self.cost * -size, before, COST_PLACES)
            pnl = -size * price - released
            self.cost -= released
        else:
            self.cost += size * price
        self.size += size
        self.was_long = (self.size or before) > 0
        self.traded_pnl += pnl
        self.total_value += abs(size) * price
        self.largest = max(self.largest, abs(self.size))
        self.largest_cost = max(self.largest_cost, abs(self.cost))
        self.first_price = self.first_price or price
        self.last_price = price
        self.updated_ms = now_ms
        return pnl
