"""Exact decimals: the arithmetic context of the sandbox and the two ways it writes a number.

Knows nothing of orders or accounts. Refuses to round: a result that does not fit raises ``decimal.Inexact``
instead of losing a digit, whatever context the host program has set. Only ``quotient`` rounds, where it is told to.
"""

from __future__ import annotations

from collections.abc import Callable
from decimal import (
    ROUND_HALF_EVEN,
    Context,
    Decimal,
    DivisionByZero,
    Inexact,
    InvalidOperation,
    Overflow,
    getcontext,
    setcontext,
)
from functools import lru_cache, wraps
from typing import ParamSpec, TypeVar

__all__ = ["CACHED", "EXACT", "ZERO", "exactly", "floored", "padded", "plain", "quotient"]

P = ParamSpec("P")
R = TypeVar("R")

ZERO = Decimal(0)
CACHED = 1 << 16
"""Numbers whose text is remembered: books repeat theirs with every push."""
ROUNDING = Context(prec=120, traps=[DivisionByZero, InvalidOperation, Overflow])
EXACT = Context(prec=120, traps=[DivisionByZero, Inexact, InvalidOperation, Overflow])


def exactly(work: Callable[P, R]) -> Callable[P, R]:
    """Run ``work`` in the exact context; one that is called from another one costs next to nothing."""

    @wraps(work)
    def inside(*args: P.args, **kwargs: P.kwargs) -> R:
        before = getcontext()
        if before is EXACT:
            return work(*args, **kwargs)
        setcontext(EXACT)
        try:
            return work(*args, **kwargs)
        finally:
            setcontext(before)

    return inside


@exactly
def floored(numerator: Decimal, denominator: Decimal, places: int) -> Decimal:
    """Return the quotient with at most ``places`` decimals, rounded towards zero."""
    return (numerator.scaleb(places) // denominator).scaleb(-places)


@lru_cache(CACHED)
def plain(value: Decimal) -> str:
    """Return ``value`` without exponent and without trailing zeros, as REST replies carry it."""
    if not value:
        return "0"
    text = f"{value:f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


@lru_cache(CACHED)
def padded(value: Decimal, places: int) -> str:
    """Return ``value`` with exactly ``places`` decimals, as pushes carry it.

    Raises:
        decimal.Inexact: ``value`` has more decimals than that.
    """
    return f"{value.quantize(Decimal(1).scaleb(-places), context=EXACT):f}"


def quotient(dividend: Decimal, divisor: Decimal, places: int, rounding: str = ROUND_HALF_EVEN) -> Decimal:
    """Return ``dividend / divisor`` rounded to ``places`` decimals."""
    exact = ROUNDING.divide(dividend, divisor)
    return exact.quantize(Decimal(1).scaleb(-places), rounding, ROUNDING)
