"""One market's resting orders in price-time priority, and matching against them.

Self-trades are allowed, executions happen at the maker's price, and nothing but the crossing of prices decides.
Source: the project's ``matching.rs`` and ``orderbook.rs``, read 2026-11-20.
"""

from __future__ import annotations

from bisect import bisect_left, insort
from collections.abc import Iterable, Iterator

from tradewire.sandbox.venues.exchange.records import BUY, SELL, Order, opposite

__all__ = ["Book"]


class _Ladder:
    """One side: price levels in order, each a queue of orders."""

    def __init__(self, side: str) -> None:
        # Keys grow away from the touch, so that the best level is the first on both sides.
        self._sign = -1 if side == BUY else 1
        self._keys: list[int] = []
        self._queues: dict[int, dict[str, Order]] = {}

    def add(self, order: Order) -> None:
        key = self._sign * order.price
        queue = self._queues.get(key)
        if queue is None:
            insort(self._keys, key)
            queue = self._queues[key] = {}
        queue[order.order_id] = order

    def remove(self, order: Order) -> None:
        key = self._sign * order.price
        queue = self._queues[key]
        del queue[order.order_id]
        if not queue:
            del self._queues[key]
            del self._keys[bisect_left(self._keys, key)]

    def best(self) -> Order | None:
        return next(iter(self._queues[self._keys[0]].values())) if self._keys else None

    def reached(self, limit: int) -> Iterator[Order]:
        """Yield the orders that a taker with ``limit`` crosses, in priority."""
        for key in self._keys:
            if key > self._sign * limit:
                return
            yield from self._queues[key].values()

    def __iter__(self) -> Iterator[Order]:
        for key in self._keys:
            yield from self._queues[key].values()


class Book:
    """Resting orders of one market."""

    def __init__(self) -> None:
        self.orders: dict[str, Order] = {}
        self._ladders = {side: _Ladder(side) for side in (BUY, SELL)}

    def add(self, order: Order) -> None:
        """Rest ``order`` at the tail of its level."""
        self.orders[order.order_id] = order
        self._ladders[order.side].add(order)

    def remove(self, order: Order) -> None:
        """Take ``order`` out."""
        del self.orders[order.order_id]
        self._ladders[order.side].remove(order)

    def crossing(self, taker: Order) -> list[tuple[Order, int]]:
        """Return the makers ``taker`` would trade with and how much, in order; nothing changes."""
        left = taker.remaining
        executions = []
        for maker in self._ladders[opposite(taker.side)].reached(taker.price):
            if not left:
                break
            size = min(left, maker.remaining)
            left -= size
            executions.append((maker, size))
        return executions

    def execute(self, taker: Order, executions: Iterable[tuple[Order, int]]) -> None:
        """Trade what ``crossing`` found; makers that are used up leave the book."""
        for maker, size in executions:
            taker.remaining -= size
            maker.remaining -= size
            if not maker.remaining:
                self.remove(maker)

    def side(self, side: str) -> Iterator[Order]:
        """Return the orders of a side in priority."""
        return iter(self._ladders[side])

    def mid(self) -> int | None:
        """Return the middle of the best prices rounded down, the only best price, or ``None``."""
        bid, ask = self._ladders[BUY].best(), self._ladders[SELL].best()
        if bid is not None and ask is not None:
            return (bid.price + ask.price) // 2
        only = bid or ask
        return only.price if only is not None else None
