"""Depth bots for TrueX as people write them, and ours behind the same names.

Every bot takes one frame, follows the channel's sequence, and can tell the best levels as numbers.
"""

import json
from bisect import bisect_left
from collections.abc import Callable
from math import inf
from typing import Any

import orjson
from msgspec import Struct
from msgspec.json import Decoder
from sortedcontainers import SortedDict  # type: ignore[import-untyped]  # it has no types

from bench.contenders.bots import Bot
from bench.tape import MARKET
from bench.truth import Best


class OurTruexBot:
    """The feed as a user holds it; no Python stands between the caller and the two native calls."""

    def __init__(self) -> None:
        from tradewire._native import TruexFeed

        feed = TruexFeed()
        self._book = feed.add_book(MARKET)
        self.on_frame = feed.on_frame
        self.best = self._book.best_float

    @property
    def is_proved(self) -> bool:
        return self._book.is_synced


class _PlainBot:
    """A parser of its choice before one SortedDict a side, from float price to float size."""

    def __init__(self, loads: Callable[[bytes], Any]) -> None:
        self._loads = loads
        self._next = 0
        self.is_proved = False
        self._bids = SortedDict()
        self._asks = SortedDict()

    def on_frame(self, frame: bytes, received_at_ns: int) -> None:
        message = self._loads(frame)
        if message.get("channel") != "DEPTH":
            return
        number = int(message["seqnum"])
        data = message["data"]
        if message["update"] == "SNAPSHOT":
            self._bids.clear()
            self._asks.clear()
            self._next = number
            self.is_proved = True
        elif number != self._next:
            self.is_proved = False
            return
        else:
            self._next = number + 1
        for side, levels in ((self._bids, data["bids"]), (self._asks, data["asks"])):
            for level in levels:
                size = float(level["qty"])
                if size:
                    side[float(level["price"])] = size
                else:
                    side.pop(float(level["price"]), None)

    def best(self) -> Best:
        return *self._bids.peekitem(-1), *self._asks.peekitem(0)


def json_bot() -> Bot:
    """Make the bot of most examples: json."""
    return _PlainBot(json.loads)


def orjson_bot() -> Bot:
    """Make the careful bot: orjson."""
    return _PlainBot(orjson.loads)


class _Level(Struct, gc=False):
    price: str
    qty: str


class _Data(Struct, gc=False):
    bids: list[_Level]
    asks: list[_Level]


class _Depth(Struct, gc=False):
    seqnum: str
    update: str
    data: _Data


_decode = Decoder(_Depth).decode


class HandmadeTruexBot:
    """The fastest glue of published parts we could write: msgspec's typed decoder before sorted lists.

    Keys of bids are negated, so that both sides ascend from the touch.
    """

    def __init__(self) -> None:
        self._next = 0
        self.is_proved = False
        self._clear()

    def _clear(self) -> None:
        # The sentinel spares a bounds check at every search.
        self._bid_keys = [inf]
        self._ask_keys = [inf]
        self._bids: list[float] = []
        self._asks: list[float] = []

    def on_frame(self, frame: bytes, received_at_ns: int) -> None:
        message = _decode(frame)
        number = int(message.seqnum)
        if message.update == "SNAPSHOT":
            self._clear()
            self._next = number
            self.is_proved = True
        elif number != self._next:
            self.is_proved = False
            return
        else:
            self._next = number + 1
        data = message.data
        keys, sizes = self._bid_keys, self._bids
        for level in data.bids:
            key = -float(level.price)
            at = bisect_left(keys, key)
            size = float(level.qty)
            if keys[at] == key:
                if size:
                    sizes[at] = size
                else:
                    del keys[at], sizes[at]
            elif size:
                keys.insert(at, key)
                sizes.insert(at, size)
        keys, sizes = self._ask_keys, self._asks
        for level in data.asks:
            key = float(level.price)
            at = bisect_left(keys, key)
            size = float(level.qty)
            if keys[at] == key:
                if size:
                    sizes[at] = size
                else:
                    del keys[at], sizes[at]
            elif size:
                keys.insert(at, key)
                sizes.insert(at, size)

    def best(self) -> Best:
        return -self._bid_keys[0], self._bids[0], self._ask_keys[0], self._asks[0]
