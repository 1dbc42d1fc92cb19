"""Stop orders, batches and margin orders of the sandbox, by a client of aiohttp alone."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from support.plain_coinex import PlainClient, PlainStream

STOP = {
    "market": "BTCUSDT",
    "market_type": "SPOT",
    "side": "buy",
    "type": "limit",
    "amount": "0.001",
    "price": "50000",
    "trigger_price": "60000",
    "client_id": "mine",
}


def price_above(client: PlainClient, levels: int) -> str:
    """Return the price of an ask, so many levels from the best."""
    price: str = client.box.coinex.book("BTCUSDT", 20)["asks"][levels][0]
    return price


async def sweep(client: PlainClient, levels: int, **fields: Any) -> None:
    """Buy the best asks, so many levels and a part of the next."""
    asks = client.box.coinex.book("BTCUSDT", 20)["asks"]
    amount = sum(Decimal(size) for _, size in asks[:levels]) + Decimal("0.0001")
    reply = await client.order(type="market", price=None, ccy="BTC", amount=str(amount), **fields)
    assert reply["code"] == 0, reply


async def put(client: PlainClient, **fields: Any) -> int:
    reply = await client.signed("POST", "/v2/spot/stop-order", {**STOP, **fields})
    assert reply["code"] == 0, reply
    stop_id: int = reply["data"]["stop_id"]
    assert reply["data"] == {"stop_id": stop_id}
    return stop_id


async def pending(client: PlainClient, market_type: str = "SPOT") -> list[dict[str, Any]]:
    reply = await client.signed("GET", f"/v2/spot/pending-stop-order?market_type={market_type}")
    assert reply["pagination"]["total"] == len(reply["data"])
    rows: list[dict[str, Any]] = reply["data"]
    return rows


async def balance(client: PlainClient, asset: str) -> dict[str, str]:
    rows = (await client.signed("GET", "/v2/assets/spot/balance"))["data"]
    return next(row for row in rows if row["ccy"] == asset)


async def test_a_stop_order_fires_at_its_price_and_its_order_follows(
    client: PlainClient, stream: PlainStream
) -> None:
    await stream.sign(client)
    for topic in ("stop", "order"):
        await stream.ask(f"{topic}.subscribe", {"market_list": []})
    trigger = price_above(client, 2)
    stop_id = await put(client, trigger_price=trigger, trigger_price_type="latest_price")
    waiting = await stream.push("stop.update")
    assert (waiting["event"], waiting["stop"]["status"]) == ("put", "put")
    assert (waiting["stop"]["stop_id"], waiting["stop"]["margin_market"]) == (stop_id, "")
    [row] = await pending(client)
    assert (row["trigger_price"], row["trigger_direction"], row["trigger_price_type"]) == (
        trigger, "higher", "latest_price",
    )  # fmt: skip
    assert (await balance(client, "USDT"))["frozen"] == "0"

    await sweep(client, 1)
    assert [row["stop_id"] for row in await pending(client)] == [stop_id]
    await stream.push("order.update")
    await sweep(client, 2)
    await stream.push("order.update")
    fired = await stream.push("stop.update")
    assert (fired["event"], fired["stop"]["status"]) == ("active", "active_success")
    placed = await stream.push("order.update")
    assert (placed["event"], placed["order"]["client_id"], placed["order"]["price"]) == (
        "put", "mine", "50000",
    )  # fmt: skip
    assert not await pending(client)
    finished = await client.signed("GET", "/v2/spot/finished-stop-order?market_type=SPOT&market=BTCUSDT")
    assert [row["stop_id"] for row in finished["data"]] == [stop_id]
    assert (await balance(client, "USDT"))["frozen"] == "50"
    client.box.coinex.assert_adds_up()


async def test_a_stop_order_that_cannot_be_paid_when_it_fires_fails(
    client: PlainClient, stream: PlainStream
) -> None:
    await stream.sign(client)
    await stream.ask("stop.subscribe", {"market_list": ["BTCUSDT"]})
    await put(client, trigger_price=price_above(client, 1), amount="1000000")
    await stream.push("stop.update")
    await sweep(client, 1)
    fired = await stream.push("stop.update")
    assert (fired["event"], fired["stop"]["status"]) == ("active", "active_fail")
    assert not await pending(client)


async def test_a_changed_stop_order_has_a_new_id_and_the_old_one_is_void(
    client: PlainClient, stream: PlainStream
) -> None:
    await stream.sign(client)
    await stream.ask("stop.subscribe", {"market_list": []})
    old = await put(client)
    change = {"market": "BTCUSDT", "market_type": "SPOT", "stop_id": old, "trigger_price": "59000"}
    new = (await client.signed("POST", "/v2/spot/modify-stop-order", change))["data"]["stop_id"]
    assert new != old
    events = [await stream.push("stop.update") for _ in range(3)]
    assert [(one["event"], one["stop"]["stop_id"]) for one in events] == [
        ("put", old), ("cancel", old), ("put", new),
    ]  # fmt: skip
    assert [(row["stop_id"], row["trigger_price"]) for row in await pending(client)] == [(new, "59000")]
    assert (await client.signed("POST", "/v2/spot/modify-stop-order", change))["code"] == 3600
    nothing = {"market": "BTCUSDT", "market_type": "SPOT", "stop_id": new}
    assert (await client.signed("POST", "/v2/spot/modify-stop-order", nothing))["code"] == 4004


async def test_stop_orders_are_cancelled_by_id_in_batches_and_by_client_id(client: PlainClient) -> None:
    one, two = await put(client, client_id="a"), await put(client, client_id="b")
    reference = {"market": "BTCUSDT", "market_type": "SPOT", "stop_id": one}
    assert (await client.signed("POST", "/v2/spot/cancel-stop-order", reference))["data"]["stop_id"] == one
    assert (await client.signed("POST", "/v2/spot/cancel-stop-order", reference))["code"] == 3600
    batch = {"market": "BTCUSDT", "stop_ids": [one, two]}
    items = (await client.signed("POST", "/v2/spot/cancel-batch-stop-order", batch))["data"]
    assert [(item["code"], item["data"] and item["data"]["stop_id"]) for item in items] == [
        (3600, None), (0, two),
    ]  # fmt: skip
    kept = await put(client, client_id="c")
    await put(client, client_id="d")
    by_id = {"market_type": "SPOT", "client_id": "d"}
    items = (await client.signed("POST", "/v2/spot/cancel-stop-order-by-client-id", by_id))["data"]
    assert [item["data"]["client_id"] for item in items] == ["d"]
    assert [row["stop_id"] for row in await pending(client)] == [kept]


async def test_a_batch_of_stop_orders_answers_for_each_and_costs_a_token_for_each(
    client: PlainClient,
) -> None:
    orders = [STOP, {**STOP, "amount": "0.00001"}, {**STOP, "trigger_price": "0"}, "no object"]
    reply = await client.signed("POST", "/v2/spot/batch-stop-order", {"orders": orders})
    assert [item["code"] for item in reply["data"]] == [0, 3127, 3639, 3639]
    assert reply["data"][1]["data"] is None
    assert reply["_headers"]["X-RateLimit-Remaining"] == "26"


async def test_a_batch_of_changes_answers_for_each(client: PlainClient) -> None:
    order_id = (await client.order())["data"]["order_id"]
    change = {"market": "BTCUSDT", "market_type": "SPOT", "order_id": order_id, "price": "30001"}
    orders = [change, {**change, "order_id": 1}]
    reply = await client.signed("POST", "/v2/spot/batch-modify-order", {"orders": orders})
    assert [(item["code"], item["data"] and item["data"]["price"]) for item in reply["data"]] == [
        (0, "30001"), (3600, None),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("fields", "code"),
    [
        ({"trigger_price": None}, 4004),
        ({"trigger_price": "1.001"}, 3639),
        ({"trigger_price_type": "best_price"}, 3639),
        ({"price": None}, 4004),
        ({"amount": "0.00009"}, 3127),
        ({"type": "market", "price": None, "ccy": "USDT", "amount": "1"}, 3127),
        ({"market": "CETUSDT", "market_type": "MARGIN", "amount": "100", "price": "0.06"}, 3639),
    ],
)
async def test_refuses_bad_stop_orders(client: PlainClient, fields: dict[str, Any], code: int) -> None:
    wanted = {name: value for name, value in {**STOP, **fields}.items() if value is not None}
    assert (await client.signed("POST", "/v2/spot/stop-order", wanted))["code"] == code


async def test_margin_orders_are_paid_from_their_wallet_and_say_so(
    client: PlainClient, stream: PlainStream
) -> None:
    venue = client.box.coinex
    assert (await client.order(market_type="MARGIN"))["code"] == 3109
    assert (await client.order(market_type="MARGIN", market="CETUSDT"))["code"] == 3639
    venue.core.ledger.deposit("trader/margin/BTCUSDT", "USDT", Decimal(1000))
    await stream.sign(client)
    for topic, field in (("order", "market_list"), ("user_deals", "market_list"), ("balance", "ccy_list")):
        await stream.ask(f"{topic}.subscribe", {field: []})
    before = await balance(client, "USDT")
    resting = (await client.order(market_type="MARGIN"))["data"]
    assert (resting["market_type"], resting["unfilled_amount"]) == ("MARGIN", "0.001")
    assert (await stream.push("order.update"))["order"]["margin_market"] == "BTCUSDT"
    [changed, *_] = (await stream.push("balance.update"))["balance_list"]
    assert changed["margin_market"] == "BTCUSDT"

    order_id = resting["order_id"]
    spot = {"market": "BTCUSDT", "market_type": "SPOT", "order_id": order_id}
    assert (await client.signed("POST", "/v2/spot/cancel-order", spot))["code"] == 3600
    for market_type, count in (("SPOT", 0), ("MARGIN", 1)):
        listed = await client.signed("GET", f"/v2/spot/pending-order?market_type={market_type}")
        assert len(listed["data"]) == count
    status = await client.signed("GET", f"/v2/spot/order-status?market=BTCUSDT&order_id={order_id}")
    assert (status["data"]["market_type"], status["data"]["status"]) == ("MARGIN", "open")
    batch = {"market": "BTCUSDT", "order_ids": [order_id]}
    [item] = (await client.signed("POST", "/v2/spot/cancel-batch-order", batch))["data"]
    assert (item["code"], item["data"]["market_type"]) == (0, "MARGIN")

    await sweep(client, 0, market_type="MARGIN")
    deal = await stream.push("user_deals.update")
    assert deal["margin_market"] == "BTCUSDT"
    deals = await client.signed("GET", "/v2/spot/user-deals?market=BTCUSDT&market_type=MARGIN")
    assert [row["deal_id"] for row in deals["data"]] == [deal["deal_id"]]
    assert not (await client.signed("GET", "/v2/spot/user-deals?market=BTCUSDT&market_type=SPOT"))["data"]
    assert await balance(client, "USDT") == before
    venue.assert_adds_up()


async def test_a_margin_stop_order_is_not_a_spot_one(client: PlainClient) -> None:
    stop_id = await put(client, market_type="MARGIN")
    assert not await pending(client)
    assert [row["stop_id"] for row in await pending(client, "MARGIN")] == [stop_id]
    batch = {"market": "BTCUSDT", "stop_ids": [stop_id]}
    [item] = (await client.signed("POST", "/v2/spot/cancel-batch-stop-order", batch))["data"]
    assert (item["code"], item["data"]["market_type"]) == (0, "MARGIN")
