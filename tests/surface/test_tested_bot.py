"""The example bot passes its three tests, and each of them catches the bug it is there for."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from support.readme import ROOT

EXAMPLES = ROOT / "examples" / "tested_bot"
PLANTED = {
    "test_it_quotes_the_venues_best_prices_again": (
        # A book that cannot be read for a moment ends the quoting.
        "        except NotSynced:\n            return None",
        "        except NotSynced:\n            self.is_quoting = not self.quotes\n            return None",
        "at_s = 3.0\nfault = 'ws.no_connection'\ncount = 3\nreason = 'reset'",
    ),
    "test_no_quote_is_sent_again_while_its_fate_is_unknown": (
        # An order whose reply is lost is sent again.
        "            # It may rest at the venue: it stays our quote while that is being asked for.\n            return",
        "            del self.quotes[side]\n            await self.quote(side, price)",
        "at_s = 0.1\nfault = 'lost_reply'\nrequests = 'place'",
    ),
    "test_its_position_is_what_the_venue_says": (
        # What was sold is counted as if it were bought.
        "fill.size if fill.side is Side.BUY else -fill.size",
        "fill.size",
        "at_s = 2.0\nfault = 'duplicate_push'\ntopic = 'fills'",
    ),
}
"""By test: what is right, what is wrong instead, and one fault."""
SEEDS = "5"
"""Chance decides when the market trades; one of these does."""


def run(folder: Path, *arguments: str) -> tuple[int, str]:
    shutil.copy(EXAMPLES / "test_market_maker.py", folder)
    # A user's folder has no settings of ours; the plugin is there by its entry point where tradewire is installed.
    (folder / "pytest.ini").write_text("[pytest]\naddopts = -p no:cacheprovider\n")
    plugins = ["-p", "no:tradewire", "-p", "tradewire.testing.pytest_plugin", "-p", "no:asyncio"]
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", *plugins, *arguments],
        cwd=folder, capture_output=True, text=True, timeout=100, check=False,
    )  # fmt: skip
    return done.returncode, done.stdout + done.stderr


def test_the_bot_passes_its_tests_on_every_venue(tmp_path: Path) -> None:
    shutil.copy(EXAMPLES / "market_maker.py", tmp_path)
    status, said = run(tmp_path, "--chaos-seeds", "1")
    assert (status, "12 passed" in said) == (0, True), said


@pytest.mark.parametrize("test", PLANTED)
def test_each_test_catches_the_bug_it_is_there_for(test: str, tmp_path: Path) -> None:
    right, wrong, fault = PLANTED[test]
    source = (EXAMPLES / "market_maker.py").read_text()
    assert source.count(right) == 1
    (tmp_path / "market_maker.py").write_text(source.replace(right, wrong))
    (tmp_path / "faults.toml").write_text(f"[[faults]]\n{fault}\n")
    only = f"{test} and coinex and not futures"
    status, said = run(tmp_path, "-k", only, "--chaos-seeds", SEEDS, "--chaos-faults", "faults.toml")
    assert status == 1, said
    assert "coinex, seed " in said
    assert f'again: pytest "test_market_maker.py::{test}[coinex]" --chaos-seed ' in said
