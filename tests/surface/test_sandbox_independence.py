"""The sandbox verifies with the standard library; import contracts cannot see the compiled module, so this looks."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

SANDBOX = Path(__file__).parents[2] / "python" / "tradewire" / "sandbox"
SOURCES = sorted(SANDBOX.rglob("*.py"))
ALLOWED = ("tradewire.sandbox", "tradewire.errors", "tradewire.registry")


def imported(source: Path) -> set[str]:
    names: set[str] = set()
    for node in ast.walk(ast.parse(source.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module is not None:
            names |= {f"{node.module}.{alias.name}" for alias in node.names}
    return names


def test_there_is_something_to_look_at() -> None:
    assert len(SOURCES) > 20


@pytest.mark.parametrize("source", SOURCES, ids=lambda path: str(path.relative_to(SANDBOX)))
def test_sandbox_imports_nothing_of_ours_but_itself(source: Path) -> None:
    ours = {name for name in imported(source) if name.split(".")[0] == "tradewire"}
    assert {name for name in ours if not name.startswith(ALLOWED)} == set()
