"""Documents and members that are refused."""

from __future__ import annotations

from typing import Any

import pytest

from tradewire.sandbox.venues.truex.fields import EXTERNAL_ID, Fields, read_json, require_json_type
from tradewire.sandbox.venues.truex.problems import Problem


@pytest.mark.parametrize("text", ["", "[]", "nul", '{"a":Infinity}', "[" * 10_000, '"x"', "1" * 5000])
def test_documents_refused(text: str) -> None:
    with pytest.raises(Problem) as refusal:
        read_json(text)
    assert refusal.value.status == 400


@pytest.mark.parametrize(
    ("method", "value"),
    [
        ("text", 1), ("text", None), ("text", True), ("inner", "x"), ("inner", []), ("texts", "x"), ("texts", ["x", 1]),
        ("amount", "1e5"), ("amount", " 1"), ("amount", "1."), ("amount", ".5"), ("amount", "+1"), ("amount", "0"),
        ("amount", "1_000"), ("amount", "١"), ("amount", "1" * 21), ("whole", "1.0"), ("whole", 1), ("whole", "²"),
        ("not_negative", "-1"), ("not_negative", 0),
    ],
)  # fmt: skip
def test_members_refused(method: str, value: Any) -> None:
    with pytest.raises(Problem) as refusal:
        getattr(Fields({"name": value}, "info."), method)("name")
    assert refusal.value.status == 400
    assert "info.name" in refusal.value.detail


def test_client_order_ids() -> None:
    for good in ("a", "A-z_0.9~", "x" * 18, "30d17c5b-1111-4222-8333-d4b3b12bdd4e"):
        assert EXTERNAL_ID.fullmatch(good)
    for bad in (
        "",
        "x" * 19,
        "a/b",
        "30d17c5b-1111-1222-8333-d4b3b12bdd4e",
        "30D17C5B-1111-4222-8333-D4B3B12BDD4E",
    ):
        assert not EXTERNAL_ID.fullmatch(bad)


@pytest.mark.parametrize("content_type", ["", "text/json", "application/x-www-form-urlencoded", "json"])
def test_content_types_refused(content_type: str) -> None:
    with pytest.raises(Problem) as refusal:
        require_json_type(content_type)
    assert refusal.value.status == 415


def test_content_types_taken() -> None:
    for content_type in ("application/json", "Application/JSON; charset=utf-8"):
        require_json_type(content_type)
