"""The demo from start to report."""

from __future__ import annotations

import json
from collections.abc import Callable, Collection, Mapping
from pathlib import Path
from typing import Any

from tradewire.cli import console
from tradewire.cli.demo import summary
from tradewire.cli.demo.coinex import CoinExPart
from tradewire.cli.demo.exchange import ExchangePart
from tradewire.cli.demo.oracle import Oracle
from tradewire.cli.demo.part import Part, run_part
from tradewire.cli.demo.truex import TrueXPart
from tradewire.cli.demo.venue_process import venue_process
from tradewire.transport.http1 import Http1Transport

__all__ = ["PARTS", "demo"]

TRAFFIC_PER_S = 200.0
SETTINGS = {"coinex": {"push_ms": "50"}}
"""Four times CoinEx's own cadence, so that a short demo sees as many pushes as a minute of the venue."""
PARTS: dict[str, Callable[[Mapping[str, Any], Oracle], Part]] = {
    "coinex": CoinExPart,
    "exchange": ExchangePart,
    "truex": TrueXPart,
}


async def demo(
    *, venues: Collection[str], seconds: float, seed: int, report: Path, make_book_wrong: bool
) -> bool:
    """Run each venue's part for ``seconds``, write ``report`` and return whether everything matched."""
    reports: dict[str, summary.VenueReport] = {}
    for name in venues:
        console.talk(f"{name}: starting a sandbox venue in a process of its own (seed {seed})")
        async with venue_process(
            name, seed=seed, rate=TRAFFIC_PER_S, settings=SETTINGS.get(name, {})
        ) as facts:
            asking = Http1Transport()
            try:
                part = PARTS[name](facts, Oracle(name, asking, facts["rest_url"]))
                reports[name] = await run_part(part, seconds=seconds, make_book_wrong=make_book_wrong)
            finally:
                await asking.close()
    ok = all(part.ok for part in reports.values())
    _write(report, ok=ok, venues=reports)
    console.data(summary.table(reports, seconds))
    for name, outcome in reports.items():
        for problem in outcome.problems:
            console.talk(f"{name}: {problem}")
    console.talk(f"{'everything matched' if ok else 'NOT everything matched'}; the same as JSON: {report}")
    return ok


def _write(report: Path, *, ok: bool, venues: dict[str, summary.VenueReport]) -> None:
    written = {"ok": ok, "venues": {name: part.as_json() for name, part in venues.items()}}
    report.write_text(json.dumps(written, indent=2) + "\n", encoding="utf-8")
