"""One side of a book: price levels in order, and in each the orders in order of arrival.

Knows priority and visible totals. Refuses to know why an order comes or goes.
"""

from __future__ import annotations

from bisect import bisect_left, insort
from collections.abc import Iterator
from dataclasses import dataclass, field
from decimal import Decimal

from tradewire.sandbox.exact import ZERO
from tradewire.sandbox.order import Order, Side

__all__ = ["Levels"]


@dataclass(slots=True)
class _Level:
    orders: dict[int, Order] = field(default_factory=dict)
    visible: Decimal = ZERO


class Levels:
    """The resting orders of one side, best price first, first come first."""

    def __init__(self, side: Side) -> None:
        self._best_is_highest = side is Side.BUY
        self._prices: list[Decimal] = []
        self._levels: dict[Decimal, _Level] = {}

    def __iter__(self) -> Iterator[Order]:
        """Yield every order in the sequence in which they would trade."""
        for price in self.prices():
            yield from self._levels[price].orders.values()

    def prices(self) -> Iterator[Decimal]:
        """Yield the prices, best first."""
        return reversed(self._prices) if self._best_is_highest else iter(self._prices)

    def visible(self) -> Iterator[tuple[Decimal, Decimal]]:
        """Yield price and public quantity of each level that shows any, best first."""
        for price in self.prices():
            shown = self._levels[price].visible
            if shown:
                yield price, shown

    def counted(self) -> Iterator[tuple[Decimal, Decimal, int]]:
        """Yield price, quantity and number of orders of each level that shows any, best first.

        A level's number holds its hidden orders too.
        """
        for price in self.prices():
            level = self._levels[price]
            if level.visible:
                yield price, level.visible, len(level.orders)

    def first(self) -> Order | None:
        """Return the order that trades next."""
        if not self._prices:
            return None
        level = self._levels[self._prices[-1 if self._best_is_highest else 0]]
        return next(iter(level.orders.values()))

    def add(self, order: Order) -> None:
        """Put ``order`` at the end of its level."""
        assert order.price is not None
        level = self._levels.get(order.price)
        if level is None:
            level = self._levels[order.price] = _Level()
            insort(self._prices, order.price)
        level.orders[order.order_id] = order
        if not order.hidden:
            level.visible += order.remaining

    def shrink(self, order: Order, by: Decimal) -> None:
        """Take ``by`` off a resting order that keeps its place."""
        assert order.price is not None
        order.remaining -= by
        if not order.hidden:
            self._levels[order.price].visible -= by

    def remove(self, order: Order) -> None:
        """Take ``order`` out."""
        assert order.price is not None
        level = self._levels[order.price]
        del level.orders[order.order_id]
        if not order.hidden:
            level.visible -= order.remaining
        if not level.orders:
            del self._levels[order.price]
            del self._prices[bisect_left(self._prices, order.price)]
