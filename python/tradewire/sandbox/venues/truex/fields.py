"""Reading what a client sent, member by member, and the annotations that endpoints name members by.

Numbers are JSON strings on this venue: a JSON number, integer or not, is refused with 400 like any other wrong
type. Unknown members are ignored. The patterns are those of the published schemas, read 2026-11-20.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Annotated, Any, TypeAlias

from tradewire.sandbox.documents import JSON_TYPE, from_json, is_json_type
from tradewire.sandbox.routing import Reader
from tradewire.sandbox.venues.truex.clients import Prevention
from tradewire.sandbox.venues.truex.problems import Problem

__all__ = [
    "EXTERNAL_ID", "ID", "UUID4", "Amount", "Deferred", "ExternalId", "Fields", "Given", "Id", "IdType", "Ignored",
    "MessageId", "Name", "Nanoseconds", "Rate", "Reference", "StpMode", "Text", "one_of", "read_json",
    "require_json_type", "some_of",
]  # fmt: skip

ID = re.compile(r"[1-9][0-9]{0,38}")
NAME = re.compile(r"[a-zA-Z0-9_-]{1,64}")
UUID4 = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}")
EXTERNAL_ID = re.compile(rf"{UUID4.pattern}|[A-Za-z0-9._~-]{{1,18}}")
REFERENCE = re.compile(f"{ID.pattern}|{EXTERNAL_ID.pattern}")
MESSAGE_ID = re.compile("[0-9]{1,39}")
WHOLE = re.compile("[0-9]{1,19}")
DECIMAL = re.compile(r"-?[0-9]{1,20}(\.[0-9]{1,18})?")


def require_json_type(content_type: str) -> None:
    """Refuse a body that does not say it is JSON.

    Raises:
        Problem: 415.
    """
    if not is_json_type(content_type):
        raise Problem(415, f"Content-Type must be {JSON_TYPE}")


def read_json(text: bytes | str) -> dict[str, Any]:
    """Return the object that ``text`` holds.

    Raises:
        Problem: 400, it is not JSON or not an object.
    """
    try:
        document = from_json(text)
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

    def has(self, name: str) -> bool:
        """Say whether ``name`` came; null counts as absent."""
        return self.members.get(name) is not None

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

    def one_of(self, name: str, values: Collection[str]) -> str:
        """Return ``name``, one of ``values``.

        Raises:
            Problem: 400, it is missing or something else.
        """
        value = self.text(name)
        if value not in values:
            raise self._wrong(name, f"one of {', '.join(values)}")
        return value

    def some_of(self, name: str, values: Collection[str]) -> list[str]:
        """Return the required array ``name``, whose elements are of ``values``.

        Raises:
            Problem: 400, it is something else.
        """
        given = self._required(name)
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

    def not_negative(self, name: str) -> Decimal:
        """Return the decimal ``name`` of at least zero.

        Raises:
            Problem: 400, it is missing, no decimal text, or below zero.
        """
        if (value := Decimal(self.text(name, DECIMAL))) < 0:
            raise self._wrong(name, "at least zero")
        return value

    def whole(self, name: str, *, least: int = 0, most: int = 2**63 - 1) -> int:
        """Return the whole number ``name``, sent as text.

        Raises:
            Problem: 400, it is missing, no whole number, or out of range.
        """
        text = self.text(name, WHOLE)
        if not least <= int(text) <= most:
            raise self._wrong(name, f"from {least} to {most}")
        return int(text)

    def raw(self, name: str) -> Any:
        """Return ``name`` as it came."""
        return self._required(name)

    def _required(self, name: str) -> Any:
        if self.members.get(name) is None:
            raise Problem(400, f"{self._path}{name} is required")
        return self.members[name]

    def _wrong(self, name: str, wanted: str) -> Problem:
        return Problem(400, f"{self._path}{name} must be {wanted}")


@dataclass(frozen=True, slots=True)
class Deferred:
    """A member that counts in some requests only: read when it does."""

    fields: Fields
    name: str


def text_of(pattern: re.Pattern[str] | None = None) -> Reader:
    """Return the reader of a string of a form."""
    return Reader(lambda fields, name: fields.text(name, pattern))


def one_of(*values: str) -> Reader:
    """Return the reader of a string that is one of ``values``."""
    return Reader(lambda fields, name: fields.one_of(name, values))


def some_of(*values: str) -> Reader:
    """Return the reader of an array of ``values``."""
    return Reader(lambda fields, name: fields.some_of(name, values))


Text: TypeAlias = Annotated[str, text_of()]
Id: TypeAlias = Annotated[str, text_of(ID)]
Name: TypeAlias = Annotated[str, text_of(NAME)]
ExternalId: TypeAlias = Annotated[str, text_of(EXTERNAL_ID)]
MessageId: TypeAlias = Annotated[str, text_of(MESSAGE_ID)]
Reference: TypeAlias = Annotated[str, text_of(REFERENCE)]
IdType: TypeAlias = Annotated[str, one_of("exchange", "client")]
StpMode: TypeAlias = Annotated[str, one_of(*Prevention)]
Amount: TypeAlias = Annotated[Decimal, Reader(Fields.amount)]
Rate: TypeAlias = Annotated[Decimal, Reader(Fields.not_negative)]
Nanoseconds: TypeAlias = Annotated[int, Reader(Fields.whole)]
Given: TypeAlias = Annotated[Mapping[str, Any], Reader(lambda fields, _: fields.members, ())]
"""All members as they came, to be shown again."""
Ignored: TypeAlias = Annotated[Any, Reader(Fields.raw)]
