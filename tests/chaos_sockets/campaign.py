"""Many runs at once, what the loop and the interpreter complain of meanwhile, and the table at the end."""

from __future__ import annotations

import asyncio
import contextlib
import gc
import logging
import sys
import traceback
import warnings
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, field
from functools import partial
from multiprocessing import get_context
from typing import Any

from chaos_sockets.run import MARGIN_S, RunResult, run_once
from tradewire.testing.invariants import Difference, Invariant

__all__ = ["AT_ONCE", "Campaign", "Job", "run_campaign", "run_campaigns", "silent_logs", "table"]

PROCESSES = 2
BATCH = 30
"""Runs that a process takes at a time."""
AT_ONCE = 10
"""Runs that share the loop. With 30 a second program on the machine was enough to break their bounds in time."""
START_EVERY_S = 0.4
LATE_S = 0.03
"""A loop that wakes so much too late, on average of a second, takes no further run."""
PULSE_S = 0.05
Job = tuple[str, int]


@dataclass(slots=True)
class Campaign:
    """Results by venue and seed, and complaints that no single run can be named for."""

    results: dict[Job, RunResult] = field(default_factory=dict)
    complaints: list[Difference] = field(default_factory=list)


class _Gate:
    """Lets runs in one after the other, ``at_once`` at a time and fewer while the loop is late.

    A run has bounds in time. What the machine does besides, and other runs, must not be what breaks them.
    """

    def __init__(self, at_once: int) -> None:
        self._at_once = at_once
        self._inside = 0
        self._door = asyncio.Lock()
        self._late_s = 0.0

    async def watch(self) -> None:
        """Measure how late the loop is, for ever."""
        loop = asyncio.get_running_loop()
        while True:
            before_s = loop.time()
            await asyncio.sleep(PULSE_S)
            self._late_s += (loop.time() - before_s - PULSE_S - self._late_s) * PULSE_S

    @contextlib.asynccontextmanager
    async def place(self) -> AsyncIterator[None]:
        """Wait for a place and hold it."""
        async with self._door:
            await asyncio.sleep(START_EVERY_S)
            while self._inside >= self._at_once or (self._inside and self._late_s > LATE_S):  # noqa: ASYNC110 - time alone tells
                await asyncio.sleep(PULSE_S)
            self._inside += 1
        try:
            yield
        finally:
            self._inside -= 1


def run_campaign(
    jobs: Sequence[Job], *, at_once: int = AT_ONCE, margin_s: float = MARGIN_S, plays_others: bool = False
) -> Campaign:
    """Run ``jobs``, venue and seed each, ``at_once`` at a time, on a loop of their own."""
    campaign = Campaign()
    run = partial(run_once, margin_s=margin_s, plays_others=plays_others)
    with silent_logs(), _complaints(campaign.complaints):
        asyncio.run(_run(jobs, at_once, run, campaign))
        gc.collect()
    return campaign


def run_campaigns(
    jobs: Sequence[Job], *, at_once: int = AT_ONCE, margin_s: float = MARGIN_S, plays_others: bool = False
) -> Iterator[tuple[Sequence[Job], Campaign]]:
    """Run ``jobs`` in two processes and yield each batch as it ends, in order."""
    batches = [jobs[start : start + BATCH] for start in range(0, len(jobs), BATCH)]
    run = partial(run_campaign, at_once=at_once, margin_s=margin_s, plays_others=plays_others)
    if len(batches) == 1:
        yield batches[0], run(jobs)
        return
    with ProcessPoolExecutor(PROCESSES, mp_context=get_context("spawn")) as pool:
        campaigns = pool.map(run, batches)
        yield from zip(batches, campaigns, strict=True)


async def _run(
    jobs: Sequence[Job], at_once: int, run_one: Callable[..., Awaitable[RunResult]], campaign: Campaign
) -> None:
    def complain(loop: asyncio.AbstractEventLoop, context: dict[str, Any]) -> None:
        error = context.get("exception")
        where = "" if error is None else "".join(traceback.format_tb(error.__traceback__))
        text = f"{context.get('message')}: {error!r}, {context.get('future', context.get('task', ''))!r}\n{where}"
        campaign.complaints.append(Difference(Invariant.COMPLAINT, text))

    asyncio.get_running_loop().set_exception_handler(complain)
    gate = _Gate(at_once)

    async def run(job: Job) -> None:
        # A run works for five seconds and then mostly waits. Side by side they would hold up each other's clocks.
        async with gate.place():
            campaign.results[job] = await run_one(*job)

    watching = asyncio.create_task(gate.watch())
    await asyncio.gather(*map(run, jobs))
    watching.cancel()
    # Transports end their callbacks one iteration after they were closed.
    await asyncio.sleep(0.05)
    gc.collect()
    for task in asyncio.all_tasks() - {asyncio.current_task()}:
        campaign.complaints.append(Difference(Invariant.TASK_LEFT, repr(task)))


@contextlib.contextmanager
def silent_logs() -> Iterator[None]:
    """Leave out what is logged of every broken connection: there are thousands."""
    loggers = [logging.getLogger(name) for name in ("tradewire", "picows", "aiohttp.server")]
    before = [logger.level for logger in loggers]
    for logger in loggers:
        logger.setLevel(logging.CRITICAL + 1)
    try:
        yield
    finally:
        for logger, level in zip(loggers, before, strict=True):
            logger.setLevel(level)


@contextlib.contextmanager
def _complaints(found: list[Difference]) -> Iterator[None]:
    """Collect warnings and exceptions nobody could raise."""

    def unraisable(what: sys.UnraisableHookArgs) -> None:
        found.append(Difference(Invariant.COMPLAINT, f"{what.err_msg}: {what.exc_value!r}, {what.object!r}"))

    before, sys.unraisablehook = sys.unraisablehook, unraisable
    try:
        with warnings.catch_warnings(record=True) as seen:
            warnings.simplefilter("always")
            yield
        found += [Difference(Invariant.COMPLAINT, f"{one.category.__name__}: {one.message}") for one in seen]
    finally:
        sys.unraisablehook = before


def table(results: Iterable[RunResult]) -> str:
    """Return what a campaign did: a line for each venue, the faults by kind, the invariants broken by kind."""
    by_venue: dict[str, list[RunResult]] = {}
    for result in results:
        by_venue.setdefault(result.venue, []).append(result)
    lines = ["venue     runs  orders  fills  faults  broken invariants  settled after (median, longest)"]
    for venue, runs in sorted(by_venue.items()):
        times = sorted(run.settled_s for run in runs)
        lines.append(
            f"{venue:9} {len(runs):4}  {sum(run.orders for run in runs):6}  {sum(run.fills for run in runs):5}"
            f"  {sum(len(run.struck) for run in runs):6}  {sum(len(run.broken) for run in runs):17}"
            f"  {times[len(times) // 2]:.1f} s, {times[-1]:.1f} s"
        )
    everything = [run for runs in by_venue.values() for run in runs]
    lines.append("faults by kind:")
    lines += _counted(sum((run.faults for run in everything), Counter()))
    if broken := Counter(str(one.invariant) for run in everything for one in run.broken):
        lines.append("broken invariants by kind:")
        lines += _counted(broken)
    return "\n".join(lines)


def _counted(counts: Counter[str]) -> list[str]:
    return [f"  {count:6}  {name}" for name, count in counts.most_common()]
