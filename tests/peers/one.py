"""Run one stranger in this process: ``python -m peers.one NAME``, the sandbox's keys as JSON on standard input."""

from __future__ import annotations

import asyncio
import json
import sys

from peers import assets, futures, raw, spot, streams
from peers.checks import run
from peers.strangers import STRANGERS, Session

CHECKS = [
    row for module in (spot, futures, assets, streams, raw) for checks in module.GROUPS for row in checks.rows
]


async def main(name: str) -> None:
    """Print the outcomes of a stranger as one line of JSON."""
    session = Session(STRANGERS[name], json.load(sys.stdin))
    try:
        outcomes = await run(session, CHECKS)
    finally:
        await session.close()
    sys.stdout.write(json.dumps(outcomes))


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1]))
