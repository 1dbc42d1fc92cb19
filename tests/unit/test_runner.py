"""``tradewire.run`` over real loops: asyncio's and uvloop's, sleeping and polled; signals in a process of their own."""

from __future__ import annotations

import asyncio
import contextlib
import gc
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import AsyncIterator
from typing import Any

import pytest

import tradewire
from tradewire.errors import ConfigError

LOOPS = [
    pytest.param({"uvloop": uvloop, "busy_poll": busy_poll}, id=f"{name}-{'polled' if busy_poll else 'sleeping'}")
    for name, uvloop in (("asyncio", False), ("uvloop", True))
    for busy_poll in (False, True)
]  # fmt: skip
pytestmark = pytest.mark.parametrize("loop", LOOPS)
Loop = dict[str, Any]


def test_result_is_returned_from_the_loop_that_was_asked_for(loop: Loop) -> None:
    async def main() -> str:
        await asyncio.sleep(0)
        return type(asyncio.get_running_loop()).__module__

    assert tradewire.run(main(), **loop).startswith("uvloop" if loop["uvloop"] else "asyncio")


def test_exception_is_raised(loop: Loop) -> None:
    async def main() -> None:
        await asyncio.sleep(0)
        raise LookupError("of main")

    with pytest.raises(LookupError, match="of main"):
        tradewire.run(main(), **loop)


def test_polled_loop_never_sleeps(loop: Loop) -> None:
    async def main() -> bool:
        began_s = time.thread_time()
        # A loop that sleeps does not get there; how fast one does that does not depends on what else runs here.
        for _ in range(1000 if loop["busy_poll"] else 10):
            await asyncio.sleep(0.02)
            if time.thread_time() - began_s > 0.1:
                return True
        return False

    assert tradewire.run(main(), **loop) == loop["busy_poll"]


def test_timers_fire_in_order_and_not_early(loop: Loop) -> None:
    async def main() -> list[tuple[float, float]]:
        own = asyncio.get_running_loop()
        began_s = own.time()
        fired: list[tuple[float, float]] = []

        def fire(wait_s: float) -> None:
            fired.append((wait_s, own.time() - began_s))

        cancelled = own.call_later(0.01, fire, 0.01)
        for wait_s in (0.08, 0.02, 0.05):
            own.call_later(wait_s, fire, wait_s)
        cancelled.cancel()
        last: asyncio.Future[None] = own.create_future()
        own.call_later(0.1, last.set_result, None)
        await last
        return fired

    fired = tradewire.run(main(), **loop)
    assert [wait_s for wait_s, _ in fired] == [0.02, 0.05, 0.08]
    # uvloop counts whole milliseconds.
    assert all(after_s > wait_s - 0.0021 for wait_s, after_s in fired)


