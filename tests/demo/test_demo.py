"""The main job, run as people run it: it must pass, and it must fail when a book is wrong."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from support.kits import PRODUCTS


def run_demo(report: Path, *options: str) -> tuple[int, dict[str, Any], str]:
    done = subprocess.run(
        [
            sys.executable,
            "-m",
            "tradewire",
            "demo",
            "--report",
            str(report),
            "--picture",
            str(report.with_suffix(".png")),
            *options,
        ],
        capture_output=True,
        text=True,
        timeout=170,
        env={**os.environ, "NO_COLOR": "1", "COLUMNS": "120"},
        check=False,
    )
    return done.returncode, json.loads(report.read_text(encoding="utf-8")), done.stdout + done.stderr


def report_png(folder: Path) -> bytes:
    return (folder / "report.png").read_bytes()


@pytest.mark.timeout(180)
def test_demo_matches_the_venue(tmp_path: Path) -> None:
    status, report, said = run_demo(tmp_path / "report.json", "--seconds", "6")
    assert (status, report["ok"]) == (0, True), said
    assert list(report["venues"]) == list(PRODUCTS)
    for venue, part in report["venues"].items():
        for name in ("book_mismatches", "queue_mismatches", "ledger_mismatches", "position_mismatches"):
            assert part.get(name, 0) == 0, f"{venue} {name}: {said}"
        for name in (
            "frames",
            "book_checks",
            "orders_placed",
            "fills",
            "ledger_checks",
            "resyncs",
            "reconnects",
        ):
            assert part[name] > 0, f"{venue} {name}: {said}"
        assert set(part["tick_to_trade_us"]) == {"p50", "p99"}
    positions = [part["position_checks"] for part in report["venues"].values() if "position_checks" in part]
    assert min(positions) > 0
    resting = [part["fewest_resting_orders"] for part in report["venues"].values() if "queue_checks" in part]
    assert min(resting) >= 500
    assert "everything matched" in said
    assert "FORCED: the venue drops the connections" in said
    assert report_png(tmp_path).startswith(b"\x89PNG")


@pytest.mark.timeout(180)
def test_demo_fails_when_a_book_is_made_wrong(tmp_path: Path) -> None:
    status, report, said = run_demo(tmp_path / "report.json", "--seconds", "2", "--make-book-wrong")
    assert (status, report["ok"]) == (1, False), said
    for part in report["venues"].values():
        assert part["book_mismatches"] + part.get("queue_mismatches", 0) > 0
    assert "differ from the venue's" in said


@pytest.mark.parametrize("option", [("--seconds", "0"), ("--seconds", "soon"), ("--no-such",)])
def test_demo_refuses_what_it_cannot_do(option: tuple[str, ...]) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "tradewire", "demo", *option],
        capture_output=True,
        text=True,
        timeout=30,
        check=False,
    )
    assert done.returncode == 2
    assert "Usage" in done.stderr
