"""The parts of the TrueX sandbox that need no socket: grids, quotes, differences, members, pages."""

from __future__ import annotations

import random
import zlib
from decimal import Decimal
from fractions import Fraction
from typing import Any

import pytest

from tradewire.sandbox.venues.truex.core import ExchangeCore
from tradewire.sandbox.venues.truex.depth import Depth, PushedStates, changes
from tradewire.sandbox.venues.truex.fields import EXTERNAL_ID, Fields, read_json, require_json_type
from tradewire.sandbox.venues.truex.increments import (
    aligned,
    bucket_of,
    is_multiple,
    price_text,
    quantity_text,
)
from tradewire.sandbox.venues.truex.instruments import Volume, instruments
from tradewire.sandbox.venues.truex.paging import page
from tradewire.sandbox.venues.truex.problems import Problem
from tradewire.sandbox.venues.truex.quoting import of_base, of_quote
from tradewire.sandbox.venues.truex.settlement import Settlement
from tradewire.sandbox.venues.truex.shapes import average

TABLE = [
    # From the published page: lowest and highest price of each bucket, tick, lot.
    ("500000", "99999999", "1", "0.000001"),
    ("100000", "499999.5", "0.5", "0.00001"),
    ("10000", "99999.9", "0.1", "0.0001"),
    ("1000", "9999.99", "0.01", "0.001"),
    ("10", "999.999", "0.001", "0.01"),
    ("0.1", "9.9999", "0.0001", "1"),
    ("0.001", "0.099999", "0.000001", "100"),
    ("0.0001", "0.0009", "0.00000001", "10000"),
    ("0.00001", "0.00009999", "0.00000001", "10000"),
    ("0.0000000001", "0.0000099999", "0.0000000001", "1000000"),
]


@pytest.mark.parametrize(("low", "high", "tick", "lot"), TABLE)
def test_increment_table(low: str, high: str, tick: str, lot: str) -> None:
    for price in (low, high):
        bucket = bucket_of(Decimal(price))
        assert (bucket.tick, bucket.lot) == (Decimal(tick), Decimal(lot))
        assert is_multiple(Decimal(price), bucket.tick)
        assert not is_multiple(Decimal(price) + bucket.tick / 2, bucket.tick)


@pytest.mark.parametrize(
    ("price", "down", "up"),
    [
        ("64000.05", "64000.0", "64000.1"),
        ("64000.1", "64000.1", "64000.1"),
        ("123456.7", "123456.5", "123457.0"),
    ],
)
def test_prices_move_to_the_grid(price: str, down: str, up: str) -> None:
    assert str(aligned(Decimal(price), up=False)) == down
    assert str(aligned(Decimal(price), up=True)) == up


def test_numbers_carry_the_decimals_of_their_grid() -> None:
    assert price_text(Decimal(64000)) == "64000.0"
    assert price_text(Decimal(600000)) == "600000"
    assert quantity_text(Decimal("0.5"), Decimal(64000)) == "0.5000"
    assert quantity_text(Decimal(200), Decimal("0.05")) == "200"
    assert quantity_text(Decimal("0.12345"), Decimal(64000)) == "0.12345"


def test_averages_are_cut_to_what_the_venue_can_hold() -> None:
    assert average(Decimal(0), Decimal(0)) == "0"
    assert average(Decimal(10), Decimal(3)) == "3.333333333333333333"
    assert average(Decimal(128), Decimal("0.002")) == "64000"


def brute_quote(levels: list[tuple[Fraction, Fraction]], amount: Fraction) -> Fraction:
    """Try every multiple of each level's lot, the plain way."""
    best = Fraction(0)
    for last, (price, size) in enumerate(levels):
        lot = Fraction(bucket_of(Decimal(str(float(price)))).lot)
        before = sum((s for _, s in levels[:last]), Fraction(0))
        spent = sum((p * s for p, s in levels[:last]), Fraction(0))
        if spent > amount:
            break
        quantity = before // lot * lot
        while quantity < before:
            quantity += lot
        while quantity <= before + size and spent + (quantity - before) * price <= amount:
            best = max(best, quantity)
            quantity += lot
        best = max(best, before)
    return best


def test_quote_amounts_against_trying_everything() -> None:
    dice = random.Random(4)
    for _ in range(200):
        price = Decimal(dice.randrange(640000, 640500)) / 10
        levels = []
        for _ in range(4):
            price += Decimal(dice.randrange(1, 30)) / 10
            levels.append((price, Decimal(dice.randrange(1, 40)) / 10_000))
        total = sum(p * s for p, s in levels)
        amount = (total * Decimal(dice.randrange(1, 99)) / 100).quantize(Decimal("0.01"))
        wanted = brute_quote([(Fraction(p), Fraction(s)) for p, s in levels], Fraction(amount))
        if not wanted:
            with pytest.raises(Problem):
                of_quote(levels, amount)
            continue
        found = of_quote(levels, amount)
        assert Fraction(found.quantity) == wanted
        assert found.notional + found.residual == amount
        left, spent = wanted, Fraction(0)
        for p, s in levels:
            used = min(left, Fraction(s))
            spent, left = spent + used * Fraction(p), left - used
        assert Fraction(found.notional) == spent


