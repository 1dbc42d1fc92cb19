"""What a caller may pass: checked before anything is sent, so that a slip costs an exception and not an order."""

from __future__ import annotations

from decimal import Decimal, InvalidOperation
from enum import StrEnum
from typing import TypeVar

from tradewire.errors import ConfigError

__all__ = ["Exact", "check_plain", "exact", "member", "plain"]

Exact = Decimal | int | str
"""How prices and sizes are passed. A float is not exact and is refused."""

MAX_DIGITS = 38
"""Digits before and after the point together; the core's widest number has as many."""

EnumT = TypeVar("EnumT", bound=StrEnum)


def exact(name: str, value: Exact, *, above_zero: bool = True) -> Decimal:
    """Return ``value`` as an exact number.

    Raises:
        ConfigError: It is a float, not a number, not finite, absurdly long, or not above zero.
    """
    if isinstance(value, float | bool):
        raise ConfigError(f"{name} must be Decimal, int or str: a {type(value).__name__} is not exact")
    try:
        number = Decimal(value)
    except (InvalidOperation, TypeError, ValueError):
        raise ConfigError(f"{name} is not a decimal number, was {str(value)[:50]!r}") from None
    if not number.is_finite():
        raise ConfigError(f"{name} must be finite, was {number}")
    exponent = int(number.as_tuple().exponent)
    if abs(exponent) > MAX_DIGITS or len(number.as_tuple().digits) > MAX_DIGITS:
        raise ConfigError(f"{name} has more than {MAX_DIGITS} digits")
    if above_zero and number <= 0:
        raise ConfigError(f"{name} must be above zero, was {number}")
    return number


def plain(number: Decimal) -> str:
    """Return ``number`` without an exponent, as venues read it."""
    return format(number, "f")


def check_plain(name: str, text: str) -> str:
    """Return ``text`` if it is plain visible ASCII, as every id and market name is.

    Raises:
        ConfigError: It is empty, or has a blank, a control character or a letter outside ASCII.
    """
    if not text or not text.isascii() or not text.isprintable() or " " in text:
        raise ConfigError(f"{name} must be visible ASCII without blanks, was {text[:50]!r}")
    return text


def member(name: str, choices: type[EnumT], value: str) -> EnumT:
    """Return ``value`` as a member of ``choices``.

    Raises:
        ConfigError: There is no such member; the message lists them.
    """
    try:
        return choices(value)
    except ValueError:
        known = ", ".join(repr(choice.value) for choice in choices)
        raise ConfigError(f"{name} is one of {known}, was {value!r}") from None
