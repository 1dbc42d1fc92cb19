"""What the rows make of whole replies: bodies as the venue documents them, or as captured where it says so."""

from __future__ import annotations

import json
from decimal import Decimal
from typing import Any

import pytest

from tradewire.errors import (
    FrameError,
    InsufficientFunds,
    OrderNotFound,
    OutcomeUnknown,
    RemoteProtocolError,
    UnreadableRow,
)
from tradewire.model import (
    AccountKind,
    Level,
    Liquidity,
    Order,
    OrderStatus,
    OrderType,
    Page,
    Side,
    TimeInForce,
)
from tradewire.protocol.endpoint import Endpoint
from tradewire.venues.coinex import parse, replies
from tradewire.venues.coinex.api import SPOT
from tradewire.venues.coinex.rest import balance, common, deals, market, orders, placing
from tradewire.wire import Accepted

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
    found = read(orders.ORDER[SPOT], ORDER | changes)
    assert isinstance(found, Order)
    return found


def test_order_as_documented() -> None:
    found = read(placing.PLACE_ORDER[SPOT], ORDER)
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
        unfilled_size=Decimal("0.001"),
        base_fee=Decimal(0),
        quote_fee=Decimal(0),
        discount_fee=Decimal(0),
        venue_type="limit",
    )
    assert (found.account, found.remaining, found.average_price) == (AccountKind.SPOT, Decimal("0.001"), None)


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
        ("PART_DEAL", OrderStatus.PARTIALLY_FILLED),
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
    assert read(placing.PLACE_ORDER[SPOT], row).status is resting
    assert read(orders.CANCEL_ORDER[SPOT], row).status is finished
    [listed] = read(orders.CLOSED_ORDERS[SPOT], [row]).items
    assert listed.status is finished


@pytest.mark.parametrize("word", ["ioc", "fok", "market"])
def test_order_that_takes_at_once_is_over_when_the_reply_comes(word: str) -> None:
    assert read(placing.PLACE_ORDER[SPOT], ORDER | {"type": word}).status is OrderStatus.CANCELLED


def test_finished_order_without_update_time_keeps_its_creation_time() -> None:
    [found] = read(orders.CLOSED_ORDERS[SPOT], [ORDER | {"updated_at": 0}]).items
    assert found.updated_at_ns == found.created_at_ns


def test_fields_new_to_us_are_ignored() -> None:
    assert order(brand_new={"a": [1]}).order_id == "117178743547"


def test_page_with_and_without_total() -> None:
    page = read(orders.OPEN_ORDERS[SPOT], [ORDER], pagination={"total": 12, "has_next": True})
    assert (len(page.items), page.has_next, page.total) == (1, True, 12)
    page = read(orders.CLOSED_ORDERS[SPOT], [], pagination={"has_next": False})
    assert page == Page((), has_next=False, total=None)


@pytest.mark.parametrize(
    "row", [balance.BALANCES, market.MARKETS[SPOT], market.TICKERS[SPOT], market.TRADES[SPOT]]
)
def test_null_is_an_empty_list(row: Endpoint[Any, Any]) -> None:
    assert len(read(row, None)) == len(read(row, {})) == len(read(row, [])) == 0


def test_fill_as_documented() -> None:
    [found] = read(deals.FILLS[SPOT], [DEAL], pagination={"has_next": False}).items
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
    [found] = read(deals.ORDER_FILLS[SPOT], [old]).items
    assert (found.liquidity, found.fee, found.fee_asset) == (None, None, "")


def test_market_as_documented() -> None:
    [found] = read(market.MARKETS[SPOT], [MARKET])
    assert (found.symbol, found.base, found.quote) == ("BTCUSDT", "BTC", "USDT")
    assert (found.tick_size, found.lot_size, found.min_size) == (
        Decimal("0.01"),
        Decimal("0.00000001"),
        Decimal("0.0005"),
    )
    assert found.is_tradable


@pytest.mark.parametrize("change", [{"status": "bidding"}, {"is_api_trading_available": False}])
def test_market_that_cannot_be_traded(change: dict[str, object]) -> None:
    [found] = read(market.MARKETS[SPOT], [MARKET | change])
    assert not found.is_tradable


def test_ticker_as_documented() -> None:
    [found] = read(market.TICKERS[SPOT], [TICKER])
    assert (found.last, found.open, found.high, found.low) == tuple(
        map(Decimal, ("61000", "60000", "62000.5", "59000"))
    )
    assert (found.volume, found.quote_volume) == (Decimal("12.34567891"), Decimal("750000.12"))


