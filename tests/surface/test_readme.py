"""What the README says is so: its first program runs, its commands exist, its version is the changelog's."""

from __future__ import annotations

import json
import re
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
README = (ROOT / "README.md").read_text(encoding="utf-8")


def first_program() -> str:
    found = re.search(r"<!-- first-program:start -->\n```python\n(.*?)```", README, re.DOTALL)
    assert found, "the README lost its first program"
    return found[1]


def test_first_program_is_short() -> None:
    assert len([line for line in first_program().splitlines() if line.strip()]) <= 15


def test_first_program_runs(tmp_path: Path) -> None:
    program = tmp_path / "first.py"
    program.write_text(first_program(), encoding="utf-8")
    command = [sys.executable, "-W", "error", str(program)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=50, check=False, cwd=tmp_path)
    assert (done.returncode, done.stderr) == (0, "")
    assert re.search(r'Level2Book\("BTCUSDT", synced, .*\) open \d+', done.stdout), done.stdout


@pytest.mark.parametrize("target", sorted(set(re.findall(r"\bmake ([a-z-]+)", README))))
def test_make_targets_exist(target: str) -> None:
    assert f"\n{target}:" in (ROOT / "Makefile").read_text(encoding="utf-8")


def test_number_of_endpoints_is_true() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "tradewire", "endpoints", "coinex", "--json"],
        capture_output=True, text=True, timeout=30, check=True,
    )  # fmt: skip
    rows = json.loads(done.stdout)
    rest = sum(1 for row in rows if not row["ws"])
    streams = sum(1 for row in rows if row["ws"] and row["name"].endswith(".subscribe"))
    assert f"{rest} REST endpoints" in README
    assert f"{streams} streams" in README


def test_changelog_has_this_version() -> None:
    with (ROOT / "Cargo.toml").open("rb") as file:
        version = tomllib.load(file)["workspace"]["package"]["version"]
    assert f"## {version}" in (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")
