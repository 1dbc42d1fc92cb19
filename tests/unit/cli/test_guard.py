"""`tradewire guard`: a guard of its own that a bot finds, with its exit status, signals and refusals."""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from support.guarded_bot import GuardedBot
from support.witness import PATIENCE_S
from tradewire.cli.app import app
from tradewire.guard.watch import Exit
from tradewire.registry import find_product, product_names
from tradewire.sandbox import Sandbox

pytestmark = [
    pytest.mark.skipif(sys.platform == "win32", reason="signals of POSIX"),
    pytest.mark.timeout(200),
]
PRODUCT = product_names()[0]


class Place:
    """A sandbox with a bot's journal beside."""

    def __init__(self, box: Sandbox, client: Any, folder: Path) -> None:
        self.url = str(box.venue(find_product(PRODUCT).venue).keys()["rest_url"])
        self.client = client
        self.journal = folder / "bot.journal"
        self.order = ("", "", "")

    async def open_orders(self) -> int:
        """Return how many orders are open."""
        return len(await self.client.open_orders())

    async def sent(self, bot: GuardedBot) -> None:
        """Have the bot send an order."""
        bot.do("send", *self.order)
        await bot.until("sent")
        assert await self.open_orders() == 1

    async def guard(self, *more: str) -> asyncio.subprocess.Process:
        """Start a guard."""
        return await asyncio.create_subprocess_exec(
            sys.executable, "-m", "tradewire", "guard", "--journal", str(self.journal), "--venue", PRODUCT,
            "--sandbox", self.url, *more, stderr=asyncio.subprocess.PIPE,
            env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)},
        )  # fmt: skip


async def until_it_says(guard: asyncio.subprocess.Process, text: str) -> None:
    """Wait until a guard says something."""
    assert guard.stderr is not None
    async with asyncio.timeout(PATIENCE_S):
        while text not in (line := await guard.stderr.readline()).decode():
            assert line, f"it ended without saying {text!r}"


async def status_of(guard: asyncio.subprocess.Process) -> int:
    """Wait until a guard has ended."""
    async with asyncio.timeout(PATIENCE_S):
        await guard.communicate()
    assert guard.returncode is not None
    return guard.returncode


@asynccontextmanager
async def a_place(folder: Path) -> AsyncIterator[Place]:
    client_class: Any = find_product(PRODUCT).client_class
    async with (
        Sandbox([find_product(PRODUCT).venue], seed=7, rate=0) as box,
        client_class.for_sandbox(box) as client,
    ):
        place = Place(box, client, folder)
        market = next(one for one in await client.load_markets() if one.is_tradable)
        book = await client.book(market.symbol, depth=5)
        price = book.bids[0].price - 20 * market.tick_size
        place.order = (market.symbol, str(max(market.min_size, market.lot_size) * 2), str(price))
        yield place


async def test_a_bot_finds_the_guard_beside_its_journal_and_is_cancelled_when_it_hangs_and_dies(
    tmp_path: Path,
) -> None:
    async with a_place(tmp_path) as place:
        guard = await place.guard("--mute", "4")
        await until_it_says(guard, "waits for the bot")
        async with GuardedBot(place.journal, place.url, PRODUCT) as bot:
            assert (await bot.until("ready"))["pid"] == guard.pid
            await place.sent(bot)
            bot.do("hang")
            await until_it_says(guard, "mute for 4 s")
            await until_it_says(guard, "nothing of the bot is open any more")
            assert await place.open_orders() == 0
            # One Ctrl-C while it cancels is not enough to leave orders open.
            bot.send_signal(signal.SIGKILL)
            await until_it_says(guard, "cancels what it has open")
            guard.send_signal(signal.SIGINT)
            assert await status_of(guard) == Exit.ACTED
        assert await place.open_orders() == 0
        assert not place.journal.with_name("bot.journal.sock").exists()


async def test_a_guard_that_is_stopped_is_told_and_what_a_dead_bot_left_is_cancelled_later(
    tmp_path: Path,
) -> None:
    async with a_place(tmp_path) as place:
        guard = await place.guard()
        await until_it_says(guard, "waits for the bot")
        async with GuardedBot(place.journal, place.url, PRODUCT, on_lost="refuse") as bot:
            await bot.until("ready")
            await place.sent(bot)
            for _ in range(3):
                guard.send_signal(signal.SIGINT)
            assert await status_of(guard) == Exit.LEFT
            await bot.until("GuardLost")
            assert "no order is sent any more" in (await bot.until("error"))["text"]
            bot.do("send", *place.order)
            assert "the guard is gone" in (await bot.until("refused"))["text"]
        assert await place.open_orders() == 1
        assert await status_of(await place.guard("--now")) == Exit.IN_ORDER
        assert await place.open_orders() == 0


async def test_a_guard_that_the_bot_started_outlives_signals_and_a_bot_that_closes_is_left_alone(
    tmp_path: Path,
) -> None:
    async with (
        a_place(tmp_path) as place,
        GuardedBot(place.journal, place.url, PRODUCT, mute_s=4.0, on_lost="go_on") as bot,
    ):
        pid = (await bot.until("ready"))["pid"]
        for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
            os.kill(pid, number)
        await bot.until_guard_wrote("SIGINT: goes on as long as its bot")
        await place.sent(bot)
        # Stopped, it is found not to answer, and the bot goes on; it must not act once it wakes up.
        os.kill(pid, signal.SIGSTOP)
        assert "has not answered for 4 s" in (await bot.until("GuardLost"))["text"]
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, signal.SIGCONT)
        bot.do("send", *place.order)
        await bot.until("sent", 2)
        bot.do("end")
        async with asyncio.timeout(PATIENCE_S):
            assert await bot.process.wait() == 0
        assert await place.open_orders() == 2


@pytest.mark.parametrize(
    ("arguments", "reason"),
    [
        ([], "either --sandbox URL or --live"),
        (["--sandbox", "http://127.0.0.1:1", "--live"], "either --sandbox URL or --live"),
        (["--live", "--mute", "0"], "0.2"),
        (["--live", "--venue", "nowhere"], "product must be one of"),
    ],
)
def test_what_makes_no_sense_is_refused(arguments: list[str], reason: str) -> None:
    done = CliRunner().invoke(app, ["guard", "--journal", "x.journal", "--venue", PRODUCT, *arguments])
    assert done.exit_code == Exit.REFUSED
    assert reason in " ".join(done.output.replace("│", " ").split())
