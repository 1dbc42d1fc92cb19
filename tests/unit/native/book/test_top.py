"""The best bid and ask in one reading: exact, as floats, and nothing where a side is empty."""

from __future__ import annotations

import math
from decimal import Decimal

import pytest

from tradewire._native import Level2Book, Level3Book, Top
from tradewire.errors import NotSynced


def level2() -> Level2Book:
    book = Level2Book("BTC-USD")
    book.snapshot([("99.50", "2"), ("99", "1")], [("100", "0.125")])
    return book


def level3() -> Level3Book:
    book = Level3Book("BTC-USD")
    book.snapshot([("00000000-0000-4000-8000-000000000001", 99, 2)], [])
    return book


def exact(top: Top) -> tuple[Decimal | None, ...]:
    return top.bid, top.bid_size, top.ask, top.ask_size


def test_a_top_is_exact_and_has_floats_beside() -> None:
    top = level2().top()
    assert [str(number) for number in exact(top)] == ["99.50", "2", "100", "0.125"]
    assert (top.bid_float, top.bid_size_float, top.ask_float, top.ask_size_float) == (99.5, 2.0, 100.0, 0.125)
    assert repr(top) == "Top(bid=99.50, bid_size=2, ask=100, ask_size=0.125)"
    assert top.bid is top.bid
    with pytest.raises(AttributeError):
        top.bid = None  # type: ignore[misc]  # the refusal is the point


def test_an_empty_side_is_none_and_not_a_number() -> None:
    top = level3().top()
    assert exact(top) == (Decimal(99), Decimal(2), None, None)
    assert (top.bid_float, top.bid_size_float) == (99.0, 2.0)
    assert math.isnan(top.ask_float)
    assert math.isnan(top.ask_size_float)
    empty = Level2Book("X")
    empty.snapshot([], [])
    assert exact(empty.top()) == (None,) * 4
    assert empty.top() != top


def test_a_top_stays_as_it_was_read_and_an_unchanged_one_is_the_same_object() -> None:
    book = level2()
    top = book.top()
    book.update("buy", "99", "7")
    assert book.top() is top
    price = top.bid
    book.update("buy", "99.50", "3")
    later = book.top()
    assert (top.bid_size, later.bid_size, later.bid is price) == (Decimal(2), Decimal(3), True)
    assert later != top
    book.update("buy", "99.50", "3.0")
    assert book.top() == later
    assert str(book.top().bid_size) == "3.0"


@pytest.mark.parametrize("book", [level2(), level3()])
def test_a_top_that_may_be_wrong_is_refused(book: Level2Book | Level3Book) -> None:
    top = book.top()
    book.mark_stale("disconnected")
    with pytest.raises(NotSynced, match="stale"):
        book.top()
    assert book.top(unsynced_ok=True) == top
    with pytest.raises(NotSynced, match="max_age_ns"):
        book.top(unsynced_ok=True, max_age_ns=1)
