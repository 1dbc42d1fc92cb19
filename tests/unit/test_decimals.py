"""The one rule for numbers: what is read, exactly, and what is refused."""

from __future__ import annotations

from decimal import Decimal, localcontext

import pytest

from tradewire.decimals import number
from tradewire.errors import ConfigError
from tradewire.model import Balance, Order, OrderStatus, OrderType, Position, Side, TimeInForce
from tradewire.protocol.arguments import exact


@pytest.mark.parametrize(
    "text", ["0", "0.10", "-3", "1E-8", "1.001E+2", "0E-20", "00.5", "9" * 40, "0." + "1" * 40, "1e39"]
)
def test_plain_and_scientific_numbers_keep_their_digits(text: str) -> None:
    assert number(text) == Decimal(text)
    assert number(text).as_tuple() == Decimal(text).as_tuple()


@pytest.mark.parametrize(
    "value",
    [
        "", " 1", "1 ", "1\n", "1_000", "NaN", "sNaN", "Infinity", "-inf", ".5", "5.", "0x1", "1e", "1,5",
        "\u0661", "\uff11",
        "1e40", "1e-41", "1e999", "9" * 41, "0." + "1" * 41, "9" * 10_000, 1.5, True, None, [], {}, b"1",
        Decimal("NaN"), Decimal("Infinity"), Decimal("1e60"), 10**40, 10**5000,
    ],
    ids=lambda value: "huge" if isinstance(value, int) else repr(value)[:20],
)  # fmt: skip
def test_anything_else_is_refused_with_what_was_got(value: object) -> None:
    with pytest.raises(ValueError, match="must"):
        number(value)


@pytest.mark.parametrize("text", ["1_000", "NaN", " 1", "\u0661", ".5", "1\n"])
def test_a_caller_is_held_to_the_same_rule(text: str) -> None:
    with pytest.raises(ConfigError, match="size must be a decimal number, got"):
        exact("size", text)


def test_sums_and_products_do_not_depend_on_the_programs_decimal_context() -> None:
    order = Order(
        order_id="1", client_order_id="", market="X", side=Side.BUY, type=OrderType.LIMIT,
        time_in_force=TimeInForce.GTC, post_only=False, price=Decimal(1), size=Decimal("123456789.123456789"),
        filled_size=Decimal("0.000000001"), filled_notional=Decimal("0.000000001"), status=OrderStatus.OPEN,
        created_at_ns=1, updated_at_ns=1,
    )  # fmt: skip
    balance = Balance(asset="X", available=Decimal("123456789.123456789"), locked=Decimal("0.000000001"))
    position = Position(
        market="X",
        size=Decimal("123456.789"),
        average_price=Decimal("0.001"),
        realized_pnl=Decimal(0),
        updated_at_ns=1,
    )
    with localcontext() as context:
        context.prec = 3
        assert order.remaining == Decimal("123456789.123456788")
        assert order.average_price == 1
        assert balance.total == Decimal("123456789.123456790")
        assert position.unrealized_pnl(1) == Decimal("123333.332211")
