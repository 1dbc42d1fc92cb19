"""Reading what a client sent, member by member: ids, names, decimals, enumerations; anything else is refused.

Numbers are JSON strings on this venue: a JSON number, integer or not, is refused with 400 like any other wrong
type. Unknown members are ignored. The patterns are those of the published schemas, read 2026-11-20.
"""

from __future__ import annotations

import json
import re
from collections.abc import Collection, Mapping
from decimal import Decimal
from typing import Any

from tradewire.sandbox.venues.truex.problems import Problem

__all__ = ["EXTERNAL_ID", "ID", "NAME", "REFERENCE", "UUID4", "Fields", "read_json", "require_json_type"]

ID = re.compile(r"[1-9][0-9]{0,38}")
NAME = re.compile(r"[a-zA-Z0-9_-]{1,64}")
UUID4 = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}")
EXTERNAL_ID = re.compile(rf"{UUID4.pattern}|[A-Za-z0-9._~-]{{1,18}}")
REFERENCE = re.compile(f"{ID.pattern}|{EXTERNAL_ID.pattern}")
DECIMAL = re.compile(r"-?[0-9]{1,20}(\.[0-9]{1,18})?")
JSON_TYPE = "application/json"


def require_json_type(content_type: str) -> None:
    """Refuse a body that does not say it is JSON.

    Raises:
        Problem: 415.
    """
    if content_type.partition(";")[0].strip().lower() != JSON_TYPE:
        raise Problem(415, f"Content-Type must be {JSON_TYPE}")


def read_json(text: bytes | str) -> dict[str, Any]:
    """Return the object that ``text`` holds.

    Raises:
        Problem: 400, it is not JSON or not an object.
    """
    try:
        document = json.loads(text, parse_constant=_refuse_constant)
    except RecursionError:
        raise Problem(400, "the document is nested too deeply") from None
    except ValueError:
        raise Problem(400, "the document is not valid JSON") from None
    if not isinstance(document, dict):
        raise Problem(400, "the document must be a JSON object")
    return document


class Fields:
    """The members of one JSON object, or the parameters of one query.

    Args:
        members: What came.
        path: Where this object sits in the document, for messages.
    """

    def __init__(self, members: Mapping[str, Any], path: str = "") -> None:
        self.members = members
        self._path = path

    def inner(self, name: str) -> Fields:
        """Return the object ``name``.

        Raises:
            Problem: 400, it is missing or no object.
        """
        value = self._required(name)
        if not isinstance(value, dict):
            raise self._wrong(name, "an object")
        return Fields(value, f"{self._path}{name}.")

    def text(self, name: str, pattern: re.Pattern[str] | None = None) -> str:
        """Return the string ``name``.

        Raises:
            Problem: 400, it is missing, no string, or not of ``pattern``.
        """
        value = self._required(name)
        if not isinstance(value, str):
            raise self._wrong(name, "a string")
        if pattern is not None and pattern.fullmatch(value) is None:
            raise self._wrong(name, f"of the form {pattern.pattern}")
        return value

    def optional_text(self, name: str, pattern: re.Pattern[str] | None = None) -> str | None:
        """Return the string ``name``, or ``None`` if it is absent or null.

        Raises:
            Problem: 400, it is no string or not of ``pattern``.
        """
        return None if self.members.get(name) is None else self.text(name, pattern)

    def one_of(self, name: str, values: Collection[str]) -> str:
        """Return ``name``, one of ``values``.

        Raises:
            Problem: 400, it is missing or something else.
        """
        value = self.text(name)
        if value not in values:
            raise self._wrong(name, f"one of {', '.join(values)}")
        return value

    def optional_one_of(self, name: str, values: Collection[str]) -> str | None:
        """Return ``name``, one of ``values``, or ``None`` if it is absent or null.

        Raises:
            Problem: 400, it is something else.
        """
        return None if self.members.get(name) is None else self.one_of(name, values)

    def some_of(self, name: str, values: Collection[str]) -> list[str]:
        """Return the array ``name``, whose elements are of ``values``; empty if it is absent or null.

        Raises:
            Problem: 400, it is something else.
        """
        given = self.members.get(name)
        if given is None:
            return []
        if not isinstance(given, list) or any(value not in values for value in given):
            raise self._wrong(name, f"an array of {', '.join(values)}")
        return list(dict.fromkeys(given))

    def texts(self, name: str) -> list[str]:
        """Return the array of strings ``name``.

        Raises:
            Problem: 400, it is missing or something else.
        """
        given = self._required(name)
        if not isinstance(given, list) or not all(isinstance(value, str) for value in given):
            raise self._wrong(name, "an array of strings")
        return list(dict.fromkeys(given))

    def amount(self, name: str) -> Decimal:
        """Return the decimal ``name``, above zero.

        Raises:
            Problem: 400, it is missing, no decimal text, or not above zero.
        """
        value = Decimal(self.text(name, DECIMAL))
        if value <= 0:
            raise self._wrong(name, "above zero")
        return value

    def optional_amount(self, name: str) -> Decimal | None:
        """Return the decimal ``name`` of at least zero, or ``None`` if it is absent or null.

        Raises:
            Problem: 400, it is no decimal text or below zero.
        """
        text = self.optional_text(name, DECIMAL)
        if text is None:
            return None
        if (value := Decimal(text)) < 0:
            raise self._wrong(name, "at least zero")
        return value

    def whole(self, name: str, default: int | None = None, *, least: int = 0, most: int = 2**63 - 1) -> int:
        """Return the whole number ``name``, sent as text.

        Raises:
            Problem: 400, it is missing without a ``default``, no whole number, or out of range.
        """
        if default is not None and self.members.get(name) is None:
            return default
        text = self.text(name, re.compile("[0-9]{1,19}"))
        if not least <= int(text) <= most:
            raise self._wrong(name, f"from {least} to {most}")
        return int(text)

    def _required(self, name: str) -> Any:
        if self.members.get(name) is None:
            raise Problem(400, f"{self._path}{name} is required")
        return self.members[name]

    def _wrong(self, name: str, wanted: str) -> Problem:
        return Problem(400, f"{self._path}{name} must be {wanted}")


def _refuse_constant(name: str) -> Any:
    raise ValueError(name)
