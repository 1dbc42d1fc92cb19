"""What a frame of Exchange must not be: refused with a kind and a place, and no book believed after it."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest

from support.oracle import is_json, l3_delta, l3_order, l3_snapshot
from tradewire._native import ExchangeFeed, Level3Book
from tradewire.errors import FrameError

MARKET = "ABC-USD"
ASK, BID, OTHER = (f"5e0f3d2c-7777-4a1b-9c55-{number:012x}" for number in range(1, 4))
MOST_EXCERPT_BYTES = 200

NOT_UNSIGNED = [1.0, 1.5, 1e3, -1, -0.0, 2**64, 10**40, "1", None, True, [], {}]
NOT_IDS = [
    "", "7", ASK.upper(), ASK.replace("-", ""), f"{ASK}0", f"{{{ASK}}}"[:36], 7, None, "g" + ASK[1:], "é" * 18,
    ASK.replace("-", "_"),
]  # fmt: skip
NOT_SIDES = ["buy", "Sell", "", 1, None, "BUY "]
NOT_TIMES = [
    "",
    "2026-04-02",
    "2026-02-30T00:00:00Z",
    "2026-04-02T09:30:00",
    "1969-12-31T23:59:59Z",
    1775122200,
    None,
]


def live() -> tuple[ExchangeFeed, Level3Book]:
    feed = ExchangeFeed()
    book = feed.add_book(MARKET)
    snapshot = l3_snapshot(41, [l3_order(BID, "buy", 98, 2)], [l3_order(ASK, "sell", 100, 5)])
    feed.on_frame(json.dumps(snapshot).encode(), 1)
    assert book.is_synced
    return feed, book


def refuse(frame: bytes) -> FrameError:
    """Expect a refusal that leaves the book as it was, and in doubt."""
    feed, book = live()
    with pytest.raises(FrameError) as caught:
        feed.on_frame(frame, 2)
    assert (book.status, book.reason, book.sequence) == ("suspect", "unreadable_frame", 41)
    assert (book.orders("buy", unsynced_ok=True), len(book)) == ([(BID, 98, 2)], 2)
    assert 0 <= caught.value.offset <= len(frame)
    assert len(caught.value.excerpt) <= MOST_EXCERPT_BYTES
    return caught.value


def refuse_message(message: Any) -> str:
    return refuse(json.dumps(message).encode()).kind


def own_order(**changes: Any) -> dict[str, Any]:
    order = {
        "id": ASK, "trader_id": OTHER, "market": MARKET, "side": "SELL", "price": 1, "quantity": 1, "remaining": 1,
        "created_at": "2026-04-02T09:30:00Z",
    }  # fmt: skip
    return {"type": "order_state", "order": order | changes, "status": "open"}


def own_fill(**changes: Any) -> dict[str, Any]:
    fill = {
        "fill_id": ASK, "market": MARKET, "maker_order_id": BID, "taker_order_id": OTHER, "price": 1, "quantity": 1,
        "occurred_at": "2026-04-02T09:30:00Z",
    }  # fmt: skip
    return {"type": "fill", "fill": fill | changes}


def book_order(**changes: Any) -> dict[str, Any]:
    return l3_delta(42, {"kind": "order_added", "order": l3_order(OTHER, "buy", 1, 1) | changes})


def update(**changes: Any) -> dict[str, Any]:
    return l3_delta(42, {"kind": "order_updated", "order": l3_order(ASK, "sell", 100, 1) | changes})


def removal(**changes: Any) -> dict[str, Any]:
    return l3_delta(42, {"kind": "order_removed", "order_id": ASK, "side": "SELL", "price": 1} | changes)


def trade(**changes: Any) -> dict[str, Any]:
    trade = {"maker_order_id": ASK, "taker_order_id": OTHER, "price": 1, "quantity": 1}
    return l3_delta(42, {"kind": "trade"} | trade | changes)


def resting(**changes: Any) -> dict[str, Any]:
    return l3_snapshot(50, [l3_order(OTHER, "buy", 1, 1) | changes], [])


Maker = Callable[..., dict[str, Any]]
FIELDS: list[tuple[Maker, str, list[Any]]] = [
    *[(make, name, NOT_UNSIGNED) for make in (book_order, update, resting) for name in ("price", "remaining")],
    *[(trade, name, NOT_UNSIGNED) for name in ("price", "quantity")],
    *[(own_order, name, NOT_UNSIGNED) for name in ("price", "quantity", "remaining")],
    *[(own_fill, name, NOT_UNSIGNED) for name in ("price", "quantity")],
    *[(make, "order_id", NOT_IDS) for make in (book_order, update, resting, removal)],
    *[(make, name, NOT_IDS) for make in (trade, own_fill) for name in ("maker_order_id", "taker_order_id")],
    *[(own_order, name, NOT_IDS) for name in ("id", "trader_id")],
    (own_fill, "fill_id", NOT_IDS),
    *[(make, "side", NOT_SIDES) for make in (book_order, update, resting, removal, own_order)],
    (own_order, "created_at", NOT_TIMES),
    (own_fill, "occurred_at", NOT_TIMES),
    *[(make, "market", [7, None, {}]) for make in (own_order, own_fill)],
]  # fmt: skip


@pytest.mark.parametrize(("make", "name", "wrong"), FIELDS)
def test_a_member_of_another_type_or_beyond_its_range_is_refused(
    make: Maker, name: str, wrong: list[Any]
) -> None:
    feed, _ = live()
    feed.on_frame(json.dumps(make()).encode(), 2)
    for value in wrong:
        assert refuse_message(make(**{name: value})) == "wrong_type", value


@pytest.mark.parametrize(
    ("make", "inner"),
    [
        (book_order, "order"),
        (update, "order"),
        (own_order, "order"),
        (own_fill, "fill"),
        (trade, ""),
        (removal, ""),
    ],
)
def test_a_missing_member_is_refused(make: Maker, inner: str) -> None:
    names = [
        name
        for name in _innermost(make(), inner)
        if name not in {"kind", "created_at"} and not (make is removal and name == "price")
    ]
    for name in names:
        message = make()
        del _innermost(message, inner)[name]
        assert refuse_message(message) == "missing_member", name


def _innermost(message: dict[str, Any], inner: str) -> dict[str, Any]:
    event: dict[str, Any] = message["events"][0] if "events" in message else message
    found: dict[str, Any] = event[inner] if inner else event
    return found


@pytest.mark.parametrize("sequence", NOT_UNSIGNED)
def test_a_sequence_that_is_no_number_is_refused(sequence: Any) -> None:
    for message in (l3_delta(sequence), l3_snapshot(sequence, [], [])):
        assert refuse_message(message) == "wrong_type"
    if sequence is not None:
        assert refuse_message(l3_delta(42) | {"start_sequence": sequence}) == "wrong_type"


@pytest.mark.parametrize(
    ("message", "kind"),
    [
        (l3_delta(42) | {"market": None}, "missing_member"),
        (l3_delta(42) | {"market": ""}, "missing_member"),
        (l3_delta(42) | {"events": None}, "wrong_type"),
        (l3_delta(42) | {"events": {}}, "wrong_type"),
        (l3_delta(42, None), "wrong_type"),
        (l3_delta(42, []), "wrong_type"),
        (l3_delta(42, {}), "missing_member"),
        (l3_delta(42, {"kind": ""}), "missing_member"),
        (l3_delta(42, {"kind": 7}), "wrong_type"),
        (l3_delta(42, {"kind": "order_added"}), "missing_member"),
        (l3_delta(42, {"kind": "order_added", "order": []}), "wrong_type"),
        (l3_delta(42, {"kind": "order_added", "order": None}), "wrong_type"),
        (l3_snapshot(42, [l3_order(OTHER, "sell", 1, 1)], []), "wrong_type"),
        (l3_snapshot(42, [], [l3_order(OTHER, "buy", 1, 1)]), "wrong_type"),
        (
            {"type": "snapshot", "channel": "l3", "market": MARKET, "sequence": 1, "bids": []},
            "missing_member",
        ),
        (
            {"type": "snapshot", "channel": "l3", "market": MARKET, "sequence": 1, "asks": []},
            "missing_member",
        ),
        ({"type": "delta", "channel": "l3", "market": MARKET, "sequence": 1}, "missing_member"),
        ({"type": "delta", "channel": "l3", "market": MARKET, "events": []}, "missing_member"),
        ({"type": "order_state", "status": "open"}, "missing_member"),
        ({"type": "fill"}, "missing_member"),
        ({"type": "fill", "fill": []}, "wrong_type"),
        ({"type": 7}, "wrong_type"),
        ({"type": None}, "wrong_type"),
        ({"type": "ack", "op": "submit_order", "request_id": 7}, "wrong_type"),
    ],
)
def test_a_message_of_another_shape_is_refused(message: Any, kind: str) -> None:
    assert refuse_message(message) == kind


@pytest.mark.parametrize(
    ("frame", "kind"),
    [
        (b"", "unexpected_end"),
        (b"   ", "unexpected_end"),
        (b"\x00", "unexpected_byte"),
        (b"\xef\xbb\xbf{}", "unexpected_byte"),
        (b'{"type":"heartbeat\xff"}', "invalid_utf8"),
        (b'{"type":"heartbeat","x":"\xed\xa0\x80"}', "invalid_utf8"),
        (b'{"type":"heart\nbeat"}', "invalid_string"),
        (b'{"type":"heart\\xbeat"}', "invalid_string"),
        (b'{"type":"heartbeat"}}', "trailing_data"),
        (b'{"type":"heartbeat"} {}', "trailing_data"),
        (b'{"type":"heartbeat"}\x00', "trailing_data"),
        (b'{"type":"heartbeat",}', "wrong_type"),
        (b'{"type":"heartbeat","x":01}', "invalid_number"),
        (b'{"type":"heartbeat","x":NaN}', "unexpected_byte"),
        (b'{"type":"heartbeat","x":+1}', "unexpected_byte"),
        (b"{'type':'heartbeat'}", "wrong_type"),
        (b'{"x":' + b"[" * 200 + b"]" * 200 + b"}", "too_deep"),
        (b'{"x":' * 200 + b"1" + b"}" * 200, "too_deep"),
    ],
)
def test_what_is_no_json_is_refused(frame: bytes, kind: str) -> None:
    assert not is_json(frame) or kind == "too_deep"
    assert refuse(frame).kind == kind


def test_events_may_not_nest_beyond_the_limit_either() -> None:
    nest = '{"kind":"order_added","order":{"x":' + "[" * 130 + "]" * 130 + "}}"
    frame = json.dumps(l3_delta(42)).replace("[]", f"[{nest}]").encode()
    assert refuse(frame).kind == "too_deep"


@pytest.mark.parametrize("make", [book_order, removal, trade, resting, own_order, own_fill])
def test_every_truncation_is_refused(make: Maker) -> None:
    whole = json.dumps(make()).encode()
    feed, book = live()
    snapshot = json.dumps(l3_snapshot(41, [], [])).encode()
    for length in range(len(whole)):
        feed.on_frame(snapshot, 1)
        with pytest.raises(FrameError):
            feed.on_frame(whole[:length], 2)
        assert (book.status, book.sequence, len(book)) == ("suspect", 41, 0)


@pytest.mark.parametrize("make", [book_order, removal, trade, resting, own_order, own_fill])
def test_a_byte_too_many_is_refused_wherever_it_breaks_the_json(make: Maker) -> None:
    whole = json.dumps(make()).encode()
    for at in range(len(whole) + 1):
        frame = whole[:at] + b"\x01" + whole[at:]
        feed, book = live()
        with pytest.raises(FrameError):
            feed.on_frame(frame, 2)
        assert not book.is_synced


def test_a_frame_beyond_the_limit_is_refused_before_it_is_read() -> None:
    feed = ExchangeFeed(max_frame_bytes=20)
    assert feed.on_frame(b'{"type":"heartbeat"}', 1).topic == "heartbeat"
    with pytest.raises(FrameError) as caught:
        feed.on_frame(b'{"type":"heartbeat"}\xff', 1)
    assert (caught.value.kind, feed.frames, feed.bytes_in) == ("too_long", 2, 41)


@pytest.mark.parametrize("frame", ["{}", None, 7, [b"{}"]])
def test_what_is_no_buffer_of_bytes_is_the_callers_fault(frame: Any) -> None:
    feed, book = live()
    with pytest.raises((TypeError, BufferError)):
        feed.on_frame(frame, 1)
    assert book.is_synced
