"""Print a record as a table, keep it as a run, and put the newest run into the documentation.

python benches/python/report.py --record --conclusion TEXT --refuted-by TEXT
python benches/python/report.py --pages
python benches/python/report.py --rejudge
"""

import argparse
import json
import sys
from pathlib import Path
from typing import Any

from bench import machine
from bench.verdict import Line, judge

REPORT = machine.ROOT / "bench-report.json"
RUNS = machine.ROOT / "benches" / "runs"
README = machine.ROOT / "README.md"
PAGE = machine.ROOT / "docs" / "pages" / "benchmarks.md"
PLAIN = (
    ("D1", "a depth push becomes a verified book", "json + dict", "hand-made"),
    ("T1/rest", "from a push on the socket to an order on the socket", "aiohttp + json", "hand-made"),
    ("S1/100B", "sign a request", "hmac.new", "nautilus"),
)
"""The rows of the README: id, words, the usual way, the best other one."""
START, END = "<!-- bench:start -->", "<!-- bench:end -->"
COLUMNS = ("id", "ours", "peer", "ratio", "required", "design", "limit", "met")
HEADINGS = ("What is required", "What is measured beside it")


def main() -> int:
    """Do what was asked and give the exit status."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument(
        "--record", action="store_true", help="keep bench-report.json as a run in benches/runs"
    )
    parser.add_argument(
        "--rejudge", action="store_true", help="judge bench-report.json by the targets that the rows have now"
    )
    parser.add_argument("--conclusion", help="what this run shows")
    parser.add_argument("--refuted-by", help="what would refute the conclusion")
    parser.add_argument(
        "--pages", action="store_true", help="put the newest run into README.md and docs/pages/benchmarks.md"
    )
    options = parser.parse_args()
    if options.rejudge:
        rejudge(REPORT)
    if options.record and not (options.conclusion and options.refuted_by):
        parser.error("a run needs its --conclusion and what it would be --refuted-by")
    if options.record:
        print(record(options.conclusion, options.refuted_by))
    if options.pages:
        PAGE.write_text(with_block(PAGE.read_text(), whole(newest_run())))
        README.write_text(with_block(README.read_text(), plain(newest_run())))
    return 0


def rejudge(path: Path) -> None:
    """Write the lines of a report anew from its figures, after targets have changed."""
    from bench.rows import ROWS

    report, rows = json.loads(path.read_text()), {row.id: row for row in ROWS}
    for row in report["rows"]:
        if row["id"] in rows:
            row["lines"] = judge(rows[row["id"]], row["figures"])
    path.write_text(json.dumps(report, indent=1) + "\n")


def record(conclusion: str, refuted_by: str) -> Path:
    """Keep the last report as a run, named by date and kind of machine.

    Raises:
        ValueError: The interpreter was not optimised, or an answer was wrong. A run that missed a ratio is
            kept, and shows it.
    """
    report = json.loads(REPORT.read_text())
    if report["machine"]["interpreter"] == "plain":
        raise ValueError("ratios from an interpreter without PGO are not published; use BENCH_PYTHON")
    if not all(all(row["correct"].values()) for row in report["rows"]):
        raise ValueError("a run with a wrong answer is not kept")
    run = RUNS / f"{report['date']}-{machine.kind()}"
    run.mkdir(parents=True, exist_ok=True)
    (run / "machine.json").write_text(json.dumps(report.pop("machine"), indent=1) + "\n")
    (run / "raw.json").write_text(json.dumps(report, indent=1) + "\n")
    last_words = f"\n## Conclusion\n\n{conclusion}\n\nRefuted by: {refuted_by}\n"
    (run / "summary.md").write_text(markdown(_load(run)) + last_words)
    return run


def newest_run() -> Path:
    """Give the folder of the newest run; folders begin with their date."""
    return max(path for path in RUNS.iterdir() if (path / "raw.json").is_file())


def with_block(text: str, block: str) -> str:
    """Put a block between the markers of a text.

    Raises:
        ValueError: The text has no markers.
    """
    head, start, rest = text.partition(START)
    _, end, tail = rest.partition(END)
    if not (start and end):
        raise ValueError(f"the text has no {START} and {END}")
    return f"{head}{START}\n{block}{END}{tail}"


def whole(run: Path) -> str:
    """Return the tables of a run, and where they come from."""
    report, place = _load(run), run.relative_to(machine.ROOT).as_posix()
    return f"{tables(report)}\n\n{provenance(report)} The whole run is in `{place}`.\n"


def plain(run: Path) -> str:
    """Return three rows of a run for whoever reads one screen."""
    report = _load(run)
    lines = [line for row in report["rows"] for line in row["lines"]]
    rows = ["| | tradewire | the usual way | the best other one |", "|---|--:|--:|--:|"]
    for name, words, *peers in PLAIN:
        found = [
            next(line for line in lines if line["id"] == name and line["peer"].startswith(peer))
            for peer in peers
        ]
        cells = [
            f"{line['peer'].removesuffix(', best').removeprefix(peer).strip()} ({peer})"
            for line, peer in zip(found, peers, strict=True)
        ]
        rows.append(f"| {words} | {found[0]['ours']} | {' | '.join(cells)} |")
    return "\n".join(rows) + "\n"


def _load(run: Path) -> dict[str, Any]:
    report: dict[str, Any] = json.loads((run / "raw.json").read_text())
    return report | {"machine": json.loads((run / "machine.json").read_text())}


def cells(line: Line) -> tuple[str, ...]:
    """Give the cells of one line, in the order of ``COLUMNS``."""
    return (
        line["id"], line["ours"], line["peer"], line["ratio"], line["required"], line["design"], line["limit"],
        line["met"],
    )  # fmt: skip


def split(report: dict[str, Any]) -> tuple[list[Line], list[Line]]:
    """Give the lines in which something is required, and the others."""
    lines = [line for row in report["rows"] for line in row["lines"]]
    return [line for line in lines if line["required"] != "-"], [
        line for line in lines if line["required"] == "-"
    ]


def tables(report: dict[str, Any]) -> str:
    """Write both tables in Markdown, first what is required."""
    parts = []
    for heading, lines in zip(HEADINGS, split(report), strict=True):
        rows = [COLUMNS, tuple("---" for _ in COLUMNS), *map(cells, lines)]
        parts += [f"**{heading}**", "\n".join(f"| {' | '.join(row)} |" for row in rows)]
    return "\n\n".join(parts)


def provenance(report: dict[str, Any]) -> str:
    """Say when, where and with which versions a run was made."""
    facts = report["machine"]
    packages = ", ".join(f"{name} {version}" for name, version in facts["packages"].items())
    return (
        f"Measured {report['date']} on {facts['cpu']}, {facts['cores']} cores, CPython {facts['python']} "
        f"({facts['interpreter']} build), {facts['rustc']}, tradewire {facts['tradewire']} at "
        f"{facts['commit']}; peers: {packages}."
    )


def markdown(report: dict[str, Any]) -> str:
    """Write a whole report: table, provenance, and every contender's percentiles."""
    parts = [f"# Benches, {report['date']}", tables(report), provenance(report)]
    for row in report["rows"]:
        parts.append(f"## {row['id']}: {row['question']}")
        parts.append("\n".join(_details(row)))
    return "\n\n".join(parts) + "\n"


