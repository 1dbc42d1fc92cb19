"""What the rows make of whole replies: bodies as the venue documents them, or as captured where it says so."""

from __future__ import annotations

import json
from decimal import Decimal
from typing import Any

import pytest

from tradewire.errors import FrameError, InsufficientFunds, OrderNotFound, RemoteProtocolError
from tradewire.model import Level, Liquidity, Order, OrderStatus, OrderType, Page, Side, TimeInForce
from tradewire.protocol.endpoint import Endpoint
from tradewire.venues.coinex import endpoints as rows

MS = 1_000_000

ORDER = {
    "order_id": 117178743547,
    "market": "BTCUSDT",
    "market_type": "SPOT",
    "ccy": "BTC",
    "side": "buy",
    "type": "limit",
    "amount": "0.001",
    "price": "30000",
    "unfilled_amount": "0.001",
    "filled_amount": "0",
    "filled_value": "0",
    "client_id": "sdk-0001",
    "base_fee": "0",
    "quote_fee": "0",
    "discount_fee": "0",
    "maker_fee_rate": "0.002",
    "taker_fee_rate": "0.002",
    "last_filled_amount": "0",
    "last_filled_price": "0",
    "created_at": 1763640000130,
    "updated_at": 1763640000130,
}
DEAL = {
    "deal_id": 3514376759,
    "created_at": 1763640000131,
    "market": "BTCUSDT",
    "side": "sell",
    "order_id": 117178743547,
    "margin_market": "",
    "price": "30718.42",
    "amount": "0.00000325",
    "role": "taker",
    "fee": "0.0299",
    "fee_ccy": "USDT",
}
MARKET = {
    "market": "BTCUSDT",
    "taker_fee_rate": "0.002",
    "maker_fee_rate": "0.002",
    "min_amount": "0.0005",
    "base_ccy": "BTC",
    "quote_ccy": "USDT",
    "base_ccy_precision": 8,
    "quote_ccy_precision": 2,
    "status": "online",
    "delisted_at": 0,
    "is_amm_available": False,
    "is_margin_available": True,
    "is_pre_market_trading_available": True,
    "is_api_trading_available": True,
}
TICKER = {
    "market": "BTCUSDT",
    "last": "61000",
    "open": "60000",
    "close": "61000",
    "high": "62000.5",
    "low": "59000",
    "volume": "12.34567891",
    "value": "750000.12",
    "volume_sell": "1",
    "volume_buy": "2",
    "period": 86400,
}
DEPTH = {
    "market": "BTCUSDT",
    "is_full": True,
    "depth": {
        "asks": [["30740.00", "0.31763545"], ["30742.5", "0.1"]],
        "bids": [["30736.00", "0.04857373"]],
        "last": "30746.28",
        "updated_at": 1689152421692,
        "checksum": 2578768879,
    },
}
BALANCE = {"ccy": "USDT", "available": "44.62207740", "frozen": "1.5"}


def body(data: object, **more: object) -> bytes:
    return json.dumps({"code": 0, "data": data, "message": "OK"} | more).encode()


def read(row: Endpoint[Any, Any], data: object, **more: object) -> Any:
    return row.decode(body(data, **more))


def order(**changes: object) -> Order:
    found = read(rows.ORDER, ORDER | changes)
    assert isinstance(found, Order)
    return found


def test_order_as_documented() -> None:
    found = read(rows.PLACE_ORDER, ORDER)
    assert found == Order(
        order_id="117178743547",
        client_order_id="sdk-0001",
        market="BTCUSDT",
        side=Side.BUY,
        type=OrderType.LIMIT,
        time_in_force=TimeInForce.GTC,
        post_only=False,
        price=Decimal(30000),
        size=Decimal("0.001"),
        filled_size=Decimal(0),
        filled_notional=Decimal(0),
        status=OrderStatus.OPEN,
        created_at_ns=1763640000130 * MS,
        updated_at_ns=1763640000130 * MS,
        size_asset="BTC",
    )


@pytest.mark.parametrize(
    ("word", "expected"),
    [
        ("limit", (OrderType.LIMIT, TimeInForce.GTC, False)),
        ("maker_only", (OrderType.LIMIT, TimeInForce.GTC, True)),
        ("ioc", (OrderType.LIMIT, TimeInForce.IOC, False)),
        ("IOC", (OrderType.LIMIT, TimeInForce.IOC, False)),
        ("FOK", (OrderType.LIMIT, TimeInForce.FOK, False)),
        ("market", (OrderType.MARKET, TimeInForce.IOC, False)),
    ],
)
def test_order_type_holds_time_in_force_and_post_only(word: str, expected: tuple[Any, ...]) -> None:
    found = order(type=word, status="open")
    assert (found.type, found.time_in_force, found.post_only) == expected


