"""What a user types strictly is typed: the programs of the documentation, and one bot that runs on every venue."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from support import readme, strict_bot
from support.kits import PRODUCTS
from support.pages import blocks
from tradewire.model import OrderStatus

FAULTS = """
from tradewire import Sandbox

def inject(box: Sandbox) -> None:
    box.coinex.faults.corrupt_checksum()
    box.exchange.faults.lost_ack(count=2)
    box.coinex.faults.lost_ack()
    box.truex.faults.corrupt_checksum()
"""
"""The last two are faults that these venues cannot have."""
BOT = Path(strict_bot.__file__)


def checked(folder: Path, *files: Path) -> str:
    """Return what mypy, strict, has to say of some files."""
    done = subprocess.run(
        [sys.executable, "-m", "mypy", "--strict", "--cache-dir", str(folder / "cache"), *map(str, files)],
        capture_output=True,
        text=True,
        timeout=280,
        check=False,
        cwd=folder,
        env={**os.environ, "MYPYPATH": str(readme.ROOT / "python")},
    )
    return done.stdout + done.stderr


@pytest.mark.parametrize("venue", PRODUCTS)
async def test_a_bot_typed_against_the_common_interface_trades(venue: str) -> None:
    order = await strict_bot.on_sandbox(venue)
    assert order.status is OrderStatus.FILLED


@pytest.mark.timeout(300)
def test_the_bot_and_the_programs_are_typed_and_mistakes_are_seen(tmp_path: Path) -> None:
    files = [BOT]
    for block in blocks("python"):
        files.append(tmp_path / f"{block.name.replace('-', '_')}.py")
        files[-1].write_text(block.text, encoding="utf-8")
    assert checked(tmp_path, *files).startswith(f"Success: no issues found in {len(files)} source files")
    wrong = tmp_path / "wrong_bot.py"
    source = BOT.read_text(encoding="utf-8")
    for right, mistake in (
        ("book.top()", "book.best_bidder()"),
        ("client.load_markets()", "client.load_market()"),
        ("capabilities.post_only", "capabilities.book"),
        ("event.top_changed", "event.top_chained"),
        ("fill.trade_id", "fill.trade"),
    ):
        assert right in source
        source = source.replace(right, mistake, 1)
    wrong.write_text(source, encoding="utf-8")
    faults = tmp_path / "faults_of_a_venue.py"
    faults.write_text(FAULTS, encoding="utf-8")
    said = checked(tmp_path, wrong, faults)
    assert [line.partition(":")[0] for line in said.splitlines() if "faults_of" in line] == [faults.name] * 2
    for mistake in (
        '"CoinExFaults" has no attribute "lost_ack"',
        '"TrueXFaults" has no',
        "best_bidder",
        "load_market",
        "top_chained",
        '"trade"',
        'expected "bool"',
    ):
        assert mistake in said, said
