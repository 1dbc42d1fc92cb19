"""Rows of a venue's JSON, each read on its own: one that cannot be read never hides its neighbours.

The types here are what a venue's shapes are made of. Each reads every spelling that a venue was seen to use for the
same thing: ``null``, an empty text and an absent member, a number as text and text as a number. To a type checker they
are ``Decimal``, ``int``, ``str`` and ``bool``. Shapes may be flatter than their JSON, see ``tradewire.nesting``. Knows
JSON and nothing of any venue.
"""

from __future__ import annotations

import inspect
import re
import sys
from abc import ABCMeta
from collections.abc import Callable, Iterable, Iterator
from decimal import Decimal
from enum import StrEnum
from functools import cached_property
from typing import TYPE_CHECKING, Any, Final, Generic, TypeAlias, TypeVar

import msgspec

from tradewire import codec
from tradewire.decimals import number
from tradewire.errors import RemoteProtocolError, UnreadableRow
from tradewire.model import Order, OrderStatus, Rows, Side
from tradewire.nesting import flattener, is_flat, nest, places

__all__ = [
    "Accepted",
    "Amount",
    "AmountOrZero",
    "Flag",
    "Id",
    "Integer",
    "MaybeAmount",
    "MaybeWhole",
    "Reader",
    "SideWord",
    "Text",
    "Whole",
    "WireRows",
    "decoder",
    "exact_json",
    "shape_text",
    "upper_case",
    "wire_type",
]

RowT = TypeVar("RowT")
ModelT = TypeVar("ModelT")

MAX_ID_CHARACTERS: Final = 128
MAX_WHOLE: Final = (1 << 64) - 1
SHOWN_CHARACTERS = 50


def _type(name: str, kinds: Iterable[type], meaning: str) -> ABCMeta:
    """Return a type whose values are instances of ``kinds``, which a decoder asks ``_read`` for."""
    made = ABCMeta(name, (), {"__doc__": meaning})
    for kind in kinds:
        made.register(kind)
    return made


if TYPE_CHECKING:
    Amount: TypeAlias = Decimal
    MaybeAmount: TypeAlias = Decimal | None
    AmountOrZero: TypeAlias = Decimal
    Whole: TypeAlias = int
    Integer: TypeAlias = int
    MaybeWhole: TypeAlias = int
    Id: TypeAlias = str
    Text: TypeAlias = str
    Flag: TypeAlias = bool
    SideWord: TypeAlias = Side
else:
    Amount = _type("Amount", [Decimal], "An exact number, as text or as a JSON number.")
    MaybeAmount = _type(
        "MaybeAmount", [Decimal, type(None)], "The same; ``None`` for ``null`` and an empty text."
    )
    AmountOrZero = _type("AmountOrZero", [Decimal], "The same; 0 for ``null`` and an empty text.")
    Whole = _type("Whole", [int], "An integer from 0, as text or as a JSON number: a time, a count.")
    Integer = _type("Integer", [int], "An integer, as text or as a JSON number.")
    MaybeWhole = _type("MaybeWhole", [int], "The same; 0 for ``null`` and an empty text.")
    Id = _type("Id", [str], "A name that must be there, as text or as an integer; at most 128 characters.")
    Text = _type("Text", [str], "Any text; empty for ``null``, the digits of an integer.")
    Flag = _type(
        "Flag",
        [bool],
        "``true`` or ``false``, also as text or 1 and 0; false for ``null`` and an empty text.",
    )
    SideWord = _type("SideWord", [Side], "``buy`` or ``sell``, in any case.")


class _Fraction(str):
    """A JSON number with a fraction, in its own digits: exact, and no name."""

    __slots__ = ()


def _maybe_amount(value: object) -> Decimal | None:
    return None if value is None or value == "" else number(value)


def _amount_or_zero(value: object) -> Decimal:
    return _maybe_amount(value) or Decimal(0)


def _integer(value: object) -> int:
    found = value if type(value) is int else number(value)
    if not -MAX_WHOLE <= found <= MAX_WHOLE or found != int(found):
        raise ValueError(f"must be a whole number of 64 bits, got {str(value)[:SHOWN_CHARACTERS]!r}")
    return int(found)


def _whole(value: object) -> int:
    found = _integer(value)
    if found < 0:
        raise ValueError(f"must not be below zero, got {found}")
    return found


def _maybe_whole(value: object) -> int:
    return 0 if value is None or value == "" else _whole(value)


def _id(value: object) -> str:
    found = _text(value)
    if not found or len(found) > MAX_ID_CHARACTERS:
        raise ValueError(f"must have 1 to {MAX_ID_CHARACTERS} characters, got {len(found)}")
    return found


