"""The steps of the workflows. ``python -m support.workflows`` checks that the make targets and files they name exist.

``--run`` runs those that need nothing but this machine, as they stand.
"""

from __future__ import annotations

import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML  # type: ignore[import-not-found]  # there for make workflows alone

ROOT = Path(__file__).parents[2]


def steps() -> Iterator[tuple[str, str]]:
    """Yield workflow and job, and the command, of every step that runs one."""
    for path in sorted((ROOT / ".github" / "workflows").glob("*.yml")):
        document: dict[str, Any] = YAML(typ="safe").load(path)
        for job, described in document["jobs"].items():
            for step in described["steps"]:
                if "run" in step:
                    yield f"{path.name}: {job}", step["run"].strip()


def missing(command: str) -> list[str]:
    """Return the make targets and the scripts of ours that a command names and that are not there."""
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    targets = [one for one in re.findall(r"\bmake ([a-z-]+)", command) if f"\n{one}:" not in makefile]
    scripts = [one for one in re.findall(r"\btests/\S+\.(?:sh|py)", command) if not (ROOT / one).exists()]
    return [*targets, *scripts]


def main() -> int:
    """Check every step, or run those that can run here."""
    status = 0
    for place, command in steps():
        for name in missing(command):
            print(f"{place}: {name} is not there")
            status = 1
        if "--run" in sys.argv and re.fullmatch(r"make [a-z-]+", command) and command != "make fuzz":
            print(f"== {place}: {command}", flush=True)
            status |= subprocess.run(command.split(), cwd=ROOT, check=False).returncode
    return status


if __name__ == "__main__":
    sys.exit(main())
