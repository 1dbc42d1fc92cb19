"""``python -m chaos_sockets``: the long campaign, or one seed again."""

from __future__ import annotations

import argparse
import sys
from collections import Counter
from collections.abc import Sequence

from chaos_sockets.campaign import AT_ONCE, run_campaigns, table
from chaos_sockets.run import OTHERS_MARGIN_S, RunResult, others_of
from chaos_sockets.schedule import LinkFault
from chaos_sockets.upgrades import failed_upgrades
from support.http_faults import HTTP_FAULTS
from tradewire.testing.venues import SETUPS

TIMES = 20
"""How often each broken upgrade is tried on each venue, and each other kind of fault must have found a victim there."""

FOUND_LATER = {str(LinkFault.CUT_AMID_FRAME), str(LinkFault.FOREIGN_FRAME)}
"""Faults of a stream that are counted once a frame comes that they hit."""
WHOLE = 200
"""Runs of each product in which that is so."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the campaign, print every failing run and the table, and return 0 if nothing was broken."""
    parser = argparse.ArgumentParser(prog="chaos_sockets", description=__doc__)
    parser.add_argument("--venue", choices=sorted(SETUPS), action="append", help="only this venue")
    parser.add_argument("--seed", type=int, action="append", help="only this seed, and no upgrades")
    parser.add_argument("--runs", type=int, default=200, help="seeds for each venue, 1 and up")
    parser.add_argument("--upgrades", type=int, default=TIMES, help="times each broken upgrade is tried")
    parser.add_argument("--at-once", type=int, default=AT_ONCE, help="runs that share a loop")
    parser.add_argument("--brief", action="store_true", help="show what broke without the faults")
    chosen = parser.parse_args(arguments)
    venues = chosen.venue or sorted(SETUPS)
    is_whole = not chosen.seed and chosen.runs >= WHOLE
    is_good = True if chosen.seed else _upgrades(venues, chosen.upgrades)
    seeds = chosen.seed or range(1, chosen.runs + 1)
    results: list[RunResult] = []
    for batch, campaign in run_campaigns(
        [(venue, seed) for seed in seeds for venue in venues],
        at_once=chosen.at_once,
        margin_s=OTHERS_MARGIN_S,
        plays_others=True,
    ):
        for result in campaign.results.values():
            results.append(result)
            if result.broken:
                is_good = False
                broken = "\n".join(f"{result.venue} {result.seed}: {one}" for one in result.broken)
                _say(broken if chosen.brief else result.report() + "\n")
        for complaint in campaign.complaints:
            is_good = False
            _say(f"{complaint}\n  in one of {batch}")
    _say(table(results))
    if is_whole and (rare := _rare(results)):
        is_good = False
        _say(f"fewer than {TIMES} victims: {', '.join(rare)}")
    return 0 if is_good else 1


def _rare(results: Sequence[RunResult]) -> list[str]:
    """Return which kinds found fewer than ``TIMES`` victims on a venue that can have them."""
    found: dict[str, Counter[str]] = {}
    for result in results:
        found.setdefault(result.venue, Counter()).update(result.faults)
    wanted = {f"http:{name}" for name in HTTP_FAULTS} | FOUND_LATER
    wanted |= {f"stream:{fault}" for fault in LinkFault if fault not in FOUND_LATER}
    return [
        f"{venue} {kind} ({counts[kind]})"
        for venue, counts in sorted(found.items())
        for kind in sorted(wanted | {fault.name for fault in others_of(venue)})
        if counts[kind] < TIMES
    ]


def _upgrades(venues: Sequence[str], times: int) -> bool:
    is_good = True
    for venue in venues:
        failed = failed_upgrades(venue, times)
        for fault, reasons in failed.items():
            is_good = False
            _say(f"{venue}: {len(reasons)} of {times} streams did not come back from {fault}: {reasons[0]}")
    return is_good


def _say(text: str) -> None:
    sys.stdout.write(text + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main())
