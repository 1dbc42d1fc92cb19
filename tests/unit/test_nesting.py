"""Flat shapes of nested JSON: where members are found, and what is refused."""

from __future__ import annotations

import json
from decimal import Decimal
from enum import StrEnum
from typing import Any

import pytest
from msgspec import Struct, field

from tradewire.errors import UnreadableRow
from tradewire.wire import AmountOrZero, Id, Reader, Text, shape_text


class Kind(StrEnum):
    FIAT = "FIAT"
    CRYPTO = "CRYPTO"


class Flat(Struct, frozen=True, kw_only=True):
    key: Id = field(name="id")
    symbol: Id = field(name="info.symbol")
    name: Text = field(name="fields.name | info.name | name | id", default="?")
    limit: AmountOrZero = field(name="info.limits.upper", default=Decimal(7))
    kind: Kind | None = field(name="kind", default=None)


def read(**members: Any) -> Flat:
    return Reader(Flat).one(json.dumps(members).encode(), lambda row: row)


def test_members_are_found_where_their_names_say() -> None:
    found = read(id=5, info={"symbol": "BTC", "limits": {"upper": "1.50"}}, kind="FIAT")
    assert found == Flat(key="5", symbol="BTC", name="5", limit=Decimal("1.50"), kind=Kind.FIAT)


@pytest.mark.parametrize(
    ("places", "name"),
    [
        ({"fields": {"name": "first"}, "name": "third"}, "first"),
        ({"fields": {"name": ""}, "name": "third"}, "third"),
        ({"fields": None, "info": {"symbol": "BTC", "name": "second"}}, "second"),
        ({}, "7"),
    ],
)
def test_first_place_that_is_not_empty_counts(places: dict[str, Any], name: str) -> None:
    assert read(**{"id": "7", "info": {"symbol": "BTC"}} | places).name == name


def test_absent_and_null_outer_objects_have_no_members() -> None:
    assert read(id="7", info={"symbol": "BTC"}).limit == 7
    assert read(id="7", info={"symbol": "BTC", "limits": None}).limit == 7
    assert read(id="7", info={"symbol": "BTC", "limits": {"upper": None}}).limit == 0


@pytest.mark.parametrize(
    ("members", "words"),
    [
        ({"id": "7"}, "missing required field `info.symbol`"),
        ({"id": "7", "info": None}, "missing required field `info.symbol`"),
        ({"id": "", "info": {"symbol": "BTC"}}, "`$.id`"),
        ({"id": "7", "info": {"symbol": None}}, "`$.info.symbol`"),
        ({"id": "7", "info": [1]}, "`$.info`"),
        ({"id": "7", "info": {"symbol": "BTC", "limits": {"upper": "many"}}}, "`$.info.limits.upper`"),
        ({"id": "7", "info": {"symbol": "BTC"}, "kind": "GIFT"}, "`$.kind`"),
    ],
)
def test_what_is_missing_or_malformed_is_named_by_its_place(members: dict[str, Any], words: str) -> None:
    with pytest.raises(UnreadableRow) as caught:
        read(**members)
    assert words in caught.value.reason


def test_shape_is_shown_as_it_is_on_the_wire() -> None:
    assert shape_text(Flat) == (
        '{"id": str, "info": {"symbol": str, "limits": {"upper": decimal | null}}, "fields": {"name": str}, '
        '"kind": "FIAT" | "CRYPTO" | null}'
    )
