"""A bot that is killed knows after its restart what it sent; a whole run is `python -m chaos_sockets.crashes`."""

from __future__ import annotations

from pathlib import Path

import pytest

from chaos_sockets.crashes import crash
from tradewire.registry import BUILT_IN

KILLS = 2


@pytest.mark.timeout(300)
@pytest.mark.parametrize("venue", BUILT_IN)
async def test_nothing_is_lost_doubled_or_unknown_after_sigkill(venue: str, tmp_path: Path) -> None:
    tally, wrong = await crash(venue, kills=KILLS, seed=7, folder=tmp_path)
    assert wrong == []
    assert tally["kills"] == KILLS
    assert tally["orders"] > 0
    assert tally["intents"] >= tally["orders"]
