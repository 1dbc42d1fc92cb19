"""Exchange over HTTP as the fact sheet has it: shapes, order of checks, both formats of refusals."""

from __future__ import annotations

import re
from datetime import datetime
from typing import Any
from uuid import UUID

import aiohttp
import pytest

from support.plain_exchange import ADMIN_TOKEN, PlainRest
from tradewire import ExchangeOptions
from tradewire.sandbox import Sandbox

ORDER = {"market": "ABC-USD", "side": "BUY", "price": 100, "quantity": 5}
NOBODY = "00000000-0000-4000-8000-000000000000"
JSON = "application/json"
TEXT = "text/plain"
NO_U64: tuple[Any, ...] = ("absent", None, 1.0, 1e2, -1, "100", True, 2**64, [1], {})
TRADER_GETS = ("user", "positions", "balance", "portfolio", "leaderboard", "open-orders", "fills")


@pytest.fixture
async def rest(operator: PlainRest) -> PlainRest:
    """A trader on a market."""
    await operator.market()
    return await operator.user("desk-7")


async def test_a_fresh_venue_has_no_markets_and_no_users_and_trades(fresh_box: Sandbox) -> None:
    async with aiohttp.ClientSession() as session:
        rest = PlainRest(fresh_box.exchange.rest_url, session)
        assert (await rest.public("/api/v1/markets")).json == []
        state = (await rest.admin("GET", "/state")).json
        assert (state["controls"]["trading_enabled"], state["markets"], state["recent_messages"]) == (
            True,
            [],
            [],
        )
        assert (await rest.admin("GET", "/leaderboard")).json == []
    keys = fresh_box.exchange.keys()
    assert (keys["api_key"], keys["admin_token"], keys["markets"]) == ("", ADMIN_TOKEN, [])


async def test_health_in_memory(rest: PlainRest) -> None:
    answer = await rest.public("/health")
    assert (answer.status, answer.content_type) == (200, JSON)
    health = answer.json
    assert (health["status"], health["service"]) == ("ok", "exchange")
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{3}(\d{3})?)?\+00:00", health["now"])
    persistence = health["persistence"]
    assert len(persistence) == 19
    assert (persistence.pop("backend"), persistence.pop("mode")) == ("in_memory", "disabled")
    assert persistence.pop("last_error") is None
    assert set(persistence.values()) == {0}


async def test_openapi_covers_eleven_operations(rest: PlainRest) -> None:
    document = (await rest.public("/api-doc/openapi.json")).json
    operations = {(method, path) for path, methods in document["paths"].items() for method in methods}
    assert len(operations) == 11
    assert {("patch", "/api/v1/orders/{order_id}"), ("post", "/api/v1/admin/users/reset")} <= operations
    assert not any("markets" in path or "leaderboard" in path for _, path in operations)
    page = await rest.public("/docs")
    assert (page.status, page.content_type) == (200, "text/html")
    assert "<html" in page.text


async def test_profiles_and_keys(rest: PlainRest) -> None:
    profile = (await rest.trader("GET", "/api/v1/user")).json
    assert set(profile) == {"trader_id", "username", "api_key", "created_at"}
    assert (profile["username"], profile["api_key"]) == ("desk-7", rest.api_key)
    assert re.fullmatch(r"exch_[0-9a-f]{32}", rest.api_key)
    assert UUID(profile["trader_id"]).version == 4
    assert profile["created_at"].endswith("Z")
    datetime.fromisoformat(profile["created_at"])


async def test_a_resting_order_and_its_life(rest: PlainRest) -> None:
    answer = await rest.submit("SELL", 7, 205)
    assert answer.status == 201
    order = answer.json["order"]
    assert set(order) == {"id", "trader_id", "market", "side", "price", "quantity", "remaining", "created_at"}
    assert answer.json["fills"] == []
    assert answer.json["resting"] is True
    assert (order["market"], order["side"], order["price"]) == ("ABC-USD", "SELL", 205)
    assert (order["quantity"], order["remaining"]) == (7, 7)
    assert order["created_at"].endswith("Z")
    path = f"/api/v1/orders/{order['id']}"
    amended = await rest.trader("PATCH", path, {"remaining": 4})
    assert (amended.status, amended.json) == (200, {"order": {**order, "remaining": 4}})
    assert (await rest.trader("GET", "/api/v1/open-orders")).json == [{**order, "remaining": 4}]
    canceled = await rest.trader("DELETE", path.upper().replace("/API/V1/ORDERS", "/api/v1/orders"))
    assert (canceled.status, canceled.json) == (200, {"order": {**order, "remaining": 4}})
    assert (await rest.trader("GET", "/api/v1/open-orders")).json == []
    assert (await rest.trader("DELETE", path)).status == 404


