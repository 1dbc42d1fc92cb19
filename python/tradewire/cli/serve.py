"""`tradewire sandbox`: run the local venue until Ctrl-C."""

from __future__ import annotations

import asyncio
import contextlib
import json
import signal
from collections.abc import Sequence
from typing import Any

import typer

from tradewire.cli import console
from tradewire.sandbox import Box
from tradewire.sandbox import sandbox as open_sandbox

__all__ = ["run"]

LABEL_WIDTH = 17
FIRST_LOOK = {
    "coinex": "/spot/ticker?market=BTCUSDT",
    "exchange": "/api/v1/markets",
    "truex": "/v1/cefi/markets/quote",
}
"""A public request of each venue that shows it is there."""


def run(venues: Sequence[str], *, port: int, as_json: bool, **box: Any) -> None:
    """Serve until Ctrl-C or SIGTERM, then close cleanly. ``box`` is what ``sandbox()`` takes."""
    with contextlib.suppress(KeyboardInterrupt):
        asyncio.run(_serve(venues, port, box, as_json=as_json))


async def _serve(venues: Sequence[str], port: int, wanted: dict[str, Any], *, as_json: bool) -> None:
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for name in (signal.SIGINT, signal.SIGTERM):
        # Windows has no signal handlers on its loop; there Ctrl-C arrives as KeyboardInterrupt.
        with contextlib.suppress(NotImplementedError):
            loop.add_signal_handler(name, stop.set)
    ports = {venue: port + place for place, venue in enumerate(venues)} if port else None
    async with open_sandbox(venues, ports=ports, **wanted) as box:
        if as_json:
            typer.echo(json.dumps(_hosts_and_keys(box)))
        else:
            _load_markets(box)
        await stop.wait()
    if not as_json:
        console.talk("sandbox closed")


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
