"""What TrueX's rows make of orders: every wrapping, name and status a body was seen with, and what is none."""

from __future__ import annotations

import json
from decimal import Decimal
from typing import Any

import pytest

from tradewire.errors import FrameError, OrderNotFound, UnreadableRow
from tradewire.model import OrderStatus, OrderType, Side, TimeInForce, sent_order
from tradewire.protocol.endpoint import AnyEndpoint
from tradewire.session.live_order import LiveOrder
from tradewire.venues.truex import parse
from tradewire.venues.truex.directory import Directory
from tradewire.venues.truex.rest.order_queries import ACTIVE_ORDERS, ORDER_STATUS, ORDERS
from tradewire.venues.truex.rest.orders import AMEND_ORDER, CANCEL_ORDER, PLACE_ORDER
from tradewire.venues.truex.rest.reference import INSTRUMENTS
from tradewire.wire import Accepted

BTC_PYUSD = "78901949723181070"
INFO = {
    "msg_id": "799477895858487977",
    "parent_id": "0",
    "client_id": "78932725357888855",
    "instrument_id": BTC_PYUSD,
    "qty": "0.0100",
    "price": "64000.0",
    "side": "BUY",
    "type": "LIMIT",
    "tif": "GTC",
    "exec_inst_flags": ["ALO"],
    "stp": "CANCEL_AGGRESSIVE",
}
ORDER = {
    "id": "799477895858487977",
    "status": "ACTIVE",
    "order_info": INFO,
    "external_id": "sdk-000000000001",
    "ref_external_id": "",
    "pending_qty": "0",
    "leaves_qty": "0.0100",
    "exeuted_qty": "0",
    "executed_qty": "0",
    "executed_vwap": "0",
    "timestamp": "1770000000000000000",
    "update_timestamp": "1770000000000000001",
    "total": "unknown",
}


@pytest.fixture
def directory() -> Directory:
    info = {"symbol": "BTC-PYUSD", "reference_price": "1", "base_asset_id": "1", "quote_asset_id": "2"}
    known = Directory()
    known.learn_instruments(INSTRUMENTS.decode(body([{"id": BTC_PYUSD, "status": "ACTIVE", "info": info}])))
    return known


def body(document: Any) -> bytes:
    return json.dumps(document).encode()


def wrappings(item: Any) -> list[bytes]:
    """Return one object as each version and each operation may wrap it."""
    return [body(document) for document in (item, [item], {"data": item}, {"data": [item]})] + [
        b' \n{"pagination":{"size":1},"data":[' + body(item) + b"]}",
    ]


@pytest.mark.parametrize("number", range(5))
def test_one_order_in_every_wrapping(directory: Directory, number: int) -> None:
    row = AMEND_ORDER.decode(wrappings(ORDER)[number])
    order = parse.order(row, directory)
    assert (order.order_id, order.client_order_id, order.market) == (
        "799477895858487977", "sdk-000000000001", "BTC-PYUSD",
    )  # fmt: skip
    assert (order.side, order.type, order.time_in_force, order.post_only) == (
        Side.BUY, OrderType.LIMIT, TimeInForce.GTC, True,
    )  # fmt: skip
    assert (order.price, order.size, order.filled_size, order.status) == (
        Decimal("64000.0"), Decimal("0.0100"), Decimal(0), OrderStatus.OPEN,
    )  # fmt: skip
    assert (order.created_at_ns, order.updated_at_ns) == (1770000000000000000, 1770000000000000001)
    assert row.account_id == "78932725357888855"


@pytest.mark.parametrize("document", [[ORDER, ORDER], {"data": [ORDER, ORDER]}])
def test_one_order_is_one(document: Any) -> None:
    with pytest.raises(FrameError, match="one object was asked for"):
        PLACE_ORDER.decode(body(document))


NOTHING: list[Any] = [[], {"data": []}, None, {}, {"data": None}, {"data": {}}]


@pytest.mark.parametrize("document", NOTHING, ids=str)
def test_an_order_query_without_content_means_that_there_is_no_such_order(document: Any) -> None:
    # Case c1_null: such a reply was taken for a broken one, and the question was asked for ever.
    with pytest.raises(OrderNotFound):
        ORDER_STATUS.decode(body(document))
    for row in (PLACE_ORDER, AMEND_ORDER, CANCEL_ORDER):
        with pytest.raises(FrameError):
            row.decode(body(document))


def test_no_order_is_an_empty_list_and_not_null() -> None:
    assert len(ACTIVE_ORDERS.decode(b"[]")) == 0
    assert len(ACTIVE_ORDERS.decode(b'{"data":[],"pagination":{"size":10}}')) == 0
    for nothing in (b"null", b'{"data":null}', b"", b"{}", b'"x"', b"7", b"{" * 200):
        with pytest.raises(FrameError):
            ACTIVE_ORDERS.decode(nothing)


