"""Later generations of Exchange's protocol, known by their signs on the wire; no book is touched by their frames."""

from __future__ import annotations

import json
from typing import Any

import pytest

from support.oracle import l3_delta, l3_snapshot
from tradewire._native import ExchangeFeed

ABC = "ABC-USD"
TRADER = "5e0f3d2c-7777-4a1b-9c55-000000000001"
LEVELS = [{"price": 100, "quantity": 5}]


@pytest.mark.parametrize(
    ("message", "generation", "kind"),
    [
        ({"type": "snapshot", "channel": "l2", "market": ABC, "sequence": 1, "bids": LEVELS, "asks": []}, "M",
         "unrecognised"),
        ({"type": "delta", "channel": "l2", "market": ABC, "start_sequence": 2, "sequence": 9,
          "events": [{"kind": "level_updated", "side": "BUY", "price": 1, "quantity": 0}]}, "M", "unrecognised"),
        ({"type": "l3_snapshot", "channel": "l3", "market": ABC, "sequence": 1, "bids": [], "asks": []}, "M",
         "unrecognised"),
        ({"type": "l3_delta", "channel": "l3", "market": ABC, "sequence": 2, "events": []}, "M", "unrecognised"),
        ({"type": "resync_required", "channel": "l2", "market": ABC, "reason": "r"}, "M", "push"),
        ({"type": "unsubscribed", "channel": "l2", "market": ABC}, "M", "reply"),
        ({"type": "error", "code": "unauthenticated", "message": "authenticate before subscribing to l3"}, "M",
         "reply"),
        ({"type": "error", "code": "unsupported_channel",
          "message": "supported market-data channels are l2 and l3"}, "M", "reply"),
        ({"type": "reject", "op": "submit_order", "request_id": "1", "code": "rate_limit_exceeded",
          "message": "per-user rate limit exceeded: max 500 ops per 10s"}, "M", "push"),
        ({"type": "reject", "op": "submit_order", "request_id": "1", "code": "no_liquidity", "message": "m"}, "M",
         "push"),
        ({"type": "snapshot", "channel": "data", "market": ABC, "sequence": 1, "bids": LEVELS, "asks": []}, "L",
         "unrecognised"),
        ({"type": "delta", "channel": "data", "market": ABC, "start_sequence": 2, "sequence": 2,
          "events": [{"kind": "trade", "price": 1, "quantity": 1}]}, "L", "unrecognised"),
        ({"type": "market_state", "market": {"market_id": ABC}}, "L", "unrecognised"),
        ({"type": "market_deleted", "market_id": ABC}, "L", "unrecognised"),
        ({"type": "resync_required", "channel": "data", "market": ABC, "reason": "r"}, "L", "push"),
        ({"type": "authenticated", "trader_id": TRADER, "team_number": "7"}, "L", "reply"),
        ({"type": "error", "code": "unsupported_channel", "message": "supported market-data channel is data"}, "L",
         "reply"),
    ],
)  # fmt: skip
def test_later_generations_give_themselves_away(message: dict[str, Any], generation: str, kind: str) -> None:
    feed = ExchangeFeed()
    book = feed.add_book(ABC)
    feed.on_frame(json.dumps(l3_snapshot(41, [], [])).encode(), 1)
    event = feed.on_frame(json.dumps(message).encode(), 2)
    assert (event.generation, event.kind) == (generation, kind)
    if kind == "unrecognised":
        assert event.reason == f"generation_{generation.lower()}"
    assert (json.loads(event.payload), feed.generation) == (message, generation)
    assert feed.on_frame(b'{"type":"heartbeat"}', 3).generation == ""
    assert (feed.generation, book.is_synced, book.sequence) == (generation, True, 41)


@pytest.mark.parametrize(
    "message",
    [
        l3_delta(42),
        {"type": "authenticated", "trader_id": TRADER, "username": "desk"},
        {"type": "error", "code": "unsupported_channel", "message": "only the l3 channel is supported"},
        {"type": "reject", "op": "submit_order", "request_id": None, "code": "invalid_price", "message": "m"},
        {"type": "unsubscribed", "channel": "l3", "market": ABC},
        {"type": "resync_required", "channel": "user", "market": None, "reason": "r"},
        {"type": "telemetry", "channel": "l2"},
    ],
)
def test_the_published_generation_gives_away_none(message: dict[str, Any]) -> None:
    feed = ExchangeFeed()
    assert feed.on_frame(json.dumps(message).encode(), 1).generation == feed.generation == ""
