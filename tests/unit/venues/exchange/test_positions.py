"""Positions and the worst case against the fact sheet's vectors and against exact fractions."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction
from math import floor

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tradewire.model import Position, Side
from tradewire.venues.exchange.positions import POSITION_LIMIT, Positions, worst_case

D = Decimal
MARKET = "ABC-USD"
BUY, SELL = Side.BUY, Side.SELL

Row = tuple[int, int | None, int]
fills = st.lists(
    st.tuples(st.sampled_from((BUY, SELL)), st.integers(1, 1000), st.integers(1, 2**40)), max_size=30
)


def row(position: Position) -> Row:
    average = position.average_price
    assert position.size % 1 == position.realized_pnl % 1 == 0
    return int(position.size), None if average is None else int(average), int(position.realized_pnl)


def play(*trades: tuple[Side, int, int]) -> list[Row]:
    positions = Positions()
    return [row(positions.fill(MARKET, side, price, size, 1)) for side, size, price in trades]


def test_vector_from_flat_through_short_to_flat() -> None:
    told = play((BUY, 3, 100), (BUY, 2, 103), (SELL, 4, 110), (SELL, 3, 90), (BUY, 2, 80))
    assert told == [(3, 100, 0), (5, 101, 0), (1, 101, 36), (-2, 90, 25), (0, None, 45)]


def test_vector_of_rounding_down() -> None:
    assert play((BUY, 1, 100), (BUY, 1, 101))[-1] == (2, 100, 0)
    assert play((SELL, 1, 100), (SELL, 1, 101))[-1] == (-2, 100, 0)


def test_vector_of_a_trade_with_ourselves() -> None:
    assert play((BUY, 5, 90), (BUY, 2, 100), (SELL, 2, 100))[-1] == (5, 92, 16)


def exact(trades: list[tuple[Side, int, int]]) -> Row:
    """The fact sheet's table in fractions, rounded down where it says so."""
    net, average, realized = Fraction(0), Fraction(0), Fraction(0)
    for side, size, price in trades:
        change = Fraction(size if side is BUY else -size)
        after = net + change
        if net * change >= 0:
            average = Fraction(floor((average * abs(net) + price * abs(change)) / abs(after)))
        else:
            direction = 1 if net > 0 else -1
            realized += direction * (price - average) * min(abs(net), abs(change))
            if after * net < 0:
                average = Fraction(price)
        net = after
    return int(net), int(average) if net else None, int(realized)


@given(fills)
def test_positions_are_the_tables_in_fractions(trades: list[tuple[Side, int, int]]) -> None:
    if trades:
        assert play(*trades)[-1] == exact(trades)


@given(fills, st.integers(1, 2**40))
def test_no_money_is_made_up_but_by_rounding(trades: list[tuple[Side, int, int]], mark: int) -> None:
    told = play(*trades)
    if not told:
        return
    cash = sum(size * price if side is SELL else -size * price for side, size, price in trades)
    net, average, realized = told[-1]
    believed = realized + (mark - average) * net if average is not None else realized
    most_lost = sum(abs(after) for after, _, _ in told)
    assert abs(cash + net * mark - believed) <= most_lost


@given(fills)
def test_starting_from_what_the_venue_says_changes_nothing(trades: list[tuple[Side, int, int]]) -> None:
    positions, restarted = Positions(), Positions()
    for side, size, price in trades:
        positions.fill(MARKET, side, price, size, 1)
        restarted.start(positions.all())
        positions, restarted = restarted, positions
    assert [row(positions.of(MARKET))] == (play(*trades)[-1:] or [(0, None, 0)])


def test_only_what_the_venue_lists_is_listed() -> None:
    positions = Positions()
    positions.fill("XYZ-USD", SELL, 7, 1, 5)
    positions.fill(MARKET, BUY, 7, 1, 5)
    positions.fill("DEF-USD", BUY, 7, 1, 5)
    positions.fill("DEF-USD", SELL, 7, 1, 6)
    positions.fill("GHI-USD", BUY, 7, 1, 5)
    positions.fill("GHI-USD", SELL, 9, 1, 6)
    assert [position.market for position in positions.all()] == [MARKET, "GHI-USD", "XYZ-USD"]
    assert row(positions.of("nowhere")) == (0, None, 0)


@pytest.mark.parametrize(
    ("side", "size", "refused"), [(BUY, 100, None), (BUY, 101, 1001), (SELL, 1100, None), (SELL, 1101, -1001)]
)
def test_vector_of_the_worst_case(side: Side, size: int, refused: int | None) -> None:
    assert worst_case(400, 500, 300, side, size) == refused


@given(
    st.integers(-1000, 1000), st.integers(0, 2000), st.integers(0, 2000), st.booleans(), st.integers(1, 2000)
)
def test_the_worst_case_is_what_filling_any_of_the_open_orders_can_lead_to(
    net: int, buys: int, sells: int, is_buy: bool, size: int
) -> None:
    longest = net + buys + (size if is_buy else 0)
    shortest = net - sells - (0 if is_buy else size)
    refused = worst_case(net, buys, sells, BUY if is_buy else SELL, size)
    assert (refused is None) == (shortest >= -POSITION_LIMIT and longest <= POSITION_LIMIT)
    assert refused in {None, longest, shortest}


def test_unrealized_profit_is_the_distance_to_the_mark() -> None:
    positions = Positions()
    positions.fill(MARKET, SELL, 100, 4, 1)
    assert positions.of(MARKET).unrealized_pnl(D(97)) == 12
    assert positions.of("nowhere").unrealized_pnl(D(97)) == 0
