"""A connection that is alive and says nothing is found in time; one to a quiet market is left alone.

``python -m chaos`` watches a hundred of each on every venue; here are 25.
"""

from __future__ import annotations

import pytest

from chaos.mute import watch
from tradewire.testing.venues import SETUPS


@pytest.mark.timeout(300)
@pytest.mark.parametrize("is_mute", [True, False], ids=["mute", "quiet"])
@pytest.mark.parametrize("venue", SETUPS)
def test_a_mute_connection_is_found_within_twice_its_interval_and_a_quiet_market_raises_no_alarm(
    venue: str, is_mute: bool
) -> None:
    watched = watch(venue, is_mute=is_mute, worlds=1)
    assert len(watched.lost_after_s) == 25
    assert watched.is_good, str(watched)
