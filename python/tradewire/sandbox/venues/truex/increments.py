"""Tick and lot by price: on this venue the grid depends on where the price is.

Source: docs.truemarkets.co/documentation/exchange/cefi/information/increment_sizes, read 2026-11-20. The page
says nothing of prices from 0.0001 to 0.001; they use the grid of the bucket below (unconfirmed).
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from functools import lru_cache

from tradewire.sandbox.exact import CACHED, exactly, padded

__all__ = [
    "BUCKETS",
    "MIN_NOTIONAL",
    "Bucket",
    "aligned",
    "bucket_of",
    "is_multiple",
    "price_text",
    "quantity_text",
]

MIN_NOTIONAL = Decimal(1)


@dataclass(frozen=True, slots=True)
class Bucket:
    """The grid of prices from ``start`` up to the next bucket."""

    start: Decimal
    tick: Decimal
    lot: Decimal

    @property
    def price_places(self) -> int:
        """Decimals of a price."""
        return _places(self.tick)

    @property
    def quantity_places(self) -> int:
        """Decimals of a quantity."""
        return _places(self.lot)


BUCKETS = tuple(
    Bucket(Decimal(start), Decimal(tick), Decimal(lot))
    for start, tick, lot in (
        ("500000", "1", "0.000001"),
        ("100000", "0.5", "0.00001"),
        ("10000", "0.1", "0.0001"),
        ("1000", "0.01", "0.001"),
        ("10", "0.001", "0.01"),
        ("0.1", "0.0001", "1"),
        ("0.001", "0.000001", "100"),
        ("0.00001", "0.00000001", "10000"),
        ("0", "0.0000000001", "1000000"),
    )
)
"""Highest first."""


def bucket_of(price: Decimal) -> Bucket:
    """Return the grid of ``price``."""
    return next(bucket for bucket in BUCKETS if price >= bucket.start)


@exactly
def is_multiple(value: Decimal, step: Decimal) -> bool:
    """Say whether ``value`` is on the grid of ``step``."""
    return not value % step


@exactly
def aligned(price: Decimal, *, up: bool) -> Decimal:
    """Return the next price on the grid at or above ``price``, or at or below it."""
    tick = bucket_of(price).tick
    below = price // tick * tick
    return below + tick if up and below != price else below


@lru_cache(CACHED)
def price_text(price: Decimal) -> str:
    """Return ``price`` with the decimals of its grid."""
    return padded(price, bucket_of(price).price_places)


@lru_cache(CACHED)
def quantity_text(quantity: Decimal, price: Decimal) -> str:
    """Return ``quantity`` with the decimals of the grid at ``price``, or more if it has more."""
    exponent = quantity.normalize().as_tuple().exponent
    assert isinstance(exponent, int)
    return padded(quantity, max(bucket_of(price).quantity_places, -exponent))


def _places(step: Decimal) -> int:
    exponent = step.as_tuple().exponent
    assert isinstance(exponent, int)
    return max(0, -exponent)
