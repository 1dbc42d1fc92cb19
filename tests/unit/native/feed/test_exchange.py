"""Exchange's messages one by one: what each becomes, and what puts a book in doubt."""

from __future__ import annotations

import json
from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest

from support.oracle import l3_delta, l3_order, l3_snapshot
from tradewire._native import ExchangeFeed, FeedEvent, Level3Book
from tradewire.errors import NotSynced

D = Decimal
A, B, C, TAKER, TRADER = (f"5e0f3d2c-7777-4a1b-9c55-{number:012x}" for number in range(1, 6))
ABC, XYZ = "ABC-USD", "XYZ-USD"


def tell(feed: ExchangeFeed, message: Any) -> FeedEvent[Level3Book]:
    return feed.on_frame(json.dumps(message).encode(), 7)


def trades_of(event: FeedEvent[Level3Book]) -> list[tuple[str, str, int, int, str, int]]:
    return [
        (one.maker_order_id, one.taker_order_id, one.price, one.quantity, one.aggressor, one.sequence)
        for one in event.trades
    ]


def live() -> tuple[ExchangeFeed, Level3Book]:
    """Return a feed whose book stands at 41 with two asks and a bid."""
    feed = ExchangeFeed()
    book = feed.add_book(ABC)
    asks = [l3_order(A, "sell", 100, 5), l3_order(B, "sell", 101, 5)]
    event = tell(feed, l3_snapshot(41, [l3_order(C, "buy", 98, 2)], asks))
    assert (event.kind, event.topic, event.market, event.change) == ("book", "l3", ABC, "snapshot")
    assert (event.reason, event.answers, event.has_more, event.payload) == ("", "subscribe", False, b"")
    assert event.book is not None
    assert (event.book.sequence, book.is_synced) == (41, True)
    return feed, book


def added(order_id: str, side: str, price: Any, remaining: Any) -> dict[str, Any]:
    return {"kind": "order_added", "order": l3_order(order_id, side, price, remaining)}


def updated(order_id: str, side: str, price: Any, remaining: Any) -> dict[str, Any]:
    return {"kind": "order_updated", "order": l3_order(order_id, side, price, remaining)}


def removed(order_id: str, side: str = "SELL") -> dict[str, Any]:
    return {"kind": "order_removed", "order_id": order_id, "side": side, "price": 100}


def traded(maker: str, price: Any, quantity: Any) -> dict[str, Any]:
    trade = {"maker_order_id": maker, "taker_order_id": TAKER, "price": price, "quantity": quantity}
    return {"kind": "trade"} | trade


def test_a_delta_moves_the_book_and_tells_its_trades() -> None:
    feed, book = live()
    first = tell(feed, l3_delta(42, removed(A)))
    assert (first.kind, first.change, first.answers, first.has_more, first.trades) == (
        "book", "delta", "", False, [],
    )  # fmt: skip
    second = tell(feed, l3_delta(43, traded(A, 100, 5)))
    assert (second.has_more, trades_of(second)) == (True, [(A, TAKER, 100, 5, "buy", 43)])
    tell(feed, l3_delta(44, updated(B, "sell", 101, 2)))
    assert trades_of(tell(feed, l3_delta(45, traded(B, 101, 3)))) == [(B, TAKER, 101, 3, "buy", 45)]
    assert (book.orders("sell"), book.sequence, book.received_at_ns) == ([(B, 101, 2)], 45, 7)


def test_a_seller_who_takes_is_told_from_the_makers_side() -> None:
    feed, _ = live()
    tell(feed, l3_delta(42, removed(C, "BUY")))
    assert trades_of(tell(feed, l3_delta(43, traded(C, 98, 2)))) == [(C, TAKER, 98, 2, "sell", 43)]
    assert trades_of(tell(feed, l3_delta(44, traded(TRADER, 98, 2)))) == [(TRADER, TAKER, 98, 2, "", 44)]


