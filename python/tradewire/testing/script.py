"""The schedule of a script, and the shortest schedule that still breaks something."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Final

from tradewire.sandbox.faults.script import Event, read_script, to_toml
from tradewire.testing.faults import FAULTS

__all__ = ["MOST_RUNS", "from_toml", "shrunk", "to_toml"]

MOST_RUNS: Final = 200
"""Tries of finding a shorter script."""


def from_toml(text: str, venue: str = "") -> tuple[Event, ...]:
    """Return the schedule of a script, see ``sandbox.faults.script``; here network, clock and bot have faults, too.

    Args:
        text: The script.
        venue: Leave out what names another venue.

    Raises:
        ValueError: It is no such script; the message names the fault, the field, what was got and what is allowed.
    """
    return read_script(text, FAULTS, lambda name, values: FAULTS[name].checked(values), venue)


def shrunk(
    schedule: Sequence[Event], breaks: Callable[[Sequence[Event]], bool], most_runs: int = MOST_RUNS
) -> tuple[Event, ...]:
    """Return as few of the events as still break something, by delta debugging.

    Args:
        schedule: Breaks something.
        breaks: Tells whether other events do, too.
        most_runs: Tries, at most.
    """
    left, parts, runs = list(schedule), 2, 0
    while left and runs < most_runs:
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
