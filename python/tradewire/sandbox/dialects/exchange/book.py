"""One market's resting orders in price-time priority, and matching against them.

Self-trades are allowed, executions happen at the maker's price, and nothing but the crossing of prices decides.
Source: the project's ``matching.rs`` and ``orderbook.rs``, read 2026-11-20.
"""

from __future__ import annotations

from bisect import bisect_left, insort
from collections.abc import Iterator

from tradewire.sandbox.dialects.exchange.records import BUY, SELL, Order, opposite

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

    def reaches(self, order: Order, limit: int) -> bool:
        """Say whether a taker with ``limit`` crosses a resting ``order`` of this side."""
        return self._sign * order.price <= self._sign * limit

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

    def match(self, taker: Order) -> list[tuple[Order, int]]:
        """Fill ``taker`` as far as it crosses; return each maker with the size traded, in order.

        Makers that are used up leave the book; ``remaining`` is up to date on all of them.
        """
        ladder = self._ladders[opposite(taker.side)]
        executions = []
        while taker.remaining:
            maker = ladder.best()
            if maker is None or not ladder.reaches(maker, taker.price):
                break
            size = min(taker.remaining, maker.remaining)
            taker.remaining -= size
            maker.remaining -= size
            executions.append((maker, size))
            if not maker.remaining:
                self.remove(maker)
        return executions

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
