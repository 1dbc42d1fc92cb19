"""The level-2 book as Python sees it: exact answers, refusals, and floats only where the name says so."""

from __future__ import annotations

import math
import subprocess
import sys
import zlib
from collections.abc import Callable
from decimal import Decimal
from fractions import Fraction

import numpy as np
import pytest

from tradewire.book import Level2Book, asks_numpy, bids_numpy
from tradewire.errors import ConfigError, NotSynced, TradewireError

BIDS = [("99.5", "2"), ("99.0", "1.50"), ("98", "0.25")]
ASKS = [("100.1", "0.5"), ("100.25", "1.50"), ("101", "4")]


@pytest.fixture
def book() -> Level2Book:
    book = Level2Book("BTCUSDT")
    book.snapshot(BIDS, ASKS)
    return book


def test_levels_are_exact_and_best_first(book: Level2Book) -> None:
    assert book.bids() == [(Decimal(price), Decimal(size)) for price, size in BIDS]
    assert book.asks(2) == [(Decimal(price), Decimal(size)) for price, size in ASKS[:2]]
    assert book.best_bid() == (Decimal("99.5"), Decimal(2))
    assert book.best_ask() == (Decimal("100.1"), Decimal("0.5"))


def test_texts_keep_trailing_zeros(book: Level2Book) -> None:
    assert book.texts() == (BIDS, ASKS)
    assert str(book.bids()[1]) == "(Decimal('99.0'), Decimal('1.50'))"


def test_mid_and_spread_are_exact(book: Level2Book) -> None:
    assert book.mid() == Decimal("99.8")
    assert book.spread() == Decimal("0.6")


def test_an_empty_side_has_no_best_mid_or_spread() -> None:
    book = Level2Book("BTCUSDT")
    book.snapshot([("1", "1")], [])
    assert (book.best_ask(), book.mid(), book.spread()) == (None, None, None)
    assert book.best_ticks() == (1, 1, 0, 0)
    assert math.isnan(book.mid_float())
    assert math.isnan(book.micro_price_float())


def test_best_ticks_are_the_same_object_while_the_top_is_the_same() -> None:
    book = Level2Book("BTCUSDT")
    book.snapshot([("100", "5"), ("99", "1")], [("101", "7")])
    before = book.best_ticks()
    book.update("buy", "99", "2")
    assert book.best_ticks() is before
    book.update("buy", "100", "6")
    assert (before, book.best_ticks()) == ((100, 5, 101, 7), (100, 6, 101, 7))
    book.update("buy", "100", "5")
    assert book.best_ticks() == before
    book.mark_stale("test")
    with pytest.raises(NotSynced):
        book.best_ticks()


@pytest.mark.parametrize(
    ("side", "size", "levels"),
    [("buy", "1.25", ASKS), ("sell", "3", BIDS), ("buy", "0", ASKS), ("buy", "1000", ASKS)],
)
def test_vwap_equals_the_sum_by_hand(
    book: Level2Book, side: str, size: str, levels: list[tuple[str, str]]
) -> None:
    cost, filled = Fraction(0), Fraction(0)
    for price, there in levels:
        taken = min(Fraction(there), Fraction(size) - filled)
        cost, filled = cost + Fraction(price) * taken, filled + taken
    got = book.vwap(side, Decimal(size))
    assert tuple(map(Fraction, got)) == (cost, filled)


def test_size_to_price_includes_the_price_itself(book: Level2Book) -> None:
    assert book.size_to_price("sell", Decimal("100.25")) == Decimal("2.0")
    assert book.size_to_price("buy", Decimal("99.5")) == Decimal(2)
    assert book.size_to_price("buy", Decimal(100)) == 0


def test_signals_are_floats(book: Level2Book) -> None:
    assert book.best_float() == (99.5, 2.0, 100.1, 0.5)
    assert book.mid_float() == pytest.approx(99.8)
    assert book.micro_price_float() == pytest.approx((99.5 * 0.5 + 100.1 * 2) / 2.5)
    assert book.imbalance_float(1) == pytest.approx((2 - 0.5) / 2.5)
    assert book.imbalance_float(100) == pytest.approx((3.75 - 6) / 9.75)


def test_numpy_views_are_rows_of_floats(book: Level2Book) -> None:
    bids, asks = bids_numpy(book, 2), asks_numpy(book)
    assert bids.dtype == np.float64
    assert bids.tolist() == [[99.5, 2.0], [99.0, 1.5]]
    assert asks.shape == (3, 2)
    assert not asks.flags.writeable


def test_numpy_views_of_an_empty_book_have_no_rows() -> None:
    assert bids_numpy(Level2Book("X"), unsynced_ok=True).shape == (0, 2)


def test_numpy_is_not_imported_before_it_is_needed() -> None:
    program = "import sys, tradewire.book; sys.exit('numpy' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", program], check=False).returncode == 0


def test_a_fresh_book_does_not_answer_unless_asked_to() -> None:
    book = Level2Book("BTCUSDT", limit=20)
    with pytest.raises(NotSynced) as caught:
        book.best_bid()
    assert (caught.value.market, caught.value.status) == ("BTCUSDT", "syncing")
    assert caught.value.reason == book.reason != ""
    assert book.best_bid(unsynced_ok=True) is None
    assert (book.market, book.limit, book.is_synced) == ("BTCUSDT", 20, False)