@pytest.mark.parametrize("checksum", [2578768879, 2578768879 - 2**32, "2578768879", str(2578768879 - 2**32)])
def test_book_as_documented_whatever_the_sign_of_the_checksum(checksum: object) -> None:
    found = read(market.BOOK[SPOT], DEPTH | {"depth": DEPTH["depth"] | {"checksum": checksum}})  # type: ignore[operator]
    assert found.bids == (Level(Decimal("30736.00"), Decimal("0.04857373")),)
    assert found.asks[0] == Level(Decimal("30740.00"), Decimal("0.31763545"))
    assert str(found.asks[0].price) == "30740.00"
    assert (found.last, found.checksum) == (Decimal("30746.28"), 2578768879)
    assert found.time_ns == 1689152421692 * MS


def test_balance_as_documented() -> None:
    [found] = read(balance.BALANCES, [BALANCE])
    assert (found.asset, found.available, found.locked) == ("USDT", Decimal("44.6220774"), Decimal("1.5"))
    assert found.total == Decimal("46.1220774")


def test_time_is_nanoseconds() -> None:
    assert read(common.TIME, {"timestamp": 1763640000000}) == 1763640000000 * MS


def test_batch_tells_every_order_apart() -> None:
    done, bare, failed, poor = read(
        orders.CANCEL_BY_CLIENT_ORDER_ID[SPOT],
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
    (orders.ORDER[SPOT], [ORDER]),
    (orders.ORDER[SPOT], ORDER | {"order_id": 1.5}),
    (orders.ORDER[SPOT], ORDER | {"order_id": None}),
    (orders.ORDER[SPOT], ORDER | {"amount": "many"}),
    (orders.ORDER[SPOT], ORDER | {"amount": "NaN"}),
    (orders.ORDER[SPOT], ORDER | {"filled_amount": "Infinity"}),
    (orders.ORDER[SPOT], ORDER | {"filled_value": None, "filled_amount": "0.0001"}),
    (orders.ORDER[SPOT], ORDER | {"side": "both"}),
    (orders.ORDER[SPOT], ORDER | {"market_type": "LUNAR"}),
    (orders.ORDER[SPOT], ORDER | {"filled_amount": None, "unfilled_amount": None, "filled_value": None}),
    (deals.FILLS[SPOT], {"a": 1}),
    (market.MARKETS[SPOT], "none"),
    (market.BOOK[SPOT], DEPTH | {"depth": {"asks": [["1"]], "bids": [], "updated_at": 1}}),
    (market.BOOK[SPOT], DEPTH | {"depth": {"asks": [["NaN", "1"]], "bids": [], "updated_at": 1}}),
    (market.BOOK[SPOT], DEPTH | {"depth": {"asks": [], "bids": [], "updated_at": 1, "checksum": "x"}}),
    (common.TIME, {"timestamp": "soon"}),
    (common.TIME, None),
    (placing.PLACE_ORDER[SPOT], None),
    (placing.PLACE_ORDER[SPOT], {}),
    (placing.PLACE_ORDER[SPOT], ORDER | {"order_id": ""}),
    (orders.CANCEL_ORDER[SPOT], None),
    (orders.CANCEL_BY_CLIENT_ORDER_ID[SPOT], {}),
]


@pytest.mark.parametrize(("row", "data"), REFUSED, ids=lambda value: getattr(value, "path", None))
def test_reply_of_another_shape_is_the_venues_fault(row: Endpoint[Any, Any], data: object) -> None:
    with pytest.raises(RemoteProtocolError):
        read(row, data)


@pytest.mark.parametrize("nothing", [None, {}, []])
def test_an_order_query_without_data_means_that_there_is_no_such_order(nothing: object) -> None:
    # Case c1_null: such a reply was taken for a broken one, and the question was asked for ever.
    with pytest.raises(OrderNotFound):
        read(orders.ORDER[SPOT], nothing)


ODD: list[tuple[str, object]] = [
    ("client_id", None), ("client_id", 7), ("ccy", None), ("price", None), ("price", ""), ("price", 30000),
    ("updated_at", None), ("updated_at", ""), ("status", None), ("filled_value", ""), ("filled_value", None),
    ("amount", 0.001), ("order_id", "117178743547"), ("created_at", 1763640000130.0), ("created_at", "1763640000130"),
    ("filled_amount", "0E-20"), ("filled_amount", None), ("unfilled_amount", None), ("type", "stop_limit"),
    ("status", "lost"), ("market_type", None), ("base_fee", None), ("brand_new", {"a": [1, {"b": None}]}),
]  # fmt: skip


