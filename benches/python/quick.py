"""``make bench-quick``: check every contender, time them interleaved, print the table, keep the record.

Ends with status 1 if a contender gives a wrong answer or a required ratio is missed. On a noisy machine a
row that misses is measured again, at most twice; the record says how often it was measured.
"""

import argparse
import json
import sys
from datetime import UTC, datetime
from typing import Any

from bench import batch, machine, memory, startup, verdict
from bench.row import OURS, Row, WrongAnswerError
from bench.rows import ROWS
from bench.timing import measure, one_core
from bench.verdict import Record, judge, judge_startup, new_record, percentiles_of, rounds_of
from report import REPORT, markdown, show

ATTEMPTS = 3
QUIET_LOAD = 1.0


def main() -> int:
    """Run the rows that were asked for and give the exit status."""
    options = _options()
    if not machine.is_optimised():
        _complain("warning: this interpreter was built without profiles (PGO); that flatters us by 10-40%")
    load = machine.load()
    if load is not None and load > QUIET_LOAD:
        _complain(f"warning: others are using this machine (load {load}); measure again when it is quiet")
    records: list[Record] = []
    with one_core() as core:
        report = {
            "date": datetime.now(UTC).strftime("%Y-%m-%d"),
            "machine": machine.facts(_packages()) | {"pinned_to_core": core, "load_average": load},
            "rows": records,
        }
        for row in ROWS:
            if _is_wanted(row, options):
                records.append(_measure(row, options.seconds))
                _keep(report)
        if _is_asked("M1", options.rows):
            records.append(_measure_startup())
        if options.all or "M2" in options.rows:
            records.append(_measure_memory())
        if options.all or "B2" in options.rows:
            records.append(_read_batches())
    _keep(report)
    show(report)
    wrong, missed = _failures(records)
    for text in (*wrong, *missed):
        _complain(text)
    return 1 if wrong or missed else 0


def _keep(report: dict[str, Any]) -> None:
    REPORT.write_text(json.dumps(report, indent=1) + "\n")
    REPORT.with_suffix(".md").write_text(markdown(report))


def _failures(records: list[Record]) -> tuple[list[str], list[str]]:
    wrong = [
        f"wrong answer: {record['id']}, {name}"
        for record in records
        for name, is_correct in record["correct"].items()
        if not is_correct
    ]
    missed = [
        f"required ratio missed {record['attempts']} times: {line['id']}"
        for record in records
        for line in record["lines"]
        if line["is_missed"]
    ]
    return wrong, missed


def _complain(text: object) -> None:
    print(text, file=sys.stderr)


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description="Measure tradewire beside its peers, correctness first.")
    parser.add_argument("--seconds", type=float, default=3.0, help="time for each row (default 3)")
    parser.add_argument("--all", action="store_true", help="also the rows that take long to start")
    parser.add_argument("rows", nargs="*", help="rows to measure, S1 or S1/100B; all if none is named")
    return parser.parse_args()


def _is_wanted(row: Row, options: argparse.Namespace) -> bool:
    return _is_asked(row.id, options.rows) and (options.all or bool(options.rows) or not row.is_long)


def _is_asked(row_id: str, asked: list[str]) -> bool:
    return not asked or row_id in asked or row_id.partition("/")[0] in asked


def _measure(row: Row, seconds: float) -> Record:
    _complain(f"{row.id}: {row.question}")
    correct = {}
    for contender in row.present():
        try:
            row.check(contender)
        except Exception as problem:
            # Whoever breaks down gets no number; the others do.
            _complain(f"{row.id}, {contender.name}: {problem!r}")
            correct[contender.name] = False
        else:
            correct[contender.name] = True
    record = new_record(row.id, row.question, row.ours)
    record["correct"] = correct
    record["absent"] = [contender.name for contender in row.absent()]
    record["notes"] = {contender.name: contender.note for contender in row.present() if contender.note}
    sound = tuple(contender for contender in row.present() if correct[contender.name])
    while correct[row.ours] and record["attempts"] < ATTEMPTS:
        record["attempts"] += 1
        try:
            samples = measure(row, sound, seconds)
        except WrongAnswerError as wrong:
            # A bot that was right when it was looked at and failed while it was timed: the table goes on without it.
            _complain(wrong)
            record["correct"]["while it was timed"] = False
            break
        record["figures"] = rounds_of(samples)
        record["percentiles_ns"] = percentiles_of(samples)
        record["lines"] = judge(row, record["figures"])
        if not any(line["is_missed"] for line in record["lines"]):
            break
    return record


def _measure_startup() -> Record:
    record = new_record("M1", "import tradewire after import asyncio, in a fresh interpreter; then a client")
    record["correct"][OURS] = True
    while record["attempts"] < ATTEMPTS:
        record["attempts"] += 1
        try:
            samples = startup.measure()
        except WrongAnswerError as wrong:
            _complain(wrong)
            record["correct"][OURS] = False
            break
        record["absent"] = [name for name in startup.CONTENDERS if name not in samples]
        for name, figures in samples.items():
            ms, mib = startup.median_of(figures)
            record["figures"][name] = {
                "p50_ms": round(ms, 2),
                "p50_mib": round(mib, 2),
                "rounds": len(figures),
            }
        record["lines"] = judge_startup(samples)
        if not any(line["is_missed"] for line in record["lines"]):
            break
    return record


def _measure_memory() -> Record:
    record = new_record("M2", f"resident memory over {memory.FRAMES} frames, {memory.MARKETS} markets")
    record["attempts"] = 1
    try:
        resident, slope_kib = memory.measure()
    except WrongAnswerError as wrong:
        _complain(wrong)
        record["correct"][OURS] = False
        return record
    record["correct"][OURS] = True
    record["figures"][OURS] = {
        f"{memory.EVERY * number} frames, KiB": size >> 10 for number, size in enumerate(resident, 1)
    }
    is_met = abs(slope_kib) <= memory.BUDGET_KIB
    line = f"{slope_kib:+.0f} KiB in 10^6 frames"
    record["lines"] = [verdict.bound_line("M2", line, f"{memory.BUDGET_KIB:g} KiB", is_met=is_met)]
    return record


def _read_batches() -> Record:
    record = new_record("B2", "one update of a level-2 book and its best levels inside one native call")
    for depth, ns in batch.measured_ns().items():
        record["correct"][OURS] = True
        record["figures"][f"{depth} levels"] = {"p50_ns": round(ns, 1)}
        line = verdict.bound_line(
            f"B2/{depth}",
            f"{ns:.1f} ns",
            f"{batch.BUDGET_NS:g} ns",
            is_met=ns <= batch.BUDGET_NS,
            is_required=False,
        )
        record["lines"].append(line)
    return record


def _packages() -> dict[str, str]:
    versions: dict[str, str] = {}
    for row in ROWS:
        for contender in row.present():
            versions |= contender.versions()
    return dict(sorted(versions.items()))


if __name__ == "__main__":
    sys.exit(main())
