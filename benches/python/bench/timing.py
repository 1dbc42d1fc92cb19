"""Interleaved timing: every round runs one lap of each contender, so that noise hits all alike.

The collector is frozen and off while a round runs, the process sits on one core, and the order of the
contenders turns by one each round. A lap is timed by the thread's own processor time: hardly a row waits for
anything, and by the wall clock a busy machine would put off long laps more often than short ones, which
flatters whoever is fastest. R1 and T1 to T3 do wait, for a peer on another core, and measure themselves by the
wall clock.
"""

import gc
import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from time import perf_counter, thread_time_ns

from bench.row import Contender, Row

WARM_UP_ROUNDS = 3
LEAST_ROUNDS, FEWEST_ROUNDS = 15, 5
OVERTIME = 4
"""On a busy machine a row ends after this many times its time, with as few rounds as the second figure says."""
P99 = 0.99


@dataclass(slots=True)
class Timed:
    """What was measured of one contender: nanoseconds per operation, one figure a round, and what was behind them."""

    figures: list[float] = field(default_factory=list)
    singles_ns: list[int] = field(default_factory=list)


Samples = dict[str, Timed]
"""By contender."""


def measure(row: Row, contenders: tuple[Contender, ...], seconds: float) -> Samples:
    """Time the contenders of a row round by round until the time is up."""
    samples: Samples = {contender.name: Timed() for contender in contenders}
    order = list(contenders)
    with _quiet():
        for _ in range(WARM_UP_ROUNDS):
            for contender in order:
                lap(contender)
        began_s, rounds = perf_counter(), 0
        while not _is_enough(rounds, perf_counter() - began_s, seconds):
            rounds += 1
            for contender in order:
                took_ns, singles_ns = lap(contender)
                samples[contender.name].figures.append(took_ns / row.operations)
                samples[contender.name].singles_ns += singles_ns
            order.append(order.pop(0))
            gc.collect()
    return samples


def _is_enough(rounds: int, took_s: float, seconds: float) -> bool:
    if took_s < seconds or rounds < FEWEST_ROUNDS:
        return False
    return rounds >= LEAST_ROUNDS or took_s >= OVERTIME * seconds


def percentile(figures: Sequence[float], share: float) -> float:
    """Give the figure below which this share lies (nearest rank)."""
    ranked = sorted(figures)
    return ranked[min(int(share * len(ranked)), len(ranked) - 1)]


def lap(contender: Contender) -> tuple[int, list[int]]:
    """Run one lap; return the nanoseconds it took, and the single figures behind them if it keeps them."""
    fresh = contender.prepare()
    started_ns = thread_time_ns()
    fresh.run()
    took_ns = thread_time_ns() - started_ns
    return (
        took_ns if fresh.took_ns is None else fresh.took_ns(),
        [] if fresh.singles_ns is None else fresh.singles_ns(),
    )


@contextmanager
def _quiet() -> Iterator[None]:
    was_enabled = gc.isenabled()
    gc.collect()
    gc.freeze()
    gc.disable()
    try:
        yield
    finally:
        gc.unfreeze()
        if was_enabled:
            gc.enable()


@contextmanager
def one_core() -> Iterator[int | None]:
    """Keep this process and its children on one core, where the system lets us."""
    if not hasattr(os, "sched_setaffinity"):
        yield None
        return
    allowed = os.sched_getaffinity(0)
    core = max(allowed)
    os.sched_setaffinity(0, {core})
    try:
        yield core
    finally:
        os.sched_setaffinity(0, allowed)
