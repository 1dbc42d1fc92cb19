"""Requests that differ in a few values only: the rest of them is checked and encoded once.

The general way to encode is the only truth: a lane is made of a sample request that went that way, and whatever is
not of the usual form goes that way still.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from decimal import Decimal
from typing import NamedTuple, TypeVar

from msgspec.structs import replace

from tradewire._native import RequestTemplate
from tradewire.protocol.endpoint import AnyEndpoint
from tradewire.protocol.request import Hole, Request
from tradewire.transport.seam import HttpReply

__all__ = ["LANES_BOUND", "Lane", "with_marks"]

LANES_BOUND = 1_000
"""Kinds of requests that a session keeps a lane for."""

RequestT = TypeVar("RequestT", bound=Request)


class Lane(NamedTuple):
    """Writes requests of one kind to one host."""

    endpoint: AnyEndpoint
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