@pytest.mark.parametrize(("field", "value"), ODD, ids=str)
def test_an_order_with_an_odd_field_is_read(field: str, value: object) -> None:
    # Cases 06_null_fields and 07_new_enum: an accepted order's reply was lost for one field.
    found = order(**{field: value})
    assert (found.order_id, found.market, found.size) == ("117178743547", "BTCUSDT", Decimal("0.001"))
    assert (found.filled_size, found.filled_notional, found.status) == (0, 0, OrderStatus.OPEN)
    assert found.remaining == Decimal("0.001")


@pytest.mark.parametrize(
    "field", [name for name in ORDER if name not in {"order_id", "market", "side", "amount"}]
)
def test_an_order_without_one_field_is_read(field: str) -> None:
    row = {name: value for name, value in ORDER.items() if name != field}
    assert read(orders.ORDER[SPOT], row).order_id == "117178743547"


@pytest.mark.parametrize(
    "changes",
    [
        {"side": "both"},
        {"amount": ""},
        {"filled_amount": "abc"},
        {"market": None},
        {"market_type": "LUNAR"},
        {"price": []},
    ],
    ids=str,
)
def test_the_reply_to_a_placed_order_yields_at_least_its_ids(changes: dict[str, object]) -> None:
    found = read(placing.PLACE_ORDER[SPOT], ORDER | changes)
    assert isinstance(found, Accepted)
    assert (found.order_id, found.client_order_id) == ("117178743547", "sdk-0001")
    assert json.loads(found.fault.raw) == ORDER | changes


def test_an_order_whose_type_is_a_new_word_keeps_it_and_is_not_taken_for_finished() -> None:
    found = order(type="stop_limit", unfilled_amount="0.0004", filled_amount="0.0006", filled_value="18")
    assert (found.type, found.time_in_force, found.venue_type) == (None, None, "stop_limit")
    assert (found.status, found.average_price) == (OrderStatus.PARTIALLY_FILLED, Decimal(30000))


def test_older_and_newer_spelling_of_the_last_fill() -> None:
    new = {"last_filled_amount": "0.0006", "last_filled_price": "30001"}
    old = {"last_fill_amount": "0.0006", "last_fill_price": "30001"}
    bare = {name: value for name, value in ORDER.items() if not name.startswith("last_")}
    for row in (bare | new, bare | old):
        found = read(orders.ORDER[SPOT], row)
        assert (found.last_fill_size, found.last_fill_price) == (Decimal("0.0006"), Decimal(30001))


def test_a_market_order_counted_in_quote_says_its_unit_and_never_mixes_units() -> None:
    # Case 02: remaining was USDT minus BTC.
    found = order(
        type="market", ccy="USDT", amount="100", price="0", unfilled_amount="0.5", filled_amount="0.003",
        filled_value="99.5", status="part_canceled",
    )  # fmt: skip
    assert (found.size, found.size_asset, found.remaining) == (Decimal(100), "USDT", Decimal("0.5"))


@pytest.mark.parametrize(
    ("word", "account"), [("MARGIN", AccountKind.MARGIN), ("futures", AccountKind.FUTURES)]
)
def test_an_order_says_its_account(word: str, account: AccountKind) -> None:
    assert order(market_type=word).account is account
    assert order(margin_market="BTCUSDT").account is AccountKind.MARGIN
    [fill] = read(deals.FILLS[SPOT], [DEAL | {"margin_market": "BTCUSDT"}]).items
    assert fill.account is AccountKind.MARGIN


LISTS: list[tuple[Endpoint[Any, Any], dict[str, Any]]] = [
    (orders.OPEN_ORDERS[SPOT], ORDER), (orders.CLOSED_ORDERS[SPOT], ORDER),
    (deals.FILLS[SPOT], DEAL), (deals.ORDER_FILLS[SPOT], DEAL),
    (market.MARKETS[SPOT], MARKET), (market.TICKERS[SPOT], TICKER), (balance.BALANCES, BALANCE),
]  # fmt: skip
ODDITIES: list[object] = [None, "", "abc", 1, 1.5, "NaN", "1_0", [], {}, True]


def items(found: Any) -> tuple[Any, ...]:
    return tuple(found.items) if isinstance(found, Page) else tuple(found)


