"""Print the interpreters that wheels are built for: every CPython from 3.11 on that is found, one command each.

With the path of a wheel: the interpreter that can install it.
"""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import sys
from pathlib import Path

OLDEST = (3, 11)
ASK = """
import json, sys, sysconfig
free = bool(sysconfig.get_config_var("Py_GIL_DISABLED"))
where = getattr(sys, "_base_executable", sys.executable)
print(json.dumps([sys.implementation.name, sys.version_info[:2], free, where]))
"""


def found() -> dict[str, str]:
    """Return a command of each interpreter by its tag, such as ``cp312`` or ``cp314t``."""
    places = [
        Path(path)
        for minor in range(11, 30)
        for path in (_which(f"python3.{minor}"), _which(f"python3.{minor}t"))
        if path
    ]
    versions = Path.home() / ".pyenv" / "versions"
    places += sorted(versions.glob("3.*/bin/python3"))
    interpreters: dict[str, str] = {}
    for place in [Path(sys.executable), *places]:
        done = subprocess.run(
            [str(place), "-c", ASK], capture_output=True, text=True, check=False, timeout=20
        )
        if done.returncode:
            continue
        name, version, is_free_threaded, executable = json.loads(done.stdout)
        if name == "cpython" and tuple(version) >= OLDEST:
            tag = f"cp{version[0]}{version[1]}{'t' if is_free_threaded else ''}"
            interpreters.setdefault(tag, executable)
    return interpreters


def _which(name: str) -> str:
    return shutil.which(name) or ""


if __name__ == "__main__":
    interpreters = found()
    if len(sys.argv) > 1:
        tag = re.search(r"-(cp\d+)-(cp\d+t?)-", sys.argv[1])
        print(interpreters.get(tag[2] if tag else "", sys.executable))
    else:
        print(*interpreters.values())
