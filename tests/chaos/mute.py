"""Connections that are alive and say nothing, and markets that are quiet: a hundred of each, in virtual time."""

from __future__ import annotations

import asyncio
import random
from dataclasses import dataclass
from typing import Final

from tradewire.protocol import events
from tradewire.protocol.timing import NS_PER_S, Timing
from tradewire.testing.venues import SETUPS
from tradewire.testing.world import World

__all__ = ["WORLDS", "Watch", "watch", "watch_one"]

CLIENTS: Final = 25
WORLDS: Final = 4
"""A hundred connections of each kind."""
SPREAD_S: Final = 40.0
QUIET_S: Final = 300.0
LATE_S: Final = 0.1
"""What the network and a loop that wakes late add."""


@dataclass(frozen=True, slots=True)
class Watch:
    """What became of the connections of one venue.

    Attributes:
        venue: Which.
        is_mute: They said nothing more, not even a pong; else only the market was quiet.
        interval_s: How often something must be heard.
        lost_after_s: For each client how long after that its connections were given up, in virtual seconds.
        were_certain: In the end every book was synced, and none had been fetched again where nothing was wrong.
    """

    venue: str
    is_mute: bool
    interval_s: float
    lost_after_s: tuple[tuple[float, ...], ...]
    were_certain: bool

    @property
    def is_good(self) -> bool:
        """Whether each mute connection was found within twice the interval, and no quiet one given up."""
        bound_s = 2 * self.interval_s + LATE_S
        found = all(len(lost) == 1 and lost[0] < bound_s for lost in self.lost_after_s)
        return self.were_certain and (found if self.is_mute else not any(self.lost_after_s))

    def __str__(self) -> str:
        number = len(self.lost_after_s)
        if not self.is_mute:
            alarms = sum(map(len, self.lost_after_s))
            return f"{number} quiet for {QUIET_S:.0f} s, {alarms} false alarms"
        longest_s = max((at_s for lost in self.lost_after_s for at_s in lost), default=0.0)
        found = sum(map(bool, self.lost_after_s))
        return (
            f"{found} of {number} mute ones found within {longest_s:.1f} s, pings every {self.interval_s:g} s"
        )


def watch(venue: str, *, is_mute: bool, worlds: int = WORLDS) -> Watch:
    """Watch ``worlds`` times 25 clients, each with one book, for five minutes in which nothing moves."""
    seen = [_lost_after_s(venue, seed, is_mute=is_mute) for seed in range(worlds)]
    return Watch(
        venue,
        is_mute,
        SETUPS[venue]().ping_s or Timing().ping_interval_ns / NS_PER_S,
        tuple(tuple(lost) for losses, _ in seen for lost in losses),
        all(were_certain for _, were_certain in seen),
    )


def _lost_after_s(venue: str, seed: int, *, is_mute: bool) -> tuple[list[list[float]], bool]:
    world, setup = World(f"{venue} {seed}"), SETUPS[venue]()
    chance = random.Random(f"{venue} {seed}")

    async def main() -> tuple[list[list[float]], bool]:
        async with setup.open(seed, rate=0, **world.sandbox_options()) as box:
            port = setup.target()[1]
            heard: list[list[tuple[float, events.Event]]] = []
            clients, books = [], []
            for _ in range(CLIENTS):
                options = world.client_options(setup.ping_s)
                options["timing"] = Timing()
                client = setup.client(port, port, **options)
                said: list[tuple[float, events.Event]] = []

                def note(event: events.Event, said: list[tuple[float, events.Event]] = said) -> None:
                    said.append((world.loop.time(), event))

                client.watch_events(note)
                book = client.watch_book(setup.market, **setup.book_options)
                await book.ready()
                clients.append(client)
                books.append(book)
                heard.append(said)
                # So that each is at another place between two pings.
                await asyncio.sleep(chance.uniform(0, SPREAD_S / CLIENTS))
            began_s = world.loop.time()
            if is_mute:
                box.venues[setup.venue].faults.mute_socket()
            await asyncio.sleep(QUIET_S)
            ended_s = world.loop.time()
            were_certain = all(book.book.is_synced for book in books)
            were_certain &= is_mute or not any(
                isinstance(event, events.Resyncing) for said in heard for _, event in said
            )
            for client in clients:
                await client.close()
            await world.network.close()
            lost = [
                [
                    at_s - began_s
                    for at_s, event in said
                    if isinstance(event, events.Disconnected) and at_s < ended_s
                ]
                for said in heard
            ]
            return lost, were_certain

    return world.run(main())


def watch_one(job: tuple[str, bool]) -> Watch:
    """Do the same with one argument, in another process: what is sent there must not be of ``__main__``."""
    venue, is_mute = job
    return watch(venue, is_mute=is_mute)
