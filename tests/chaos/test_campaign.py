"""A few seeds of the campaign; ``make test`` runs thousands besides, ``make chaos SEEDS=...`` as many as one likes."""

from __future__ import annotations

from collections import Counter

import pytest

from chaos.campaign import run_jobs
from chaos.promised import MISSING, PROMISED
from chaos.tally import kinds_of, tally
from tradewire.sandbox.faults import Faults
from tradewire.testing.faults import FAULTS
from tradewire.testing.invariants import Difference, Invariant
from tradewire.testing.run import RunResult, run_seed
from tradewire.testing.venues import SETUPS

SEEDS = range(1, 6)


@pytest.mark.timeout(600)
def test_every_invariant_holds_after_faults_in_virtual_time() -> None:
    results = list(run_jobs((venue, seed) for seed in SEEDS for venue in SETUPS))
    assert "\n".join(result.report() for result in results if result.broken) == ""
    assert len({result.trace for result in results}) == len(results)
    assert [(result.venue, result.seed) for result in results] == [(v, s) for s in SEEDS for v in SETUPS]
    assert sum(result.orders for result in results) > 4 * len(results)


def test_every_fault_of_a_sandbox_is_among_those_that_strike() -> None:
    # A client that unsubscribes from nothing is put off from nothing.
    assert {kind.value for kind in Faults.kinds} - FAULTS.keys() == {"unsubscription_put_off"}


@pytest.mark.parametrize("product", SETUPS)
def test_each_promised_kind_of_fault_can_strike_every_venue_but_those_named(product: str) -> None:
    possible, names = kinds_of(product), {product, SETUPS[product].venue}
    lacking = {promise for promise, kinds in PROMISED.items() if not possible & set(kinds)}
    assert lacking == {promise for promise, reasons in MISSING.items() if names & reasons.keys()}


def test_every_kind_that_strikes_is_promised() -> None:
    promised = {kind for kinds in PROMISED.values() for kind in kinds}
    assert promised == {kind for fault in FAULTS.values() for kind in fault.kinds}


def test_a_kind_without_a_victim_is_named() -> None:
    kinds = kinds_of("truex")
    found = tally([RunResult("truex", 1, struck=Counter(dict.fromkeys(kinds - {"mute_socket"}, 1)))])
    assert found.unplayed() == ["truex: mute_socket"]
    assert found.is_good


def test_the_table_shows_sums_kinds_and_every_invariant() -> None:
    broken = [Difference(Invariant.SENT_TWICE, "2 orders of size 1, sent once")]
    runs = [
        RunResult("coinex", 1, orders=1200, fills=3, resyncs=2, settled_s=1.5, struck=Counter(mute_socket=2)),
        RunResult("coinex", 2, orders=34, fills=4, settled_s=7.0, broken=broken),
    ]
    found = tally(runs)
    assert not found.is_good
    assert "| coinex | 2 | 1,234 | 7 | 2 | 2 | 1 | 1.5, longest 7.0 |" in found.markdown()
    assert f"| {Invariant.SENT_TWICE} | 1 |" in found.markdown()
    assert all(str(one) in found.text() for one in Invariant)


def test_a_run_of_one_seed_can_be_kept_whole() -> None:
    kept = run_seed("exchange", 3, keeps_trace=True)
    assert kept.lines
    assert kept.trace == run_seed("exchange", 3).trace