def _details(row: dict[str, Any]) -> list[str]:
    details = []
    for name, figures in row["figures"].items():
        numbers = ", ".join(f"{key} {figure:g}" for key, figure in figures.items())
        note = f"; {row['notes'][name]}" if name in row["notes"] else ""
        singles = row["percentiles_ns"].get(name)
        details.append(f"- {name}: {numbers}{note}")
        if singles:
            numbers = ", ".join(f"{key} {ns / 1000:.1f}" for key, ns in singles.items())
            details.append(f"  - of all single figures, in us: {numbers}")
    details += [f"- {name}: not installed" for name in row["absent"]]
    details += [
        f"- {name}: WRONG, no number" for name, is_correct in row["correct"].items() if not is_correct
    ]
    if row["attempts"] > 1:
        details.append(f"- measured {row['attempts']} times, a required ratio being missed; this is the last")
    return details


def show(report: dict[str, Any]) -> None:
    """Print the table to the terminal, with rich if it is there."""
    try:
        from rich.console import Console
        from rich.table import Table
    except ModuleNotFoundError:
        print(tables(report))
    else:
        for heading, lines in zip(HEADINGS, split(report), strict=True):
            grid = Table(*COLUMNS, title=heading, title_justify="left")
            for line in lines:
                grid.add_row(*cells(line))
            Console(width=None if sys.stdout.isatty() else 160).print(grid)
    print(provenance(report))
    for row in report["rows"]:
        if row["attempts"] > 1:
            print(f"{row['id']} was measured {row['attempts']} times, because a required ratio was missed")
        if row["absent"]:
            print(f"{row['id']}: not installed here: {', '.join(row['absent'])} (make bench installs them)")


if __name__ == "__main__":
    sys.exit(main())
