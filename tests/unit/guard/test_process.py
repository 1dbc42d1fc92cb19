"""The guard as a process, as far as it needs none."""

from __future__ import annotations

import asyncio
import signal
import socket
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

import tradewire
from support.guarding import PRODUCTS
from support.witness import PATIENCE_S
from tradewire.guard.process import guard_the_bot_that_started_us
from tradewire.guard.watch import Exit
from tradewire.protocol import guard_lines as lines
from tradewire.registry import find_product
from tradewire.session.guarded import Guarded

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="signals of POSIX")


@pytest.fixture(autouse=True)
def own_signals() -> Iterator[None]:
    before = signal.getsignal(signal.SIGHUP)
    yield
    signal.signal(signal.SIGHUP, before)


async def test_a_sandbox_that_went_with_its_bot_is_given_up(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("tradewire.guard.process.SANDBOX_S", 0.2)
    product = find_product(PRODUCTS[0])
    made: list[Guarded] = []

    class Kept(tradewire.Guard):
        def of(self, *arguments: Any) -> Guarded:
            made.append(super().of(*arguments))
            return made[-1]

    client_class: Any = product.client_class
    ours, theirs = socket.socketpair()
    guarding = asyncio.create_task(guard_the_bot_that_started_us(theirs.detach()))
    reader, writer = await asyncio.open_unix_connection(sock=ours)
    async with asyncio.timeout(PATIENCE_S):
        async with tradewire.Sandbox([product.venue], rate=0) as box:
            with tradewire.Journal(tmp_path / "bot.journal") as journal:
                await client_class.for_sandbox(box, journal=journal, guard=Kept()).close()
            hello = lines.Hello(lines.VERSION, str(journal.path), 1, PATIENCE_S, "leave", "")
            for message in (hello, lines.Join(product.name, made[0].made_with())):
                writer.write(lines.line_of(message))
                assert isinstance(lines.from_guard(await reader.readline()), lines.Ready)
        writer.close()
        assert await guarding is Exit.LEFT
    assert "gives up" in capsys.readouterr().err
