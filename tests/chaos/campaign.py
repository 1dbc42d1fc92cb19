"""Many worlds in two processes, and the table of what they showed."""

from __future__ import annotations

import gc
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context

from tradewire.testing.run import RunResult, run_seed

__all__ = ["Job", "run_jobs", "table"]

PROCESSES = 2
BATCH = 20
COLLECT_EVERY = 10
"""Worlds are full of circles; collecting them costs as much as a tenth of running them."""
Job = tuple[str, int]


def run_batch(jobs: Sequence[Job]) -> list[RunResult]:
    """Run some worlds one after the other."""
    if gc.isenabled():
        # What is imported stays: it is not looked at again.
        gc.disable()
        gc.collect()
        gc.freeze()
    results = []
    for number, job in enumerate(jobs, 1):
        results.append(run_seed(*job))
        if not number % COLLECT_EVERY:
            gc.collect()
    return results


def run_jobs(jobs: Sequence[Job]) -> Iterator[RunResult]:
    """Run every job and yield what it showed, in order."""
    batches = [jobs[start : start + BATCH] for start in range(0, len(jobs), BATCH)]
    if len(batches) == 1:
        yield from (run_seed(*job) for job in jobs)
        return
    with ProcessPoolExecutor(PROCESSES, mp_context=get_context("spawn")) as pool:
        for results in pool.map(run_batch, batches):
            yield from results


def table(results: Iterable[RunResult]) -> str:
    """Return a line for each venue, the faults by kind, and the invariants broken by kind."""
    by_venue: dict[str, list[RunResult]] = {}
    for result in results:
        by_venue.setdefault(result.venue, []).append(result)
    lines = [
        "venue     seeds  orders  fills  faults  resyncs  invariants broken  settled after (median, longest)"
    ]
    for venue, runs in sorted(by_venue.items()):
        times = sorted(run.settled_s for run in runs)
        lines.append(
            f"{venue:9} {len(runs):5}  {sum(run.orders for run in runs):6}  {sum(run.fills for run in runs):5}"
            f"  {sum(run.struck.total() for run in runs):6}  {sum(run.resyncs for run in runs):7}"
            f"  {sum(len(run.broken) for run in runs):17}  {times[len(times) // 2]:.1f} s, {times[-1]:.1f} s virtual"
        )
    struck: Counter[str] = Counter()
    broken: Counter[str] = Counter()
    for runs in by_venue.values():
        for run in runs:
            struck.update(run.struck)
            broken.update(str(one.invariant) for one in run.broken)
    lines.append("faults by kind:")
    lines += _counted(struck)
    if broken:
        lines.append("invariants broken by kind:")
        lines += _counted(broken)
    return "\n".join(lines)


def _counted(counts: Counter[str]) -> list[str]:
    return [f"  {count:6}  {name}" for name, count in counts.most_common()]
