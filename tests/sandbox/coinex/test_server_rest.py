"""REST over real sockets: envelopes, every refusal code, rate limits, public data."""

from __future__ import annotations

import hashlib
import json
import zlib
from decimal import Decimal
from typing import Any

import aiohttp
import pytest

from support.plain_coinex import PlainClient, now_ms
from tradewire.sandbox import Sandbox
from tradewire.sandbox.routing import route
from tradewire.sandbox.venues.coinex import venue
from tradewire.sandbox.venues.coinex.fields import Market, Text
from tradewire.sandbox.venues.coinex.handlers import Call, Handlers, Json
from tradewire.sandbox.venues.coinex.rest import SUBJECTS

ORDER = {
    "market": "BTCUSDT",
    "market_type": "SPOT",
    "side": "buy",
    "type": "limit",
    "amount": "0.001",
    "price": "30000",
}
STATUS = "/v2/spot/order-status?market=BTCUSDT&order_id=1"


@pytest.mark.parametrize(
    "target",
    [
        "/v2/ping",
        "/v2/time",
        "/v2/maintain/info",
        "/v2/spot/market",
        "/v2/spot/market?market=BTCUSDT,ETHUSDT",
        "/v2/spot/ticker?market=BTCUSDT%2CETHUSDT",
        "/v2/spot/depth?market=BTCUSDT&limit=5&interval=0",
        "/v2/spot/deals?market=BTCUSDT&limit=3",
        "/v2/spot/kline?market=BTCUSDT&period=1min&limit=5",
        "/v2/spot/kline?market=BTCUSDT&period=1week",
        "/v2/spot/index?market=BTCUSDT",
    ],
)
async def test_public_routes_answer_in_the_envelope(client: PlainClient, target: str) -> None:
    envelope = await client.public(target)
    assert envelope["code"] == 0
    assert envelope["message"] == "OK"
    if "maintain" not in target:
        assert envelope["data"]


async def test_public_data_is_of_the_documented_types(client: PlainClient) -> None:
    (market,) = (await client.public("/v2/spot/market?market=BTCUSDT"))["data"]
    assert market["base_ccy_precision"] == 8
    assert market["min_amount"] == "0.0001"
    assert market["is_api_trading_available"] is True
    assert abs((await client.public("/v2/time"))["data"]["timestamp"] - now_ms()) < 5000
    deals = (await client.public("/v2/spot/deals?market=BTCUSDT&limit=4"))["data"]
    ids = [deal["deal_id"] for deal in deals]
    assert ids == sorted(ids, reverse=True)
    older = (await client.public(f"/v2/spot/deals?market=BTCUSDT&limit=2&last_id={ids[1]}"))["data"]
    assert [deal["deal_id"] for deal in older] == ids[2:4]
    (candle,) = (await client.public("/v2/spot/kline?market=BTCUSDT&period=1week"))["data"]
    (ticker,) = (await client.public("/v2/spot/ticker?market=BTCUSDT"))["data"]
    assert [candle[name] for name in ("open", "high", "low", "close", "volume", "value")] == [
        ticker[name] for name in ("open", "high", "low", "last", "volume", "value")
    ]
    assert Decimal(ticker["volume_buy"]) + Decimal(ticker["volume_sell"]) == Decimal(ticker["volume"])


async def test_rest_depth_has_short_numbers_and_their_checksum(client: PlainClient) -> None:
    depth = (await client.public("/v2/spot/depth?market=BTCUSDT&limit=20&interval=0.1"))["data"]["depth"]
    assert len(depth["bids"]) <= 20
    texts = [text for side in ("bids", "asks") for level in depth[side] for text in level]
    assert all(not text.endswith("0") or "." not in text for text in texts)
    assert zlib.crc32(":".join(texts).encode()) == depth["checksum"]
    assert all(Decimal(price) % Decimal("0.1") == 0 for price, _ in depth["bids"] + depth["asks"])


