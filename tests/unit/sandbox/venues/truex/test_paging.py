"""Pages by cursor."""

from __future__ import annotations

from tradewire.sandbox.venues.truex.fields import Fields
from tradewire.sandbox.venues.truex.paging import page


def test_pages_by_cursor_survive_new_rows_at_the_head() -> None:
    items = [(str(number), number) for number in range(25)]
    first = page(items, Fields({"size": "10"}))
    assert (first.rows, bool(first.next_cursor)) == (list(range(10)), True)
    grown = [("new", -1), *items]
    second = page(grown, Fields({"size": "10", "cursor": first.next_cursor}))
    last = page(grown, Fields({"size": "10", "cursor": second.next_cursor}))
    assert (second.rows, last.rows, last.next_cursor) == (list(range(10, 20)), list(range(20, 25)), "")
    assert page(items, Fields({"skip": "99"})).rows == []
