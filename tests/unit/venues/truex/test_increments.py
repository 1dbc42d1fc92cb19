"""TrueX's grids, against the published table written out once more with fractions."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tradewire.errors import ConfigError
from tradewire.model import Side
from tradewire.protocol.arguments import exact
from tradewire.venues.truex.increments import MIN_NOTIONAL, check, increment_at, round_price

PUBLISHED = [
    ("500000", None, "1", "0.000001"),
    ("100000", "499999.5", "0.5", "0.00001"),
    ("10000", "99999.9", "0.1", "0.0001"),
    ("1000", "9999.99", "0.01", "0.001"),
    ("10", "999.999", "0.001", "0.01"),
    ("0.1", "9.9999", "0.0001", "1"),
    ("0.001", "0.099999", "0.000001", "100"),
    ("0.00001", "0.00009999", "0.00000001", "10000"),
    ("0.0000000001", "0.0000099999", "0.0000000001", "1000000"),
]
"""From, to, tick and lot of the venue's page, read 2026-11-20; zero is no price of an order."""

prices = st.decimals(min_value="0.0000000001", max_value="9999999", places=12, allow_nan=False)
sides = st.sampled_from(Side)


def is_on_grid(price: Decimal) -> bool:
    tick = next(Fraction(row[2]) for row in PUBLISHED if price >= Decimal(row[0]))
    return Fraction(price) % tick == 0


@pytest.mark.parametrize(("start", "end", "tick", "lot"), PUBLISHED)
def test_both_ends_of_every_bucket_have_its_steps(start: str, end: str | None, tick: str, lot: str) -> None:
    for price in (start, end):
        if price is not None:
            assert increment_at(Decimal(price))[1:] == (Decimal(tick), Decimal(lot))
            check(Decimal(lot) * 10**15, Decimal(price))


def test_prices_the_page_leaves_out_are_taken_as_the_bucket_below() -> None:
    for price in ("0.0001", "0.00050001", "0.00099999"):
        assert increment_at(Decimal(price)) == increment_at(Decimal("0.00001"))


def test_between_two_buckets_the_lower_one_counts() -> None:
    assert increment_at(Decimal("499999.9")).tick == Decimal("0.5")
    assert increment_at(Decimal(500000)).tick == 1


@given(price=prices.filter(bool), side=sides)
def test_rounded_price_is_on_the_grid_and_never_worse_for_its_owner(price: Decimal, side: Side) -> None:
    rounded = round_price(price, side)
    assert rounded == 0 or is_on_grid(rounded)
    assert rounded <= price if side is Side.BUY else rounded >= price


@given(price=prices.filter(bool), side=sides)
def test_rounding_moves_less_than_a_tick_and_never_twice(price: Decimal, side: Side) -> None:
    rounded = round_price(price, side)
    widest = max(increment_at(price).tick, increment_at(rounded).tick)
    assert abs(Fraction(rounded) - Fraction(price)) < Fraction(widest)
    if rounded:
        assert round_price(rounded, side) == rounded


@pytest.mark.parametrize(
    ("price", "side", "rounded"),
    [
        ("64000.07", Side.BUY, "64000.0"),
        ("64000.07", Side.SELL, "64000.1"),
        ("99999.95", Side.SELL, "100000"),
        ("499999.7", Side.SELL, "500000"),
        ("9.99999", Side.SELL, "10"),
        ("9.99999", Side.BUY, "9.9999"),
        ("0.09999901", Side.SELL, "0.1"),
    ],
)
def test_rounding_by_hand(price: str, side: Side, rounded: str) -> None:
    assert round_price(Decimal(price), side) == Decimal(rounded)


def test_price_off_the_grid_is_refused_with_the_nearest_two() -> None:
    with pytest.raises(ConfigError, match=r"64000\.07 is a multiple of 0\.1: 64000\.0 or 64000\.1"):
        check(Decimal("0.01"), Decimal("64000.07"))
    with pytest.raises(ConfigError, match=r"multiple of 0\.1: 99999\.9 or 100000"):
        check(Decimal("0.01"), Decimal("99999.95"))


def test_price_below_the_smallest_tick_is_refused_with_the_only_near_one() -> None:
    with pytest.raises(ConfigError, match=r"multiple of 0\.0000000001: 0\.0000000001$"):
        check(Decimal(10) ** 12, Decimal("0.00000000005"))


def test_size_off_the_lot_is_refused_with_the_nearest_two() -> None:
    with pytest.raises(
        ConfigError, match=r"at 64000\.0 is a multiple of 0\.0001: 0\.0100 or 0\.0101.*0\.01005"
    ):
        check(Decimal("0.01005"), Decimal("64000.0"))


def test_size_below_one_lot_is_refused_with_the_only_near_one() -> None:
    with pytest.raises(ConfigError, match=r"multiple of 0\.0001: 0\.0001, got 0\.00005"):
        check(Decimal("0.00005"), Decimal("64000.0"))


def test_the_price_of_the_order_decides_which_sizes_are_valid() -> None:
    check(Decimal("0.00001"), Decimal(100_000))
    with pytest.raises(ConfigError, match=r"multiple of 0\.0001"):
        check(Decimal("0.00001"), Decimal("99999.9"))


def test_worth_less_than_one_quote_unit() -> None:
    assert MIN_NOTIONAL == 1
    check(Decimal("0.001"), Decimal(1000))
    with pytest.raises(ConfigError, match=r"at least 1 quote unit, 0\.01 at 99\.999 is less"):
        check(Decimal("0.01"), Decimal("99.999"))


@pytest.mark.parametrize("size", ["1e37", "9" * 38, "1." + "1" * 36, "9" * 33 + ".00005"])
def test_absurd_sizes_are_refused_or_taken_exactly_and_never_break(size: str) -> None:
    number = exact("size", size)
    if Fraction(number) % Fraction("0.0001") == 0:
        check(number, Decimal("64000.0"))
    else:
        with pytest.raises(ConfigError, match="multiple of"):
            check(number, Decimal("64000.0"))
