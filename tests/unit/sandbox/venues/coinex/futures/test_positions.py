from __future__ import annotations

from decimal import Decimal

import pytest

from tradewire.sandbox.venues.coinex.futures.positions import MarginMode, Position


def opened() -> Position:
    return Position(1, "ann", "BTCUSDT", MarginMode.CROSS, 3, 1000)


@pytest.mark.parametrize(
    ("trades", "size", "cost", "pnl"),
    [
        ([("1", "100")], "1", "100", "0"),
        ([("1", "100"), ("1", "130")], "2", "230", "0"),
        ([("2", "100"), ("-1", "110")], "1", "100", "10"),
        ([("-2", "100"), ("1", "90")], "-1", "-100", "10"),
        ([("-2", "100"), ("2", "130")], "0", "0", "-60"),
        ([("3", "100"), ("-3", "99.5")], "0", "0", "-1.5"),
    ],
)
def test_results_follow_from_the_average_price(
    trades: list[tuple[str, str]], size: str, cost: str, pnl: str
) -> None:
    position = opened()
    for amount, price in trades:
        position.trade(Decimal(amount), Decimal(price), 2000)
    assert (position.size, position.cost, position.traded_pnl) == (Decimal(size), Decimal(cost), Decimal(pnl))


def test_what_rounding_leaves_stays_in_the_position() -> None:
    position = opened()
    position.trade(Decimal(1), Decimal(100), 1)
    position.trade(Decimal(2), Decimal("100.01"), 2)
    first = position.trade(Decimal(-1), Decimal(101), 3)
    assert position.average_price == Decimal("100.006666666667")
    assert position.cost + Decimal(101) - first == Decimal("300.02")
    second = position.trade(Decimal(-2), Decimal(101), 4)
    assert first + second == 3 * Decimal(101) - Decimal("300.02")
    assert (position.cost, position.is_long) == (0, True)


def test_a_position_values_itself_at_the_mark_and_keeps_its_records() -> None:
    position = opened()
    position.trade(Decimal(-2), Decimal(50), 1)
    position.trade(Decimal(1), Decimal(40), 2)
    position.fees, position.funding = Decimal("0.5"), Decimal("-0.25")
    assert position.unrealized_pnl(Decimal(45)) == 5
    assert position.realized_pnl == Decimal("9.25")
    assert (position.largest, position.largest_cost, position.total_value) == (2, 100, 140)
    assert (position.first_price, position.last_price, position.updated_ms) == (50, 40, 2)
    assert not position.is_long
