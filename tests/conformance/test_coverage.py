"""Everything a venue has is covered: every operation in every spelling, every message of its streams.

The vectors are the published operations and messages as the fact sheets list them.
"""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tradewire.registry import BUILT_IN, find_venue

FOLDER = Path(__file__).parents[1] / "vectors"
VENUES = tuple(BUILT_IN)


def vectors_of(venue: str) -> Any:
    return json.loads((FOLDER / f"{venue}_endpoints.json").read_text(encoding="utf-8"))


@pytest.fixture(scope="module", params=VENUES)
def covered(request: pytest.FixtureRequest) -> tuple[str, list[dict[str, Any]]]:
    venue: str = request.param
    done = subprocess.run(
        [sys.executable, "-m", "tradewire", "endpoints", venue, "--json"],
        capture_output=True,
        check=True,
        timeout=30,
    )
    return venue, json.loads(done.stdout)


def test_every_operation_is_there_with_its_deprecated_spellings(
    covered: tuple[str, list[dict[str, Any]]],
) -> None:
    venue, told = covered
    ours = {f"{row['method']} {row['path']}": row.get("spellings", []) for row in told if not row["ws"]}
    published = vectors_of(venue)["rest"]
    assert ours == {name: row.get("spellings", []) for name, row in published.items()}


def test_every_message_is_there(covered: tuple[str, list[dict[str, Any]]]) -> None:
    venue, told = covered
    assert {row["name"] for row in told if row["ws"]} == set(vectors_of(venue)["stream"])


def test_every_name_leads_to_a_method(covered: tuple[str, list[dict[str, Any]]]) -> None:
    venue, told = covered
    owners = {owner.__name__: owner for owner in find_venue(venue).client_classes}
    for row in told:
        owner, _, method = row["python"].partition(".")
        assert not method or callable(getattr(owners[owner.split()[0]], method)), row