def test_polled_loop_serves_sockets(loop: Loop) -> None:
    async def echo(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(await reader.readline())
        await writer.drain()
        writer.close()

    async def main() -> bytes:
        server = await asyncio.start_server(echo, "127.0.0.1", 0)
        async with server:
            reader, writer = await asyncio.open_connection(*server.sockets[0].getsockname())
            writer.write(b"frame\n")
            reply = await reader.read()
            writer.close()
            await writer.wait_closed()
            return reply

    assert tradewire.run(main(), **loop) == b"frame\n"


def test_call_from_another_thread_is_heard(loop: Loop) -> None:
    async def main() -> int:
        own = asyncio.get_running_loop()
        heard: asyncio.Future[int] = own.create_future()
        thread = threading.Thread(target=own.call_soon_threadsafe, args=(heard.set_result, 7))
        thread.start()
        value = await asyncio.wait_for(heard, 5)
        await asyncio.to_thread(thread.join)
        return value

    assert tradewire.run(main(), **loop) == 7


def test_subprocess_is_read_and_reaped(loop: Loop) -> None:
    async def main() -> tuple[bytes, int | None]:
        process = await asyncio.create_subprocess_exec(
            sys.executable, "-c", "print('child'); raise SystemExit(3)", stdout=asyncio.subprocess.PIPE
        )
        out, _ = await asyncio.wait_for(process.communicate(), 20)
        return out, process.returncode

    assert tradewire.run(main(), **loop) == (b"child\n", 3)


def test_tasks_left_are_cancelled_and_generators_closed(loop: Loop) -> None:
    ended: list[str] = []

    async def other() -> None:
        try:
            await asyncio.sleep(60)
        except asyncio.CancelledError:
            await asyncio.sleep(0.01)
            ended.append("task")
            raise

    async def numbers() -> AsyncIterator[int]:
        try:
            while True:
                yield 1
        finally:
            await asyncio.sleep(0)
            ended.append("generator")

    async def main() -> tuple[asyncio.Task[None], AsyncIterator[int]]:
        task, generator = asyncio.create_task(other()), numbers()
        await anext(generator)
        await asyncio.sleep(0)
        return task, generator

    task, _ = tradewire.run(main(), **loop)
    assert task.cancelled()
    assert ended == ["task", "generator"]


def test_settings_are_taken_back(loop: Loop) -> None:
    if not hasattr(os, "sched_setaffinity"):
        pytest.skip("cores cannot be chosen on this operating system")
    before = os.sched_getaffinity(0)
    core = max(before)

    async def main() -> tuple[set[int], int]:
        return os.sched_getaffinity(0), gc.get_freeze_count()

    assert gc.get_freeze_count() == 0
    cores, frozen = tradewire.run(main(), pin=core, freeze=True, **loop)
    assert cores == {core}
    assert frozen > 1000
    assert (os.sched_getaffinity(0), gc.get_freeze_count()) == (before, 0)
    assert tradewire.run(main(), pin=before, **loop) == (before, 0)


SCRIPT = """
import asyncio, sys, tradewire

async def main():
    print("ready", flush=True)
    try:
        await asyncio.sleep(30)
    finally:
        await asyncio.sleep(0.01)
        print("cleaned up", flush=True)

try:
    tradewire.run(main(), uvloop={uvloop}, busy_poll={busy_poll})
except KeyboardInterrupt:
    print("interrupted", flush=True)
    sys.exit(7)
"""
HANDLING = """
import asyncio, signal, tradewire

async def main():
    stopped = asyncio.Event()
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, stopped.set)
    print("ready", flush=True)
    await stopped.wait()
    print("stopped", flush=True)

tradewire.run(main(), uvloop={uvloop}, busy_poll={busy_poll})
"""


def _signalled(script: str, loop: Loop, number: signal.Signals) -> tuple[str, int]:
    with subprocess.Popen(
        [sys.executable, "-c", script.format(**loop)], stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "ready\n"
        process.send_signal(number)
        with contextlib.suppress(subprocess.TimeoutExpired):
            out, _ = process.communicate(timeout=20)
            return out, process.returncode
        process.kill()
    pytest.fail("the signal did not end it")


@pytest.mark.skipif(sys.platform == "win32", reason="signals of POSIX")
def test_ctrl_c_interrupts_after_cleanup(loop: Loop) -> None:
    assert _signalled(SCRIPT, loop, signal.SIGINT) == ("cleaned up\ninterrupted\n", 7)


@pytest.mark.skipif(sys.platform == "win32", reason="signals of POSIX")
def test_sigterm_ends_the_process_as_under_asyncio_run(loop: Loop) -> None:
    assert _signalled(SCRIPT, loop, signal.SIGTERM) == ("", -signal.SIGTERM)


@pytest.mark.skipif(sys.platform == "win32", reason="signals of POSIX")
def test_sigterm_that_main_takes_is_heard(loop: Loop) -> None:
    assert _signalled(HANDLING, loop, signal.SIGTERM) == ("stopped\n", 0)


@pytest.mark.parametrize(
    ("arguments", "reason"),
    [
        ({"pin": 4096}, "pin must name cores that this process may use, .*, got 4096"),
        ({"pin": -1}, "pin must name cores .*, got -1"),
        ({"pin": ()}, r"pin must name cores .*, got \(\)"),
        ({"close_within_s": 0}, "close_within_s must be seconds above 0, got 0"),
        ({"close_within_s": float("inf")}, "close_within_s must be seconds above 0, got inf"),
        ({"uvloop": "yes"}, "uvloop must be True, False or \"auto\", got 'yes'"),
    ],
)
def test_impossible_argument_is_refused_and_main_not_started(
    loop: Loop, arguments: dict[str, Any], reason: str
) -> None:
    async def main() -> None:
        pytest.fail("started")

    # An unawaited coroutine would warn, and warnings are errors here.
    with pytest.raises(ConfigError, match=reason):
        tradewire.run(main(), **{**loop, **arguments})


def test_missing_uvloop_is_refused_only_if_demanded(loop: Loop, monkeypatch: pytest.MonkeyPatch) -> None:
    async def main() -> str:
        return type(asyncio.get_running_loop()).__module__

    monkeypatch.setitem(sys.modules, "uvloop", None)
    assert tradewire.run(main(), busy_poll=loop["busy_poll"]).startswith("asyncio")
    with pytest.raises(ConfigError, match="pip install"):
        tradewire.run(main(), uvloop=True)


def test_run_in_a_running_loop_is_refused(loop: Loop) -> None:
    async def inner() -> None:
        pytest.fail("started")

    async def main() -> None:
        with pytest.raises(ConfigError, match="must not be called in a running event loop"):
            tradewire.run(inner(), **loop)

    tradewire.run(main(), **loop)


def test_function_that_was_not_called_is_refused(loop: Loop) -> None:
    async def main() -> None:
        pytest.fail("started")

    with pytest.raises(ConfigError, match=r"call it: tradewire.run\(main\(\)\)"):
        tradewire.run(main, **loop)  # type: ignore[arg-type]  # what is tested
