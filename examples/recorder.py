"""Record books and trades into a file while a bot could be trading on the same client, and look at what is in it.

python examples/recorder.py btc.twrec --seconds 10
"""

from __future__ import annotations

import argparse
import asyncio
from collections import Counter
from pathlib import Path

import tradewire
from tradewire.recording.format import Kind


async def record(path: Path, seconds: float) -> None:
    """Record CoinEx's sandbox. On a live venue only the client differs."""
    async with tradewire.Sandbox(["coinex"], rate=200) as box, tradewire.CoinEx.for_sandbox(box) as venue:
        # Before the first stream opens: a recording that begins amid one lacks the books it starts from.
        async with tradewire.Recorder(venue, path, part_bytes=100_000_000) as recorder:
            await venue.load_markets()
            watch = venue.watch_book("BTCUSDT", on_update=lambda _: None)
            venue.watch_trades("BTCUSDT", on_update=lambda _: None)
            await watch.ready()
            await asyncio.sleep(seconds)
        print(f"{recorder.records} records in {len(recorder.paths)} file, {recorder.lost} lost")


def look(path: Path) -> None:
    """Read it again, record by record."""
    recording = tradewire.Recording(path)
    counts = Counter(Kind(record.kind).name.lower() for record in recording.records())
    print(recording.about.product, ", ".join(f"{count} {kind}" for kind, count in sorted(counts.items())))


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("path", type=Path)
    parser.add_argument("--seconds", type=float, default=10.0)
    arguments = parser.parse_args()
    asyncio.run(record(arguments.path, arguments.seconds))
    look(arguments.path)
