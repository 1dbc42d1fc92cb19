"""One frame in, one small event out: what proves a book, what casts doubt on it, and what is never lost."""

from __future__ import annotations

import json
import sys
import time
import zlib
from collections.abc import Callable
from decimal import Decimal

import pytest

from support import oracle
from tradewire._native import CoinexFeed
from tradewire.book import Level2Book, asks_numpy, bids_numpy
from tradewire.errors import FrameError, NotSynced

BIDS = [("30000.5", "0.4"), ("30000", "1.25"), ("29999.5", "0.031")]
ASKS = [("30001", "0.7"), ("30001.5", "2"), ("30002", "0.0005")]
FULL_CRC = 1483791114
DELTA_CRC = 300422186


@pytest.fixture
def feed() -> CoinexFeed:
    return CoinexFeed()


@pytest.fixture
def book(feed: CoinexFeed) -> Level2Book:
    book = feed.add_book("BTCUSDT", 5)
    feed.on_frame(oracle.packed(oracle.depth_json(BIDS, ASKS, FULL_CRC, updated_at=1000)), 10)
    assert book.status == "synced"
    return book


def delta(checksum: object, *, updated_at: int = 1001) -> bytes:
    changes = [["30000", "0"], ["29999", "3"]], [["30001", "0.55"]]
    return oracle.packed(oracle.depth_json(*changes, checksum, is_full=False, updated_at=updated_at))


def test_the_venues_worked_example(feed: CoinexFeed, book: Level2Book) -> None:
    assert book.texts() == (BIDS, ASKS)
    event = feed.on_frame(delta(DELTA_CRC), 20)
    assert (event.kind, event.topic, event.market) == ("book", "depth.update", "BTCUSDT")
    assert (event.change, event.reason, event.payload) == ("delta", "", b"")
    assert event.book is book
    assert book.checksum == DELTA_CRC
    assert book.best_ask() == (Decimal(30001), Decimal("0.55"))
    assert (book.updated_at_ms, book.received_at_ns, book.proved_at_ns) == (1001, 20, 20)
    assert (book.updates, book.last) == (2, Decimal("1.5"))
    assert (feed.frames, feed.checksums_ok, feed.checksums_failed) == (2, 2, 0)


@pytest.mark.parametrize("checksum", [-1464012981, "-1464012981", 2830954315, "2830954315"])
def test_a_checksum_may_be_signed_or_text(feed: CoinexFeed, checksum: object) -> None:
    book = feed.add_book("SHIBUSDT", 5)
    asks = [("0.00000012", "150000"), ("0.00000013", "1")]
    feed.on_frame(oracle.packed(oracle.depth_json([], asks, checksum, market="SHIBUSDT")), 1)
    assert book.is_synced


@pytest.mark.parametrize("checksum", [DELTA_CRC ^ 1, 0, "0", -1])
def test_a_failed_checksum_is_suspect_until_one_matches(
    feed: CoinexFeed, book: Level2Book, checksum: object
) -> None:
    event = feed.on_frame(delta(checksum), 20)
    assert (event.change, event.reason) == ("delta", "checksum_mismatch")
    with pytest.raises(NotSynced, match="checksum_mismatch"):
        book.best_bid()
    assert feed.checksums_failed == 1
    assert book.proved_at_ns == 10
    assert feed.on_frame(delta(DELTA_CRC, updated_at=1002), 30).reason == ""
    assert book.is_synced


def test_a_difference_before_a_snapshot_is_not_applied(feed: CoinexFeed) -> None:
    book = feed.add_book("BTCUSDT", 5)
    event = feed.on_frame(delta(DELTA_CRC), 1)
    assert (event.change, event.reason) == ("ignored", "delta_before_snapshot")
    assert (book.status, book.texts(unsynced_ok=True)) == ("suspect", ([], []))


def test_an_older_push_is_ignored_and_an_equal_one_is_not(feed: CoinexFeed, book: Level2Book) -> None:
    event = feed.on_frame(delta(0, updated_at=999), 20)
    assert (event.change, event.reason, event.proved) == ("ignored", "stale_push", False)
    assert (book.texts(), book.proved_at_ns, feed.stale_pushes) == ((BIDS, ASKS), 10, 1)
    assert feed.on_frame(delta(DELTA_CRC, updated_at=1000), 30).change == "delta"


