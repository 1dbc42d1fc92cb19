"""What a caller may pass: checked before anything is sent, so that a slip costs an exception and not an order."""

from __future__ import annotations

from decimal import Decimal
from enum import StrEnum
from typing import Any, TypeVar

from tradewire.decimals import EXACT, number
from tradewire.errors import ConfigError

__all__ = ["EXACT", "Exact", "check_kind", "check_plain", "exact", "kind_fault", "member", "plain"]

Exact = Decimal | int | str
"""How prices and sizes are passed. A float is not exact and is refused."""

MAX_DIGITS = 38
"""Digits before and after the point together; the core's widest number has as many."""
SHOWN_CHARACTERS = 50

EnumT = TypeVar("EnumT", bound=StrEnum)


def exact(name: str, value: Exact) -> Decimal:
    """Return ``value`` as an exact number above zero, with the digits it was given.

    Raises:
        ConfigError: It is a float, no number, not finite, absurdly long, or not above zero.
    """
    if isinstance(value, float | bool) or not isinstance(value, Decimal | int | str):
        raise ConfigError(
            f"{name} must be Decimal, int or a decimal in a str, was {type(value).__name__}, which is not exact"
        )
    try:
        found = number(value)
    except ValueError as error:
        raise ConfigError(f"{name} {error}") from None
    _, digits, exponent = found.as_tuple()
    # A finite number has a whole exponent; the check tells the type checker so.
    if isinstance(exponent, str) or abs(exponent) > MAX_DIGITS or len(digits) > MAX_DIGITS:
        raise ConfigError(f"{name} has more than {MAX_DIGITS} digits")
    if found <= 0:
        raise ConfigError(f"{name} must be above zero, was {plain(found)}")
    return found


def plain(number: Decimal) -> str:
    """Return ``number`` without an exponent, as venues read it."""
    return format(number, "f")


def check_plain(name: str, text: object) -> str:
    """Return ``text`` if it is plain visible ASCII, as every id and market name is.

    Raises:
        ConfigError: It is no text, is empty, or has a blank, a control character or a letter outside ASCII.
    """
    if not isinstance(text, str) or not (text and text.isascii() and text.isprintable()) or " " in text:
        raise ConfigError(
            f"{name} must be visible ASCII without blanks, was {str(text)[:SHOWN_CHARACTERS]!r}"
        )
    return text


def check_kind(name: str, kind: type[Any], value: object, example: str) -> None:
    """Refuse an object of another kind before it fails where nobody would look for the cause.

    Raises:
        ConfigError: The message shows how it is made.
    """
    fault = kind_fault(name, kind, value, example)
    if fault:
        raise ConfigError(fault)


def kind_fault(name: str, kind: type[Any], value: object, example: str) -> str:
    """Return why ``value`` is not of ``kind``, empty if it is. Raises and shows nothing: it may be a secret."""
    if isinstance(value, kind):
        return ""
    return f"{name} must be a {kind.__name__}, {example}; got a {type(value).__name__}"


def member(name: str, choices: type[EnumT], value: EnumT | str) -> EnumT:
    """Return ``value`` as a member of ``choices``.

    Raises:
        ConfigError: There is no such member; the message lists them.
    """
    try:
        return choices(value)
    except ValueError:
        known = ", ".join(repr(choice.value) for choice in choices)
        raise ConfigError(f"{name} is one of {known}, was {str(value)[:SHOWN_CHARACTERS]!r}") from None
