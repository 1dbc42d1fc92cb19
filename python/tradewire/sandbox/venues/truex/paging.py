"""Long lists in pages: ``size`` and ``skip`` in the older schema, an opaque cursor in the newer one.

The name of the cursor's parameter is unconfirmed: it is ``cursor``, by the vendor's sister service.
"""

from __future__ import annotations

import re
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Annotated, Any, TypeAlias

from tradewire.sandbox.routing import Reader
from tradewire.sandbox.venues.truex.fields import Fields
from tradewire.sandbox.venues.truex.problems import Problem

__all__ = ["Page", "Paging", "page"]

DEFAULT_SIZE = 10
LARGEST_SIZE = 100
MARK = re.compile("after:([0-9a-z:]{1,80})")


@dataclass(frozen=True, slots=True)
class Page:
    """One page. ``next_cursor`` is empty on the last one."""

    rows: list[Any]
    size: int
    next_cursor: str = ""


def page(items: Sequence[tuple[str, Any]], query: Fields) -> Page:
    """Return the page of ``items`` (unique name, document) that ``query`` asks for.

    Raises:
        Problem: 400, size, skip or cursor are wrong.
    """
    size = query.whole("size", least=1, most=LARGEST_SIZE) if query.has("size") else DEFAULT_SIZE
    start = query.whole("skip") if query.has("skip") else 0
    if query.has("cursor") and (cursor := query.text("cursor")):
        start = _after(cursor, items)
    chosen = items[start : start + size]
    more = start + size < len(items)
    return Page([document for _, document in chosen], size, _cursor(chosen[-1][0]) if more else "")


Paging: TypeAlias = Annotated[
    Callable[[Sequence[tuple[str, Any]]], Page],
    Reader(lambda fields, _: partial(page, query=fields), ("size?", "skip?", "cursor?")),
]
"""Cuts the page that is wanted out of a list."""


def _cursor(name: str) -> str:
    return urlsafe_b64encode(f"after:{name}".encode()).decode()


def _after(cursor: str, items: Sequence[tuple[str, Any]]) -> int:
    try:
        mark = MARK.fullmatch(urlsafe_b64decode(cursor.encode()).decode())
    except ValueError:
        mark = None
    if mark is None:
        raise Problem(400, "cursor is not one of ours")
    names = [name for name, _ in items]
    try:
        return names.index(mark[1]) + 1
    except ValueError:
        raise Problem(400, "cursor points to nothing any more") from None