def test_a_book_whose_venue_set_its_clock_back_follows_the_next_whole_push(
    feed: CoinexFeed, book: Level2Book
) -> None:
    bids, asks = [("90", "2")], [("91", "2")]
    whole = oracle.depth_json(bids, asks, zlib.crc32(b"90:2:91:2"), updated_at=400)
    wrong = oracle.depth_json(bids, asks, 7, updated_at=400)
    assert feed.on_frame(oracle.packed(wrong), 20).reason == "stale_push"
    assert book.texts() == (BIDS, ASKS)
    event = feed.on_frame(oracle.packed(whole), 30)
    assert (event.change, event.reason, event.proved) == ("snapshot", "", True)
    assert (book.texts(), book.proved_at_ns, book.updated_at_ms) == ((bids, asks), 30, 400)
    later = oracle.depth_json([("90", "3")], None, zlib.crc32(b"90:3:91:2"), is_full=False, updated_at=401)
    assert feed.on_frame(oracle.packed(later), 40).proved


def test_levels_in_scientific_notation_are_read_as_rest_reads_them(feed: CoinexFeed) -> None:
    book = feed.add_book("BTCUSDT", 5)
    bids, asks = [("1.001E+2", "1E-8")], [("100.2", "3e3")]
    frame = oracle.depth_json(bids, asks, zlib.crc32(b"1.001E+2:1E-8:100.2:3e3"))
    assert feed.on_frame(oracle.packed(frame), 1).proved
    assert book.best_bid() == (Decimal("1.001E+2"), Decimal("1E-8"))
    assert book.best_ask() == (Decimal("100.2"), Decimal("3e3"))
    assert book.texts() == (bids, asks)


def test_the_age_of_the_last_proof_limits_reading(feed: CoinexFeed) -> None:
    book = feed.add_book("BTCUSDT", 5)
    assert book.age_ns is None
    with pytest.raises(NotSynced) as never:
        book.mid(unsynced_ok=True, max_age_ns=10**18)
    assert (never.value.reason, never.value.age_ns) == ("too_old", None)
    whole = oracle.packed(oracle.depth_json(BIDS, ASKS, FULL_CRC, updated_at=1000))
    feed.on_frame(whole, time.time_ns() - 10**9)
    age_ns = book.age_ns
    assert age_ns is not None
    assert 10**9 <= age_ns < 60 * 10**9
    assert book.mid(max_age_ns=60 * 10**9) == book.mid()
    with pytest.raises(NotSynced, match="max_age_ns is 1000") as caught:
        book.best_bid(max_age_ns=1000)
    error = caught.value
    assert (error.market, error.status, error.reason) == ("BTCUSDT", "synced", "too_old")
    assert error.age_ns is not None
    assert error.age_ns >= age_ns
    # A proof in the future: the clock was set back, and no age can be known.
    feed.on_frame(whole, time.time_ns() + 3600 * 10**9)
    with pytest.raises(NotSynced, match="was proved -"):
        book.best_bid(max_age_ns=10**18)


def test_every_reading_method_takes_a_greatest_age(feed: CoinexFeed, book: Level2Book) -> None:
    readings: list[Callable[[], object]] = [
        lambda: book.best_bid(max_age_ns=1),
        lambda: book.best_ask(max_age_ns=1),
        lambda: book.bids(max_age_ns=1),
        lambda: book.asks(max_age_ns=1),
        lambda: book.levels("buy", max_age_ns=1),
        lambda: book.texts(max_age_ns=1),
        lambda: book.mid(max_age_ns=1),
        lambda: book.spread(max_age_ns=1),
        lambda: book.best_float(max_age_ns=1),
        lambda: book.mid_float(max_age_ns=1),
        lambda: book.micro_price_float(max_age_ns=1),
        lambda: book.imbalance_float(max_age_ns=1),
        lambda: book.vwap("buy", Decimal(1), max_age_ns=1),
        lambda: book.size_to_price("buy", Decimal(1), max_age_ns=1),
        lambda: book.levels_f64("buy", max_age_ns=1),
        lambda: book.best_ticks(max_age_ns=1),
        lambda: bids_numpy(book, max_age_ns=1),
        lambda: asks_numpy(book, max_age_ns=1),
    ]
    for read in readings:
        with pytest.raises(NotSynced, match="max_age_ns"):
            read()


