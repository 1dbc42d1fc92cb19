"""Ctrl-C, many times and at any moment, ends every command that runs for long, and all that it started."""

from __future__ import annotations

import json
import os
import random
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from support.witness import PATIENCE_S

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="needs POSIX signals")

COMMANDS = {
    "book": ["book", "exchange", "ABC-USD"],
    "demo": ["demo", "exchange"],
    "sandbox": ["sandbox", "exchange", "--rate", "2000"],
}
INTERRUPTED = 130
ABORTED = 1
"""What typer makes of a Ctrl-C."""


def started(arguments: list[str], folder: Path) -> subprocess.Popen[str]:
    """Start a command as a terminal does: in a group of its own, which Ctrl-C is sent to."""
    return subprocess.Popen(
        [sys.executable, "-m", "tradewire", *arguments],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
        cwd=folder,
    )


def press_ctrl_c(process: subprocess.Popen[str], gaps_s: list[float]) -> None:
    for gap_s in gaps_s:
        time.sleep(gap_s)
        if process.poll() is None:
            os.killpg(process.pid, signal.SIGINT)


def alive_in_group(group: int) -> list[str]:
    """Return what ``ps`` says of the processes of a group; those that have ended and wait for a parent are none."""
    listed = subprocess.run(["ps", "-eo", "pgid=,stat=,args="], capture_output=True, text=True, check=True)
    rows = [row.split(maxsplit=2) for row in listed.stdout.splitlines()]
    return [" ".join(row) for row in rows if row[0] == str(group) and not row[1].startswith("Z")]


@pytest.mark.parametrize("command", COMMANDS)
def test_at_any_moment_it_ends_and_leaves_nothing_behind(command: str, tmp_path: Path) -> None:
    chance = random.Random(command)
    gaps_s = [chance.uniform(0.0, 3.0), *(chance.choice([0.0, 0.05]) for _ in range(chance.randint(1, 8)))]
    with started(COMMANDS[command], tmp_path) as process:
        press_ctrl_c(process, gaps_s)
        process.communicate(timeout=PATIENCE_S)
    # Before Python has begun it ends by the signal, while it begins with a traceback of its own.
    assert process.returncode in {0, ABORTED, INTERRUPTED, -signal.SIGINT}
    end_s = time.monotonic() + PATIENCE_S
    while left := alive_in_group(process.pid):
        assert time.monotonic() < end_s, left
        time.sleep(0.05)


def test_a_sandbox_under_load_ends_in_order(tmp_path: Path) -> None:
    with started([*COMMANDS["sandbox"], "--json"], tmp_path) as process:
        assert process.stdout is not None
        url = urlsplit(json.loads(process.stdout.readline())["exchange"]["rest_url"])
        # Requests under way and connections that say nothing.
        sockets = [socket.create_connection((url.hostname or "", url.port or 0)) for _ in range(50)]
        for one in sockets[::2]:
            one.sendall(b"GET /api/v1/markets HTTP/1.1\r\nHost: sandbox\r\n\r\n" * 20)
        press_ctrl_c(process, [0.0, 0.0, 0.01, 0.0, 0.1])
        _, complaints = process.communicate(timeout=PATIENCE_S)
        for one in sockets:
            one.close()
    # One that comes when all is closed may still be taken for an abort.
    assert process.returncode in {0, ABORTED}
    assert "Traceback" not in complaints
