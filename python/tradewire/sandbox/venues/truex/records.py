"""What the venue keeps of an order beyond what matching needs: its words, its ids and its history."""

from __future__ import annotations

from copy import copy
from dataclasses import dataclass, field, replace
from decimal import Decimal
from typing import Any

from tradewire.sandbox.order import Order
from tradewire.sandbox.venues.truex.instruments import Instrument

__all__ = ["TERMINAL", "Execution", "Ticket"]

TERMINAL = frozenset({"FILLED", "CANCELED", "REJECTED"})


@dataclass(slots=True, eq=False)
class Ticket:
    """One order of a client."""

    order: Order
    instrument: Instrument
    info: dict[str, Any]
    external_id: str
    ref_external_id: str = ""
    status: str = "NEW_PENDING"
    text: str = ""
    modify_info: dict[str, Any] | None = None
    created_ms: int = 0
    updated_ms: int = 0
    names: list[str] = field(default_factory=list)
    """Every client id it can be found under."""
    activity: list[dict[str, Any]] = field(default_factory=list)

    @property
    def client_id(self) -> str:
        """Whose it is."""
        return self.order.account

    @property
    def is_open(self) -> bool:
        """It has not reached a final state."""
        return self.status not in TERMINAL

    def copied(self) -> Ticket:
        """Return the order as it is, which later changes leave alone."""
        return replace(self, order=copy(self.order), names=[*self.names], activity=[*self.activity])


@dataclass(frozen=True, slots=True)
class Execution:
    """One side of a trade, as its client sees it."""

    ticket: Ticket
    match_id: int
    price: Decimal
    quantity: Decimal
    fee_rate: Decimal
    liquidity: str
    at_ms: int
