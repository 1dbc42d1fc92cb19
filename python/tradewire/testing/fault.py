"""What a fault is: its name, what it takes, and how it strikes."""

from __future__ import annotations

import random
from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal, TypeAlias

from tradewire.sandbox.venue import Venue
from tradewire.testing.link import Link
from tradewire.testing.trader_bot import Bot
from tradewire.testing.world import World

__all__ = ["Event", "Fault", "Stage", "Values", "Way"]

Values: TypeAlias = Mapping[str, Any]
Way: TypeAlias = Literal["http", "ws"]


@dataclass(frozen=True, slots=True, order=True)
class Event:
    """One fault of a run: when it strikes, and with which values."""

    at_s: float
    fault: str
    values: Values = field(default_factory=dict, compare=False)

    def __str__(self) -> str:
        shown = ", ".join(f"{name}={value!r}" for name, value in self.values.items())
        return f"{self.at_s:6.3f} s {self.fault}({shown})"


@dataclass(slots=True)
class Stage:
    """What faults strike.

    Attributes:
        later: Does something so many seconds later, while faults still strike.
        struck: Is told the name of a fault that found a victim.
        close: Closes the client and ends the run.
    """

    world: World
    venue: Venue
    market: str
    bot: Bot
    later: Callable[[float, Callable[[], object]], None]
    struck: Callable[[str], None]
    close: Callable[[], None]

    def link(self, way: Way) -> Link:
        """Return one way between client and venue."""
        network = self.world.network
        return network.http if way == "http" else network.ws


class Fault(ABC):
    """One kind of fault.

    Args:
        name: What it is called in schedules and tables.
        what: One line for who reads them.
    """

    def __init__(self, name: str, what: str) -> None:
        self.name = name
        self.what = what

    def is_possible(self, venue: Venue) -> bool:
        """Return whether it can happen to ``venue``."""
        del venue
        return True

    def misnumbers(self, venue: Venue) -> bool:
        """Return whether the number of a book does not tell which of the venue's it is after this struck."""
        del venue
        return False

    @abstractmethod
    def draw(self, chance: random.Random) -> Values:
        """Return values for one strike."""

    @abstractmethod
    def strike(self, stage: Stage, values: Values) -> None:
        """Let it happen."""
