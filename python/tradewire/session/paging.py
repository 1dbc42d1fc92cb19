"""Lists that come in pages, read as one."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable
from typing import TypeVar

from tradewire.model import Page

__all__ = ["every"]

ItemT = TypeVar("ItemT")


async def every(fetch: Callable[[int, str], Awaitable[Page[ItemT]]]) -> AsyncIterator[ItemT]:
    """Yield the items of all pages, from page 1 on; one request a page, sent when its first item is wanted.

    Args:
        fetch: Returns a page, by its number or by the cursor the page before it gave.
    """
    number, cursor = 1, ""
    while True:
        page = await fetch(number, cursor)
        for item in page.items:
            yield item
        if not page.has_next or not page.items:
            return
        number, cursor = number + 1, page.next_cursor