def _text(value: object) -> str:
    if type(value) is str:
        return value
    if value is None:
        return ""
    if type(value) is int:
        return str(value)
    raise ValueError(f"must be text, got {_json_kind(value)}")


_FLAGS: dict[object, bool] = {True: True, False: False, None: False, "": False, "true": True, "false": False}


def _flag(value: object) -> bool:
    word = value.lower() if isinstance(value, str) else value
    if isinstance(word, list | dict) or word not in _FLAGS:
        raise ValueError(f"must be true or false, got {str(value)[:SHOWN_CHARACTERS]!r}")
    return _FLAGS[word]


def _side(value: object) -> Side:
    try:
        return Side(_text(value).lower())
    except ValueError:
        raise ValueError(f"must be a side, buy or sell, got {str(value)[:SHOWN_CHARACTERS]!r}") from None


def _json_kind(value: object) -> str:
    return {dict: "an object", list: "a list", bool: "a boolean", _Fraction: "a fraction"}.get(
        type(value), type(value).__name__
    )


_READERS: dict[Any, Callable[[object], object]] = {
    Amount: number,
    MaybeAmount: _maybe_amount,
    AmountOrZero: _amount_or_zero,
    Whole: _whole,
    Integer: _integer,
    MaybeWhole: _maybe_whole,
    Id: _id,
    Text: _text,
    Flag: _flag,
    SideWord: _side,
}


def _read(kind: type, value: object) -> object:
    return _READERS[kind](value)


def decoder(shape: type[RowT] | Any) -> msgspec.json.Decoder[RowT]:
    """Return a decoder of ``shape`` that reads the types of this module; a number with a fraction stays text."""
    return msgspec.json.Decoder(shape, dec_hook=_read, float_hook=_Fraction)


_WORDS = {
    "Amount": "decimal",
    "MaybeAmount": "decimal | null",
    "AmountOrZero": "decimal | null",
    "Whole": "int",
    "Integer": "int",
    "MaybeWhole": "int | null",
    "Id": "str",
    "Text": "str",
    "Flag": "bool",
    "SideWord": '"buy" | "sell"',
    "msgspec.Raw": "...",
    "None": "null",
}
_NAME = re.compile(r"[A-Za-z_][A-Za-z_.]*")


def wire_type(
    name: str, kinds: Iterable[type], meaning: str, word: str, read: Callable[[object], object]
) -> ABCMeta:
    """Return a type of a venue's own; to a type checker it is an alias of one of ``kinds``, as those above.

    Args:
        name: Its name.
        kinds: What its values are instances of.
        meaning: Its docstring.
        word: How docstrings show it.
        read: Makes a value of what the JSON has; raises ``ValueError`` for what is none.
    """
    made = _type(name, kinds, meaning)
    _READERS[made] = read
    _WORDS[name] = word
    return made


def upper_case(name: str, kind: type[str]) -> ABCMeta:
    """Return the type of ``kind``'s words where the wire has them in upper case; of plain text, any word."""
    choices = " | ".join(f'"{word.upper()}"' for word in kind) if issubclass(kind, StrEnum) else "str"
    return wire_type(name, [kind], f"A {kind.__name__}.", choices, lambda value: kind(_text(value).lower()))


def shape_text(shape: type[msgspec.Struct]) -> str:
    """Return what a shape looks like on the wire, for docstrings: its members, nested shapes spelled out."""
    annotations: dict[str, str] = {}
    for owner in reversed(shape.__mro__):
        annotations.update(inspect.get_annotations(owner))
    names = sys.modules[shape.__module__].__dict__

    def word(found: re.Match[str]) -> str:
        nested = names.get(found[0])
        if isinstance(nested, type) and issubclass(nested, msgspec.Struct):
            return shape_text(nested)
        if isinstance(nested, type) and issubclass(nested, StrEnum):
            return " | ".join(f'"{choice}"' for choice in nested)
        return _WORDS.get(found[0], found[0])

    def text(annotation: str) -> str:
        return _NAME.sub(word, annotation.replace("list[", "[").replace("tuple[", "["))

    def braces(tree: dict[str, Any]) -> str:
        members = (
            (name, braces(inner) if isinstance(inner, dict) else inner) for name, inner in tree.items()
        )
        return "{" + ", ".join(f'"{name}": {inner}' for name, inner in members) + "}"

    named = zip(shape.__struct_fields__, shape.__struct_encode_fields__, strict=True)
    return braces(nest((places(wire)[0], text(annotations[name])) for name, wire in named))