def test_market_order_has_no_price() -> None:
    assert order(type="market", price="0", status="filled").price is None


@pytest.mark.parametrize(
    ("word", "status"),
    [
        ("open", OrderStatus.OPEN),
        ("part_filled", OrderStatus.PARTIALLY_FILLED),
        ("filled", OrderStatus.FILLED),
        ("part_canceled", OrderStatus.CANCELLED),
        ("canceled", OrderStatus.CANCELLED),
    ],
)
def test_status_where_the_venue_says_it(word: str, status: OrderStatus) -> None:
    assert order(status=word).status is status


@pytest.mark.parametrize(
    ("filled", "unfilled", "resting", "finished"),
    [
        ("0", "0.001", OrderStatus.OPEN, OrderStatus.CANCELLED),
        ("0.0004", "0.0006", OrderStatus.PARTIALLY_FILLED, OrderStatus.CANCELLED),
        ("0.001", "0", OrderStatus.FILLED, OrderStatus.FILLED),
    ],
)
def test_status_derived_from_the_amounts(
    filled: str, unfilled: str, resting: OrderStatus, finished: OrderStatus
) -> None:
    row = ORDER | {"filled_amount": filled, "unfilled_amount": unfilled}
    assert read(rows.PLACE_ORDER, row).status is resting
    assert read(rows.CANCEL_ORDER, row).status is finished
    [listed] = read(rows.CLOSED_ORDERS, [row]).items
    assert listed.status is finished


@pytest.mark.parametrize("word", ["ioc", "fok", "market"])
def test_order_that_takes_at_once_is_over_when_the_reply_comes(word: str) -> None:
    assert read(rows.PLACE_ORDER, ORDER | {"type": word}).status is OrderStatus.CANCELLED


def test_finished_order_without_update_time_keeps_its_creation_time() -> None:
    [found] = read(rows.CLOSED_ORDERS, [ORDER | {"updated_at": 0}]).items
    assert found.updated_at_ns == found.created_at_ns


def test_fields_new_to_us_are_ignored() -> None:
    assert order(brand_new={"a": [1]}).order_id == "117178743547"


def test_page_with_and_without_total() -> None:
    page = read(rows.OPEN_ORDERS, [ORDER], pagination={"total": 12, "has_next": True})
    assert (len(page.items), page.has_next, page.total) == (1, True, 12)
    page = read(rows.CLOSED_ORDERS, [], pagination={"has_next": False})
    assert page == Page((), has_next=False, total=None)


@pytest.mark.parametrize("row", [rows.BALANCES, rows.MARKETS, rows.TICKERS, rows.TRADES])
def test_null_is_an_empty_list(row: Endpoint[Any, Any]) -> None:
    assert read(row, None) == ()


def test_fill_as_documented() -> None:
    [found] = read(rows.FILLS, [DEAL], pagination={"has_next": False}).items
    assert (found.trade_id, found.order_id, found.side, found.liquidity) == (
        "3514376759",
        "117178743547",
        Side.SELL,
        Liquidity.TAKER,
    )
    assert (found.price, found.size, found.fee, found.fee_asset) == (
        Decimal("30718.42"),
        Decimal("0.00000325"),
        Decimal("0.0299"),
        "USDT",
    )
    assert found.time_ns == 1763640000131 * MS


def test_fill_captured_in_2024_lacks_role_and_fee() -> None:
    old = {name: value for name, value in DEAL.items() if name not in {"role", "fee", "fee_ccy"}}
    [found] = read(rows.ORDER_FILLS, [old]).items
    assert (found.liquidity, found.fee, found.fee_asset) == (None, None, "")


def test_market_as_documented() -> None:
    [found] = read(rows.MARKETS, [MARKET])
    assert (found.symbol, found.base, found.quote) == ("BTCUSDT", "BTC", "USDT")
    assert (found.tick_size, found.lot_size, found.min_size) == (
        Decimal("0.01"),
        Decimal("0.00000001"),
        Decimal("0.0005"),
    )
    assert found.is_tradable


@pytest.mark.parametrize("change", [{"status": "bidding"}, {"is_api_trading_available": False}])
def test_market_that_cannot_be_traded(change: dict[str, object]) -> None:
    [found] = read(rows.MARKETS, [MARKET | change])
    assert not found.is_tradable


def test_ticker_as_documented() -> None:
    [found] = read(rows.TICKERS, [TICKER])
    assert (found.last, found.open, found.high, found.low) == tuple(
        map(Decimal, ("61000", "60000", "62000.5", "59000"))
    )
    assert (found.volume, found.quote_volume) == (Decimal("12.34567891"), Decimal("750000.12"))


