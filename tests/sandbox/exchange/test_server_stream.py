"""Exchange over WebSocket as the fact sheet has it: identity, books, sequences, the order of everything."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from typing import Any

import aiohttp
import pytest
import websockets

from support.plain_exchange import LEG_TIMEOUT_S, PlainRest, PlainStream, plain_stream
from tradewire import ExchangeOptions
from tradewire.sandbox import Sandbox

NOBODY = "00000000-0000-4000-8000-000000000000"
INVALID = {"type": "error", "code": "invalid_message", "message": "invalid websocket message"}
UNSUPPORTED = {"type": "error", "code": "unsupported_channel", "message": "only the l3 channel is supported"}
SUBMIT: dict[str, Any] = {"op": "submit_order", "market": "ABC-USD", "side": "BUY", "price": 1, "quantity": 1}


@pytest.fixture
async def trader(operator: PlainRest) -> PlainRest:
    await operator.market()
    await operator.market("XYZ-USD")
    return await operator.user("desk-7")


@pytest.fixture
async def other(trader: PlainRest) -> PlainRest:
    return await trader.user("other")


@pytest.fixture
async def stream(fresh_box: Sandbox) -> AsyncIterator[PlainStream]:
    async with plain_stream(fresh_box.exchange.ws_url) as stream:
        yield stream


async def test_heartbeats_come_at_once_and_again() -> None:
    options = ExchangeOptions(fresh=True, heartbeat_s=0.05)
    async with (
        Sandbox(["exchange"], exchange=options) as box,
        websockets.connect(box.exchange.ws_url, proxy=None) as socket,
    ):
        for _ in range(3):
            frame = await asyncio.wait_for(socket.recv(), LEG_TIMEOUT_S)
            assert json.loads(frame) == {"type": "heartbeat"}


async def test_authentication(stream: PlainStream, trader: PlainRest, other: PlainRest) -> None:
    profile = (await trader.trader("GET", "/api/v1/user")).json
    bad = {"type": "error", "code": "invalid_api_key", "message": "invalid websocket api key"}
    assert await stream.sign_in("nobody") == bad
    signed = {"type": "authenticated", "trader_id": profile["trader_id"], "username": "desk-7"}
    assert await stream.sign_in(trader.api_key) == signed
    # A failed attempt keeps the identity, a second one replaces it.
    assert await stream.sign_in("") == bad
    order = await trader.order("BUY", 1, 10)
    assert await stream.next() == {"type": "order_state", "order": order, "status": "open"}
    assert (await stream.sign_in(other.api_key))["username"] == "other"
    await trader.order("BUY", 1, 10)
    order = await other.order("BUY", 1, 10)
    assert (await stream.next())["order"] == order
    reject = await stream.ask("cancel_order", order_id=NOBODY, request_id=None)
    assert reject["code"] == "order_not_found"


async def test_every_socket_of_a_trader_is_told(fresh_box: Sandbox, trader: PlainRest) -> None:
    async with (
        plain_stream(fresh_box.exchange.ws_url) as first,
        plain_stream(fresh_box.exchange.ws_url) as second,
    ):
        for one in (first, second):
            await one.sign_in(trader.api_key)
        assert (await first.ask(**SUBMIT))["type"] == "ack"
        assert await first.next() == await second.next()
        await second.quiet()


@pytest.mark.parametrize(
    "text",
    [
        "", "nope", "[]", "7", "null", "{}", '{"op":7}', '{"op":"ping"}', '{"op":"SUBSCRIBE"}', "[" * 100_000,
        '{"op":"authenticate"}', '{"op":"authenticate","api_key":7}',
        '{"op":"authenticate","op":"authenticate","api_key":"x"}',
        '{"op":"subscribe","channel":"l3"}', '{"op":"subscribe","market":"ABC-USD"}',
        '{"op":"subscribe","channel":"l3","market":7}',
        '{"op":"subscribe","channel":"l3","market":"ABC-USD","last_sequence":-1}',
        '{"op":"subscribe","channel":"l3","market":"ABC-USD","last_sequence":"1"}',
        '{"op":"unsubscribe","channel":"l3"}',
        *(json.dumps(SUBMIT | changes) for changes in (
            {"request_id": 7}, {"side": "buy"}, {"price": 1.0}, {"price": -1}, {"price": "1"}, {"quantity": None},
            {"price": 2**64}, {"quantity": True}, {"market": None},
        )),
        '{"op":"submit_order","market":"ABC-USD","side":"BUY","price":1e2,"quantity":1}',
        '{"op":"cancel_order"}', '{"op":"cancel_order","order_id":"7"}', '{"op":"cancel_order","order_id":7}',
        json.dumps({"op": "amend_order", "order_id": NOBODY}),
        json.dumps({"op": "amend_order", "order_id": NOBODY, "remaining": 1.5}),
        json.dumps({"op": "amend_order", "order_id": NOBODY[1:], "remaining": 1}),
        json.dumps({"op": "cancel_order", "order_id": NOBODY, "request_id": ["r"]}),
    ],
)  # fmt: skip
async def test_what_makes_no_sense_is_answered_and_the_connection_stays(
    stream: PlainStream, trader: PlainRest, text: str
) -> None:
    await stream.sign_in(trader.api_key)
    await stream.socket.send(text)
    assert await stream.next() == INVALID
    assert (await trader.trader("GET", "/api/v1/open-orders")).json == []
    await stream.quiet()


async def test_binary_frames_and_pings_are_ignored(stream: PlainStream) -> None:
    await stream.socket.send(b'{"op":"ping"}')
    await (await stream.socket.ping())
    await stream.quiet()


async def test_no_compression_is_negotiated(fresh_box: Sandbox) -> None:
    async with websockets.connect(fresh_box.exchange.ws_url, proxy=None) as socket:
        assert socket.response is not None
        assert "Sec-WebSocket-Extensions" not in socket.response.headers


@pytest.mark.parametrize("channel", ["l2", "L3", "data", ""])
async def test_other_channels(stream: PlainStream, channel: str) -> None:
    for op in ("subscribe", "unsubscribe"):
        assert await stream.ask(op, channel=channel, market="ABC-USD") == UNSUPPORTED


async def test_snapshots_hold_every_order_in_priority(stream: PlainStream, trader: PlainRest) -> None:
    prices = (("BUY", 10), ("BUY", 12), ("BUY", 10), ("SELL", 22), ("SELL", 20), ("SELL", 22))
    placed = [await trader.order(side, 3, price) for side, price in prices]
    snapshot = await stream.ask("subscribe", channel="l3", market="ABC-USD", last_sequence=2, more=True)
    assert list(snapshot) == ["type", "channel", "market", "sequence", "bids", "asks"]
    assert (snapshot["type"], snapshot["channel"], snapshot["market"]) == ("snapshot", "l3", "ABC-USD")
    assert snapshot["sequence"] == 6
    assert [row["order_id"] for row in snapshot["bids"]] == [placed[n]["id"] for n in (1, 0, 2)]
    assert [row["order_id"] for row in snapshot["asks"]] == [placed[n]["id"] for n in (4, 3, 5)]
    row, order = snapshot["bids"][0], placed[1]
    assert list(row) == ["order_id", "side", "price", "remaining", "created_at"]
    assert (row["side"], row["price"], row["remaining"]) == ("BUY", 12, 3)
    assert row["created_at"] == order["created_at"].removesuffix("Z") + "+00:00"


async def test_unknown_markets_have_an_empty_book_that_may_come_alive(
    stream: PlainStream, trader: PlainRest
) -> None:
    snapshot = await stream.subscribe("NEW-USD")
    assert (snapshot["sequence"], snapshot["bids"], snapshot["asks"]) == (0, [], [])
    await trader.market("NEW-USD")
    order = await trader.order("BUY", 1, 10, "NEW-USD")
    delta = await stream.next()
    assert (delta["market"], delta["sequence"], len(delta["events"])) == ("NEW-USD", 1, 1)
    assert delta["events"][0]["order"]["order_id"] == order["id"]


async def test_one_market_a_connection(stream: PlainStream, trader: PlainRest) -> None:
    await stream.subscribe("ABC-USD")
    # Silently replaced; no word about the old one.
    assert (await stream.subscribe("XYZ-USD"))["market"] == "XYZ-USD"
    await trader.order("BUY", 1, 10, "ABC-USD")
    await trader.order("BUY", 1, 10, "XYZ-USD")
    assert (await stream.next())["market"] == "XYZ-USD"
    # Unsubscribing from another changes nothing and is echoed all the same.
    answer = await stream.ask("unsubscribe", channel="l3", market="ABC-USD")
    assert answer == {"type": "unsubscribed", "channel": "l3", "market": "ABC-USD"}
    await trader.order("BUY", 1, 10, "XYZ-USD")
    assert (await stream.next())["sequence"] == 2
    assert (await stream.subscribe("XYZ-USD"))["sequence"] == 2
    assert (await stream.ask("unsubscribe", channel="l3", market="XYZ-USD"))["type"] == "unsubscribed"
    await trader.order("BUY", 1, 10, "XYZ-USD")
    await stream.quiet()


@pytest.mark.parametrize(("quantity", "last_is_left"), [(8, True), (12, False)])
async def test_the_sheets_worked_sequence(
    stream: PlainStream, trader: PlainRest, other: PlainRest, quantity: int, *, last_is_left: bool
) -> None:
    """Asks A 5@100 and B 5@101 at sequence 10, then a buy of 8 or 12 at 101."""
    for _ in range(4):
        gone = await trader.order("BUY", 1, 1)
        await trader.trader("DELETE", f"/api/v1/orders/{gone['id']}")
    first, second = [(await trader.order("SELL", 5, price))["id"] for price in (100, 101)]
    assert (await stream.subscribe())["sequence"] == 10
    taker = (await other.submit("BUY", quantity, 101)).json["order"]
    deltas = await stream.take(4 if last_is_left else 5)
    assert [delta["sequence"] for delta in deltas] == list(range(11, 11 + len(deltas)))
    assert all(list(delta) == ["type", "channel", "market", "sequence", "events"] for delta in deltas)
    events = [delta["events"][0] for delta in deltas]

    def trade(maker: str, price: int, size: int) -> dict[str, Any]:
        return {
            "kind": "trade",
            "maker_order_id": maker,
            "taker_order_id": taker["id"],
            "price": price,
            "quantity": size,
        }

    assert events[:2] == [
        {"kind": "order_removed", "order_id": first, "side": "SELL", "price": 100},
        trade(first, 100, 5),
    ]
    if last_is_left:
        assert (events[2]["kind"], events[2]["order"]["order_id"]) == ("order_updated", second)
        assert (events[2]["order"]["remaining"], events[2]["order"]["price"]) == (2, 101)
        assert events[3] == trade(second, 101, 3)
    else:
        assert events[2:4] == [
            {"kind": "order_removed", "order_id": second, "side": "SELL", "price": 101},
            trade(second, 101, 5),
        ]
        added = events[4]["order"]
        assert (events[4]["kind"], added["order_id"], added["remaining"]) == ("order_added", taker["id"], 2)
        assert (added["side"], added["price"]) == ("BUY", 101)


async def test_amends_keep_the_place_and_tell_even_when_nothing_changes(
    stream: PlainStream, trader: PlainRest, other: PlainRest
) -> None:
    first = await trader.order("SELL", 5, 100)
    await trader.order("SELL", 5, 100)
    await stream.subscribe()
    for remaining in (3, 3):
        await trader.trader("PATCH", f"/api/v1/orders/{first['id']}", {"remaining": remaining})
        (event,) = (await stream.next())["events"]
        assert (event["kind"], event["order"]["remaining"]) == ("order_updated", 3)
    fills = (await other.submit("BUY", 1, 100)).json["fills"]
    assert fills[0]["maker_order_id"] == first["id"]
    fills = (await other.submit("BUY", 1, 100)).json["fills"]
    assert fills[0]["maker_order_id"] == first["id"], "a partial fill keeps the place too"
    await trader.trader("DELETE", f"/api/v1/orders/{first['id']}")
    kinds = [delta["events"][0]["kind"] for delta in await stream.take(5)]
    assert kinds == ["order_updated", "trade", "order_updated", "trade", "order_removed"]


async def test_acks_come_before_events_and_events_in_their_order(
    fresh_box: Sandbox, stream: PlainStream, trader: PlainRest, other: PlainRest
) -> None:
    await trader.order("SELL", 2, 100)
    await trader.order("SELL", 5, 101)
    async with plain_stream(fresh_box.exchange.ws_url) as maker:
        await maker.sign_in(trader.api_key)
        await stream.sign_in(other.api_key)
        await stream.subscribe()
        ack = await stream.ask(
            "submit_order", request_id="r9", market="ABC-USD", side="BUY", price=101, quantity=4
        )
        assert ack == {"type": "ack", "op": "submit_order", "request_id": "r9"}
        told = await stream.take(7)
        deltas = [message for message in told if message["type"] == "delta"]
        mine = [message for message in told if message["type"] != "delta"]
        kinds = [delta["events"][0]["kind"] for delta in deltas]
        assert kinds == ["order_removed", "trade", "order_updated", "trade"]
        assert [message["type"] for message in mine] == ["fill", "fill", "order_state"]
        assert (mine[2]["status"], mine[2]["order"]["remaining"]) == ("filled", 0)
        theirs = await maker.take(4)
        assert theirs[:2] == mine[:2]
        states = [
            (message["type"], message["status"], message["order"]["remaining"]) for message in theirs[2:]
        ]
        assert states == [("order_state", "filled", 0), ("order_state", "open", 3)]
    order_id = theirs[3]["order"]["id"]
    await stream.sign_in(trader.api_key)
    assert (await stream.ask("amend_order", order_id=order_id, remaining=2))["type"] == "ack"
    told = await stream.take(2)
    (state,) = [message for message in told if message["type"] == "order_state"]
    assert (state["status"], state["order"]["remaining"], state["order"]["quantity"]) == ("open", 2, 5)
    ack = await stream.ask("cancel_order", order_id=order_id)
    assert ack == {"type": "ack", "op": "cancel_order", "request_id": None}
    told = await stream.take(2)
    (state,) = [message for message in told if message["type"] == "order_state"]
    assert (state["status"], state["order"]["remaining"]) == ("canceled", 2)


async def test_requests_of_one_socket_are_answered_in_order(stream: PlainStream, trader: PlainRest) -> None:
    await stream.sign_in(trader.api_key)
    for number in range(20):
        await stream.send(
            "submit_order", request_id=str(number), market="ABC-USD", side="BUY", price=5, quantity=number
        )
    answers = [message for message in await stream.take(20 + 19) if message["type"] in {"ack", "reject"}]
    assert [answer["request_id"] for answer in answers] == [str(number) for number in range(20)]
    assert answers[0]["code"] == "quantity_below_minimum"


async def test_a_slow_socket_misses_messages_and_is_told() -> None:
    options = ExchangeOptions(fresh=True, ws_broadcast_buffer=4)
    async with Sandbox(["exchange"], exchange=options) as box, aiohttp.ClientSession() as session:
        trader = await PlainRest(box.exchange.rest_url, session).user("desk-7")
        await trader.market()
        await trader.market("XYZ-USD")
        venue = box.exchange
        user = venue.core.by_key[trader.api_key]
        async with plain_stream(venue.ws_url) as stream, plain_stream(venue.ws_url) as stranger:
            await stream.sign_in(trader.api_key)
            await stream.subscribe()
            await stranger.subscribe("XYZ-USD")
            await trader.order("BUY", 1, 1)
            await stream.take(2)
            # Too much at once: nobody gets to read in between. Other markets share the queue.
            for number in range(10):
                venue.trading.submit(user, "XYZ-USD" if number == 9 else "ABC-USD", "BUY", 1, 1)
            for number in range(7):
                venue.operating.send(level="info", body=str(number))
            venue.core.events.publish()
            told = await stream.take(11)
            lags = {message["channel"]: message for message in told if message["type"] == "resync_required"}
            assert lags["l3"] == {
                "type": "resync_required", "channel": "l3", "market": "ABC-USD", "expected_sequence": 2,
                "current_sequence": 10,
                "reason": "market data lagged by 6 messages; resubscribe for a fresh snapshot",
            }  # fmt: skip
            assert lags["user"]["reason"] == (
                "user event stream lagged by 6 messages; refresh account state and reconnect if needed"
            )
            assert (
                lags["system"]["reason"]
                == "system event stream lagged by 3 messages; refresh state if needed"
            )
            for channel in ("user", "system"):
                lag = lags[channel]
                assert lag["market"] is lag["expected_sequence"] is lag["current_sequence"] is None
            # The newest are kept, after the word; the book's are not, for nobody follows it any more.
            kinds = [message["type"] for message in told]
            assert kinds.count("order_state") == 4
            assert "delta" not in kinds
            spoken = [message["message"]["body"] for message in told if message["type"] == "admin_message"]
            assert spoken == ["3", "4", "5", "6"]
            assert (await stream.subscribe())["sequence"] == 10
            await trader.order("BUY", 1, 1)
            assert {message["type"] for message in await stream.take(2)} == {"delta", "order_state"}
            # Who is not authenticated hears nothing of the other queues.
            lag = await stranger.next()
            assert (lag["channel"], lag["market"], lag["expected_sequence"]) == ("l3", "XYZ-USD", 1)
            await stranger.quiet()


async def test_two_hundred_deltas_rebuild_the_book_of_the_traffic() -> None:
    async with Sandbox(["exchange"], rate=0) as box, plain_stream(box.exchange.ws_url) as stream:
        snapshot = await stream.subscribe("ABC-USD")
        assert len(snapshot["bids"]) + len(snapshot["asks"]) >= 600
        goal = snapshot["sequence"] + 200
        while stream.book.sequence < goal:
            box.exchange.traffic.step(5)
            while stream.book.sequence < box.exchange.core.events.sequences["ABC-USD"]:
                await stream.next()
        book = box.exchange.book_at("ABC-USD", stream.book.sequence)
        assert book is not None
        assert (book["bids"], book["asks"]) == (stream.book.side("BUY"), stream.book.side("SELL"))
        box.exchange.assert_adds_up()
