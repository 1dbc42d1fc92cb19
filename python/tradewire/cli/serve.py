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
from tradewire.sandbox import Box
from tradewire.sandbox import sandbox as open_sandbox
from tradewire.sandbox.faults import Faults
from tradewire.sandbox.faults.catalogue import catalogue, inject, parse_option
from tradewire.sandbox.venues.coinex.venue import CoinExVenue
from tradewire.sandbox.venues.exchange.venue import ExchangeVenue
from tradewire.sandbox.venues.truex.venue import TrueXVenue

__all__ = ["list_faults", "run"]

LABEL_WIDTH = 17
FIRST_LOOK = {
    "coinex": "/spot/ticker?market=BTCUSDT",
    "exchange": "/api/v1/markets",
    "truex": "/v1/cefi/markets/quote",
}
"""A public request of each venue that shows it is there."""


def run(venues: Sequence[str], *, port: int, as_json: bool, faults: Collection[str] = (), **box: Any) -> None:
    """Serve until Ctrl-C or SIGTERM, then close cleanly.

    Args:
        venues: Which venues.
        port: Port of the first one; 0 for free ones.
        as_json: Print one line of JSON instead of text.
        faults: Faults to inject from the start, see ``parse_option``.
        box: What ``sandbox()`` takes.

    Raises:
        ConfigError: A fault that is none.
    """
    with contextlib.suppress(KeyboardInterrupt):
        asyncio.run(_serve(venues, port, box, faults, as_json=as_json))


def list_faults(venues: Sequence[str]) -> None:
    """Print the faults of each venue with their parameters."""
    kinds = {one.name: one.fault_kinds for one in (CoinExVenue, ExchangeVenue, TrueXVenue)}
    for venue in venues:
        typer.echo(venue)
        for entry in catalogue(Faults(kinds[venue])):
            typer.echo(f"  {entry['kind']}: {entry['what']}")
            for parameter, takes in entry["parameters"].items():
                typer.echo(f"      {parameter}: {takes}")


async def _serve(
    venues: Sequence[str], port: int, wanted: dict[str, Any], faults: Collection[str], *, as_json: bool
) -> None:
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for name in (signal.SIGINT, signal.SIGTERM):
        # Windows has no signal handlers on its loop; there Ctrl-C arrives as KeyboardInterrupt.
        with contextlib.suppress(NotImplementedError):
            loop.add_signal_handler(name, stop.set)
    ports = {venue: port + place for place, venue in enumerate(venues)} if port else None
    async with open_sandbox(venues, ports=ports, **wanted) as box:
        for fault in faults:
            _inject(box, fault)
        if as_json:
            typer.echo(json.dumps(_hosts_and_keys(box)))
        else:
            _load_markets(box)
        await stop.wait()
    if not as_json:
        console.talk("sandbox closed")


def _inject(box: Box, fault: str) -> None:
    """Inject a fault into the venue it names, or into each that has it."""
    try:
        name, document = parse_option(fault)
        if name is not None and name not in box.venues:
            raise ValueError(f"{name} is not open; open are {', '.join(box.venues)}")
        chosen = [
            venue
            for venue in ([box.venues[name]] if name else box.venues.values())
            if name or document["kind"] in venue.faults.kinds
        ]
        if not chosen:
            raise ValueError(f"no open venue has a fault {document['kind']!r}; --fault '?' lists them")
        for venue in chosen:
            inject(venue.faults, document)
    except ValueError as error:
        raise ConfigError(f"--fault {fault}: {error}") from None


def _hosts_and_keys(box: Box) -> dict[str, dict[str, object]]:
    return {name: venue.keys() for name, venue in box.venues.items()}


def _load_markets(box: Box) -> None:
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
        console.talk(f"  curl '{opened.keys()['rest_url']}{FIRST_LOOK[name]}'")
