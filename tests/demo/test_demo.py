"""The main job, run as people run it: it must pass, and it must fail when a book is wrong."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest


def run_demo(report: Path, *options: str) -> tuple[int, dict[str, Any], str]:
    done = subprocess.run(
        [sys.executable, "-m", "tradewire", "demo", "--report", str(report), *options],
        capture_output=True,
        text=True,
        timeout=55,
        env={**os.environ, "NO_COLOR": "1", "COLUMNS": "120"},
        check=False,
    )
    return done.returncode, json.loads(report.read_text(encoding="utf-8")), done.stdout + done.stderr


def test_demo_matches_the_venue(tmp_path: Path) -> None:
    status, report, said = run_demo(tmp_path / "report.json", "--seconds", "6")
    assert (status, report["ok"]) == (0, True), said
    coinex = report["venues"]["coinex"]
    assert coinex["book_mismatches"] == coinex["ledger_mismatches"] == 0
    for name in ("frames", "book_checks", "orders_placed", "fills", "resyncs", "reconnects"):
        assert coinex[name] > 0, f"{name}: {said}"
    assert set(coinex["tick_to_trade_us"]) == {"p50", "p99"}
    exchange = report["venues"]["exchange"]
    for name in ("book_mismatches", "queue_mismatches", "ledger_mismatches"):
        assert exchange[name] == 0, f"{name}: {said}"
    for name in ("queue_checks", "orders_placed", "fills", "ledger_checks", "resyncs", "reconnects"):
        assert exchange[name] > 0, f"{name}: {said}"
    assert exchange["fewest_resting_orders"] >= 500
    assert set(exchange["tick_to_trade_us"]) == {"p50", "p99"}
    truex = report["venues"]["truex"]
    for name in ("book_mismatches", "ledger_mismatches"):
        assert truex[name] == 0, f"{name}: {said}"
    for name in ("frames", "book_checks", "orders_placed", "fills", "ledger_checks", "resyncs", "reconnects"):
        assert truex[name] > 0, f"{name}: {said}"
    assert set(truex["tick_to_trade_us"]) == {"p50", "p99"}
    assert "everything matched" in said


def test_demo_fails_when_a_book_is_made_wrong(tmp_path: Path) -> None:
    status, report, said = run_demo(tmp_path / "report.json", "--seconds", "2", "--make-book-wrong")
    assert (status, report["ok"]) == (1, False), said
    assert report["venues"]["coinex"]["book_mismatches"] > 0
    exchange = report["venues"]["exchange"]
    assert exchange["book_mismatches"] + exchange["queue_mismatches"] > 0
    assert report["venues"]["truex"]["book_mismatches"] > 0
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
