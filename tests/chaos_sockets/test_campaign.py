"""A short campaign: the seeds of ``make chaos-sockets`` that every change must pass, each a test.

All of them run at once in two processes when the first result is asked for.
"""

from __future__ import annotations

from collections.abc import Mapping

import pytest

from chaos_sockets.campaign import Campaign, Job, run_campaigns
from chaos_sockets.schedule import schedule_of
from tradewire.testing.trader_bot import LEAST_ORDERS
from tradewire.testing.venues import SETUPS

SEEDS = range(1, 13)
MARGIN_S = 40.0
"""Five times what `make chaos-sockets` allows: only a run that never settles waits so long."""
JOBS: list[Job] = [(venue, seed) for seed in SEEDS for venue in SETUPS]


@pytest.fixture(scope="session")
def campaign(request: pytest.FixtureRequest) -> Campaign:
    """Run every seed that was selected."""
    found = Campaign()
    selected = [job for item in request.session.items if (job := _job_of(item)) is not None]
    for _, batch in run_campaigns(selected or JOBS, margin_s=MARGIN_S):
        found.results |= batch.results
        found.complaints += batch.complaints
    return found


def _job_of(item: pytest.Item) -> Job | None:
    parameters: Mapping[str, Job] = getattr(getattr(item, "callspec", None), "params", {})
    return parameters.get("job")


@pytest.mark.timeout(600)
@pytest.mark.parametrize("job", JOBS, ids=lambda job: f"{job[0]}-{job[1]}")
def test_every_invariant_holds_after_faults(job: Job, campaign: Campaign) -> None:
    result = campaign.results[job]
    assert not result.broken, result.report()
    assert result.attempts >= LEAST_ORDERS
    assert len(result.struck) >= 5


@pytest.mark.timeout(600)
def test_nothing_is_left_and_nobody_complains(campaign: Campaign) -> None:
    known = [one for one in campaign.complaints if "OSError(9, 'Bad file descriptor')" in one.detail]
    if known and known == campaign.complaints:
        # Seen once in several campaigns since 2026-11-28; whether a client or a proxy of ours does it is not known yet.
        pytest.xfail(f"a task that nobody awaited met a closed socket: {known[0].detail}")
    assert campaign.complaints == []
    assert sum(result.orders for result in campaign.results.values()) >= len(campaign.results)


def test_a_seed_names_its_faults() -> None:
    assert schedule_of("coinex", 7) == schedule_of("coinex", 7)
    assert schedule_of("coinex", 7) != schedule_of("coinex", 8)
    assert schedule_of("coinex", 7) != schedule_of("truex", 7)
