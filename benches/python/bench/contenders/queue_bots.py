"""Bots for Exchange's order-by-order stream as people write them, and ours behind the same names.

Every bot takes one frame, follows the market's sequence, hands out the trades, and can tell the best levels.
"""

import json
from collections.abc import Callable
from typing import Any, Protocol

import orjson
from msgspec import Struct
from msgspec.json import Decoder

from bench.contenders.books import Best
from bench.contenders.queues import DictQueueBook, QueueBook, Queued, SortedQueueBook
from bench.order_flow import MARKET

_SIDES = {"BUY": "buy", "SELL": "sell"}

Loads = Callable[[bytes], Any]


class QueueBot(Protocol):
    """What D3 asks of a contender."""

    def on_frame(self, frame: bytes, received_at_ns: int) -> object: ...

    def best(self) -> Best: ...

    def orders(self, side: str) -> list[Queued]: ...

    def trades(self, told: object) -> list[tuple[str, int, int]]:
        """Return maker, price and size of the trades in what ``on_frame`` returned."""
        ...

    @property
    def is_proved(self) -> bool:
        """Whether the sequence has been unbroken since the snapshot."""
        ...


class OurQueueBot:
    """The feed as a user holds it; no Python stands between the caller and the two native calls."""

    def __init__(self) -> None:
        from tradewire._native import ExchangeFeed

        feed = ExchangeFeed()
        self._book = feed.add_book(MARKET)
        self.on_frame = feed.on_frame
        self.best = self._book.best_ticks
        self.orders = self._book.orders

    def trades(self, told: Any) -> list[tuple[str, int, int]]:
        return [(trade.maker_order_id, trade.price, trade.quantity) for trade in told.trades]

    @property
    def is_proved(self) -> bool:
        return self._book.is_synced


class _PlainBot:
    """A parser of its choice before a book of its choice; trades are dicts as they came."""

    def __init__(self, loads: Loads, make_book: Callable[[], QueueBook]) -> None:
        self._loads = loads
        self._make_book = make_book
        self._book = make_book()
        self._sequence = 0
        self.is_proved = False
        self.best = self._book.best

    def on_frame(self, frame: bytes, received_at_ns: int) -> list[dict[str, Any]]:
        message = self._loads(frame)
        trades: list[dict[str, Any]] = []
        if message.get("market") != MARKET:
            return trades
        if message["type"] == "delta":
            events = message["events"]
            if message["sequence"] != self._sequence + len(events):
                self.is_proved = False
                return trades
            self._sequence = message["sequence"]
            book = self._book
            for event in events:
                kind = event["kind"]
                if kind == "order_added":
                    order = event["order"]
                    book.add(order["order_id"], _SIDES[order["side"]], order["price"], order["remaining"])
                elif kind == "order_removed":
                    book.remove(event["order_id"])
                elif kind == "order_updated":
                    order = event["order"]
                    book.update(order["order_id"], order["remaining"])
                elif kind == "trade":
                    trades.append(event)
        elif message["type"] == "snapshot":
            self._book = book = self._make_book()
            self.best = book.best
            for order in message["bids"] + message["asks"]:
                book.add(order["order_id"], _SIDES[order["side"]], order["price"], order["remaining"])
            self._sequence = message["sequence"]
            self.is_proved = True
        return trades

    def orders(self, side: str) -> list[Queued]:
        return self._book.orders(side)

    def trades(self, told: Any) -> list[tuple[str, int, int]]:
        return [(trade["maker_order_id"], trade["price"], trade["quantity"]) for trade in told]


def json_bot() -> QueueBot:
    """Make the bot of most examples: json, and one SortedDict of queues a side."""
    return _PlainBot(json.loads, SortedQueueBook)


def orjson_bot() -> QueueBot:
    """Make the careful bot: orjson, and dicts with the best price remembered."""
    return _PlainBot(orjson.loads, DictQueueBook)


class _Order(Struct, gc=False):
    order_id: str
    side: str
    price: int
    remaining: int


class _Added(Struct, gc=False, tag_field="kind", tag="order_added"):
    order: _Order


class _Updated(Struct, gc=False, tag_field="kind", tag="order_updated"):
    order: _Order


class _Removed(Struct, gc=False, tag_field="kind", tag="order_removed"):
    order_id: str


class _Trade(Struct, gc=False, tag_field="kind", tag="trade"):
    maker_order_id: str
    taker_order_id: str
    price: int
    quantity: int


class _Delta(Struct, gc=False, tag_field="type", tag="delta"):
    market: str
    sequence: int
    events: list[_Added | _Updated | _Removed | _Trade]


class _Snapshot(Struct, gc=False, tag_field="type", tag="snapshot"):
    market: str
    sequence: int
    bids: list[_Order]
    asks: list[_Order]


_decode = Decoder(_Delta | _Snapshot).decode


class HandmadeQueueBot:
    """The fastest glue of published parts we could write: msgspec's typed decoder before dicts.

    One market; msgspec knows the two messages it asked for, and skips the members nobody reads.
    """

    def __init__(self) -> None:
        self._book = DictQueueBook()
        self._sequence = 0
        self.is_proved = False
        self.best = self._book.best

    def on_frame(self, frame: bytes | memoryview, received_at_ns: int) -> list[_Trade]:
        message = _decode(frame)
        trades: list[_Trade] = []
        if message.__class__ is _Delta:
            # Looking at the class is the fastest way to tell events apart; the type checker does not follow it.
            events: list[Any] = message.events
            sequence = self._sequence + len(events)
            if message.sequence != sequence:
                self.is_proved = False
                return trades
            self._sequence = sequence
            book = self._book
            for event in events:
                kind = event.__class__
                if kind is _Added:
                    order = event.order
                    side = "buy" if order.side == "BUY" else "sell"
                    book.add(order.order_id, side, order.price, order.remaining)
                elif kind is _Removed:
                    book.remove(event.order_id)
                elif kind is _Updated:
                    book.update(event.order.order_id, event.order.remaining)
                else:
                    trades.append(event)
        else:
            self._book = book = DictQueueBook()
            self.best = book.best
            for order in message.bids + message.asks:
                side = "buy" if order.side == "BUY" else "sell"
                book.add(order.order_id, side, order.price, order.remaining)
            self._sequence = message.sequence
            self.is_proved = True
        return trades

    def orders(self, side: str) -> list[Queued]:
        return self._book.orders(side)

    def trades(self, told: Any) -> list[tuple[str, int, int]]:
        return [(trade.maker_order_id, trade.price, trade.quantity) for trade in told]


QueueBotMaker = Callable[[], QueueBot]
