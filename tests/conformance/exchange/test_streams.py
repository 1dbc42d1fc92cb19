"""A market of Exchange by script, with the native feed: text frames and seconds in, requests, events, books out."""

from __future__ import annotations

from typing import Any

import pytest

from support.exchange_script import (
    BOOK,
    MARKET,
    SECOND,
    TWO_ASKS,
    A,
    B,
    C,
    Conversation,
    added,
    delta,
    lagged,
    removed,
    snapshot,
    trade,
    updated,
)
from tradewire._native import Level3Book
from tradewire.errors import BadRequest, LocalProtocolError, NotSupported, NotSynced
from tradewire.model import Side, Trade
from tradewire.protocol import events
from tradewire.protocol.dialect import Verdict
from tradewire.protocol.states import State
from tradewire.venues.exchange.dialect import MarketDialect


def of_a_market() -> tuple[Conversation, Level3Book]:
    """Return a conversation whose book holds two asks as of 10."""
    talk = Conversation(MarketDialect())
    book = talk.feed.add_book(MARKET)
    subscribe = {"op": "subscribe", "channel": "l3", "market": MARKET}
    assert talk.start(BOOK) == [subscribe]
    talk.hear({"type": "heartbeat"}, snapshot(10, *TWO_ASKS))
    assert talk.told() == [events.Live()]
    return talk, book


def asks(book: Level3Book) -> list[tuple[str, int, int]]:
    return book.orders("sell")


def test_a_market_needs_no_login_and_its_snapshot_is_the_answer() -> None:
    talk, book = of_a_market()
    assert asks(book) == [(A, 100, 5), (B, 101, 5)]
    assert book.sequence == 10
    assert talk.protocol.state is State.LIVE
    with pytest.raises(LocalProtocolError):
        MarketDialect().login(1)


def test_the_worked_sequence_and_its_trades() -> None:
    talk, book = of_a_market()
    found: list[tuple[str, str, Any]] = []
    for message in (
        delta(11, removed(A, "SELL", 100)),
        delta(12, trade(A, C, 100, 5)),
        delta(13, updated(B, "SELL", 101, 2)),
        delta(14, trade(B, C, 101, 3)),
    ):
        news = talk.hear(message)
        assert news is not None
        found += MarketDialect().decode(news)
    assert asks(book) == [(B, 101, 2)]
    assert [(topic, market) for topic, market, _ in found] == [("trades", MARKET)] * 2
    first, second = (item for _, _, item in found)
    assert isinstance(first, Trade)
    assert (first.trade_id, first.side, first.price, first.size) == ("ABC-USD-12", Side.BUY, 100, 5)
    assert (second.trade_id, second.side, second.price, second.size) == ("ABC-USD-14", Side.BUY, 101, 3)
    assert first.time_ns == talk.now_ns


def test_a_gap_puts_the_book_in_doubt_and_fetches_it_anew() -> None:
    talk, book = of_a_market()
    talk.hear(delta(12, removed(A, "SELL", 100)))
    assert [request["op"] for request in talk.sent()] == ["unsubscribe", "subscribe"]
    assert talk.told() == [events.Resyncing(BOOK, "sequence_gap")]
    with pytest.raises(NotSynced):
        book.orders("sell")
    talk.hear({"type": "unsubscribed", "channel": "l3", "market": MARKET}, snapshot(13, TWO_ASKS[1]))
    assert asks(book) == [(B, 101, 5)]
    assert (talk.protocol.resyncs, talk.feed.gaps) == (1, 1)


def test_a_call_to_resync_fetches_the_book_anew() -> None:
    talk, book = of_a_market()
    talk.hear(lagged())
    assert not book.is_synced
    assert [request["op"] for request in talk.sent()] == ["unsubscribe", "subscribe"]
    talk.hear({"type": "unsubscribed", "channel": "l3", "market": MARKET}, snapshot(20))
    assert book.is_synced
    assert asks(book) == []


def test_a_book_that_keeps_failing_is_fetched_less_and_less_often() -> None:
    talk, _ = of_a_market()
    fetched_at = []
    talk.hear(delta(99, removed(A, "SELL", 100)))
    for second in range(60):
        requests = talk.sent() if second == 0 else talk.after(1)
        if requests:
            fetched_at.append(second)
            assert [request["op"] for request in requests] == ["unsubscribe", "subscribe"]
            talk.hear({"type": "unsubscribed", "channel": "l3", "market": MARKET})
            talk.hear(snapshot(10), delta(99, removed(A, "SELL", 100)))
    assert 4 <= len(fetched_at) <= 10
    assert fetched_at[-1] - fetched_at[-2] > fetched_at[1] - fetched_at[0]


