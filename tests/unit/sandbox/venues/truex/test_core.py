"""Ids of the venue."""

from __future__ import annotations

from tradewire.sandbox.venues.truex.core import ExchangeCore
from tradewire.sandbox.venues.truex.instruments import instruments


def test_ids_have_18_digits_and_grow() -> None:
    core = ExchangeCore(7, instruments(None), lambda: 0, 0)
    ids = [core.next_id() for _ in range(1000)]
    assert ids == sorted(set(ids))
    assert {len(str(number)) for number in ids} == {18}
    assert ExchangeCore(7, instruments(None), lambda: 0, 0).next_id() == ids[0]