@pytest.mark.parametrize(
    ("pagination", "cursor"),
    [
        ({"size": 10, "next_cursor": "a/b="}, "a/b="),
        ({"limit": 10, "next_cursor": "x"}, "x"),
        ({"size": 10, "next_cursor": None}, ""),
        ({"size": 10, "next_cursor": ""}, ""),
        ({"size": 10}, ""),
        ({}, ""),
        (None, ""),
    ],
)
def test_cursor_of_the_next_page(pagination: Any, cursor: str) -> None:
    page = ORDERS.decode(body({"data": [ORDER], "pagination": pagination}))
    assert (len(page), page.next_cursor) == (1, cursor)


@pytest.mark.parametrize(
    ("told", "filled"),
    [
        ({"exeuted_qty": "0.004"}, "0.004"),
        ({"executed_qty": "0.004"}, "0.004"),
        ({"exeuted_qty": "0.004", "executed_qty": "0.004"}, "0.004"),
        ({"exeuted_qty": "0.004", "executed_qty": "0"}, "0.004"),
        ({"exeuted_qty": "0", "executed_qty": "0.004"}, "0.004"),
        ({"exeuted_qty": None, "executed_qty": None}, "0"),
        ({}, "0"),
    ],
)
def test_both_spellings_of_what_was_executed(directory: Directory, told: dict[str, Any], filled: str) -> None:
    bare = {name: value for name, value in ORDER.items() if not name.endswith("uted_qty")}
    order = parse.order(AMEND_ORDER.decode(body(bare | told | {"executed_vwap": "64000.5"})), directory)
    assert order.filled_size == Decimal(filled)
    assert order.filled_notional == Decimal(filled) * Decimal("64000.5")
    partial = order.filled_size > 0
    assert order.status is (OrderStatus.PARTIALLY_FILLED if partial else OrderStatus.OPEN)


@pytest.mark.parametrize(
    ("word", "status"),
    [
        ("INITIALIZED", OrderStatus.PENDING),
        ("NEW_PENDING", OrderStatus.PENDING),
        ("ACTIVE", OrderStatus.OPEN),
        ("MODIFY_PENDING", OrderStatus.OPEN),
        ("CANCEL_PENDING", OrderStatus.OPEN),
        ("FILLED", OrderStatus.FILLED),
        ("CANCELED", OrderStatus.CANCELLED),
        ("REJECTED", OrderStatus.REJECTED),
    ],
)
def test_every_status(directory: Directory, word: str, status: OrderStatus) -> None:
    assert parse.order(AMEND_ORDER.decode(body(ORDER | {"status": word})), directory).status is status
    executed = AMEND_ORDER.decode(body(ORDER | {"status": word, "executed_qty": "0.001"}))
    expected = OrderStatus.PARTIALLY_FILLED if status is OrderStatus.OPEN else status
    assert parse.order(executed, directory).status is expected


def test_older_names_of_info_and_modification(directory: Directory) -> None:
    old = {name: value for name, value in ORDER.items() if name != "order_info"} | {"order": INFO}
    modified = {"new_qty": "0.0200", "new_price": "64001.0", "new_type": "INVALID", "prev_modify": "0"}
    for name in ("modify", "modify_info"):
        order = parse.order(AMEND_ORDER.decode(body(old | {name: modified})), directory)
        assert (order.size, order.price, order.type) == (
            Decimal("0.0200"), Decimal("64001.0"), OrderType.LIMIT,
        )  # fmt: skip
    order = parse.order(AMEND_ORDER.decode(body(old | {"modify_info": {"new_type": "MARKET"}})), directory)
    assert (order.size, order.price, order.type) == (
        Decimal("0.0100"), Decimal("64000.0"), OrderType.MARKET,
    )  # fmt: skip


def test_order_of_an_instrument_nobody_knows_shows_its_id() -> None:
    assert parse.order(AMEND_ORDER.decode(body(ORDER)), Directory()).market == BTC_PYUSD


BROKEN: list[dict[str, Any]] = [
    {"order_info": None},
    {"order_info": {"side": "BUY"}},
    {"order_info": INFO | {"side": "LONG"}},
    {"order_info": INFO | {"qty": "many"}},
    {"order_info": INFO | {"price": "NaN"}},
    {"order_info": [1]},
    {"executed_qty": "-Infinity"},
    {"executed_qty": "0.1\n"},
    {"executed_qty": "9" * 41},
    {"timestamp": "2026-02-02"},
    {"timestamp": "-1"},
    {"timestamp": "9" * 41},
]


