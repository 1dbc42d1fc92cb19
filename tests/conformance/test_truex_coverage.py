"""Everything TrueX has is covered: every operation in every spelling, every message of every channel."""

from __future__ import annotations

import importlib
import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

VECTORS = json.loads(
    (Path(__file__).parents[1] / "vectors" / "truex_endpoints.json").read_text(encoding="utf-8")
)


@pytest.fixture(scope="module")
def told() -> list[dict[str, Any]]:
    done = subprocess.run(
        [sys.executable, "-m", "tradewire", "endpoints", "truex", "--json"],
        capture_output=True,
        check=True,
        timeout=30,
    )
    rows: list[dict[str, Any]] = json.loads(done.stdout)
    return rows


def test_every_operation_is_there_with_its_deprecated_spellings(told: list[dict[str, Any]]) -> None:
    ours = {f"{row['method']} {row['path']}": row.get("spellings", []) for row in told if not row["ws"]}
    assert ours == VECTORS["rest"]


def test_every_message_is_there(told: list[dict[str, Any]]) -> None:
    assert {row["name"] for row in told if row["ws"]} == set(VECTORS["stream"])


def test_every_name_leads_to_a_method(told: list[dict[str, Any]]) -> None:
    client = importlib.import_module("tradewire").TrueX
    for row in told:
        owner, _, method = row["python"].partition(".")
        assert owner.startswith("TrueX")
        assert not method or callable(getattr(client, method)), row
