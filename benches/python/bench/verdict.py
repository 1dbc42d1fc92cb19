"""From samples to the lines of the table, and whether the run passes.

A record is plain data (what ``raw.json`` holds), so that a table can be printed anew from it.
"""

from statistics import median
from typing import TypedDict

from bench import startup
from bench.row import BEST, OURS, Row
from bench.startup import Startup
from bench.timing import Samples, percentile


class Line(TypedDict):
    """One line of the table; a row has as many as it has targets."""

    id: str
    ours: str
    best_peer: str
    ratio: str
    budget: str
    ok: str
    is_missed: bool


class Record(TypedDict):
    """One row of a run."""

    id: str
    question: str
    correct: dict[str, bool]
    absent: list[str]
    notes: dict[str, str]
    attempts: int
    figures: dict[str, dict[str, float]]
    lines: list[Line]


def rounds_of(samples: Samples) -> dict[str, dict[str, float]]:
    """Summarise nanoseconds per operation: median, p99 and least of the rounds."""
    return {
        name: {
            "p50_ns": round(percentile(figures, 0.5), 1),
            "p99_ns": round(percentile(figures, 0.99), 1),
            "least_ns": round(min(figures), 1),
            "rounds": len(figures),
        }
        for name, figures in samples.items()
    }


def judge(row: Row, samples: Samples) -> list[Line]:
    """Compare medians with the row's targets; a target whose peer is not installed gives no line."""
    p50 = {name: median(figures) for name, figures in samples.items()}
    peers = {name: figure for name, figure in p50.items() if name != OURS}
    lines = []
    for target in row.targets:
        name = min(peers, key=lambda peer: peers[peer]) if target.against == BEST else target.against
        if name not in peers:
            continue
        ratio = peers[name] / p50[OURS]
        is_missed = target.required is not None and ratio < target.required
        required = "" if target.required is None else f" (required {target.required:g}x)"
        lines.append(
            Line(
                id=row.id,
                ours=_time(p50[OURS]),
                best_peer=f"{name} {_time(peers[name])}" + (", best" if target.against == BEST else ""),
                ratio=f"{ratio:.2f}x",
                budget=f"{target.design:g}x{required}",
                ok=_ok(is_missed=is_missed, is_reached=ratio >= target.design),
                is_missed=is_missed,
            )
        )
    return lines


def judge_startup(samples: dict[str, list[Startup]]) -> list[Line]:
    """Compare the import's medians with M1's budget."""
    medians = {name: startup.median_of(figures) for name, figures in samples.items()}
    ms, mib = medians[OURS]
    peers = {name: medians[name] for name in medians if not name.startswith(OURS)}
    peer = min(peers, key=lambda name: peers[name][0], default="")
    is_missed = ms > startup.BUDGET_MS or mib > startup.BUDGET_MIB
    budget = f"{startup.BUDGET_MS:g} ms, {startup.BUDGET_MIB:g} MiB (required)"
    lines = [
        Line(
            id="M1",
            ours=_import(ms, mib),
            best_peer=f"{peer} {_import(*peers[peer])}" if peer else "-",
            ratio=f"{peers[peer][0] / ms:.2f}x" if peer else "-",
            budget=budget,
            ok=_ok(is_missed=is_missed, is_reached=not is_missed),
            is_missed=is_missed,
        )
    ]
    lazy = medians.keys() - peers.keys() - {OURS}
    return lines + [_reported(f"M1, then {name}", _import(*medians[name])) for name in lazy]


def _reported(line_id: str, ours: str) -> Line:
    return Line(id=line_id, ours=ours, best_peer="-", ratio="-", budget="-", ok="reported", is_missed=False)


def _ok(*, is_missed: bool, is_reached: bool) -> str:
    if is_missed:
        return "NO"
    return "yes" if is_reached else "below design"


def _import(ms: float, mib: float) -> str:
    return f"{ms:.1f} ms, {mib:.1f} MiB"


def _time(ns: float) -> str:
    return f"{ns / 1000:.2f} us" if ns >= 1000 else f"{ns:.0f} ns"
