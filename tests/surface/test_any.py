"""``Any`` does not occur in the venues and the sessions, but for these lines, each with its reason."""

from __future__ import annotations

import ast
from pathlib import Path

import tradewire

PACKAGE = Path(tradewire.__file__).parent
ALLOWED = {
    "session/account.py": (1, "the alias for an account of whatever venue"),
    "session/lifetime.py": (3, "only a venue knows the events of its streams, and what its sandbox has"),
    "session/lane.py": (1, "orders of every lane wait in one list until their bytes are written"),
    "session/raw.py": (1, "the JSON of any reply"),
    "session/stream.py": (4, "the topic of a channel says what its items are; one table holds all"),
    "session/subscription.py": (
        1,
        "the alias for a subscription to whatever; callbacks make its type invariant",
    ),
    "venues/coinex/api.py": (6, "methods of any arguments are marked and copied, as rows do"),
    "venues/coinex/dialect.py": (1, "keyword arguments that all errors share"),
    "venues/exchange/rest/market_data.py": (3, "an OpenAPI document holds what it likes"),
}


def uses(file: Path) -> int:
    return sum(
        isinstance(node, ast.Name) and node.id == "Any" for node in ast.walk(ast.parse(file.read_text()))
    )


def test_any_occurs_where_it_has_a_reason_and_nowhere_else() -> None:
    files = [file for folder in ("session", "venues") for file in (PACKAGE / folder).rglob("*.py")]
    found = {file.relative_to(PACKAGE).as_posix(): count for file in files if (count := uses(file))}
    assert found == {file: count for file, (count, _) in ALLOWED.items()}
