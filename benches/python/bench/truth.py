"""The oracle of the benches: standard library only, slow and obvious.

No contender and nothing of ours is used here.
"""

import base64
import gzip
import hashlib
import hmac
import json
import zlib
from collections.abc import Iterable
from decimal import Decimal
from typing import Any

Best = tuple[float, float, float, float]
"""Bid price, bid size, ask price, ask size."""


def signature(secret: str, method: str, path: str, body: str, timestamp_ms: int) -> str:
    """Sign a CoinEx request as its documentation says."""
    text = method + path + body + str(timestamp_ms)
    return hmac.new(secret.encode(), text.encode(), hashlib.sha256).hexdigest()


def truex_signature(secret: str, method: str, path: str, body: str, timestamp_s: int) -> str:
    """Sign a TrueX request as its documentation says."""
    text = str(timestamp_s) + method + path + body
    return base64.b64encode(hmac.new(secret.encode(), text.encode(), hashlib.sha256).digest()).decode()


class DictBook:
    """A book that sorts when asked."""

    def __init__(self) -> None:
        self.bids: dict[Decimal, tuple[str, str]] = {}
        self.asks: dict[Decimal, tuple[str, str]] = {}

    def apply(self, side: str, levels: Iterable[list[str]]) -> None:
        prices = self.bids if side == "bids" else self.asks
        for price, size in levels:
            if Decimal(size) == 0:
                prices.pop(Decimal(price), None)
            else:
                prices[Decimal(price)] = (price, size)

    def checksum(self) -> int:
        bids = [":".join(self.bids[price]) for price in sorted(self.bids, reverse=True)]
        asks = [":".join(self.asks[price]) for price in sorted(self.asks)]
        return zlib.crc32(":".join(bids + asks).encode())

    def best(self) -> Best:
        bid_price, bid_size = self.bids[max(self.bids)]
        ask_price, ask_size = self.asks[min(self.asks)]
        return float(bid_price), float(bid_size), float(ask_price), float(ask_size)


def bests(frames: Iterable[bytes]) -> list[Best]:
    """Give the best levels after each frame, having checked each checksum."""
    book = DictBook()
    answers = []
    for frame in frames:
        data = json.loads(gzip.decompress(frame))["data"]
        if data["is_full"]:
            book = DictBook()
        for side in ("bids", "asks"):
            book.apply(side, data["depth"][side])
        if book.checksum() != data["depth"]["checksum"]:
            raise ValueError("the tape itself is wrong: a checksum does not match")
        answers.append(book.best())
    return answers


def queues(opening: Iterable[tuple[str, str, int, int]], changes: Iterable[tuple[str, Any]]) -> list[object]:
    """Give the best levels after each change of an order-by-order book, then both sides in priority."""
    orders = {name: (side, price, left) for name, side, price, left in opening}
    answers: list[object] = []
    for kind, (name, side, price, left) in changes:
        if kind == "order_removed":
            del orders[name]
        elif kind != "trade":
            orders[name] = (side, price, left)
        best: list[int] = []
        for wanted, choose in (("buy", max), ("sell", min)):
            prices = [price for side, price, _ in orders.values() if side == wanted]
            touch = choose(prices)
            best += [
                touch,
                sum(left for side, price, left in orders.values() if (side, price) == (wanted, touch)),
            ]
        answers.append(tuple(best))
    for wanted in ("buy", "sell"):
        rows = [(name, price, left) for name, (side, price, left) in orders.items() if side == wanted]
        answers.append(sorted(rows, key=lambda row: row[1], reverse=wanted == "buy"))
    return answers
