"""The venue has announced its end: whatever leads to the live one says so."""

from __future__ import annotations

import inspect

import pytest

from tradewire.registry import find_product
from tradewire.venues.coinex import hosts
from tradewire.venues.coinex.client import CoinEx

FACTS = ("53539656293908", "2026-09-15", "2026-09-22", "2026-09-29", "2026-12-22")


@pytest.mark.parametrize(
    "said",
    [
        find_product("coinex").notice,
        find_product("coinex-futures").notice,
        inspect.getdoc(hosts),
        inspect.getdoc(CoinEx),
    ],
)
def test_end_of_the_venue_is_stated_with_its_dates(said: str) -> None:
    assert [fact for fact in FACTS if fact not in said] == []
