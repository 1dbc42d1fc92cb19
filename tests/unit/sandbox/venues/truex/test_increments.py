"""Grids of price and quantity."""

from __future__ import annotations

from decimal import Decimal

import pytest

from tradewire.sandbox.venues.truex.increments import (
    aligned,
    bucket_of,
    is_multiple,
    price_text,
    quantity_text,
)

TABLE = [
    # From the published page: lowest and highest price of each bucket, tick, lot.
    ("500000", "99999999", "1", "0.000001"),
    ("100000", "499999.5", "0.5", "0.00001"),
    ("10000", "99999.9", "0.1", "0.0001"),
    ("1000", "9999.99", "0.01", "0.001"),
    ("10", "999.999", "0.001", "0.01"),
    ("0.1", "9.9999", "0.0001", "1"),
    ("0.001", "0.099999", "0.000001", "100"),
    ("0.0001", "0.0009", "0.00000001", "10000"),
    ("0.00001", "0.00009999", "0.00000001", "10000"),
    ("0.0000000001", "0.0000099999", "0.0000000001", "1000000"),
]


@pytest.mark.parametrize(("low", "high", "tick", "lot"), TABLE)
def test_increment_table(low: str, high: str, tick: str, lot: str) -> None:
    for price in (low, high):
        bucket = bucket_of(Decimal(price))
        assert (bucket.tick, bucket.lot) == (Decimal(tick), Decimal(lot))
        assert is_multiple(Decimal(price), bucket.tick)
        assert not is_multiple(Decimal(price) + bucket.tick / 2, bucket.tick)


@pytest.mark.parametrize(
    ("price", "down", "up"),
    [
        ("64000.05", "64000.0", "64000.1"),
        ("64000.1", "64000.1", "64000.1"),
        ("123456.7", "123456.5", "123457.0"),
    ],
)
def test_prices_move_to_the_grid(price: str, down: str, up: str) -> None:
    assert str(aligned(Decimal(price), up=False)) == down
    assert str(aligned(Decimal(price), up=True)) == up


def test_numbers_carry_the_decimals_of_their_grid() -> None:
    assert price_text(Decimal(64000)) == "64000.0"
    assert price_text(Decimal(600000)) == "600000"
    assert quantity_text(Decimal("0.5"), Decimal(64000)) == "0.5000"
    assert quantity_text(Decimal(200), Decimal("0.05")) == "200"
    assert quantity_text(Decimal("0.12345"), Decimal(64000)) == "0.12345"
