"""The demo from start to report."""

from __future__ import annotations

import json
from collections.abc import Collection
from pathlib import Path

from tradewire.cli import console
from tradewire.cli.demo import summary
from tradewire.cli.demo.oracle import Oracle
from tradewire.cli.demo.part import Part
from tradewire.cli.demo.track import Track, draw
from tradewire.cli.demo.venue_process import venue_process
from tradewire.cli.demo.view import View
from tradewire.errors import ConfigError
from tradewire.registry import find_product
from tradewire.transport.http1 import Http1Transport

__all__ = ["demo"]

TRAFFIC_PER_S = 200.0


async def demo(
    *, venues: Collection[str], seconds: float, seed: int, report: Path, picture: Path, make_book_wrong: bool
) -> bool:
    """Run each venue's part for ``seconds``, write ``report`` and ``picture``, and return whether everything matched.

    Raises:
        ConfigError: A venue has no plan for the demo.
    """
    reports: dict[str, summary.VenueReport] = {}
    tracks: list[Track] = []
    if without := [name for name in venues if find_product(name).demo is None]:
        raise ConfigError(f"no demo is planned for {', '.join(without)}; name other venues")
    with View(seconds) as view:
        for name in venues:
            venue = find_product(name)
            plan = venue.demo
            assert plan is not None
            with view.product(name):
                view.say(f"starting a sandbox venue in a process of its own (seed {seed})")
                settings = plan.settings
                async with venue_process(
                    venue.venue, seed=seed, rate=TRAFFIC_PER_S, settings=settings
                ) as facts:
                    asking = Http1Transport()
                    try:
                        part = Part(venue, plan, facts, Oracle(venue, asking, facts["rest_url"]), view)
                        reports[name] = await part.run(seconds=seconds, make_book_wrong=make_book_wrong)
                        tracks.append(part.track)
                    finally:
                        await asking.close()
    ok = all(part.ok for part in reports.values())
    _write(report, ok=ok, venues=reports)
    console.data(summary.table(reports, seconds))
    for name, outcome in reports.items():
        for problem in outcome.problems:
            console.talk(f"{name}: {problem}")
    try:
        draw(tracks, picture)
        console.talk(f"the session as a picture: {picture}")
    except ConfigError as error:
        console.talk(f"no picture: {error}")
    console.talk(f"{'everything matched' if ok else 'NOT everything matched'}; the same as JSON: {report}")
    return ok


def _write(report: Path, *, ok: bool, venues: dict[str, summary.VenueReport]) -> None:
    written = {"ok": ok, "venues": {name: part.as_json() for name, part in venues.items()}}
    report.write_text(json.dumps(written, indent=2) + "\n", encoding="utf-8")
