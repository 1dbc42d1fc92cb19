"""JSON outside the hot frames: replies over HTTP, pushes that are not depth, request bodies.

Bytes from a venue are bounded in size and depth before a parser sees them, and whatever is wrong with them
becomes one ``FrameError``. Knows JSON and nothing of any venue.
"""

from __future__ import annotations

import re
from decimal import Decimal
from itertools import accumulate
from typing import Final, TypeVar

import msgspec
import orjson

from tradewire.errors import FrameError

__all__ = ["KINDS", "MAX_BYTES", "MAX_DEPTH", "decode", "decode_as", "encode"]

T = TypeVar("T")

MAX_BYTES: Final = 16 << 20
"""The largest documented reply, a list of all markets, stays under 2 MiB."""
MAX_DEPTH: Final = 128
"""The same as the core allows in frames; venues nest less than ten deep."""
KINDS: Final = ("body_too_big", "too_deep", "invalid_utf8", "invalid_json", "wrong_shape")
"""Kinds of the ``FrameError`` raised here, besides those of the core."""

_EXCERPT_BYTES = 200
_STRING = rb'(?s)"(?:[^"\\]|\\.)*+"?'
_NOT_A_BRACKET = bytes(set(range(256)) - set(b"[]{}"))
_STEP = {ord("["): 1, ord("{"): 1, ord("]"): -1, ord("}"): -1}


def decode(data: bytes, *, max_bytes: int = MAX_BYTES, max_depth: int = MAX_DEPTH) -> object:
    """Return the value of ``data``.

    Numbers with a fraction become floats, and integers beyond 64 bits too: where prices or sizes come as
    JSON numbers, use ``decode_as`` with ``Decimal`` fields, which are exact.

    Args:
        data: UTF-8 JSON.
        max_bytes: Refuse anything longer.
        max_depth: Refuse more containers inside each other.

    Raises:
        FrameError: It is too big, too deep or no JSON; ``kind`` is one of ``KINDS``.
    """
    _check_bounds(data, max_bytes, max_depth)
    try:
        return orjson.loads(data)
    except orjson.JSONDecodeError as error:
        raise _unreadable(
            data, str(error), len(error.doc[: error.pos].encode(errors="surrogatepass"))
        ) from None


def decode_as(
    data: bytes,
    decoder: msgspec.json.Decoder[T],
    *,
    max_bytes: int = MAX_BYTES,
    max_depth: int = MAX_DEPTH,
) -> T:
    """Return the value of ``data`` in the shape of ``decoder``, which is worth keeping between calls.

    Args:
        data: UTF-8 JSON.
        decoder: What to read and how.
        max_bytes: Refuse anything longer.
        max_depth: Refuse more containers inside each other.

    Raises:
        FrameError: It is too big, too deep, no JSON, or JSON of another shape (``wrong_shape``).
    """
    _check_bounds(data, max_bytes, max_depth)
    try:
        return decoder.decode(data)
    except msgspec.ValidationError as error:
        raise _fault("wrong_shape", str(error), data, 0) from None
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise _unreadable(data, str(error), _place(str(error), data)) from None


def encode(value: object) -> bytes:
    """Return ``value`` as compact UTF-8 JSON.

    Raises:
        TypeError: Something in it has no JSON form. A ``Decimal`` has: it travels as text.
    """
    return orjson.dumps(value, default=_built_in)


def _check_bounds(data: bytes, max_bytes: int, max_depth: int) -> None:
    if len(data) > max_bytes:
        raise _fault("body_too_big", f"more than {max_bytes} bytes, was {len(data)}", data, max_bytes)
    # Counting is much cheaper than walking, and enough for all but the longest lists.
    if data.count(b"[") + data.count(b"{") <= max_depth:
        return
    brackets = re.sub(_STRING, b"", data).translate(None, _NOT_A_BRACKET)
    depth = max(accumulate(map(_STEP.__getitem__, brackets)), default=0)
    if depth > max_depth:
        raise _fault("too_deep", f"more than {max_depth} containers inside each other, was {depth}", data, 0)


def _unreadable(data: bytes, message: str, offset: int) -> FrameError:
    try:
        data.decode()
    except UnicodeDecodeError as error:
        return _fault("invalid_utf8", f"not UTF-8 at byte {error.start}", data, error.start)
    return _fault("invalid_json", message, data, offset)


def _place(message: str, data: bytes) -> int:
    # It stands in the message only; what ends too early has none.
    place = message.rpartition("(byte ")[2].removesuffix(")")
    return int(place) if place.isdecimal() else len(data)


def _built_in(value: object) -> object:
    if isinstance(value, Decimal):
        return str(value)
    if isinstance(value, msgspec.Struct):
        return msgspec.to_builtins(value)
    raise TypeError(f"{type(value).__name__} has no JSON form")


def _fault(kind: str, message: str, data: bytes, offset: int) -> FrameError:
    start = max(0, offset - _EXCERPT_BYTES // 2)
    return FrameError(message, kind=kind, offset=offset, excerpt=data[start : start + _EXCERPT_BYTES])
