"""``make bench-compare BASE=<commit>``: our contenders at another commit and now, interleaved; only ours, no peers.

python benches/python/compare.py BASE_PACKAGES [ROW ...]    where the other commit's wheel is installed

Each side is a process of its own that runs one lap when it is told to and sleeps otherwise; the order turns every
round. Both run the benches of now: a row that the other commit cannot do is named and left out.
"""

import argparse
import contextlib
import gc
import json
import os
import subprocess
import sys
from pathlib import Path
from statistics import median
from time import perf_counter
from typing import Any

from bench import timing

WORKER = "--worker"
SIDES = ("base", "now")
WARM_UP_ROUNDS, LEAST_ROUNDS = 3, 15
NOISE = 0.03
"""Medians that lie closer than this are called the same."""


class Side:
    """One commit's package in a process of its own."""

    def __init__(self, packages: str) -> None:
        here = Path(__file__).parent
        path = os.pathsep.join(filter(None, (packages, os.environ.get("PYTHONPATH", ""))))
        self._process = subprocess.Popen(
            [sys.executable, str(here / "compare.py"), WORKER],
            env=os.environ | {"PYTHONPATH": path},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )

    def ask(self, *words: str) -> Any:
        """Give a command and return the answer."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(json.dumps(words) + "\n")
        self._process.stdin.flush()
        line = self._process.stdout.readline()
        return json.loads(line) if line else {"error": "the process is gone"}

    def close(self) -> None:
        """End the process in its own time, with what it started."""
        assert self._process.stdin is not None
        self._process.stdin.close()
        try:
            self._process.wait(20)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()


def main() -> int:
    """Compare the rows that were asked for."""
    if sys.argv[1:] == [WORKER]:
        return _work()
    parser = argparse.ArgumentParser(description="Compare two commits, interleaved.")
    parser.add_argument("packages", help="where the other commit's wheel is installed")
    parser.add_argument("--seconds", type=float, default=3.0, help="time for each row (default 3)")
    parser.add_argument("rows", nargs="*", help="rows to compare, all but the long ones if none is named")
    options = parser.parse_intermixed_args()
    with timing.one_core(), contextlib.ExitStack() as stack:
        sides = {}
        for name, packages in zip(SIDES, (options.packages, ""), strict=True):
            sides[name] = side = Side(packages)
            stack.callback(side.close)
        where = [side.ask("where") for side in sides.values()]
        print(f"base is {where[0]}, now is {where[1]}")
        if where[0] == where[1]:
            print("both are the same package", file=sys.stderr)
            return 1
        print("| row | base | now | base / now | |\n| --- | --- | --- | --- | --- |")
        for row_id in sides["now"].ask("rows", *options.rows):
            print(_compare(row_id, sides, options.seconds), flush=True)
    return 0


def _compare(row_id: str, sides: dict[str, Side], seconds: float) -> str:
    wrong = {name: side.ask("check", row_id) for name, side in sides.items()}
    for name, reason in wrong.items():
        if reason:
            return f"| {row_id} | - | - | - | {name}: {reason} |"
    figures: dict[str, list[float]] = {name: [] for name in SIDES}
    order, began_s, rounds = list(SIDES), perf_counter(), -WARM_UP_ROUNDS
    while rounds < LEAST_ROUNDS or perf_counter() < began_s + seconds:
        for name in order:
            took_ns = sides[name].ask("lap", row_id)
            if not isinstance(took_ns, float):
                return f"| {row_id} | - | - | - | {name}: {took_ns['error']} |"
            if rounds >= 0:
                figures[name].append(took_ns)
        order.reverse()
        rounds += 1
    base_ns, now_ns = (median(figures[name]) for name in SIDES)
    ratio = base_ns / now_ns
    word = "same" if abs(ratio - 1) < NOISE else "faster" if ratio > 1 else "SLOWER"
    return f"| {row_id} | {base_ns:.0f} ns | {now_ns:.0f} ns | {ratio:.2f}x | {word} |"


def _work() -> int:
    """Answer one command a line; whatever else prints goes to standard error."""
    out, sys.stdout = sys.stdout, sys.stderr
    from bench.rows import ROWS

    import tradewire

    rows = {row.id: row for row in ROWS}
    gc.collect()
    gc.freeze()
    gc.disable()
    for line in sys.stdin:
        command, *words = json.loads(line)
        answer: object
        if command == "where":
            answer = str(Path(tradewire.__file__).parent)
        elif command == "rows":
            answer = [
                row.id
                for row in ROWS
                if (not row.is_long if not words else row.id in words or row.id.partition("/")[0] in words)
            ]
        else:
            row = rows[words[0]]
            contender = next(one for one in row.contenders if one.name == row.ours)
            try:
                if command == "check":
                    row.check(contender)
                    answer = ""
                else:
                    answer = timing.lap(contender)[0] / row.operations
                    gc.collect()
            except Exception as problem:
                # The other commit may lack anything.
                text = f"{type(problem).__name__}: {problem}"[:160]
                answer = text if command == "check" else {"error": text}
        print(json.dumps(answer), file=out, flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
