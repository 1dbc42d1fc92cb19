"""Whole streams of Exchange against ``json`` and a dict, and damaged frames against both."""

from __future__ import annotations

import json
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from support import oracle
from tradewire._native import ExchangeFeed, Level3Book
from tradewire.errors import FrameError

MARKET = "ABC-USD"
SIDES = ("buy", "sell")
FROM_WIRE = {"BUY": "buy", "SELL": "sell"}
TO_WIRE = {ours: wire for wire, ours in FROM_WIRE.items()}


def name(number: int) -> str:
    return f"{number:08x}-0000-4000-8000-000000000000"


names = st.integers(0, 15).map(name)
# Sides overlap a little, so that a few books cross.
orders = st.one_of(
    st.tuples(names, st.just("buy"), st.integers(90, 101), st.integers(1, 2**64 - 1)),
    st.tuples(names, st.just("sell"), st.integers(101, 112), st.integers(1, 2**64 - 1)),
)


def _order_event(kind: str, order: tuple[str, str, int, int]) -> dict[str, Any]:
    return {"kind": kind, "order": oracle.l3_order(*order)}


events = st.one_of(
    orders.map(lambda order: _order_event("order_added", order)),
    orders.map(lambda order: _order_event("order_updated", order)),
    st.builds(
        lambda order_id, side: {"kind": "order_removed", "order_id": order_id, "side": side, "price": 1},
        names, st.sampled_from(["BUY", "SELL"]),
    ),
    st.builds(
        lambda maker, taker, price, quantity: {
            "kind": "trade", "maker_order_id": maker, "taker_order_id": taker, "price": price, "quantity": quantity,
        },
        names, names, st.integers(0, 2**64 - 1), st.integers(0, 2**64 - 1),
    ),
)  # fmt: skip
deltas = st.lists(events, min_size=1, max_size=4)
spellings = st.sampled_from([{"separators": (",", ":")}, {}, {"indent": 1}])
"""The venue's own, and two that are as right."""


class Venue:
    """The true book, read from the very JSON the feed is sent, event by event."""

    def __init__(self) -> None:
        self.book = oracle.QueueBook()
        self.sequence = 0

    def delta(self, batch: list[dict[str, Any]]) -> tuple[dict[str, Any], list[tuple[Any, ...]]]:
        """Play events; give message and trades. Known orders keep side and price, and only shrink, as at the venue."""
        trades = []
        batch = list(batch)
        for at, event in enumerate(batch):
            event = batch[at] = self._true(event)
            self.sequence += 1
            if event["kind"] == "trade":
                trades.append((
                    event["maker_order_id"], event["taker_order_id"], event["price"], event["quantity"],
                    self.sequence,
                ))  # fmt: skip
            elif event["kind"] == "order_removed":
                self.book.orders.pop(event["order_id"], None)
            else:
                self._rest(event)
        return oracle.l3_delta(self.sequence, *batch, market=MARKET), trades

    def _true(self, event: dict[str, Any]) -> dict[str, Any]:
        """Return the event as the venue may send it."""
        if event["kind"] == "order_removed":
            known = self.book.orders.get(event["order_id"])
            return event if known is None else {**event, "side": TO_WIRE[known[0]]}
        known = self.book.orders.get(event.get("order", {}).get("order_id"))
        if event["kind"] != "order_updated" or known is None:
            return event
        side, price, remaining = known
        told = min(remaining, event["order"]["remaining"])
        return _order_event("order_updated", (event["order"]["order_id"], side, price, told))

    def _rest(self, event: dict[str, Any]) -> None:
        order = event["order"]
        if event["kind"] == "order_updated":
            self.book.shrink(order["order_id"], order["remaining"])
        else:
            self.book.put(order["order_id"], FROM_WIRE[order["side"]], order["price"], order["remaining"])

    def snapshot(self) -> dict[str, Any]:
        bids, asks = (
            [oracle.l3_order(row[0], side, *row[1:]) for row in self.book.side(side)] for side in SIDES
        )
        return oracle.l3_snapshot(self.sequence, bids, asks, MARKET)


