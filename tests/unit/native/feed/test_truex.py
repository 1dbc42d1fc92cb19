"""TrueX frames into books: snapshots, absolute levels, sequences by channel, empty sides, and what is refused."""

from __future__ import annotations

import json
from decimal import Decimal
from typing import Any

import pytest

from tradewire._native import FeedEvent, Level2Book, TruexFeed
from tradewire.errors import FrameError, NotSynced

D = Decimal
LOWEST = "-170141183460469231731.687303715884105728"
HIGHEST = "170141183460469231731.687303715884105727"
BTC, ETH = "BTC-PYUSD", "ETH-PYUSD"


def level(price: str, size: str, orders: str = "1") -> dict[str, str]:
    return {"price": price, "qty": size, "order_count": orders}


def depth(update: str, seqnum: Any, bids: list[Any], asks: list[Any], symbol: str = BTC) -> dict[str, Any]:
    data = {"symbol": symbol, "bids": bids, "asks": asks}
    return {"seqnum": seqnum, "channel": "DEPTH", "update": update, "status": "AUTHENTICATED", "data": data}


def tell(feed: TruexFeed, **frame: Any) -> FeedEvent[Level2Book]:
    return feed.on_frame(json.dumps(frame).encode(), 7)


def live(*, coalesced: bool = False) -> tuple[TruexFeed, Level2Book]:
    feed = TruexFeed(coalesced=coalesced)
    book = feed.add_book(BTC)
    event = tell(
        feed, **depth("SNAPSHOT", "41", [level("64000.0", "0.5000", "2")], [level("64005.5", "0.2500")])
    )
    assert (event.kind, event.change, event.reason, event.seqnum) == ("book", "snapshot", "", 41)
    assert book.is_synced
    return feed, book


def test_a_snapshot_replaces_and_counts_orders() -> None:
    feed, book = live()
    assert book.levels("buy") == [(D("64000.0"), D("0.5000"), 2)]
    tell(feed, **depth("SNAPSHOT", "41", [level("63999.0", "1")], []))
    assert book.levels("buy") == [(D("63999.0"), D("1"), 1)]
    assert book.asks() == []


def test_levels_are_absolute_and_nothing_removes_one() -> None:
    feed, book = live()
    tell(feed, **depth("UPDATE", "41", [level("64000.0", "0.7", "3")], [level("64006", "1")]))
    tell(feed, **depth("UPDATE", "42", [level("64000.00", "0", "0")], []))
    assert book.bids() == []
    assert book.asks() == [(D("64005.5"), D("0.2500")), (D("64006"), D("1"))]


def test_a_lost_update_right_after_the_first_snapshot_is_not_taken_for_a_habit() -> None:
    feed, book = live()
    event = tell(feed, **depth("UPDATE", "42", [level("64000.0", "9")], []))
    assert (event.reason, book.status, book.reason) == ("sequence_gap", "suspect", "sequence_gap")
    tell(feed, **depth("SNAPSHOT", "43", [level("64000.0", "1")], []))
    tell(feed, **depth("UPDATE", "43", [level("64000.0", "2")], []))
    assert book.best_bid() == (D("64000.0"), D("2"))


def test_a_venue_whose_snapshots_use_their_numbers_up_is_believed_the_second_time() -> None:
    feed, book = live()
    tell(feed, **depth("UPDATE", "42", [level("64000.0", "9")], []))
    assert not book.is_synced
    tell(feed, **depth("SNAPSHOT", "43", [level("64000.0", "1")], []))
    tell(feed, **depth("UPDATE", "44", [level("64000.0", "2")], []))
    assert book.best_bid() == (D("64000.0"), D("2"))
    tell(feed, **depth("UPDATE", "46", [level("64000.0", "3")], []))
    assert not book.is_synced


@pytest.mark.parametrize("first", ["41", 41])
def test_the_first_update_carries_the_snapshots_number(first: str | int) -> None:
    feed, book = live()
    assert tell(feed, **depth("UPDATE", first, [level("64000.0", "9")], [])).reason == ""
    assert tell(feed, **depth("UPDATE", int(first) + 1, [level("64000.0", "8")], [])).reason == ""
    assert book.best_bid() == (D("64000.0"), D("8"))


