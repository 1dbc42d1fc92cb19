"""TrueX books against a venue of dictionaries that speaks JSON and loses frames."""

from __future__ import annotations

import json
from decimal import Decimal

from hypothesis import given, settings
from hypothesis import strategies as st

from support import oracle
from tradewire._native import Level2Book, TruexFeed
from tradewire.errors import FrameError

SYMBOLS = ("BTC-PYUSD", "ETH-PYUSD")
SENTINELS = ("0", "0.00", "-170141183460469231731.687303715884105728")

Level = tuple[str, str, str]
Side = dict[Decimal, tuple[Decimal, int]]


def levels_of(lowest: int) -> st.SearchStrategy[list[Level]]:
    """Levels on ten prices from ``lowest`` on, spelled with and without zeros; size 0 removes."""
    price = st.builds(
        lambda whole, tail: f"{whole}{tail}",
        st.integers(lowest, lowest + 9),
        st.sampled_from(["", ".0", ".000000000000000000"]),
    )
    size = st.one_of(st.just("0"), st.integers(1, 10**20).map(lambda n: f"{n // 1000}.{n % 1000:03}"))
    return st.lists(st.tuples(price, size, st.integers(0, 99).map(str)), max_size=5)


symbols = st.sampled_from(SYMBOLS)
steps = st.lists(
    st.one_of(
        st.tuples(st.just("change"), symbols, levels_of(1), levels_of(11)),
        st.tuples(st.just("lost"), symbols, levels_of(1), levels_of(11)),
        st.tuples(st.just("snapshot"), symbols, st.just([]), st.just([])),
    ),
    max_size=30,
)


class Venue:
    """What the venue knows, and the number of its next frame."""

    def __init__(self, *, snapshots_are_free: bool) -> None:
        self.number = 41
        self._are_free = snapshots_are_free
        self.books: dict[str, tuple[Side, Side]] = {symbol: ({}, {}) for symbol in SYMBOLS}

    def change(self, symbol: str, bids: list[Level], asks: list[Level]) -> bytes:
        for side, levels in zip(self.books[symbol], (bids, asks), strict=True):
            for price, size, orders in levels:
                if Decimal(size):
                    side[Decimal(price)] = (Decimal(size), int(orders))
                else:
                    side.pop(Decimal(price), None)
        frame = self._frame("UPDATE", symbol, bids, asks)
        self.number += 1
        return frame

    def snapshot(self, symbol: str) -> bytes:
        bids, asks = (
            [(str(price), str(size), str(orders)) for price, (size, orders) in side.items()]
            for side in self.books[symbol]
        )
        frame = self._frame("SNAPSHOT", symbol, bids, asks or [(SENTINELS[self.number % 3], "0", "0")])
        self.number += not self._are_free
        return frame

    def truth(self, symbol: str) -> tuple[list[tuple[Decimal, Decimal, int]], ...]:
        bids, asks = self.books[symbol]
        return (
            [(price, *bids[price]) for price in sorted(bids, reverse=True)],
            [(price, *asks[price]) for price in sorted(asks)],
        )

    def _frame(self, update: str, symbol: str, bids: list[Level], asks: list[Level]) -> bytes:
        named = ("price", "qty", "order_count")
        sides = {
            name: [dict(zip(named, level, strict=True)) for level in side]
            for name, side in (("bids", bids), ("asks", asks))
        }
        frame = {"seqnum": str(self.number), "channel": "DEPTH", "update": update, "status": "AUTHENTICATED"}
        return json.dumps({**frame, "data": {"symbol": symbol, **sides}}).encode()


def shown(book: Level2Book) -> tuple[list[tuple[Decimal, Decimal, int]], ...]:
    return book.levels("buy"), book.levels("sell")


@settings(max_examples=300)
@given(st.booleans(), steps)
def test_a_book_is_the_venues_or_says_that_it_is_not(
    snapshots_are_free: bool, stream: list[tuple[str, str, list[Level], list[Level]]]
) -> None:
    venue, feed = Venue(snapshots_are_free=snapshots_are_free), TruexFeed()
    books = {symbol: feed.add_book(symbol) for symbol in SYMBOLS}
    for symbol in SYMBOLS:
        feed.on_frame(venue.snapshot(symbol), 1)
    # The first changes show what the venue does with the numbers of snapshots.
    feed.on_frame(venue.change(SYMBOLS[0], [("1", "1", "1")], []), 1)
    for symbol in SYMBOLS:
        feed.on_frame(venue.snapshot(symbol), 1)
        feed.on_frame(venue.change(symbol, [("1", "2", "1")], []), 1)
    for symbol in SYMBOLS:
        feed.on_frame(venue.snapshot(symbol), 1)
    learned = feed.gaps
    readers = [oracle.TopReader(book) for book in books.values()]
    for kind, symbol, bids, asks in stream:
        if kind == "lost":
            venue.change(symbol, bids, asks)
            continue
        frame = venue.snapshot(symbol) if kind == "snapshot" else venue.change(symbol, bids, asks)
        event = feed.on_frame(frame, 1)
        for reader in readers:
            reader.follow(event)
        if kind == "snapshot":
            assert books[symbol].is_synced
        for name, book in books.items():
            if book.is_synced:
                assert shown(book) == venue.truth(name)
    if not any(kind == "lost" for kind, *_ in stream):
        assert all(book.is_synced for book in books.values())
        assert feed.gaps == learned


@settings(max_examples=200)
@given(st.binary(max_size=300) | st.text(max_size=200).map(str.encode), st.booleans())
def test_no_frame_breaks_the_feed_or_a_promise(frame: bytes, is_coalesced: bool) -> None:
    venue, feed = Venue(snapshots_are_free=True), TruexFeed(coalesced=is_coalesced)
    book = feed.add_book(SYMBOLS[0])
    feed.on_frame(venue.snapshot(SYMBOLS[0]), 1)
    try:
        event = feed.on_frame(frame, 2)
    except FrameError:
        assert not book.is_synced
    else:
        assert event.kind in {"push", "reply", "unrecognised"}
    feed.on_frame(venue.snapshot(SYMBOLS[0]), 3)
    assert book.is_synced


@given(st.data())
def test_a_frame_cut_anywhere_is_refused(data: st.DataObject) -> None:
    venue, feed = Venue(snapshots_are_free=True), TruexFeed()
    book = feed.add_book(SYMBOLS[0])
    feed.on_frame(venue.snapshot(SYMBOLS[0]), 1)
    frame = venue.change(SYMBOLS[0], data.draw(levels_of(1)), data.draw(levels_of(11)))
    cut = data.draw(st.integers(0, len(frame) - 1))
    try:
        feed.on_frame(frame[:cut], 2)
    except FrameError:
        assert not book.is_synced
    else:
        raise AssertionError(f"a frame cut at {cut} was read")