@pytest.mark.parametrize("change", BROKEN, ids=str)
def test_an_order_that_cannot_be_read_hides_no_neighbour_and_yields_its_ids_where_it_was_placed(
    directory: Directory, change: dict[str, Any]
) -> None:
    # Cases 06_null_fields and 07_new_enum.
    placed = PLACE_ORDER.decode(body(ORDER | change))
    assert isinstance(placed, Accepted)
    assert (placed.order_id, placed.client_order_id) == (ORDER["id"], ORDER["external_id"])
    found = ACTIVE_ORDERS.decode(body([ORDER, ORDER | change, ORDER]))
    orders = found.build(lambda row: parse.order(row, directory))
    assert [order.order_id for order in orders] == [ORDER["id"]] * 2
    [fault] = orders.unreadable
    assert json.loads(fault.raw) == ORDER | change


@pytest.mark.parametrize(
    ("word", "status"),
    [
        ("NEW_PENDING", OrderStatus.PENDING),
        ("REJECTED", OrderStatus.REJECTED),
        ("ACTIVE", OrderStatus.OPEN),
        (None, OrderStatus.OPEN),
        # How much of it traded cannot be read: its end is asked for.
        ("CANCELED", OrderStatus.OPEN),
        ("FILLED", OrderStatus.OPEN),
    ],
)
@pytest.mark.parametrize("endpoint", [PLACE_ORDER, ORDER_STATUS], ids=["placed", "asked for"])
def test_an_order_that_cannot_be_read_is_confirmed_unless_its_status_denies_it(
    endpoint: AnyEndpoint, word: str | None, status: OrderStatus
) -> None:
    found = endpoint.decode(body(ORDER | {"status": word, "executed_qty": "abc"}))
    assert isinstance(found, Accepted)
    assert found.status is status


@pytest.mark.parametrize("order_id", [None, "", [], 1.5])
def test_a_placed_order_without_id_cannot_be_read(order_id: object) -> None:
    with pytest.raises(UnreadableRow):
        PLACE_ORDER.decode(body(ORDER | {"id": order_id}))


ODD: list[dict[str, Any]] = [
    {"status": None},
    {"status": "PAUSED"},
    {"id": 799477895858487977},
    {"external_id": None},
    {"order_info": INFO | {"side": "buy"}},
    {"order_info": INFO | {"tif": "DAY"}},
    {"order_info": INFO | {"type": "ICEBERG"}},
    {"order_info": INFO | {"qty": 0.01}},
    {"order_info": INFO | {"exec_inst_flags": None}},
    {"order_info": INFO | {"price": "6.4e4"}},
    {"executed_qty": "", "executed_vwap": None},
    {"leaves_qty": None},
    {"update_timestamp": 1770000000000000001},
]


@pytest.mark.parametrize("change", ODD, ids=str)
def test_an_order_with_an_odd_member_or_a_new_word_is_read(
    directory: Directory, change: dict[str, Any]
) -> None:
    order = parse.order(AMEND_ORDER.decode(body(ORDER | change)), directory)
    assert (order.order_id, order.size, order.price, order.status) == (
        "799477895858487977", Decimal("0.01"), Decimal(64000), OrderStatus.OPEN,
    )  # fmt: skip


@pytest.mark.parametrize(
    ("executed", "status"),
    [("0", OrderStatus.OPEN), ("0.004", OrderStatus.PARTIALLY_FILLED), ("0.0100", OrderStatus.FILLED)],
)
def test_amounts_decide_a_status_whose_word_is_new(
    directory: Directory, executed: str, status: OrderStatus
) -> None:
    change = {"status": "PAUSED", "executed_qty": executed, "executed_vwap": "1"}
    order = parse.order(AMEND_ORDER.decode(body(ORDER | change)), directory)
    assert (order.status, order.venue_status) == (status, "PAUSED")


def test_a_change_that_is_not_confirmed_changes_neither_size_nor_price(directory: Directory) -> None:
    change = {
        "status": "MODIFY_PENDING",
        "modify_info": {"new_qty": "0.0500", "new_price": "1.0", "new_type": "MARKET"},
    }
    row = AMEND_ORDER.decode(body(ORDER | change))
    order = parse.order(row, directory)
    assert (order.size, order.price, order.type) == (Decimal("0.01"), Decimal(64000), OrderType.LIMIT)
    known = LiveOrder(
        sent_order(
            market="BTC-PYUSD", side=Side.BUY, size=Decimal("0.02"), price=Decimal(63000), client_order_id="x"
        )
    )
    order = parse.order(row, directory, known)
    assert (order.size, order.price, order.type) == (Decimal("0.02"), Decimal(63000), OrderType.LIMIT)
    confirmed = AMEND_ORDER.decode(body(ORDER | change | {"status": "ACTIVE"}))
    order = parse.order(confirmed, directory, known)
    assert (order.size, order.price, order.type) == (Decimal("0.05"), Decimal(1), OrderType.MARKET)
