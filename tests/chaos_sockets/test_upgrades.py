"""A connection that fails before, amid or after its upgrade is a failed try like any other."""

from __future__ import annotations

import pytest

from chaos_sockets.upgrades import failed_upgrades
from tradewire.testing.venues import SETUPS

TIMES = 4
"""``make chaos-sockets`` tries each 20 times."""


@pytest.mark.timeout(300)
@pytest.mark.parametrize("venue", SETUPS)
def test_streams_come_back_from_every_broken_upgrade(venue: str) -> None:
    assert failed_upgrades(venue, TIMES) == {}