def exact_json(body: bytes) -> object:
    """Return the value of a body whose numbers with a fraction are ``Decimal``; nothing for an empty one.

    Raises:
        FrameError: It is no JSON, too big or too deep.
    """
    return codec.decode_as(body, _exact) if body.strip() else None


_exact: msgspec.json.Decoder[object] = msgspec.json.Decoder(object, float_hook=Decimal)


class Accepted(msgspec.Struct, frozen=True, kw_only=True):
    """All that could be read of one order: the venue has it."""

    order_id: str
    client_order_id: str
    fault: UnreadableRow
    """Why the rest could not be read."""
    status: OrderStatus = OrderStatus.OPEN

    def order(self, sent: Order) -> Order:
        """Return the order as it was sent, with the venue's ids: what became of it since is still to be asked."""
        name = self.client_order_id or sent.client_order_id
        return msgspec.structs.replace(sent, order_id=self.order_id, client_order_id=name, status=self.status)


class WireRows(Generic[RowT]):
    """The rows of a list as the wire has them, to be made models where more is known than the reply says.

    Attributes:
        unreadable: Those without the documented shape.
        next_cursor: What the next page is asked for with, where the venue gives that.
    """

    __slots__ = ("_rows", "next_cursor", "unreadable")

    def __init__(
        self,
        rows: Iterable[tuple[RowT, msgspec.Raw]],
        unreadable: Iterable[UnreadableRow] = (),
        next_cursor: str = "",
    ) -> None:
        self._rows = tuple(rows)
        self.unreadable = tuple(unreadable)
        self.next_cursor = next_cursor

    def __len__(self) -> int:
        """Rows that came, readable or not."""
        return len(self._rows) + len(self.unreadable)

    def __iter__(self) -> Iterator[RowT]:
        """Iterate over those that could be read."""
        return (row for row, _ in self._rows)

    def where(self, keep: Callable[[RowT], bool]) -> WireRows[RowT]:
        """Return only some of the readable ones; of the others no one can say whether they belong."""
        return WireRows([pair for pair in self._rows if keep(pair[0])], self.unreadable, self.next_cursor)

    def build(self, build: Callable[[RowT], ModelT]) -> Rows[ModelT]:
        """Return what ``build`` makes of each row; one that it refuses with ``RemoteProtocolError`` is unreadable."""
        models: list[ModelT] = []
        unreadable = list(self.unreadable)
        for row, raw in self._rows:
            try:
                models.append(build(row))
            except RemoteProtocolError as error:
                unreadable.append(_unreadable(error, raw))
        return Rows(models, unreadable)


class Reader(Generic[RowT]):
    """Reads rows of one shape. Its decoder is made when first used: a client has many and uses few."""

    def __init__(self, shape: type[RowT]) -> None:
        self._shape = shape

    @cached_property
    def _decode(self) -> Callable[[bytes | msgspec.Raw], RowT]:
        if not is_flat(self._shape):
            return decoder(self._shape).decode
        nested, flatten = flattener(self._shape)
        read: Callable[[bytes | msgspec.Raw], msgspec.Struct] = decoder(nested).decode
        return lambda raw: flatten(read(raw))

    def one(self, raw: bytes | msgspec.Raw, build: Callable[[RowT], ModelT]) -> ModelT:
        """Return what ``build`` makes of one row.

        Raises:
            UnreadableRow: It lacks the documented shape, or ``build`` refused it with ``RemoteProtocolError``.
        """
        try:
            return build(self._decode(raw))
        except (msgspec.DecodeError, RemoteProtocolError) as error:
            raise _unreadable(error, raw) from None

    def rows(self, raws: Iterable[msgspec.Raw]) -> WireRows[RowT]:
        """Return every row with the documented shape."""
        rows: list[tuple[RowT, msgspec.Raw]] = []
        unreadable: list[UnreadableRow] = []
        for raw in raws:
            try:
                rows.append((self._decode(raw), raw))
            except msgspec.DecodeError as error:
                unreadable.append(_unreadable(error, raw))
        return WireRows(rows, unreadable)

    def all(self, raws: Iterable[msgspec.Raw], build: Callable[[RowT], ModelT]) -> Rows[ModelT]:
        """Return what ``build`` makes of every row; those that cannot be read are beside them, with the reason."""
        return self.rows(raws).build(build)


def _unreadable(error: Exception, raw: bytes | msgspec.Raw) -> UnreadableRow:
    if isinstance(error, UnreadableRow):
        return error
    return UnreadableRow(str(error), raw=bytes(raw))