def test_once_an_update_repeated_a_snapshots_number_the_next_one_is_a_gap() -> None:
    """Whether snapshots use a number up is not published; what the venue did once, it does again."""
    feed, book = live()
    tell(feed, **depth("UPDATE", "41", [level("64000.0", "0.7")], []))
    assert book.is_synced
    feed.disconnected()
    tell(feed, **depth("SNAPSHOT", "50", [level("64000.0", "1")], []))
    assert book.is_synced
    tell(feed, **depth("UPDATE", "51", [level("64000.0", "2")], []))
    assert (book.status, book.reason, feed.gaps) == ("suspect", "sequence_gap", 1)


def test_a_jump_puts_every_book_in_doubt_until_its_snapshot() -> None:
    feed, book = live()
    other = feed.add_book(ETH)
    tell(feed, **depth("SNAPSHOT", "41", [level("3000", "1")], [], ETH))
    event = tell(feed, **depth("UPDATE", "43", [level("64000.0", "9")], []))
    assert (event.reason, event.message) == ("sequence_gap", "expected 41, was 43")
    assert (book.status, other.status, feed.gaps) == ("suspect", "suspect", 1)
    with pytest.raises(NotSynced):
        book.best_bid()
    assert tell(feed, **depth("UPDATE", "44", [level("64000.0", "9")], [])).change == "ignored"
    tell(feed, **depth("SNAPSHOT", "45", [level("64000.0", "2")], []))
    assert book.is_synced
    assert not other.is_synced


def test_symbols_of_a_channel_share_its_count_and_channels_do_not() -> None:
    feed, book = live()
    feed.add_book(ETH)
    tell(feed, **depth("UPDATE", "41", [level("64000.0", "1")], []))
    tell(feed, **depth("SNAPSHOT", "42", [level("3000", "1")], [], ETH))
    tell(feed, **depth("UPDATE", "42", [level("3000", "2")], [], ETH))
    tell(feed, seqnum="7", channel="TRADE", update="UPDATE", status="AUTHENTICATED", data={"id": "1"})
    event = tell(feed, **depth("UPDATE", "43", [level("64000.0", "3")], []))
    assert (event.reason, book.best_bid()) == ("", (D("64000.0"), D("3")))


def test_an_old_number_changes_nothing_and_leaves_no_book_certain() -> None:
    feed, book = live()
    tell(feed, **depth("UPDATE", "41", [level("64000.0", "1")], []))
    assert tell(feed, **depth("UPDATE", "41", [level("64000.0", "9")], [])).reason == "sequence_gap"
    assert book.best_bid(unsynced_ok=True) == (D("64000.0"), D("1"))
    assert not book.is_synced


def test_numbers_that_begin_again_go_on_from_the_snapshot_and_leave_the_other_books_in_doubt() -> None:
    feed, book = live()
    other = feed.add_book(ETH)
    tell(feed, **depth("SNAPSHOT", "41", [level("3000", "1")], [], ETH))
    tell(feed, **depth("UPDATE", "41", [level("64000.0", "2")], []))
    event = tell(feed, **depth("SNAPSHOT", "1", [level("64000.0", "3")], []))
    assert (event.change, event.proved, event.message) == ("snapshot", True, "expected 42, was 1")
    assert (book.status, other.status, other.reason) == ("synced", "suspect", "sequence_gap")
    for number in range(1, 6):
        event = tell(feed, **depth("UPDATE", str(number), [level("64000.0", str(number))], []))
        assert (event.change, event.reason, event.proved) == ("delta", "", True)
        assert book.best_bid() == (D("64000.0"), D(number))


def test_an_update_that_comes_twice_is_no_proof_and_says_so() -> None:
    feed, book = live()
    tell(feed, **depth("UPDATE", "45", [], []))
    tell(feed, **depth("SNAPSHOT", "46", [level("64000.0", "1")], []))
    tell(feed, **depth("UPDATE", "46", [level("64000.0", "9")], [level("64001.0", "0", "0")]))
    proved_at_ns = book.proved_at_ns
    again = depth("UPDATE", "46", [level("64000.0", "9")], [level("64001.0", "0", "0")])
    event = feed.on_frame(json.dumps(again).encode(), 99)
    assert (event.change, event.reason, event.proved) == ("ignored", "stale_push", False)
    assert (book.proved_at_ns, feed.stale_pushes) == (proved_at_ns, 1)
    assert tell(feed, **depth("UPDATE", "47", [], [])).proved


