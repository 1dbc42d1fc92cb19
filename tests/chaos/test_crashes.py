"""A bot that dies knows after its restart what it sent; whole runs are the ``crashes`` here and over sockets."""

from __future__ import annotations

from pathlib import Path

import pytest

from chaos import crashes
from chaos_sockets.crashes import crash
from tradewire.registry import BUILT_IN
from tradewire.testing.venues import SETUPS

KILLS = 2


@pytest.mark.timeout(300)
@pytest.mark.parametrize("venue", BUILT_IN)
async def test_nothing_is_lost_doubled_or_unknown_after_sigkill(venue: str, tmp_path: Path) -> None:
    tally, wrong = await crash(venue, kills=KILLS, seed=7, folder=tmp_path)
    assert wrong == []
    assert tally["kills"] == KILLS
    assert tally["orders"] > 0
    assert tally["intents"] >= tally["orders"]


@pytest.mark.parametrize("venue", SETUPS)
def test_nothing_is_lost_doubled_or_unknown_wherever_a_bot_dies(venue: str, tmp_path: Path) -> None:
    tally, wrong = crashes.crash(venue, 7, tmp_path)
    assert wrong == []
    assert tally["kills"] == crashes.LIVES - 1
    assert tally["intents"] >= tally["orders"] > 0
