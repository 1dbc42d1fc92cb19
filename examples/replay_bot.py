"""Run a bot on a recording, twice: the same orders, fills and profit each time.

python examples/replay_bot.py btc.twrec                       # recorded with examples/recorder.py
tradewire replay btc.twrec --bot examples/replay_bot.py:bot    # the same by the command
"""

from __future__ import annotations

import argparse
import asyncio
from pathlib import Path

import tradewire


async def bot(venue: tradewire.VenueClient) -> None:
    """Quote at the touch on both sides, and again every second. It knows nothing of replays."""
    rules = {market.symbol: market for market in await venue.load_markets()}["BTCUSDT"]
    watch = venue.watch_book("BTCUSDT")
    venue.watch_orders(on_update=lambda _: None)
    await watch.ready()
    while True:
        top = watch.book.top()
        if top.bid is not None and top.ask is not None:
            venue.send_order("BTCUSDT", "buy", rules.min_size * 10, top.bid)
            venue.send_order("BTCUSDT", "sell", rules.min_size * 10, top.ask)
        await asyncio.sleep(1)
        await venue.cancel_all("BTCUSDT")


def main(path: Path, plot: Path | None) -> None:
    """Replay it twice, and say what came of it."""
    first, second = tradewire.replay(path, latency_ms=5).run(bot), tradewire.replay(path).run(bot)
    assert (first.orders, first.markets) == (second.orders, second.markets)
    print(first)
    if plot is not None:
        first.plot(plot)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("path", type=Path)
    parser.add_argument("--plot", type=Path, help="draw it as a PNG; needs tradewire[plots]")
    arguments = parser.parse_args()
    main(arguments.path, arguments.plot)