@pytest.mark.parametrize("checksum", [2578768879, 2578768879 - 2**32, "2578768879", str(2578768879 - 2**32)])
def test_book_as_documented_whatever_the_sign_of_the_checksum(checksum: object) -> None:
    found = read(rows.BOOK, DEPTH | {"depth": DEPTH["depth"] | {"checksum": checksum}})  # type: ignore[operator]
    assert found.bids == (Level(Decimal("30736.00"), Decimal("0.04857373")),)
    assert found.asks[0] == Level(Decimal("30740.00"), Decimal("0.31763545"))
    assert str(found.asks[0].price) == "30740.00"
    assert (found.last, found.checksum) == (Decimal("30746.28"), 2578768879)
    assert found.time_ns == 1689152421692 * MS


def test_balance_as_documented() -> None:
    [found] = read(rows.BALANCES, [BALANCE])
    assert (found.asset, found.available, found.locked) == ("USDT", Decimal("44.6220774"), Decimal("1.5"))
    assert found.total == Decimal("46.1220774")


def test_time_is_nanoseconds() -> None:
    assert read(rows.TIME, {"timestamp": 1763640000000}) == 1763640000000 * MS


def test_batch_tells_every_order_apart() -> None:
    done, bare, failed, poor = read(
        rows.CANCEL_BY_CLIENT_ORDER_ID,
        [
            {"code": 0, "data": ORDER, "message": "OK"},
            ORDER,
            {"code": 3600, "data": None, "message": "Order not found"},
            {"code": 3109, "data": {}, "message": "balance not enough"},
        ],
    )
    assert done == bare
    assert done.status is OrderStatus.CANCELLED
    assert isinstance(failed, OrderNotFound)
    assert failed.code == "3600"
    assert isinstance(poor, InsufficientFunds)


REFUSED: list[tuple[Endpoint[Any, Any], object]] = [
    (rows.ORDER, {}),
    (rows.ORDER, None),
    (rows.ORDER, []),
    (rows.ORDER, ORDER | {"order_id": "117178743547"}),
    (rows.ORDER, ORDER | {"order_id": 1.5}),
    (rows.ORDER, ORDER | {"amount": "many"}),
    (rows.ORDER, ORDER | {"amount": "NaN"}),
    (rows.ORDER, ORDER | {"filled_amount": "Infinity"}),
    (rows.ORDER, ORDER | {"price": None}),
    (rows.ORDER, ORDER | {"side": "both"}),
    (rows.ORDER, ORDER | {"type": "stop"}),
    (rows.ORDER, ORDER | {"status": "lost"}),
    (rows.ORDER, {name: value for name, value in ORDER.items() if name != "unfilled_amount"}),
    (rows.FILLS, [DEAL | {"fee": "NaN"}]),
    (rows.FILLS, {}),
    (rows.MARKETS, [MARKET | {"base_ccy_precision": 1_000_000_000}]),
    (rows.MARKETS, [MARKET | {"quote_ccy_precision": -1}]),
    (rows.MARKETS, [MARKET | {"min_amount": "sNaN"}]),
    (rows.TICKERS, [TICKER | {"last": "-Infinity"}]),
    (rows.BOOK, DEPTH | {"depth": {"asks": [["1"]], "bids": [], "updated_at": 1}}),
    (rows.BOOK, DEPTH | {"depth": {"asks": [["NaN", "1"]], "bids": [], "updated_at": 1}}),
    (rows.BOOK, DEPTH | {"depth": {"asks": [], "bids": [], "updated_at": 1, "checksum": "x"}}),
    (rows.BALANCES, [BALANCE | {"frozen": "NaN"}]),
    (rows.TIME, {"timestamp": "soon"}),
    (rows.CANCEL_BY_CLIENT_ORDER_ID, {}),
    (rows.CANCEL_BY_CLIENT_ORDER_ID, [{"code": 0, "data": None, "message": "OK"}]),
    (rows.CANCEL_BY_CLIENT_ORDER_ID, [7]),
]


@pytest.mark.parametrize(("row", "data"), REFUSED, ids=lambda value: getattr(value, "path", None))
def test_reply_of_another_shape_is_the_venues_fault(row: Endpoint[Any, Any], data: object) -> None:
    with pytest.raises(RemoteProtocolError):
        read(row, data)


@pytest.mark.parametrize("cut", range(0, len(body(ORDER)), 7))
def test_truncated_reply_is_refused(cut: int) -> None:
    with pytest.raises(FrameError):
        rows.ORDER.decode(body(ORDER)[:cut])
