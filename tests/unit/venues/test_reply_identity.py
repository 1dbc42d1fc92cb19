"""A reply that names another order than its request proves nothing: on every venue, for every request about one."""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable
from decimal import Decimal
from typing import Any

import pytest

from tradewire.errors import OrderNotFound, OutcomeUnknown, RemoteProtocolError
from tradewire.protocol.mismatch import first_mismatch, foreign_id, mismatch
from tradewire.signing import Credentials, Token
from tradewire.transport.mock import MockHttp
from tradewire.transport.seam import HttpReply, HttpRequest
from tradewire.venues.coinex.client import CoinEx
from tradewire.venues.exchange.client import Exchange
from tradewire.venues.truex.client import TrueX

Row = dict[str, Any]
Ask = Callable[[Any], Awaitable[Any]]

COINEX: Row = {
    "order_id": 1001, "market": "BTCUSDT", "market_type": "SPOT", "side": "buy", "type": "limit", "ccy": "BTC",
    "amount": "0.01", "price": "50000", "unfilled_amount": "0.01", "filled_amount": "0", "filled_value": "0",
    "client_id": "mine", "created_at": 1763640000000, "updated_at": 1763640000000,
}  # fmt: skip
DEAL: Row = {
    "deal_id": 1, "created_at": 1763640000000, "market": "BTCUSDT", "side": "buy", "order_id": 1001,
    "price": "50000", "amount": "0.01",
}  # fmt: skip
MINE = "3f2504e0-4f89-41d3-9a0c-0305e82c3301"
OTHER = "3f2504e0-4f89-41d3-9a0c-0305e82c3302"
EXCHANGE: Row = {
    "id": MINE, "trader_id": OTHER, "market": "ABC-USD", "side": "BUY", "price": 4000, "quantity": 2,
    "remaining": 2, "created_at": "2026-11-20T00:00:00Z",
}  # fmt: skip
INSTRUMENT = {
    "id": "78", "status": "ACTIVE",
    "info": {"symbol": "BTC-PYUSD", "reference_price": "64000", "base_asset_id": "7", "quote_asset_id": "8"},
}  # fmt: skip
ASSETS = [{"id": "7", "name": "BTC"}, {"id": "8", "name": "PYUSD"}]
TRUEX: Row = {
    "id": "501", "status": "ACTIVE", "external_id": "mine",
    "order_info": {
        "client_id": "5", "instrument_id": "78", "side": "BUY", "type": "LIMIT", "qty": "0.01", "price": "64000",
    },
}  # fmt: skip


def info(**changes: Any) -> Row:
    return {"order_info": TRUEX["order_info"] | changes}