async def test_a_crossing_order_fills_at_the_makers_price_and_rests_the_remainder(rest: PlainRest) -> None:
    other = await rest.user("maker")
    maker = await other.order("BUY", 3, 206)
    answer = await rest.submit("SELL", 7, 205)
    assert answer.status == 201
    done = answer.json
    (fill,) = done["fills"]
    fields = {"fill_id", "market", "maker_order_id", "taker_order_id", "price", "quantity", "occurred_at"}
    assert set(fill) == fields
    assert (fill["maker_order_id"], fill["taker_order_id"]) == (maker["id"], done["order"]["id"])
    assert (fill["price"], fill["quantity"]) == (206, 3)
    assert (done["resting"], done["order"]["remaining"], done["order"]["price"]) == (True, 4, 205)
    for one in (rest, other):
        assert (await one.trader("GET", "/api/v1/fills")).json == [fill]
    filled = (await other.submit("BUY", 4, 300)).json
    assert (filled["resting"], filled["order"]["remaining"], filled["order"]["price"]) == (False, 0, 300)
    assert filled["fills"][0]["price"] == 205
    assert await rest.position() == (-7, 205, 0)
    assert await other.position() == (7, 205, 0)


async def test_lists_filter_by_market_and_come_in_order(rest: PlainRest) -> None:
    await rest.market("XYZ-USD")
    placed = [
        await rest.order("BUY", 1, price, market) for market in ("XYZ-USD", "ABC-USD") for price in (9, 5)
    ]
    assert (await rest.trader("GET", "/api/v1/open-orders")).json == placed
    assert (await rest.trader("GET", "/api/v1/open-orders?market=ABC-USD")).json == placed[2:]
    for nothing in ("NOPE-USD", "abc-usd", ""):
        assert (await rest.trader("GET", f"/api/v1/open-orders?market={nothing}")).json == []
        assert (await rest.trader("GET", f"/api/v1/fills?market={nothing}")).json == []
    for quantity in (2, 1):
        await rest.order("SELL", quantity, 1, "XYZ-USD")
        await rest.order("BUY", 1, 3, "XYZ-USD")
    fills = (await rest.trader("GET", "/api/v1/fills?market=XYZ-USD")).json
    assert sorted(row["price"] for row in fills) == [3, 5, 9]
    assert fills == sorted(fills, key=lambda row: (row["occurred_at"], row["fill_id"]))
    assert fills[-1]["price"] == 3
    assert (await rest.trader("GET", "/api/v1/fills?market=ABC-USD")).json == []


async def test_positions_portfolio_and_the_old_balance_route(rest: PlainRest) -> None:
    other = await rest.user("other")
    await other.order("SELL", 2, 50)
    await rest.order("BUY", 2, 50)
    (position,) = (await rest.trader("GET", "/api/v1/positions")).json
    stamp = position.pop("updated_at")
    assert stamp.endswith("Z")
    assert position == {"market": "ABC-USD", "net_quantity": 2, "average_entry_price": 50, "realized_pnl": 0}
    profile = (await rest.trader("GET", "/api/v1/user")).json
    portfolio = (await rest.trader("GET", "/api/v1/portfolio")).json
    position["updated_at"] = stamp
    assert portfolio == {"trader_id": profile["trader_id"], "position_limit": 1000, "positions": [position]}
    assert (await rest.trader("GET", "/api/v1/balance")).json == [position]


