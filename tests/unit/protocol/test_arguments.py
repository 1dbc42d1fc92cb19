from __future__ import annotations

from decimal import (
    ROUND_UP,
    Clamped,
    Context,
    Decimal,
    FloatOperation,
    Inexact,
    Rounded,
    Subnormal,
    localcontext,
)
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from support.kits import KITS
from tradewire.errors import ConfigError
from tradewire.model import Market, Side
from tradewire.protocol.arguments import (
    EXACT,
    check_plain,
    exact,
    flag,
    id_text,
    member,
    plain,
    shown,
    whole_number,
)
from tradewire.protocol.rules import check_price, check_size


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ("0.10", "0.10"),
        ("61000", "61000"),
        (Decimal("1E+3"), "1000"),
        (Decimal("1E-12"), "0.000000000001"),
        (7, "7"),
    ],
)
def test_number_keeps_its_digits(value: Any, text: str) -> None:
    assert plain(exact("size", value)) == text


@given(st.decimals(min_value="0.000000000001", max_value=10**12, places=12))
def test_number_survives_the_way_to_the_wire(value: Decimal) -> None:
    assert Decimal(plain(exact("size", value))) == value


@pytest.mark.parametrize(
    "value",
    [0.1, 1.0, True, float("nan"), None, b"1", object(), [1]],
    ids=lambda value: type(value).__name__,
)
def test_what_is_not_exact_is_refused(value: Any) -> None:
    with pytest.raises(ConfigError, match="price"):
        exact("price", value)


def test_refused_float_is_told_what_to_pass() -> None:
    with pytest.raises(ConfigError, match=r"Decimal.*str"):
        exact("price", 0.1)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "text",
    [
        "",
        " 1",
        "1 ",
        "1_000",
        "1,5",
        "0x10",
        "one",
        "1.2.3",
        "NaN",
        "sNaN",
        "Infinity",
        "-Infinity",
        "١٢",
        "-1",
        "0",
        "0.000",
        "1e999999999",
        "1e-999999999",
        "1e39",
        "9" * 39,
        "0." + "1" * 39,
        "1\n",
        "1\x00",
    ],
    ids=repr,
)
def test_malformed_or_absurd_number_is_refused(text: str) -> None:
    with pytest.raises(ConfigError, match="size"):
        exact("size", text)


@pytest.mark.parametrize(
    "text", ["", "BTC USDT", "BTC\n", "BTC\x00", "BTÇ", "ＢＴＣ", "BTC\u202e", "\x7f"], ids=repr
)
def test_name_that_is_not_plain_ascii_is_refused(text: str) -> None:
    with pytest.raises(ConfigError, match="market"):
        check_plain("market", text)


@pytest.mark.parametrize("value", [None, 7, b"BTCUSDT"])
def test_name_that_is_no_text_is_refused(value: Any) -> None:
    with pytest.raises(ConfigError, match="market"):
        check_plain("market", value)


def test_member_takes_the_word_or_the_member() -> None:
    assert member("side", Side, "buy") is Side.BUY
    assert member("side", Side, Side.SELL) is Side.SELL


@pytest.mark.parametrize("value", ["BUY", "long", "", None, 1])
def test_member_refuses_and_lists_what_there_is(value: Any) -> None:
    with pytest.raises(ConfigError, match=r"side.*'buy'.*'sell'"):
        member("side", Side, value)


ODD: list[Any] = [None, True, False, "2", b"2", 2.0, Decimal(2), [], {}, ...]


@pytest.mark.parametrize("value", [*ODD, 0, -1, 101], ids=repr)
def test_page_that_is_no_whole_number_in_range_is_refused(value: Any) -> None:
    with pytest.raises(ConfigError, match="limit must be a whole number from 1 to 100, got "):
        whole_number("limit", value, 1, 100)


def test_message_says_what_must_be_and_what_was_got() -> None:
    with pytest.raises(ConfigError) as caught:
        whole_number("page", "2", 1)
    assert str(caught.value) == "page must be a whole number from 1, got '2'"
    assert whole_number("page", 2, 1) == 2


@pytest.mark.parametrize(
    "value", [None, True, 1.0, b"5", Decimal(5), [], -1, 10**4400], ids=lambda v: type(v).__name__
)
def test_id_of_another_type_is_refused(value: Any) -> None:
    with pytest.raises(ConfigError, match="order_id must be a text or a whole number"):
        id_text("order_id", value)


def test_id_given_as_a_number_means_the_same() -> None:
    assert (id_text("order_id", 123), id_text("order_id", "123"), id_text("order_id", 0)) == (
        "123",
        "123",
        "0",
    )


@pytest.mark.parametrize("value", [None, 0, 1, "yes", "", [], ...], ids=repr)
def test_what_only_counts_as_true_or_false_is_refused(value: Any) -> None:
    with pytest.raises(ConfigError, match="post_only must be True or False"):
        flag("post_only", value)


@pytest.mark.parametrize("value", [None, True, b"buy", 1.0, [], {}, ...], ids=repr)
def test_member_of_another_type_is_refused(value: Any) -> None:
    with pytest.raises(ConfigError, match="side must be one of 'buy', 'sell', got"):
        member("side", Side, value)


def test_what_cannot_be_shown_is_still_refused_properly() -> None:
    class Broken:
        def __repr__(self) -> str:
            raise RuntimeError

    assert shown(Broken()) == "a Broken"
    assert len(shown("x" * 10_000)) == 50


CONTEXTS = {
    "six digits": Context(prec=6),
    "rounded up": Context(prec=9, rounding=ROUND_UP),
    "everything trapped": Context(
        prec=9, traps=[Inexact, Rounded, FloatOperation, Subnormal, Clamped], Emin=-10, Emax=10
    ),
}


@pytest.mark.parametrize("context", CONTEXTS.values(), ids=CONTEXTS.keys())
def test_programs_decimal_context_does_not_reach_our_numbers(context: Context) -> None:
    price, size = "123456789.123456789012", "123456789012345.12345678"
    market = Market(
        symbol="XY",
        base="X",
        quote="Y",
        tick_size=Decimal("1e-12"),
        lot_size=Decimal("1e-8"),
        min_size=Decimal("1e-8"),
    )
    with localcontext(context):
        assert plain(exact("price", price)) == price
        check_price(market, exact("price", price))
        check_size(market, exact("size", size))
        with pytest.raises(ConfigError, match="price in XY must be a multiple of"):
            check_price(market, exact("price", f"{price}5"))
        for kit in KITS.values():
            kit.check_arithmetic()
    product = EXACT.multiply(Decimal(size), Decimal(price))
    assert Fraction(product) == Fraction(size) * Fraction(price)
