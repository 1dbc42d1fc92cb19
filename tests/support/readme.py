"""The README's programs. ``python -m support.readme FOLDER`` writes each into a file, for type checkers."""

from __future__ import annotations

import re
import sys
from pathlib import Path

__all__ = ["ROOT", "TEXT", "marked", "programs"]

ROOT = Path(__file__).parents[2]
TEXT = (ROOT / "README.md").read_text(encoding="utf-8")


def marked(name: str, language: str) -> str:
    """Return the block of the README that stands between the marks of ``name``."""
    found = re.search(rf"<!-- {name}:start -->\n```{language}\n(.*?)```", TEXT, re.DOTALL)
    assert found, f"the README lost its {name}"
    return found[1]


def programs() -> dict[str, str]:
    """Return every program by name."""
    names = re.findall(r"<!-- ([a-z]+)-program:start -->", TEXT)
    return {name: marked(f"{name}-program", "python") for name in names}


if __name__ == "__main__":
    for name, text in programs().items():
        (Path(sys.argv[1]) / f"{name}_program.py").write_text(text, encoding="utf-8")
