"""A bot that is killed with SIGKILL at random moments, and what its journal and the venue say afterwards.

    python -m chaos_sockets.crashes coinex --kills 200 --seed 1

Each round a process opens the journal, reconciles, trades and is killed. Then the journal is reconciled here, and every
order is compared with the venue's ledger. No two orders of a run share a size, so that each is known by it.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import random
import signal
import sys
import time
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from types import SimpleNamespace

from tradewire.errors import TradewireError
from tradewire.journal.journal import Journal, JournalledOrder
from tradewire.model import OrderStatus
from tradewire.testing.trader_bot import Bot
from tradewire.testing.venue_setup import Ledger, VenueSetup
from tradewire.testing.venues import SETUPS

__all__ = ["KEPT", "Tally", "crash", "differences"]

READY = b"trading\n"
START_S = 60.0
LONGEST_LIFE_S = 0.8
SETTLE_S = 120.0
LATE_S = 12.0
"""A push may be lost with the connection that was killed: what is live is then asked for within this."""
KILLS_A_WORLD = 10
"""Then a fresh venue and journal: sizes grow with every order."""
ORDERS_A_LIFE = 300
KEPT = 100_000


class Tally(Counter[str]):
    """What was seen: kills, intents, orders, fills, unheard (killed before the venue's answer was read)."""


async def crash(venue: str, *, kills: int, seed: int, folder: Path) -> tuple[Tally, list[str]]:
    """Kill a bot so often; return what was seen and every difference between journal and venue."""
    tally, wrong = Tally(), list[str]()
    for world, first in enumerate(range(0, kills, KILLS_A_WORLD)):
        path = folder / f"{venue}-{world}.journal"
        rounds = min(KILLS_A_WORLD, kills - first)
        wrong += await _world(SETUPS[venue](), path, rounds, f"{seed}/{world}", tally)
        if wrong:
            break
    return tally, wrong


async def _world(setup: VenueSetup, path: Path, rounds: int, seed: str, tally: Tally) -> list[str]:
    chance = random.Random(f"{setup.name}/{seed}/crashes")
    async with setup.open(chance.randrange(1000)):
        for number in range(rounds):
            sizes = [one.placed.size for one in _all(path)] if number else []
            sent = int((max(sizes) - setup.first_size) / setup.size_step) + 1 if sizes else 0
            await _live_and_die(setup, path, sent, chance.uniform(0.0, LONGEST_LIFE_S))
            tally["kills"] += 1
            with Journal(path, kept_finished=KEPT) as journal:
                before = journal.live
                tally["left open"] += len(before)
                tally["unheard"] += sum(one.report is None for one in before)
                _, port = setup.target()
                client = setup.client(port, port, on_error=_ignore, timeout_s=5.0, journal=journal)
                async with asyncio.timeout(SETTLE_S), client:
                    client.watch_orders(on_update=_ignore)
                    client.watch_fills(on_update=_ignore)
                    assert client.reconciliation is not None
                    tally["fills learned"] += len(client.reconciliation.fills)
                    if wrong := await _compare(setup, journal):
                        return [f"world {seed}, round {number}: {one}" for one in wrong]
        tally["intents"] += len(_all(path))
        ledger = setup.ledger()
        tally["orders"] += len(ledger.orders)
        tally["fills"] += len(ledger.fills)
    return []


def _ignore(_: object) -> None:
    """Take what is told."""


async def _live_and_die(setup: VenueSetup, path: Path, sent: int, life_s: float) -> None:
    keys = setup.box.venue(setup.venue).keys()
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "chaos_sockets.crashes", "--bot", setup.name, str(path), str(sent), json.dumps(keys),
        stdout=asyncio.subprocess.PIPE, env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)},
    )  # fmt: skip
    try:
        assert process.stdout is not None
        async with asyncio.timeout(START_S):
            assert await process.stdout.readline() == READY, "the bot ended before it traded"
        await asyncio.sleep(life_s)
    finally:
        if process.returncode is None:
            process.send_signal(signal.SIGKILL)
        await process.wait()


