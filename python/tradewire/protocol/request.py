"""Requests that encode themselves: what may be passed, and its spelling, stand in the annotation of each field.

A field that may be ``None`` and is does not travel. Its name on the wire is its own unless ``msgspec.field(name=...)``
says another. Where it travels (path, query or body) is the row's to say. Sans-IO.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from decimal import Decimal
from enum import StrEnum
from functools import cache
from types import NoneType, UnionType
from typing import Annotated, Any, ClassVar, NamedTuple, TypeVar, Union, get_args, get_origin, get_type_hints

import msgspec

from tradewire import codec
from tradewire.errors import ConfigError
from tradewire.protocol.arguments import Exact, check_plain, exact, flag, member, plain, spelled, whole_number

__all__ = [
    "COUNT",
    "DIGITS",
    "NOT_SENT",
    "SEGMENT",
    "TEXT",
    "UUID",
    "Amount",
    "Argument",
    "Checked",
    "Flag",
    "Hole",
    "Name",
    "Params",
    "Request",
    "Switch",
    "TimeMs",
    "encoder",
    "number",
    "one_of",
    "within",
]

AskedT = TypeVar("AskedT", bound="Request | None")
NS_PER_MS = 1_000_000


class Params(msgspec.Struct, frozen=True):
    """An encoded request: the parts in which it travels, before the venue's ``auth`` signs them."""

    query: Sequence[tuple[str, str]] = ()
    body: bytes = b""
    path: Sequence[tuple[str, str]] = ()
    """Values for the ``{names}`` of the row's path."""


class Hole(NamedTuple):
    """A value that changes from request to request, as the core checks it where it fills requests in."""

    kind: str
    step: str = ""
    minimum: str = ""


TEXT = Hole("text")
"""Visible ASCII, as ids are."""
DIGITS = Hole("digits")
"""A whole number, as text or ``int``; travels as a number."""


COUNT = Hole("count")
"""A whole number above zero; travels as a number."""
UUID = Hole("uuid")
"""A UUID in lower case."""
SEGMENT = Hole("segment")
"""A part of a path that needs no encoding."""


def number(step: Decimal | None = None, minimum: Decimal | None = None) -> Hole:
    """Return the hole of an exact number above zero that travels as text, on a grid if ``step`` is given."""
    return Hole("number", "" if step is None else plain(step), "" if minimum is None else plain(minimum))


class Argument(msgspec.Struct, frozen=True):
    """How the values of a field are checked and spelled; stands in its annotation."""

    encode: Callable[[str, Any], object]
    """Takes the field's name and the value, returns what travels; raises ``ConfigError``."""


def within(low: int, high: int | None = None) -> Argument:
    """Return the argument that is a whole number from ``low`` to ``high``."""
    return Argument(lambda name, value: whole_number(name, value, low, high))


def one_of(
    choices: type[StrEnum], spelling: Mapping[Any, str] | Callable[[str], str] | None = None
) -> Argument:
    """Return the argument that is a member of ``choices``, or its value, and how it is spelled on the wire."""
    if isinstance(spelling, Mapping):
        return Argument(lambda name, value: spelled(name, spelling, value)[1])
    if spelling is not None:
        return Argument(lambda name, value: spelling(member(name, choices, value).value))
    return Argument(lambda name, value: member(name, choices, value).value)


def _ms(name: str, time_ns: object) -> int:
    return whole_number(name, time_ns, 0) // NS_PER_MS


Name = Annotated[str, Argument(check_plain)]
"""Visible ASCII without blanks: a market, an asset, an id."""
Amount = Annotated[Exact, Argument(lambda name, value: plain(exact(name, value)))]
"""An exact number above zero; travels as text."""
Checked = Annotated[Decimal, Argument(lambda _, value: plain(value))]
"""An exact number that was checked before; travels as text."""
Flag = Annotated[bool, Argument(flag)]
Switch = Annotated[bool, Argument(lambda name, value: flag(name, value) or None)]
"""A flag that travels only if it is set."""
TimeMs = Annotated[int, Argument(_ms)]
"""Nanoseconds UTC; travels as milliseconds."""


class Request(msgspec.Struct, frozen=True):
    """What a method asks of an endpoint."""

    computed: ClassVar[Sequence[str]] = ()
    """The wire's names of what ``members`` adds to the fields."""

    def members(self) -> dict[str, object]:
        """Return what travels, by the wire's names.

        Raises:
            ConfigError: A value is not what its field allows; the message has the field's name.
        """
        found = {}
        for name, wire, encode, may_be_none in _fields(type(self)):
            value = getattr(self, name)
            if value is None and may_be_none:
                continue
            if encode is not AS_IT_IS.encode:
                value = encode(name, value)
                if value is None:
                    continue
            found[wire] = value
        return found

    def sent(self, name: str) -> str:
        """Return what travels of one field as text, empty if nothing does."""
        value = getattr(self, name)
        encode = next(encode for field, _, encode, _ in _fields(type(self)) if field == name)
        return "" if value is None else str(encode(name, value))

    def body(self, members: dict[str, object]) -> object:
        """Return the body that carries ``members``; those venues that wrap them say how."""
        return members


@cache
def _fields(request: type[Request]) -> Sequence[tuple[str, str, Callable[[str, Any], object], bool]]:
    """Return name, name on the wire and encoder of every field, and whether it may be left out."""
    hints = get_type_hints(request, include_extras=True)
    return [
        (
            field.name,
            field.encode_name,
            _argument(hint := hints[field.name]).encode,
            NoneType in get_args(hint),
        )
        for field in msgspec.structs.fields(request)
    ]


def _argument(annotation: Any) -> Argument:
    """Return what an annotation says of spelling: in it, or in one side of ``... | None``; else it travels as it is."""
    if get_origin(annotation) is Annotated:
        return next(extra for extra in annotation.__metadata__ if isinstance(extra, Argument))
    if get_origin(annotation) in {Union, UnionType}:
        found = [arg for arg in get_args(annotation) if get_origin(arg) is Annotated]
        if found:
            return _argument(found[0])
    return AS_IT_IS


AS_IT_IS = Argument(lambda _, value: value)
NOT_SENT = Argument(lambda _name, _value: None)
"""For what a request knows and does not carry."""


def encoder(
    request: type[AskedT], path: str, *, is_body: bool
) -> tuple[Callable[[AskedT], Params], Sequence[str]]:
    """Return what encodes requests of a row, and the wire's names of all that they may carry."""
    if not issubclass(request, Request):
        return (lambda _: Params()), ()
    names = (*request.computed, *request.__struct_encode_fields__)
    in_path = [name for name in names if f"{{{name}}}" in path]

    def encode(asked: AskedT) -> Params:
        assert asked is not None
        members = asked.members()
        ids = [(name, str(members.pop(name))) for name in in_path]
        if is_body:
            try:
                return Params(body=codec.encode(asked.body(members)), path=ids)
            except TypeError as error:
                raise ConfigError(f"what is sent must have a JSON form: {error}") from None
        return Params(query=[(name, _text(value)) for name, value in members.items()], path=ids)

    return encode, names


def _text(value: object) -> str:
    return ("true" if value else "false") if isinstance(value, bool) else str(value)
