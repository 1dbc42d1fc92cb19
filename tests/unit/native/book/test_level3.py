"""The level-3 book as Python sees it: priority, places in queues, level-2 views, own orders, refusals."""

from __future__ import annotations

import math
from collections.abc import Callable
from decimal import Decimal
from fractions import Fraction

import pytest

from tradewire._native import Level3Book
from tradewire.errors import ConfigError, NotSynced, TradewireError

D = Decimal
BIDS = [(99, 4), (99, 6), (98, 10)]
ASKS = [(101, 5), (101, 1), (101, 3), (104, 7)]
MOST = 2**64 - 1


def name(number: int) -> str:
    return f"00000000-0000-4000-8000-{number:012x}"


def rows(first: int, orders: list[tuple[int, int]]) -> list[tuple[str, int, int]]:
    return [(name(first + at), price, remaining) for at, (price, remaining) in enumerate(orders)]


BID_ROWS, ASK_ROWS = rows(0x10, BIDS), rows(0x20, ASKS)


@pytest.fixture
def book() -> Level3Book:
    book = Level3Book("ABC-USD")
    book.snapshot(BID_ROWS, ASK_ROWS, sequence=41)
    return book


def test_orders_stand_in_priority(book: Level3Book) -> None:
    assert (book.orders("buy"), book.orders("sell")) == (BID_ROWS, ASK_ROWS)
    book.add(name(1), "sell", 101, 9)
    book.add(name(2), "sell", 100, 9)
    assert [row[0] for row in book.orders("sell")] == [
        name(2), name(0x20), name(0x21), name(0x22), name(1), name(0x23),
    ]  # fmt: skip
    assert (len(book), book.order(name(1)), book.order(name(9))) == (9, ("sell", 101, 9), None)


def test_levels_are_sums_over_orders(book: Level3Book) -> None:
    assert book.levels("buy") == [(99, 10, 2), (98, 10, 1)]
    assert book.levels("sell", 1) == [(101, 9, 3)]
    assert book.bids(1) == [(D(99), D(10))]
    assert book.asks() == [(D(101), D(9)), (D(104), D(7))]
    assert (book.best_bid(), book.best_ask()) == ((D(99), D(10)), (D(101), D(9)))
    assert book.best_ticks() == (99, 10, 101, 9)


def test_best_is_the_same_object_while_it_is_the_same(book: Level3Book) -> None:
    ticks, floats = book.best_ticks(), book.best_float()
    book.add(name(0x55), "sell", 103, 1)
    assert (book.best_ticks() is ticks, book.best_float() is floats) == (True, True)
    book.add(name(0x56), "sell", 101, 1)
    assert (book.best_ticks(), book.best_float()) == ((99, 10, 101, 10), (99.0, 10.0, 101.0, 10.0))


def test_a_place_counts_who_is_in_front_at_the_same_price(book: Level3Book) -> None:
    book.mark_own(name(0x20))
    place = book.queue(name(0x22))
    assert place is not None
    assert (place.side, place.price, place.remaining) == ("sell", 101, 3)
    assert (place.orders_ahead, place.size_ahead, place.own_ahead) == (2, 6, 1)
    assert "behind 2 orders" in repr(place)
    first = book.queue(name(0x23))
    assert first is not None
    assert (first.orders_ahead, first.size_ahead) == (0, 0)
    assert book.queue(name(9)) is None


def test_an_amended_order_keeps_its_place(book: Level3Book) -> None:
    assert book.update(name(0x20), 2)
    assert book.orders("sell")[0] == (name(0x20), 101, 2)
    assert book.levels("sell", 1) == [(101, 6, 3)]
    book.add(name(0x20), "sell", 101, 1)
    assert book.orders("sell")[0] == (name(0x20), 101, 1)


def test_an_order_at_another_price_goes_to_the_tail_there(book: Level3Book) -> None:
    book.add(name(0x23), "sell", 101, 7)
    assert book.orders("sell")[-1] == (name(0x23), 101, 7)
    assert book.levels("sell") == [(101, 16, 4)]


def test_what_is_not_known_changes_nothing(book: Level3Book) -> None:
    assert (book.update(name(9), 5), book.remove(name(9))) == (False, False)
    assert (book.orders("buy"), book.orders("sell")) == (BID_ROWS, ASK_ROWS)
    assert book.remove(name(0x21))
    assert not book.remove(name(0x21))


