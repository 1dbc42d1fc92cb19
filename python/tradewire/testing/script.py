"""Faults as a script in TOML, and the shortest script that still breaks something."""

from __future__ import annotations

import json
import tomllib
from collections.abc import Callable, Sequence
from typing import Any, Final

from tradewire.testing.fault import Event
from tradewire.testing.faults import FAULTS

__all__ = ["MOST_RUNS", "from_toml", "shrunk", "to_toml"]

MOST_RUNS: Final = 200
"""Tries of finding a shorter script."""


def to_toml(schedule: Sequence[Event]) -> str:
    """Return a schedule as a script; values that are ``None`` are left out, as TOML has none."""
    return "\n".join(_table(event) for event in schedule)


def _table(event: Event) -> str:
    values = {"at_s": event.at_s, "fault": event.fault, **event.values}
    lines = [f"{name} = {json.dumps(value)}" for name, value in values.items() if value is not None]
    return "\n".join(["[[faults]]", *lines, ""])


def from_toml(text: str) -> tuple[Event, ...]:
    """Return the schedule of a script.

    Raises:
        ValueError: It is no such script, or names a fault that there is not.
    """
    events = []
    for number, table in enumerate(tomllib.loads(text).get("faults", []), 1):
        values: dict[str, Any] = dict(table)
        at_s, name = values.pop("at_s", None), values.pop("fault", None)
        if type(at_s) not in {int, float} or name not in FAULTS:
            raise ValueError(
                f"fault {number} must have at_s, seconds, and one of {', '.join(FAULTS)}, got {table}"
            )
        events.append(Event(float(at_s), name, values))
    return tuple(events)


def shrunk(schedule: Sequence[Event], breaks: Callable[[Sequence[Event]], bool]) -> tuple[Event, ...]:
    """Return as few of the events as still break something, by delta debugging.

    Args:
        schedule: Breaks something.
        breaks: Tells whether other events do, too.
    """
    left, parts, runs = list(schedule), 2, 0
    while left and runs < MOST_RUNS:
        size = max(1, len(left) // parts)
        for start in range(0, len(left), size):
            fewer = left[:start] + left[start + size :]
            runs += 1
            if breaks(fewer):
                left, parts = fewer, max(2, parts - 1)
                break
        else:
            if size == 1:
                break
            parts = min(len(left), 2 * parts)
    return tuple(left)
