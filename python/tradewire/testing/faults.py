"""Everything that can go wrong in a world, by name, and which faults strike when: a function of the seed alone."""

from __future__ import annotations

import random
from collections.abc import Collection, Mapping
from typing import Final

from tradewire.sandbox.venue import Venue
from tradewire.testing.client_faults import CLIENT_FAULTS
from tradewire.testing.fault import Event, Fault
from tradewire.testing.network_faults import NETWORK_FAULTS
from tradewire.testing.venue_faults import VENUE_FAULTS

__all__ = ["CALM_S", "FAULTS", "STRIKE_S", "faults_of", "schedule_of"]

STRIKE_S: Final = 6.0
"""How long faults strike, and the bot trades."""
CALM_S: Final = 0.5
"""Before the first fault, so that there are orders to follow."""
EVENTS: Final = (2, 9)
FAULTS: Final[Mapping[str, Fault]] = {
    fault.name: fault for fault in (*NETWORK_FAULTS, *VENUE_FAULTS, *CLIENT_FAULTS)
}
"""Every fault by name."""


def faults_of(venue: Venue) -> list[Fault]:
    """Return the faults that can happen to ``venue``."""
    return [fault for fault in FAULTS.values() if fault.is_possible(venue)]


def schedule_of(
    venue: Venue, seed: object, names: Collection[str] | None = None, seconds: float = STRIKE_S
) -> tuple[Event, ...]:
    """Return the faults of one run, in order: a function of venue, seed, names and duration alone.

    Args:
        venue: The venue.
        seed: Decides which faults, when, and with which values.
        names: Draw from these, which must be possible there; from all that are, if left out.
        seconds: When the last one may strike.
    """
    chance = random.Random(f"{venue.name}/{seed}/faults")
    possible = faults_of(venue) if names is None else [FAULTS[name] for name in names]
    drawn = []
    for _ in range(chance.randint(*EVENTS) if possible else 0):
        fault = chance.choice(possible)
        at_s = round(chance.uniform(min(CALM_S, seconds), seconds), 3)
        drawn.append(Event(at_s, fault.name, fault.draw(chance)))
    return tuple(sorted(drawn, key=lambda event: (event.at_s, event.fault)))