@pytest.mark.parametrize("path", [f"/api/v1/{name}" for name in TRADER_GETS])
@pytest.mark.parametrize(
    ("headers", "message"),
    [
        ({}, "missing authentication"),
        ({"Authorization": f"Bearer {ADMIN_TOKEN}"}, "missing authentication"),
        ({"x-api-key": "exch_" + "0" * 32}, "invalid api key"),
        ({"x-api-key": ""}, "invalid api key"),
        ({"x-api-key": ADMIN_TOKEN}, "invalid api key"),
    ],
)
async def test_refuses_traders_without_key(
    rest: PlainRest, path: str, headers: dict[str, str], message: str
) -> None:
    answer = await rest.raw("GET", path, headers=headers)
    assert (answer.status, answer.content_type, answer.json) == (401, JSON, {"error": message})


@pytest.mark.parametrize(
    ("value", "message"),
    [
        (None, "missing admin authentication"),
        (ADMIN_TOKEN, "missing admin authentication"),
        (f"bearer {ADMIN_TOKEN}", "missing admin authentication"),
        (f"Basic {ADMIN_TOKEN}", "missing admin authentication"),
        (f"Bearer  {ADMIN_TOKEN}", "invalid admin token"),
        ("Bearer nobody", "invalid admin token"),
        (f"Bearer {ADMIN_TOKEN}x", "invalid admin token"),
    ],
)
async def test_refuses_operators_in_plain_text(rest: PlainRest, value: str | None, message: str) -> None:
    headers = {"x-api-key": rest.api_key} | ({} if value is None else {"Authorization": value})
    for method, path in (("GET", "state"), ("POST", "users"), ("PATCH", "markets/NOPE-USD")):
        answer = await rest.raw(method, f"/api/v1/admin/{path}", headers=headers)
        assert (answer.status, answer.content_type, answer.text) == (401, TEXT, message)


async def test_an_option_makes_refused_operators_json() -> None:
    options = ExchangeOptions(fresh=True, admin_refusals_as_json=True, admin_token="other")
    async with Sandbox(["exchange"], exchange=options) as box, aiohttp.ClientSession() as session:
        answer = await PlainRest(box.exchange.rest_url, session).admin("GET", "/state")
        assert (answer.status, answer.json) == (401, {"error": "invalid admin token"})


@pytest.mark.parametrize(
    ("method", "path", "allow"),
    [
        ("POST", "/health", "GET,HEAD"),
        ("DELETE", "/api/v1/markets", "GET,HEAD"),
        ("POST", "/ws", "GET,HEAD"),
        ("GET", "/api/v1/orders", "POST"),
        ("GET", f"/api/v1/orders/{NOBODY}", "DELETE,PATCH"),
        ("PUT", "/api/v1/positions", "GET,HEAD"),
        ("GET", "/api/v1/admin/users", "POST"),
        ("PUT", "/api/v1/admin/markets", "GET,HEAD,POST"),
        ("GET", "/api/v1/admin/markets/ABC-USD/settle", "POST"),
    ],
)
async def test_wrong_verbs(rest: PlainRest, method: str, path: str, allow: str) -> None:
    answer = await rest.raw(method, path, headers={"x-api-key": rest.api_key})
    assert (answer.status, answer.text, answer.headers["Allow"]) == (405, "", allow)


async def test_a_wrong_verb_without_key_is_unauthenticated_first(rest: PlainRest) -> None:
    answer = await rest.raw("PUT", "/api/v1/positions")
    assert (answer.status, answer.json) == (401, {"error": "missing authentication"})


@pytest.mark.parametrize(
    "path",
    [
        "/",
        "/nope",
        "/api/v1",
        "/api/v1/auth/login",
        "/api/v1/orders/",
        "/api/v1/markets/",
        "/api/v1/admin",
        "/WS",
    ],
)
async def test_unknown_paths(rest: PlainRest, path: str) -> None:
    answer = await rest.public(path)
    assert (answer.status, answer.content_type, answer.text) == (404, TEXT, "not found")


async def test_a_plain_get_of_the_stream_is_a_text_refusal(rest: PlainRest) -> None:
    answer = await rest.public("/ws")
    assert (answer.status, answer.content_type) == (400, TEXT)


