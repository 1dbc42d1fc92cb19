"""Interleaved timing: every round runs one lap of each contender, so that noise hits all alike.

The collector is frozen and off while a round runs, the process sits on one core, and the order of the
contenders turns by one each round. A lap is timed by the thread's own processor time: hardly a row waits for
anything, and by the wall clock a busy machine would put off long laps more often than short ones, which
flatters whoever is fastest. R1 does wait, for a peer on another core, and measures itself by the wall clock.
"""

import gc
import os
from collections.abc import Iterator
from contextlib import contextmanager
from time import perf_counter, thread_time_ns

from bench.row import Contender, Row

WARM_UP_ROUNDS = 3
LEAST_ROUNDS = 15
P99 = 0.99

Samples = dict[str, list[float]]
"""By contender: nanoseconds per operation, one figure a round."""


def measure(row: Row, contenders: tuple[Contender, ...], seconds: float) -> Samples:
    """Time the contenders of a row round by round until the time is up."""
    samples: Samples = {contender.name: [] for contender in contenders}
    order = list(contenders)
    with _quiet():
        for _ in range(WARM_UP_ROUNDS):
            for contender in order:
                _lap_ns(contender)
        until = perf_counter() + seconds
        while perf_counter() < until or len(samples[contenders[0].name]) < LEAST_ROUNDS:
            for contender in order:
                samples[contender.name].append(_lap_ns(contender) / row.operations)
            order.append(order.pop(0))
            gc.collect()
    return samples


def percentile(figures: list[float], share: float) -> float:
    """Give the figure below which this share lies (nearest rank)."""
    ranked = sorted(figures)
    return ranked[min(int(share * len(ranked)), len(ranked) - 1)]


def _lap_ns(contender: Contender) -> int:
    lap = contender.prepare()
    started_ns = thread_time_ns()
    lap.run()
    took_ns = thread_time_ns() - started_ns
    return took_ns if lap.took_ns is None else lap.took_ns()


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