@pytest.mark.parametrize(("row", "good"), LISTS, ids=lambda value: getattr(value, "path", None))
def test_whatever_one_field_of_one_row_is_its_neighbours_come_out_unchanged(
    row: Endpoint[Any, Any], good: dict[str, Any]
) -> None:
    # Case 06: one odd order among three hid all three.
    [whole] = items(read(row, [good]))
    for field in good:
        for odd in ODDITIES:
            found = read(row, [good, good | {field: odd}, good])
            got = items(found)
            assert got[0] == got[-1] == whole, (field, odd)
            assert len(got) + len(found.unreadable) == 3, (field, odd)
            for fault in found.unreadable:
                assert json.loads(fault.raw) == good | {field: odd}


@pytest.mark.parametrize(("row", "good"), LISTS, ids=lambda value: getattr(value, "path", None))
def test_rows_that_are_no_objects_are_reported(row: Endpoint[Any, Any], good: dict[str, Any]) -> None:
    found = read(row, [None, good, "", 7, []])
    assert len(items(found)) == 1
    assert [fault.raw for fault in found.unreadable] == [b"null", b'""', b"7", b"[]"]


def test_one_bad_row_of_a_batch_is_an_unknown_outcome_beside_the_others() -> None:
    batch = [{"code": 0, "data": ORDER}, {"code": 0, "data": None}, 7, {"code": 3600, "message": "gone"}]
    done, empty, number, gone = read(orders.CANCEL_BY_CLIENT_ORDER_ID[SPOT], batch)
    assert done.status is OrderStatus.CANCELLED
    assert isinstance(empty, OutcomeUnknown)
    assert isinstance(number, OutcomeUnknown)
    assert isinstance(number.__cause__, UnreadableRow)
    assert isinstance(gone, OrderNotFound)


def test_a_level_of_size_zero_is_no_level() -> None:
    depth = {"asks": [["2", "0"], ["3", "0.00"], ["4", "1E-8"]], "bids": None, "updated_at": 1}
    found = read(market.BOOK[SPOT], {"market": "BTCUSDT", "depth": depth})
    assert (found.asks, found.bids) == ((Level(Decimal(4), Decimal("1E-8")),), ())


def test_a_page_says_whether_there_is_more_in_either_spelling() -> None:
    assert read(orders.CLOSED_ORDERS[SPOT], [ORDER], paginatation={"has_next": True}).has_next
    assert not read(orders.CLOSED_ORDERS[SPOT], [ORDER], pagination=None).has_next


@pytest.mark.parametrize("cut", range(0, len(body(ORDER)), 7))
def test_truncated_reply_is_refused(cut: int) -> None:
    with pytest.raises(FrameError):
        orders.ORDER[SPOT].decode(body(ORDER)[:cut])


RULES = market.MARKETS[SPOT].decode(body([MARKET]))[0]


QUOTED = {"amount": "100", "unfilled_amount": "0.5", "filled_amount": "0.003", "filled_value": "99.5"}
COUNTED = {"amount": "3", "unfilled_amount": "1", "filled_amount": "2", "filled_value": "99.5"}
NOT_FILLED = {"unfilled_amount": "3", "filled_amount": "0", "filled_value": "0"}


@pytest.mark.parametrize(
    ("changes", "unit"),
    [
        ({}, "BTC"),
        ({"type": "market"} | QUOTED, "USDT"),
        ({"type": "market"} | COUNTED, "BTC"),
        ({"type": "market"} | COUNTED | {"filled_value": "2"}, ""),
        ({"type": "market"} | COUNTED | NOT_FILLED, ""),
    ],
)
def test_the_unit_of_a_push_is_named_where_the_rules_are_known_and_the_amounts_prove_it(
    changes: dict[str, str], unit: str
) -> None:
    # Case 02: the unit was lost on the stream.
    found = order(**{"ccy": ""} | changes)
    assert parse.name_unit(found, RULES).size_asset == unit
    assert parse.name_unit(found, None) is found
    [fill] = read(deals.FILLS[SPOT], [DEAL])
    assert parse.name_unit(fill, RULES).size_asset == "BTC"


def test_a_reply_without_a_row_keeps_its_envelope_and_its_digits() -> None:
    assert replies.raw(b'{"code": 0, "data": 0.10, "message": "OK"}') == {
        "code": 0, "data": Decimal("0.10"), "message": "OK",
    }  # fmt: skip
