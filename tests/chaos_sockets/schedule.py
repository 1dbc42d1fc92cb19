"""Which faults strike when: a function of the seed alone."""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass, field
from enum import StrEnum

from support.http_faults import HTTP_FAULTS
from support.upgrade_faults import UPGRADE_FAULTS
from tradewire.sandbox.faults.script import Values
from tradewire.testing.fault import Fault

__all__ = ["FOREIGN_FRAMES", "STRIKE_S", "Door", "Event", "LinkFault", "schedule_of"]

STRIKE_S = 3.0
"""How long the bot trades."""
CALM_S = 0.4
"""Before the first fault, so that there are orders to follow."""
LINK_EVENTS = 7
HTTP_EVENTS = 10
OTHER_EVENTS = 5
"""Of the venue and of the bot: each in turn, so that so many runs play each so often."""


class Door(StrEnum):
    """Which way of the venue is struck."""

    REST = "rest"
    STREAM = "stream"
    NONE = "none"
    """It is the venue's own doing, or the bot's."""


class LinkFault(StrEnum):
    """What can happen to a stream's connection, besides a broken upgrade."""

    RESET = "reset"
    CLOSE = "close"
    REFUSE = "refuse"
    CUT_AMID_FRAME = "cut_amid_frame"
    READS_NOTHING = "reads_nothing"
    SENDS_NOTHING = "sends_nothing"
    SLICES = "slices"
    COALESCED = "coalesced"
    DELAYED = "delayed"
    SLOW = "slow"
    FOREIGN_FRAME = "foreign_frame"


REFUSED = "refuse"
FOREIGN_FRAMES = tuple(
    bytes([0x80 | opcode, len(payload)]) + payload
    for opcode, payload in (
        (1, b"null"),
        (1, b"{}"),
        (1, b"[1"),
        (2, b"\x1f\x8b\x08\x00"),
        (1, b'{"type":"news"}'),
        (9, b"hi"),
    )
)


@dataclass(frozen=True, slots=True, order=True)
class Event:
    """One fault.

    Attributes:
        at_s: When it strikes, or is armed, after the bot began.
        door: Where.
        fault: Its name: a ``LinkFault``, ``upgrade:...`` or one of ``HTTP_FAULTS``.
        seconds: How long it lasts, where it lasts.
        count: How many requests or connections it strikes, or how many bytes later, or which frame.
        is_write: REST only: strikes requests that write, or those that read.
        values: What a fault of the venue or the bot takes.
    """

    at_s: float
    door: Door
    fault: str
    seconds: float = 0.0
    count: int = 1
    is_write: bool = True
    values: Values = field(default_factory=dict, compare=False)

    def __str__(self) -> str:
        what = f"{self.at_s:5.2f} s {self.door:6} {self.fault}"
        if self.door is Door.NONE:
            return f"{what}({', '.join(f'{name}={value!r}' for name, value in self.values.items())})"
        if self.door is Door.REST:
            return f"{what}, next {self.count} that {'write' if self.is_write else 'read'}"
        return f"{what}, {self.seconds:.2f} s, {self.count}"


def schedule_of(venue: str, seed: int, others: Sequence[Fault] = ()) -> tuple[Event, ...]:
    """Return the faults of one run, in order; ``others`` are those of the venue and the bot that take their turns."""
    chance = random.Random(f"{venue}/{seed}/faults")
    links = [_link_event(chance) for _ in range(LINK_EVENTS)]
    requests = [_http_event(chance) for _ in range(HTTP_EVENTS)]
    first = seed * OTHER_EVENTS
    turns = [others[(first + place) % len(others)] for place in range(OTHER_EVENTS)] if others else []
    played = [
        Event(round(chance.uniform(CALM_S, STRIKE_S), 2), Door.NONE, fault.name, values=fault.draw(chance))
        for fault in turns
    ]
    return tuple(sorted(links + requests + played))


def _link_event(chance: random.Random) -> Event:
    at_s = round(chance.uniform(CALM_S, STRIKE_S), 2)
    if chance.random() < 0.35:
        name = chance.choice(list(UPGRADE_FAULTS))
        return Event(at_s, Door.STREAM, f"upgrade:{name}", count=chance.randint(1, 2))
    fault = chance.choice(list(LinkFault))
    count = {
        LinkFault.CUT_AMID_FRAME: chance.randint(1, 3000),
        LinkFault.FOREIGN_FRAME: chance.randrange(len(FOREIGN_FRAMES)),
    }.get(fault, 1)
    longest_s = 2.5 if fault in {LinkFault.READS_NOTHING, LinkFault.SENDS_NOTHING} else 0.8
    return Event(
        at_s, Door.STREAM, fault.value, seconds=round(chance.uniform(0.2, longest_s), 2), count=count
    )


def _http_event(chance: random.Random) -> Event:
    at_s = round(chance.uniform(CALM_S, STRIKE_S), 2)
    is_write = chance.random() < 0.6
    if chance.random() < 0.06:
        return Event(at_s, Door.REST, REFUSED, seconds=round(chance.uniform(0.1, 0.6), 2))
    return Event(
        at_s, Door.REST, chance.choice(list(HTTP_FAULTS)), count=chance.randint(1, 2), is_write=is_write
    )
