"""The guard as a process: where its bot comes from, what it writes, and what signals do to it."""

from __future__ import annotations

import asyncio
import contextlib
import signal
import socket
import sys
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from tradewire.errors import GuardFailed
from tradewire.guard.clearing import MakeClient, Snapshot, clear
from tradewire.guard.watch import Exit, Watch
from tradewire.protocol.guard_lines import Join
from tradewire.protocol.hosts import Place
from tradewire.registry import find_product
from tradewire.session.made_with import from_words
from tradewire.transport.guard_link import connected, listen, socket_path

__all__ = ["cancel_now", "guard_the_bot_that_comes", "guard_the_bot_that_started_us", "say"]

CLOSE_WITHIN_S = 5.0
SANDBOX_S = 60.0


def say(text: str) -> None:
    """Write what happens, to stderr; a terminal that is gone keeps the guard from nothing."""
    with contextlib.suppress(OSError, ValueError):
        now = f"{datetime.now(UTC):%Y-%m-%d %H:%M:%S.%f}"[:-3]
        print(f"{now}Z {text}", file=sys.stderr, flush=True)  # noqa: T201 - its log


async def guard_the_bot_that_started_us(fd: int) -> Exit:
    """Guard the bot at the other end of a socket, until it has ended and nothing of it is open."""
    places: list[object] = []

    def make_of(join: Join) -> MakeClient:
        client_class, arguments = _as_the_bot_says(join)
        places.append(arguments.get("environment"))
        return lambda **options: client_class(**arguments, **options)

    watch = Watch(say, make_of)
    await connected(socket.socket(fileno=fd), watch.link)
    return await _until_ended(
        watch,
        lives_with_bot=True,
        is_sandbox=lambda: all(isinstance(one, Place) and one.is_sandbox for one in places),
    )


async def guard_the_bot_that_comes(
    journal: Path, accounts: Mapping[str, MakeClient], *, mute_s: float | None, at_close: str, prefix: str
) -> Exit:
    """Wait for the bot of a journal, then guard it.

    Raises:
        GuardFailed: Another guard waits for it.
    """

    def make_of(join: Join) -> MakeClient:
        if join.product not in accounts:
            raise GuardFailed(
                f"this guard is for {', '.join(accounts)}; start it with --venue {join.product} besides"
            )
        return accounts[join.product]

    watch = Watch(say, make_of, journal=journal, mute_s=mute_s, at_close=at_close, prefix=prefix)
    door = listen(journal)
    say(f"waits for the bot of {journal}: give its clients guard=tradewire.Guard()")
    coming = asyncio.get_running_loop().create_task(_let_in(door, watch))
    try:
        return await _until_ended(watch, lives_with_bot=False)
    finally:
        coming.cancel()
        door.close()
        with contextlib.suppress(FileNotFoundError):
            socket_path(journal).unlink()


async def cancel_now(journal: Path, accounts: Mapping[str, MakeClient], prefix: str) -> Exit:
    """Cancel what the bot of a journal, which has ended, left open.

    Raises:
        JournalFailed: The journal cannot be read.
    """
    found = await clear(Snapshot(journal, is_dead=True), accounts, prefix, say)
    say("\n".join([*map(str, found.values()), "nothing of the bot is open any more"]))
    return Exit.IN_ORDER


async def _let_in(door: socket.socket, watch: Watch) -> None:
    """Let one bot in, and no other one."""
    door.setblocking(False)
    sock, _ = await asyncio.get_running_loop().sock_accept(door)
    door.close()
    await connected(sock, watch.link)


async def _until_ended(
    watch: Watch, *, lives_with_bot: bool, is_sandbox: Callable[[], bool] = lambda: False
) -> Exit:
    """Wait until the guard has nothing more to do; see ``_on_signal``."""
    loop = asyncio.get_running_loop()
    stopped: asyncio.Future[Exit] = loop.create_future()
    signals = 0

    def on_signal(name: str) -> None:
        """End a guard that only watches; one that cancels goes on, and ends at the second signal.

        One that its bot started may be sent what its bot is sent, by whoever stops all of a service: it goes on.
        """
        nonlocal signals
        if lives_with_bot and watch.has_bot and not watch.is_acting:
            say(f"{name}: goes on as long as its bot")
            return
        signals += 1
        if watch.is_acting and signals == 1:
            say(f"{name}: still cancelling; once more leaves open what is open")
        elif not stopped.done():
            stopped.set_result(Exit.LEFT if watch.is_acting or watch.has_bot else Exit.IN_ORDER)

    async def give_up() -> None:
        """Stop cancelling at a sandbox that went with its bot: it never answers again, and has no orders then."""
        waited_s = 0.0
        while waited_s < SANDBOX_S:
            await asyncio.sleep(SANDBOX_S / 100)
            is_alone = watch.is_acting and not watch.has_bot and is_sandbox()
            waited_s = waited_s + SANDBOX_S / 100 if is_alone else 0.0
        if not stopped.done():
            say(f"the sandbox has not answered for {SANDBOX_S:g} s: gives up")
            stopped.set_result(Exit.LEFT)

    giving_up = loop.create_task(give_up())
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, on_signal, number.name)
    signal.signal(signal.SIGHUP, signal.SIG_IGN)
    try:
        await asyncio.wait([watch.ended, stopped], return_when=asyncio.FIRST_COMPLETED)
        status = (watch.ended if watch.ended.done() else stopped).result()
    finally:
        giving_up.cancel()
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(CLOSE_WITHIN_S):
                await watch.close()
    say(f"ends: {status.name.lower().replace('_', ' ')}")
    return status


def _as_the_bot_says(join: Join) -> tuple[Callable[..., Any], dict[str, object]]:
    if join.made_with is None:
        raise GuardFailed("the bot must say what its client was made with")
    return find_product(join.product).client_class, from_words(join.made_with)