@pytest.mark.parametrize("path", ["/api/v1/orders", "/health", "/nope"])
async def test_preflight_is_answered_for_any_origin(rest: PlainRest, path: str) -> None:
    headers = {"Origin": "https://example.org", "Access-Control-Request-Method": "PATCH"}
    answer = await rest.raw("OPTIONS", path, headers=headers)
    assert (answer.status, answer.text) == (200, "")
    for name in ("Origin", "Methods", "Headers"):
        assert answer.headers[f"Access-Control-Allow-{name}"] == "*"
    assert "Access-Control-Allow-Credentials" not in answer.headers
    plain = await rest.raw("GET", path, headers={"Origin": "https://example.org"})
    assert plain.headers["Access-Control-Allow-Origin"] == "*"


async def test_a_hundred_requests_a_second_and_trader_in_a_fixed_window() -> None:
    clock_ms = [1_000_000]
    options = ExchangeOptions(fresh=True)
    async with (
        Sandbox(["exchange"], now_ms=lambda: clock_ms[0], exchange=options) as box,
        aiohttp.ClientSession() as session,
    ):
        rest = await PlainRest(box.exchange.rest_url, session).user("busy")
        other = await rest.user("other")
        # Refused by a rule, by shape, by verb: all of them count. Without a key none does.
        assert (await rest.submit("BUY", 1, 1)).status == 404
        assert (await rest.trader("POST", "/api/v1/orders", {})).status == 422
        assert (await rest.trader("PUT", "/api/v1/positions")).status == 405
        assert (await rest.trader("GET", "/api/v1/positions", key="nobody")).status == 401
        clock_ms[0] += 999
        for _ in range(97):
            assert (await rest.trader("GET", "/api/v1/positions")).status == 200
        for _ in range(2):
            answer = await rest.trader("DELETE", "/api/v1/orders/7")
            assert (answer.status, answer.content_type) == (429, JSON)
            assert answer.json == {"error": "per-user rate limit exceeded: max 100 ops/sec"}
            assert "Retry-After" not in answer.headers
        assert (await other.trader("GET", "/api/v1/positions")).status == 200
        assert (await rest.admin("GET", "/state")).status == 200
        assert (await rest.public("/health")).status == 200
        clock_ms[0] += 1
        assert (await rest.trader("GET", "/api/v1/positions")).status == 200


async def test_the_quota_is_an_option_and_shows_in_the_message() -> None:
    options = ExchangeOptions(fresh=True, per_user_requests_per_second=1)
    async with (
        Sandbox(["exchange"], now_ms=lambda: 5_000, exchange=options) as box,
        aiohttp.ClientSession() as session,
    ):
        rest = await PlainRest(box.exchange.rest_url, session).user("busy")
        assert (await rest.trader("GET", "/api/v1/user")).status == 200
        answer = await rest.trader("GET", "/api/v1/user")
        assert answer.json == {"error": "per-user rate limit exceeded: max 1 ops/sec"}


async def test_head_is_answered_like_get(rest: PlainRest) -> None:
    answer = await rest.raw("HEAD", "/api/v1/user", headers={"x-api-key": rest.api_key})
    assert (answer.status, answer.text) == (200, "")


async def test_times_have_no_three_or_six_digits_of_fraction() -> None:
    clock_ms = [1_775_122_200_000]
    options = ExchangeOptions(fresh=True)
    async with (
        Sandbox(["exchange"], now_ms=lambda: clock_ms[0], exchange=options) as box,
        aiohttp.ClientSession() as session,
    ):
        rest = PlainRest(box.exchange.rest_url, session)
        assert (await rest.public("/health")).json["now"] == "2026-04-02T09:30:00.000001+00:00"
        clock_ms[0] += 1000
        assert (await rest.public("/health")).json["now"] == "2026-04-02T09:30:01+00:00"
        clock_ms[0] += 125
        assert (await rest.public("/health")).json["now"] == "2026-04-02T09:30:01.125+00:00"


async def test_a_clock_that_is_off_shows_in_what_the_venue_says() -> None:
    async with (
        Sandbox(["exchange"], rate=0, now_ms=lambda: 1_775_122_200_000) as box,
        aiohttp.ClientSession() as session,
    ):
        rest = PlainRest(box.exchange.rest_url, session)
        before = (await rest.public("/health")).json["now"]
        box.exchange.faults.clock_skew(90_000)
        after = (await rest.public("/health")).json["now"]
    ahead = datetime.fromisoformat(after) - datetime.fromisoformat(before)
    assert abs(ahead.total_seconds() - 90) < 1  # microseconds count what happened in a millisecond
