"""Lists that come in pages, read as one."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable
from typing import TypeVar

from tradewire.errors import UnreadableRow
from tradewire.model import Page, Rows

__all__ = ["every", "gather"]

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
        # A page may hold nothing that could be read, or nothing of this account, and still have a next one.
        is_stuck = page.next_cursor == cursor and not (page.items or page.unreadable)
        if not page.has_next or is_stuck:
            return
        number, cursor = number + 1, page.next_cursor


async def gather(fetch: Callable[[int, str], Awaitable[Page[ItemT]]]) -> Rows[ItemT]:
    """Return the items of all pages, as ``every`` reads them, with the rows that could not be read beside them."""
    unreadable: list[UnreadableRow] = []

    async def fetch_and_note(number: int, cursor: str) -> Page[ItemT]:
        page = await fetch(number, cursor)
        unreadable.extend(page.unreadable)
        return page

    items = [item async for item in every(fetch_and_note)]
    return Rows(items, unreadable)
