"""Many worlds in two processes at a time."""

from __future__ import annotations

import gc
from collections.abc import Callable, Iterable, Iterator
from functools import partial
from itertools import islice
from multiprocessing import get_context
from typing import Final, TypeVar

from tradewire.testing.run import RunResult, run_seed

__all__ = ["Job", "in_processes", "run_jobs"]

JobT = TypeVar("JobT")
ResultT = TypeVar("ResultT")

PROCESSES: Final = 2
BATCH: Final = 40
"""Worlds of one process: they leave some 40 MB behind, and then it ends."""
Job = tuple[str, int]
Batch = tuple[JobT, ...]


def run_jobs(jobs: Iterable[Job]) -> Iterator[RunResult]:
    """Run every job and yield what it showed, in order. Memory does not grow with their number."""
    return in_processes(_run, jobs, BATCH)


def _run(job: Job) -> RunResult:
    return run_seed(*job)


def in_processes(work: Callable[[JobT], ResultT], jobs: Iterable[JobT], batch: int = 1) -> Iterator[ResultT]:
    """Do the work of every job and yield its result, in order.

    Every ``batch`` jobs have a process of their own, forked from one that has imported everything and run a world of
    each venue: it ends before it had to collect garbage, of which worlds make much.
    """
    context = get_context("forkserver")
    context.set_forkserver_preload(["chaos.warm"])
    batches = _batches(jobs, batch)
    with context.Pool(PROCESSES, maxtasksperchild=1) as pool:
        for results in pool.imap(partial(_each, work), batches):
            yield from results


def _each(work: Callable[[JobT], ResultT], jobs: Batch[JobT]) -> list[ResultT]:
    gc.disable()
    return [work(job) for job in jobs]


def _batches(jobs: Iterable[JobT], size: int) -> Iterator[Batch[JobT]]:
    left = iter(jobs)
    while one := tuple(islice(left, size)):
        yield one
