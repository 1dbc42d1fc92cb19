"""Orders of perpetuals over real sockets, checked with a client of the standard library alone."""

from __future__ import annotations

from collections.abc import AsyncIterator
from decimal import Decimal

import pytest

from support.plain_coinex import PlainClient, PlainStream
from support.plain_futures import COMMON, Json, PlainFutures
from tradewire.sandbox import Sandbox


@pytest.fixture
async def stream(client: PlainClient) -> AsyncIterator[PlainStream]:
    async with client.session.ws_connect(client.box.coinex.ws_futures_url) as socket:
        yield PlainStream(socket)


@pytest.fixture
def futures(client: PlainClient) -> PlainFutures:
    return PlainFutures(client)


async def test_an_order_rests_freezes_margin_and_fee_and_gives_them_back(futures: PlainFutures) -> None:
    order = await futures.limit(client_id="mine")
    assert order["market_type"] == "FUTURES"
    assert (order["fee"], order["fee_ccy"], order["realized_pnl"]) == ("0", "USDT", "0")
    held = await futures.balance()
    # 5000 at threefold leverage, and the taker's fee.
    assert Decimal(held["frozen"]) == Decimal("1666.666666666667") + Decimal("2.5")
    assert Decimal(held["available"]) + Decimal(held["frozen"]) == 200_000
    status = await futures.get("order-status", order_id=order["order_id"])
    assert (status["status"], status["client_id"]) == ("open", "mine")
    changed = await futures.done("modify-order", order_id=order["order_id"], price="40000")
    assert (changed["order_id"], changed["price"], changed["status"]) == (order["order_id"], "40000", "open")
    [pending] = await futures.get("pending-order")
    assert pending["order_id"] == order["order_id"]
    gone = await futures.done("cancel-order", order_id=order["order_id"])
    assert gone["unfilled_amount"] == "0.1"
    assert (await futures.balance())["frozen"] == "0"
    query = "&".join(
        f"{key}={value}" for key, value in {"market": "BTCUSDT", "order_id": order["order_id"]}.items()
    )
    assert (await futures.client.signed("GET", f"/v2/futures/order-status?{query}"))["code"] == 3600


async def test_a_market_order_trades_and_is_remembered_with_its_deals(futures: PlainFutures) -> None:
    order = await futures.done("order", side="buy", type="market", amount="0.5")
    assert (order["unfilled_amount"], order["filled_amount"]) == ("0", "0.5")
    assert Decimal(order["fee"]) == Decimal(order["filled_value"]) * Decimal("0.0005")
    [finished] = await futures.get("finished-order")
    assert finished["order_id"] == order["order_id"]
    assert "last_filled_price" not in finished
    deals = await futures.get("user-deals", limit=100)
    assert sum(Decimal(deal["amount"]) for deal in deals) == Decimal("0.5")
    assert {deal["fee_ccy"] for deal in deals} == {"USDT"}
    assert {deal["role"] for deal in deals} == {"taker"}
    assert len({deal["position_id"] for deal in deals}) == 1
    assert await futures.get("order-deals", order_id=order["order_id"], limit=100) == deals
    assert sum(Decimal(deal["fee"]) for deal in deals) == Decimal(order["fee"])


async def test_batches_answer_for_each_item(futures: PlainFutures) -> None:
    item = COMMON | {"side": "buy", "type": "limit", "amount": "0.1", "price": "40000"}
    placed = await futures.done(
        "batch-order", orders=[item, item | {"amount": "0.00001"}, item | {"price": "39000"}]
    )
    assert [one["code"] for one in placed] == [0, 3639, 0]
    ids = [one["data"]["order_id"] for one in (placed[0], placed[2])]
    states = await futures.get("batch-order-status", order_ids=f"{ids[0]},{ids[1]},77")
    assert [one["code"] for one in states] == [0, 0, 3600]
    changes = [COMMON | {"order_id": one, "amount": "0.2"} for one in (*ids, 77)]
    changed = await futures.done("batch-modify-order", orders=changes)
    assert [one["code"] for one in changed] == [0, 0, 3600]
    gone = await futures.done("cancel-batch-order", order_ids=[*ids, 77])
    assert [one["code"] for one in gone] == [0, 0, 3600]


async def test_cancels_by_client_id_and_of_all(futures: PlainFutures) -> None:
    for client_id in ("a", "a", "b"):
        await futures.limit(client_id=client_id)
    assert len(await futures.done("cancel-order-by-client-id", client_id="a")) == 2
    await futures.limit(side="sell", price="90000")
    assert await futures.done("cancel-all-order", side="sell") == {}
    assert [order["client_id"] for order in await futures.get("pending-order")] == ["b"]
    await futures.done("cancel-all-order")
    assert await futures.get("pending-order") == []


@pytest.mark.parametrize(
    ("fields", "code"),
    [
        ({"market_type": "SPOT"}, 3639),
        ({"market": "CETUSDT"}, 3639),
        ({"amount": "0.00001"}, 3639),
        ({"price": "50000.05"}, 3639),
        ({"price": None}, 4004),
        ({"amount": "19"}, 3109),
        ({"amount": "1001"}, 3639),
        ({"type": "maker_only", "price": "90000"}, 3622),
        ({"type": "fok", "price": "61000", "amount": "5"}, 3621),
        ({"amount": 1}, 3639),
    ],
)
async def test_orders_are_refused(futures: PlainFutures, fields: Json, code: int) -> None:
    order: Json = {"side": "buy", "type": "limit", "amount": "0.1", "price": "50000", **fields}
    envelope = await futures.post(
        "order", **{key: value for key, value in order.items() if value is not None}
    )
    assert envelope["code"] == code, envelope
    assert (await futures.balance())["available"] == "200000"


