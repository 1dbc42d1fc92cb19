"""`tradewire faults`: what a sandbox of another process does wrong, over its control surface."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any
from urllib.error import HTTPError, URLError
from urllib.request import Request, urlopen

import typer

from tradewire.cli.attach import TIMEOUT_S, origin_of
from tradewire.errors import ConfigError
from tradewire.sandbox.faults.catalogue import parse_option
from tradewire.sandbox.faults.script import Event

__all__ = ["arm", "play", "show"]


def show(url: str) -> None:
    """Print the faults of the venue at ``url`` with their parameters."""
    for entry in _ask(url, "")["faults"]:
        typer.echo(f"{entry['kind']}: {entry['what']}")
        for parameter, takes in entry["parameters"].items():
            typer.echo(f"    {parameter}: {takes}")


def play(url: str, script: bytes) -> None:
    """Have the venue play a script and print what it will do."""
    for event in _ask(url, "/script", script)["faults"]:
        typer.echo(str(Event(event.pop("at_s"), event.pop("fault"), event)))


def arm(url: str, faults: Sequence[str]) -> None:
    """Have the venue arm each fault, or do it at once, and print what came of it."""
    for fault in faults:
        try:
            _, document = parse_option(fault)
        except ValueError as error:
            raise ConfigError(str(error)) from None
        typer.echo(f"{fault}: {json.dumps(_ask(url, '', json.dumps(document).encode()))}")


def _ask(url: str, path: str, body: bytes | None = None) -> dict[str, Any]:
    """Return what the control surface answers.

    Raises:
        ConfigError: Nothing answers, or it refuses; the message is the venue's.
    """
    origin = origin_of(url)
    try:
        with urlopen(Request(f"{origin}/sandbox/faults{path}", body), timeout=TIMEOUT_S) as reply:  # noqa: S310 - http only
            answer: dict[str, Any] = json.load(reply)
    except HTTPError as error:
        raise ConfigError(json.load(error).get("error", str(error))) from None
    except (URLError, ValueError, OSError) as error:
        raise ConfigError(f"no sandbox answers at {origin}: {error}; is it running?") from None
    return answer
