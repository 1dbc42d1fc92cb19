"""What a caller may pass: checked before anything is sent, so that a slip costs an exception and not an order."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from enum import StrEnum
from functools import cache
from typing import Any, TypeVar

from tradewire.decimals import EXACT, number
from tradewire.errors import ConfigError

__all__ = [
    "EXACT",
    "Exact",
    "check_kind",
    "check_plain",
    "exact",
    "flag",
    "id_text",
    "kind_fault",
    "member",
    "plain",
    "shown",
    "spelled",
    "whole_number",
]

Exact = Decimal | int | str
"""How prices and sizes are passed. A float is not exact and is refused."""

MAX_DIGITS = 38
"""Digits before and after the point together; the core's widest number has as many."""
SHORT = 20
"""Characters of a number that can be taken without a look at every digit."""
MAX_ID = 10**MAX_DIGITS
SHOWN_CHARACTERS = 50

EnumT = TypeVar("EnumT", bound=StrEnum)


def exact(name: str, value: Exact) -> Decimal:
    """Return ``value`` as an exact number above zero, with the digits it was given.

    Raises:
        ConfigError: It is a float, no number, not finite, absurdly long, or not above zero.
    """
    if type(value) is Decimal:
        text = str(value)
        # The usual case at a tenth of the cost: digits and a point, neither sign nor exponent nor NaN.
        if len(text) <= SHORT and text.replace(".", "", 1).isdigit() and value:
            return value
    if isinstance(value, float | bool) or not isinstance(value, Decimal | int | str):
        raise ConfigError(
            f"{name} must be Decimal, int or a decimal in a str, got {type(value).__name__}, which is not exact"
        )
    try:
        found = number(value)
    except ValueError as error:
        raise ConfigError(f"{name} {error}") from None
    _, digits, exponent = found.as_tuple()
    # A finite number has a whole exponent; the check tells the type checker so.
    if isinstance(exponent, str) or abs(exponent) > MAX_DIGITS or len(digits) > MAX_DIGITS:
        raise ConfigError(f"{name} must have at most {MAX_DIGITS} digits, got {shown(value)}")
    if found <= 0:
        raise ConfigError(f"{name} must be above zero, got {plain(found)}")
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
        raise ConfigError(f"{name} must be visible ASCII without blanks, got {shown(text)}")
    return text


def whole_number(name: str, value: object, low: int, high: int | None = None) -> int:
    """Return ``value`` if it is an int from ``low`` to ``high``.

    Raises:
        ConfigError: It is of another type, ``True`` for instance, or out of range.
    """
    if (
        isinstance(value, bool)
        or not isinstance(value, int)
        or value < low
        or (high is not None and value > high)
    ):
        upper = "" if high is None else f" to {high}"
        raise ConfigError(f"{name} must be a whole number from {low}{upper}, got {shown(value)}")
    return value


def id_text(name: str, value: object) -> str:
    """Return an id as text; one that is given as a number means the same.

    Raises:
        ConfigError: It is neither a text nor a whole number from 0.
    """
    if isinstance(value, str):
        return value
    if isinstance(value, bool) or not isinstance(value, int) or not 0 <= value < MAX_ID:
        raise ConfigError(f"{name} must be a text or a whole number, got {shown(value)}")
    return str(value)


def flag(name: str, value: object) -> bool:
    """Return ``value`` if it is ``True`` or ``False`` and nothing that only counts as such.

    Raises:
        ConfigError: It is not.
    """
    if not isinstance(value, bool):
        raise ConfigError(f"{name} must be True or False, got {shown(value)}")
    return value


def shown(value: object) -> str:
    """Return ``value`` as a message may show it: short."""
    try:
        return repr(value)[:SHOWN_CHARACTERS]
    except Exception:
        return f"a {type(value).__name__}"


def check_kind(name: str, kind: type[Any], value: object, example: str) -> None:
    """Refuse an object of another kind before it fails where no one would look for the cause.

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


def spelled(name: str, spelling: Mapping[EnumT, str], value: object) -> tuple[EnumT, str]:
    """Return ``value`` as the member of an enum that a venue knows, and the venue's word for it.

    Raises:
        ConfigError: There is no such member, or not at this venue; the message lists those there are.
    """
    known = {choice.value: choice for choice in spelling}
    choice = known.get(str(value)) if isinstance(value, str) else None
    if choice is None:
        listed = ", ".join(repr(one) for one in known)
        raise ConfigError(f"{name} must be one of {listed}, got {shown(value)}")
    return choice, spelling[choice]


def member(name: str, choices: type[EnumT], value: object) -> EnumT:
    """Return ``value`` as a member of ``choices``.

    Raises:
        ConfigError: There is no such member; the message lists them.
    """
    if isinstance(value, choices):
        return value
    found: EnumT | None = _by_value(choices).get(value) if isinstance(value, str) else None
    if found is None:
        known = ", ".join(repr(choice.value) for choice in choices)
        raise ConfigError(f"{name} must be one of {known}, got {shown(value)}")
    return found


@cache
def _by_value(choices: type[StrEnum]) -> dict[str, Any]:
    return {choice.value: choice for choice in choices}
