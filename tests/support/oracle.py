"""Second opinions from the standard library: slow, obvious, and sharing nothing with tradewire."""

from __future__ import annotations

import base64
import gzip
import hashlib
import hmac
import json
import re
import zlib
from collections.abc import Iterable, Sequence
from decimal import Decimal
from typing import Any, NoReturn

Pairs = list[tuple[str, str]]


def hmac_hex(key: bytes, message: bytes) -> str:
    """Return the HMAC-SHA256 of a message in lower hex."""
    return hmac.new(key, message, hashlib.sha256).hexdigest()


def hmac_base64(key: bytes, message: bytes) -> str:
    """Return the HMAC-SHA256 of a message in standard base64."""
    return base64.b64encode(hmac.new(key, message, hashlib.sha256).digest()).decode()


def coinex_signature(secret: str, method: str, path: str, body: str, timestamp_ms: int) -> str:
    """Return ``X-COINEX-SIGN`` of a request: the parts joined without separators, in hex."""
    return hmac_hex(secret.encode(), f"{method}{path}{body}{timestamp_ms}".encode())


def _refuse_constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is no JSON")


def read_json(data: bytes) -> Any:
    """Return the value of UTF-8 JSON; raise ``ValueError`` for everything RFC 8259 does not know."""
    return json.loads(data.decode(), parse_constant=_refuse_constant)


def is_json(data: bytes) -> bool:
    """Say whether ``data`` is UTF-8 JSON."""
    try:
        read_json(data)
    except (ValueError, RecursionError):
        return False
    return True


class TopReader:
    """Reads a book's best levels after every frame of its feed and knows whether the frame changed what it sees."""

    def __init__(self, book: Any) -> None:
        self._book = book
        self._seen = self._look()

    def follow(self, event: Any) -> None:
        """Look again; if the frame was the book's, its event must say whether that shows anything new."""
        before, self._seen = self._seen, self._look()
        if event.message:
            # The frame shows that others were missed: what was seen before was suspect already.
            before = None
        if event.book is self._book:
            assert event.top_changed is (self._seen is not None and self._seen != before)

    def _look(self) -> Any:
        if not self._book.is_synced:
            return None
        sides = [*self._book.bids(1), (None, None)][0], [*self._book.asks(1), (None, None)][0]
        top = self._book.top()
        assert ((top.bid, top.bid_size), (top.ask, top.ask_size)) == sides
        return sides


_PLAIN_DECIMAL = re.compile(r"(0|[1-9][0-9]*)(\.[0-9]+)?")


class DictBook:
    """A level-2 book as one writes it on a blackboard: a dict per side, sorted when looked at."""

    def __init__(self, limit: int = 0) -> None:
        self.limit = limit
        self._sides: dict[str, dict[Decimal, tuple[str, str]]] = {"buy": {}, "sell": {}}

    def snapshot(self, bids: Iterable[Sequence[str]], asks: Iterable[Sequence[str]]) -> None:
        """Replace both sides."""
        self._sides = {"buy": {}, "sell": {}}
        self.push(bids, asks)

    def push(self, bids: Iterable[Sequence[str]], asks: Iterable[Sequence[str]]) -> None:
        """Apply a difference, then keep the best ``limit`` levels."""
        for side, levels in (("buy", bids), ("sell", asks)):
            for price, size in levels:
                self.set(side, price, size)
        for side in self._sides:
            self._sides[side] = {Decimal(price): (price, size) for price, size in self.side(side)}

    def set(self, side: str, price: str, size: str) -> None:
        """Set or, with size zero, remove one level."""
        assert _PLAIN_DECIMAL.fullmatch(price)
        assert _PLAIN_DECIMAL.fullmatch(size)
        if Decimal(size):
            self._sides[side][Decimal(price)] = (price, size)
        else:
            self._sides[side].pop(Decimal(price), None)

    def side(self, side: str) -> Pairs:
        """Return the texts of one side, best first."""
        levels = self._sides[side]
        best_first = sorted(levels, reverse=side == "buy")
        return [levels[price] for price in best_first[: self.limit or None]]

    @property
    def is_crossed(self) -> bool:
        """The best bid is not below the best ask."""
        bids, asks = self._sides["buy"], self._sides["sell"]
        return bool(bids and asks and max(bids) >= min(asks))

    @property
    def checksum(self) -> int:
        """CRC-32 as CoinEx defines it."""
        texts = [f"{price}:{size}" for price, size in self.side("buy") + self.side("sell")]
        return zlib.crc32(":".join(texts).encode())


