"""Stop orders and batches as they travel, and what their replies can say."""

from __future__ import annotations

import json
from decimal import Decimal
from typing import Any

import pytest

from tradewire.errors import (
    ConfigError,
    FrameError,
    InsufficientFunds,
    OrderNotFound,
    OutcomeUnknown,
    VenueUnavailable,
)
from tradewire.model import AccountKind, Order, Side
from tradewire.signing import Credentials
from tradewire.transport.mock import MockHttp
from tradewire.transport.seam import HttpReply
from tradewire.venues.coinex.api import FUTURES, SPOT
from tradewire.venues.coinex.client import CoinEx
from tradewire.venues.coinex.futures.client import CoinExFutures
from tradewire.venues.coinex.model import StopStatus
from tradewire.venues.coinex.rest import batches, stop_orders
from tradewire.wire import Accepted

TERMS: dict[str, Any] = {
    "market": "BTCUSDT", "side": "buy", "size": "0.001", "trigger_price": "31000", "price": "30000",
    "client_order_id": "mine",
}  # fmt: skip
ORDER = {
    "order_id": 5, "market": "BTCUSDT", "market_type": "SPOT", "ccy": "BTC", "side": "buy", "type": "limit",
    "amount": "1", "price": "2", "unfilled_amount": "1", "filled_amount": "0", "filled_value": "0",
    "client_id": "mine", "created_at": 1, "updated_at": 1,
}  # fmt: skip


def reply(*items: object) -> bytes:
    return json.dumps({"code": 0, "data": items, "message": "OK"}).encode()


async def test_a_stop_order_is_the_documented_body() -> None:
    async with CoinEx() as spot, CoinExFutures() as futures:
        body = stop_orders.PLACE_STOP_ORDER[SPOT].encode(spot.stop_request(**TERMS)).body
        assert json.loads(body) == {
            "market": "BTCUSDT", "market_type": "SPOT", "side": "buy", "type": "limit", "amount": "0.001",
            "price": "30000", "trigger_price": "31000", "client_id": "mine",
        }  # fmt: skip
        market = {
            **TERMS,
            "price": None,
            "type": "market",
            "size_asset": "USDT",
            "account": "margin",
            "stp": "cancel_maker",
        }
        sent = json.loads(stop_orders.PLACE_STOP_ORDER[SPOT].encode(spot.stop_request(**market)).body)
        assert (sent["ccy"], sent["market_type"], sent["stp_mode"], "price" in sent) == (
            "USDT", "MARGIN", "cm", False,
        )  # fmt: skip
        # Futures ask which price is watched, and know no other unit than base.
        body = stop_orders.PLACE_STOP_ORDER[FUTURES].encode(futures.stop_request(**TERMS)).body
        sent = json.loads(body)
        assert (sent["market_type"], sent["trigger_price_type"], "ccy" in sent) == (
            "FUTURES", "latest_price", False,
        )  # fmt: skip


async def test_a_batch_holds_the_bodies_of_its_items() -> None:
    async with CoinEx() as spot:
        items = [spot.stop_request(**TERMS), spot.stop_request(**{**TERMS, "client_order_id": "other"})]
        body = json.loads(batches.PLACE_STOP_ORDERS[SPOT].encode(batches.PlaceStopOrders(items)).body)
        singles = [json.loads(stop_orders.PLACE_STOP_ORDER[SPOT].encode(item).body) for item in items]
        assert body == {"orders": singles}


def test_ids_travel_as_numbers_and_futures_say_what_they_are() -> None:
    spot = batches.CANCEL_ORDERS[SPOT].encode(batches.OrderRefs("BTCUSDT", ["1", "22"]))
    assert json.loads(spot.body) == {"market": "BTCUSDT", "order_ids": [1, 22]}
    futures = batches.CANCEL_STOP_ORDERS[FUTURES].encode(batches.FuturesStopOrderRefs("BTCUSDT", ["3"]))
    assert json.loads(futures.body) == {"market": "BTCUSDT", "market_type": "FUTURES", "stop_ids": [3]}
    asked = batches.ORDERS[SPOT].encode(batches.OrdersQuery("BTCUSDT", ["1", "22"]))
    assert dict(asked.query) == {"market": "BTCUSDT", "order_ids": "1,22"}
    with pytest.raises(ConfigError, match="order_ids must be one of the venue's numbers"):
        batches.CANCEL_ORDERS[SPOT].encode(batches.OrderRefs("BTCUSDT", ["1,2"]))


