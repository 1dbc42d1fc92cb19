"""Which faults strike a user's bot, and when: by seed, by name, by list or by script."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final, TypeAlias

from tradewire.errors import ConfigError
from tradewire.sandbox.faults.script import Event, one_of
from tradewire.testing.faults import FAULTS, faults_of, schedule_of
from tradewire.testing.script import from_toml
from tradewire.testing.venues import SETUPS

__all__ = ["BOT_FAULTS", "FaultsOption", "as_faults", "names_of", "schedule_for", "strike"]

FaultsOption: TypeAlias = "str | Path | Sequence[str] | Sequence[Event] | None"
"""What ``chaos`` takes: a script's path or text, names to draw from, the faults themselves, or ``None`` for all."""
BOT_FAULTS: Final = tuple(name for name in FAULTS if name not in {"bot.callback_raises", "bot.cancels"})
"""What strikes a user's bot. Its callbacks raise by themselves, or do not; whoever gives up awaiting is the bot."""


def strike(at_s: float, name: str, **values: Any) -> Event:
    """Return a fault for ``chaos(faults=[strike(2.0, "lost_reply"), ...])``.

    Args:
        at_s: When it strikes, virtual seconds since the run began.
        name: One of ``BOT_FAULTS``.
        values: What it takes; the rest is as usual.

    Raises:
        ConfigError: There is no such fault, or it does not take a value; the message says what there is.
    """
    return _checked(Event(at_s, name, values))


def as_faults(given: FaultsOption) -> str | Sequence[str] | Sequence[Event] | None:
    """Return faults as given, a script's text instead of its path.

    Raises:
        ConfigError: It is none of what ``chaos`` takes, the file cannot be read, or a script names what there is not.
    """
    if given is None:
        return None
    if isinstance(given, Path) or (isinstance(given, str) and "\n" not in given and given.endswith(".toml")):
        try:
            text = Path(given).read_text()
        except OSError as error:
            raise ConfigError(f"faults must be a script that can be read, got {given}: {error}") from None
    elif isinstance(given, str):
        text = given
    else:
        listed = list(given)
        if all(isinstance(one, Event) for one in listed):
            return [_checked(one) for one in listed if isinstance(one, Event)]
        names = [one for one in listed if isinstance(one, str)]
        if len(names) < len(listed):
            raise ConfigError(f"faults must be names, or all of them strike(...), got {given!r}")
        return names_of(names)
    _read(text, "")
    return text


def names_of(names: Sequence[str]) -> Sequence[str]:
    """Return names of faults; raise ``ConfigError`` for what is none."""
    try:
        return [one_of("faults", name, BOT_FAULTS) for name in names]
    except ValueError as error:
        raise ConfigError(str(error)) from None


def schedule_for(product: str, seed: object, faults: Any, seconds: float) -> tuple[Event, ...]:
    """Return the faults of one run, in the order of their times.

    Raises:
        ConfigError: One of those asked for is not possible at this venue.
    """
    possible = {one.name for one in faults_of(product)}
    if isinstance(faults, str):
        events = _read(faults, SETUPS[product].venue)
    elif faults is None or all(isinstance(one, str) for one in faults):
        names = BOT_FAULTS if faults is None else faults
        drawn = [name for name in names if name in possible]
        if names and not drawn:
            raise ConfigError(f"none of the faults {', '.join(names)} is possible at {product}")
        return schedule_of(product, seed, drawn, seconds)
    else:
        events = tuple(sorted(faults, key=lambda event: event.at_s))
    if impossible := [event.fault for event in events if event.fault not in possible]:
        raise ConfigError(
            f"{product} has no fault {impossible[0]!r}, or nothing that its client could do about it; "
            f"it has {', '.join(sorted(possible))}"
        )
    return events


def _read(text: str, venue: str) -> tuple[Event, ...]:
    try:
        events = from_toml(text, venue)
        for event in events:
            one_of("fault", event.fault, BOT_FAULTS)
    except ValueError as error:
        raise ConfigError(str(error)) from None
    return events


def _checked(event: Event) -> Event:
    try:
        known = FAULTS[one_of("fault", event.fault, BOT_FAULTS)]
        return Event(event.at_s, event.fault, known.checked(event.values))
    except ValueError as error:
        raise ConfigError(str(error)) from None
