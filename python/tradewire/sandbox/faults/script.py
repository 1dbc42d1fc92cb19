"""Faults by script: which strikes when, as TOML. The same serves sockets and the worlds of ``tradewire.testing``.

[[faults]]
at_s = 2.0               # seconds from the start of the script
fault = "late_reply"     # a fault of the venue, see ``GET /sandbox/faults``
delay_ms = 300           # what that fault takes
venue = "coinex"         # only there; left out: at every venue that plays the script

[[faults]]
at_s = 4.5
fault = "rest_latency"
latency_ms = 200
seconds = 3.0            # it ends by itself; for faults that last
"""

from __future__ import annotations

import difflib
import json
import math
import tomllib
from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, TypeAlias, TypeGuard

from tradewire.sandbox.faults.catalogue import inject
from tradewire.sandbox.faults.kinds import LASTING

if TYPE_CHECKING:
    from tradewire.sandbox.faults.store import FaultStore

__all__ = ["Event", "Later", "Values", "events_of", "one_of", "read_script", "strike", "to_toml"]

Values: TypeAlias = Mapping[str, Any]
Later: TypeAlias = Callable[[float, Callable[[], object]], object]
"""Does something so many seconds later."""


@dataclass(frozen=True, slots=True, order=True)
class Event:
    """One fault of a script: when it strikes, and with which values."""

    at_s: float
    fault: str
    values: Values = field(default_factory=dict, compare=False)

    @property
    def named(self) -> str:
        """What strikes, as a call."""
        return f"{self.fault}({', '.join(f'{name}={value!r}' for name, value in self.values.items())})"

    def __str__(self) -> str:
        return f"{self.at_s:6.3f} s {self.named}"


def to_toml(events: Collection[Event]) -> str:
    """Return events as a script; values that are ``None`` are left out, as TOML has none."""
    return "\n".join(_table(event) for event in events)


def _table(event: Event) -> str:
    values = {"at_s": event.at_s, "fault": event.fault, **event.values}
    lines = [f"{name} = {json.dumps(value)}" for name, value in values.items() if value is not None]
    return "\n".join(["[[faults]]", *lines, ""])


def read_script(
    text: str, names: Collection[str], check: Callable[[str, Values], Values], venue: str = ""
) -> tuple[Event, ...]:
    """Return the events of a script, in the order of their times.

    Args:
        text: The script.
        names: Faults that may be named.
        check: Returns the values to strike with, given the fault's name and those of the script; raises ``ValueError``
            for what it does not take.
        venue: Leave out what names another venue.

    Raises:
        ValueError: It is no such script; the message names the fault, the field, what was got and what is allowed.
    """
    events = []
    for number, table in enumerate(_tables(text), 1):
        values = dict(table)
        where = values.pop("venue", venue)
        try:
            at_s, name = _time(values.pop("at_s", None)), values.pop("fault", None)
            if not isinstance(where, str):
                raise ValueError(f"venue must be a venue's name, got {where!r}")
            if where in {"", venue} or not venue:
                known = one_of("fault", name, names)
                events.append(Event(at_s, known, check(known, values)))
        except ValueError as error:
            raise ValueError(f"fault {number} of the script: {error}") from None
    return tuple(sorted(events, key=lambda event: event.at_s))


def events_of(text: str, faults: FaultStore) -> tuple[Event, ...]:
    """Return the events of a script for a venue that does wrong what ``faults`` says; raises as ``read_script``."""

    def check(name: str, values: Values) -> Values:
        # What has no victim takes every value, or refuses it as the venue would.
        strike(type(faults)(), name, values, lambda *_: None)
        return values

    return read_script(text, faults.kinds, check, faults.venue)


def strike(faults: FaultStore, name: str, values: Values, later: Later) -> dict[str, Any]:
    """Do or arm a fault, and have it end after ``seconds`` if the values say so; return what came of it.

    Raises:
        ValueError: There is no such fault or parameter, or it does not take that value.
    """
    given = dict(values)
    seconds = given.pop("seconds", None)
    if seconds is not None:
        if name not in LASTING:
            raise ValueError(f"{name} takes no seconds; only {', '.join(sorted(LASTING))} last")
        if not _is_number(seconds) or seconds <= 0:
            raise ValueError(f"seconds of {name} must be a number above 0, got {seconds!r}")
    done = inject(faults, {"kind": name, **given})
    if seconds is not None:
        ended = {parameter: False if value is True else 0 for parameter, value in given.items()}
        later(seconds, lambda: inject(faults, {"kind": name, **ended}))
    return done


def one_of(field_name: str, value: object, names: Collection[str]) -> str:
    """Return ``value`` if it is one of ``names``; the error says which is meant, if that can be guessed."""
    if isinstance(value, str) and value in names:
        return value
    near = difflib.get_close_matches(str(value), [str(name) for name in names], 1)
    meant = f"; is {near[0]!r} meant?" if near else ""
    beyond = isinstance(value, str) and "." in value and not any("." in name for name in names)
    where = (
        "; faults of network, clock and bot exist in the worlds of tradewire.testing only" if beyond else ""
    )
    raise ValueError(f"{field_name} must be one of {', '.join(sorted(names))}, got {value!r}{meant}{where}")


def _tables(text: str) -> Iterator[dict[str, Any]]:
    try:
        document = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise ValueError(f"a script of faults must be TOML, got something else: {error}") from None
    tables = document.pop("faults", [])
    if document or not isinstance(tables, list) or not all(isinstance(table, dict) for table in tables):
        got = ", ".join(document) or f"faults = {tables!r}"
        raise ValueError(f"a script must have [[faults]] tables and nothing else, got {got}")
    yield from tables


def _time(at_s: object) -> float:
    if not _is_number(at_s) or at_s < 0:
        raise ValueError(f"at_s must be seconds from the start, 0 or more, got {at_s!r}")
    return float(at_s)


def _is_number(value: object) -> TypeGuard[float]:
    return isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value)