COINEX_ASKS: list[tuple[Ask, Callable[[Row], object], list[Row]]] = [
    (
        lambda v: v.place_order("BTCUSDT", "buy", "0.010", "50000", client_order_id="mine"),
        lambda row: row,
        [
            {"client_id": "other"},
            {"market": "ETHUSDT"},
            {"side": "sell"},
            {"amount": "0.02"},
            {"price": "40000"},
        ],
    ),
    (
        lambda v: v.amend_order("BTCUSDT", "1001", price="50001"),
        lambda row: row,
        [{"order_id": 1002}, {"market": "ETHUSDT"}],
    ),
    (
        lambda v: v.cancel_order("BTCUSDT", "1001"),
        lambda row: row,
        [{"order_id": 1002}, {"market": "ETHUSDT"}],
    ),
    (lambda v: v.order("BTCUSDT", "1001"), lambda row: row, [{"order_id": 1002}, {"market": "ETHUSDT"}]),
    (
        lambda v: v.cancel_by_client_order_id("mine", market="BTCUSDT"),
        lambda row: [{"code": 0, "message": "OK", "data": row}],
        [{"client_id": "other"}, {"market": "ETHUSDT"}],
    ),
    (lambda v: v.fills("BTCUSDT"), lambda row: [DEAL | row], [{"market": "ETHUSDT"}]),
]
EXCHANGE_ASKS: list[tuple[Ask, Callable[[Row], object], list[Row]]] = [
    (
        lambda v: v.place_order("ABC-USD", "buy", 2, 4000, order_entry="rest"),
        lambda row: {"order": row, "fills": [], "resting": True},
        [{"market": "XYZ-USD"}, {"side": "SELL"}, {"price": 3000}, {"quantity": 3}],
    ),
    (
        lambda v: v.amend_order("ABC-USD", MINE, remaining=2, order_entry="rest"),
        lambda row: {"order": row},
        [{"id": OTHER}, {"remaining": 1}],
    ),
    (
        lambda v: v.cancel_order("ABC-USD", MINE, order_entry="rest"),
        lambda row: {"order": row},
        [{"id": OTHER}],
    ),
]
TRUEX_ASKS: list[tuple[Ask, Callable[[Row], object], list[Row]]] = [
    (
        lambda v: v.place_order("BTC-PYUSD", "buy", "0.0100", "64000.0", client_order_id="mine"),
        lambda row: row,
        [
            {"external_id": "other"}, info(instrument_id="79"), info(side="SELL"), info(qty="0.02"),
            info(price="63000"), info(client_id="6"),
        ],
    ),
    (
        lambda v: v.amend_order("BTC-PYUSD", "501", price="64001", size="0.01"),
        lambda row: row | {"external_id": "a new one"},
        [{"id": "502"}],
    ),
    (lambda v: v.cancel_order("BTC-PYUSD", "501"), lambda row: row, [{"id": "502"}]),
    (lambda v: v.cancel_order("BTC-PYUSD", client_order_id="mine"), lambda row: row, [{"external_id": "other"}]),
    (lambda v: v.order("BTC-PYUSD", "501"), lambda row: row, [{"id": "502"}]),
]  # fmt: skip


def coinex_reply(_request: HttpRequest, data: object) -> object:
    return {"code": 0, "message": "OK", "data": data}


def exchange_reply(_request: HttpRequest, data: object) -> object:
    return data


def truex_reply(request: HttpRequest, data: object) -> object:
    if "/instruments" in request.url:
        return {"data": [INSTRUMENT]}
    return {"data": ASSETS if "/assets" in request.url else data}


VENUES: list[tuple[str, Row, Callable[[HttpRequest, object], object], list[Any]]] = [
    ("coinex", COINEX, coinex_reply, COINEX_ASKS),
    ("exchange", EXCHANGE, exchange_reply, EXCHANGE_ASKS),
    ("truex", TRUEX, truex_reply, TRUEX_ASKS),
]
CASES = [
    pytest.param(name, row, wrap, ask, build, changes, id=f"{name}-{number}")
    for name, row, wrap, asks in VENUES
    for number, (ask, build, changes) in enumerate(asks)
]


def client(name: str, http: MockHttp) -> Any:
    if name == "coinex":
        return CoinEx(Credentials("key", "secret"), http=http)
    if name == "exchange":
        return Exchange(Token("key"), http=http)
    return TrueX(Credentials("key", "secret"), account_id="5", organization_id="6", http=http)


@pytest.mark.parametrize(("name", "row", "wrap", "ask", "build", "changes"), CASES)
async def test_reply_that_names_another_order_proves_nothing(
    name: str,
    row: Row,
    wrap: Callable[[HttpRequest, object], object],
    ask: Ask,
    build: Callable[[Row], object],
    changes: list[Row],
) -> None:
    served = row

    def answer(request: HttpRequest) -> HttpReply:
        return HttpReply(200, {}, json.dumps(wrap(request, build(served))).encode())

    async with client(name, MockHttp(answer)) as venue:
        await ask(venue)
    for change in changes:
        # A client of its own each: the id of a live order may not be used again.
        served = row | change
        async with client(name, MockHttp(answer)) as venue:
            with pytest.raises(OutcomeUnknown, match="belongs to another request") as caught:
                await ask(venue)
            assert isinstance(caught.value.__cause__, RemoteProtocolError)
            assert caught.value.endpoint