def test_a_missing_checksum_proves_nothing(feed: CoinexFeed, book: Level2Book) -> None:
    feed.on_frame(delta(None), 20)
    assert (book.status, book.reason) == ("suspect", "no_checksum")


def test_a_missing_side_is_unchanged(feed: CoinexFeed, book: Level2Book) -> None:
    model = oracle.DictBook(5)
    model.snapshot(BIDS, ASKS)
    model.set("sell", "30001", "9")
    frame = oracle.depth_json(None, [("30001", "9")], model.checksum, is_full=False, updated_at=1001)
    assert feed.on_frame(oracle.packed(frame), 20).reason == ""


@pytest.mark.parametrize(
    "level", [["1"], ["1", 2], [1, "2"], ["1", "x"], ["-1", "1"], ["1", "-1"], "1:2", None]
)
def test_a_malformed_level_spoils_its_own_book_only(
    feed: CoinexFeed, book: Level2Book, level: object
) -> None:
    other = feed.add_book("ETHUSDT", 5)
    other_frame = oracle.depth_json([("1", "1")], [], zlib.crc32(b"1:1"), market="ETHUSDT")
    feed.on_frame(oracle.packed(other_frame), 11)
    feed.on_frame(oracle.packed(oracle.depth_json([level], [], 0, is_full=False, updated_at=1001)), 20)
    assert (book.status, book.reason) == ("suspect", "bad_level")
    assert other.is_synced


@pytest.mark.parametrize(
    ("frame", "kind"),
    [
        (oracle.packed(b'{"method":'), "unexpected_end"),
        (oracle.packed(b'{"method":"\xff"}'), "invalid_utf8"),
        (delta(DELTA_CRC)[:-9], None),
        (delta(DELTA_CRC)[:40] + b"\x00\x00" + delta(DELTA_CRC)[42:], None),
        (oracle.packed(b"[" * 200), "too_deep"),
        (oracle.packed(b"<html>bad gateway</html>"), None),
        (b"\x1f\x8b", None),
        (b"", None),
    ],
)
def test_an_unreadable_frame_casts_doubt_on_every_synced_book(
    feed: CoinexFeed, book: Level2Book, frame: bytes, kind: str | None
) -> None:
    fresh = feed.add_book("ETHUSDT", 5)
    with pytest.raises(FrameError) as caught:
        feed.on_frame(frame, 20)
    assert kind in (None, caught.value.kind)
    assert caught.value.kind
    assert len(caught.value.excerpt) <= 200
    assert (book.status, book.reason) == ("suspect", "unreadable_frame")
    assert fresh.status == "syncing"
    assert feed.on_frame(delta(DELTA_CRC), 30).reason == ""


def test_a_bomb_is_refused_within_its_bounds() -> None:
    feed = CoinexFeed(max_frame_bytes=1 << 16)
    with pytest.raises(FrameError):
        feed.on_frame(oracle.packed(b" " * (1 << 24)), 1)
    with pytest.raises(FrameError):
        feed.on_frame(b'"' + b"a" * (1 << 17) + b'"', 1)


@pytest.mark.parametrize("pack", [bytes, oracle.packed, zlib.compress], ids=["text", "gzip", "zlib"])
def test_text_gzip_and_zlib_frames_are_read(feed: CoinexFeed, pack: Callable[[bytes], bytes]) -> None:
    payload = b'{"id":7,"code":20001,"message":"invalid \\u0061rgument","data":{}}'
    event = feed.on_frame(pack(payload), 5)
    assert (event.kind, event.id, event.code, event.message) == ("reply", 7, "20001", "invalid argument")
    assert (event.payload, event.received_at_ns, event.book) == (payload, 5, None)


@pytest.mark.parametrize(
    "buffer",
    [
        bytes,
        bytearray,
        memoryview,
    ],
)
def test_any_buffer_is_a_frame(feed: CoinexFeed, buffer: Callable[[bytes], bytes]) -> None:
    assert feed.on_frame(buffer(oracle.packed(b'{"id":1,"code":0,"message":"OK"}')), 1).id == 1