@pytest.mark.parametrize(
    ("target", "code"),
    [
        ("/v2/spot/ticker?market=NOPE", 3639),
        ("/v2/spot/ticker?market=" + ",".join(["BTCUSDT"] * 11), 3639),
        ("/v2/spot/depth?market=BTCUSDT&limit=7&interval=0", 3639),
        ("/v2/spot/depth?market=BTCUSDT&limit=5&interval=0.3", 3639),
        ("/v2/spot/depth?market=BTCUSDT&limit=5", 4004),
        ("/v2/spot/depth", 4004),
        ("/v2/spot/deals?market=BTCUSDT&limit=1001", 3639),
        ("/v2/spot/deals?market=BTCUSDT&limit=ten", 3639),
        ("/v2/spot/kline?market=BTCUSDT&period=2min", 3639),
        ("/v2/spot/kline?market=BTCUSDT&period=1min&price_type=mark_price", 3639),
        ("/v2/spot/ticker?market=%ff%fe", 4004),
        ("/v2/futures/market?market=CETUSDT", 3639),
        ("/v2/assets/deposit-withdraw-config", 4004),
        ("/v2/assets/deposit-withdraw-config?ccy=NOPE", 3639),
        ("/v2/futures/kline?market=BTCUSDT&period=1min&price_type=best", 3639),
        ("/v2/nowhere", 4004),
        ("/v2/spot/order", 4009),
    ],
)
async def test_refuses_bad_public_requests(client: PlainClient, target: str, code: int) -> None:
    envelope = await client.public(target)
    assert envelope["code"] == code
    assert envelope["data"] == {}
    assert envelope["message"]


async def test_names_what_the_sandbox_does_not_have(client: PlainClient) -> None:
    assert "GET /v2/nowhere" in (await client.public("/v2/nowhere"))["message"]


async def test_answers_what_programs_ask_at_start(client: PlainClient) -> None:
    markets = (await client.public("/v2/futures/market"))["data"]
    assert [market["market"] for market in markets] == ["BTCUSDT", "ETHUSDT"]
    configs = (await client.public("/v2/assets/all-deposit-withdraw-config"))["data"]
    assert [config["asset"]["ccy"] for config in configs] == ["BTC", "CET", "ETH", "SOL", "USDT", "XRP"]
    for config in configs:
        assert config["asset"]["deposit_enabled"] is True
        assert {"chain", "min_deposit_amount", "withdrawal_fee", "withdrawal_precision"} <= set(
            config["chains"][0]
        )
        [one] = [
            (await client.public(f"/v2/assets/deposit-withdraw-config?ccy={config['asset']['ccy']}"))["data"]
        ]
        assert one == config


@pytest.mark.parametrize("length", [1, 31, 32])
async def test_client_ids_of_1_to_32_characters_are_taken(client: PlainClient, length: int) -> None:
    name = "x" * length
    assert (await client.order(client_id=name))["data"]["client_id"] == name


@pytest.mark.parametrize(
    ("headers", "code"),
    [
        ({"X-COINEX-KEY": "NOBODY"}, 4005),
        ({"X-COINEX-KEY": None}, 4005),
        ({"X-COINEX-SIGN": None}, 4008),
        ({"X-COINEX-SIGN": "abc"}, 4008),
        ({"X-COINEX-SIGN": "0" * 64}, 4006),
        ({"X-COINEX-TIMESTAMP": None}, 4004),
        ({"X-COINEX-WINDOWTIME": "-1"}, 4004),
    ],
)
async def test_refuses_bad_signatures(client: PlainClient, headers: dict[str, str | None], code: int) -> None:
    envelope = await client.signed("GET", "/v2/assets/spot/balance", headers=headers)
    assert envelope["code"] == code
    assert client.secret not in json.dumps(envelope["message"])


@pytest.mark.parametrize(("offset_ms", "code"), [(-6000, 4010), (6000, 4017), (-3000, 0), (3000, 0)])
async def test_judges_the_window_in_both_directions(client: PlainClient, offset_ms: int, code: int) -> None:
    stamp_ms = now_ms() + offset_ms
    assert (await client.signed("GET", "/v2/assets/spot/balance", stamp_ms=stamp_ms))["code"] == code


async def test_window_time_header_widens_the_window(client: PlainClient) -> None:
    envelope = await client.signed(
        "GET",
        "/v2/assets/spot/balance",
        stamp_ms=now_ms() - 20_000,
        headers={"X-COINEX-WINDOWTIME": "60000"},
    )
    assert envelope["code"] == 0


