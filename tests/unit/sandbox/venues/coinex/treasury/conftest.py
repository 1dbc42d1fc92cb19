from __future__ import annotations

import pytest

from tradewire.sandbox.venues.coinex.options import CoinExOptions
from tradewire.sandbox.venues.coinex.venue import CoinExVenue

NOW_MS = 1_763_640_000_000


@pytest.fixture
def venue() -> CoinExVenue:
    """A venue at rest, with one trader and one market, whose deposits and withdrawals take a second a state."""
    return CoinExVenue(
        seed=7,
        rate_per_s=0,
        faults=CoinExVenue.faults_class(),
        now_ms=lambda: NOW_MS,
        options=CoinExOptions(markets=("BTCUSDT",)),
    )
