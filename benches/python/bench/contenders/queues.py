"""Order-by-order books as people write them, and ours behind the same names.

Prices and sizes are whole. Every book keeps each price's queue, not only its sum, and can tell both sides in
priority. A dict is a queue: it keeps the order of arrival, and a changed size keeps its place.
"""

from collections.abc import Callable
from typing import Any, Protocol

from sortedcontainers import SortedDict  # type: ignore[import-untyped]  # it has no types

from bench.contenders.books import Best
from bench.order_flow import MARKET, Order

Queued = tuple[str, int, int]
"""Id, price, remaining size."""


class QueueBook(Protocol):
    """What B3 asks of a contender."""

    def add(self, order_id: str, side: str, price: int, remaining: int, /) -> object: ...

    def update(self, order_id: str, remaining: int, /) -> object: ...

    def remove(self, order_id: str, /) -> object: ...

    def best(self) -> Best: ...

    def orders(self, side: str, /) -> list[Queued]: ...


class OurQueueBook:
    """The core's book; the methods are the native ones."""

    def __init__(self) -> None:
        from tradewire._native import Level3Book

        book = Level3Book(MARKET)
        book.snapshot([], [])
        self.add = book.add
        self.update = book.update
        self.remove = book.remove
        self.best = book.best_ticks
        self.orders = book.orders


class Level:
    """A price's queue and its sum."""

    __slots__ = ("queue", "size")

    def __init__(self) -> None:
        self.queue: dict[str, int] = {}
        self.size = 0


class SortedQueueBook:
    """A dict by id, and one SortedDict of queues a side: what most Python bots that care use."""

    def __init__(self) -> None:
        self._where: dict[str, tuple[str, int]] = {}
        self._sides: dict[str, Any] = {"buy": SortedDict(), "sell": SortedDict()}

    def add(self, order_id: str, side: str, price: int, remaining: int, /) -> None:
        self._where[order_id] = (side, price)
        levels = self._sides[side]
        level = levels.get(price)
        if level is None:
            level = levels[price] = Level()
        level.queue[order_id] = remaining
        level.size += remaining

    def update(self, order_id: str, remaining: int, /) -> None:
        side, price = self._where[order_id]
        level = self._sides[side][price]
        level.size += remaining - level.queue[order_id]
        level.queue[order_id] = remaining

    def remove(self, order_id: str, /) -> None:
        side, price = self._where.pop(order_id)
        levels = self._sides[side]
        level = levels[price]
        level.size -= level.queue.pop(order_id)
        if not level.queue:
            del levels[price]

    def best(self) -> Best:
        bid_price, bid = self._sides["buy"].peekitem(-1)
        ask_price, ask = self._sides["sell"].peekitem(0)
        return bid_price, bid.size, ask_price, ask.size

    def orders(self, side: str, /) -> list[Queued]:
        return _in_priority(self._sides[side], side)


class DictQueueBook:
    """Dicts only, with the best price of each side remembered; looks for the next one only when the best goes."""

    def __init__(self) -> None:
        self._where: dict[str, tuple[dict[int, Level], int]] = {}
        self._bids: dict[int, Level] = {}
        self._asks: dict[int, Level] = {}
        self._best_bid = -1
        self._best_ask = 1 << 62

    def add(self, order_id: str, side: str, price: int, remaining: int, /) -> None:
        if side == "buy":
            levels = self._bids
            self._best_bid = max(self._best_bid, price)
        else:
            levels = self._asks
            self._best_ask = min(self._best_ask, price)
        self._where[order_id] = (levels, price)
        level = levels.get(price)
        if level is None:
            level = levels[price] = Level()
        level.queue[order_id] = remaining
        level.size += remaining

    def update(self, order_id: str, remaining: int, /) -> None:
        levels, price = self._where[order_id]
        level = levels[price]
        level.size += remaining - level.queue[order_id]
        level.queue[order_id] = remaining

    def remove(self, order_id: str, /) -> None:
        levels, price = self._where.pop(order_id)
        level = levels[price]
        level.size -= level.queue.pop(order_id)
        if not level.queue:
            del levels[price]
            if price == self._best_bid:
                self._best_bid = max(self._bids, default=-1)
            elif price == self._best_ask:
                self._best_ask = min(self._asks, default=1 << 62)

    def best(self) -> Best:
        bid, ask = self._best_bid, self._best_ask
        return bid, self._bids[bid].size, ask, self._asks[ask].size

    def orders(self, side: str, /) -> list[Queued]:
        return _in_priority(self._bids if side == "buy" else self._asks, side)


def _in_priority(levels: dict[int, Level], side: str) -> list[Queued]:
    prices = sorted(levels, reverse=side == "buy")
    return [(name, price, left) for price in prices for name, left in levels[price].queue.items()]


def open_book(book: QueueBook, opening: tuple[Order, ...]) -> None:
    """Let the opening orders rest."""
    for order in opening:
        book.add(*order)


QueueBookMaker = Callable[[], QueueBook]
