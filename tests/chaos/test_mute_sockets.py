"""A connection that is alive and says nothing is found in time; one to a quiet market is left alone."""

from __future__ import annotations

import asyncio
import random

import pytest

from tradewire.protocol import events
from tradewire.protocol.timing import NS_PER_S, Timing
from tradewire.testing.venues import SETUPS
from tradewire.testing.world import World

CLIENTS = 25
WORLDS = 4
"""A hundred connections of each kind."""
SPREAD_S = 40.0
QUIET_S = 300.0
LATE_S = 0.1
"""What the network and a loop that wakes late add."""


def _lost_after_s(venue: str, seed: int, *, is_mute: bool) -> list[list[float]]:
    """Return for each client how long after the market went quiet, or the sockets mute, connections were lost."""
    world, setup = World(f"{venue} {seed}"), SETUPS[venue]()
    chance = random.Random(f"{venue} {seed}")

    async def main() -> list[list[float]]:
        async with setup.open(seed, rate=0, **world.sandbox_options()) as box:
            port = setup.target()[1]
            heard: list[list[events.Event]] = []
            losses: list[list[float]] = []
            clients, books = [], []
            for _ in range(CLIENTS):
                options = world.client_options(setup.ping_s)
                options["timing"] = Timing()
                client = setup.client(port, port, **options)
                seen: list[float] = []
                said: list[events.Event] = []

                def note(
                    event: events.Event, seen: list[float] = seen, said: list[events.Event] = said
                ) -> None:
                    said.append(event)
                    if isinstance(event, events.Disconnected):
                        seen.append(world.loop.time())

                client.watch_events(note)
                book = client.watch_book(setup.market, **setup.book_options)
                await book.ready()
                clients.append(client)
                books.append(book)
                losses.append(seen)
                heard.append(said)
                # So that each is at another place between two pings.
                await asyncio.sleep(chance.uniform(0, SPREAD_S / CLIENTS))
            began_s = world.loop.time()
            if is_mute:
                box.venues[setup.venue].faults.mute_socket()
            await asyncio.sleep(QUIET_S)
            assert all(book.book.is_synced for book in books)
            if not is_mute:
                assert not any(isinstance(one, events.Resyncing) for said in heard for one in said)
            for client in clients:
                await client.close()
            await world.network.close()
            return [[at_s - began_s for at_s in seen if at_s < began_s + QUIET_S] for seen in losses]

    return world.run(main())


@pytest.mark.timeout(300)
@pytest.mark.parametrize("venue", SETUPS)
def test_a_mute_connection_is_found_within_twice_the_interval_of_its_pings(venue: str) -> None:
    interval_s = SETUPS[venue]().ping_s or Timing().ping_interval_ns / NS_PER_S
    lost = [one for seed in range(WORLDS) for one in _lost_after_s(venue, seed, is_mute=True)]
    assert len(lost) == CLIENTS * WORLDS
    assert all(len(each) == 1 and each[0] < 2 * interval_s + LATE_S for each in lost)


@pytest.mark.timeout(300)
@pytest.mark.parametrize("venue", SETUPS)
def test_a_quiet_market_raises_no_alarm(venue: str) -> None:
    lost = [one for seed in range(WORLDS) for one in _lost_after_s(venue, seed, is_mute=False)]
    assert len(lost) == CLIENTS * WORLDS
    assert not any(lost)
