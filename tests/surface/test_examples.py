"""Every example runs to its end and does what it says."""

from __future__ import annotations

import ast
import json
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import matplotlib as mpl
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


async def test_notebook_runs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    mpl.use("agg")
    monkeypatch.chdir(tmp_path)
    cells = json.loads((EXAMPLES / "plots.ipynb").read_text(encoding="utf-8"))["cells"]
    names: dict[str, Any] = {}
    for number, cell in enumerate(cells):
        if cell["cell_type"] == "code":
            # As in a notebook, await stands on its own.
            flags = ast.PyCF_ALLOW_TOP_LEVEL_AWAIT
            waiting = eval(compile("".join(cell["source"]), f"cell {number}", "exec", flags), names)
            if waiting is not None:
                await waiting
    assert (tmp_path / "market.png").read_bytes().startswith(b"\x89PNG")
    assert len(names["quotes"]) > 3
    assert len(names["depth"]) >= 20


def test_every_example_is_run() -> None:
    assert {line.split()[0] for line in RUNS} == {path.name for path in EXAMPLES.glob("*.py")}
