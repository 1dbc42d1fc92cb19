"""Depth bots as people write them, and ours behind the same three names.

Every bot takes one frame, verifies the venue's checksum, and can tell the best levels as numbers.
"""

import gzip
import json
import zlib
from collections.abc import Callable
from typing import Any, Protocol

import orjson
from sortedcontainers import SortedDict  # type: ignore[import-untyped]  # it has no types

from bench.tape import LIMIT, MARKET
from bench.truth import Best


class Bot(Protocol):
    """What D1 and D2 ask of a contender."""

    def on_frame(self, frame: bytes, received_at_ns: int) -> object: ...

    def best(self) -> Best: ...

    @property
    def is_proved(self) -> bool:
        """Whether the last push's checksum matched the book."""
        ...


class OurBot:
    """The feed as a user holds it; no Python stands between the caller and the two native calls."""

    def __init__(self) -> None:
        from tradewire._native import CoinexFeed

        feed = CoinexFeed()
        self._book = feed.add_book(MARKET, LIMIT)
        self.on_frame = feed.on_frame
        self.best = self._book.best_float

    @property
    def is_proved(self) -> bool:
        return self._book.is_synced


class DictBot:
    """The bot of most examples: gzip, json, one dict a side by price text, sorted when needed."""

    def __init__(self) -> None:
        self.is_proved = False
        self._bids: dict[str, str] = {}
        self._asks: dict[str, str] = {}
        self._best_bid = self._best_ask = ""

    def on_frame(self, frame: bytes, received_at_ns: int) -> None:
        push = json.loads(gzip.decompress(frame))
        if push["method"] != "depth.update":
            return
        data = push["data"]
        depth = data["depth"]
        if data["is_full"]:
            self._bids.clear()
            self._asks.clear()
        for side, levels in ((self._bids, depth["bids"]), (self._asks, depth["asks"])):
            for price, size in levels:
                if size == "0":
                    side.pop(price, None)
                else:
                    side[price] = size
        bids = sorted(self._bids, key=float, reverse=True)
        asks = sorted(self._asks, key=float)
        self._best_bid, self._best_ask = bids[0], asks[0]
        pairs = [f"{price}:{self._bids[price]}" for price in bids]
        pairs += [f"{price}:{self._asks[price]}" for price in asks]
        self.is_proved = zlib.crc32(":".join(pairs).encode()) == depth["checksum"]

    def best(self) -> Best:
        bid, ask = self._best_bid, self._best_ask
        return float(bid), float(self._bids[bid]), float(ask), float(self._asks[ask])


class SortedDictBot:
    """The careful bot: zlib, orjson, one SortedDict a side from float price to the venue's text."""

    def __init__(self) -> None:
        self.is_proved = False
        self._bids = SortedDict()
        self._asks = SortedDict()

    def on_frame(self, frame: bytes, received_at_ns: int) -> None:
        push = orjson.loads(zlib.decompress(frame, 31))
        if push["method"] != "depth.update":
            return
        data = push["data"]
        depth = data["depth"]
        if data["is_full"]:
            self._bids.clear()
            self._asks.clear()
        self._apply(self._bids, depth["bids"], -1.0)
        self._apply(self._asks, depth["asks"], 1.0)
        text = ":".join([*self._bids.values(), *self._asks.values()])
        self.is_proved = zlib.crc32(text.encode()) == depth["checksum"]

    def _apply(self, side: Any, levels: list[list[str]], sign: float) -> None:
        for price, size in levels:
            key = sign * float(price)
            if size == "0":
                side.pop(key, None)
            else:
                side[key] = f"{price}:{size}"

    def best(self) -> Best:
        bid_price, _, bid_size = self._bids.values()[0].partition(":")
        ask_price, _, ask_size = self._asks.values()[0].partition(":")
        return float(bid_price), float(bid_size), float(ask_price), float(ask_size)


BotMaker = Callable[[], Bot]
