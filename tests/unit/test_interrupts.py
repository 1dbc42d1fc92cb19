"""Ctrl-C, once or many times, ends what ``tradewire.run`` runs in order and in time; processes of their own."""

from __future__ import annotations

import asyncio
import contextlib
import os
import random
import signal
import subprocess
import sys
import time
from itertools import product

import pytest

import tradewire
from support.witness import PATIENCE_S

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="signals of POSIX")

LOOPS = list(product((False, True), (False, True)))
"""uvloop or not, polled or not."""
FRAME = """
import asyncio, os, signal, sys, time, tradewire

async def main():
    {body}

try:
    result = tradewire.run(main(), uvloop={uvloop}, busy_poll={busy_poll}, close_within_s={close_within_s})
except KeyboardInterrupt:
    print("interrupted", flush=True)
    sys.exit(7)
print(result, flush=True)
"""
CLEANS_UP = """
    stopped = []
    async def work():
        while True:
            try:
                sum(range(2000))
                await asyncio.sleep(0)
            except asyncio.CancelledError:
                stopped.append(1)
                await asyncio.sleep(0.05)
                raise
    workers = [asyncio.create_task(work()) for _ in range(20)]
    print("ready", flush=True)
    try:
        await asyncio.sleep(100)
    finally:
        for _ in range(20):
            await asyncio.sleep(0.01)
        for worker in workers:
            worker.cancel()
        await asyncio.gather(*workers, return_exceptions=True)
        print("cleaned up", len(stopped), flush=True)
"""
NEVER_ENDS = """
    print("ready", flush=True)
    while True:
        try:
            await asyncio.sleep(100)
        except asyncio.CancelledError:
            pass
"""
STUCK = """
    print("ready", flush=True)
    while True:
        {stuck}
"""


def interrupted(
    body: str,
    gaps_s: tuple[float, ...],
    *,
    uvloop: bool = False,
    busy_poll: bool = False,
    close_within_s: float,
) -> tuple[str, int]:
    """Run a program, send it a Ctrl-C after each gap once it is ready, and return what it said and its status."""
    script = FRAME.format(body=body, uvloop=uvloop, busy_poll=busy_poll, close_within_s=close_within_s)
    with subprocess.Popen([sys.executable, "-c", script], stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "ready\n"
        for gap_s in gaps_s:
            time.sleep(gap_s)
            process.send_signal(signal.SIGINT)
        with contextlib.suppress(subprocess.TimeoutExpired):
            out, _ = process.communicate(timeout=PATIENCE_S)
            return out, process.returncode
        process.kill()
    pytest.fail("it did not end")


@pytest.mark.parametrize(("uvloop", "busy_poll"), LOOPS)
def test_any_number_of_interrupts_at_random_moments_cleans_up_once(uvloop: bool, busy_poll: bool) -> None:
    chance = random.Random(f"{uvloop}/{busy_poll}")
    gaps_s = tuple(chance.choice([0.0, chance.uniform(0.0, 0.1)]) for _ in range(chance.randint(2, 12)))
    said = interrupted(CLEANS_UP, gaps_s, uvloop=uvloop, busy_poll=busy_poll, close_within_s=PATIENCE_S)
    assert said == ("cleaned up 20\ninterrupted\n", 7)


@pytest.mark.parametrize(("uvloop", "busy_poll"), LOOPS)
def test_what_does_not_end_is_left_when_its_time_is_over(uvloop: bool, busy_poll: bool) -> None:
    said = interrupted(NEVER_ENDS, (0.0,), uvloop=uvloop, busy_poll=busy_poll, close_within_s=0.2)
    assert said == ("interrupted\n", 7)


@pytest.mark.parametrize("stuck", ["pass", "time.sleep(100)"])
def test_code_that_never_comes_back_to_the_loop_is_interrupted_where_it_is(stuck: str) -> None:
    said = interrupted(STUCK.format(stuck=stuck), (0.0,), close_within_s=0.2)
    assert said == ("interrupted\n", 7)


def test_a_second_interrupt_leaves_seconds_of_the_time_for_closing() -> None:
    assert interrupted(NEVER_ENDS, (0.0, 0.1), close_within_s=3600.0) == ("interrupted\n", 7)


def test_an_interrupt_while_the_loop_closes_breaks_into_nothing() -> None:
    ended: list[str] = []

    async def other() -> None:
        try:
            await asyncio.sleep(100)
        finally:
            for _ in range(3):
                os.kill(os.getpid(), signal.SIGINT)
                await asyncio.sleep(0)
            ended.append("task")

    async def main() -> asyncio.Task[None]:
        task = asyncio.create_task(other())
        await asyncio.sleep(0)
        return task

    with pytest.raises(KeyboardInterrupt):
        tradewire.run(main(), uvloop=False)
    assert ended == ["task"]
    assert signal.getsignal(signal.SIGINT) is signal.default_int_handler


def test_ignored_interrupts_stay_ignored() -> None:
    async def main() -> str:
        os.kill(os.getpid(), signal.SIGINT)
        return "done"

    signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        assert tradewire.run(main()) == "done"
        assert signal.getsignal(signal.SIGINT) is signal.SIG_IGN
    finally:
        signal.signal(signal.SIGINT, signal.default_int_handler)


def test_main_may_take_the_interrupt_and_return() -> None:
    async def main() -> str:
        try:
            os.kill(os.getpid(), signal.SIGINT)
            await asyncio.sleep(100)
        except asyncio.CancelledError:
            return "taken"
        return "not told"

    assert tradewire.run(main()) == "taken"
