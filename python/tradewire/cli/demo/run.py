"""The demo from start to report."""

from __future__ import annotations

import json
from pathlib import Path

from tradewire.cli import console
from tradewire.cli.demo import coinex, summary
from tradewire.cli.demo.venue_process import venue_process

__all__ = ["demo"]

TRAFFIC_PER_S = 200.0
PUSH_MS = 50
"""Four times the venue's own cadence, so that a short demo sees as many pushes as a minute of the venue."""


async def demo(*, seconds: float, seed: int, report: Path, make_book_wrong: bool) -> bool:
    """Run every venue's part for ``seconds``, write ``report`` and return whether everything matched."""
    console.talk(f"starting a sandbox venue in a process of its own (seed {seed})")
    async with venue_process(seed=seed, rate=TRAFFIC_PER_S, push_ms=PUSH_MS) as hosts:
        venues = {
            "coinex": await coinex.trade(hosts["coinex"], seconds=seconds, make_book_wrong=make_book_wrong)
        }
    ok = all(part.ok for part in venues.values())
    _write(report, ok=ok, venues=venues)
    console.data(summary.table(venues, seconds))
    for name, part in venues.items():
        for problem in part.problems:
            console.talk(f"{name}: {problem}")
    console.talk(f"{'everything matched' if ok else 'NOT everything matched'}; the same as JSON: {report}")
    return ok


def _write(report: Path, *, ok: bool, venues: dict[str, summary.VenueReport]) -> None:
    written = {"ok": ok, "venues": {name: part.as_json() for name, part in venues.items()}}
    report.write_text(json.dumps(written, indent=2) + "\n", encoding="utf-8")