def test_nothing_rests_with_nothing_left(book: Level3Book) -> None:
    book.update(name(0x23), 0)
    book.add(name(1), "buy", 100, 0)
    assert book.asks() == [(D(101), D(9))]
    assert book.best_bid() == (D(99), D(10))


def test_own_orders_are_marked_before_and_after_they_rest(book: Level3Book) -> None:
    book.mark_own(name(0x22))
    book.mark_own(name(5))
    assert book.own_orders() == [name(0x22)]
    book.add(name(5), "buy", 97, 1)
    assert book.own_orders() == [name(5), name(0x22)]
    book.snapshot([], rows(0x22, [(101, 3)]))
    assert book.own_orders() == [name(0x22)]
    book.unmark_own(name(0x22))
    assert book.own_orders() == []


def test_mid_and_spread_are_exact(book: Level3Book) -> None:
    assert (book.mid(), book.spread()) == (D(100), D(2))
    book.add(name(1), "buy", 100, 1)
    assert (book.mid(), book.spread()) == (D("100.5"), D(1))
    book.snapshot(rows(1, [(MOST - 1, 1)]), rows(2, [(MOST, 1)]))
    assert (book.mid(), book.spread()) == (D(MOST) - D("0.5"), D(1))


@pytest.mark.parametrize(("side", "size"), [("buy", 9), ("buy", 12), ("sell", 11), ("buy", 0), ("sell", 999)])
def test_vwap_equals_the_sum_by_hand(book: Level3Book, side: str, size: int) -> None:
    cost = filled = Fraction(0)
    for price, there in ASKS if side == "buy" else BIDS:
        taken = min(Fraction(there), size - filled)
        cost, filled = cost + price * taken, filled + taken
    assert tuple(map(Fraction, book.vwap(side, D(size)))) == (cost, filled)
    assert book.vwap(side, size) == book.vwap(side, D(size))


def test_size_to_price_includes_the_price_itself(book: Level3Book) -> None:
    assert book.size_to_price("sell", D("101.0")) == D(9)
    assert book.size_to_price("sell", 10**30) == D(16)
    assert book.size_to_price("buy", 100) == D(0)
    assert book.size_to_price("buy", 98) == D(20)


def test_signals_are_floats(book: Level3Book) -> None:
    assert book.best_float() == (99.0, 10.0, 101.0, 9.0)
    assert book.mid_float() == 100.0
    assert book.micro_price_float() == pytest.approx((99 * 9 + 101 * 10) / 19)
    assert book.imbalance_float() == pytest.approx(1 / 19)
    assert book.imbalance_float(2) == pytest.approx(4 / 36)


def test_an_empty_side_has_no_best_mid_or_spread() -> None:
    book = Level3Book("X-Y")
    book.snapshot(rows(1, [(5, 1)]), [])
    assert (book.best_ask(), book.mid(), book.spread()) == (None, None, None)
    assert book.best_ticks() == (5, 1, 0, 0)
    assert math.isnan(book.mid_float())
    assert math.isnan(book.micro_price_float())
    book.snapshot([], [])
    assert math.isnan(book.imbalance_float())
    assert book.vwap("buy", 1) == (D(0), D(0))


def test_sums_beyond_64_bits_are_exact() -> None:
    book = Level3Book("X-Y")
    book.snapshot(rows(1, [(MOST, MOST)] * 3), [])
    assert book.best_bid() == (D(MOST), D(3 * MOST))
    assert book.best_ticks() == (MOST, 3 * MOST, 0, 0)
    place = book.queue(name(3))
    assert place is not None
    assert place.size_ahead == 2 * MOST
    assert book.vwap("sell", MOST) == (D(MOST**2), D(MOST))
    with pytest.raises(ConfigError, match="128 bits"):
        book.vwap("sell", 3 * MOST)


def test_a_fresh_book_does_not_answer_unless_asked_to() -> None:
    book = Level3Book("ABC-USD")
    with pytest.raises(NotSynced) as caught:
        book.best_bid()
    assert (caught.value.market, caught.value.status, caught.value.reason) == (
        "ABC-USD", "syncing", "no_snapshot",
    )  # fmt: skip
    assert book.best_bid(unsynced_ok=True) is None
    assert (book.market, book.is_synced, book.sequence, len(book)) == ("ABC-USD", False, 0, 0)