async def test_a_public_call_with_a_stale_timestamp_is_refused(client: PlainClient) -> None:
    async with await client.raw(
        "GET", "/v2/time", headers={"X-COINEX-TIMESTAMP": str(now_ms() - 60_000)}
    ) as reply:
        assert (await reply.json())["code"] == 4010


async def test_the_signature_covers_the_query_as_sent(client: PlainClient) -> None:
    for query in ("market=BTCUSDT&order_ids=1,2", "market=BTCUSDT&order_ids=1%2C2"):
        assert (await client.signed("GET", f"/v2/spot/batch-order-status?{query}"))["code"] == 0


async def test_the_signature_covers_whitespace_of_the_body(client: PlainClient) -> None:
    for separators in ((",", ":"), (", ", ": ")):
        body = json.dumps(ORDER, separators=separators)
        assert (await client.signed("POST", "/v2/spot/order", text=body))["code"] == 0


async def test_takes_a_charset_in_the_content_type(client: PlainClient) -> None:
    headers: dict[str, str | None] = {"Content-Type": "application/json; charset=utf-8"}
    assert (await client.signed("POST", "/v2/spot/order", ORDER, headers=headers))["code"] == 0


@pytest.mark.parametrize(
    ("text", "content_type"),
    [
        ("", "application/json"),
        ("{", "application/json"),
        ("[]", "application/json"),
        ('{"market":NaN}', "application/json"),
        ("[" * 100_000, "application/json"),
        ('{"order_id":' + "9" * 5000 + "}", "application/json"),
        (json.dumps(ORDER), "text/plain"),
        (json.dumps(ORDER), "application/x-www-form-urlencoded"),
    ],
)
async def test_refuses_unreadable_bodies(client: PlainClient, text: str, content_type: str) -> None:
    envelope = await client.signed(
        "POST", "/v2/spot/order", text=text, headers={"Content-Type": content_type}
    )
    assert envelope["code"] == 4004


async def test_a_body_too_large_is_stopped_by_the_gateway(client: PlainClient) -> None:
    async with await client.raw("POST", "/v2/spot/order", "x" * 2_000_000) as reply:
        assert reply.status == 413
        assert reply.content_type == "text/html"


@pytest.mark.parametrize(
    ("fields", "code"),
    [
        ({"market": "NOPE"}, 3639),
        ({"market": 7}, 3639),
        ({"market": None}, 4004),
        ({"market_type": "FUTURES"}, 3639),
        ({"market_type": "MARGIN"}, 3109),
        ({"side": "BUY"}, 3639),
        ({"side": None}, 4004),
        ({"type": "stop"}, 3639),
        ({"amount": 0.001}, 3639),
        ({"amount": "1e-3"}, 3639),
        ({"amount": "-1"}, 3639),
        ({"amount": "0"}, 3639),
        ({"amount": "0.000000001"}, 3639),
        ({"amount": "\u0661"}, 3639),
        ({"amount": "9" * 400}, 3639),
        ({"amount": None}, 4004),
        ({"amount": "0.00009"}, 3127),
        ({"price": 30000}, 3639),
        ({"price": "30000.001"}, 3639),
        ({"price": None}, 4004),
        ({"amount": "1000"}, 3109),
        ({"side": "sell", "amount": "21"}, 3109),
        ({"client_id": "x" * 33}, 3639),
        ({"client_id": "a b"}, 3639),
        ({"client_id": "\u00e9"}, 3639),
        ({"client_id": "a\n"}, 3639),
        ({"client_id": 5}, 3639),
        ({"stp_mode": "all"}, 3639),
        ({"is_hide": "true"}, 3639),
        ({"ccy": "ETH"}, 3639),
        ({"ccy": "USDT"}, 3639),
        ({"type": "maker_only", "price": "70000"}, 3622),
        ({"type": "fok", "price": "61000.5", "amount": "10"}, 3621),
        ({"type": "market", "price": None, "amount": "1"}, 3127),
    ],
)
async def test_refuses_bad_orders(client: PlainClient, fields: dict[str, Any], code: int) -> None:
    envelope = await client.order(**fields)
    assert envelope["code"] == code, envelope
    assert envelope["data"] == {}
    ledger = client.box.coinex.ledger_of(client.access_id)
    assert ledger["orders"] == []
    assert all(balance["frozen"] == "0" for balance in ledger["balances"].values())