def test_a_snapshot_replaces_every_order() -> None:
    feed, book = live()
    tell(feed, l3_snapshot(3, [l3_order(A, "buy", 7, 1)], []))
    assert (book.orders("buy"), book.orders("sell"), book.sequence) == ([(A, 7, 1)], [], 3)


def test_the_largest_numbers_are_exact() -> None:
    feed, book = live()
    most = 2**64 - 1
    tell(feed, l3_snapshot(most, [l3_order(A, "buy", most, most), l3_order(B, "buy", most, most)], []))
    assert (book.sequence, book.best_bid()) == (most, (D(most), D(2 * most)))


@pytest.mark.parametrize(
    "order",
    [
        ("type", "channel", "market", "sequence", "events"),
        ("events", "sequence", "market", "channel", "type"),
    ],
)
def test_members_may_come_in_any_order(order: tuple[str, ...]) -> None:
    feed, book = live()
    added_backwards = dict(reversed(added(TAKER, "buy", 99, 1).items()))
    message = l3_delta(44, added_backwards, dict(reversed(removed(A).items())), traded(A, 100, 1))
    event = tell(feed, {name: message[name] for name in order})
    assert (event.reason, trades_of(event)) == ("", [(A, TAKER, 100, 1, "buy", 44)])
    assert (book.best_ask(), book.best_bid()) == ((D(101), D(5)), (D(99), D(1)))
    snapshot = l3_snapshot(50, [l3_order(A, "buy", 7, 1)], [l3_order(B, "sell", 9, 1)])
    tell(feed, dict(reversed(snapshot.items())))
    assert (book.orders("buy"), book.orders("sell")) == ([(A, 7, 1)], [(B, 9, 1)])


def test_what_is_not_known_beside_the_known_is_left_alone() -> None:
    feed, book = live()
    order = l3_order(TAKER, "buy", 99, 1) | {"iceberg": {"price": -1.5}, "flags": [None]}
    event = tell(feed, l3_delta(42, {"kind": "order_added", "order": order, "x": 1}) | {"y": {"sequence": 9}})
    assert (event.reason, book.best_bid()) == ("", (D(99), D(1)))


def test_escapes_and_spaces_read_as_what_they_mean() -> None:
    feed, book = live()
    text = json.dumps(l3_delta(42, removed(A)), indent=3).replace("delta", "d\\u0065lta")
    text = text.replace("order_removed", "order\\u005fremoved").replace('"kind"', '"k\\u0069nd"')
    assert feed.on_frame(text.encode(), 8).reason == ""
    assert book.best_ask() == (D(101), D(5))


def test_any_buffer_is_a_frame() -> None:
    feed, book = live()
    feed.on_frame(bytearray(json.dumps(l3_delta(42, removed(A))).encode()), 8)
    feed.on_frame(memoryview(json.dumps(l3_delta(43, removed(B))).encode()), 9)
    assert (book.asks(), book.received_at_ns, feed.frames) == ([], 9, 3)


def test_a_gap_puts_its_book_in_doubt_and_no_other() -> None:
    feed, book = live()
    other = feed.add_book(XYZ)
    tell(feed, l3_snapshot(5, [], [], XYZ))
    event = tell(feed, l3_delta(43, removed(A)))
    assert (event.change, event.reason, feed.gaps) == ("delta", "sequence_gap", 1)
    assert (book.status, book.reason, other.status) == ("suspect", "sequence_gap", "synced")
    with pytest.raises(NotSynced, match="sequence_gap"):
        book.best_ask()
    assert tell(feed, l3_delta(44, removed(B))).change == "ignored"
    assert len(book.asks(unsynced_ok=True)) == 2


def test_quirk_1_a_call_to_resync_right_after_the_snapshot() -> None:
    feed, book = live()
    words = "market sequence gap detected; resubscribe for a fresh snapshot"
    message = {
        "type": "resync_required", "channel": "l3", "market": ABC, "expected_sequence": 42,
        "current_sequence": 40, "reason": words,
    }  # fmt: skip
    event = tell(feed, message)
    assert (event.kind, event.topic, event.change, event.reason) == (
        "book",
        "l3",
        "ignored",
        "resync_required",
    )
    assert (event.message, event.market, book.status) == (words, ABC, "suspect")
    tell(feed, l3_snapshot(41, [], []))
    assert book.is_synced


