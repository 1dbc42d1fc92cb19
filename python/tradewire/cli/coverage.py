"""`tradewire endpoints`: what the client covers, from its own tables."""

from __future__ import annotations

import orjson
import typer
from rich.table import Table

from tradewire.cli import console
from tradewire.description import VenueDescription
from tradewire.protocol.endpoint import endpoint_of
from tradewire.registry import find_venue

__all__ = ["coverage", "show"]


def show(venue: str, *, as_json: bool) -> None:
    """Print the coverage of ``venue``: JSON on one line an entry, or a table."""
    description = find_venue(venue)
    rows, rates = coverage(description), description.rates_per_s()
    if as_json:
        typer.echo(orjson.dumps(rows, option=orjson.OPT_INDENT_2).decode())
        return
    table = Table(
        "",
        "wire",
        "rate group",
        "Python",
        title=f"{venue}: {len(rows)} endpoints and messages",
        title_justify="left",
    )
    for row in rows:
        wire = row["name"] if row["ws"] else f"{row['method']:<4} {row['path']}"
        group = str(row.get("group", ""))
        pace = f"{group}, {rates[group]:g}/s" if group in rates else group
        table.add_row("stream" if row["ws"] else "REST", str(wire), pace, str(row["python"]))
    console.data(table)


def coverage(venue: VenueDescription) -> list[dict[str, object]]:
    """Return every REST endpoint and stream message the clients of ``venue`` cover, with its Python name."""
    rows: list[dict[str, object]] = []
    seen = set()
    for owner in venue.client_classes:
        for name in dir(owner):
            row = endpoint_of(getattr(owner, name))
            # What several clients of a venue have, for instance its time, is listed with the first of them.
            if row is not None and row.name not in seen:
                seen.add(row.name)
                entry: dict[str, object] = {"ws": False, "method": row.method, "path": row.path}
                if row.spellings:
                    entry["spellings"] = list(row.spellings)
                rows.append({**entry, "group": row.rate_group, "python": f"{owner.__name__}.{name}"})
    rows.extend(
        {"ws": False, "method": "GET", "path": path, "python": python}
        for path, python in venue.stream_upgrades().items()
    )
    rows.sort(key=lambda row: (str(row["path"]), str(row["method"])))
    rows.extend({"ws": True, "name": name, "python": python} for name, python in venue.stream_messages())
    return rows
