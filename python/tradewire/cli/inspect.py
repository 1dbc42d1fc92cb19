"""`tradewire inspect`: what is in a recording, as tables, JSON and a picture."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path

import msgspec
import typer
from rich.table import Table

from tradewire.cli import console
from tradewire.playback.plots import plot_survey
from tradewire.playback.survey import BookSample, BookSurvey, Survey, survey

__all__ = ["show"]

NS_PER_S = 1_000_000_000
ROWS = 12


def show(path: Path, *, plot: Path | None, as_json: bool) -> None:
    """Print what is in a recording; leaves with status 1 if it is damaged or has holes."""
    found = survey(path)
    if as_json:
        typer.echo(msgspec.json.encode(found, enc_hook=str, order="sorted").decode())
    else:
        for line in lines(found):
            typer.echo(line)
        for book in found.books:
            if book.samples:
                console.data(_table(book))
    if plot is not None:
        plot_survey(found, plot)
        console.talk(f"drawn into {plot}")
    if not found.is_sound:
        raise typer.Exit(1)


def lines(found: Survey) -> list[str]:
    """Return what is in a recording, tables aside."""
    began = datetime.fromtimestamp(found.began_ns / NS_PER_S, UTC).strftime("%Y-%m-%d %H:%M:%S")
    parts = f" in {len(found.paths)} parts" if len(found.paths) > 1 else ""
    size = f"{found.file_bytes / 1e6:.2f} MB of {found.data_bytes / 1e6:.2f} MB"
    silence_s, apart_ms = found.longest_silence_ns / NS_PER_S, found.clock_steps_ns / 1e6
    told = [
        f"{found.paths[0]}: {found.about.product}, recorded by tradewire {found.about.tradewire}{parts}",
        f"  from {began} UTC, {found.duration_ns / NS_PER_S:.1f} s; {size}",
        "  records: " + _counts(found.records),
        "  pushes: " + (_counts(found.pushes) or "none"),
        f"  connections: {found.connections}, {found.losses} lost; longest silence {silence_s:.2f} s",
        f"  clocks, wall against monotonic: at most {apart_ms:.2f} ms apart",
        f"  gaps: {found.gaps}; checksum failures: {found.checksum_failures}",
    ]
    told += [f"  book of {one.market}: {_book(one)}" for one in found.books]
    if found.lost_records:
        told.append(f"  HOLES: {found.lost_records} records were left out, the disk could not keep up")
    told += [
        f"  DAMAGED: {one.path} at byte {one.offset}, {one.length} bytes: {one.reason}"
        for one in found.damage
    ]
    if found.torn_bytes:
        told.append(f"  torn end: {found.torn_bytes} bytes, as after a kill; everything before is whole")
    if found.note:
        told.append(f"  books could not be followed: {found.note}")
    return told


def _counts(counted: Mapping[str, int]) -> str:
    return ", ".join(f"{number} {name}" for name, number in counted.items())


def _book(one: BookSurvey) -> str:
    unsynced = ", ".join(f"{number} {reason}" for reason, number in one.unsynced.items()) or "none"
    return (
        f"{one.pushes} pushes, {one.snapshots} snapshots, {one.ignored} ignored; not synced after: {unsynced}"
    )


def _table(one: BookSurvey) -> Table:
    table = Table(title=f"{one.market}: spread, and size of ten levels a side", title_justify="left")
    for name in ("UTC", "mid", "spread", "least", "most", "bids", "asks"):
        table.add_column(name, justify="right")
    size = -(-len(one.samples) // ROWS)
    for start in range(0, len(one.samples), size):
        table.add_row(*_row(one.samples[start : start + size]))
    return table


def _row(some: Sequence[BookSample]) -> list[str]:
    """Return the means of some samples, with least and most of the spread."""
    spreads = [one.spread for one in some]
    at = datetime.fromtimestamp(some[0].wall_ns / NS_PER_S, UTC).strftime("%H:%M:%S")
    mid, bids, asks = (
        sum(getattr(one, name) for one in some) / len(some) for name in ("mid", "bid_size", "ask_size")
    )
    numbers = (mid, sum(spreads) / len(spreads), min(spreads), max(spreads), bids, asks)
    return [at, f"{numbers[0]:.8g}", *(f"{number:.4g}" for number in numbers[1:])]
