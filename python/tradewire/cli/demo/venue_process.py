"""The sandbox in a process of its own, so that the bot talks to it as to any venue: through sockets only."""

from __future__ import annotations

import asyncio
import contextlib
import json
import sys
from collections.abc import AsyncIterator, Mapping
from typing import Any

from tradewire.errors import TradewireError

__all__ = ["venue_process"]

START_TIMEOUT_S = 20.0
STOP_TIMEOUT_S = 5.0


@contextlib.asynccontextmanager
async def venue_process(
    venue: str, *, seed: int, rate: float, settings: Mapping[str, str]
) -> AsyncIterator[dict[str, Any]]:
    """Start `tradewire sandbox VENUE --json` and yield its hosts and keys; stop it at the end.

    Raises:
        TradewireError: It did not start; the message carries what it wrote.
    """
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "tradewire", "sandbox", venue, "--json",
        "--seed", str(seed), "--rate", str(rate), *(f"--set={name}={value}" for name, value in settings.items()),
        stdin=asyncio.subprocess.DEVNULL, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE,
    )  # fmt: skip
    assert process.stdout is not None
    assert process.stderr is not None
    complaints = asyncio.create_task(process.stderr.read())
    try:
        try:
            line = await asyncio.wait_for(process.stdout.readline(), START_TIMEOUT_S)
            facts: dict[str, dict[str, Any]] = json.loads(line)
        except (TimeoutError, ValueError) as error:
            process.kill()
            said = (await complaints).decode(errors="replace").strip()
            raise TradewireError(f"the sandbox did not start: {said or 'it said nothing'}") from error
        yield facts[venue]
    finally:
        if process.returncode is None:
            process.terminate()
            try:
                await asyncio.wait_for(process.wait(), STOP_TIMEOUT_S)
            except TimeoutError:
                process.kill()
                await process.wait()
        await complaints
