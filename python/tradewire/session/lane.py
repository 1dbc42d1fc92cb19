"""Requests that differ in a few values only: the rest of them is checked and encoded once.

The general way to encode is the only truth: a lane is made of a sample request that went that way, and whatever is
not of the usual form goes that way still.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from decimal import Decimal
from typing import Generic, NamedTuple, TypeVar

from msgspec.structs import replace

from tradewire._native import RequestTemplate
from tradewire.protocol.arguments import plain
from tradewire.protocol.endpoint import Endpoint
from tradewire.protocol.request import Request
from tradewire.transport.seam import HttpReply

__all__ = ["DIGITS", "TEXT", "Hole", "Lane", "number", "with_marks"]

RequestT = TypeVar("RequestT", bound=Request)
ResponseT = TypeVar("ResponseT")


class Hole(NamedTuple):
    """A value that changes from request to request, as the core checks it."""

    kind: str
    step: str = ""
    minimum: str = ""


TEXT = Hole("text")
"""Visible ASCII, as ids are."""
DIGITS = Hole("digits")
"""A whole number, as text or ``int``; travels as a number."""


def number(step: Decimal | None = None, minimum: Decimal | None = None) -> Hole:
    """Return the hole of an exact number above zero that travels as text, on a grid if ``step`` is given."""
    return Hole("number", "" if step is None else plain(step), "" if minimum is None else plain(minimum))


class Lane(NamedTuple, Generic[RequestT, ResponseT]):
    """Writes requests of one kind to one host."""

    endpoint: Endpoint[RequestT, ResponseT]
    path: str
    template: RequestTemplate
    write: Callable[[bytes, float], asyncio.Future[HttpReply] | None]


def with_marks(
    request: RequestT, holes: Mapping[str, Hole]
) -> tuple[RequestT, list[tuple[bytes, str, str, str]]]:
    """Return ``request`` with values that can be found in what is encoded of it, and the template's holes."""
    values: dict[str, object] = {}
    marked = []
    for place, (name, hole) in enumerate(holes.items()):
        mark = f"{place}.9007199254740993" if hole.kind == "number" else f"90071992547409930{place}"
        values[name] = Decimal(mark) if hole.kind == "number" else mark
        marked.append((mark.encode(), *hole))
    return replace(request, **values), marked