@pytest.mark.parametrize("number", ["1", "46"])
def test_numbers_that_start_over_after_a_snapshot_are_no_repetitions_and_no_book_stays_certain(
    number: str,
) -> None:
    feed, book = live()
    other = feed.add_book(ETH)
    tell(feed, **depth("UPDATE", "45", [], []))
    tell(feed, **depth("SNAPSHOT", "46", [level("3000", "1")], [], ETH))
    tell(feed, **depth("SNAPSHOT", "46", [level("64000.0", "1")], []))
    tell(feed, **depth("UPDATE", "46", [], []))
    event = tell(feed, **depth("UPDATE", number, [level("64000.0", "9")], []))
    assert (event.change, event.reason, event.proved) == ("delta", "sequence_gap", False)
    assert event.message == f"expected 47, was {number}"
    assert [one.status for one in (book, other)] == ["suspect", "suspect"]
    event = tell(feed, **depth("SNAPSHOT", str(int(number) + 1), [level("64000.0", "9")], []))
    assert (event.proved, event.message) == (True, "")


@pytest.mark.parametrize("seqnum", [None, "absent"])
def test_an_update_without_a_number_is_not_applied_and_not_trusted(seqnum: str | None) -> None:
    feed, book = live()
    frame = depth("UPDATE", None, [level("64000.0", "9")], [])
    if seqnum == "absent":
        del frame["seqnum"]
    event = tell(feed, **frame)
    assert (event.change, event.reason, event.proved) == ("delta", "no_sequence", False)
    assert (book.status, book.reason) == ("suspect", "no_sequence")
    assert book.best_bid(unsynced_ok=True) == (D("64000.0"), D("0.5000"))
    assert tell(feed, **depth("SNAPSHOT", None, [level("1", "1")], [])).reason == "no_sequence"
    assert not book.is_synced
    assert tell(feed, **depth("SNAPSHOT", "41", [level("1", "1")], [])).proved


@pytest.mark.parametrize("price", ["0E-18", "-0", LOWEST.replace(".", "") + "e-18", HIGHEST])
def test_a_sentinel_in_another_spelling_is_an_empty_side(price: str) -> None:
    feed, book = live()
    tell(feed, **depth("SNAPSHOT", "50", [level(price, "0", "0")], [level("1e3", "5E-1", "1")]))
    assert (book.bids(), book.asks(), book.is_synced) == ([], [(D(1000), D("0.5"))], True)


def test_without_a_login_a_jump_means_nothing() -> None:
    feed, book = live(coalesced=True)
    assert tell(feed, **depth("UPDATE", "90", [level("64000.0", "9")], [])).reason == ""
    assert book.best_bid() == (D("64000.0"), D("9"))
    feed.coalesced = False
    assert tell(feed, **depth("UPDATE", "99", [], [])).reason == "sequence_gap"


def test_a_book_of_a_window_forgets_what_falls_out_of_it() -> None:
    feed = TruexFeed(limit=2)
    book = feed.add_book(BTC)
    tell(feed, **depth("SNAPSHOT", 1, [level("3", "1"), level("2", "1")], []))
    tell(feed, **depth("UPDATE", 1, [level("4", "1")], []))
    assert book.bids() == [(D(4), D(1)), (D(3), D(1))]
    tell(feed, **depth("UPDATE", 2, [level("4", "0"), level("2", "5")], []))
    assert book.bids() == [(D(3), D(1)), (D(2), D(5))]


@pytest.mark.parametrize("price", ["0", "0.0", "0.000000000000000000", LOWEST, HIGHEST])
def test_a_sentinel_is_an_empty_side(price: str) -> None:
    feed, book = live()
    tell(feed, **depth("SNAPSHOT", "50", [level(price, "0", "0")], [level(price, "5", "1")]))
    assert (book.bids(), book.asks(), book.is_synced) == ([], [], True)


def test_zeros_behind_a_price_are_no_reason_to_refuse_it() -> None:
    feed, book = live()
    tell(feed, **depth("SNAPSHOT", "50", [level("499999.500000000000000000", "1.000000000000000001")], []))
    assert book.best_bid() == (D("499999.5"), D("1.000000000000000001"))


def test_a_crossed_book_is_in_doubt() -> None:
    feed, book = live()
    assert tell(feed, **depth("UPDATE", "41", [level("64005.5", "1")], [])).reason == "crossed"
    assert book.status == "suspect"


def test_an_update_before_any_snapshot_is_left() -> None:
    feed = TruexFeed()
    book = feed.add_book(BTC)
    assert tell(feed, **depth("UPDATE", "3", [level("1", "1")], [])).change == "ignored"
    assert (book.status, len(book.bids(unsynced_ok=True))) == ("syncing", 0)


