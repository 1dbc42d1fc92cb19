"""The modules ``time`` and ``random`` as a bot finds them in a world."""

from __future__ import annotations

import random
import time
from collections.abc import Iterator
from contextlib import contextmanager
from unittest import mock

from tradewire.testing.loop import NS_PER_S, VirtualLoop

__all__ = ["virtual_time"]


@contextmanager
def virtual_time(loop: VirtualLoop, seed: object) -> Iterator[None]:
    """Have ``time.time()`` and its siblings show the clocks of ``loop``, ``time.sleep`` let its time pass, and
    ``random`` begin as ``seed`` says. Functions that were imported by name keep to the machine's."""
    state = random.getstate()
    random.seed(f"bot {seed}")
    try:
        with mock.patch.multiple(
            time,
            time=lambda: loop.wall_ns() / NS_PER_S,
            time_ns=loop.wall_ns,
            monotonic=loop.time,
            monotonic_ns=loop.monotonic_ns,
            perf_counter=loop.time,
            perf_counter_ns=loop.monotonic_ns,
            sleep=lambda seconds: loop.block(round(seconds * NS_PER_S)),
        ):
            yield
    finally:
        random.setstate(state)
