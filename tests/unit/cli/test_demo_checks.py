"""The demo's comparisons find every kind of difference."""

from __future__ import annotations

from copy import deepcopy
from decimal import Decimal
from typing import Any

import pytest

from tradewire.cli.demo.coinex import compare_ledger
from tradewire.cli.demo.summary import percentile
from tradewire.model import Fill, Liquidity, Order, OrderStatus, OrderType, Side, TimeInForce
from tradewire.session.live_order import LiveOrder

BALANCES = {"BTC": (Decimal("1.5"), Decimal("0.5"))}
LEDGER: dict[str, Any] = {
    "orders": [{"order_id": 7, "status": "filled", "filled_amount": "1"}],
    "deals": [{"order_id": 7, "deal_id": 70, "price": "10", "amount": "1", "fee": "0.1", "role": "maker"}],
    "balances": {"BTC": {"available": "1.5", "frozen": "0.5"}},
}


def filled_order() -> LiveOrder:
    order = LiveOrder(
        market="BTCUSDT", side=Side.BUY, size=Decimal(1), price=Decimal(10), client_order_id="a", order_id="7"
    )
    order.merge(
        Order(
            order_id="7", client_order_id="a", market="BTCUSDT", side=Side.BUY, type=OrderType.LIMIT,
            time_in_force=TimeInForce.GTC, post_only=False, price=Decimal(10), size=Decimal(1), filled_size=Decimal(1),
            filled_notional=Decimal(10), status=OrderStatus.FILLED, created_at_ns=1, updated_at_ns=2,
        )
    )  # fmt: skip
    order.add_fill(
        Fill(
            trade_id="70", order_id="7", client_order_id="a", market="BTCUSDT", side=Side.BUY, price=Decimal(10),
            size=Decimal(1), liquidity=Liquidity.MAKER, fee=Decimal("0.1"), fee_asset="BTC", time_ns=2,
        )
    )  # fmt: skip
    return order


def test_equal_ledgers_match() -> None:
    assert compare_ledger(LEDGER, [filled_order()], BALANCES) == (3, [])


@pytest.mark.parametrize(
    ("path", "value"),
    [
        (("orders", 0, "status"), "open"),
        (("orders", 0, "filled_amount"), "0.5"),
        (("orders", 0, "order_id"), 8),
        (("deals", 0, "price"), "11"),
        (("deals", 0, "amount"), "2"),
        (("deals", 0, "fee"), "0"),
        (("deals", 0, "role"), "taker"),
        (("deals", 0, "deal_id"), 71),
        (("balances", "BTC", "available"), "1.4"),
        (("balances", "BTC", "frozen"), "0"),
    ],
)
def test_every_difference_is_found(path: tuple[str, int | str, str], value: object) -> None:
    ledger = deepcopy(LEDGER)
    ledger[path[0]][path[1]][path[2]] = value
    assert compare_ledger(ledger, [filled_order()], BALANCES)[1]


def test_an_order_only_the_venue_knows_is_a_difference() -> None:
    assert len(compare_ledger(LEDGER, [], BALANCES)[1]) == 2


def test_percentiles_are_nearest_rank() -> None:
    assert percentile([], 0.5) == 0
    assert percentile([3, 1, 2], 0.5) == 2
    assert percentile(list(range(1, 101)), 0.99) == 99
