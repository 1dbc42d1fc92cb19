"""CoinEx by script, with the native feed: gzip frames and seconds in, requests, events and books out.

Frames are made with the standard library; the checksums are the fact sheet's worked examples or zlib's.
"""

from __future__ import annotations

import gzip
import json
import zlib
from decimal import Decimal
from typing import Any

import pytest

from tradewire._native import CoinexFeed, FeedEvent, Level2Book
from tradewire.errors import NotSynced
from tradewire.protocol import events
from tradewire.protocol.backoff import Backoff
from tradewire.protocol.channels import Channel
from tradewire.protocol.states import State
from tradewire.protocol.stream import StreamProtocol
from tradewire.venues.coinex.api import SPOT
from tradewire.venues.coinex.dialect import Dialect

D = Decimal
SECOND = 1_000_000_000
SNAPSHOT = {
    "bids": [["30000.5", "0.4"], ["30000", "1.25"], ["29999.5", "0.031"]],
    "asks": [["30001", "0.7"], ["30001.5", "2"], ["30002", "0.0005"]],
    "checksum": 1483791114,
}
DIFFERENCE = {
    "bids": [["30000", "0"], ["29999", "3"]],
    "asks": [["30001", "0.55"]],
    "checksum": 300422186,
}
AFTER = {
    "bids": [["30000.5", "0.4"], ["29999.5", "0.031"], ["29999", "3"]],
    "asks": [["30001", "0.55"], ["30001.5", "2"], ["30002", "0.0005"]],
}


def gz(document: Any) -> bytes:
    return gzip.compress(json.dumps(document).encode())


def depth(
    levels: dict[str, Any], *, market: str = "BTCUSDT", is_full: bool, at_ms: int, **changes: Any
) -> bytes:
    book = {**levels, "last": "30000", "updated_at": at_ms, **changes}
    data = {"market": market, "is_full": is_full, "depth": book}
    return gz({"method": "depth.update", "data": data, "id": None})


def ack(request_id: int, code: int = 0, message: str = "OK") -> bytes:
    return gz({"id": request_id, "code": code, "message": message})


class Conversation:
    """A CoinEx protocol with a clock whose hands the test turns."""

    def __init__(self) -> None:
        self.now_ns = SECOND
        self.feed = CoinexFeed()
        self.protocol: StreamProtocol[FeedEvent[Level2Book]] = StreamProtocol(
            Dialect(SPOT, lambda: {"access_id": "a", "signed_str": "s", "timestamp": 1}),
            self.feed,
            Backoff(lambda: 0.0),
        )

    def start(self, *channels: Channel) -> list[Any]:
        self.protocol.subscribe(channels, self.now_ns)
        return self.connect()

    def connect(self) -> list[Any]:
        self.protocol.connect()
        self.protocol.opened(self.now_ns)
        return self.sent()

    def hear(self, *frames: bytes) -> FeedEvent[Level2Book] | None:
        news = None
        for frame in frames:
            news = self.protocol.receive(frame, self.now_ns, self.now_ns)
        return news

    def after(self, seconds: int) -> list[Any]:
        self.now_ns += seconds * SECOND
        self.protocol.tick(self.now_ns)
        return self.sent()

    def sent(self) -> list[Any]:
        return [json.loads(frame) for frame in self.protocol.data_to_send()]

    def told(self) -> list[events.Event]:
        return self.protocol.take_events()

    def watch_book(self, market: str = "BTCUSDT") -> tuple[Level2Book, list[Any]]:
        book = self.feed.add_book(market, 5)
        return book, self.start(Channel("depth", market, 5))


def texts(book: Level2Book) -> dict[str, list[list[str]]]:
    bids, asks = book.texts()
    return {"bids": [list(level) for level in bids], "asks": [list(level) for level in asks]}


def test_a_book_from_subscription_to_difference() -> None:
    talk = Conversation()
    book, sent = talk.watch_book()
    assert sent == [
        {"method": "depth.subscribe", "params": {"market_list": [["BTCUSDT", 5, "0", False]]}, "id": 1}
    ]
    talk.hear(ack(1))
    assert talk.told() == [events.Live()]
    with pytest.raises(NotSynced):
        book.best_bid()
    news = talk.hear(depth(SNAPSHOT, is_full=True, at_ms=1))
    assert news is not None
    assert (news.kind, news.change, news.reason, news.book is book) == ("book", "snapshot", "", True)
    assert book.best_bid() == (D("30000.5"), D("0.4"))
    news = talk.hear(depth(DIFFERENCE, is_full=False, at_ms=2))
    assert news is not None
    assert (news.change, news.reason) == ("delta", "")
    assert texts(book) == AFTER
    assert talk.sent() == []


@pytest.mark.parametrize(
    "second_frame",
    [
        pytest.param(b"\x1f\x8b\x08 torn", id="torn"),
        pytest.param(gz({"method": "depth.update"})[:-9], id="truncated"),
        pytest.param(gzip.compress(b" " * 10_000_000), id="bomb"),
        pytest.param(gzip.compress(b'{"method":"depth.update","data":{"market":"BTC'), id="half a document"),
        pytest.param(gzip.compress(b'{"method":"\xff"}'), id="not UTF-8"),
        pytest.param(gzip.compress(b"[" * 100_000), id="deep"),
        pytest.param(b"<html>502 Bad Gateway</html>", id="HTML"),
    ],
)
def test_an_unreadable_frame_makes_the_book_refuse_and_start_anew(second_frame: bytes) -> None:
    talk = Conversation()
    book, _ = talk.watch_book()
    talk.hear(ack(1), depth(SNAPSHOT, is_full=True, at_ms=1))
    talk.told()
    assert talk.hear(second_frame) is None
    assert [request["method"] for request in talk.sent()] == ["depth.unsubscribe", "depth.subscribe"]
    [unreadable, resyncing] = talk.told()
    assert isinstance(unreadable, events.Unreadable)
    assert resyncing == events.Resyncing(Channel("depth", "BTCUSDT", 5), "unreadable_frame")
    with pytest.raises(NotSynced):
        book.best_bid()
    talk.hear(ack(2), ack(3), depth(SNAPSHOT, is_full=True, at_ms=3))
    assert texts(book) == {side: SNAPSHOT[side] for side in ("bids", "asks")}


