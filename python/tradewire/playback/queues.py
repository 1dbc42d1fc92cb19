"""How much is ahead of an order of ours at its price, and how much of a trade there reaches it.

Order by order (level 3) this is exact: the recorded orders that rested there when ours came are ahead, whatever came
later is behind. By level (level 2) it is an estimate:

- When the order comes, everything shown at its price is ahead.
- What trades there comes from the front.
- What vanishes without a trade is taken to be cancelled evenly over the queue: of each cancelled size the share that is
  ahead leaves ahead. (In truth the newest orders are cancelled most, so that this estimate is rather too good.)
- A trade and the push that shows its level smaller come as two messages, in either order: within a second they are
  taken for the same.

In both, a trade at a price beyond the order's would have met it first, and a recorded book that comes to its price, or
goes through it, trades with it.
"""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal
from typing import Any, Final, Protocol

from tradewire.playback.wire import PublicTrade

__all__ = ["LevelQueue", "OrderQueue", "Queue", "queue_of"]

ZERO: Final = Decimal(0)
SAME_NS: Final = 1_000_000_000
"""How far a trade and its push of the book may be apart."""


class Queue(Protocol):
    """What is ahead of one order at its price."""

    @property
    def ahead(self) -> Decimal:
        """Base units."""

    def book(self, book: Any, now_ns: int) -> None:
        """Take note of a new state of the book."""

    def trade(self, trade: PublicTrade, now_ns: int) -> Decimal:
        """Return how much of a trade at the order's price would have reached it."""


class LevelQueue:
    """An estimate from sizes at a price.

    Args:
        book: The book when the order came.
        side: ``buy`` or ``sell``.
        price: The order's.
    """

    def __init__(self, book: Any, side: str, price: Decimal) -> None:
        self._side, self._price = side, price
        self._shown = _size_at(book, side, price)
        self.ahead = self._shown
        # Traded and not yet seen in the book; seen in the book and not yet known to have been traded.
        self._traded = ZERO
        self._vanished = ZERO
        self._withdrawn = ZERO
        self._since_ns = 0

    def book(self, book: Any, now_ns: int) -> None:
        """Take note of a new state of the book."""
        shown, before = _size_at(book, self._side, self._price), self._shown
        self._shown = shown
        self._expire(now_ns)
        if shown < before:
            gone = before - shown
            explained = min(gone, self._traded)
            self._traded -= explained
            cancelled = gone - explained
            if cancelled and before:
                withdrawn = min(self.ahead, cancelled * self.ahead / before)
                self.ahead -= withdrawn
                self._vanished += cancelled
                self._withdrawn += withdrawn
                self._since_ns = now_ns
        self.ahead = min(self.ahead, shown + self._traded)

    def trade(self, trade: PublicTrade, now_ns: int) -> Decimal:
        """Return how much of a trade at the order's price would have reached it."""
        self._expire(now_ns)
        seen = min(trade.size, self._vanished)
        if seen:
            # The book showed it before: it was no cancel.
            share = self._withdrawn * seen / self._vanished
            self.ahead += share
            self._vanished -= seen
            self._withdrawn -= share
        self._traded += trade.size - seen
        self._since_ns = now_ns
        reached = max(ZERO, trade.size - self.ahead)
        self.ahead = max(ZERO, self.ahead - trade.size)
        return reached

    def _expire(self, now_ns: int) -> None:
        if now_ns - self._since_ns > SAME_NS:
            self._traded = self._vanished = self._withdrawn = ZERO


class OrderQueue:
    """What is known from single orders; arguments as ``LevelQueue``."""

    def __init__(self, book: Any, side: str, price: Decimal) -> None:
        self._ids = {number: Decimal(left) for number, at, left in book.orders(side) if at == price}

    @property
    def ahead(self) -> Decimal:
        """Base units."""
        return sum(self._ids.values(), ZERO)

    def book(self, book: Any, now_ns: int) -> None:
        """Take note of a new state of the book."""
        del now_ns
        for number in list(self._ids):
            order = book.order(number)
            if order is None:
                del self._ids[number]
            else:
                self._ids[number] = Decimal(order[2])

    def trade(self, trade: PublicTrade, now_ns: int) -> Decimal:
        """Return how much of a trade at the order's price would have reached it."""
        del now_ns
        if trade.maker_id in self._ids:
            return ZERO
        return trade.size


def queue_of(book: Any, side: str, price: Decimal) -> Queue:
    """Return the queue before a new order in ``book``."""
    return OrderQueue(book, side, price) if hasattr(book, "orders") else LevelQueue(book, side, price)


def _size_at(book: Any, side: str, price: Decimal) -> Decimal:
    levels: Iterable[tuple[Decimal, Decimal, int]] = book.levels(side)
    return next((size for at, size, _ in levels if at == price), ZERO)
