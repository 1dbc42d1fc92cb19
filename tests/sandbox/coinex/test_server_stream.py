"""WebSocket over real sockets: frames, replies, refusals, subscriptions, own events."""

from __future__ import annotations

import asyncio
import gzip
import json
from decimal import Decimal
from typing import Any

import aiohttp
import pytest
import websockets

from support.plain_coinex import PlainClient, PlainStream, now_ms
from tradewire.sandbox import Sandbox
from tradewire.sandbox.outbox import Outbox
from tradewire.sandbox.venues.coinex.options import CoinExOptions


async def test_ping_time_and_unknown_methods(stream: PlainStream) -> None:
    assert await stream.ask("server.ping") == {
        "id": 1,
        "code": 0,
        "data": {"result": "pong"},
        "message": "OK",
    }
    assert abs((await stream.ask("server.time"))["data"]["timestamp"] - now_ms()) < 5000
    for method in (
        "kline.subscribe",
        "depth.query",
        "order.update",
        "",
    ):
        assert (await stream.ask(method))["code"] == 20002


async def test_a_trailing_slash_does_no_harm(client: PlainClient) -> None:
    async with client.session.ws_connect(client.box.coinex.ws_spot_url + "/") as socket:
        assert (await PlainStream(socket).ask("server.ping"))["code"] == 0


async def test_the_websockets_library_can_talk_to_it_and_gets_no_compression(box: Sandbox) -> None:
    async with websockets.connect(box.coinex.ws_spot_url) as socket:
        assert socket.response is not None
        assert "Sec-WebSocket-Extensions" not in socket.response.headers
        await socket.send('{"method":"server.ping","params":{},"id":9}')
        frame = await socket.recv()
        assert isinstance(frame, bytes)
        assert json.loads(gzip.decompress(frame))["id"] == 9
        await asyncio.wait_for(await socket.ping(), 5)


@pytest.mark.parametrize(
    "text",
    [
        "{",
        "[]",
        "[" * 60_000,
        '{"method":"server.ping","params":{}}',
        '{"method":"server.ping","params":{},"id":"1"}',
        '{"method":"server.ping","params":{},"id":0}',
        '{"method":"server.ping","params":{},"id":true}',
    ],
)
async def test_unreadable_requests_get_20001_without_an_id(stream: PlainStream, text: str) -> None:
    await stream.socket.send_str(text)
    reply = await stream.next()
    assert (reply["id"], reply["code"]) == (None, 20001)
    assert (await stream.ask("server.ping"))["code"] == 0


@pytest.mark.parametrize(
    ("method", "params"),
    [
        ("server.ping", []),
        ("depth.subscribe", {}),
        ("depth.subscribe", {"market_list": []}),
        ("depth.subscribe", {"market_list": ["BTCUSDT"]}),
        ("depth.subscribe", {"market_list": [["NOPE", 5, "0", True]]}),
        ("depth.subscribe", {"market_list": [["BTCUSDT", 7, "0", True]]}),
        ("depth.subscribe", {"market_list": [["BTCUSDT", 5.0, "0", True]]}),
        ("depth.subscribe", {"market_list": [["BTCUSDT", 5, "0.3", True]]}),
        ("depth.subscribe", {"market_list": [["BTCUSDT", 5, "0", "true"]]}),
        ("depth.unsubscribe", {"market_list": [["BTCUSDT", 5, "0", True]]}),
        ("state.subscribe", {"market_list": "BTCUSDT"}),
        ("deals.subscribe", {"market_list": ["NOPE"]}),
        ("bbo.subscribe", {}),
        ("server.sign", {"access_id": "A", "signed_str": "B", "timestamp": "1"}),
    ],
)
async def test_bad_arguments_get_20001(stream: PlainStream, method: str, params: Any) -> None:
    assert (await stream.ask(method, params))["code"] == 20001


@pytest.mark.parametrize("topic", ["order", "user_deals", "balance"])
async def test_own_topics_want_a_signature(stream: PlainStream, topic: str) -> None:
    for verb in ("subscribe", "unsubscribe"):
        assert (await stream.ask(f"{topic}.{verb}", {"market_list": [], "ccy_list": []}))["code"] == 21001


