"""The public book as it is sent: 20 levels a side, absolute, with the number of orders of each.

A level that left the 20 is sent as deleted, one that entered is sent whole. The last states are remembered under
the checksum of their text, so that a checker can ask for exactly what a client had.

Source: vendor code in ``true-markets/tools``, read 2026-11-20; that WebSocket depth ends at 20 levels is known
for FIX and assumed here.
"""

from __future__ import annotations

from collections import OrderedDict
from dataclasses import dataclass
from decimal import Decimal

from tradewire.sandbox.checksum import checksum_of
from tradewire.sandbox.engine import Engine
from tradewire.sandbox.exact import plain
from tradewire.sandbox.order import Side
from tradewire.sandbox.venues.truex.increments import price_text, quantity_text

__all__ = ["DEPTH_LEVELS", "Depth", "Level", "PushedStates", "changes", "look"]

DEPTH_LEVELS = 20
REMEMBERED_STATES = 4096

Level = tuple[str, str, str]
"""Price, quantity and number of orders."""


@dataclass(frozen=True, slots=True)
class Depth:
    """A book in the text that is sent."""

    bids: tuple[Level, ...]
    asks: tuple[Level, ...]

    @property
    def checksum(self) -> int:
        """CRC-32 over prices, quantities and numbers of orders as they are sent."""
        return checksum_of(self.bids, self.asks)

    @property
    def plain_checksum(self) -> int:
        """The same over the numbers without trailing zeros, for clients that do not keep the text."""
        return checksum_of(
            *([[plain(Decimal(text)) for text in level] for level in side] for side in (self.bids, self.asks))
        )


def look(engine: Engine) -> Depth:
    """Return the public book at this moment."""
    bids, asks = (
        tuple(
            (price_text(price), quantity_text(quantity, price), str(orders))
            for (price, quantity, orders), _ in zip(
                engine.sides[side].counted(), range(DEPTH_LEVELS), strict=False
            )
        )
        for side in (Side.BUY, Side.SELL)
    )
    return Depth(bids, asks)


def changes(then: tuple[Level, ...], now: tuple[Level, ...]) -> list[Level]:
    """Return what turns one side into another: new levels whole, quantity ``"0"`` for those that went."""
    left = {price: (quantity, orders) for price, quantity, orders in then}
    changed = [
        (price, quantity, orders)
        for price, quantity, orders in now
        if left.pop(price, None) != (quantity, orders)
    ]
    return [(price, "0", "0") for price in left] + changed


class PushedStates:
    """The books sent of one instrument, newest last."""

    def __init__(self) -> None:
        self._states: OrderedDict[int, Depth] = OrderedDict()
        self._plain: dict[int, Depth] = {}

    def add(self, state: Depth) -> None:
        """Remember a book that is sent."""
        checksum = state.checksum
        self._states[checksum] = state
        self._states.move_to_end(checksum)
        self._plain.clear()
        while len(self._states) > REMEMBERED_STATES:
            self._states.popitem(last=False)

    def oldest(self) -> Depth | None:
        """Return the oldest book that is remembered."""
        return next(iter(self._states.values()), None)

    def find(self, checksum: int) -> Depth | None:
        """Return the book with this checksum, if it is still remembered.

        Cost: of the checksum over plain numbers one pass over all that is remembered, once after each book sent.
        """
        if (found := self._states.get(checksum)) is None:
            self._plain = self._plain or {state.plain_checksum: state for state in self._states.values()}
            found = self._plain.get(checksum)
        return found