@pytest.mark.parametrize(
    "ask",
    [
        lambda venue: venue.place_order("BTC-PYUSD", "buy", "0.01", "64000", client_order_id="mine"),
        lambda venue: venue.cancel_order("BTC-PYUSD", "501"),
        lambda venue: venue.amend_order("BTC-PYUSD", "501", size="0.02", price="64000"),
    ],
    ids=["place", "cancel", "amend"],
)
async def test_refusal_that_names_another_order_proves_nothing(ask: Ask) -> None:
    words = f"Order {OTHER} is unknown"

    def answer(request: HttpRequest) -> HttpReply:
        if request.method == "GET":
            return HttpReply(200, {}, json.dumps(truex_reply(request, [])).encode())
        problem = {"error": {"title": "Not Found", "status": 404, "detail": words}}
        return HttpReply(404, {}, json.dumps(problem).encode())

    async with client("truex", MockHttp(answer)) as venue:
        with pytest.raises(OutcomeUnknown, match="belongs to another request"):
            await ask(venue)


@pytest.mark.parametrize(
    ("name", "status", "refusal", "ask"),
    [
        (
            "coinex",
            200,
            {"code": 3600, "data": {}, "message": "Order not found"},
            lambda venue: venue.place_order("BTCUSDT", "buy", "0.01", "50000"),
        ),
        (
            "exchange",
            404,
            {"error": "order not found"},
            lambda venue: venue.place_order("ABC-USD", "buy", 2, 4000, order_entry="rest"),
        ),
    ],
    ids=["coinex", "exchange"],
)
async def test_no_such_order_is_no_answer_to_a_placing(
    name: str, status: int, refusal: Row, ask: Ask
) -> None:
    def answer(request: HttpRequest) -> HttpReply:
        return HttpReply(status, {}, json.dumps(refusal).encode())

    async with client(name, MockHttp(answer)) as venue:
        with pytest.raises(OutcomeUnknown, match="belongs to another request: it is about an order"):
            await ask(venue)


async def test_refusal_that_names_the_order_asked_for_is_one() -> None:
    def answer(request: HttpRequest) -> HttpReply:
        if "/orders/" not in request.url:
            return HttpReply(200, {}, json.dumps(truex_reply(request, [])).encode())
        problem = {"error": {"title": "Not Found", "status": 404, "detail": f"Order {OTHER} is unknown"}}
        return HttpReply(404, {}, json.dumps(problem).encode())

    async with client("truex", MockHttp(answer)) as venue:
        with pytest.raises(OrderNotFound):
            await venue.order_status(client_order_id=OTHER)


def test_foreign_id_is_a_uuid_or_a_long_number_that_was_not_sent() -> None:
    assert foreign_id(f"Order {OTHER} is unknown", f"/orders/{MINE}", "{}") == OTHER
    assert foreign_id(f"Order {OTHER} is unknown", f"/orders/{OTHER}") == ""
    assert foreign_id("order 100000000161 not found", '{"order_id":100000000162}') == "100000000161"
    assert foreign_id("code 3600, market BTCUSDT, 404", "") == ""


def test_what_one_side_leaves_out_is_no_difference() -> None:
    assert mismatch(market=(None, "X"), order_id=("7", ""), size=(Decimal("0.10"), Decimal("0.1"))) == ""
    assert mismatch(market=("X", "Y"), order_id=("7", "8")) == "market Y for X, order_id 8 for 7"
    assert len(mismatch(market=("X", "Y" * 10_000))) < 100
    assert first_mismatch(["", "a", "b"]) == "a"
    assert first_mismatch([]) == ""
