"""The venue's own accounts, and the seeded traffic played as their orders."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from typing import Any

from tradewire.sandbox.market import MAKERS, TAKERS, Cancel, Command, Quote, Take
from tradewire.sandbox.order import Kind, Order
from tradewire.sandbox.venues.coinex.core import TradingCore
from tradewire.sandbox.venues.coinex.futures.margins import INSURANCE

__all__ = ["INTERNAL_ACCOUNTS", "INTERNAL_DEPOSIT", "House"]


INTERNAL_ACCOUNTS = frozenset({*MAKERS, *TAKERS, INSURANCE})
INTERNAL_DEPOSIT = Decimal(10) ** 15


class House:
    """Plays the tape on one product.

    Args:
        core: Its markets.
        make: Returns the order of a quote or a take, of this kind.
        now_ms: The time.
    """

    def __init__(
        self,
        core: TradingCore[Any, Any],
        make: Callable[[Quote | Take, Kind], Order],
        now_ms: Callable[[], int],
    ) -> None:
        self._core = core
        self._make = make
        self._now_ms = now_ms
        self._resting: dict[int, int] = {}

    def play(self, command: Command) -> None:
        """Execute one command."""
        now_ms = self._now_ms()
        if isinstance(command, Cancel):
            order_id = self._resting.pop(command.ref, None)
            if order_id is not None and order_id in self._core.engine(command.market).orders:
                self._core.cancel(command.market, order_id, now_ms)
            return
        order = self._make(command, Kind.LIMIT if isinstance(command, Quote) else Kind.IOC)
        self._core.place(order, now_ms)
        if isinstance(command, Quote):
            self._resting[command.ref] = order.order_id