def test_a_wrong_checksum_makes_the_book_refuse_and_start_anew_once() -> None:
    talk = Conversation()
    book, _ = talk.watch_book()
    talk.hear(ack(1), depth(SNAPSHOT, is_full=True, at_ms=1))
    news = talk.hear(depth(DIFFERENCE, is_full=False, at_ms=2, checksum=1))
    assert news is not None
    assert news.reason == "checksum_mismatch"
    assert talk.sent() == [
        {"method": "depth.unsubscribe", "params": {"market_list": ["BTCUSDT"]}, "id": 2},
        {"method": "depth.subscribe", "params": {"market_list": [["BTCUSDT", 5, "0", False]]}, "id": 3},
    ]
    talk.hear(depth(DIFFERENCE, is_full=False, at_ms=3))
    assert talk.sent() == []
    assert not book.is_synced
    talk.hear(ack(2), ack(3), depth(AFTER, is_full=True, at_ms=4, checksum=DIFFERENCE["checksum"]))
    assert texts(book) == AFTER
    assert (talk.protocol.resyncs, talk.feed.checksums_failed) == (1, 1)


def test_a_signed_checksum_means_the_same() -> None:
    talk = Conversation()
    book, _ = talk.watch_book()
    levels = {"bids": [], "asks": [["0.00000012", "150000"], ["0.00000013", "1"]]}
    talk.hear(ack(1), depth(levels, is_full=True, at_ms=1, checksum=-1464012981))
    assert book.is_synced
    assert book.checksum == zlib.crc32(b"0.00000012:150000:0.00000013:1") == 2830954315


def test_a_lost_connection_makes_books_stale_until_a_new_snapshot() -> None:
    talk = Conversation()
    book, _ = talk.watch_book()
    talk.hear(ack(1), depth(SNAPSHOT, is_full=True, at_ms=1))
    talk.protocol.lost("gone", talk.now_ns)
    assert (book.status, book.reason) == ("stale", "disconnected")
    talk.now_ns += SECOND
    assert [request["id"] for request in talk.connect()] == [2]
    talk.hear(ack(2), depth(DIFFERENCE, is_full=False, at_ms=2))
    assert not book.is_synced
    assert talk.sent() == []
    talk.hear(depth(SNAPSHOT, is_full=True, at_ms=3))
    assert book.is_synced
    assert isinstance(talk.told()[-1], events.Reconnected)


def test_markets_of_one_connection_do_not_disturb_each_other() -> None:
    talk = Conversation()
    btc = talk.feed.add_book("BTCUSDT", 5)
    eth = talk.feed.add_book("ETHUSDT", 5)
    sent = talk.start(Channel("depth", "BTCUSDT", 5), Channel("depth", "ETHUSDT", 5))
    assert [request["params"]["market_list"] for request in sent] == [
        [["BTCUSDT", 5, "0", False], ["ETHUSDT", 5, "0", False]]
    ]
    talk.hear(ack(1), depth(SNAPSHOT, is_full=True, at_ms=1))
    talk.hear(depth(SNAPSHOT, market="ETHUSDT", is_full=True, at_ms=1))
    talk.hear(depth(DIFFERENCE, is_full=False, at_ms=2, checksum=1))
    assert (btc.is_synced, eth.is_synced) == (False, True)
    assert [request["params"]["market_list"][0] for request in talk.sent()] == [
        "BTCUSDT",
        ["BTCUSDT", 5, "0", False],
    ]


def test_signing_refused_and_pongs_and_strangers() -> None:
    talk = Conversation()
    sent = talk.start(Channel("order"))
    assert [request["method"] for request in sent] == ["server.sign"]
    for attempt in (1, 2):
        talk.hear(ack(attempt, 21002, "signature incorrect"))
        assert talk.told() == [events.LoginRetried("21002", "signature incorrect", attempt)]
        talk.protocol.retry_login(talk.now_ns)
        talk.sent()
    talk.hear(ack(3, 21002, "signature incorrect"))
    told = talk.told()
    assert told == [
        events.LoginRefused("21002", "signature incorrect"),
        events.SubscriptionRefused(Channel("order"), "21002", "signature incorrect"),
    ]
    assert [request["method"] for request in talk.after(15)] == ["server.ping"]
    talk.hear(gz({"id": 4, "code": 0, "data": {"result": "pong"}, "message": "OK"}))
    assert talk.told() == []
    talk.hear(gz({"method": "surprise.update", "data": {}, "id": None}), gz({"hello": 1}))
    assert talk.protocol.state is State.SUBSCRIBING


def test_a_text_frame_is_read_as_it_is() -> None:
    talk = Conversation()
    talk.watch_book()
    talk.hear(b'{"id":1,"code":0,"message":"OK"}')
    assert talk.told() == [events.Live()]