def test_quirk_2_events_whose_effects_the_snapshot_already_has() -> None:
    feed, book = live()
    for number, event in enumerate(
        [added(A, "sell", 100, 5), removed(TAKER), updated(TRADER, "sell", 99, 1)]
    ):
        assert tell(feed, l3_delta(42 + number, event)).reason == ""
    assert book.orders("sell") == [(A, 100, 5), (B, 101, 5)]


def test_quirk_3_numbers_out_of_order_are_a_gap_and_heal_with_a_snapshot() -> None:
    feed, book = live()
    assert tell(feed, l3_delta(43, removed(B))).reason == "sequence_gap"
    assert tell(feed, l3_delta(42, removed(A))).change == "ignored"
    tell(feed, l3_snapshot(43, [], []))
    assert (book.is_synced, book.asks()) == (True, [])


@pytest.mark.parametrize("expected", [None, 42])
def test_lag_of_the_market_queue_is_lag_of_the_book(expected: int | None) -> None:
    feed, book = live()
    lag = "market data lagged by 17 messages; resubscribe for a fresh snapshot"
    message = {"type": "resync_required", "channel": "l3", "market": ABC, "expected_sequence": expected}
    event = tell(feed, message | {"current_sequence": 99, "reason": lag})
    assert (event.reason, event.message, book.is_synced) == ("resync_required", lag, False)


@pytest.mark.parametrize(
    ("channel", "words"),
    [
        ("user", "user event stream lagged by 12 messages; refresh account state and reconnect if needed"),
        ("system", "system event stream lagged by 1 messages; refresh state if needed"),
        ("account", "admin reset all users"),
    ],
)
def test_calls_to_resync_the_account_leave_books_alone(channel: str, words: str) -> None:
    feed, book = live()
    event = tell(feed, {
        "type": "resync_required", "channel": channel, "market": None, "expected_sequence": None,
        "current_sequence": None, "reason": words,
    })  # fmt: skip
    assert (event.kind, event.topic, event.channel, event.message) == (
        "push",
        "resync_required",
        channel,
        words,
    )
    assert (event.market, event.generation, book.is_synced) == ("", "", True)


@pytest.mark.parametrize(
    ("message", "answers", "code"),
    [
        ({"type": "authenticated", "trader_id": TRADER, "username": "desk"}, "login", ""),
        ({"type": "unsubscribed", "channel": "l3", "market": ABC}, "unsubscribe", ""),
        ({"type": "error", "code": "invalid_api_key", "message": "m"}, "login", "invalid_api_key"),
        (
            {"type": "error", "code": "unsupported_channel", "message": "m"},
            "subscribe",
            "unsupported_channel",
        ),
    ],
)
def test_replies_say_what_they_answer(message: dict[str, Any], answers: str, code: str) -> None:
    feed, book = live()
    event = tell(feed, message)
    assert (event.kind, event.answers, event.code, event.id, event.topic) == (
        "reply",
        answers,
        code,
        None,
        "",
    )
    assert event.message == message.get("message", "")
    assert (event.generation, json.loads(event.payload), book.is_synced) == ("", message, True)


@pytest.mark.parametrize(
    ("message", "topic"),
    [
        ({"type": "heartbeat"}, "heartbeat"),
        ({"type": "error", "code": "invalid_message", "message": "invalid websocket message"}, "error"),
        ({"type": "error", "code": "brand_new", "message": "m"}, "error"),
        (
            {"type": "admin_message", "message": {"level": "info", "market": None, "body": "hi"}},
            "admin_message",
        ),
        ({"type": "ack", "op": "submit_order", "request_id": "r9"}, "ack"),
        ({"type": "ack", "op": "cancel_order", "request_id": None}, "ack"),
        (
            {
                "type": "reject",
                "op": "amend_order",
                "request_id": None,
                "code": "invalid_amend",
                "message": "m",
            },
            "reject",
        ),
    ],
)
def test_pushes_carry_their_short_members_and_the_whole_frame(message: dict[str, Any], topic: str) -> None:
    feed, book = live()
    event = tell(feed, message)
    words = message.get("message", "")
    assert (event.kind, event.topic, event.op) == ("push", topic, message.get("op", ""))
    assert (event.request_id, event.code) == (message.get("request_id"), message.get("code", ""))
    assert (event.message, event.answers) == (words if isinstance(words, str) else "", "")
    assert (json.loads(event.payload), event.received_at_ns, book.is_synced) == (message, 7, True)