def check(book: Level3Book, venue: Venue) -> None:
    true = venue.book
    assert (book.sequence, len(book)) == (venue.sequence, len(true.orders))
    for side in SIDES:
        assert book.orders(side, unsynced_ok=True) == true.side(side)
        assert book.levels(side, unsynced_ok=True) == true.levels(side)
    for order_id, order in true.orders.items():
        ahead = true.ahead(order_id)
        place = book.queue(order_id, unsynced_ok=True)
        assert place is not None
        assert (place.side, place.price, place.remaining) == order
        assert (place.orders_ahead, place.size_ahead) == (len(ahead), sum(row[2] for row in ahead))


@settings(max_examples=150)
@given(st.lists(deltas, max_size=12), spellings)
def test_a_feed_follows_the_venue_order_by_order(
    stream: list[list[dict[str, Any]]], spelling: dict[str, Any]
) -> None:
    feed, venue = ExchangeFeed(), Venue()
    book = feed.add_book(MARKET)
    feed.on_frame(json.dumps(venue.snapshot()).encode(), 0)
    for number, batch in enumerate(stream):
        message, trades = venue.delta(batch)
        event = feed.on_frame(json.dumps(message, **spelling).encode(), number)
        assert [
            (trade.maker_order_id, trade.taker_order_id, trade.price, trade.quantity, trade.sequence)
            for trade in event.trades
        ] == trades
        check(book, venue)
        if venue.book.is_crossed:
            assert (book.status, book.reason, event.reason) == ("suspect", "crossed", "crossed")
            # Only the venue can say what is true now: it is asked again.
            venue.book.orders.clear()
            feed.on_frame(json.dumps(venue.snapshot()).encode(), number)
        assert (book.status, feed.gaps) == ("synced", 0)


@settings(max_examples=100)
@given(st.lists(st.tuples(st.sampled_from(["send", "send", "lose", "repeat", "fetch"]), deltas), max_size=12))
def test_a_book_that_says_it_is_synced_is_the_venues(
    stream: list[tuple[str, list[dict[str, Any]]]],
) -> None:
    feed, venue = ExchangeFeed(), Venue()
    book = feed.add_book(MARKET)
    reader = oracle.TopReader(book)
    reader.follow(feed.on_frame(json.dumps(venue.snapshot()).encode(), 0))
    for fate, batch in stream:
        message, _ = venue.delta(batch)
        if fate == "fetch":
            message = venue.snapshot()
        for _ in range({"lose": 0, "repeat": 2}.get(fate, 1)):
            reader.follow(feed.on_frame(json.dumps(message).encode(), 1))
        if book.is_synced and (fate != "lose"):
            check(book, venue)
        if fate == "fetch":
            assert book.is_synced is not venue.book.is_crossed


def stands(book: Level3Book) -> tuple[Any, ...]:
    sides = [book.orders(side, unsynced_ok=True) for side in SIDES]
    return (*sides, book.sequence, book.status)


@settings(max_examples=200)
@given(st.lists(events, min_size=1, max_size=2), spellings, st.data())
def test_a_damaged_frame_moves_the_book_only_where_its_json_leads(
    batch: list[dict[str, Any]], spelling: dict[str, Any], data: st.DataObject
) -> None:
    feed, venue = ExchangeFeed(), Venue()
    book = feed.add_book(MARKET)
    snapshot = json.dumps(venue.snapshot()).encode()
    feed.on_frame(snapshot, 0)
    before = stands(book)
    message, _ = venue.delta(batch)
    whole = json.dumps(message, **spelling).encode()
    at = data.draw(st.integers(0, len(whole)))
    inserted = data.draw(
        st.binary(max_size=2) | st.sampled_from([b'"', b",", b"{", b"]", b"0", b"-", b".", b"e1"])
    )
    damaged = whole[:at] + inserted + whole[at + data.draw(st.integers(0, 2)) :]
    try:
        event = feed.on_frame(damaged, 1)
    except FrameError as refusal:
        is_placed = 0 <= refusal.offset <= len(damaged)
        assert (is_placed, book.is_synced, stands(book)[:3]) == (True, False, before[:3])
        return
    # What was let through is JSON, and the book stands where this JSON leads by the standard library's reading.
    read = oracle.read_json(damaged)
    if event.kind == "book" and event.reason == "":
        fresh = Venue()
        fresh.delta(read["events"])
        assert read["sequence"] == fresh.sequence
        check(book, fresh)
    elif event.kind != "book":
        assert stands(book) == before
