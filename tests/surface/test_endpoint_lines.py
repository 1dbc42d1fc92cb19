"""What an endpoint costs in lines, on average, for every venue.

Counted are the files that hold endpoints; blank lines and imports are not.
"""

from __future__ import annotations

import ast
import importlib
from pathlib import Path

import pytest

import tradewire
from tradewire.registry import BUILT_IN, find_venue

PACKAGE = Path(tradewire.__file__).parent
MOST_CLIENT_LINES = 50
MOST_SANDBOX_LINES = 20


def written(folder: Path) -> int:
    """Return the lines somebody wrote: neither blank nor an import."""
    count = 0
    for file in folder.glob("*.py"):
        text = file.read_text()
        imports = {
            number
            for node in ast.walk(ast.parse(text))
            if isinstance(node, ast.Import | ast.ImportFrom)
            for number in range(node.lineno, (node.end_lineno or node.lineno) + 1)
        }
        count += sum(
            1 for number, line in enumerate(text.splitlines(), 1) if line.strip() and number not in imports
        )
    return count


@pytest.mark.parametrize("venue", BUILT_IN)
def test_an_endpoint_costs_few_lines(venue: str) -> None:
    assert find_venue(venue).client_classes
    # Most subjects of a client are loaded when somebody looks at one.
    for file in (PACKAGE / "venues" / venue / "rest").glob("*.py"):
        importlib.import_module(f"tradewire.venues.{venue}.rest.{file.stem}")
    rows = len(importlib.import_module(f"tradewire.venues.{venue}.api").api.rows)
    subjects = importlib.import_module(f"tradewire.sandbox.venues.{venue}.rest").SUBJECTS
    routes = sum(len([*subject.declared()]) for subject in subjects)
    client = written(PACKAGE / "venues" / venue / "rest") / rows
    sandbox = written(PACKAGE / "sandbox" / "venues" / venue / "rest") / routes
    costs = f"{venue}: {rows} rows of {client:.1f} lines in the client, {routes} routes of {sandbox:.1f} in the sandbox"
    assert (client <= MOST_CLIENT_LINES, sandbox <= MOST_SANDBOX_LINES) == (True, True), costs
