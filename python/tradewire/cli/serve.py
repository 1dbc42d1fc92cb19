"""`tradewire sandbox`: run the local venue until Ctrl-C."""

from __future__ import annotations

import asyncio
import contextlib
import json
import signal
from collections.abc import Collection, Sequence
from typing import Any

import typer

from tradewire.cli import console
from tradewire.errors import ConfigError
from tradewire.registry import find_venue
from tradewire.runner import run as tradewire_run
from tradewire.sandbox import Sandbox
from tradewire.sandbox.faults.catalogue import catalogue, inject, parse_option
from tradewire.sandbox.settings import make_options, parse_setting, profiles_of, settings_of

__all__ = ["list_faults", "list_profiles", "list_settings", "run"]

LABEL_WIDTH = 17


def run(
    venues: Sequence[str],
    *,
    port: int,
    as_json: bool,
    faults: Collection[str] = (),
    script: str = "",
    settings: Collection[str] = (),
    like: str | None = None,
    **box: Any,
) -> None:
    """Serve until Ctrl-C or SIGTERM, then close cleanly; both as ``tradewire.run`` bounds it, however often they come.

    Args:
        venues: Which venues.
        port: Port of the first one; 0 for free ones.
        as_json: Print one line of JSON instead of text.
        faults: Faults to inject from the start, see ``parse_option``.
        script: Faults with their times, TOML; it begins once the venues listen.
        settings: What the venues are to be like, see ``parse_setting``.
        like: Profile that sets several of these together, for the venues that have it.
        box: What ``Sandbox`` takes.

    Raises:
        ConfigError: A fault, a setting or a profile that is none.
    """
    box |= _options(venues, settings, like)
    with contextlib.suppress(KeyboardInterrupt):
        tradewire_run(_serve(venues, port, box, faults, script, as_json=as_json), uvloop=False)
    if not as_json:
        console.talk("sandbox closed")


def list_faults(venues: Sequence[str]) -> None:
    """Print the faults of each venue with their parameters."""
    for venue in venues:
        typer.echo(venue)
        for entry in catalogue(find_venue(venue).sandbox_class.faults_class()):
            typer.echo(f"  {entry['kind']}: {entry['what']}")
            for parameter, takes in entry["parameters"].items():
                typer.echo(f"      {parameter}: {takes}")


def list_settings(venues: Sequence[str]) -> None:
    """Print the settings of each venue."""
    for venue in venues:
        typer.echo(venue)
        for setting in settings_of(find_venue(venue).options_class):
            typer.echo(f"  {setting.name}: {setting.takes}")
            typer.echo(f"      {setting.what}")


def list_profiles(venues: Sequence[str]) -> None:
    """Print the profiles of each venue that has any, with the settings that each makes."""
    for venue in venues:
        for profile, values in profiles_of(find_venue(venue).options_class).items():
            typer.echo(f"{venue} --like {profile}")
            for name, value in values.items():
                typer.echo(f"  {name}={str(value).lower()}")
            if not values:
                typer.echo("  (no setting: this is the default)")


def _options(venues: Sequence[str], settings: Collection[str], like: str | None) -> dict[str, object]:
    """Return the options of every venue that has settings, each for the venue it names or for all that know it."""
    classes = {venue: find_venue(venue).options_class for venue in venues}
    bases = {venue: profiles_of(classes[venue]).get(like or "") for venue in venues}
    if like is not None and not any(base is not None for base in bases.values()):
        raise ConfigError(f"--like {like}: no open venue has this profile; --like '?' lists them")
    chosen: dict[str, dict[str, str]] = {venue: {} for venue, base in bases.items() if base is not None}
    for setting in settings:
        try:
            named, name, value = parse_setting(setting)
            if named is not None and named not in classes:
                raise ValueError(f"{named} is not open; open are {', '.join(venues)}")
            known = [
                venue
                for venue in ([named] if named else venues)
                if named or name in {one.name for one in settings_of(classes[venue])}
            ]
            if not known:
                raise ValueError(f"no open venue has a setting {name!r}; --set '?' lists them")
            for venue in known:
                chosen.setdefault(venue, {})[name] = value
                make_options(classes[venue], {name: value})
        except ValueError as error:
            raise ConfigError(f"--set {setting}: {error}") from None
    return {venue: make_options(classes[venue], given, bases[venue]) for venue, given in chosen.items()}


async def _serve(
    venues: Sequence[str],
    port: int,
    wanted: dict[str, Any],
    faults: Collection[str],
    script: str,
    *,
    as_json: bool,
) -> None:
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    # Windows has no signal handlers on its loop.
    with contextlib.suppress(NotImplementedError):
        loop.add_signal_handler(signal.SIGTERM, stop.set)
    ports = {venue: port + place for place, venue in enumerate(venues)} if port else None
    async with Sandbox(venues, ports=ports, **wanted) as box:
        for fault in faults:
            _inject(box, fault)
        _play(box, script)
        if as_json:
            typer.echo(json.dumps(_hosts_and_keys(box)))
        else:
            _load_markets(box)
        await stop.wait()


def _inject(box: Sandbox, fault: str) -> None:
    """Inject a fault into the venue it names, or into each that has it."""
    try:
        name, document = parse_option(fault)
        if name is not None and name not in box.venues:
            raise ValueError(f"{name} is not open; open are {', '.join(box.venues)}")
        chosen = [
            venue
            for venue in ([box.venue(name)] if name else box.venues.values())
            if name or document["kind"] in venue.faults.kinds
        ]
        if not chosen:
            raise ValueError(f"no open venue has a fault {document['kind']!r}; --fault '?' lists them")
        for venue in chosen:
            inject(venue.faults, document)
    except ValueError as error:
        raise ConfigError(f"--fault {fault}: {error}") from None


def _play(box: Sandbox, script: str) -> None:
    """Let every venue play what a script has for it."""
    try:
        for venue in box.venues.values():
            venue.faults.play(script)
    except ValueError as error:
        raise ConfigError(f"--faults: {error}") from None


def _hosts_and_keys(box: Sandbox) -> dict[str, dict[str, object]]:
    return {name: venue.keys() for name, venue in box.venues.items()}


def _load_markets(box: Sandbox) -> None:
    """Print every fact on a line of its own, however long: keys are there to be copied."""
    for venue, facts in _hosts_and_keys(box).items():
        typer.echo(venue)
        for name, value in facts.items():
            shown = ", ".join(value) if isinstance(value, list | tuple) else str(value)
            if isinstance(value, dict):
                shown = json.dumps(value)
            typer.echo(f"  {name.replace('_', ' '):<{LABEL_WIDTH}}{shown or '(none yet)'}")
    console.talk("Ctrl-C stops it. Try it:")
    for name, opened in box.venues.items():
        console.talk(f"  curl '{opened.keys()['rest_url']}{find_venue(name).first_look}'")
