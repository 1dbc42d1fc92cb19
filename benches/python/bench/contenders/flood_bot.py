"""Our client with many books on one connection, counting proved pushes. Run by ``bench.flood``.

Commands come on standard input, one answer of JSON each: ``expect COUNT`` answers at once, and again when so many
pushes have been read; ``show`` answers the best levels of all books.
"""

import asyncio
import json
import os
import sys
from pathlib import Path
from time import thread_time_ns
from typing import Any

import tradewire
from bench.peer import Place
from tradewire import CoinEx


class Counter:
    """Counts down and says what it took."""

    def __init__(self) -> None:
        self.left = self.unproved = 0
        self._began_ns = 0

    def expect(self, count: int) -> None:
        self.left, self.unproved = count, 0
        say({})
        self._began_ns = thread_time_ns()

    def on_update(self, event: Any) -> None:
        if not event.proved:
            self.unproved += 1
        self.left -= 1
        if not self.left:
            took_ns = thread_time_ns() - self._began_ns
            say({"cpu_ns": took_ns, "resident_bytes": resident_bytes(), "unproved": self.unproved})


async def main(place: Place, markets: list[str]) -> None:
    from tradewire.venues.coinex import hosts

    counter, lines = Counter(), asyncio.StreamReader()
    await asyncio.get_running_loop().connect_read_pipe(lambda: asyncio.StreamReaderProtocol(lines), sys.stdin)
    async with CoinEx(environment=hosts.local(f"{place.http}/v2", place.ws)) as venue:
        watched = [venue.watch_book(market, depth=50, on_update=counter.on_update) for market in markets]
        for one in watched:
            await one.ready()
        # Every subscription brings the snapshots of all markets once more.
        await asyncio.sleep(0.5)
        say({})
        while line := (await lines.readline()).decode():
            command, _, count = line.strip().partition(" ")
            if command == "expect":
                counter.expect(int(count))
            else:
                say({"bests": [one.book.best_float() for one in watched]})


def resident_bytes() -> int:
    """Return the memory that is in use now."""
    pages = Path("/proc/self/statm").read_text().split()[1]
    return int(pages) * os.sysconf("SC_PAGE_SIZE")


def say(answer: dict[str, Any]) -> None:
    print(json.dumps(answer), flush=True)


if __name__ == "__main__":
    options = json.loads(sys.argv[1])
    tradewire.run(main(Place(options["port"], options["cafile"]), options["markets"]))
