"""Everything that can go wrong in a world, by name, and which faults strike when: a function of the seed alone."""

from __future__ import annotations

import random
from collections.abc import Mapping
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


def schedule_of(venue: Venue, seed: object) -> tuple[Event, ...]:
    """Return the faults of one run, in order: a function of venue and seed alone."""
    chance = random.Random(f"{venue.name}/{seed}/faults")
    possible = faults_of(venue)
    drawn = []
    for _ in range(chance.randint(*EVENTS)):
        fault = chance.choice(possible)
        drawn.append(Event(round(chance.uniform(CALM_S, STRIKE_S), 3), fault.name, fault.draw(chance)))
    return tuple(sorted(drawn, key=lambda event: (event.at_s, event.fault)))
