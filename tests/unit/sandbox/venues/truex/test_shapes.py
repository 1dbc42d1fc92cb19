"""Numbers as the venue writes them."""

from __future__ import annotations

from decimal import Decimal

from tradewire.sandbox.venues.truex.shapes import average


def test_averages_are_cut_to_what_the_venue_can_hold() -> None:
    assert average(Decimal(0), Decimal(0)) == "0"
    assert average(Decimal(10), Decimal(3)) == "3.333333333333333333"
    assert average(Decimal(128), Decimal("0.002")) == "64000"