async def test_a_wrong_sign_in_is_refused_and_a_right_one_taken(
    stream: PlainStream, client: PlainClient
) -> None:
    wrong = {"access_id": client.access_id, "signed_str": "0" * 64, "timestamp": now_ms()}
    assert (await stream.ask("server.sign", wrong))["code"] == 21002
    await stream.sign(client)
    assert (await stream.ask("order.subscribe", {"market_list": []}))["code"] == 0


async def test_balance_wants_its_own_list_name(stream: PlainStream, client: PlainClient) -> None:
    await stream.sign(client)
    assert (await stream.ask("balance.subscribe", {"market_list": []}))["code"] == 20001


async def test_too_many_requests_get_23002(stream: PlainStream) -> None:
    for number in range(1, 160):
        await stream.socket.send_str(f'{{"method":"server.ping","params":{{}},"id":{number}}}')
    codes = [(await stream.next())["code"] for _ in range(159)]
    assert codes[:100] == [0] * 100
    assert 23002 in codes


async def test_oversized_and_binary_requests_end_the_connection(client: PlainClient) -> None:
    async with client.session.ws_connect(client.box.coinex.ws_spot_url) as socket:
        await socket.send_str("x" * 70_000)
        message = await socket.receive(timeout=5)
        assert (message.type, message.data) == (aiohttp.WSMsgType.CLOSE, 1009)
    async with client.session.ws_connect(client.box.coinex.ws_spot_url) as socket:
        await socket.send_bytes(b"{}")
        message = await socket.receive(timeout=5)
        assert (message.type, message.data) == (aiohttp.WSMsgType.CLOSE, 1003)


async def test_a_silent_client_is_cut_off() -> None:
    async with (
        Sandbox(["coinex"], rate=0, coinex=CoinExOptions(idle_s=0.05)) as box,
        aiohttp.ClientSession() as session,
        session.ws_connect(box.coinex.ws_spot_url) as socket,
    ):
        message = await socket.receive(timeout=5)
        assert (message.type, message.extra) == (aiohttp.WSMsgType.CLOSE, "idle")


async def test_a_slow_consumer_is_cut_off_with_a_reason(
    box: Sandbox, client: PlainClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Outbox.__init__, "__defaults__", (20, 10**6))
    async with client.session.ws_connect(box.coinex.ws_spot_url) as socket:
        stream = PlainStream(socket)
        await stream.ask("depth.subscribe", {"market_list": [["BTCUSDT", 50, "0", True]]})
        # All in one loop iteration, so nothing can be sent between them.
        box.coinex.traffic.step(1000)
        messages = [await socket.receive(timeout=5)]
        while messages[-1].type is aiohttp.WSMsgType.BINARY:
            messages.append(await socket.receive(timeout=5))
        assert (messages[-1].data, messages[-1].extra) == (1008, "slow consumer")
    assert (await client.public("/v2/ping"))["code"] == 0


async def test_state_deals_and_bbo_begin_with_what_is_so(stream: PlainStream, client: PlainClient) -> None:
    await stream.ask("state.subscribe", {"market_list": []})
    states = (await stream.push("state.update"))["state_list"]
    assert {state["market"] for state in states} == set(client.box.coinex.markets)
    assert states[0]["period"] == 86400
    await stream.ask("deals.subscribe", {"market_list": ["BTCUSDT"]})
    deals = await stream.push("deals.update")
    recent = (await client.public("/v2/spot/deals?market=BTCUSDT&limit=50"))["data"]
    assert deals == {"market": "BTCUSDT", "deal_list": recent}
    await stream.ask("bbo.subscribe", {"market_list": ["BTCUSDT"]})
    bbo = await stream.push("bbo.update")
    book = client.box.coinex.book("BTCUSDT", 5)
    assert [bbo["best_bid_price"], bbo["best_bid_size"]] == book["bids"][0]
    assert [bbo["best_ask_price"], bbo["best_ask_size"]] == book["asks"][0]


