"""What a fault is: its name, what it takes, and how it strikes."""

from __future__ import annotations

import random
from abc import ABC, abstractmethod
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final, Literal, Protocol, TypeAlias

from tradewire.sandbox.faults.script import Event, Values
from tradewire.sandbox.venue import Venue
from tradewire.testing.link import Link
from tradewire.testing.world import World

__all__ = ["Event", "Fault", "Stage", "StruckBot", "Values", "Way"]

Way: TypeAlias = Literal["http", "ws"]


NUMBER: Final = "a number"
SIGNED: Final = frozenset({"step_ms", "drift_ppm"})


class StruckBot(Protocol):
    """What can go wrong in a bot.

    Attributes:
        in_callback: Called with each of its callbacks; may raise.
        cancels_after_s: How long each of the next requests is awaited before the bot gives up waiting.
    """

    in_callback: Callable[[], None]
    cancels_after_s: list[float]


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
    bot: StruckBot
    later: Callable[[float, Callable[[], object]], None]
    struck: Callable[[str], None]
    close: Callable[[], None]

    def link(self, way: Way) -> Link:
        """Return one way between client and venue."""
        network = self.world.network
        return network.http if way == "http" else network.ws


class Fault(ABC):
    """One kind of fault.

    Attributes:
        weight: How often it is drawn, beside the others: more for one that takes several forms.
        bunches: Requests that left one after the other may arrive together.
        is_single: Several of it in one run would add up to what a client must give up at.
        kinds: Names under which its victims are counted, one for each form.

    Args:
        name: What it is called in schedules and tables.
        what: One line for who reads them.
    """

    weight = 1
    bunches = False
    is_single = False

    def __init__(self, name: str, what: str) -> None:
        self.name = name
        self.what = what
        self.kinds: tuple[str, ...] = (name,)

    def is_possible(self, venue: Venue) -> bool:
        """Return whether it can happen to ``venue``."""
        del venue
        return True

    def misnumbers(self, venue: Venue) -> bool:
        """Return whether the number of a book does not tell which of the venue's it is after this struck."""
        del venue
        return False

    def checked(self, values: Values) -> Values:
        """Return the values of one strike, with usual ones for what a script leaves out.

        Raises:
            ValueError: It does not take one of them; the message says what it takes.
        """
        usual = self.draw(random.Random(self.name))
        if unknown := values.keys() - usual.keys():
            takes = ", ".join(usual) or "nothing"
            raise ValueError(f"{self.name} takes {takes}, not {', '.join(sorted(unknown))}")
        for name, value in values.items():
            like = _kind(usual[name])
            is_low = like == NUMBER and name not in SIGNED and _kind(value) == NUMBER and value < 0
            if _kind(value) != like or is_low:
                raise ValueError(
                    f"{name} of {self.name} must be {like}{', 0 or more' * is_low}, got {value!r}"
                )
        return {**usual, **values}

    @abstractmethod
    def draw(self, chance: random.Random) -> Values:
        """Return values for one strike."""

    @abstractmethod
    def strike(self, stage: Stage, values: Values) -> None:
        """Let it happen."""


def _kind(value: Any) -> str:
    if isinstance(value, bool):
        return "true or false"
    if isinstance(value, int | float):
        return NUMBER
    return "a text" if isinstance(value, str) else "two numbers, least and longest"
