"""The vendor's own demo programs, from a checkout that the reader has: only addresses and keys are changed.

Its repository carries no licence, so none of it stands here. Each program runs for some seconds in a folder of its own:
one of them is called like a module that another one imports.
"""

from __future__ import annotations

import ast
import contextlib
import json
import subprocess
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

from peers.oracle import Oracle, number

__all__ = ["GROUP", "run"]

GROUP = "The vendor's demo programs"
RUNS_S = 6.0
REST, SPOT = "https://api.coinex.com/v2", "wss://socket.coinex.com/v2/spot"


class Program(NamedTuple):
    """One program and what must come of it."""

    name: str
    path: str
    judge: Callable[[str, Oracle], None]


def judge_rest(output: str, oracle: Oracle) -> None:
    """Require market, balance, address and order to be as the venue has them."""
    lines = [line for line in output.splitlines() if line.startswith("{")]
    assert len(lines) >= 4, output
    # Python's own spelling of documents, which is what the program prints.
    market, balance, _, order = map(ast.literal_eval, lines[:4])
    assert market["data"] == oracle.public("spot/market", market="BTCUSDT"), market
    held = {row["ccy"]: row for row in balance["data"]}
    assert held.keys() == oracle.ledger()["balances"].keys(), balance
    own = oracle.order(order["data"]["order_id"])
    assert (own["client_id"], number(own["amount"]), own["status"]) == ("user1", 10000, "open"), order


def judge_account_stream(output: str, _: Oracle) -> None:
    """Require the sign-in, a book and the pongs."""
    assert "Authentication Result:  {'id': 1, 'code': 0, 'message': 'OK'}" in output, output
    assert "'method': 'depth.update'" in output, output
    assert "'result': 'pong'" in output, output
    assert "An error occurred" not in output, output


def judge_depth(output: str, _: Oracle) -> None:
    """Require every checksum to match that the program computes over its own book."""
    assert output.count("checksum success") > 3, output[-500:]
    assert "checksum failed" not in output
    assert "on_error" not in output, output[-500:]


PROGRAMS = (
    Program("REST: market, balance, deposit address, order", "python/api.py", judge_rest),
    Program("WebSocket: sign in, depth, balance, ping", "python/websocket.py", judge_account_stream),
    Program("WebSocket: depth with checksums", "python/websocket_depth.py", judge_depth),
)


def run(checkout: Path, keys: dict[str, Any]) -> list[tuple[str, str, str]]:
    """Return group, name and outcome of each program."""
    oracle = Oracle(keys)
    # The books must move for the depth program to have something to check.
    oracle.act("traffic", rate=200.0)
    outcomes = []
    for program in PROGRAMS:
        outcome = ""
        try:
            program.judge(output_of(checkout / program.path, keys), oracle)
        except (AssertionError, OSError, LookupError, TypeError) as error:
            outcome = f"{type(error).__name__}: {error}"[:500].replace("\n", " ")
        outcomes.append((GROUP, program.name, outcome))
    return outcomes


def output_of(program: Path, keys: dict[str, Any]) -> str:
    """Run a program with the sandbox's addresses and keys and return what it printed."""
    text = program.read_text(encoding="utf-8").replace(REST, keys["rest_url"])
    text = text.replace(SPOT, keys["ws_spot_url"])
    for name, value in (("access_id", "access_id"), ("secret_key", "secret"), ("WS_URL", "ws_spot_url")):
        text = text.replace(f'{name} = ""', f"{name} = {json.dumps(keys[value])}")
    with tempfile.TemporaryDirectory() as folder:
        copy = Path(folder) / program.name
        copy.write_text(text, encoding="utf-8")
        with subprocess.Popen(
            [sys.executable, "-u", str(copy)],
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            cwd=folder,
        ) as process:
            with contextlib.suppress(subprocess.TimeoutExpired):
                return process.communicate(timeout=RUNS_S)[0]
            process.kill()
            return process.communicate()[0]
