"""What is ahead of an order: exact order by order, estimated by level."""

from __future__ import annotations

from decimal import Decimal
from uuid import UUID

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tradewire import Level2Book, Level3Book
from tradewire.playback.queues import LevelQueue, OrderQueue, queue_of
from tradewire.playback.wire import PublicTrade

MS = 1_000_000
PRICE = Decimal(100)


def levels(size: str | int) -> Level2Book:
    """Return a book with so much at the order's price."""
    book = Level2Book("A")
    book.snapshot(
        [("101", "1"), *([("100", str(size))] if Decimal(size) else []), ("99", "7")], [("102", "1")]
    )
    return book


def sold(size: str | int, maker: str = "") -> PublicTrade:
    return PublicTrade("A", PRICE, Decimal(size), "sell", maker)


@pytest.fixture
def queue() -> LevelQueue:
    return LevelQueue(levels(10), "buy", PRICE)


def test_all_that_is_shown_is_ahead(queue: LevelQueue) -> None:
    assert queue.ahead == 10
    assert LevelQueue(levels(10), "sell", Decimal(102)).ahead == 1
    assert LevelQueue(levels(10), "buy", Decimal("100.5")).ahead == 0


def test_trades_come_from_the_front_and_what_is_left_of_them_reaches_the_order(queue: LevelQueue) -> None:
    assert queue.trade(sold(4), 0) == 0
    assert queue.ahead == 6
    assert queue.trade(sold(8), MS) == 2
    assert queue.ahead == 0
    assert queue.trade(sold(3), 2 * MS) == 3


def test_what_is_cancelled_leaves_evenly(queue: LevelQueue) -> None:
    queue.book(levels(20), 0)
    assert queue.ahead == 10
    queue.book(levels(10), MS)
    assert queue.ahead == 5
    queue.book(levels(0), 2 * MS)
    assert queue.ahead == 0


@pytest.mark.parametrize("trade_first", [True, False])
def test_a_trade_and_its_push_are_one(queue: LevelQueue, trade_first: bool) -> None:
    queue.book(levels(20), 0)
    if trade_first:
        queue.trade(sold(4), 5 * MS)
    queue.book(levels(16), 5 * MS)
    if not trade_first:
        queue.trade(sold(4), 5 * MS)
    assert queue.ahead == 6


def test_a_push_much_later_is_no_part_of_the_trade(queue: LevelQueue) -> None:
    queue.book(levels(20), 0)
    queue.book(levels(10), MS)
    assert queue.trade(sold(1), 5000 * MS) == 0
    assert queue.ahead == 4


STEPS = st.lists(
    st.tuples(st.sampled_from(["book", "trade"]), st.integers(0, 30), st.integers(0, 3_000)), max_size=30
)


@settings(deadline=None, max_examples=200)
@given(STEPS)
def test_the_estimate_stays_between_nothing_and_what_is_known_to_be_there(
    steps: list[tuple[str, int, int]],
) -> None:
    queue, now_ns, reached = LevelQueue(levels(10), "buy", PRICE), 0, Decimal(0)
    traded = 0
    for kind, size, wait_ms in steps:
        now_ns += wait_ms * MS
        before = queue.ahead
        if kind == "book":
            queue.book(levels(size), now_ns)
            assert queue.ahead <= before
        else:
            reached += queue.trade(sold(size), now_ns)
            traded += size
        assert 0 <= queue.ahead <= 10
    assert 0 <= reached <= traded


def uuid_of(name: str) -> str:
    return str(UUID(int=int.from_bytes(name.encode())))


def orders(*rows: tuple[str, int, int]) -> Level3Book:
    book = Level3Book("A")
    book.snapshot([(uuid_of(name), price, left) for name, price, left in rows], [(uuid_of("s"), 102, 1)])
    return book


def test_order_by_order_only_those_before_are_ahead() -> None:
    queue = queue_of(orders(("a", 101, 1), ("b", 100, 5), ("c", 100, 3), ("d", 99, 9)), "buy", PRICE)
    assert isinstance(queue, OrderQueue)
    assert queue.ahead == 8
    queue.book(orders(("b", 100, 2), ("c", 100, 3), ("late", 100, 50)), 0)
    assert queue.ahead == 5
    # Who is ahead trades without us, who came later only behind us.
    assert queue.trade(sold(2, uuid_of("b")), 0) == 0
    assert queue.trade(sold(4, uuid_of("late")), 0) == 4
    queue.book(orders(("late", 100, 46)), 0)
    assert queue.ahead == 0
