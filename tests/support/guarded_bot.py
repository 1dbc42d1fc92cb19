"""A bot with a guard, in a process of its own, which does what it is told on stdin and says what happens on stdout.

python -m support.guarded_bot JOURNAL URL '{"mute_s": 1}' coinex coinex-futures
"""

from __future__ import annotations

import asyncio
import json
import os
import signal
import sys
import time
from contextlib import AsyncExitStack, suppress
from pathlib import Path
from typing import Any, Self

import tradewire
from support.witness import PATIENCE_S
from tradewire.cli.attach import client_of
from tradewire.errors import NotSent
from tradewire.interface import VenueClient
from tradewire.protocol import events

__all__ = ["GuardedBot", "is_alive"]

TOLD = (events.GuardStarted, events.GuardLost, events.GuardActed, events.GuardCleared)


class GuardedBot:
    """The process, as a test sees it. With ``async with`` it is there, and killed at the end.

    Args:
        journal: Its journal.
        url: The sandbox.
        products: What it trades.
        guard: Arguments of its guard.
    """

    def __init__(self, journal: Path, url: str, *products: str, **guard: Any) -> None:
        self._arguments = [str(journal), url, json.dumps(guard), *products]
        self.journal = journal
        self.said: list[dict[str, Any]] = []
        self._news = asyncio.Event()

    async def __aenter__(self) -> Self:
        self.process = await asyncio.create_subprocess_exec(
            sys.executable, "-m", "support.guarded_bot", *self._arguments,
            stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE, start_new_session=True,
            env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)},
        )  # fmt: skip
        self._listening = asyncio.create_task(self._listen())
        return self

    async def __aexit__(self, *_: object) -> None:
        self.send_signal(signal.SIGKILL)
        await self.process.wait()
        await self._listening
        # A guard goes on until the venue answers, which in a test that failed it never does again.
        for pid in {int(one["pid"]) for one in self.said if one.get("pid")}:
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)

    def do(self, *command: str) -> None:
        """Tell it what to do."""
        assert self.process.stdin is not None
        self.process.stdin.write(" ".join(command).encode() + b"\n")

    async def until(self, what: str, count: int = 1) -> dict[str, Any]:
        """Wait until it has said so for the ``count``th time, and return what it said."""
        async with asyncio.timeout(PATIENCE_S):
            while len(found := [one for one in self.said if one["what"] == what]) < count:
                self._news.clear()
                await self._news.wait()
        return found[count - 1]

    def send_signal(self, number: signal.Signals) -> None:
        """Send a signal to it alone."""
        with suppress(ProcessLookupError):
            os.kill(self.process.pid, number)

    def press_ctrl_c(self) -> None:
        """Do what a terminal does: send SIGINT to its whole group."""
        os.killpg(self.process.pid, signal.SIGINT)

    def guard_log(self) -> str:
        """Return what its guards wrote."""
        path = self.journal.with_name(self.journal.name + ".guard")
        return path.read_text() if path.exists() else ""

    async def until_guard_wrote(self, text: str, count: int = 1) -> None:
        """Wait until its guards have written something so often."""
        async with asyncio.timeout(PATIENCE_S):
            while self.guard_log().count(text) < count:  # noqa: ASYNC110 - a file tells nobody
                await asyncio.sleep(0.05)

    async def _listen(self) -> None:
        assert self.process.stdout is not None
        while line := await self.process.stdout.readline():
            self.said.append(json.loads(line))
            self._news.set()


def is_alive(pid: int) -> bool:
    """Return whether a process runs; one that has ended and waits for its parent does not."""
    try:
        os.kill(pid, 0)
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except (ProcessLookupError, FileNotFoundError):
        return False


def say(what: str, **facts: object) -> None:
    """Tell the test."""
    print(json.dumps({"what": what, **facts}), flush=True)  # noqa: T201 - how it speaks


async def bot(journal: str, url: str, options: str, *products: str) -> None:
    """Do what is asked for."""
    guard = tradewire.Guard(**json.loads(options))
    stdin = asyncio.StreamReader()
    await asyncio.get_running_loop().connect_read_pipe(lambda: asyncio.StreamReaderProtocol(stdin), sys.stdin)

    def tell(event: events.Event) -> None:
        if isinstance(event, TOLD):
            say(type(event).__name__, pid=guard.pid, text=str(event))

    async with AsyncExitStack() as stack:
        book = stack.enter_context(tradewire.Journal(journal, wait_s=PATIENCE_S))
        clients: list[VenueClient] = []
        for number, product in enumerate(products):
            client = client_of(
                product, url, journal=book, guard=guard, on_error=lambda error: say("error", text=repr(error))
            )
            if not number:
                client.watch_events(tell)
            clients.append(await stack.enter_async_context(client))
            if hasattr(client, "account_ready"):
                await client.account_ready()
        say("ready", pid=guard.pid)
        while line := (await stdin.readline()).decode().split():
            match line:
                case ["send", market, size, price]:
                    for client in clients:
                        try:
                            order = await client.send_order(market, "buy", size, price)
                        except NotSent as error:
                            say("refused", text=str(error))
                        else:
                            say("sent", order_id=order.order_id)
                case ["begin", market, size, price]:
                    for client in clients:
                        client.send_order(market, "buy", size, price)
                    say("begun")
                case ["resume"]:
                    await guard.resume()
                    say("resumed", is_guarding=guard.is_guarding, acted=guard.acted)
                case ["hang"]:
                    say("hangs")
                    time.sleep(2 * PATIENCE_S)  # noqa: ASYNC251 - what a guard is for
                case ["never", "close"]:
                    say("never closes")
                    while True:
                        with suppress(asyncio.CancelledError):
                            await asyncio.sleep(2 * PATIENCE_S)
                case ["raise"]:
                    raise ValueError("a strategy that broke")
                case ["end"]:
                    return


if __name__ == "__main__":
    tradewire.run(bot(*sys.argv[1:]))
