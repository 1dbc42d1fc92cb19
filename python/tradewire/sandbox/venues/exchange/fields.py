"""Reading a request as the server's typed extractors do (missing, null, wrong type, too large), and its annotations.

Unknown members are ignored, optional ones may be absent or null, a ``u64`` is a JSON integer and nothing else.
"""

from __future__ import annotations

import re
import uuid
from collections.abc import Collection, Mapping, Sequence
from typing import Annotated, Any, NoReturn, TypeAlias

from tradewire.sandbox.documents import from_json
from tradewire.sandbox.routing import Reader
from tradewire.sandbox.venues.exchange.records import BUY, SELL
from tradewire.sandbox.venues.exchange.refusals import BodyRefusal

__all__ = [
    "Fields", "Level", "OneSide", "Switch", "Text", "Texts", "Unpublished", "Uuid", "Whole", "canonical_uuid",
    "read_body", "read_json", "require_json_type",
]  # fmt: skip

MAX_U64 = 2**64 - 1
WHOLE = re.compile(r"0*[0-9]{1,20}")
LEVELS = ("info", "warning", "critical")
BAD_SHAPE = "Failed to deserialize the JSON body into the target type: "
BAD_JSON = "Failed to parse the request body as JSON: "
JSON_TYPE = re.compile(r"application/([\w.!#$&^-]+\+)?json", re.IGNORECASE)
HYPHENATED = r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}"
UUID = re.compile(
    rf"[0-9a-f]{{32}}|{HYPHENATED}|\{{{HYPHENATED}\}}|(?-i:urn:uuid:){HYPHENATED}", re.IGNORECASE
)
"""Every spelling that the server's parser takes."""


def canonical_uuid(text: str) -> str | None:
    """Return a UUID in lower case with hyphens, or ``None`` if ``text`` is none in any spelling."""
    return None if UUID.fullmatch(text) is None else str(uuid.UUID(text.lower()))


def require_json_type(content_type: str) -> None:
    """Refuse a body that does not say it is JSON.

    Raises:
        BodyRefusal: 415.
    """
    if not JSON_TYPE.fullmatch(content_type.partition(";")[0].strip()):
        raise BodyRefusal(415, "Expected request with `Content-Type: application/json`")


def read_json(body: bytes | str) -> Any:
    """Return what a body or a message holds.

    Raises:
        BodyRefusal: 400, it is not JSON; 422, a member comes twice.
    """
    try:
        return from_json(body, pairs=_object)
    except ValueError as error:
        raise BodyRefusal(400, f"{BAD_JSON}{error}") from None


def read_body(body: bytes, members: Sequence[str]) -> Fields:
    """Return what a request's body holds.

    Args:
        body: As it came.
        members: Names of its members in the order of the server's type.

    Raises:
        BodyRefusal: 400 or 422.
    """
    lines = body.rstrip(b" \t\r\n").split(b"\n")
    return Fields(read_json(body), members, end=f"line {len(lines)} column {len(lines[-1])}")


