"""Order books in whole ticks as people write them: one update, then the best levels.

All take ``update(is_bid, price, size)`` with size 0 for a level that goes, and tell
``best() -> (bid price, bid size, ask price, ask size)``, as our native book does.
"""

from bisect import bisect_left
from collections.abc import Callable
from typing import Protocol

from sortedcontainers import SortedDict  # type: ignore[import-untyped]  # it has no types

from bench.tape import MARKET

Best = tuple[int, int, int, int]


class Book(Protocol):
    """What B1 asks of a contender."""

    def update(self, is_bid: bool, price: int, size: int, /) -> object: ...

    def best(self) -> Best: ...


class OurBook:
    """The core's book; the two methods are the native ones."""

    def __init__(self) -> None:
        from tradewire._native import Level2Book

        book = Level2Book(MARKET)
        book.snapshot([], [])
        self.update = book.update_ticks
        self.best = book.best_ticks


class SortedDictBook:
    """One SortedDict a side: what most Python bots that care use."""

    def __init__(self) -> None:
        self._bids = SortedDict()
        self._asks = SortedDict()

    def update(self, is_bid: bool, price: int, size: int, /) -> None:
        side = self._bids if is_bid else self._asks
        if size:
            side[price] = size
        else:
            side.pop(price, None)

    def best(self) -> Best:
        bid_price, bid_size = self._bids.peekitem(-1)
        ask_price, ask_size = self._asks.peekitem(0)
        return bid_price, bid_size, ask_price, ask_size


class DictBook:
    """One dict a side with the best price remembered; looks for the next one only when the best goes."""

    def __init__(self) -> None:
        self._bids: dict[int, int] = {}
        self._asks: dict[int, int] = {}
        self._best_bid = -1
        self._best_ask = 1 << 62

    def update(self, is_bid: bool, price: int, size: int, /) -> None:
        if is_bid:
            if size:
                self._bids[price] = size
                if price > self._best_bid:
                    self._best_bid = price
            elif self._bids.pop(price, None) is not None and price == self._best_bid:
                self._best_bid = max(self._bids, default=-1)
        elif size:
            self._asks[price] = size
            if price < self._best_ask:
                self._best_ask = price
        elif self._asks.pop(price, None) is not None and price == self._best_ask:
            self._best_ask = min(self._asks, default=1 << 62)

    def best(self) -> Best:
        bid, ask = self._best_bid, self._best_ask
        return bid, self._bids[bid], ask, self._asks[ask]


class BisectBook:
    """Two parallel lists a side, kept with the touch at the end, where inserting is cheap."""

    def __init__(self) -> None:
        self._bid_keys: list[int] = []
        self._bid_sizes: list[int] = []
        self._ask_keys: list[int] = []
        self._ask_sizes: list[int] = []

    def update(self, is_bid: bool, price: int, size: int, /) -> None:
        if is_bid:
            keys, sizes, key = self._bid_keys, self._bid_sizes, price
        else:
            keys, sizes, key = self._ask_keys, self._ask_sizes, -price
        at = bisect_left(keys, key)
        if at < len(keys) and keys[at] == key:
            if size:
                sizes[at] = size
            else:
                del keys[at], sizes[at]
        elif size:
            keys.insert(at, key)
            sizes.insert(at, size)

    def best(self) -> Best:
        return self._bid_keys[-1], self._bid_sizes[-1], -self._ask_keys[-1], self._ask_sizes[-1]


BookMaker = Callable[[], Book]
