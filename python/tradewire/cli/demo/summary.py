"""The outcome of a demo: numbers for programs, a table for people."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field

from rich.box import SIMPLE
from rich.table import Table

__all__ = ["PositionReport", "QueueReport", "VenueReport", "percentile", "table"]


def percentile(values: Sequence[float], share: float) -> float:
    """Return the value below which ``share`` (0 to 1) of ``values`` lie, by nearest rank; 0 for none."""
    if not values:
        return 0.0
    ranked = sorted(values)
    return ranked[max(0, math.ceil(share * len(ranked)) - 1)]


@dataclass(slots=True)
class VenueReport:
    """One venue's part. ``problems`` says in words what did not match; empty means all did."""

    frames: int = 0
    book_checks: int = 0
    book_mismatches: int = 0
    orders_placed: int = 0
    fills: int = 0
    ledger_checks: int = 0
    ledger_mismatches: int = 0
    resyncs: int = 0
    reconnects: int = 0
    checksum_failures: int = 0
    tick_to_trade_us: dict[str, float] = field(default_factory=dict)
    problems: list[str] = field(default_factory=list)

    @property
    def ok(self) -> bool:
        """Everything that was promised happened, and everything matched."""
        return not self.problems and not self.has_mismatch

    @property
    def has_mismatch(self) -> bool:
        """Something we believe differed from the venue's own."""
        return bool(self.book_mismatches or self.ledger_mismatches)

    def as_json(self) -> dict[str, object]:
        """Return the report as plain values."""
        return asdict(self)


@dataclass(slots=True)
class QueueReport(VenueReport):
    """The part of a venue whose books tell single orders: their place in the queue is compared too."""

    queue_checks: int = 0
    queue_mismatches: int = 0
    fewest_resting_orders: int = 0
    """In the smallest book that was compared."""

    @property
    def has_mismatch(self) -> bool:
        """As for every venue, or a queue differed."""
        return bool(self.book_mismatches or self.ledger_mismatches or self.queue_mismatches)


@dataclass(slots=True)
class PositionReport(VenueReport):
    """The part of a product that holds positions besides assets: they are compared with the venue's."""

    position_checks: int = 0
    position_mismatches: int = 0

    @property
    def has_mismatch(self) -> bool:
        """As for every venue, or a position differed."""
        return bool(self.book_mismatches or self.ledger_mismatches or self.position_mismatches)


WORDS = {
    "frames": "frames read",
    "book_checks": "whole books compared",
    "book_mismatches": "books that differed",
    "queue_checks": "queues compared, by order",
    "queue_mismatches": "queues that differed",
    "fewest_resting_orders": "fewest orders in such a book",
    "orders_placed": "orders placed",
    "fills": "fills",
    "ledger_checks": "orders, fills, assets compared",
    "ledger_mismatches": "of these differed",
    "position_checks": "positions compared",
    "position_mismatches": "positions that differed",
    "reconnects": "reconnects (forced)",
    "checksum_failures": "failed checksums (one forced)",
    "resyncs": "book resyncs",
}


def table(venues: dict[str, VenueReport], seconds: float) -> Table:
    """Return the summary people read."""
    # Four products fit 80 columns.
    shown = Table(title=f"tradewire demo: {seconds:.0f} s of trading", title_justify="left", box=SIMPLE)
    shown.add_column("compared with the venue's own")
    for venue in venues:
        shown.add_column(venue, justify="right")
    for name, words in WORDS.items():
        figures = [getattr(report, name, None) for report in venues.values()]
        if figures != [None] * len(figures):
            shown.add_row(words, *("" if figure is None else f"{figure:,}" for figure in figures))
    for share, words in (("p50", "tick to trade, median, µs"), ("p99", "tick to trade, p99, µs")):
        shown.add_row(words, *(f"{report.tick_to_trade_us.get(share, 0):,.0f}" for report in venues.values()))
    shown.add_row("everything matched", *("yes" if report.ok else "NO" for report in venues.values()))
    return shown
