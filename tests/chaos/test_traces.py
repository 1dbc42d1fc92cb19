"""A seed gives the same trace in every process, whatever the hashes are and whatever ran before."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest

from tradewire.testing.run import run_seed
from tradewire.testing.venues import SETUPS

SEEDS = (1, 2, 3, 4, 5)
PROGRAM = """
import sys
from tradewire.testing.run import run_seed
print([run_seed(sys.argv[1], int(seed)).trace for seed in sys.argv[2:]])
"""


@pytest.mark.parametrize("venue", SETUPS)
def test_a_seed_gives_the_same_trace_in_another_process(venue: str) -> None:
    traces = {str([run_seed(venue, seed).trace for seed in reversed(SEEDS)][::-1])}
    for hash_seed in ("0", "4711"):
        environment = {
            **os.environ,
            "PYTHONHASHSEED": hash_seed,
            "PYTHONPATH": os.pathsep.join(sys.path),
            "PYTHONDONTWRITEBYTECODE": "1",
        }
        done = subprocess.run(
            [sys.executable, "-c", PROGRAM, venue, *map(str, SEEDS)],
            env=environment,
            capture_output=True,
            text=True,
            check=True,
        )
        traces.add(done.stdout.strip())
    assert len(traces) == 1