class Fields:
    """The members of a JSON object, or of an array that holds them in order, read one by one.

    Args:
        document: What the body holds.
        members: Names of the members in the order of the server's type, for arrays.
        end: Where the document ends; the server says so of a member that is missing.

    Raises:
        BodyRefusal: 422, it is neither; 400, an array that is too long.
    """

    def __init__(self, document: Any, members: Sequence[str] = (), end: str = "line 1 column 2") -> None:
        if isinstance(document, list) and members:
            if len(document) > len(members):
                raise BodyRefusal(400, f"{BAD_JSON}trailing characters at {end}")
            if len(document) < len(members):
                reason = f"invalid length {len(document)}, expected struct with {len(members)} elements"
                raise BodyRefusal(422, f"{BAD_SHAPE}{reason} at {end}")
            document = dict(zip(members, document, strict=True))
        if not isinstance(document, Mapping):
            self._refuse("body", "expected an object")
        self._document: Mapping[str, Any] = document
        self._end = end

    def has(self, name: str) -> bool:
        """Say whether ``name`` came; null counts as absent."""
        return self._document.get(name) is not None

    def text(self, name: str) -> str:
        """Return a required string."""
        value = self._required(name)
        if not isinstance(value, str):
            self._refuse(name, "expected a string")
        if any("\ud800" <= character <= "\udfff" for character in value):
            raise BodyRefusal(400, f"{BAD_JSON}{name}: lone surrogate in hex escape")
        return value

    def u64(self, name: str) -> int:
        """Return a required whole number from 0 to 2^64-1."""
        value = self._required(name)
        if isinstance(value, bool) or not isinstance(value, int) or not 0 <= value <= MAX_U64:
            self._refuse(name, "expected u64")
        return value

    def boolean(self, name: str) -> bool:
        """Return a required true or false."""
        value = self._required(name)
        return value if isinstance(value, bool) else self._refuse(name, "expected a boolean")

    def choice(self, name: str, choices: Collection[str]) -> str:
        """Return one of ``choices``."""
        value = self.text(name)
        return value if value in choices else self._refuse(name, f"expected one of {', '.join(choices)}")

    def uuid(self, name: str) -> str:
        """Return a required UUID, in lower case."""
        value = self.text(name)
        return canonical_uuid(value) or self._refuse(name, "expected a UUID")

    def objects(self, name: str, members: Sequence[str]) -> list[Fields]:
        """Return a required array of objects, whose members are in this order."""
        value = self._required(name)
        if not isinstance(value, list):
            self._refuse(name, "expected an array")
        return [Fields(item, members) for item in value]

    def raw(self, name: str) -> Any:
        """Return a member as it came."""
        return self._document.get(name)

    def _required(self, name: str) -> Any:
        if name not in self._document:
            raise BodyRefusal(422, f"{BAD_SHAPE}missing field `{name}` at {self._end}")
        return self._document[name]

    def _refuse(self, name: str, reason: str) -> NoReturn:
        raise BodyRefusal(422, f"{BAD_SHAPE}{name}: {reason}")


class Texts:
    """What stands in a path or a query, read one by one.

    Args:
        values: Texts by name.
    """

    def __init__(self, values: Mapping[str, list[str]]) -> None:
        self._values = values

    def has(self, name: str) -> bool:
        """Say whether ``name`` came."""
        return name in self._values

    def text(self, name: str) -> str:
        """Return a text.

        Raises:
            BodyRefusal: 400, it comes twice.
        """
        values = self._values[name]
        if len(values) > 1:
            raise BodyRefusal(400, f"Failed to deserialize query string: duplicate field `{name}`")
        return values[0]

    def u64(self, name: str) -> int:
        """Return a whole number.

        Raises:
            BodyRefusal: 400, it is none or comes twice.
        """
        text = self.text(name)
        if not WHOLE.fullmatch(text) or int(text) > MAX_U64:
            raise BodyRefusal(
                400, f"Failed to deserialize query string: {name}: invalid digit found in string"
            )
        return int(text)

    def uuid(self, name: str) -> str:
        """Return a UUID, in lower case.

        Raises:
            BodyRefusal: 400, it is none.
        """
        text = self.text(name)
        if (found := canonical_uuid(text)) is None:
            raise BodyRefusal(400, f"Invalid URL: Cannot parse `{name}` with value `{text}` to a `Uuid`")
        return found


Text: TypeAlias = Annotated[str, Reader(lambda fields, name: fields.text(name))]
Whole: TypeAlias = Annotated[int, Reader(lambda fields, name: fields.u64(name))]
Uuid: TypeAlias = Annotated[str, Reader(lambda fields, name: fields.uuid(name))]
Switch: TypeAlias = Annotated[bool, Reader(Fields.boolean)]
OneSide: TypeAlias = Annotated[str, Reader(lambda fields, name: fields.choice(name, (BUY, SELL)))]
Unpublished: TypeAlias = Annotated[Any, Reader(Fields.raw, ())]
Level: TypeAlias = Annotated[str, Reader(lambda fields, name: fields.choice(name, LEVELS))]


def _object(members: list[tuple[str, Any]]) -> dict[str, Any]:
    names = [name for name, _ in members]
    if len(set(names)) < len(names):
        raise BodyRefusal(422, f"{BAD_SHAPE}duplicate field")
    return dict(members)