async def test_public_news_follows_the_market(stream: PlainStream, client: PlainClient) -> None:
    for topic in ("state", "deals", "bbo"):
        await stream.ask(f"{topic}.subscribe", {"market_list": ["BTCUSDT"]})
        await stream.push(f"{topic}.update")
    price, amount = client.box.coinex.book("BTCUSDT", 5)["asks"][0]
    await client.order(type="ioc", price=price, amount=amount)
    deals = await stream.push("deals.update")
    assert {deal["price"] for deal in deals["deal_list"]} == {price.rstrip("0").rstrip(".")}
    assert deals["deal_list"][0]["side"] == "buy"
    (state,) = (await stream.push("state.update"))["state_list"]
    assert Decimal(state["last"]) == Decimal(price)
    assert (await stream.push("bbo.update"))["best_ask_price"] != price


async def test_subscriptions_add_up_and_unsubscribe_takes_names_or_all(
    stream: PlainStream, client: PlainClient
) -> None:
    for market in ("BTCUSDT", "ETHUSDT"):
        await stream.ask("bbo.subscribe", {"market_list": [market]})
        await stream.push("bbo.update")
    (conversation,) = client.box.coinex.streams
    assert conversation.wants("bbo", "BTCUSDT")
    assert conversation.wants("bbo", "ETHUSDT")
    await stream.ask("bbo.unsubscribe", {"market_list": ["BTCUSDT"]})
    assert not conversation.wants("bbo", "BTCUSDT")
    assert conversation.wants("bbo", "ETHUSDT")
    await stream.ask("bbo.unsubscribe", {"market_list": []})
    assert not conversation.wants("bbo", "ETHUSDT")
    await stream.ask("deals.subscribe", {"market_list": []})
    await stream.ask("deals.unsubscribe", {"market_list": ["BTCUSDT"]})
    assert not conversation.wants("deals", "BTCUSDT")
    assert conversation.wants("deals", "ETHUSDT")


async def own_stream(stream: PlainStream, client: PlainClient) -> None:
    await stream.sign(client)
    for topic in ("order", "user_deals"):
        await stream.ask(f"{topic}.subscribe", {"market_list": []})
    await stream.ask("balance.subscribe", {"ccy_list": []})


async def test_own_events_of_a_resting_order(stream: PlainStream, client: PlainClient) -> None:
    await own_stream(stream, client)
    placed = (await client.order(client_id="c-1", amount="0.002"))["data"]
    news = await stream.push("order.update")
    assert news["event"] == "put"
    assert news["order"]["order_id"] == placed["order_id"]
    assert {"status", "ccy", "market_type"}.isdisjoint(news["order"])
    assert {"base_ccy_fee", "quote_ccy_fee", "discount_ccy_fee", "margin_market"} <= set(news["order"])
    balances = {row["ccy"]: row for row in (await stream.push("balance.update"))["balance_list"]}
    assert balances["USDT"]["frozen"] == "60"
    change = {"market": "BTCUSDT", "market_type": "SPOT", "order_id": placed["order_id"]}
    await client.signed("POST", "/v2/spot/modify-order", change | {"price": "31000"})
    news = await stream.push("order.update")
    assert (news["event"], news["order"]["price"]) == ("modify", "31000")
    await client.signed("POST", "/v2/spot/cancel-order", change)
    news = await stream.push("order.update")
    assert (news["event"], news["order"]["unfilled_amount"]) == ("finish", "0.002")


async def test_own_events_of_a_maker_filled_in_two_steps(
    stream: PlainStream, client: PlainClient, box: Sandbox
) -> None:
    await own_stream(stream, client)
    top = Decimal(box.coinex.book("BTCUSDT", 5)["bids"][0][0]) + Decimal("0.01")
    await client.order(price=str(top), amount="0.003", client_id="mine")
    other = box.coinex.add_trader("other")
    seller = PlainClient(box, client.session)
    seller.access_id, seller.secret = other.access_id, other.secret
    for amount in ("0.001", "0.002"):
        await seller.order(side="sell", type="ioc", price=str(top), amount=amount)
    events = [await stream.push("order.update") for _ in range(3)]
    assert [news["event"] for news in events] == ["put", "update", "finish"]
    assert [news["order"]["filled_amount"] for news in events] == ["0", "0.001", "0.003"]
    assert [news["order"]["last_filled_amount"] for news in events] == ["0", "0.001", "0.002"]
    deals = [await stream.push("user_deals.update") for _ in range(2)]
    assert [(deal["role"], deal["client_id"], deal["fee"]) for deal in deals] == [
        ("maker", "mine", "0.000001"),
        ("maker", "mine", "0.000002"),
    ]
    assert not any(message["method"] == "user_deals.update" for message in stream.pushes), (
        "one push for each own deal"
    )