@pytest.mark.parametrize(
    ("method", "kind"), [("deals.update", "trades"), ("bbo.update", "bbo"), ("order.update", "push")]
)
def test_other_pushes_are_handed_up_whole(feed: CoinexFeed, method: str, kind: str) -> None:
    payload = json.dumps({"data": {"market": "BTCUSDT"}, "id": None, "method": method}).encode()
    event = feed.on_frame(oracle.packed(payload), 1)
    assert (event.kind, event.topic, event.market, event.payload) == (kind, method, "BTCUSDT", payload)


@pytest.mark.parametrize("payload", [b"[]", b"1", b"{}", b'{"id":1}', b'{"id":null}', b'"text"'])
def test_what_is_nothing_we_know_is_handed_up_whole(
    feed: CoinexFeed, book: Level2Book, payload: bytes
) -> None:
    event = feed.on_frame(oracle.packed(payload), 20)
    assert (event.kind, event.payload) == ("unrecognised", payload)
    assert event.reason
    assert book.is_synced


def test_depth_of_a_market_without_a_book_is_handed_up_whole(feed: CoinexFeed, book: Level2Book) -> None:
    payload = oracle.depth_json(BIDS, ASKS, FULL_CRC, market="ETHUSD_SIGNPRICE")
    event = feed.on_frame(oracle.packed(payload), 20)
    assert (event.kind, event.reason, event.market) == ("unrecognised", "no_such_book", "ETHUSD_SIGNPRICE")
    assert event.payload == payload
    assert book.is_synced


def test_a_lost_connection_makes_books_stale(feed: CoinexFeed, book: Level2Book) -> None:
    feed.disconnected()
    assert (book.status, book.reason) == ("stale", "disconnected")
    with pytest.raises(NotSynced):
        book.mid()
    assert book.texts(unsynced_ok=True) == (BIDS, ASKS)


def test_a_book_whose_feeder_was_cancelled_says_so(feed: CoinexFeed, book: Level2Book) -> None:
    feed.disconnected("the task that feeds it was cancelled")
    assert (book.status, book.reason) == ("stale", "the task that feeds it was cancelled")
    with pytest.raises(NotSynced, match="was cancelled") as caught:
        book.mid()
    assert caught.value.reason == book.reason
    assert feed.on_frame(delta(DELTA_CRC), 20).proved
    assert book.reason == ""


def test_a_removed_book_never_shows_the_market_that_came_after_it(feed: CoinexFeed, book: Level2Book) -> None:
    feed.remove_book("BTCUSDT")
    assert (book.status, book.reason) == ("stale", "removed")
    later = feed.add_book("ETHUSDT", 5)
    frame = oracle.depth_json([("1", "1")], [], zlib.crc32(b"1:1"), market="ETHUSDT")
    assert feed.on_frame(oracle.packed(frame), 20).book is later
    assert later.is_synced
    assert (book.market, book.status, book.texts(unsynced_ok=True)) == ("BTCUSDT", "stale", (BIDS, ASKS))


def test_watching_and_leaving_for_ever_lets_books_go(feed: CoinexFeed) -> None:
    book = feed.add_book("BTCUSDT", 5)
    references = sys.getrefcount(book)
    feed.remove_book("BTCUSDT")
    assert sys.getrefcount(book) == references - 1


def test_a_resync_empties_the_book_and_says_why(feed: CoinexFeed, book: Level2Book) -> None:
    feed.resync("BTCUSDT", "checksum_mismatch")
    assert (book.status, book.texts(unsynced_ok=True)) == ("syncing", ([], []))
    assert feed.on_frame(delta(DELTA_CRC), 20).change == "ignored"
    feed.on_frame(oracle.packed(oracle.depth_json(BIDS, ASKS, FULL_CRC, updated_at=1)), 30)
    assert book.is_synced


def test_books_are_found_removed_and_added_again(feed: CoinexFeed, book: Level2Book) -> None:
    assert feed.book("BTCUSDT") is book
    assert feed.add_book("BTCUSDT", 5) is book
    assert book.status == "syncing"
    feed.remove_book("BTCUSDT")
    assert feed.book("BTCUSDT") is None
    assert not book.is_synced
    assert feed.add_book("BTCUSDT", 5) is not book
    feed.remove_book("NOSUCH")
