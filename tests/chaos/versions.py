"""Whether a seed gives the same trace on several Pythons: ``python -m chaos.versions PYTHON PYTHON ... --seeds 60``.

Each must have this version of tradewire. Where traces differ the first line that does is shown.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
from collections.abc import Sequence
from typing import Any, Final

from tradewire.testing.venues import SETUPS

SHOWN: Final = 3
PROGRAM: Final = """
import gc, json, sys
from tradewire.testing.run import run_seed
gc.disable()
jobs, keeps = json.loads(sys.argv[1]), sys.argv[2] == "lines"
results = [run_seed(product, seed, keeps_trace=keeps) for product, seed in jobs]
print(json.dumps([result.lines if keeps else result.trace for result in results]))
"""
Job = tuple[str, int]


def main(arguments: Sequence[str] | None = None) -> int:
    """Compare; return 0 if every trace is the same everywhere."""
    parser = argparse.ArgumentParser(prog="chaos.versions", description=__doc__)
    parser.add_argument("pythons", nargs="+", help="interpreters; the others are compared to the first")
    parser.add_argument("--seeds", type=int, default=60, help="seeds of each product, 1 and up")
    chosen = parser.parse_args(arguments)
    jobs = [(product, seed) for seed in range(1, chosen.seeds + 1) for product in SETUPS]
    ours, *theirs = chosen.pythons
    expected, differences = _asked(ours, jobs), 0
    for python in theirs:
        traces = _asked(python, jobs)
        unlike = [job for job, one, other in zip(jobs, expected, traces, strict=True) if one != other]
        differences += len(unlike)
        _say(f"{python}: {len(jobs) - len(unlike)} of {len(jobs)} traces as with {ours}")
        for job in unlike[:SHOWN]:
            _say(f"{job[0]}, seed {job[1]}:\n{_first_difference(ours, python, job)}")
    return 1 if differences else 0


def _asked(python: str, jobs: Sequence[Job], what: str = "traces") -> list[Any]:
    # Each with hashes of its own, which nothing may depend on.
    clean = {name: value for name, value in os.environ.items() if name != "PYTHONHASHSEED"}
    done = subprocess.run(
        [python, "-c", PROGRAM, json.dumps(jobs), what], env=clean, capture_output=True, text=True, check=True
    )
    found: list[Any] = json.loads(done.stdout)
    return found


def _first_difference(ours: str, theirs: str, job: Job) -> str:
    one, other = (_asked(python, [job], "lines")[0] for python in (ours, theirs))
    place = next(
        (at for at, (a, b) in enumerate(zip(one, other, strict=False)) if a != b), min(len(one), len(other))
    )
    shown = [
        f"  {name}: {line}"
        for name, lines in ((ours, one), (theirs, other))
        for line in lines[place : place + 3]
    ]
    return "\n".join([*(f"  both: {line}" for line in one[max(0, place - 3) : place]), *shown])


def _say(text: str) -> None:
    sys.stdout.write(text + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main())
