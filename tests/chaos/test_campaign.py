"""A few seeds of the campaign; ``make test`` runs hundreds besides, ``make chaos SEEDS=...`` as many as one likes."""

from __future__ import annotations

import pytest

from chaos.campaign import run_jobs, table
from tradewire.sandbox.faults import Faults
from tradewire.testing.faults import FAULTS
from tradewire.testing.venues import SETUPS

SEEDS = range(1, 26)
STRUCK_SHARE = 0.9
"""Of the kinds of faults that any venue can have, in so many seeds."""


@pytest.mark.timeout(1200)
def test_every_invariant_holds_after_faults_in_virtual_time() -> None:
    results = list(run_jobs([(venue, seed) for seed in SEEDS for venue in SETUPS]))
    assert "\n".join(result.report() for result in results if result.broken) == ""
    assert len({result.trace for result in results}) == len(results)
    struck = {name for result in results for name in result.struck}
    assert len(struck) > STRUCK_SHARE * len(FAULTS)
    assert sum(result.orders for result in results) > 4 * len(results)
    assert f"coinex    {len(SEEDS):5}" in table(results)


def test_every_fault_of_a_sandbox_is_among_those_that_strike() -> None:
    # A client that unsubscribes from nothing is put off from nothing.
    assert {kind.value for kind in Faults.kinds} - FAULTS.keys() == {"unsubscription_put_off"}
