"""Positions in whole numbers: average price rounded down, profit realized when a position shrinks.

Source: the project's ``settlement.rs`` at 6a38735, read 2026-11-20.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from tradewire.sandbox.venues.exchange.records import BUY, Order, utc
from tradewire.sandbox.venues.exchange.refusals import Refusal

__all__ = ["MAX_I64", "POSITION_LIMIT", "Position", "exposure"]

POSITION_LIMIT = 1000
MAX_I64 = 2**63 - 1


@dataclass(slots=True)
class Position:
    """One trader's position in one market."""

    market: str
    net_quantity: int = 0
    average_entry_price: int | None = None
    realized_pnl: int = 0
    updated_at_us: int = 0

    @property
    def is_listed(self) -> bool:
        """It is flat and never earned or lost anything, and disappears."""
        return bool(self.net_quantity or self.realized_pnl)

    def apply(self, quantity: int, price: int, now_us: int) -> None:
        """Take a fill of signed ``quantity``.

        Raises:
            Refusal: The profit no longer fits 64 bits.
        """
        net, average = self.net_quantity, self.average_entry_price
        self.updated_at_us = now_us
        self.net_quantity = net + quantity
        if average is None or net == 0:
            self.average_entry_price = price
            return
        if net * quantity > 0:
            cost = average * abs(net) + price * abs(quantity)
            self.average_entry_price = cost // (abs(net) + abs(quantity))
            return
        closed = min(abs(net), abs(quantity))
        self._realize((price - average) * (closed if net > 0 else -closed))
        if self.net_quantity == 0:
            self.average_entry_price = None
        elif self.net_quantity * net < 0:
            self.average_entry_price = price

    def settle(self, price: int, now_us: int) -> int:
        """Close it at ``price`` and return how much was closed.

        Raises:
            Refusal: The profit no longer fits 64 bits.
        """
        closed = abs(self.net_quantity)
        if self.average_entry_price is not None:
            self._realize((price - self.average_entry_price) * self.net_quantity)
        self.net_quantity = 0
        self.average_entry_price = None
        self.updated_at_us = now_us
        return closed

    def shape(self) -> dict[str, Any]:
        """Return the position."""
        return {
            "market": self.market,
            "net_quantity": self.net_quantity,
            "average_entry_price": self.average_entry_price,
            "realized_pnl": self.realized_pnl,
            "updated_at": utc(self.updated_at_us),
        }

    def _realize(self, profit: int) -> None:
        self.realized_pnl += profit
        if abs(self.realized_pnl) > MAX_I64:
            raise Refusal(500, "numeric overflow", "overflow")


def exposure(net: int, open_orders: Iterable[Order], side: str, quantity: int) -> int | None:
    """Return the worst position a new order could lead to, if that is beyond the limit; else ``None``.

    The whole size counts, even where part would fill at once, and orders of the other side give no relief.
    """
    orders = list(open_orders)
    buys = sum(order.remaining for order in orders if order.side == BUY)
    sells = sum(order.remaining for order in orders if order.side != BUY)
    if side == BUY:
        buys += quantity
    else:
        sells += quantity
    if net + buys > POSITION_LIMIT:
        return net + buys
    if net - sells < -POSITION_LIMIT:
        return net - sells
    return None
