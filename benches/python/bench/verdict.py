"""From samples to the lines of the table, and whether the run passes.

A record is plain data (what ``raw.json`` holds), so that a table can be printed anew from it.
"""

from statistics import median
from typing import TypedDict

from bench import startup
from bench.row import BEST, OURS, Row
from bench.startup import Startup
from bench.timing import Samples, percentile

PERCENTILES = (0.01, 0.05, 0.1, 0.25, 0.5, 0.75, 0.9, 0.95, 0.99, 0.999)
"""Of the single figures, where a row has them."""


class Line(TypedDict):
    """One line of the table; a row has as many as it has targets.

    ``ratio_x``, ``required_x`` and ``design_x`` are the numbers behind the texts, None where a line has no ratio.
    """

    id: str
    ours: str
    peer: str
    ratio: str
    required: str
    design: str
    limit: str
    met: str
    ratio_x: float | None
    required_x: float | None
    design_x: float | None
    is_missed: bool


class Record(TypedDict):
    """One row of a run."""

    id: str
    question: str
    ours: str
    correct: dict[str, bool]
    absent: list[str]
    notes: dict[str, str]
    attempts: int
    figures: dict[str, dict[str, float]]
    percentiles_ns: dict[str, dict[str, float]]
    lines: list[Line]


def new_record(row_id: str, question: str, ours: str = OURS) -> Record:
    """Make a record that nothing was measured for yet."""
    return Record(
        id=row_id,
        question=question,
        ours=ours,
        correct={},
        absent=[],
        notes={},
        attempts=0,
        figures={},
        percentiles_ns={},
        lines=[],
    )


def rounds_of(samples: Samples) -> dict[str, dict[str, float]]:
    """Summarise nanoseconds per operation: median, p99 and least of the rounds."""
    return {
        name: {
            "p50_ns": round(median(timed.figures), 1),
            "p99_ns": round(percentile(timed.figures, 0.99), 1),
            "least_ns": round(min(timed.figures), 1),
            "rounds": len(timed.figures),
        }
        for name, timed in samples.items()
    }


def percentiles_of(samples: Samples) -> dict[str, dict[str, float]]:
    """Summarise the single figures of the contenders that have them."""
    return {
        name: {f"p{100 * share:g}": percentile(timed.singles_ns, share) for share in PERCENTILES}
        for name, timed in samples.items()
        if timed.singles_ns
    }


def judge(row: Row, figures: dict[str, dict[str, float]]) -> list[Line]:
    """Compare medians with the row's targets; a target whose peer was not measured gives no line."""
    p50 = {name: one["p50_ns"] for name, one in figures.items()}
    if row.ours not in p50:
        return []
    ours_ns = p50[row.ours]
    peers = {
        name: figure
        for name, figure in p50.items()
        if name not in (row.ours, row.floor) and not name.startswith(OURS)
    }
    best = min(peers, key=lambda peer: peers[peer], default="")
    lines = []
    for target in row.targets:
        name = best if target.against == BEST else target.against
        if name not in p50:
            continue
        ratio = p50[name] / ours_ns
        is_missed = target.required is not None and ratio < target.required
        lines.append(
            Line(
                id=row.id,
                ours=_time(ours_ns),
                peer=f"{name} {_time(p50[name])}" + (", best" if name == best else ""),
                ratio=f"{ratio:.2f}x",
                required="-" if target.required is None else f"{target.required:g}x",
                design=f"{target.design:g}x",
                limit=_time(p50[row.floor]) if row.floor in p50 else "-",
                met=_met(is_missed=is_missed, is_reached=ratio >= target.design),
                ratio_x=round(ratio, 3),
                required_x=target.required,
                design_x=target.design,
                is_missed=is_missed,
            )
        )
    return lines


def judge_startup(samples: dict[str, list[Startup]]) -> list[Line]:
    """Compare the import's medians, and those of a client, with M1's budget."""
    medians = {name: startup.median_of(figures) for name, figures in samples.items()}
    peers = {name: medians[name] for name in medians if not name.startswith(OURS)}
    peer = min(peers, key=lambda name: peers[name][0], default="")
    ms, mib = medians[OURS]
    return [
        bound_line(
            "M1",
            _import(ms, mib),
            f"{startup.BUDGET_MS:g} ms, {startup.BUDGET_MIB:g} MiB",
            is_met=ms <= startup.BUDGET_MS and mib <= startup.BUDGET_MIB,
            peer=f"{peer} {_import(*peers[peer])}" if peer else "-",
        ),
        *(
            bound_line(
                f"M1/{client.removeprefix('tradewire.').removesuffix('()')}",
                f"{medians[client][0] - ms:.1f} ms more, {medians[client][1] - mib:.1f} MiB",
                f"{startup.CLIENT_BUDGET_MS:g} ms more",
                is_met=medians[client][0] - ms <= startup.CLIENT_BUDGET_MS,
                is_required=False,
            )
            for client in startup.CLIENTS
        ),
    ]


def bound_line(
    line_id: str, ours: str, bound: str, *, is_met: bool, is_required: bool = True, peer: str = "-"
) -> Line:
    """Make the line of a figure that has a bound of its own instead of a ratio."""
    is_missed = is_required and not is_met
    return Line(
        id=line_id,
        ours=ours,
        peer=peer,
        ratio="-",
        required=bound if is_required else "-",
        design=bound,
        limit="-",
        met=_met(is_missed=is_missed, is_reached=is_met),
        ratio_x=None,
        required_x=None,
        design_x=None,
        is_missed=is_missed,
    )


def _met(*, is_missed: bool, is_reached: bool) -> str:
    if is_missed:
        return "NO"
    return "yes" if is_reached else "below design"


def _import(ms: float, mib: float) -> str:
    return f"{ms:.1f} ms, {mib:.1f} MiB"


def _time(ns: float) -> str:
    return f"{ns / 1000:.2f} us" if ns >= 1000 else f"{ns:.0f} ns"