def test_amending_a_stop_order_must_change_something() -> None:
    with pytest.raises(ConfigError, match="needs a new price, size or trigger_price"):
        stop_orders.AmendStopOrder("BTCUSDT", AccountKind.SPOT, "1", None, None, None)


def test_items_are_read_wrapped_or_bare_and_each_by_itself() -> None:
    found = batches.PLACE_ORDERS[SPOT].decode(
        reply(
            {"code": 0, "data": ORDER, "message": ""},
            ORDER,
            {"code": 3109, "data": None, "message": "balance not enough"},
            {"code": 3008, "data": {}, "message": "service too busy"},
            {"code": 0, "data": {"order_id": 9, "client_id": "x"}, "message": ""},
            {"code": 0, "data": {"side": "buy"}, "message": ""},
            None,
        )
    )
    assert isinstance(found[0], Order)
    assert found[0] == found[1]
    assert [type(one) for one in found[2:]] == [
        InsufficientFunds, OutcomeUnknown, Accepted, OutcomeUnknown, OutcomeUnknown,
    ]  # fmt: skip


def test_statuses_of_a_batch() -> None:
    found = batches.ORDERS[SPOT].decode(
        reply(
            {"code": 0, "data": {**ORDER, "status": "open"}, "message": ""},
            {"code": 3600, "data": None, "message": "Order not found"},
            {"code": 4002, "data": None, "message": "timeout"},
            {"code": 0, "data": None, "message": ""},
        )
    )
    assert [type(one) for one in found] == [Order, OrderNotFound, OutcomeUnknown, OrderNotFound]


async def test_a_status_without_an_answer_is_no_unknown_outcome() -> None:
    item = {"code": 4002, "data": None, "message": "timeout"}
    http = MockHttp(lambda _: HttpReply(200, {}, reply(item)))
    async with CoinEx(Credentials("A" * 32, "s" * 48), http=http) as venue:
        [outcome] = await venue.orders("BTCUSDT", ["5"])
        assert isinstance(outcome, VenueUnavailable)
        [outcome] = await venue.amend_orders([{"market": "BTCUSDT", "order_id": "5", "price": "1"}])
        assert isinstance(outcome, OutcomeUnknown)
        assert "CoinEx.orders(market, order_ids)" in outcome.lookup


async def test_results_that_are_not_of_the_items_leave_them_unknown() -> None:
    http = MockHttp(lambda _: HttpReply(200, {}, reply({"code": 0, "data": ORDER, "message": ""})))
    async with CoinEx(Credentials("A" * 32, "s" * 48), http=http) as venue:
        [outcome] = await venue.cancel_orders("BTCUSDT", ["6"])
        assert isinstance(outcome, OutcomeUnknown)
        assert "order_id 5 for 6" in str(outcome)
        outcomes = await venue.cancel_orders("BTCUSDT", ["5", "6"])
        assert [type(one) for one in outcomes] == [OutcomeUnknown] * 2


@pytest.mark.parametrize("data", ["{}", "null", '"x"'])
def test_what_is_no_list_is_no_reply_to_a_batch(data: str) -> None:
    with pytest.raises(FrameError):
        batches.CANCEL_ORDERS[SPOT].decode(f'{{"code":0,"data":{data},"message":""}}'.encode())


def test_a_refusal_of_the_whole_batch_is_the_error_it_stands_for() -> None:
    with pytest.raises(VenueUnavailable):
        batches.CANCEL_ORDERS[SPOT].decode(b'{"code":4001,"data":{},"message":"unavailable"}')


def test_a_new_stop_order_is_known_as_it_was_sent() -> None:
    ref = stop_orders.PLACE_STOP_ORDER[SPOT].decode(b'{"code":0,"data":{"stop_id":117},"message":"OK"}')
    request = stop_orders.PlaceSpotStopOrder(
        market="BTCUSDT", account=AccountKind.MARGIN, side=Side.SELL, wire_type="maker_only",
        size=Decimal(1), price=Decimal(2), trigger_price=Decimal(3), trigger_price_type=None, client_order_id="a",
        stp=None, is_hidden=False,
    )  # fmt: skip
    stop = request.placed(ref)
    assert (stop.stop_id, stop.account, stop.post_only, stop.status) == (
        "117", AccountKind.MARGIN, True, StopStatus.WAITING,
    )  # fmt: skip
