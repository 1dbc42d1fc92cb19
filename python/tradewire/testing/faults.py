"""Everything that can go wrong in a world, by name, and which faults strike when: a function of the seed alone."""

from __future__ import annotations

import random
from collections.abc import Collection, Mapping
from functools import cache
from types import SimpleNamespace
from typing import Any, Final

from tradewire.registry import find_venue
from tradewire.testing.client_faults import CLIENT_FAULTS
from tradewire.testing.fault import Event, Fault
from tradewire.testing.network_faults import NETWORK_FAULTS
from tradewire.testing.venue_faults import VENUE_FAULTS
from tradewire.testing.venues import SETUPS

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


@cache
def faults_of(product: str) -> tuple[Fault, ...]:
    """Return the faults that can happen to a product of a venue, which need not be open."""
    setup = SETUPS[product]
    venue: Any = SimpleNamespace(name=setup.venue, faults=find_venue(setup.venue).sandbox_class.faults_class)
    return tuple(
        fault
        for fault in FAULTS.values()
        if fault.is_possible(venue) and fault.name not in setup.absent_faults
    )


def schedule_of(
    product: str, seed: object, names: Collection[str] | None = None, seconds: float = STRIKE_S
) -> tuple[Event, ...]:
    """Return the faults of one run, in order: a function of product, seed, names and duration alone.

    Args:
        product: The venue's, or one product of it.
        seed: Decides which faults, when, and with which values.
        names: Draw from these, which must be possible there; from all that are, if left out.
        seconds: When the last one may strike.
    """
    chance = random.Random(f"{product}/{seed}/faults")
    possible = faults_of(product) if names is None else [FAULTS[name] for name in names]
    weights = [fault.weight for fault in possible]
    drawn: list[Event] = []
    for _ in range(chance.randint(*EVENTS) if possible else 0):
        fault = chance.choices(possible, weights)[0]
        if fault.is_single and any(event.fault == fault.name for event in drawn):
            continue
        at_s = round(chance.uniform(min(CALM_S, seconds), seconds), 3)
        drawn.append(Event(at_s, fault.name, fault.draw(chance)))
    return tuple(sorted(drawn, key=lambda event: (event.at_s, event.fault)))
