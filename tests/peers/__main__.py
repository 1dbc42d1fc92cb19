"""Run every stranger against a sandbox of its own and write who could do what: ``python -m peers``.

Exit status 0 only if each check went as the list of what strangers cannot do says.
"""

from __future__ import annotations

import argparse
import contextlib
import json
import os
import shlex
import subprocess
import sys
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import Any

from peers import vendor
from peers.known import KNOWN
from peers.report import write
from peers.strangers import STRANGERS

ROOT = Path(__file__).resolve().parents[2]
LONGEST_S = 180


@contextlib.contextmanager
def sandbox(like: str) -> Iterator[dict[str, Any]]:
    """Run a sandbox and yield its addresses and keys."""
    own = os.environ | {"PYTHONPATH": str(ROOT / "python")}
    python = str(ROOT / ".venv" / "bin" / "python")
    options = ["--json", "--rate", "0", "--set", "push_ms=50", *shlex.split(like)]
    command = [python, "-m", "tradewire", "sandbox", "coinex", *options]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=own) as process:
        assert process.stdout is not None
        try:
            yield json.loads(process.stdout.readline())["coinex"]
        finally:
            process.terminate()


def outcomes_of(name: str, like: str) -> list[tuple[str, str, str]]:
    """Return group, name and outcome of each check of a stranger, in a process of its own."""
    with sandbox(like) as keys:
        done = subprocess.run(
            [sys.executable, "-m", "peers.one", name],
            input=json.dumps(keys),
            stdout=subprocess.PIPE,
            text=True,
            timeout=LONGEST_S,
            check=True,
            env=os.environ | {"PYTHONPATH": str(ROOT / "tests")},
        )
    return [(group, check, outcome) for group, check, outcome in json.loads(done.stdout.splitlines()[-1])]


def vendor_outcomes(checkout: Path, like: str) -> list[tuple[str, str, str]]:
    """Return the same of the vendor's demo programs."""
    with sandbox(like) as keys:
        return vendor.run(checkout, keys)


def main() -> int:
    """Run, write the table, return the exit status."""
    parser = argparse.ArgumentParser(prog="python -m peers", description=__doc__)
    parser.add_argument("strangers", nargs="*", choices=[*STRANGERS, []], help="who runs; all by default")
    parser.add_argument("--sandbox", help="options of the sandbox; those of each stranger by default")
    parser.add_argument("--vendor", type=Path, help="checkout of the vendor's coinex_api_demo, run as well")
    parser.add_argument("--table", type=Path, help="Markdown file whose table is replaced")
    wanted = parser.parse_args()
    table: dict[tuple[str, str], dict[str, str]] = {}
    surprises = 0
    runs = {
        name: partial(outcomes_of, name, wanted.sandbox or STRANGERS[name].sandbox)
        for name in wanted.strangers or STRANGERS
    }
    if wanted.vendor:
        runs["vendor"] = partial(vendor_outcomes, wanted.vendor, wanted.sandbox or "--like live")
    for name, work in runs.items():
        for group, check, outcome in work():
            if name in STRANGERS:
                table.setdefault((group, check), {})[name] = outcome
            reason = KNOWN.get((name, group, check)) or KNOWN.get(("", group, check))
            is_as_known = bool(outcome) == bool(reason)
            surprises += not is_as_known
            mark = ("ok" if not outcome else "known") if is_as_known else "NOW WORKS" if reason else "FAILED"
            sys.stdout.write(f"{mark:9} {name:14} {group}: {check}  {outcome}\n")
    if wanted.table:
        write(wanted.table, table)
    sys.stdout.write(f"{surprises} surprises\n")
    return 1 if surprises else 0


if __name__ == "__main__":
    sys.exit(main())
