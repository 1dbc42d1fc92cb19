"""What an event says of its book's top, on every venue alike."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest

from support import oracle
from tradewire._native import CoinexFeed, ExchangeFeed, TruexFeed

Levels = list[tuple[str, str]]


class CoinexPlayer:
    """A market whose frames are whole books; one that is not good has a wrong checksum."""

    def __init__(self) -> None:
        self.feed = CoinexFeed()
        self.book = self.feed.add_book("M", 5)
        self._number = 0

    def push(self, bids: Levels, asks: Levels, *, is_good: bool = True) -> Any:
        model = oracle.DictBook(5)
        model.snapshot(bids, asks)
        self._number += 1
        checksum = model.checksum if is_good else model.checksum ^ 1
        frame = oracle.depth_json(bids, asks, checksum, market="M", updated_at=self._number)
        return self.feed.on_frame(frame, self._number)


class TruexPlayer:
    """The same; one that is not good has no number."""

    def __init__(self) -> None:
        self.feed = TruexFeed()
        self.book = self.feed.add_book("M")

    def push(self, bids: Levels, asks: Levels, *, is_good: bool = True) -> Any:
        sides = {
            name: [{"price": price, "qty": size, "order_count": "1"} for price, size in side]
            for name, side in (("bids", bids), ("asks", asks))
        }
        frame = {"channel": "DEPTH", "update": "SNAPSHOT", "status": "AUTHENTICATED"}
        number = {"seqnum": "1"} if is_good else {}
        return self.feed.on_frame(
            json.dumps({**frame, **number, "data": {"symbol": "M", **sides}}).encode(), 1
        )


class ExchangePlayer:
    """The same; one that is not good is followed by a gap."""

    def __init__(self) -> None:
        self.feed = ExchangeFeed()
        self.book = self.feed.add_book("M")

    def push(self, bids: Levels, asks: Levels, *, is_good: bool = True) -> Any:
        buys, sells = (
            [
                oracle.l3_order(
                    f"00000000-0000-4000-8000-00000000{int(price):04x}", side, int(price), int(size)
                )
                for price, size in levels
            ]
            for side, levels in (("buy", bids), ("sell", asks))
        )
        event = self.feed.on_frame(json.dumps(oracle.l3_snapshot(1, buys, sells, "M")).encode(), 1)
        if not is_good:
            event = self.feed.on_frame(json.dumps(oracle.l3_delta(9, market="M")).encode(), 1)
        return event


ORDER = "00000000-0000-4000-8000-000000000001"
BIDS, ASKS = [("99", "2"), ("98", "1")], [("101", "4")]
players = pytest.mark.parametrize("player", [CoinexPlayer, TruexPlayer, ExchangePlayer])


@players
@pytest.mark.parametrize(
    ("bids", "asks", "changed"),
    [
        (BIDS, ASKS, False),
        ([("99", "2"), ("98", "7"), ("97", "1")], ASKS, False),
        ([("99", "3"), ("98", "1")], ASKS, True),
        ([("100", "2")], ASKS, True),
        (BIDS, [("102", "4")], True),
        (BIDS, [], True),
        ([], [], True),
    ],
)
def test_an_event_says_whether_the_top_changed(
    player: Callable[[], Any], bids: Levels, asks: Levels, changed: bool
) -> None:
    venue = player()
    assert venue.push(BIDS, ASKS).top_changed is True
    assert venue.push(bids, asks).top_changed is changed


@players
def test_a_top_that_can_be_read_again_has_changed(player: Callable[[], Any]) -> None:
    venue = player()
    venue.push(BIDS, ASKS)
    doubtful = venue.push([("99", "1")], ASKS, is_good=False)
    assert (doubtful.proved, doubtful.top_changed) == (False, False)
    # The top is as it was before the doubt: a bot that let go of its quotes must hear of it all the same.
    assert venue.push(BIDS, ASKS).top_changed is True
    venue.feed.resync("M")
    assert venue.push(BIDS, ASKS).top_changed is True
    venue.feed.disconnected()
    assert venue.push(BIDS, ASKS).top_changed is True
    assert venue.push(BIDS, ASKS).top_changed is False


@players
def test_a_frame_of_no_book_changes_no_top(player: Callable[[], Any]) -> None:
    venue = player()
    venue.feed.remove_book("M")
    event = venue.push(BIDS, ASKS)
    assert (event.kind, event.book, event.top_changed) == ("unrecognised", None, False)


def test_a_plain_event_says_only_that_it_proved_its_book() -> None:
    """What looks no further at a plain event must miss nothing by that."""
    plain = TruexPlayer().push(BIDS, ASKS)
    assert (plain.is_plain, plain.proved, plain.answers, plain.message, plain.has_more) == (
        True,
        True,
        "",
        "",
        False,
    )
    venue = ExchangePlayer()
    snapshot = venue.push(BIDS, ASKS)
    assert (snapshot.is_plain, snapshot.proved, snapshot.answers) == (False, True, "subscribe")
    trade = {
        "kind": "trade",
        "price": 99,
        "quantity": 1,
        **dict.fromkeys(("maker_order_id", "taker_order_id"), ORDER),
    }
    traded = venue.feed.on_frame(json.dumps(oracle.l3_delta(2, trade, market="M")).encode(), 1)
    assert (traded.is_plain, traded.proved, traded.has_more) == (False, True, True)
    gapped = TruexPlayer()
    gapped.push(BIDS, ASKS)
    frame = {"channel": "DEPTH", "update": "SNAPSHOT", "status": "AUTHENTICATED", "seqnum": "9"}
    jumped = gapped.feed.on_frame(
        json.dumps({**frame, "data": {"symbol": "M", "bids": [], "asks": []}}).encode(), 1
    )
    assert (jumped.is_plain, jumped.proved, jumped.message) == (False, True, "expected 1, was 9")
    for player in (CoinexPlayer(), TruexPlayer(), ExchangePlayer()):
        assert not player.push(BIDS, ASKS, is_good=False).is_plain