def test_an_order_of_ours() -> None:
    feed, _ = live()
    order = {
        "id": A, "trader_id": TRADER, "market": ABC, "side": "SELL", "price": 205, "quantity": 7, "remaining": 4,
        "created_at": "2026-04-02T09:30:00.125Z",
    }  # fmt: skip
    event = tell(feed, {"type": "order_state", "order": order, "status": "canceled"})
    assert (event.kind, event.topic, event.market, event.status) == ("push", "order_state", ABC, "canceled")
    found = event.order
    assert found is not None
    assert (found.order_id, found.trader_id, found.market, found.side) == (A, TRADER, ABC, "sell")
    assert (found.price, found.quantity, found.remaining) == (205, 7, 4)
    assert found.created_at_ns == 1_775_122_200_125_000_000
    assert found == event.order
    assert repr(found) == f"OwnOrder(sell 4 of 7 {ABC} at 205, id {A})"
    assert (event.fill, event.trades, event.book) == (None, [], None)


def test_a_fill_of_ours() -> None:
    feed, _ = live()
    fill = {
        "fill_id": C, "market": ABC, "maker_order_id": B, "taker_order_id": A, "price": 206, "quantity": 3,
        "occurred_at": "2026-04-02T09:30:00.126000+00:00",
    }  # fmt: skip
    event = tell(feed, {"type": "fill", "fill": fill})
    assert (event.kind, event.topic, event.market) == ("push", "fill", ABC)
    found = event.fill
    assert found is not None
    assert (found.fill_id, found.market, found.maker_order_id, found.taker_order_id) == (C, ABC, B, A)
    assert (found.price, found.quantity, found.time_ns) == (206, 3, 1_775_122_200_126_000_000)
    assert found == event.fill
    assert repr(found) == f"OwnFill(3 {ABC} at 206, id {C})"
    assert event.order is None


@pytest.mark.parametrize(
    ("message", "reason", "market"),
    [
        (
            {"type": "telemetry", "sequence": "1", "order": 7, "request_id": 1, "events": {}},
            "unknown_frame",
            "",
        ),
        ({"type": "snapshot", "channel": "l4", "market": ABC, "bids": 1}, "unknown_frame", ABC),
        ({"type": "delta", "market": ABC, "sequence": 42, "events": []}, "unknown_frame", ABC),
        ({"op": "subscribe"}, "unknown_frame", ""),
        ({}, "unknown_frame", ""),
        ([], "unknown_frame", ""),
        ("heartbeat", "unknown_frame", ""),
        (None, "unknown_frame", ""),
        (l3_snapshot(1, [], [], XYZ), "no_such_book", XYZ),
        (l3_delta(42, market=XYZ), "no_such_book", XYZ),
    ],
)
def test_what_is_not_known_is_said_to_be(message: Any, reason: str, market: str) -> None:
    feed, book = live()
    event = tell(feed, message)
    assert (event.kind, event.reason, event.market, event.generation) == ("unrecognised", reason, market, "")
    assert (json.loads(event.payload), book.is_synced) == (message, True)


def test_an_event_of_an_unknown_kind_puts_the_book_in_doubt() -> None:
    feed, book = live()
    event = tell(feed, l3_delta(42, {"kind": "order_replaced", "price": -1.5}))
    assert (event.reason, book.status) == ("unknown_event", "suspect")


