"""An Exchange sandbox in a process of its own, to be killed: ``python -m support.exchange_process STATE_FILE RATE``.

Prints its keys as one line of JSON once it listens.
"""

from __future__ import annotations

import asyncio
import json
import sys
from pathlib import Path

from tradewire import ExchangeOptions
from tradewire.sandbox import Sandbox


async def serve(state_file: Path, rate: float) -> None:
    options = ExchangeOptions(state_file=state_file, per_user_requests_per_second=100_000)
    async with Sandbox(["exchange"], rate=rate, exchange=options) as box:
        sys.stdout.write(json.dumps(box.exchange.keys()) + "\n")
        sys.stdout.flush()
        await asyncio.Event().wait()


if __name__ == "__main__":
    asyncio.run(serve(Path(sys.argv[1]), float(sys.argv[2])))