@pytest.mark.parametrize(
    "read",
    [
        Level3Book.best_bid, Level3Book.best_ask, Level3Book.bids, Level3Book.asks, Level3Book.mid,
        Level3Book.spread, Level3Book.best_float, Level3Book.mid_float, Level3Book.micro_price_float,
        Level3Book.imbalance_float, Level3Book.best_ticks, Level3Book.own_orders,
        lambda book: book.levels("buy"),
        lambda book: book.orders("buy"),
        lambda book: book.order(name(0x10)),
        lambda book: book.queue(name(0x10)),
        lambda book: book.vwap("buy", 1),
        lambda book: book.size_to_price("buy", 1),
    ],
)  # fmt: skip
def test_every_read_refuses_a_crossed_book(read: Callable[[Level3Book], object], book: Level3Book) -> None:
    read(book)
    book.add(name(1), "buy", 101, 1)
    with pytest.raises(NotSynced, match="crossed"):
        read(book)
    book.remove(name(1))
    read(book)


def test_each_change_by_hand_is_the_next_number(book: Level3Book) -> None:
    assert (book.sequence, book.updates) == (41, 1)
    book.add(name(1), "buy", 97, 1)
    book.update(name(1), 1)
    book.remove(name(1))
    assert (book.sequence, book.updates) == (44, 4)
    book.snapshot([], [], sequence=MOST)
    book.remove(name(1))
    assert book.sequence == MOST


@pytest.mark.parametrize(
    "order_id",
    [
        "",
        "7",
        name(1).upper().replace("8000", "800A"),
        name(1).replace("-", ""),
        f"{name(1)} ",
        "é" * 18,
        "\0" * 36,
    ],
)
def test_what_is_no_order_id_is_the_callers_fault(book: Level3Book, order_id: str) -> None:
    for call in (
        lambda: book.add(order_id, "buy", 1, 1), lambda: book.update(order_id, 1), lambda: book.remove(order_id),
        lambda: book.order(order_id), lambda: book.queue(order_id), lambda: book.mark_own(order_id),
        lambda: book.unmark_own(order_id), lambda: book.snapshot([(order_id, 1, 1)], []),
    ):  # fmt: skip
        with pytest.raises(ConfigError, match="UUID"):
            call()
    assert (book.orders("buy"), book.sequence) == (BID_ROWS, 41)


@pytest.mark.parametrize("side", ["bid", "BUY", "", "both"])
def test_an_unknown_side_is_the_callers_fault(book: Level3Book, side: str) -> None:
    for call in (
        lambda: book.add(name(1), side, 1, 1), lambda: book.levels(side), lambda: book.orders(side),
        lambda: book.vwap(side, 1), lambda: book.size_to_price(side, 1),
    ):  # fmt: skip
        with pytest.raises(ConfigError, match="buy"):
            call()


@pytest.mark.parametrize("size", [1.0, D("1.5"), D(-1), -1, D("NaN"), "x", 10**60])
def test_a_size_that_is_not_whole_is_refused(book: Level3Book, size: int) -> None:
    with pytest.raises(TradewireError):
        book.vwap("buy", size)
    with pytest.raises(TradewireError):
        book.size_to_price("buy", size)


@pytest.mark.parametrize("number", [-1, MOST + 1, 1.0, "1", None])
def test_a_number_beyond_64_bits_or_of_another_type_is_refused(book: Level3Book, number: int) -> None:
    for call in (
        lambda: book.add(name(1), "buy", number, 1), lambda: book.add(name(1), "buy", 1, number),
        lambda: book.update(name(0x10), number), lambda: book.snapshot([(name(1), number, 1)], []),
    ):  # fmt: skip
        with pytest.raises((OverflowError, TypeError)):
            call()
    assert book.orders("buy") == BID_ROWS


def test_the_repr_says_market_status_and_touch(book: Level3Book) -> None:
    assert repr(book) == 'Level3Book("ABC-USD", synced, 7 orders, best bid 99, best ask 101)'
    assert "none" in repr(Level3Book("X"))


def test_a_book_kept_by_hand_can_be_put_in_doubt_and_emptied() -> None:
    book = Level3Book("ABC-USD")
    book.snapshot([], [], sequence=7)
    book.mark_stale("sequence_gap")
    assert (book.status, book.reason, book.is_synced) == ("stale", "sequence_gap", False)
    with pytest.raises(NotSynced, match="sequence_gap"):
        book.best_bid()
    book.reset("fetched again")
    assert (book.status, book.reason, len(book)) == ("syncing", "fetched again", 0)
    book.snapshot([], [], sequence=9)
    assert (book.status, book.sequence) == ("synced", 9)
