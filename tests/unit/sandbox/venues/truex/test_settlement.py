"""Fees of a day."""

from __future__ import annotations

from decimal import Decimal

from tradewire.sandbox.venues.truex.settlement import Settlement


def test_settled_fees_are_remembered_by_asset() -> None:
    settlement = Settlement()
    settlement.fees["1", "PYUSD"] += Decimal("0.5")
    settlement.fees["2", "PYUSD"] += Decimal("0.25")
    assert (settlement.fees_of("1"), settlement.all_fees("PYUSD")) == (Decimal("0.5"), Decimal("0.75"))
    settlement.settle()
    assert (settlement.fees_of("1"), settlement.all_fees("PYUSD")) == (0, Decimal("0.75"))
