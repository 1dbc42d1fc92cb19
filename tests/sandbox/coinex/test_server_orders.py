"""An order's life over REST: placed, filled, changed, cancelled, asked for, forgotten."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import aiohttp
import pytest

from support.plain_coinex import PlainClient
from tradewire.sandbox import Sandbox
from tradewire.sandbox.venues.coinex.options import CoinExOptions


def on(market: str = "BTCUSDT", **fields: Any) -> dict[str, Any]:
    return {"market": market, "market_type": "SPOT"} | fields


async def best(client: PlainClient, side: str) -> tuple[str, str]:
    depth = (await client.public("/v2/spot/depth?market=BTCUSDT&limit=5&interval=0"))["data"]["depth"]
    price, amount = depth[side][0]
    return price, amount


async def status(client: PlainClient, order_id: int) -> dict[str, Any]:
    return await client.signed("GET", f"/v2/spot/order-status?market=BTCUSDT&order_id={order_id}")


async def test_a_limit_order_rests_and_freezes(client: PlainClient) -> None:
    order = (await client.order(client_id="sdk-0001"))["data"]
    assert isinstance(order["order_id"], int)
    assert "status" not in order
    assert order | {"order_id": 0, "created_at": 0, "updated_at": 0} == {
        "order_id": 0,
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
        "maker_fee_rate": "0.001",
        "taker_fee_rate": "0.002",
        "last_filled_amount": "0",
        "last_filled_price": "0",
        "created_at": 0,
        "updated_at": 0,
    }
    assert (await status(client, order["order_id"]))["data"]["status"] == "open"
    balances = {row["ccy"]: row for row in (await client.signed("GET", "/v2/assets/spot/balance"))["data"]}
    assert balances["USDT"] == {"ccy": "USDT", "available": "999970", "frozen": "30"}


async def test_a_taker_fills_at_the_makers_price_and_pays_in_what_it_gets(client: PlainClient) -> None:
    price, amount = await best(client, "asks")
    order = (await client.order(type="ioc", price="62000", amount=amount))["data"]
    assert (order["unfilled_amount"], order["last_filled_price"]) == ("0", price)
    assert Decimal(order["filled_value"]) == Decimal(price) * Decimal(amount)
    assert Decimal(order["base_fee"]) == Decimal(amount) * Decimal("0.002")
    assert (await status(client, order["order_id"]))["data"]["status"] == "filled"
    deals = await client.signed(
        "GET", f"/v2/spot/order-deals?market=BTCUSDT&market_type=SPOT&order_id={order['order_id']}"
    )
    assert {(deal["role"], deal["fee_ccy"], deal["price"]) for deal in deals["data"]} == {
        ("taker", "BTC", price)
    }
    assert sum(Decimal(deal["fee"]) for deal in deals["data"]) == Decimal(order["base_fee"])
    assert deals["pagination"] == {"has_next": False}
    client.box.coinex.assert_adds_up()


async def test_a_market_buy_is_in_quote_and_a_market_sale_in_base(client: PlainClient) -> None:
    bought = (await client.order(type="market", amount="50", price=None))["data"]
    assert (bought["ccy"], bought["price"], bought["amount"]) == ("USDT", "0", "50")
    spent = Decimal(bought["filled_value"])
    assert spent + Decimal(bought["unfilled_amount"]) == 50
    sold = (await client.order(type="market", side="sell", amount="0.0005", price=None))["data"]
    assert (sold["ccy"], sold["unfilled_amount"], sold["base_fee"]) == ("BTC", "0", "0")
    assert Decimal(sold["quote_fee"]) == Decimal(sold["filled_value"]) * Decimal("0.002")
    in_base = (await client.order(type="market", amount="0.0005", price=None, ccy="BTC"))["data"]
    assert (in_base["ccy"], in_base["filled_amount"]) == ("BTC", "0.0005")
    for_quote = (await client.order(type="market", side="sell", amount="50", price=None, ccy="USDT"))["data"]
    assert for_quote["ccy"] == "USDT"
    assert Decimal(for_quote["filled_value"]) + Decimal(for_quote["unfilled_amount"]) == 50
    client.box.coinex.assert_adds_up()


async def test_hidden_orders_stay_out_of_public_depth(client: PlainClient) -> None:
    before = await best(client, "bids")
    await client.order(price="60999.99", is_hide=True)
    assert await best(client, "bids") == before


@pytest.mark.parametrize(("mode", "left"), [("ct", ["sell"]), ("cm", ["buy"]), ("both", [])])
async def test_self_trade_prevention(client: PlainClient, mode: str, left: list[str]) -> None:
    core = client.box.coinex.core
    for order in list(core.spots["BTCUSDT"].engine.orders.values()):
        core.cancel("BTCUSDT", order.order_id, order.created_ms)
    await client.order(side="sell", price="61000")
    await client.order(side="buy", price="61000", stp_mode=mode)
    pending = await client.signed("GET", "/v2/spot/pending-order?market_type=SPOT")
    assert [order["side"] for order in pending["data"]] == left
    assert client.box.coinex.ledger_of(client.access_id)["deals"] == []


async def test_modify_keeps_the_id_and_tells_the_status(client: PlainClient) -> None:
    order_id = (await client.order())["data"]["order_id"]
    change = on(order_id=order_id, price="31000", amount="0.002")
    changed = (await client.signed("POST", "/v2/spot/modify-order", change))["data"]
    assert changed["order_id"] == order_id
    assert (changed["price"], changed["amount"], changed["status"]) == ("31000", "0.002", "open")
    for fields, code in (
        ({}, 4004),
        ({"amount": "0.00001"}, 3127),
        ({"price": "31000.001"}, 3639),
        ({"amount": "100"}, 3109),
    ):
        refused = await client.signed("POST", "/v2/spot/modify-order", on(order_id=order_id, **fields))
        assert refused["code"] == code
    assert client.box.coinex.ledger_of(client.access_id)["balances"]["USDT"]["frozen"] == "62"


async def test_modify_below_the_filled_amount_is_refused(client: PlainClient) -> None:
    _, amount = await best(client, "asks")
    more = str(Decimal(amount) + Decimal("0.001"))
    price, _ = await best(client, "asks")
    order = (await client.order(price=price, amount=more))["data"]
    assert order["filled_amount"] == amount
    refused = await client.signed(
        "POST", "/v2/spot/modify-order", on(order_id=order["order_id"], amount=amount)
    )
    assert refused["code"] == 3639
    assert (await status(client, order["order_id"]))["data"]["status"] == "part_filled"


async def test_cancelled_without_a_fill_is_forgotten_everywhere(client: PlainClient) -> None:
    order_id = (await client.order())["data"]["order_id"]
    cancelled = await client.signed("POST", "/v2/spot/cancel-order", on(order_id=order_id))
    assert cancelled["data"]["order_id"] == order_id
    assert (await status(client, order_id))["code"] == 3600
    assert (await client.signed("POST", "/v2/spot/cancel-order", on(order_id=order_id)))["code"] == 3600
    assert (await client.signed("GET", "/v2/spot/finished-order?market_type=SPOT"))["data"] == []
    assert client.box.coinex.ledger_of(client.access_id)["orders"] == []


async def test_finished_lists_filled_and_part_canceled_only(client: PlainClient) -> None:
    price, amount = await best(client, "asks")
    more = str(Decimal(amount) + Decimal("0.001"))
    part = (await client.order(price=price, amount=more))["data"]["order_id"]
    await client.signed("POST", "/v2/spot/cancel-order", on(order_id=part))
    filled = (await client.order(type="ioc", price="62000"))["data"]["order_id"]
    empty = (await client.order(type="ioc", price="100"))["data"]
    assert empty["filled_amount"] == "0"
    finished = await client.signed("GET", "/v2/spot/finished-order?market_type=SPOT&limit=1")
    assert finished["pagination"] == {"has_next": True}
    assert [order["order_id"] for order in finished["data"]] == [filled]
    assert "last_filled_amount" not in finished["data"][0]
    second = await client.signed("GET", "/v2/spot/finished-order?market_type=SPOT&limit=1&page=2")
    assert [order["order_id"] for order in second["data"]] == [part]
    assert second["pagination"] == {"has_next": False}
    assert (await status(client, part))["data"]["status"] == "part_canceled"


async def test_pending_orders_are_paged_and_filtered(client: PlainClient) -> None:
    ids = [(await client.order(client_id=f"c{number % 2}"))["data"]["order_id"] for number in range(5)]
    await client.order(market="ETHUSDT", price="1000", amount="0.01")
    target = "/v2/spot/pending-order?market=BTCUSDT&market_type=SPOT"
    page = await client.signed("GET", target + "&page=2&limit=2")
    assert [order["order_id"] for order in page["data"]] == [ids[2], ids[1]]
    assert page["pagination"] == {"total": 5, "has_next": True}
    chosen = await client.signed("GET", target + "&client_id=c1&side=buy")
    assert [order["order_id"] for order in chosen["data"]] == [ids[3], ids[1]]
    assert (await client.signed("GET", target + "&side=sell"))["data"] == []
    everything = await client.signed("GET", "/v2/spot/pending-order?market_type=SPOT")
    assert everything["pagination"]["total"] == 6


async def test_cancel_by_client_id_and_cancel_all(client: PlainClient) -> None:
    for client_id in ("a", "a", "b"):
        await client.order(client_id=client_id)
    await client.order(side="sell", price="90000")
    path = "/v2/spot/cancel-order-by-client-id"
    cancelled = (await client.signed("POST", path, on(client_id="a")))["data"]
    assert [(item["code"], item["data"]["client_id"]) for item in cancelled] == [(0, "a")] * 2
    assert (await client.signed("POST", path, on(client_id="a")))["data"] == []
    assert (await client.signed("POST", "/v2/spot/cancel-all-order", on(side="sell")))["data"] == {}
    pending = await client.signed("GET", "/v2/spot/pending-order?market_type=SPOT")
    assert [order["client_id"] for order in pending["data"]] == ["b"]
    await client.signed("POST", "/v2/spot/cancel-all-order", on())
    assert client.box.coinex.ledger_of(client.access_id)["balances"]["USDT"]["frozen"] == "0"


async def test_batches_answer_item_by_item_in_order(client: PlainClient) -> None:
    good = on(side="buy", type="limit", amount="0.001", price="30000")
    replies = await client.signed(
        "POST", "/v2/spot/batch-order", {"orders": [good, good | {"amount": "1000"}, 7, good]}
    )
    assert [item["code"] for item in replies["data"]] == [0, 3109, 3639, 0]
    assert replies["data"][1]["data"] is None
    ids = [item["data"]["order_id"] for item in replies["data"] if item["data"]]
    target = f"/v2/spot/batch-order-status?market=BTCUSDT&order_ids={ids[0]},5,x,{ids[1]}"
    statuses = (await client.signed("GET", target))["data"]
    assert [item["code"] for item in statuses] == [0, 3600, 3639, 0]
    assert statuses[0]["data"]["status"] == "open"
    cancelled = await client.signed(
        "POST", "/v2/spot/cancel-batch-order", {"market": "BTCUSDT", "order_ids": [ids[0], 5, "x"]}
    )
    assert [item["code"] for item in cancelled["data"]] == [0, 3600, 3639]


@pytest.mark.parametrize("kind", ["order", "stop"])
async def test_a_batch_refuses_what_is_no_id_by_itself(client: PlainClient, kind: str) -> None:
    reply = await client.signed(
        "POST",
        f"/v2/spot/cancel-batch-{'order' if kind == 'order' else 'stop-order'}",
        {"market": "BTCUSDT", f"{kind}_ids": [{}, [], "5", 5]},
    )
    assert [item["code"] for item in reply["data"]] == [3639, 3639, 3639, 3600]


async def test_bare_batch_items_behind_their_switch() -> None:
    async with (
        Sandbox(["coinex"], rate=0, coinex=CoinExOptions(bare_batch_items=True)) as box,
        aiohttp.ClientSession() as session,
    ):
        client = PlainClient(box, session)
        good = on(side="buy", type="limit", amount="0.001", price="30000")
        reply = await client.signed(
            "POST", "/v2/spot/batch-order", {"orders": [good, good | {"amount": "1000"}]}
        )
        first, second = reply["data"]
        assert first["order_id"]
        assert "code" not in first
        assert second["code"] == 3109


async def test_user_deals_filter_by_side_and_time(client: PlainClient) -> None:
    await client.order(type="market", amount="20", price=None)
    await client.order(type="market", side="sell", amount="0.0002", price=None)
    target = "/v2/spot/user-deals?market=BTCUSDT&market_type=SPOT"
    deals = (await client.signed("GET", target))["data"]
    assert [deal["deal_id"] for deal in deals] == sorted((deal["deal_id"] for deal in deals), reverse=True)
    assert (deals[0]["side"], deals[-1]["side"]) == ("sell", "buy")
    bought = (await client.signed("GET", target + "&side=buy"))["data"]
    assert bought == [deal for deal in deals if deal["side"] == "buy"]
    later = deals[0]["created_at"] + 1
    assert (await client.signed("GET", target + f"&start_time={later}"))["data"] == []
    assert (await client.signed("GET", target + "&end_time=5"))["data"] == []


async def test_fee_rate_is_that_of_the_market_type(client: PlainClient) -> None:
    target = "/v2/account/trade-fee-rate?market=BTCUSDT&market_type="
    for kind, product, maker in (("SPOT", "spot", "0.001"), ("FUTURES", "futures", "0.0003")):
        [market] = (await client.public(f"/v2/{product}/market?market=BTCUSDT"))["data"]
        rates = (await client.signed("GET", target + kind))["data"]
        assert rates["maker_rate"] == maker == market["maker_fee_rate"]
        assert rates["taker_rate"] == market["taker_fee_rate"]
    target = "/v2/account/trade-fee-rate?market=CETUSDT&market_type=FUTURES"
    assert (await client.signed("GET", target))["code"] == 3639


async def test_a_maker_is_filled_by_the_traffic_and_money_stays_whole(
    client: PlainClient, box: Sandbox
) -> None:
    price, _ = await best(client, "bids")
    better = str(Decimal(price) + Decimal("0.01"))
    order_id = (await client.order(price=better, amount="0.5", type="maker_only"))["data"]["order_id"]
    steps = 0
    while not box.coinex.ledger_of(client.access_id)["deals"]:
        box.coinex.traffic.step(50)
        steps += 1
        assert steps < 200
    order = (await status(client, order_id))["data"]
    assert Decimal(order["base_fee"]) == Decimal(order["filled_amount"]) * Decimal("0.001")
    assert Decimal(order["filled_value"]) == Decimal(order["filled_amount"]) * Decimal(better)
    box.coinex.assert_adds_up()
