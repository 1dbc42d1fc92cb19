from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tradewire.errors import ConfigError
from tradewire.model import Side
from tradewire.protocol.arguments import check_plain, exact, member, plain


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