@pytest.mark.parametrize(
    "read",
    [
        Level2Book.best_bid, Level2Book.best_ask, Level2Book.bids, Level2Book.asks, Level2Book.texts,
        Level2Book.mid, Level2Book.spread, Level2Book.best_float, Level2Book.mid_float,
        Level2Book.micro_price_float, Level2Book.imbalance_float, Level2Book.best_ticks,
        bids_numpy, asks_numpy,
        lambda book: book.vwap("buy", Decimal(1)),
        lambda book: book.size_to_price("buy", Decimal(1)),
    ],
)  # fmt: skip
def test_every_read_refuses_a_crossed_book(read: Callable[[Level2Book], object], book: Level2Book) -> None:
    read(book)
    book.update("buy", "100.1", "1")
    with pytest.raises(NotSynced, match="crossed"):
        read(book)


def test_a_book_kept_by_hand_recovers_when_it_is_no_longer_crossed(book: Level2Book) -> None:
    book.update("buy", "100.1", "1")
    assert (book.status, book.reason) == ("suspect", "crossed")
    book.update("sell", "100.1", "0")
    assert (book.status, book.reason) == ("synced", "")
    assert book.best_bid() == (Decimal("100.1"), Decimal(1))


def test_ticks_in_ticks_out() -> None:
    book = Level2Book("X")
    book.snapshot([], [])
    book.update_ticks(True, 100, 5)
    book.update_ticks(False, 103, 7)
    book.update_ticks(True, 101, 2)
    book.update_ticks(True, 101, 0)
    assert book.best_ticks() == (100, 5, 103, 7)


def test_the_limit_drops_the_worst_levels() -> None:
    book = Level2Book("X", limit=2)
    book.snapshot(BIDS, ASKS)
    assert book.texts() == (BIDS[:2], ASKS[:2])


def test_the_limit_holds_for_single_updates_too() -> None:
    book = Level2Book("X", limit=2)
    book.snapshot(BIDS[:2], ASKS[:2])
    book.update("buy", "99.7", "1")
    assert book.texts() == ([("99.7", "1"), *BIDS[:1]], ASKS[:2])


@pytest.mark.parametrize(
    ("price", "size"),
    [("1e999", "1"), ("", "1"), ("1", ""), ("1", "x"), ("-1", "1"), ("1", "-1"), ("1e", "1"), ("1.", "1"),
     (".5", "1"), ("+", "1"), ("nan", "1"), ("1", "inf"), (" 1", "1"), ("1_0", "1"),
     ("\u0661", "1"), ("1\0", "1")],
)  # fmt: skip
def test_what_is_no_decimal_is_refused_and_changes_nothing(book: Level2Book, price: str, size: str) -> None:
    with pytest.raises(TradewireError):
        book.update("buy", price, size)
    assert book.texts() == (BIDS, ASKS)


@pytest.mark.parametrize("price", ["1e2", "+100", "0100", "1.00E+2", "10000e-2"])
def test_a_number_in_any_spelling_is_the_same_level(price: str) -> None:
    book = Level2Book("X")
    book.update("buy", "100", "1")
    book.update("buy", price, "25E-1")
    assert book.bids() == [(Decimal(100), Decimal("2.5"))]
    assert book.texts() == ([(price, "25E-1")], [])


def test_a_price_that_does_not_fit_is_refused_and_changes_nothing(book: Level2Book) -> None:
    with pytest.raises(TradewireError):
        book.update("buy", "0." + "0" * 17 + "1", "1")
    with pytest.raises(TradewireError):
        book.update("buy", "9" * 40, "1")
    assert book.texts() == (BIDS, ASKS)


def test_sizes_beyond_64_bits_are_exact() -> None:
    size = "12345678901234567890.12345678"
    book = Level2Book("SHIBUSDT")
    book.snapshot([("0.00000012", size)], [])
    assert book.best_bid() == (Decimal("0.00000012"), Decimal(size))
    assert book.checksum == zlib.crc32(f"0.00000012:{size}".encode())


@pytest.mark.parametrize("side", ["bid", "BUY", "", "both"])
def test_an_unknown_side_is_the_callers_fault(book: Level2Book, side: str) -> None:
    with pytest.raises(ConfigError, match="buy"):
        book.update(side, "1", "1")
    with pytest.raises(ConfigError):
        book.vwap(side, Decimal(1))


def test_the_repr_says_market_and_status(book: Level2Book) -> None:
    assert "BTCUSDT" in repr(book)
    assert "synced" in repr(book)


def test_a_book_kept_by_hand_can_be_put_in_doubt_and_emptied() -> None:
    book = Level2Book("BTCUSDT")
    book.snapshot([("99", "1")], [("100", "2")])
    book.mark_stale("sequence_gap")
    assert (book.status, book.reason, book.is_synced) == ("stale", "sequence_gap", False)
    with pytest.raises(NotSynced, match="sequence_gap"):
        book.best_bid()
    assert book.best_bid(unsynced_ok=True) == (Decimal(99), Decimal(1))
    book.reset("fetched again")
    assert (book.status, book.reason, book.bids(unsynced_ok=True)) == ("syncing", "fetched again", [])
    book.snapshot([("98", "1")], [])
    assert book.best_bid() == (Decimal(98), Decimal(1))
