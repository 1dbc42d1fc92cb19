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
        self._since_ns = 0
        # Traded, and not yet seen in the book.
        self._traded = ZERO
        # Seen in the book, and perhaps not yet known to have been traded: how much was ahead and shown before that, how
        # much went, and how much of it has turned out to be trades.
        self._before = self._level = self._gone = self._explained = ZERO

    def book(self, book: Any, now_ns: int) -> None:
        """Take note of a new state of the book."""
        shown, before = _size_at(book, self._side, self._price), self._shown
        self._shown = shown
        self._expire(now_ns)
        if shown < before:
            gone = before - shown
            known = min(gone, self._traded)
            self._traded -= known
            if gone > known:
                if not self._gone:
                    self._before, self._level = self.ahead, before - known
                self._gone += gone - known
                self._since_ns = now_ns
                self._estimate()
        self.ahead = min(self.ahead, shown + self._traded)

    def trade(self, trade: PublicTrade, now_ns: int) -> Decimal:
        """Return how much of a trade at the order's price would have reached it."""
        self._expire(now_ns)
        self._since_ns = now_ns
        front = self.ahead
        seen = min(trade.size, self._gone - self._explained)
        if seen:
            # The book showed it before: that was no cancel, and came from the front.
            front = max(ZERO, self._before - self._explained)
            self._explained += seen
            self._estimate()
        unseen = trade.size - seen
        self._traded += unseen
        self.ahead = max(ZERO, self.ahead - unseen)
        return max(ZERO, trade.size - front)

    def _estimate(self) -> None:
        """Take what went without a trade evenly from what trades have left."""
        left, level = self._before - self._explained, self._level - self._explained
        cancelled = self._gone - self._explained
        self.ahead = ZERO if left <= ZERO or cancelled >= level else left - cancelled * left / level

    def _expire(self, now_ns: int) -> None:
        if now_ns - self._since_ns > SAME_NS:
            self._traded = self._before = self._level = self._gone = self._explained = ZERO


class OrderQueue:
    """What is known from single orders; arguments as ``LevelQueue``."""

    def __init__(self, book: Any, side: str, price: Decimal) -> None:
        self._left = {number: Decimal(left) for number, at, left in book.orders(side) if at == price}
        # A trade may be told after its order has gone.
        self._earlier = frozenset(self._left)

    @property
    def ahead(self) -> Decimal:
        """Base units."""
        return sum(self._left.values(), ZERO)

    def book(self, book: Any, now_ns: int) -> None:
        """Take note of a new state of the book."""
        del now_ns
        for number in list(self._left):
            order = book.order(number)
            if order is None:
                del self._left[number]
            else:
                self._left[number] = Decimal(order[2])

    def trade(self, trade: PublicTrade, now_ns: int) -> Decimal:
        """Return how much of a trade at the order's price would have reached it."""
        del now_ns
        return ZERO if trade.maker_id in self._earlier else trade.size


def queue_of(book: Any, side: str, price: Decimal) -> Queue:
    """Return the queue before a new order in ``book``."""
    return OrderQueue(book, side, price) if hasattr(book, "orders") else LevelQueue(book, side, price)


def _size_at(book: Any, side: str, price: Decimal) -> Decimal:
    levels: Iterable[tuple[Decimal, Decimal, int]] = book.levels(side)
    return next((size for at, size, _ in levels if at == price), ZERO)