def test_quotes_across_a_change_of_grid() -> None:
    # Bids fall through 10000: lots of 0.0001 above, of 0.001 below.
    levels = [(Decimal("10000.0"), Decimal("0.0005")), (Decimal("9999.99"), Decimal("1.000"))]
    found = of_quote(levels, Decimal("5.1"))
    # One lot of 0.001 in all does not fit the amount: the level before was the last.
    assert (found.quantity, found.residual) == (Decimal("0.0005"), Decimal("0.1"))
    # 0.0005 at 10000 and 0.0015 at 9999.99 make two lots for 19.999985.
    found = of_quote(levels, Decimal(20))
    assert (found.quantity, found.residual) == (Decimal("0.002"), Decimal("0.000015"))


def test_quotes_refuse_thin_books() -> None:
    levels = [(Decimal("64000.0"), Decimal("0.0010"))]
    assert of_base(levels, Decimal("0.0010")).notional == 64
    with pytest.raises(Problem) as refusal:
        of_base(levels, Decimal("0.0011"))
    assert refusal.value.status == 400
    with pytest.raises(Problem):
        of_quote(levels, Decimal(65))
    with pytest.raises(Problem):
        of_quote(levels, Decimal("6.39"))


def test_changes_turn_one_side_into_the_other() -> None:
    dice = random.Random(5)

    def side() -> tuple[tuple[str, str, str], ...]:
        return tuple((str(price), str(dice.randrange(1, 4)), str(dice.randrange(1, 3)))
                     for price in dice.sample(range(40), 20))  # fmt: skip

    then = side()
    for _ in range(200):
        now = side()
        book = {price: (quantity, orders) for price, quantity, orders in then}
        for price, quantity, orders in changes(then, now):
            if quantity == "0":
                del book[price]
            else:
                assert book.get(price) != (quantity, orders)
                book[price] = (quantity, orders)
        assert book == {price: (quantity, orders) for price, quantity, orders in now}
        then = now


def test_pushed_states_are_found_by_either_checksum_and_forgotten() -> None:
    states = PushedStates()
    first = Depth((("64000.0", "0.5000", "2"),), (("64001.0", "1.0000", "1"),))
    states.add(first)
    for text in ("64000.0:0.5000:2:64001.0:1.0000:1", "64000:0.5:2:64001:1:1"):
        assert states.find(zlib.crc32(text.encode())) is first
    for number in range(5000):
        states.add(Depth(((f"{number}.0", "1", "1"),), ()))
    assert states.find(first.checksum) is None
    assert states.find(zlib.crc32(b"4999.0:1:1")) is not None


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


def test_pages_by_cursor_survive_new_rows_at_the_head() -> None:
    items = [(str(number), number) for number in range(25)]
    first = page(items, Fields({"size": "10"}))
    assert (first.rows, bool(first.next_cursor)) == (list(range(10)), True)
    grown = [("new", -1), *items]
    second = page(grown, Fields({"size": "10", "cursor": first.next_cursor}))
    last = page(grown, Fields({"size": "10", "cursor": second.next_cursor}))
    assert (second.rows, last.rows, last.next_cursor) == (list(range(10, 20)), list(range(20, 25)), "")
    assert page(items, Fields({"skip": "99"})).rows == []


def test_volume_forgets_after_a_day() -> None:
    volume = Volume()
    volume.add(Decimal(100), Decimal(1), 0)
    volume.add(Decimal(50), Decimal(2), 30_000)
    volume.add(Decimal(7), Decimal(3), 3_600_000)
    assert volume.totals(3_600_000) == (Decimal(157), Decimal(6))
    assert volume.totals(86_400_000) == (Decimal(7), Decimal(3))
    assert volume.totals(2 * 86_400_000) == (Decimal(0), Decimal(0))


def test_instruments_by_name() -> None:
    assert list(instruments(("SOL-PYUSD", "BTC-PYUSD"))) == ["BTC-PYUSD", "SOL-PYUSD"]
    with pytest.raises(ValueError, match="no instrument DOGE-PYUSD"):
        instruments(("DOGE-PYUSD",))


def test_ids_have_18_digits_and_grow() -> None:
    core = ExchangeCore(7, instruments(None), lambda: 0, 0)
    ids = [core.next_id() for _ in range(1000)]
    assert ids == sorted(set(ids))
    assert {len(str(number)) for number in ids} == {18}
    assert ExchangeCore(7, instruments(None), lambda: 0, 0).next_id() == ids[0]


def test_settled_fees_are_remembered_by_asset() -> None:
    settlement = Settlement()
    settlement.fees["1", "PYUSD"] += Decimal("0.5")
    settlement.fees["2", "PYUSD"] += Decimal("0.25")
    assert (settlement.fees_of("1"), settlement.all_fees("PYUSD")) == (Decimal("0.5"), Decimal("0.75"))
    settlement.settle()
    assert (settlement.fees_of("1"), settlement.all_fees("PYUSD")) == (0, Decimal("0.75"))
