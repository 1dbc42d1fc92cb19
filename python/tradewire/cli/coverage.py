"""`tradewire endpoints`: what the client covers, from its own tables."""

from __future__ import annotations

import orjson
import typer
from rich.table import Table

from tradewire.cli import console
from tradewire.registry import find_venue
from tradewire.venues.coverage import coverage

__all__ = ["show"]


def show(venue: str, *, as_json: bool) -> None:
    """Print the coverage of ``venue``: JSON on one line an entry, or a table."""
    rows = coverage(find_venue(venue))
    if as_json:
        typer.echo(orjson.dumps(rows, option=orjson.OPT_INDENT_2).decode())
        return
    table = Table(
        "", "wire", "Python", title=f"{venue}: {len(rows)} endpoints and messages", title_justify="left"
    )
    for row in rows:
        wire = row["name"] if row["ws"] else f"{row['method']:<4} {row['path']}"
        table.add_row("stream" if row["ws"] else "REST", str(wire), str(row["python"]))
    console.data(table)
