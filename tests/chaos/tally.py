"""What many worlds showed, added up, and as a table: for the terminal and, the same, for the documentation."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from functools import cache
from typing import Final

from chaos.mute import Watch
from tradewire.testing.faults import faults_of
from tradewire.testing.invariants import Invariant
from tradewire.testing.run import RunResult

__all__ = ["MOST_KEPT", "Tally", "kinds_of", "tally"]

MOST_KEPT: Final = 20
"""Failing runs that are kept whole, to be shrunk or looked at."""
COLUMNS: Final = (
    "seeds",
    "orders",
    "fills",
    "faults",
    "resyncs",
    "invariants broken",
    "settled after, virtual s",
)


@dataclass(slots=True)
class VenueTally:
    """What the worlds of one product showed."""

    seeds: int = 0
    orders: int = 0
    fills: int = 0
    resyncs: int = 0
    struck: Counter[str] = field(default_factory=Counter)
    broken: Counter[str] = field(default_factory=Counter)
    settled_s: Counter[float] = field(default_factory=Counter)
    """Rounded, so that this does not grow with the number of worlds."""

    def settled(self) -> str:
        """Return median and longest."""
        times = sorted(self.settled_s)
        passed = 0
        for time_s in times:
            passed += self.settled_s[time_s]
            if 2 * passed >= self.settled_s.total():
                return f"{time_s:.1f}, longest {times[-1]:.1f}"
        return "-"


class Tally:
    """Takes results one by one and keeps only sums, and a few of the failing ones."""

    def __init__(self) -> None:
        self.by_venue: dict[str, VenueTally] = {}
        self.failed: list[RunResult] = []
        self.watched: list[Watch] = []

    @property
    def is_good(self) -> bool:
        """Whether nothing was broken, no mute connection overlooked and no quiet one given up."""
        broken = sum(one.broken.total() for one in self.by_venue.values())
        return not broken and all(watch.is_good for watch in self.watched)

    @property
    def worlds(self) -> int:
        """How many were taken."""
        return sum(one.seeds for one in self.by_venue.values())

    def take(self, result: RunResult) -> None:
        """Add one world."""
        one = self.by_venue.setdefault(result.venue, VenueTally())
        one.seeds += 1
        one.orders += result.orders
        one.fills += result.fills
        one.resyncs += result.resyncs
        one.struck.update(result.struck)
        one.broken.update(str(difference.invariant) for difference in result.broken)
        one.settled_s[round(result.settled_s, 1)] += 1
        if result.broken and len(self.failed) < MOST_KEPT:
            self.failed.append(result)

    def unplayed(self) -> list[str]:
        """Return which kinds of faults found no victim on a venue where they can, as ``venue: kind``."""
        return [
            f"{venue}: {kind}"
            for venue, one in sorted(self.by_venue.items())
            for kind in sorted(kinds_of(venue))
            if not one.struck[kind]
        ]

    def text(self) -> str:
        """Return the table for a terminal."""
        return "\n\n".join(_aligned(rows) for rows in self._tables())

    def markdown(self) -> str:
        """Return the same table for the documentation."""
        return "\n\n".join(_markdown(rows) for rows in self._tables())

    def _tables(self) -> Iterable[Sequence[Sequence[str]]]:
        venues = sorted(self.by_venue)
        tallies = [self.by_venue[venue] for venue in venues]
        yield [
            ("venue", *COLUMNS),
            *(
                (
                    venue,
                    *(f"{number:,}" for number in (one.seeds, one.orders, one.fills, one.struck.total())),
                    f"{one.resyncs:,}",
                    f"{one.broken.total():,}",
                    one.settled(),
                )
                for venue, one in zip(venues, tallies, strict=True)
            ),
        ]
        kinds = sorted(
            {kind for venue in venues for kind in kinds_of(venue) | self.by_venue[venue].struck.keys()}
        )
        yield [
            ("faults that found a victim", *venues),
            *(
                (
                    kind,
                    *(
                        f"{one.struck[kind]:,}" if one.struck[kind] or kind in kinds_of(venue) else "-"
                        for venue, one in zip(venues, tallies, strict=True)
                    ),
                )
                for kind in kinds
            ),
        ]
        yield [
            ("invariant broken", *venues),
            *((str(one), *(f"{each.broken[str(one)]:,}" for each in tallies)) for one in Invariant),
        ]
        if self.watched:
            yield [
                ("venue", "connections that are alive and say nothing, and quiet ones"),
                *((watch.venue, f"{watch}{'' if watch.is_good else ' (wrong)'}") for watch in self.watched),
            ]


def tally(results: Iterable[RunResult]) -> Tally:
    """Return what these showed."""
    found = Tally()
    for result in results:
        found.take(result)
    return found


@cache
def kinds_of(product: str) -> frozenset[str]:
    """Return the names under which the faults that a product's venue can have are counted."""
    return frozenset(kind for fault in faults_of(product) for kind in fault.kinds)


def _aligned(rows: Sequence[Sequence[str]]) -> str:
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    return "\n".join(
        "  ".join(
            [
                cell.ljust(width) if not place else cell.rjust(width)
                for place, (cell, width) in enumerate(zip(row, widths, strict=True))
            ]
        ).rstrip()
        for row in rows
    )


def _markdown(rows: Sequence[Sequence[str]]) -> str:
    head, *body = rows
    lines = [head, ("---", *("---:" for _ in head[1:])), *body]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)