async def test_orders_below_the_minimum_and_in_a_closed_market_are_refused(
    futures: PlainFutures, box: Sandbox
) -> None:
    order = {"market": "SOLUSDT", "side": "buy", "type": "limit", "amount": "0.01", "price": "100"}
    async with Sandbox(["coinex"], rate=0) as other:
        elsewhere = PlainClient(other, futures.client.session)
        assert (await PlainFutures(elsewhere).post("order", **order))["code"] == 3127
    box.coinex.futures.core.rules["BTCUSDT"].status = "bidding"
    order = {"side": "buy", "type": "limit", "amount": "0.1", "price": "50000"}
    assert (await futures.post("order", **order))["code"] == 4117


async def test_a_stop_order_fires_on_its_kind_of_price(futures: PlainFutures, stream: PlainStream) -> None:
    await futures.follow(stream, "stop", "order")
    stop = await futures.done(
        "stop-order",
        side="buy",
        type="market",
        amount="0.1",
        trigger_price="65000",
        trigger_price_type="mark_price",
    )
    assert (await stream.push("stop.update"))["event"] == "put"
    [pending] = await futures.get("pending-stop-order")
    assert (pending["stop_id"], pending["trigger_direction"]) == (stop["stop_id"], "higher")
    await futures.index("66000")
    pushed = await stream.push("stop.update")
    assert (pushed["event"], pushed["stop"]["status"]) == ("active", "active_success")
    assert (await stream.push("order.update"))["order"]["stop_id"] == stop["stop_id"]
    assert [one["stop_id"] for one in await futures.get("finished-stop-order")] == [stop["stop_id"]]
    futures.client.box.coinex.assert_adds_up()


async def test_stop_orders_are_changed_and_cancelled(futures: PlainFutures) -> None:
    terms = {"side": "sell", "type": "limit", "amount": "0.1", "price": "40000"}
    trigger = {"trigger_price": "41000", "trigger_price_type": "latest_price"}
    first = (await futures.done("stop-order", **terms, **trigger, client_id="s"))["stop_id"]
    fresh = (await futures.done("modify-stop-order", stop_id=first, trigger_price="42000"))["stop_id"]
    assert fresh != first
    batch = await futures.done("batch-stop-order", orders=[COMMON | terms | trigger, COMMON | terms])
    assert [one["code"] for one in batch] == [0, 4004]
    gone = await futures.done("cancel-batch-stop-order", stop_ids=[batch[0]["data"]["stop_id"], first])
    assert [one["code"] for one in gone] == [0, 3600]
    assert len(await futures.done("cancel-stop-order-by-client-id", client_id="s")) == 1
    assert (await futures.post("cancel-stop-order", stop_id=fresh))["code"] == 3600


async def test_own_events_have_their_futures_spelling(futures: PlainFutures, stream: PlainStream) -> None:
    await futures.follow(stream, "order", "user_deals", "balance")
    order = await futures.limit()
    put = await stream.push("order.update")
    assert (put["event"], put["order"]["order_id"], put["order"]["stop_id"]) == ("put", order["order_id"], 0)
    assert not {"market_type", "margin_market", "base_ccy_fee"} & set(put["order"])
    [held] = (await stream.push("balance.update"))["balance_list"]
    assert held == await futures.balance()
    assert set(held) == {"ccy", "available", "frozen", "margin", "transferrable", "unrealized_pnl", "equity"}
    traded = await futures.done("order", side="sell", type="market", amount="0.1")
    deal = await stream.push("user_deals.update")
    assert (deal["order_id"], deal["fee_ccy"]) == (traded["order_id"], "USDT")
    assert {"position_id", "client_id"} <= set(deal)
    finish = await stream.push("order.update")
    assert (finish["event"], finish["order"]["unfilled_amount"]) == ("finish", "0")


async def test_a_transfer_cannot_take_what_open_losses_need(
    futures: PlainFutures, stream: PlainStream
) -> None:
    await futures.follow(stream, "balance")
    await futures.done("order", side="buy", type="market", amount="1")
    await futures.index("50000")
    held = await futures.balance()
    assert Decimal(held["unrealized_pnl"]) < -10_000
    assert Decimal(held["transferrable"]) == Decimal(held["available"]) + Decimal(held["unrealized_pnl"])
    transfer = {"from_account_type": "FUTURES", "to_account_type": "SPOT", "ccy": "USDT"}
    envelope = await futures.client.signed("POST", "/v2/assets/transfer", transfer | {"amount": "175000"})
    assert envelope["code"] == 3109
    envelope = await futures.client.signed("POST", "/v2/assets/transfer", transfer | {"amount": "1000"})
    assert envelope["code"] == 0
    await stream.push("balance.update")
    [told] = (await stream.push("balance.update"))["balance_list"]
    assert Decimal(told["available"]) == Decimal(held["available"]) - 1000
    futures.client.box.coinex.assert_adds_up()