async def test_padded_text_within_precision_is_accepted(client: PlainClient) -> None:
    order = (await client.order(price="30000.00000", amount="0.0010000000000"))["data"]
    assert (order["price"], order["amount"]) == ("30000", "0.001")


async def test_a_market_order_without_depth_is_refused(client: PlainClient) -> None:
    core = client.box.coinex.core
    engine = core.spots["ETHUSDT"].engine
    for order in list(engine.orders.values()):
        core.cancel("ETHUSDT", order.order_id, now_ms())
    for fields in ({"amount": "1"}, {"amount": "1", "ccy": "ETH"}):
        envelope = await client.order(market="ETHUSDT", type="market", price=None, **fields)
        assert envelope["code"] == 3620


@pytest.mark.parametrize(
    ("path", "fields", "code"),
    [
        ("cancel-order", {"order_id": 5}, 3600),
        ("cancel-order", {"order_id": "5"}, 3639),
        ("cancel-order", {"order_id": 5.0}, 3639),
        ("cancel-order", {"order_id": True}, 3639),
        ("cancel-order", {"order_id": -1}, 3639),
        ("cancel-order", {"order_id": [5]}, 3639),
        ("cancel-order", {}, 4004),
        ("modify-order", {"order_id": 5, "price": "1"}, 3600),
        ("cancel-batch-order", {"order_ids": "5"}, 3639),
        ("cancel-batch-order", {"order_ids": []}, 3639),
        ("cancel-all-order", {"side": "up"}, 3639),
        ("cancel-order-by-client-id", {}, 4004),
        ("batch-order", {"orders": {}}, 3639),
    ],
)
async def test_refuses_bad_changes(client: PlainClient, path: str, fields: dict[str, Any], code: int) -> None:
    document = {"market": "BTCUSDT", "market_type": "SPOT"} | fields
    assert (await client.signed("POST", f"/v2/spot/{path}", document))["code"] == code


@pytest.mark.parametrize(
    ("target", "code"),
    [
        (STATUS, 3600),
        ("/v2/spot/order-status?market=BTCUSDT&order_id=x", 3639),
        ("/v2/spot/order-status?market=BTCUSDT", 4004),
        ("/v2/spot/pending-order?market_type=SPOT&page=0", 3639),
        ("/v2/spot/pending-order?market_type=SPOT&limit=101", 3639),
        ("/v2/spot/pending-order", 4004),
        ("/v2/spot/user-deals?market=NOPE&market_type=SPOT", 3639),
        ("/v2/account/trade-fee-rate?market=BTCUSDT", 4004),
    ],
)
async def test_refuses_bad_questions(client: PlainClient, target: str, code: int) -> None:
    assert (await client.signed("GET", target))["code"] == code


async def test_a_closed_market_takes_no_orders_and_still_cancels(client: PlainClient) -> None:
    order_id = (await client.order())["data"]["order_id"]
    client.box.coinex.set_status("BTCUSDT", "counting_down")
    assert (await client.order())["code"] == 4117
    change = {"market": "BTCUSDT", "market_type": "SPOT", "order_id": order_id}
    assert (await client.signed("POST", "/v2/spot/modify-order", change | {"price": "1"}))["code"] == 4117
    assert (await client.signed("POST", "/v2/spot/cancel-order", change))["code"] == 0
    (market,) = (await client.public("/v2/spot/market?market=BTCUSDT"))["data"]
    assert (market["status"], market["is_api_trading_available"]) == ("counting_down", False)