@pytest.mark.parametrize(
    "event",
    [updated(A, "sell", 101, 5), updated(A, "buy", 100, 5), removed(A, "BUY")],
    ids=["price", "side", "removed side"],
)
def test_an_event_that_contradicts_the_book_does_not_keep_it_synced(event: dict[str, Any]) -> None:
    feed, book = live()
    told = tell(feed, l3_delta(42, event))
    assert (told.change, told.reason, told.proved) == ("delta", "contradicts_book", False)
    assert (book.status, book.reason) == ("suspect", "contradicts_book")
    assert tell(feed, l3_delta(43, removed(B))).proved is False
    assert tell(feed, l3_snapshot(43, [], [])).proved


def test_an_order_that_grows_contradicts_the_book() -> None:
    feed, book = live()
    assert tell(feed, l3_delta(42, updated(A, "sell", 100, 4))).proved
    assert tell(feed, l3_delta(43, updated(A, "sell", 100, 5))).reason == "contradicts_book"
    assert not book.is_synced


def test_the_age_of_the_last_proof_limits_reading() -> None:
    feed, book = live()
    assert book.age_ns is not None
    assert book.best_bid(max_age_ns=2**63 - 1) == (D(98), D(2))
    readings: list[Callable[[], object]] = [
        lambda: book.best_bid(max_age_ns=1),
        lambda: book.best_ask(max_age_ns=1),
        lambda: book.bids(max_age_ns=1),
        lambda: book.asks(max_age_ns=1),
        lambda: book.levels("buy", max_age_ns=1),
        lambda: book.orders("buy", max_age_ns=1),
        lambda: book.order(A, max_age_ns=1),
        lambda: book.queue(A, max_age_ns=1),
        lambda: book.own_orders(max_age_ns=1),
        lambda: book.mid(max_age_ns=1),
        lambda: book.spread(max_age_ns=1),
        lambda: book.best_float(max_age_ns=1),
        lambda: book.mid_float(max_age_ns=1),
        lambda: book.micro_price_float(max_age_ns=1),
        lambda: book.imbalance_float(max_age_ns=1),
        lambda: book.vwap("buy", 1, max_age_ns=1),
        lambda: book.size_to_price("buy", 1, max_age_ns=1),
        lambda: book.best_ticks(max_age_ns=1),
    ]
    for read in readings:
        with pytest.raises(NotSynced) as caught:
            read()
        assert (caught.value.reason, caught.value.status) == ("too_old", "synced")
    feed.remove_book(ABC)
    assert (book.status, book.reason) == ("stale", "removed")


def test_books_are_added_once_and_let_go() -> None:
    feed, book = live()
    assert feed.book(ABC) is book
    assert feed.add_book(ABC) is book
    assert (book.status, len(book)) == ("syncing", 0)
    feed.remove_book(ABC)
    feed.remove_book(ABC)
    assert (feed.book(ABC), book.status) == (None, "stale")
    assert tell(feed, l3_snapshot(1, [], [])).reason == "no_such_book"
    again = feed.add_book(ABC)
    assert again is not book
    tell(feed, l3_snapshot(1, [], []))
    assert (again.is_synced, book.status) == (True, "stale")


def test_a_lost_connection_is_stale_and_a_resync_empties() -> None:
    feed, book = live()
    feed.disconnected()
    assert (book.status, book.reason, len(book)) == ("stale", "disconnected", 3)
    feed.resync(ABC, "disconnected")
    assert (book.status, book.reason, len(book), book.sequence) == ("syncing", "disconnected", 0, 0)
    feed.resync(ABC, "the operator asked for it")
    assert book.reason == "the operator asked for it"
    feed.disconnected("client closed")
    assert (book.status, book.reason) == ("stale", "client closed")
    feed.resync("NO-SUCH")


def test_the_repr_names_kind_topic_and_market() -> None:
    feed, _ = live()
    assert repr(tell(feed, l3_delta(42, removed(A)))) == 'FeedEvent(book, "l3", "ABC-USD")'
