"""What stands between marks in the README."""

from __future__ import annotations

import re
from pathlib import Path

__all__ = ["ROOT", "TEXT", "marked"]

ROOT = Path(__file__).parents[2]
TEXT = (ROOT / "README.md").read_text(encoding="utf-8")


def marked(name: str, language: str) -> str:
    """Return the block of the README that stands between the marks of ``name``."""
    found = re.search(rf"<!-- {name}:start -->\n```{language}\n(.*?)```", TEXT, re.DOTALL)
    assert found, f"the README lost its {name}"
    return found[1]
