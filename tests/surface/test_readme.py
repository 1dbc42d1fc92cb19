"""What the README says is so: its first program runs, its commands exist, its version is the changelog's."""

from __future__ import annotations

import re
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

from support.readme import ROOT, TEXT, marked

SAID = r'Level2Book\("BTCUSDT", synced, .*\) open \d+'
"""What the first program prints."""
MOST_LINES = 75
"""One screen, about."""


def test_readme_is_one_screen() -> None:
    assert len(TEXT.splitlines()) <= MOST_LINES


def test_first_program_is_short_and_runs(tmp_path: Path) -> None:
    text = marked("first-program", "python")
    assert len([line for line in text.splitlines() if line.strip()]) <= 16
    program = tmp_path / "program.py"
    program.write_text(text, encoding="utf-8")
    command = [sys.executable, "-W", "error", str(program)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=50, check=False, cwd=tmp_path)
    assert (done.returncode, done.stderr) == (0, "")
    assert re.search(SAID, done.stdout), done.stdout


@pytest.mark.parametrize("link", sorted(set(re.findall(r"\]\(([^)]+)\)", TEXT))))
def test_links_lead_somewhere(link: str) -> None:
    assert (ROOT / link).exists()


@pytest.mark.parametrize("target", sorted(set(re.findall(r"\bmake ([a-z-]+)", TEXT))))
def test_make_targets_exist(target: str) -> None:
    assert f"\n{target}:" in (ROOT / "Makefile").read_text(encoding="utf-8")


def test_changelog_has_this_version() -> None:
    with (ROOT / "Cargo.toml").open("rb") as file:
        version = tomllib.load(file)["workspace"]["package"]["version"]
    assert f"## {version}" in (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")