async def _compare(setup: VenueSetup, journal: Journal) -> list[str]:
    """Compare until nothing is on its way any more: pushes and fills may be late, orders go on being filled."""
    end_s = time.monotonic() + LATE_S
    while True:
        wrong = differences(setup, (*journal.live, *journal.finished))
        if not wrong or time.monotonic() > end_s:
            return wrong
        await asyncio.sleep(0.05)


def differences(setup: VenueSetup, orders: Sequence[JournalledOrder]) -> list[str]:
    ledger, wrong = setup.ledger(), list[str]()
    by_size = {order.placed.size: order for order in orders}
    theirs_by_size = {order.size: order for order in ledger.orders.values()}
    if len(by_size) != len(orders):
        wrong.append("an order stands in the journal twice")
    accepted = Counter(order.size for order in ledger.orders.values())
    wrong += [f"{times} orders of size {size} at the venue" for size, times in accepted.items() if times > 1]
    wrong += [
        f"the venue has an order of size {size}, not intended" for size in accepted if size not in by_size
    ]
    for size, ours in by_size.items():
        theirs = theirs_by_size.get(size)
        if theirs is None:
            if not ours.status.is_final or ours.fills:
                wrong.append(f"{ours}; the venue never had it")
            continue
        is_forgotten = ours.status is OrderStatus.NOT_FOUND and setup.forgets(theirs)
        told = OrderStatus.OPEN if ours.status is OrderStatus.PARTIALLY_FILLED else ours.status
        if told is not theirs.status and not is_forgotten:
            wrong.append(f"{ours}; the venue has {theirs}")
        wrong += _fill_differences(ours, theirs.order_id, ledger)
    return wrong


def _fill_differences(ours: JournalledOrder, order_id: str, ledger: Ledger) -> list[str]:
    told = {trade: (fill.price, fill.size) for trade, fill in ours.fills.items()}
    theirs = {trade: fill for (of, trade), fill in ledger.fills.items() if of == order_id}
    return [] if told == theirs else [f"{ours} has fills {told}; the venue has {theirs}"]


def _all(path: Path) -> Sequence[JournalledOrder]:
    with Journal(path, kept_finished=KEPT) as journal:
        return (*journal.live, *journal.finished)


async def _bot(setup: VenueSetup, path: Path, sent: int, keys: dict[str, object]) -> None:
    """Trade until killed."""
    setup.box = SimpleNamespace(**{setup.venue: SimpleNamespace(**keys)})  # type: ignore[assignment]  # its addresses
    setup.first_size += setup.size_step * sent
    with Journal(path, kept_finished=KEPT) as journal:
        _, port = setup.target()
        async with setup.client(port, port, on_error=_ignore, timeout_s=5.0, journal=journal) as client:
            bot = Bot(setup, client, sent)
            bot.watch(lambda book: None)
            await bot.watches[0].ready()
            sys.stdout.buffer.write(READY)
            sys.stdout.flush()
            while len(bot.sent) < ORDERS_A_LIFE:
                try:
                    bot.quote() if bot.sent and len(bot.sent) % 3 else bot.take()
                    bot.cancel()
                except TradewireError:
                    pass
                await asyncio.sleep(0.01)


def main() -> None:
    """Kill bots and print a table; status 1 if anything differed."""
    if sys.argv[1:2] == ["--bot"]:
        _, _, venue, path, sent, keys = sys.argv
        asyncio.run(_bot(SETUPS[venue](), Path(path), int(sent), json.loads(keys)))
        return
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("venues", nargs="*", metavar="VENUE", help="all if none is named")
    parser.add_argument("--kills", type=int, default=200, help="a venue (default: %(default)s)")
    parser.add_argument("--seed", type=int, default=1)
    told = parser.parse_args()
    failed = False
    for venue in told.venues or SETUPS:
        with TemporaryDirectory() as folder:
            tally, wrong = asyncio.run(crash(venue, kills=told.kills, seed=told.seed, folder=Path(folder)))
        words = ", ".join(f"{count} {name}" for name, count in tally.items())
        print(f"{venue}: {words}; {len(wrong)} differences", flush=True)  # noqa: T201 - a command
        for one in wrong:
            print(f"  {one}", flush=True)  # noqa: T201 - a command
        failed = failed or bool(wrong)
    raise SystemExit(failed)


if __name__ == "__main__":
    main()
