"""Every example runs to its end and does what it says."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

from support.pages import EXAMPLES
from support.recorded import record

RUNS = {
    "market_maker.py coinex --seconds 2": r"^BTCUSDT: \d+ fills, bought [\d.]+, sold [\d.]+, held -?[\d.]+$",
    "market_maker.py exchange --seconds 2": r"^ABC-USD: \d+ fills",
    "twap.py --slices 2 --seconds 2": r"paid 6\d{4}\.\d\d on average, the middle was 6\d{4}",
    "arbitrage.py --seconds 2": r"^\d+ pairs, \d+ filled on both legs, gained -?[\d.]+ before fees",
    "queue_position.py": r"(?s)^\d+ orders with \d+ stand ahead of ours at \d+\n.*(open|filled|partially_filled)$",
    "recorder.py NEW.twrec --seconds 1": r"(?s)^\d+ records in 1 file, 0 lost\ncoinex .*\d+ received",
    "replay_bot.py RECORDED.twrec": r"(?s)^coinex: \d+\.\d s, \d+ pushes, \d+ orders rested.*BTCUSDT: profit",
}
"""What each prints."""


@pytest.mark.parametrize("line", RUNS)
def test_example_runs(line: str, tmp_path: Path) -> None:
    name, *arguments = line.split()
    if "RECORDED.twrec" in arguments:
        record("coinex", tmp_path / "RECORDED.twrec", seconds=6.0)
    command = [sys.executable, "-W", "error", str(EXAMPLES / name), *arguments]
    done = subprocess.run(command, capture_output=True, text=True, timeout=50, check=False, cwd=tmp_path)
    assert (done.returncode, done.stderr) == (0, "")
    assert re.search(RUNS[line], done.stdout.strip()), done.stdout


def test_every_example_is_run() -> None:
    assert {line.split()[0] for line in RUNS} == {path.name for path in EXAMPLES.iterdir() if path.is_file()}
