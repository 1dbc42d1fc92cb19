"""A page is a sequence of its items."""

from __future__ import annotations

import copy
import pickle
from collections.abc import Callable, Sequence

import pytest

from tradewire.errors import UnreadableRow
from tradewire.model import Page, Rows, unreadable_rows

BAD = UnreadableRow("price must be a number, got null", raw=b"{}")


def test_iterating_a_page_gives_its_items_and_not_its_fields() -> None:
    page = Page((3, 1, 2), has_next=True, total=7, next_cursor="after 2")
    assert isinstance(page, Sequence)
    assert (list(page), len(page), page[0], page[-1], page[1:], 2 in page) == (
        [3, 1, 2],
        3,
        3,
        2,
        (1, 2),
        True,
    )
    assert (page.items, type(page.items)) == ((3, 1, 2), tuple)
    assert (page.has_next, page.total, page.next_cursor, page.unreadable) == (True, 7, "after 2", ())


def test_empty_page_has_no_length_and_is_false() -> None:
    page: Page[int] = Page((), has_next=True)
    assert (len(page), bool(page), list(page)) == (0, False, [])
    assert not Page()


def test_page_says_what_could_not_be_read() -> None:
    page = Page(Rows([1], [BAD]), has_next=False, unreadable=[BAD])
    assert (page.unreadable, unreadable_rows(page), unreadable_rows((1,))) == ((BAD,), (BAD,), ())


def test_pages_are_equal_with_all_they_say_and_equal_the_tuple_of_their_items() -> None:
    page = Page((1, 2), has_next=True)
    assert page == Page([1, 2], has_next=True)
    assert page != Page((1, 2), has_next=False)
    assert page != Page((1,), has_next=True)
    assert page == (1, 2)
    assert page != [1, 2]
    assert hash(page) == hash((1, 2))


@pytest.mark.parametrize("carry", [copy.copy, copy.deepcopy, lambda page: pickle.loads(pickle.dumps(page))])
def test_page_is_carried_off_whole(carry: Callable[[Page[int]], Page[int]]) -> None:
    page = Page((1, 2), has_next=True, total=9, next_cursor="c")
    other = carry(page)
    assert (type(other), other) == (Page, page)


def test_repr_shows_items_and_what_is_there_besides() -> None:
    assert (
        repr(Page((1, 2), has_next=True, next_cursor="c")) == "Page((1, 2), has_next=True, next_cursor='c')"
    )
    assert repr(Page((), has_next=False)) == "Page(())"