def depth_json(
    bids: Any, asks: Any, checksum: Any, *, market: str = "BTCUSDT", is_full: bool = True, updated_at: int = 1
) -> bytes:
    """Return a CoinEx depth push as JSON; a side of ``None`` is left out."""
    depth = {"last": "1.5", "updated_at": updated_at, "checksum": checksum}
    depth |= {name: side for name, side in (("bids", bids), ("asks", asks)) if side is not None}
    data = {"market": market, "is_full": is_full, "depth": depth}
    return json.dumps({"method": "depth.update", "data": data, "id": None}, separators=(",", ":")).encode()


def packed(data: bytes) -> bytes:
    """Return one gzip member, as CoinEx sends every frame."""
    return gzip.compress(data, compresslevel=6, mtime=0)


Resting = tuple[str, int, int]
"""Side ("buy" or "sell"), price, remaining size."""


class QueueBook:
    """An order-by-order book as one writes it on a blackboard: a dict in order of arrival, sorted when looked at."""

    def __init__(self) -> None:
        self.orders: dict[str, Resting] = {}

    def put(self, order_id: str, side: str, price: int, remaining: int) -> None:
        """Let an order rest. A known one keeps its place unless its price or side is another."""
        if self.orders.get(order_id, (side, price))[:2] != (side, price):
            del self.orders[order_id]
        self.orders[order_id] = (side, price, remaining)

    def shrink(self, order_id: str, remaining: int) -> None:
        """Set the size of an order; one that is not known left before."""
        if order_id in self.orders:
            side, price, _ = self.orders[order_id]
            self.orders[order_id] = (side, price, remaining)

    def side(self, side: str) -> list[tuple[str, int, int]]:
        """Return id, price and size of each order of a side, in priority."""
        rows = [(name, price, left) for name, (where, price, left) in self.orders.items() if where == side]
        return sorted(rows, key=lambda row: row[1], reverse=side == "buy")

    def levels(self, side: str) -> list[tuple[int, int, int]]:
        """Return price, size and number of orders of each level of a side, best first."""
        rows = self.side(side)
        return [
            (price, sum(left for _, at, left in rows if at == price), sum(at == price for _, at, _ in rows))
            for price in dict.fromkeys(price for _, price, _ in rows)
        ]

    def ahead(self, order_id: str) -> list[tuple[str, int, int]]:
        """Return the orders in front of one at its own price."""
        side, price, _ = self.orders[order_id]
        queue = [row for row in self.side(side) if row[1] == price]
        return queue[: [row[0] for row in queue].index(order_id)]

    @property
    def is_crossed(self) -> bool:
        """The best bid is not below the best ask."""
        bids, asks = self.side("buy"), self.side("sell")
        return bool(bids and asks and bids[0][1] >= asks[0][1])


def l3_order(order_id: str, side: str, price: Any, remaining: Any) -> dict[str, Any]:
    """Return an order as Exchange's books tell it."""
    wire_side = {"buy": "BUY", "sell": "SELL"}[side]
    at = "2026-04-02T09:29:58.000451+00:00"
    return {
        "order_id": order_id, "side": wire_side, "price": price, "remaining": remaining, "created_at": at
    }  # fmt: skip


def l3_snapshot(
    sequence: Any, bids: list[dict[str, Any]], asks: list[dict[str, Any]], market: str = "ABC-USD"
) -> dict[str, Any]:
    """Return a snapshot of Exchange."""
    return {
        "type": "snapshot", "channel": "l3", "market": market, "sequence": sequence, "bids": bids, "asks": asks
    }  # fmt: skip


def l3_delta(sequence: Any, *events: Any, market: str = "ABC-USD") -> dict[str, Any]:
    """Return a delta of Exchange; ``sequence`` is the number of its last event."""
    return {
        "type": "delta", "channel": "l3", "market": market, "sequence": sequence, "events": list(events)
    }  # fmt: skip
