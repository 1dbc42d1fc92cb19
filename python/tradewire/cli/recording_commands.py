"""What `tradewire record`, `replay` and `inspect` take; each one's work is in a module of its own."""

from __future__ import annotations

import math
from pathlib import Path
from typing import Annotated

import typer

from tradewire.registry import product_names

__all__ = ["add_to"]

LAST_PORT = 65535
PRODUCTS = f"[{'|'.join(product_names())}]"
File = Annotated[
    Path, typer.Argument(help="The recording's first file.", exists=True, dir_okay=False, metavar="FILE")
]
Plot = Annotated[Path | None, typer.Option("--plot", help="Draw it as a PNG.", show_default=False)]
AsJson = Annotated[bool, typer.Option("--json", help="Print JSON instead of text.")]


def add_to(app: typer.Typer) -> None:
    """Add the commands."""
    for command in (record, replay, inspect):
        app.command()(command)


def record(
    venue: Annotated[str, typer.Argument(help="The product.", metavar=PRODUCTS)],
    markets: Annotated[
        list[str], typer.Argument(help="Markets in the venue's spelling.", metavar="MARKET...")
    ],
    out: Annotated[
        Path, typer.Option("--out", "-o", help="The file; further parts are NAME-part2 and so on.")
    ],
    depth: Annotated[
        int, typer.Option(min=0, help="Levels a side, where the venue has depths; 0 for the most.")
    ] = 0,
    seconds: Annotated[float, typer.Option(min=0.0, help="Stop after this long; 0 runs until Ctrl-C.")] = 0.0,
    live: Annotated[bool, typer.Option("--live", help="Record the real venue instead of a sandbox.")] = False,
    keys: Annotated[
        bool,
        typer.Option("--keys", help="With --live: use the keys of the environment, and record orders, too."),
    ] = False,
    url: Annotated[
        str, typer.Option("--sandbox", help="Address of a running sandbox.", show_default=False)
    ] = "",
    part_mb: Annotated[
        float, typer.Option(min=0.0, help="Begin a further part after so many MB; 0 for never.")
    ] = 0.0,
    part_s: Annotated[
        float, typer.Option(min=0.0, help="Begin a further part after so many seconds; 0 for never.")
    ] = 0.0,
) -> None:
    """Record books and trades of markets, byte for byte, without secrets."""
    from tradewire.cli import record as work

    if live and url:
        raise typer.BadParameter("say what to record: either --live or --sandbox URL")
    if keys and not live:
        raise typer.BadParameter("--keys goes with --live: a sandbox's keys are known")
    work.run(
        venue,
        markets,
        out,
        depth=depth,
        seconds=seconds,
        live=live,
        keys=keys,
        url=url,
        part_bytes=round(part_mb * 1e6),
        part_s=part_s,
    )


def replay(
    path: File,
    speed: Annotated[
        float | None,
        typer.Option(
            help="1 as recorded (the default over sockets), 10 ten times as fast, 0 as fast as it goes.",
            show_default=False,
        ),
    ] = None,
    bot: Annotated[
        str,
        typer.Option(
            help="Run a bot in memory, MODULE:FUNCTION or FILE.py:FUNCTION, an async function that takes a client; "
            "without one the recording is served over sockets.",
            show_default=False,
        ),
    ] = "",
    latency_ms: Annotated[float, typer.Option(min=0.0, help="To the venue and back, in memory.")] = 5.0,
    port: Annotated[int, typer.Option(min=0, max=LAST_PORT, help="Port to serve on; 0 for a free one.")] = 0,
    plot: Plot = None,
    as_json: AsJson = False,
) -> None:
    """Play a recording back: to a bot in memory, or over sockets to clients in any language.

    Over sockets the host and keys are printed as `tradewire sandbox` does; the recording begins with the first
    subscription. Orders meet a fill model; at the end a report says what came of them.
    """
    from tradewire.cli import replay as work

    if speed is not None and speed < 0:
        raise typer.BadParameter(f"--speed must be above 0, or 0 for as fast as it goes, got {speed:g}")
    pace = math.inf if speed == 0 else speed
    if bot:
        work.run_bot(path, bot, speed=pace, latency_ms=latency_ms, plot=plot, as_json=as_json)
    else:
        work.serve(path, speed=pace, port=port, plot=plot, as_json=as_json)


def inspect(path: File, plot: Plot = None, as_json: AsJson = False) -> None:
    """Tell what is in a recording: counts, gaps, checksum failures, damage, spread and depth over time."""
    from tradewire.cli import inspect as work

    work.show(path, plot=plot, as_json=as_json)
