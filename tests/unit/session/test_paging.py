from __future__ import annotations

from tradewire.model import Page
from tradewire.session.paging import every


class Pages:
    def __init__(self, *pages: Page[int]) -> None:
        self._pages = pages
        self.asked: list[tuple[int, str]] = []

    async def fetch(self, number: int, cursor: str) -> Page[int]:
        self.asked.append((number, cursor))
        return self._pages[number - 1]


async def test_items_of_all_pages_come_in_order() -> None:
    pages = Pages(Page((1, 2), has_next=True, next_cursor="after 2"), Page((3,), has_next=False))
    assert [item async for item in every(pages.fetch)] == [1, 2, 3]
    assert pages.asked == [(1, ""), (2, "after 2")]


async def test_page_is_asked_for_when_its_first_item_is_wanted() -> None:
    pages = Pages(Page((1, 2), has_next=True), Page((3,), has_next=False))
    reading = every(pages.fetch)
    assert await anext(reading) == 1
    assert await anext(reading) == 2
    assert pages.asked == [(1, "")]


async def test_empty_page_ends_the_list_whatever_it_says_of_a_next_one() -> None:
    pages = Pages(Page((), has_next=True))
    assert [item async for item in every(pages.fetch)] == []
    assert pages.asked == [(1, "")]
