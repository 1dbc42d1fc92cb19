"""Exchange's frames in plain JSON and a protocol with a clock whose hands the test turns."""

from __future__ import annotations

import json
from typing import Any

from tradewire._native import ExchangeFeed, FeedEvent
from tradewire.protocol import events
from tradewire.protocol.backoff import Backoff
from tradewire.protocol.channels import Channel
from tradewire.protocol.stream import StreamProtocol
from tradewire.venues.exchange.connection import QUIET
from tradewire.venues.exchange.dialect import MarketDialect, UserDialect

SECOND = 1_000_000_000
MARKET = "ABC-USD"
KEY = "exch_0123456789abcdef0123456789abcdef"
A, B, C = (f"{letter * 8}-0000-4000-8000-000000000000" for letter in "abc")
AT = "2026-04-02T09:29:58.000451+00:00"
BOOK = Channel("l3", MARKET)
ORDERS = Channel("orders")


def row(order_id: str, side: str, price: int, remaining: int) -> dict[str, Any]:
    return {"order_id": order_id, "side": side, "price": price, "remaining": remaining, "created_at": AT}


def snapshot(sequence: int, *asks: dict[str, Any], market: str = MARKET, **changes: Any) -> dict[str, Any]:
    head = {"type": "snapshot", "channel": "l3", "market": market, "sequence": sequence}
    return {**head, "bids": [], "asks": list(asks), **changes}


def delta(sequence: int, event: dict[str, Any], **changes: Any) -> dict[str, Any]:
    head = {"type": "delta", "channel": "l3", "market": MARKET, "sequence": sequence}
    return {**head, "events": [event], **changes}


def added(order_id: str, side: str, price: int, remaining: int) -> dict[str, Any]:
    return {"kind": "order_added", "order": row(order_id, side, price, remaining)}


def updated(order_id: str, side: str, price: int, remaining: int) -> dict[str, Any]:
    return {"kind": "order_updated", "order": row(order_id, side, price, remaining)}


def removed(order_id: str, side: str, price: int) -> dict[str, Any]:
    return {"kind": "order_removed", "order_id": order_id, "side": side, "price": price}


def trade(maker: str, taker: str, price: int, quantity: int) -> dict[str, Any]:
    return {
        "kind": "trade",
        "maker_order_id": maker,
        "taker_order_id": taker,
        "price": price,
        "quantity": quantity,
    }


def lagged(market: str | None = MARKET, channel: str = "l3") -> dict[str, Any]:
    return {
        "type": "resync_required",
        "channel": channel,
        "market": market,
        "expected_sequence": None,
        "current_sequence": None,
        "reason": "lagged by 3 messages",
    }


TWO_ASKS = (row(A, "SELL", 100, 5), row(B, "SELL", 101, 5))


class Conversation:
    """A connection of one kind with a clock whose hands the test turns."""

    def __init__(self, dialect: MarketDialect | UserDialect) -> None:
        self.now_ns = SECOND
        self.feed = ExchangeFeed()
        self.dialect = dialect
        self.protocol: StreamProtocol[FeedEvent] = StreamProtocol(
            dialect, self.feed, Backoff(lambda: 0.0), QUIET
        )

    def start(self, *channels: Channel) -> list[Any]:
        self.protocol.subscribe(channels, self.now_ns)
        return self.connect()

    def connect(self) -> list[Any]:
        self.protocol.connect()
        self.protocol.opened(self.now_ns)
        return self.sent()

    def hear(self, *messages: dict[str, Any]) -> FeedEvent | None:
        news = None
        for message in messages:
            news = self.protocol.receive(json.dumps(message).encode(), self.now_ns, self.now_ns)
        return news

    def after(self, seconds: int) -> list[Any]:
        self.now_ns += seconds * SECOND
        self.protocol.tick(self.now_ns)
        return self.sent()

    def sent(self) -> list[Any]:
        return [json.loads(frame) for frame in self.protocol.data_to_send()]

    def told(self) -> list[events.Event]:
        return self.protocol.take_events()
