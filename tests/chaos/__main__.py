"""``python -m chaos``: seeds by the thousand, or one again, or a script of faults."""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Sequence
from pathlib import Path

from chaos.campaign import run_jobs, table
from tradewire.testing.fault import Event
from tradewire.testing.run import RunResult, run_seed
from tradewire.testing.script import from_toml, shrunk, to_toml
from tradewire.testing.venues import SETUPS

MOST_SHRUNK = 3
"""Failing seeds that are shrunk; each takes a minute at most."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the seeds, print every failing one with its shortest script and the table; return 0 if none failed."""
    parser = argparse.ArgumentParser(prog="chaos", description=__doc__)
    parser.add_argument("--venue", choices=sorted(SETUPS), action="append", help="only this venue")
    parser.add_argument("--seed", type=int, action="append", help="only this seed")
    parser.add_argument("--seeds", type=int, default=2000, help="seeds for each venue, 1 and up")
    parser.add_argument("--first", type=int, default=1, help="the first of them")
    parser.add_argument("--script", type=Path, help="these faults instead of the seed's, TOML")
    parser.add_argument("--trace", type=Path, help="write what happened to this file; one venue, one seed")
    parser.add_argument("--brief", action="store_true", help="shrink nothing")
    chosen = parser.parse_args(arguments)
    venues, seeds = (
        chosen.venue or sorted(SETUPS),
        chosen.seed or range(chosen.first, chosen.first + chosen.seeds),
    )
    schedule = from_toml(chosen.script.read_text()) if chosen.script else None
    began_s = time.monotonic()
    if schedule is not None or chosen.trace:
        results = [run_seed(venue, seed, schedule, keeps_trace=True) for seed in seeds for venue in venues]
        if chosen.trace:
            chosen.trace.write_text("\n".join(line for result in results for line in result.lines))
    else:
        results = []
        for result in run_jobs([(venue, seed) for seed in seeds for venue in venues]):
            results.append(result)
            if result.broken:
                _say(result.report())
    failed = [result for result in results if result.broken]
    if not chosen.brief:
        for result in failed[:MOST_SHRUNK]:
            _say(_shortest(result))
    if chosen.seed:
        _say("\n".join(f"{result.venue} {result.seed}: trace {result.trace}" for result in results))
    _say(table(results))
    _say(f"{len(results)} worlds in {time.monotonic() - began_s:.0f} s")
    return 1 if failed else 0


def _shortest(result: RunResult) -> str:
    kinds = {one.invariant for one in result.broken}

    def breaks(schedule: Sequence[Event]) -> bool:
        found = run_seed(result.venue, result.seed, schedule).broken
        return any(one.invariant in kinds for one in found)

    script = to_toml(shrunk(result.schedule, breaks))
    return f"# {result.venue}, seed {result.seed}: the shortest script that breaks the same\n{script}"


def _say(text: str) -> None:
    sys.stdout.write(text + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main())
