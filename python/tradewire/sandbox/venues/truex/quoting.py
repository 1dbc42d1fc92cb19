"""What a quantity would trade at, walking the visible book; nothing is reserved.

A quote amount buys the largest base quantity that fits it and is a multiple of the lot at the last price used.
Source: docs.truemarkets.co/apis/cefi-direct/rest/v1/market-data/postmarketsquote, read 2026-11-20. That a thin
book answers 400 is unconfirmed.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal

from tradewire.sandbox.exact import ZERO, exactly
from tradewire.sandbox.venues.truex.increments import bucket_of
from tradewire.sandbox.venues.truex.problems import Problem

__all__ = ["Quote", "of_base", "of_quote"]

TOO_THIN = "Not enough visible liquidity"


@dataclass(frozen=True, slots=True)
class Quote:
    """What would trade."""

    quantity: Decimal
    notional: Decimal
    residual: Decimal = ZERO
    """Quote amount that finds no use."""


@exactly
def of_base(levels: Iterable[tuple[Decimal, Decimal]], quantity: Decimal) -> Quote:
    """Return what ``quantity`` in base units would trade at.

    Raises:
        Problem: 400, the book is too thin.
    """
    left, notional = quantity, ZERO
    for price, size in levels:
        used = min(left, size)
        notional += used * price
        left -= used
        if not left:
            return Quote(quantity, notional)
    raise Problem(400, TOO_THIN)


@exactly
def of_quote(levels: Iterable[tuple[Decimal, Decimal]], amount: Decimal) -> Quote:
    """Return what ``amount`` in quote units would trade.

    Raises:
        Problem: 400, the book is too thin or the amount does not reach for one lot.
    """
    left, quantity = amount, ZERO
    for price, size in levels:
        if price * size < left:
            quantity += size
            left -= price * size
            continue
        lot = bucket_of(price).lot
        # The whole must be a multiple of the lot at this last price, and earlier levels may have finer ones;
        # where that leaves nothing for this level, the one before was the last.
        reach = (quantity * price + left) // (price * lot) * lot
        used = max(reach - quantity, ZERO)
        quantity += used
        left -= used * price
        if not quantity:
            raise Problem(400, "The amount is below one increment")
        return Quote(quantity, amount - left, left)
    raise Problem(400, TOO_THIN)
