"""Instruments and their volume of a day."""

from __future__ import annotations

from decimal import Decimal

import pytest

from tradewire.sandbox.venues.truex.instruments import Volume, instruments


def test_volume_forgets_after_a_day() -> None:
    volume = Volume()
    volume.add(Decimal(100), Decimal(1), 0)
    volume.add(Decimal(50), Decimal(2), 30_000)
    volume.add(Decimal(7), Decimal(3), 3_600_000)
    assert volume.totals(3_600_000) == (Decimal(157), Decimal(6))
    assert volume.totals(86_400_000) == (Decimal(7), Decimal(3))
    assert volume.totals(2 * 86_400_000) == (Decimal(0), Decimal(0))


def test_instruments_by_name() -> None:
    assert list(instruments(("SOL-PYUSD", "BTC-PYUSD"))) == ["BTC-PYUSD", "SOL-PYUSD"]
    with pytest.raises(ValueError, match="no instrument DOGE-PYUSD"):
        instruments(("DOGE-PYUSD",))