async def test_an_order_filled_on_arrival_is_told_by_finish_alone(
    stream: PlainStream, client: PlainClient
) -> None:
    await own_stream(stream, client)
    await client.order(type="ioc", price="62000", amount="0.001")
    news = await stream.push("order.update")
    assert (news["event"], news["order"]["unfilled_amount"]) == ("finish", "0")
    assert (await stream.ask("server.ping"))["code"] == 0
    assert {message["method"] for message in stream.pushes} == {"user_deals.update", "balance.update"}


async def test_news_of_one_command_comes_orders_first_then_deals_then_balances(
    stream: PlainStream, client: PlainClient
) -> None:
    await own_stream(stream, client)
    await client.order(type="ioc", price="62000", amount="0.001")
    assert (await stream.ask("server.ping"))["code"] == 0
    methods = [message["method"] for message in stream.pushes]
    assert methods == ["order.update", *["user_deals.update"] * (len(methods) - 2), "balance.update"]
    assert len(methods) > 2


async def test_nobody_hears_of_another_traders_orders(
    stream: PlainStream, client: PlainClient, box: Sandbox
) -> None:
    await own_stream(stream, client)
    other = box.coinex.add_trader("other")
    stranger = PlainClient(box, client.session)
    stranger.access_id, stranger.secret = other.access_id, other.secret
    assert (await stranger.order(type="ioc", price="62000"))["code"] == 0
    assert (await stream.ask("server.ping"))["code"] == 0
    assert stream.pushes == []


async def test_an_unknown_market_is_taken_and_stays_silent_where_that_is_chosen() -> None:
    options = CoinExOptions(push_ms=0, markets=("BTCUSDT",), takes_unknown_markets=True)
    async with (
        Sandbox(["coinex"], rate=0, coinex=options) as box,
        aiohttp.ClientSession() as session,
        session.ws_connect(box.coinex.ws_spot_url) as socket,
    ):
        stream = PlainStream(socket)
        for method, listed in (
            ("depth.subscribe", [["NOPEUSDT", 5, "0", False], ["BTCUSDT", 7, "0", False]]),
            ("bbo.subscribe", ["NOPEUSDT"]),
            ("deals.subscribe", ["NOPEUSDT"]),
        ):
            reply = await stream.ask(method, {"market_list": listed})
            assert (reply["code"], reply["message"]) == (0, "OK")
        box.coinex.traffic.step(200)
        await stream.ask("server.ping")
        assert stream.pushes == []
        await stream.ask("depth.subscribe", {"market_list": [["BTCUSDT", 5, "0", False]]})
        assert (await stream.push("depth.update"))["market"] == "BTCUSDT"


@pytest.mark.parametrize("product", ["spot", "futures"])
async def test_maintenance_is_announced_to_who_is_signed_in_and_asks(
    client: PlainClient, product: str
) -> None:
    url = getattr(client.box.coinex, f"ws_{product}_url")
    planned = {"started_at": 1763640000000, "ended_at": 1763643600000, "scope": ["SPOT"]}
    async with client.session.ws_connect(url) as socket:
        stream = PlainStream(socket)
        assert (await stream.ask("notice.subscribe", {"channels": [101]}))["code"] == 21001
        await stream.sign(client)
        for channels in ([102], ["101"], None, 101):
            assert (await stream.ask("notice.subscribe", {"channels": channels}))["code"] == 20001
        assert (await stream.ask("notice.subscribe", {"channels": [101]}))["code"] == 0
        assert (await client.control("POST", "/coinex/maintenance", planned))[0] == 200
        assert await stream.push("notice.update") == {
            "channel": 101,
            "info": {
                "start_time": 1763640000000,
                "end_time": 1763643600000,
                "scope": ["SPOT"],
                "protect_duration_start": 0,
                "protect_duration_end": 0,
            },
        }
        assert (await client.public("/v2/maintain/info"))["data"][0]["scope"] == ["SPOT"]
        assert (await stream.ask("notice.unsubscribe", {"channels": []}))["code"] == 0
        await client.control("POST", "/coinex/maintenance", planned)
        assert (await stream.ask("server.ping"))["code"] == 0
        assert not stream.pushes