def test_confirmations_pushes_and_ends_of_snapshots_are_told_apart() -> None:
    feed, _ = live()
    reply = tell(feed, channel="WEBSOCKET", update="UPDATE", status="AUTHENTICATED", subscriptions=[])
    assert (reply.kind, reply.answers, reply.code) == ("reply", "oldest", "AUTHENTICATED")
    welcome = tell(feed, channel="WEBSOCKET", update="WELCOME", message="Welcome", version="1.0.5")
    assert (welcome.kind, welcome.topic) == ("push", "WELCOME")
    complete = tell(feed, channel="DEPTH", update="SNAPSHOT_COMPLETE", item=BTC)
    assert (complete.topic, complete.channel, complete.market) == ("SNAPSHOT_COMPLETE", "DEPTH", BTC)
    report = tell(feed, seqnum="1", channel="DROPCOPY", update="UPDATE", data={"id": "9"})
    assert (report.topic, report.change, json.loads(report.payload)["data"]) == (
        "DROPCOPY",
        "delta",
        {"id": "9"},
    )


def test_a_gap_in_a_channel_without_a_book_shows_on_its_push() -> None:
    feed, book = live()
    tell(feed, seqnum="1", channel="DROPCOPY", update="UPDATE", data={})
    gap = tell(feed, seqnum="3", channel="DROPCOPY", update="UPDATE", data={})
    assert (gap.reason, gap.message, book.is_synced) == ("sequence_gap", "expected 2, was 3", True)


@pytest.mark.parametrize(
    ("frame", "reason"),
    [
        ({"channel": "FUTURES", "update": "UPDATE", "data": {}}, "unknown_frame"),
        ({"channel": "DEPTH", "update": "RESTATED", "data": {}}, "unknown_frame"),
        ({}, "unknown_frame"),
        (depth("UPDATE", "1", [], [], "NO-SUCH"), "no_such_book"),
    ],
)
def test_what_is_not_known_is_said_to_be(frame: dict[str, Any], reason: str) -> None:
    feed, book = live()
    event = feed.on_frame(json.dumps(frame).encode(), 7)
    assert (event.kind, event.reason) == ("unrecognised", reason)
    assert json.loads(event.payload) == frame
    assert book.is_synced


@pytest.mark.parametrize(
    "data",
    [
        {"bids": [], "asks": []},
        {"symbol": BTC, "bids": [{"price": "1"}], "asks": []},
        {"symbol": BTC, "bids": [{"price": 1, "qty": "1"}], "asks": []},
        {"symbol": BTC, "bids": {}, "asks": []},
        {"symbol": BTC, "bids": [level("1", "1", "-1")], "asks": []},
        {"symbol": BTC, "bids": [level("1", "1", "1.5")], "asks": []},
    ],
)
def test_depth_of_another_shape_is_refused_and_every_book_doubted(data: dict[str, Any]) -> None:
    feed, book = live()
    frame = {"channel": "DEPTH", "update": "UPDATE", "seqnum": "41", "data": data}
    with pytest.raises(FrameError):
        feed.on_frame(json.dumps(frame).encode(), 7)
    assert (book.status, book.reason) == ("suspect", "unreadable_frame")


@pytest.mark.parametrize("price", ["1e999", "-5", "-1e3", "one", "", "1" * 40])
def test_a_price_that_is_no_decimal_puts_the_book_in_doubt(price: str) -> None:
    feed, book = live()
    assert tell(feed, **depth("UPDATE", "41", [level(price, "1")], [])).reason == "bad_level"
    assert book.status == "suspect"


def test_every_truncation_of_a_frame_is_refused_or_changes_nothing() -> None:
    whole = json.dumps(depth("UPDATE", "41", [level("64000.0", "9")], [level("64005.5", "0")])).encode()
    for length in range(len(whole)):
        feed, book = live()
        with pytest.raises(FrameError):
            feed.on_frame(whole[:length], 7)
        assert book.status == "suspect"
        assert book.bids(unsynced_ok=True) == [(D("64000.0"), D("0.5000"))]


def test_a_frame_beyond_the_limit_is_refused() -> None:
    with pytest.raises(FrameError) as caught:
        TruexFeed(max_frame_bytes=10).on_frame(b'{"channel":"DEPTH"}', 7)
    assert caught.value.kind == "too_long"
