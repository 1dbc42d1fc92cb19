"""A bot that dies at any moment of virtual time, restarted on its journal again and again in one world.

    python -m chaos.crashes exchange --seeds 200

Death is an entry of the journal that is the last one written, or a moment: from then on the client writes nothing,
sends nothing and hears nothing, while what it had sent still arrives. Real processes die in ``chaos_sockets.crashes``.
"""

from __future__ import annotations

import argparse
import asyncio
import random
import time
from collections.abc import Sequence
from pathlib import Path
from tempfile import TemporaryDirectory

from chaos_sockets.crashes import KEPT, Tally, differences
from tradewire.errors import TradewireError
from tradewire.interface import VenueClient
from tradewire.journal.entries import Entry
from tradewire.journal.journal import Journal, JournalledOrder, read_journal
from tradewire.testing.trader_bot import Bot
from tradewire.testing.venue_setup import VenueSetup
from tradewire.testing.venues import SETUPS
from tradewire.testing.world import World

__all__ = ["Mortal", "crash"]

LIVES = 5
LONGEST_LIFE_S = 1.5
MOST_ENTRIES = 60
SETTLE_S = 120.0
LATE_S = 40.0
IDLE_S = (0.0, 0.0, 0.0, 35.0)
KEPT_FINISHED = 1000


class Mortal(Journal):
    """A journal whose process dies after so many entries."""

    left = 10**9

    def append(self, entry: Entry) -> None:
        if not self.left:
            self.close()
        self.left -= 1
        super().append(entry)


def crash(venue: str, seed: int, folder: Path) -> tuple[Tally, list[str]]:
    """Kill and restart a bot ``LIVES`` times; return what was seen and every difference from the venue's ledger."""
    world, setup, tally = World(f"crash {seed}"), SETUPS[venue](), Tally()
    setup.restart_ids()
    wrong = world.run(_lives(world, setup, seed, folder / f"{venue}-{seed}.journal", tally))
    return tally, wrong


async def _lives(world: World, setup: VenueSetup, seed: int, path: Path, tally: Tally) -> list[str]:
    chance = random.Random(f"{setup.name}/{seed}/crashes")
    clock = world.loop.clocks()
    async with setup.open(seed, **world.sandbox_options()):
        sent = 0
        for life in range(LIVES):
            with Mortal(path, kept_finished=KEPT_FINISHED, wall_ns=clock.wall_ns) as journal:
                before = journal.live
                tally["unheard"] += sum(one.report is None for one in before)
                client = _client(world, setup, journal)
                async with asyncio.timeout(SETTLE_S):
                    await client.__aenter__()
                bot = Bot(setup, client, seed * LIVES + life, (0.0, 0.06))
                bot.watch(_ignore)
                for watch in bot.watches:
                    await watch.ready()
                if wrong := await _compare(setup, journal):
                    return [f"life {life}: {one}" for one in wrong]
                if life == LIVES - 1:
                    tally["intents"] += len(_all(path))
                    tally["orders"] += len(setup.ledger().orders)
                    tally["fills"] += len(setup.ledger().fills)
                    await client.close()
                    break
                setup.first_size += setup.size_step * sent
                sent = await _trade_and_die(world, setup, client, bot, journal, chance)
                tally["kills"] += 1
                await asyncio.sleep(chance.choice(IDLE_S))
        await world.network.close()
    return []


def _client(world: World, setup: VenueSetup, journal: Journal) -> VenueClient:
    port = setup.target()[1]
    options = world.client_options(setup.ping_s)
    options["journal"], options["on_error"] = journal, _ignore
    return setup.client(port, port, **options)


def _ignore(_: object) -> None:
    """Take what is told."""


async def _trade_and_die(
    world: World, setup: VenueSetup, client: VenueClient, bot: Bot, journal: Mortal, chance: random.Random
) -> int:
    if chance.random() < 0.5:
        journal.left = chance.randrange(MOST_ENTRIES)
    loop = asyncio.get_running_loop()
    end_s = loop.time() + chance.uniform(0.0, LONGEST_LIFE_S)
    while loop.time() < end_s and journal.left > 0:
        act = chance.choices([bot.quote, bot.take, bot.amend, bot.cancel], [8, 5, 2, 4])[0]
        try:
            act()
        except TradewireError:
            pass
        await asyncio.sleep(chance.uniform(0.0, 0.03))
    journal.close()
    if chance.random() < 0.5:
        # What is on its way is lost, too.
        world.network.reset(world.network.http)
        world.network.reset(world.network.ws)
    await client.close()
    await bot.finish()
    return len(bot.sent)


async def _compare(setup: VenueSetup, journal: Journal) -> list[str]:
    loop = asyncio.get_running_loop()
    end_s = loop.time() + LATE_S
    while True:
        wrong = differences(setup, _all(journal.path))
        if not wrong or loop.time() > end_s:
            return wrong
        await asyncio.sleep(0.05)


def _all(path: Path) -> Sequence[JournalledOrder]:
    state = read_journal(path, KEPT)
    return (*state.live, *state.finished)


def main() -> None:
    """Kill bots and print a table; status 1 if anything differed."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("venues", nargs="*", metavar="VENUE", help="all if none is named")
    parser.add_argument("--seeds", type=int, default=200)
    parser.add_argument("--first", type=int, default=1)
    told = parser.parse_args()
    failed = False
    for venue in told.venues or SETUPS:
        total, begun_s = Tally(), time.monotonic()
        for seed in range(told.first, told.first + told.seeds):
            with TemporaryDirectory() as folder:
                tally, wrong = crash(venue, seed, Path(folder))
            total.update(tally)
            for one in wrong:
                print(f"  {venue} seed {seed}: {one}", flush=True)  # noqa: T201 - a command
            failed = failed or bool(wrong)
        words = ", ".join(f"{count} {name}" for name, count in total.items())
        print(f"{venue}: {words}, {time.monotonic() - begun_s:.0f} s", flush=True)  # noqa: T201 - a command
    raise SystemExit(failed)


if __name__ == "__main__":
    main()
