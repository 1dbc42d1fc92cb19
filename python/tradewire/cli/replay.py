"""`tradewire replay`: a recording to a bot in memory, or to anybody over sockets."""

from __future__ import annotations

import contextlib
import importlib
import importlib.util
import inspect
import json
import sys
from pathlib import Path
from typing import Any

import msgspec
import typer

from tradewire.cli import console
from tradewire.errors import ConfigError
from tradewire.playback.report import Report
from tradewire.playback.session import Bot, replay
from tradewire.runner import run as tradewire_run

__all__ = ["run_bot", "serve"]


def run_bot(
    path: Path, reference: str, *, speed: float | None, latency_ms: float, plot: Path | None, as_json: bool
) -> None:
    """Run a bot on a recording in memory and print what came of it."""
    bot = _load(reference)
    session = replay(path, speed=speed, latency_ms=latency_ms)
    _tell(session.run(bot), plot, as_json=as_json)


def serve(path: Path, *, speed: float | None, port: int, plot: Path | None, as_json: bool) -> None:
    """Serve a recording until it ends or Ctrl-C, and print what came of it."""
    reports: list[Report] = []

    async def main() -> None:
        async with replay(path, speed=speed, port=port) as box:
            tape = box.tape
            keys: dict[str, Any] = box.venue(tape.product.venue).keys()
            shown = {name: value for name, value in keys.items() if isinstance(value, str)}
            if as_json:
                typer.echo(json.dumps({"product": tape.product.name, **shown}))
            else:
                length_s = tape.duration_ns / 1e9
                console.talk(
                    f"{path}: {tape.product.name}, {', '.join(tape.markets)}, {length_s:.0f} s; it begins with the "
                    "first subscription, Ctrl-C ends it"
                )
                for name, value in shown.items():
                    typer.echo(f"  {name:<17}{value}")
            try:
                await box.finished()
            finally:
                reports.append(box.report())

    with contextlib.suppress(KeyboardInterrupt):
        tradewire_run(main(), uvloop=False)
    for report in reports:
        _tell(report, plot, as_json=as_json)


def _tell(report: Report, plot: Path | None, *, as_json: bool) -> None:
    if as_json:
        typer.echo(msgspec.json.encode(report, enc_hook=str, order="sorted").decode())
    else:
        typer.echo(str(report))
    if plot is not None:
        report.plot(plot)
        console.talk(f"drawn into {plot}")


def _load(reference: str) -> Bot:
    """Return the function that ``MODULE:FUNCTION`` or ``FILE.py:FUNCTION`` names."""
    place, _, name = reference.rpartition(":")
    try:
        if place.endswith(".py"):
            spec = importlib.util.spec_from_file_location(Path(place).stem, place)
            if spec is None or spec.loader is None or not Path(place).exists():
                raise ModuleNotFoundError(f"there is no file {place}")
            module = importlib.util.module_from_spec(spec)
            sys.modules[spec.name] = module
            spec.loader.exec_module(module)
        else:
            module = importlib.import_module(place)
        bot: Bot = getattr(module, name)
    except (ModuleNotFoundError, AttributeError, ValueError) as error:
        raise ConfigError(
            f"--bot must be MODULE:FUNCTION or FILE.py:FUNCTION, got {reference!r}: {error}"
        ) from None
    if not inspect.iscoroutinefunction(bot):
        raise ConfigError(f"--bot must name an async function that takes a client, got {bot!r}")
    return bot