async def test_rate_limit_headers_count_down_and_the_empty_bucket_refuses() -> None:
    frozen_ms = now_ms()
    async with (
        Sandbox(rate=0, now_ms=lambda: frozen_ms) as box,
        aiohttp.ClientSession() as session,
    ):
        client = PlainClient(box, session)
        history = "/v2/spot/finished-order?market_type=SPOT"
        replies = [await client.signed("GET", history, stamp_ms=frozen_ms) for _ in range(11)]
        assert [reply["code"] for reply in replies] == [0] * 10 + [4213]
        headers = replies[0]["_headers"]
        assert (headers["X-RateLimit-Limit"], headers["X-RateLimit-Remaining"]) == ("10", "9")
        assert int(headers["X-RateLimit-LongPeriod-1H-Remaining"]) > 0
        assert {f"X-RateLimit-LongPeriod-{hours}H-Remaining" for hours in (4, 8, 24)} <= set(headers)
        batch = {"orders": [ORDER] * 31}
        assert (await client.signed("POST", "/v2/spot/batch-order", batch, stamp_ms=frozen_ms))[
            "code"
        ] == 4213
        batch = {"orders": [ORDER] * 30}
        reply = await client.signed("POST", "/v2/spot/batch-order", batch, stamp_ms=frozen_ms)
        assert reply["_headers"]["X-RateLimit-Remaining"] == "0"
        assert (await client.signed("POST", "/v2/spot/order", ORDER, stamp_ms=frozen_ms))["code"] == 4213


async def test_the_address_limit_stops_public_calls_too() -> None:
    frozen_ms = now_ms()
    async with (
        Sandbox(rate=0, now_ms=lambda: frozen_ms) as box,
        aiohttp.ClientSession() as session,
    ):
        client = PlainClient(box, session)
        codes = [(await client.public("/v2/ping"))["code"] for _ in range(401)]
        assert codes == [0] * 400 + [4213]


async def test_the_legacy_hash_is_taken_only_behind_its_switch(client: PlainClient) -> None:
    def legacy(stamp: str) -> str:
        text = f"GET/v2/assets/spot/balance{stamp}{client.secret}"
        return hashlib.sha256(text.encode()).hexdigest()

    for switched_on, code in ((False, 4006), (True, 0)):
        client.box.coinex.keyring.accept_legacy_hash = switched_on
        stamp_ms = now_ms()
        headers: dict[str, str | None] = {"X-COINEX-SIGN": legacy(str(stamp_ms))}
        envelope = await client.signed("GET", "/v2/assets/spot/balance", stamp_ms=stamp_ms, headers=headers)
        assert envelope["code"] == code


async def test_a_second_trader_sees_only_its_own(client: PlainClient, box: Sandbox) -> None:
    order_id = (await client.order())["data"]["order_id"]
    other = box.coinex.add_trader("other", deposits={"USDT": "10"})
    client.access_id, client.secret = other.access_id, other.secret
    target = f"/v2/spot/order-status?market=BTCUSDT&order_id={order_id}"
    assert (await client.signed("GET", target))["code"] == 3600
    document = {"market": "BTCUSDT", "market_type": "SPOT", "order_id": order_id}
    assert (await client.signed("POST", "/v2/spot/cancel-order", document))["code"] == 3600
    balances = (await client.signed("GET", "/v2/assets/spot/balance"))["data"]
    assert balances == [{"ccy": "USDT", "available": "10", "frozen": "0"}]


class InterestLimits(Handlers):
    """An endpoint as it is added: one method."""

    @route("GET", "/v2/assets/margin/your-own", group="account-query")
    def interest_limit(self, call: Call, market: Market, ccy: Text) -> Json:
        """Return what can be borrowed."""
        return {"market": market.name, "ccy": ccy, "account": call.account}


async def test_an_endpoint_is_one_method(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(venue, "SUBJECTS", (*SUBJECTS, InterestLimits))
    target = "/v2/assets/margin/your-own"
    async with Sandbox(["coinex"], rate=0) as box, aiohttp.ClientSession() as session:
        client = PlainClient(box, session)
        reply = await client.signed("GET", f"{target}?market=BTCUSDT&ccy=BTC")
        assert reply["data"] == {"market": "BTCUSDT", "ccy": "BTC", "account": "trader"}
        assert reply["_headers"]["X-RateLimit-Limit"] == "10"
        for query, code in (("", 4004), ("?market=BTCUSDT", 4004), ("?market=NOPE&ccy=BTC", 3639)):
            assert (await client.signed("GET", target + query))["code"] == code
        assert (await client.signed("POST", target, {}))["code"] == 4009
        assert (await client.public(f"{target}?market=BTCUSDT&ccy=BTC"))["code"] == 4005
        box.coinex.faults.rate_limited()
        assert (await client.signed("GET", f"{target}?market=BTCUSDT&ccy=BTC"))["code"] == 4213