def test_events_older_than_the_snapshot_are_survived() -> None:
    talk, book = of_a_market()
    # The snapshot already holds what these two say: the server changes the book before it numbers events.
    talk.hear(delta(11, added(B, "SELL", 101, 5)), delta(12, removed(C, "SELL", 99)))
    assert asks(book) == [(A, 100, 5), (B, 101, 5)]
    assert (book.sequence, book.is_synced) == (12, True)


def test_a_book_event_nobody_knows_fetches_the_book_anew() -> None:
    talk, book = of_a_market()
    talk.hear(delta(11, {"kind": "order_teleported", "order_id": A}))
    assert not book.is_synced
    assert [request["op"] for request in talk.sent()] == ["unsubscribe", "subscribe"]


def test_a_lost_connection_makes_the_book_stale_until_the_next_snapshot() -> None:
    talk, book = of_a_market()
    talk.protocol.lost("gone", talk.now_ns)
    assert (book.status, book.reason) == ("stale", "disconnected")
    talk.now_ns += SECOND
    assert [request["op"] for request in talk.connect()] == ["subscribe"]
    talk.hear(delta(11, removed(A, "SELL", 100)))
    assert not book.is_synced
    talk.hear(snapshot(3, *TWO_ASKS))
    assert (book.sequence, asks(book)) == (3, [(A, 100, 5), (B, 101, 5)])
    assert isinstance(talk.told()[-1], events.Reconnected)


def test_a_quiet_market_is_left_alone_while_the_venue_beats() -> None:
    talk, book = of_a_market()
    for _ in range(20):
        assert talk.after(15) == []
        talk.hear({"type": "heartbeat"})
    assert book.is_synced
    assert not talk.protocol.disconnect_reason
    talk.after(29)
    assert not talk.protocol.disconnect_reason
    talk.after(2)
    assert "nothing was heard" in talk.protocol.disconnect_reason


@pytest.mark.parametrize(
    "frame",
    [b"", b"{", b'{"type":"delta"', b"\xff", b"<html>502</html>", b"[" * 100_000],
    ids=lambda frame: repr(frame[:12]),
)
def test_an_unreadable_frame_puts_the_book_in_doubt(frame: bytes) -> None:
    talk, book = of_a_market()
    assert talk.protocol.receive(frame, talk.now_ns, talk.now_ns) is None
    assert not book.is_synced
    assert isinstance(talk.told()[0], events.Unreadable)
    assert [request["op"] for request in talk.sent()] == ["unsubscribe", "subscribe"]


@pytest.mark.parametrize(
    ("generation", "code", "message"),
    [
        ("M", "unsupported_channel", "supported market-data channels are l2 and l3"),
        ("M", "unauthenticated", "authenticate before subscribing to l3"),
        ("L", "unsupported_channel", "supported market-data channel is data"),
    ],
)
def test_a_later_generation_refuses_the_book_in_its_own_words(
    generation: str, code: str, message: str
) -> None:
    talk = Conversation(MarketDialect())
    talk.feed.add_book(MARKET)
    talk.start(BOOK)
    talk.hear({"type": "error", "code": code, "message": message})
    assert events.SubscriptionRefused(BOOK, code, message) in talk.told()
    assert talk.feed.generation == generation
    error = talk.dialect.refusal(BOOK, code, message)
    assert isinstance(error, NotSupported)
    assert message in str(error)


def test_a_refusal_without_a_generation_is_a_bad_request() -> None:
    assert isinstance(
        MarketDialect().refusal(BOOK, "invalid_message", "invalid websocket message"), BadRequest
    )
    assert [MarketDialect().verdict(code) for code in ("", "x")] == [
        Verdict.DONE,
        Verdict.REFUSED,
    ]


def test_what_nobody_knows_is_told_and_does_no_harm() -> None:
    talk, book = of_a_market()
    talk.protocol.receive(b"[]", talk.now_ns, talk.now_ns)
    talk.hear({"type": "confetti", "for": "you"}, {"type": "market_state", "market": {"market_id": MARKET}})
    told = talk.told()
    assert [type(event) for event in told] == [events.Unrecognised] * 3
    assert book.is_synced
    assert talk.feed.generation == "L"
