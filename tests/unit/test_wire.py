"""Rows read on their own, and every spelling of a value that a venue may use."""

from __future__ import annotations

import copy
import json
import pickle
from decimal import Decimal
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tradewire.errors import FrameError, UnreadableRow
from tradewire.model import Page, Rows, Trade, stamp
from tradewire.wire import Amount, Flag, Id, MaybeAmount, MaybeWhole, Reader, Text, Whole, decoder


class Row(msgspec.Struct):
    id: Id
    amount: Amount
    time: Whole
    fee: MaybeAmount = None
    updated: MaybeWhole = 0
    name: Text = ""
    is_on: Flag = False


GOOD: dict[str, Any] = {
    "id": 7, "amount": "0.10", "time": 5, "fee": "1E-8", "updated": 6, "name": "n", "is_on": True,
}  # fmt: skip
READER = Reader(Row)


def read(**changes: object) -> Row:
    return READER.one(json.dumps(GOOD | changes).encode(), lambda row: row)


def test_numbers_come_as_text_and_as_numbers_and_stay_exact() -> None:
    assert read().amount.as_tuple() == Decimal("0.10").as_tuple()
    raw = json.dumps(GOOD).encode().replace(b'"0.10"', b"0.12345678901234567890123")
    assert READER.one(raw, lambda row: row.amount) == Decimal("0.12345678901234567890123")
    assert read(amount=3).amount == 3
    assert read(time="1763640000000").time == read(time=1763640000000.0).time == 1763640000000


def test_ids_and_texts_come_as_text_and_as_integers() -> None:
    assert read(id="7").id == read(id=7).id == "7"
    assert read(id=2**64 + 5).id == str(2**64 + 5)
    assert read(name=12).name == "12"


@pytest.mark.parametrize("nothing", [None, ""])
def test_null_empty_and_absent_are_the_same_where_a_value_may_be_missing(nothing: object) -> None:
    row = read(fee=nothing, updated=nothing, name=nothing, is_on=nothing)
    assert (row.fee, row.updated, row.name, row.is_on) == (None, 0, "", False)
    absent = READER.one(b'{"id": 1, "amount": "1", "time": 1}', lambda row: row)
    assert (absent.fee, absent.updated, absent.name, absent.is_on) == (None, 0, "", False)


@pytest.mark.parametrize(("text", "value"), [("true", True), ("FALSE", False), (1, True), (0, False)])
def test_flags_come_as_booleans_text_and_numbers(text: object, value: bool) -> None:
    assert read(is_on=text).is_on is value


@pytest.mark.parametrize(
    "changes",
    [
        {"id": None}, {"id": ""}, {"id": True}, {"id": []}, {"id": "x" * 129}, {"amount": None}, {"amount": ""},
        {"amount": "NaN"}, {"amount": "1_0"}, {"amount": {}}, {"amount": True}, {"amount": "abc"}, {"time": None},
        {"time": 1.5}, {"time": "x"}, {"fee": "x"}, {"updated": "x"}, {"name": {}}, {"name": True}, {"is_on": "yes"},
        {"is_on": []}, {"amount": 1e400},
    ],
    ids=str,
)  # fmt: skip
def test_a_row_with_anything_else_is_unreadable_and_carries_itself(changes: dict[str, object]) -> None:
    raw = json.dumps(GOOD | changes).encode()
    with pytest.raises(UnreadableRow) as caught:
        READER.one(raw, lambda row: row)
    assert caught.value.raw == raw
    assert caught.value.reason
    assert isinstance(caught.value, FrameError)


def test_the_raw_row_is_bounded() -> None:
    with pytest.raises(UnreadableRow) as caught:
        READER.one(json.dumps({"id": "x" * 100_000}).encode(), lambda row: row)
    assert len(caught.value.raw) == 1000
    assert len(str(caught.value)) < 200


def test_a_row_that_is_no_object_is_unreadable() -> None:
    raws = msgspec.json.decode(
        b'[null, "", 7, [], {}, {"id": 1, "amount": 1, "time": 1}]', type=list[msgspec.Raw]
    )
    rows = READER.all(raws, lambda row: row.id)
    assert list(rows) == ["1"]
    assert [bytes(row.raw) for row in rows.unreadable] == [b"null", b'""', b"7", b"[]", b"{}"]


def test_a_refusing_builder_makes_a_row_unreadable() -> None:
    def build(row: Row) -> str:
        if row.name == "bad":
            raise FrameError("a new word")
        return row.id

    raws = [
        msgspec.Raw(json.dumps(GOOD | {"id": n, "name": name}).encode())
        for n, name in enumerate(["a", "bad", "c"])
    ]
    rows = READER.rows(raws)
    assert len(rows) == 3
    built = rows.build(build)
    assert list(built) == ["0", "2"]
    assert [row.reason for row in built.unreadable] == ["a new word"]


ANY = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(st.text(max_size=5), inner, max_size=2),
    max_leaves=4,
)


@given(st.integers(0, 4), st.sampled_from(sorted(GOOD)), ANY | st.just(...))
def test_whatever_one_field_of_one_row_becomes_its_neighbours_come_out_unchanged(
    position: int, field: str, value: object
) -> None:
    rows = [GOOD | {"id": n} for n in range(5)]
    if value is ...:
        del rows[position][field]
    else:
        rows[position][field] = value
    raws = msgspec.json.decode(json.dumps(rows).encode(), type=list[msgspec.Raw])
    built = READER.all(raws, lambda row: row)
    whole = [Row("0", Decimal("0.10"), 5, Decimal("1E-8"), 6, "n", True) for _ in range(5)]
    for n, row in enumerate(whole):
        row.id = str(n)
    others = [row for n, row in enumerate(whole) if n != position]
    assert [row for row in built if row in others] == others
    assert len(built) + len(built.unreadable) == 5


def test_rows_are_a_tuple_and_keep_what_is_unreadable_when_copied() -> None:
    rows = Rows(["a", "b"], [UnreadableRow("why", raw=b"{}", endpoint="GET /x")])
    assert list(rows) == ["a", "b"]
    for other in (copy.copy(rows), copy.deepcopy(rows), pickle.loads(pickle.dumps(rows))):
        assert other == rows
        assert [(row.reason, row.raw, row.endpoint) for row in other.unreadable] == [("why", b"{}", "GET /x")]


def test_what_arrives_is_stamped_once_wherever_it_stands() -> None:
    def trade() -> Trade:
        return Trade(trade_id="1", market="X", side=None, price=Decimal(1), size=Decimal(1), time_ns=1)

    first, second = trade(), trade()
    stamp(Rows([first]), 5)
    stamp(Page((first, second), has_next=False), 6)
    assert (first.received_at_ns, second.received_at_ns) == (5, 6)


def test_a_decoder_leaves_a_fraction_as_text_where_nothing_says_what_it_is() -> None:
    found: object = decoder(list[Any]).decode(b"[0.10]")
    assert found == ["0.10"]
