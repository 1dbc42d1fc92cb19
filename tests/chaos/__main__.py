"""``python -m chaos``: seeds by the thousand, or one again, or a script of faults."""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Final

from chaos.campaign import in_processes, run_jobs
from chaos.mute import watch_one
from chaos.tally import Tally
from tradewire.testing.fault import Event
from tradewire.testing.run import RunResult, run_seed
from tradewire.testing.script import from_toml, shrunk, to_toml
from tradewire.testing.venues import SETUPS

MOST_SHRUNK: Final = 3
"""Failing seeds that are shrunk; each takes a minute at most."""
MANY: Final = 1000
"""Seeds in which every kind of fault must have found a victim, and beside which mute connections are looked for."""
NEWS_EVERY_S: Final = 10.0
MARK: Final = "<!-- what follows is written by `make chaos-table` -->"


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the seeds, print every failing one with its shortest script and the table; return 0 if none failed."""
    parser = argparse.ArgumentParser(prog="chaos", description=__doc__)
    parser.add_argument("--venue", choices=sorted(SETUPS), action="append", help="only this venue")
    parser.add_argument("--seed", type=int, action="append", help="only this seed")
    parser.add_argument("--seeds", type=int, default=2000, help="seeds for each venue, 1 and up")
    parser.add_argument("--by-venue", action="store_true", help="products of one venue share its seeds")
    parser.add_argument("--first", type=int, default=1, help="the first of them")
    parser.add_argument("--script", type=Path, help="these faults instead of the seed's, TOML")
    parser.add_argument("--trace", type=Path, help="write what happened to this file; one venue, one seed")
    parser.add_argument("--table", type=Path, help="write the table into this Markdown file, behind its mark")
    parser.add_argument("--brief", action="store_true", help="shrink nothing")
    chosen = parser.parse_args(arguments)
    venues = chosen.venue or sorted(SETUPS)
    seeds = chosen.seed or range(chosen.first, chosen.first + chosen.seeds)
    schedule = from_toml(chosen.script.read_text()) if chosen.script else None
    jobs = [
        (venue, seed)
        for seed in seeds
        for venue in venues
        if not chosen.by_venue or _is_its_turn(venue, seed, venues)
    ]
    began_s = time.monotonic()
    tally = Tally()
    if chosen.seed or schedule is not None or chosen.trace:
        results: Iterable[RunResult] = [
            run_seed(venue, seed, schedule, keeps_trace=bool(chosen.trace)) for venue, seed in jobs
        ]
        if chosen.trace:
            chosen.trace.write_text("\n".join(line for result in results for line in result.lines))
        _say("\n".join(f"{one.venue} {one.seed}: trace {one.trace}" for one in results))
    else:
        results = _with_news(run_jobs(jobs), len(jobs), began_s)
    for result in results:
        tally.take(result)
        if result.broken and len(tally.failed) <= MOST_SHRUNK:
            _say(result.report())
    is_many = not chosen.seed and len(seeds) >= MANY
    if is_many:
        watches = [(venue, is_mute) for venue in venues for is_mute in (True, False)]
        tally.watched += in_processes(watch_one, watches)
    if not chosen.brief:
        for result in tally.failed[:MOST_SHRUNK]:
            _say(_shortest(result))
    unplayed = tally.unplayed() if is_many else []
    _say(tally.text())
    if unplayed:
        _say(f"\nfaults that found no victim: {', '.join(unplayed)}")
    _say(f"\n{tally.worlds:,} worlds in {time.monotonic() - began_s:.0f} s")
    if chosen.table:
        _write(chosen.table, tally)
    return 0 if tally.is_good and not unplayed else 1


def _is_its_turn(product: str, seed: int, products: Sequence[str]) -> bool:
    """Say whether a seed is one of those of this product, where all of a venue take turns."""
    siblings = [one for one in products if SETUPS[one].venue == SETUPS[product].venue]
    return siblings[seed % len(siblings)] == product


def _with_news(results: Iterable[RunResult], number: int, began_s: float) -> Iterator[RunResult]:
    """Say now and then how far it is: on a terminal every few seconds, in a log after each tenth."""
    shown_s, broken = began_s, 0
    for place, result in enumerate(results, 1):
        broken += bool(result.broken)
        yield result
        now_s = time.monotonic()
        is_due = now_s - shown_s >= NEWS_EVERY_S if sys.stderr.isatty() else place % max(1, number // 10) == 0
        if is_due and now_s - began_s >= NEWS_EVERY_S:
            shown_s = now_s
            left_s = (now_s - began_s) / place * (number - place)
            sys.stderr.write(f"{place:,} of {number:,} worlds, {broken} broken, {left_s:.0f} s left\n")
            sys.stderr.flush()


def _write(path: Path, tally: Tally) -> None:
    """Put the table behind the mark in a file."""
    before, mark, _ = path.read_text().partition(MARK)
    if not mark:
        raise ValueError(f"{path} must have the line {MARK}")
    path.write_text(f"{before}{mark}\n\n{tally.markdown()}\n")


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
