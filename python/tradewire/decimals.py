"""The one rule for numbers, from a venue or a caller: what one may look like, and exact sums.

Knows text and ``Decimal`` and nothing of any venue.
"""

from __future__ import annotations

import re
from decimal import ROUND_HALF_EVEN, Context, Decimal, DivisionByZero, InvalidOperation, Overflow
from typing import Final

__all__ = ["EXACT", "MAX_FRACTION_DIGITS", "MAX_WHOLE_DIGITS", "number"]

EXACT: Final = Context(
    prec=250,
    rounding=ROUND_HALF_EVEN,
    Emin=-999_999,
    Emax=999_999,
    capitals=1,
    clamp=0,
    flags=[],
    traps=[InvalidOperation, DivisionByZero, Overflow],
)
"""Calculates with prices and sizes, whatever the program's own context is. The default context has 28 digits:
products and remainders of longer numbers would not be exact."""
MAX_WHOLE_DIGITS: Final = 40
MAX_FRACTION_DIGITS: Final = 40
"""No venue comes near either; a number beyond them would make every sum with it slow or rounded."""
SHOWN_CHARACTERS = 50

# Decimal() alone would take blanks, underscores, the digits of every script, NaN and Infinity.
_NUMBER = re.compile(r"[+-]?[0-9]{1,80}(?:\.[0-9]{1,80})?(?:[eE][+-]?[0-9]{1,3})?")


def number(value: object) -> Decimal:
    """Return ``value`` as an exact finite number, with the digits it was given.

    Plain (``0.10``) and scientific notation (``1E-8``) are read, as text, ``int`` or ``Decimal``.

    Raises:
        ValueError: It is a float or no number, is not finite, is blank, holds blanks, underscores or digits of another
            script, or has more than 40 digits before or after the point.
    """
    if isinstance(value, str):
        if _NUMBER.fullmatch(value) is None:
            raise ValueError(f"must be a decimal number, got {value[:SHOWN_CHARACTERS]!r}")
        found = Decimal(value)
    elif isinstance(value, Decimal):
        found = value
    elif isinstance(value, int) and not isinstance(value, bool):
        # Making a decimal of a huge int takes time that grows with its square.
        if value.bit_length() > 4 * MAX_WHOLE_DIGITS:
            raise ValueError(f"must have at most {MAX_WHOLE_DIGITS} digits before the point, got more")
        found = Decimal(value)
    else:
        raise ValueError(f"must be a decimal number, got a {type(value).__name__}")
    if not found.is_finite():
        raise ValueError(f"must be finite, got {found}")
    exponent = found.as_tuple().exponent
    assert isinstance(exponent, int)
    if (
        found.adjusted() >= MAX_WHOLE_DIGITS
        or exponent >= MAX_WHOLE_DIGITS
        or exponent < -MAX_FRACTION_DIGITS
    ):
        raise ValueError(
            f"must have at most {MAX_WHOLE_DIGITS} digits before and {MAX_FRACTION_DIGITS} after the point, "
            f"got {str(value)[:SHOWN_CHARACTERS]}"
        )
    return found
