"""The demo's comparisons find every kind of difference."""

from __future__ import annotations

import zlib
from copy import deepcopy
from decimal import Decimal
from typing import Any

import pytest

from tradewire._native import Level2Book, Level3Book
from tradewire.cli.demo.checks import (
    BookCheck,
    compare_balances,
    compare_book,
    compare_orders,
    compare_positions,
)
from tradewire.cli.demo.stopwatch import Stopwatch
from tradewire.cli.demo.summary import PositionReport, VenueReport, percentile
from tradewire.model import (
    Balance,
    Fill,
    Liquidity,
    Order,
    OrderStatus,
    OrderType,
    Position,
    Side,
    TimeInForce,
    sent_order,
)
from tradewire.session.live_order import LiveOrder

BALANCES = [Balance(asset="BTC", available=Decimal("1.5"), locked=Decimal("0.5"))]
LONG = Position(
    market="ABC", size=Decimal(2), average_price=Decimal(10), realized_pnl=Decimal(3), updated_at_ns=1
)
FLAT = Position(market="XYZ", size=Decimal(0), average_price=None, realized_pnl=Decimal(0), updated_at_ns=0)
A, B, C = (f"00000000-0000-0000-0000-00000000000{number}" for number in range(3))
ACCOUNT: dict[str, Any] = {
    "orders": [{"order_id": "7", "status": "filled", "filled_size": "1"}],
    "fills": [
        {"order_id": "7", "trade_id": "70", "price": "10", "size": "1.0", "fee": "0.1", "liquidity": "maker"}
    ],
    "balances": {"BTC": {"available": "1.5", "locked": "0.50"}},
    "positions": {
        "ABC": {"size": "2", "average_price": "10", "realized_pnl": "3", "mark": "12", "unrealized_pnl": "4"}
    },
}


def filled_order() -> LiveOrder:
    order = LiveOrder(
        sent_order(
            market="BTCUSDT",
            side=Side.BUY,
            size=Decimal(1),
            price=Decimal(10),
            client_order_id="a",
            order_id="7",
        )
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


def differences(account: dict[str, Any]) -> list[str]:
    return [
        *compare_orders([filled_order()], account)[1],
        *compare_balances(BALANCES, account)[1],
        *compare_positions([LONG, FLAT], account)[1],
    ]


def test_equal_ledgers_match() -> None:
    assert differences(ACCOUNT) == []
    assert compare_orders([filled_order()], ACCOUNT)[0] == 2


@pytest.mark.parametrize(
    ("path", "value"),
    [
        (("orders", 0, "status"), "open"),
        (("orders", 0, "filled_size"), "0.5"),
        (("orders", 0, "order_id"), "8"),
        (("fills", 0, "price"), "11"),
        (("fills", 0, "size"), "2"),
        (("fills", 0, "fee"), "0"),
        (("fills", 0, "liquidity"), "taker"),
        (("fills", 0, "trade_id"), "71"),
        (("balances", "BTC", "available"), "1.4"),
        (("balances", "BTC", "locked"), "0"),
        (("positions", "ABC", "size"), "3"),
        (("positions", "ABC", "average_price"), None),
        (("positions", "ABC", "realized_pnl"), "0"),
        (("positions", "ABC", "unrealized_pnl"), "5"),
    ],
)
def test_every_difference_is_found(path: tuple[str, int | str, str], value: object) -> None:
    account = deepcopy(ACCOUNT)
    account[path[0]][path[1]][path[2]] = value
    assert differences(account)


def test_what_only_the_venue_knows_is_a_difference() -> None:
    assert len(compare_orders([], ACCOUNT)[1]) == 2
    assert compare_balances([], ACCOUNT)[1] == [
        "BTC: we believe None, the venue has (Decimal('1.5'), Decimal('0.50'))"
    ]


def test_what_a_venue_does_not_tell_of_a_fill_is_not_compared() -> None:
    account = deepcopy(ACCOUNT)
    del account["fills"][0]["fee"], account["fills"][0]["liquidity"]
    assert compare_orders([filled_order()], account)[1] == []


def test_a_cancelled_order_without_fills_may_be_forgotten_where_venues_do() -> None:
    gone = LiveOrder(
        sent_order(
            market="BTCUSDT",
            side=Side.BUY,
            size=Decimal(1),
            price=Decimal(10),
            client_order_id="b",
            order_id="9",
        )
    )
    gone.merge(
        Order(
            order_id="9", client_order_id="b", market="BTCUSDT", side=Side.BUY, type=OrderType.LIMIT,
            time_in_force=TimeInForce.GTC, post_only=False, price=Decimal(10), size=Decimal(1), filled_size=Decimal(0),
            filled_notional=Decimal(0), status=OrderStatus.CANCELLED, created_at_ns=1, updated_at_ns=2,
        )
    )  # fmt: skip
    nothing: dict[str, Any] = {"orders": [], "fills": []}
    assert compare_orders([gone], nothing, forgets_cancelled=True) == (1, [])
    assert len(compare_orders([gone], nothing)[1]) == 1


def test_a_level2_book_equals_the_one_that_was_sent() -> None:
    book = Level2Book("BTCUSDT", limit=5)
    book.snapshot([("99.50", "2"), ("99.00", "4")], [("100.00", "1")])
    check = BookCheck.of(book)
    assert check.marks["checksum"] == zlib.crc32(b"99.50:2:99.00:4:100.00:1")
    sent = {"bids": [["99.5", "2"], ["99", "4.0"]], "asks": [["100.00", "1"]]}
    assert compare_book(check, sent) == ("", False)
    assert "bids of BTCUSDT" in compare_book(BookCheck.of(book, make_wrong=True), sent)[0]
    assert "asks of BTCUSDT" in compare_book(check, sent | {"asks": []})[0]
    assert "never sent our book" in compare_book(check, None)[0]


def test_a_level3_book_equals_the_one_that_was_sent_order_by_order() -> None:
    book = Level3Book("ABC")
    book.snapshot([(A, 9, 5), (B, 9, 6)], [(C, 10, 1)], sequence=3)
    check = BookCheck.of(book)
    assert (check.marks, check.orders) == ({"sequence": 3}, 3)
    sent = {"bids": [[A, 9, 5], [B, 9, 6]], "asks": [[C, 10, 1]]}
    assert compare_book(check, sent) == ("", False)
    difference, is_queue = compare_book(check, sent | {"bids": [[B, 9, 6], [A, 9, 5]]})
    assert is_queue
    assert "queues" in difference
    assert compare_book(BookCheck.of(book, make_wrong=True), sent)[1] is False


def test_an_order_is_timed_whether_it_is_sent_before_or_after_its_cause_is_known() -> None:
    watch = Stopwatch()
    watch.on_sent(b'{"request_id": "early"}')
    watch.caused("early", 0)
    watch.caused("late", 0)
    assert len(watch.latencies_us) == 1
    watch.on_sent(b'{"client_id": "other"}')
    watch.on_sent(b'{"client_id": "late"}')
    watch.on_sent(b'{"client_id": "late"}')
    assert len(watch.latencies_us) == 2


def test_percentiles_are_nearest_rank() -> None:
    assert percentile([], 0.5) == 0
    assert percentile([3, 1, 2], 0.5) == 2
    assert percentile(list(range(1, 101)), 0.99) == 99


def test_position_that_differs_is_a_mismatch_of_the_part() -> None:
    assert PositionReport(position_checks=4).ok
    assert not PositionReport(position_checks=4, position_mismatches=1).ok
    assert PositionReport().as_json().keys() - VenueReport().as_json().keys() == {
        "position_checks",
        "position_mismatches",
    }
