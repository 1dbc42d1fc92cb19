"""What the README says is so: its first program runs, its commands exist, its version is the changelog's."""

from __future__ import annotations

import asyncio
import json
import os
import re
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

from support.readme import ROOT, TEXT, marked, programs
from tradewire.sandbox import Sandbox

SAID = {
    "first": r'Level2Book\("BTCUSDT", synced, .*\) open \d+',
    "futures": r"^filled FuturesPosition\(.*market='BTCUSDT', size=Decimal\('0\.01'\)",
    "exchange": r"^open \d+ \d+ -?\d+$",
    "truex": r"(?s)^filled [\d.]+ [\d.]+\nFill\(.*market='BTC-PYUSD'",
}
"""What the programs print."""


def test_every_program_is_tried() -> None:
    assert programs().keys() == SAID.keys()


@pytest.mark.parametrize("name", SAID)
def test_program_is_short_and_runs(name: str, tmp_path: Path) -> None:
    text = marked(f"{name}-program", "python")
    assert len([line for line in text.splitlines() if line.strip()]) <= 16
    program = tmp_path / "program.py"
    program.write_text(text, encoding="utf-8")
    command = [sys.executable, "-W", "error", str(program)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=50, check=False, cwd=tmp_path)
    assert (done.returncode, done.stderr) == (0, "")
    assert re.search(SAID[name], done.stdout), done.stdout


@pytest.mark.skipif(shutil.which("curl") is None, reason="there is no curl")
async def test_curl_trades_with_the_examples() -> None:
    commands = marked("curl", "").replace("\\\n", " ").splitlines()
    assert len(commands) == 4
    answers = []
    async with Sandbox(["exchange"], rate=0) as box:
        venue = box.exchange
        for command in commands:
            running = await asyncio.create_subprocess_shell(
                f"{command} --silent --show-error --fail --noproxy '*'",
                stdout=asyncio.subprocess.PIPE,
                env={**os.environ, "URL": venue.rest_url, "KEY": venue.api_key},
            )
            out, _ = await asyncio.wait_for(running.communicate(), 20)
            assert running.returncode == 0, command
            answers.append(json.loads(out))
    markets, placed, still_open, made = answers
    assert "ABC-USD" in {market["market_id"] for market in markets}
    assert placed["order"]["remaining"] == 5
    assert [order["quantity"] for order in still_open] == [5]
    assert made["profile"]["username"] == "desk-7"


@pytest.mark.parametrize("target", sorted(set(re.findall(r"\bmake ([a-z-]+)", TEXT))))
def test_make_targets_exist(target: str) -> None:
    assert f"\n{target}:" in (ROOT / "Makefile").read_text(encoding="utf-8")


@pytest.mark.parametrize("venue", ["coinex", "exchange", "truex"])
def test_number_of_endpoints_is_true(venue: str) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "tradewire", "endpoints", venue, "--json"],
        capture_output=True, text=True, timeout=30, check=True,
    )  # fmt: skip
    rows = json.loads(done.stdout)
    [said] = re.findall(rf"^\| {venue}\b.*$", TEXT, re.MULTILINE | re.IGNORECASE)
    rest = sum(1 for row in rows if not row["ws"] and row["path"] != "/ws")
    assert f" {rest} REST endpoints" in said
    if venue == "coinex":
        streams = sum(1 for row in rows if row["ws"] and row["name"].endswith(".subscribe"))
        assert f" {streams} streams" in said


def test_changelog_has_this_version() -> None:
    with (ROOT / "Cargo.toml").open("rb") as file:
        version = tomllib.load(file)["workspace"]["package"]["version"]
    assert f"## {version}" in (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")
