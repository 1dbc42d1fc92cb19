"""What the operator of Exchange may do: users, markets and their life, messages, reset, leaderboard."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import datetime
from typing import Any

import aiohttp
import pytest

from support.plain_exchange import PlainRest, PlainStream, plain_stream
from tradewire import ExchangeOptions
from tradewire.sandbox import Sandbox

MARKET = {"market_id": "ABC-USD", "base_asset": "ABC", "quote_asset": "USD", "tick_size": 1}
FULL = {**MARKET, "min_order_quantity": 1, "enabled": True}
FIELDS = (
    "market_id", "display_name", "base_asset", "quote_asset", "tick_size", "min_order_quantity", "reference_price",
    "settlement_price", "status", "created_at", "updated_at",
)  # fmt: skip


@pytest.fixture
async def trader(operator: PlainRest) -> PlainRest:
    await operator.market(reference_price=100)
    return await operator.user("desk-7")


@pytest.fixture
async def stream(fresh_box: Sandbox, trader: PlainRest) -> AsyncIterator[PlainStream]:
    """Signed in and subscribed to the market."""
    async with plain_stream(fresh_box.exchange.ws_url) as stream:
        await stream.sign_in(trader.api_key)
        await stream.subscribe()
        yield stream


async def refused(
    operator: PlainRest, status: int, message: str, method: str, path: str, document: Any = None
) -> None:
    answer = await operator.admin(method, path, document)
    assert (answer.status, answer.content_type, answer.json) == (
        status,
        "application/json",
        {"error": message},
    )


async def test_usernames(operator: PlainRest) -> None:
    answer = await operator.admin("POST", "/users", {"username": "  Ann \u00e9 ", "team": 7})
    assert answer.status == 201
    assert list(answer.json) == ["profile"]
    assert answer.json["profile"]["username"] == "Ann \u00e9"
    await refused(operator, 409, "username already exists", "POST", "/users", {"username": "Ann \u00e9"})
    await refused(operator, 400, "username is required", "POST", "/users", {"username": " \t"})
    assert (await operator.admin("POST", "/users", {"username": "ann \u00e9"})).status == 201


async def test_a_market_is_created_and_replaced_whole(operator: PlainRest) -> None:
    padded = {
        **FULL,
        "market_id": " ABC-USD ",
        "base_asset": " ABC",
        "quote_asset": "USD ",
        "reference_price": 7,
    }
    answer = await operator.admin("POST", "/markets", padded)
    assert answer.status == 200
    market = answer.json
    assert tuple(market) == FIELDS
    assert (market["market_id"], market["display_name"], market["status"]) == (
        "ABC-USD",
        "ABC-USD",
        "enabled",
    )
    assert (market["reference_price"], market["settlement_price"]) == (7, None)
    replaced = (await operator.market(display_name=" Alpha ", enabled=False, tick_size=3)).json
    assert (replaced["display_name"], replaced["status"], replaced["tick_size"]) == ("Alpha", "disabled", 3)
    assert (replaced["created_at"], replaced["reference_price"]) == (market["created_at"], None)
    # Texts do not sort by time: "…417Z" is after "…417001Z" although it was earlier.
    assert datetime.fromisoformat(replaced["updated_at"]) > datetime.fromisoformat(market["updated_at"])
    assert (await operator.market("ABC-USD", display_name="  ")).json["display_name"] == "ABC-USD"
    await operator.market("AAA-USD")
    for answer in (await operator.public("/api/v1/markets"), await operator.admin("GET", "/markets")):
        assert [row["market_id"] for row in answer.json] == ["AAA-USD", "ABC-USD"]


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"market_id": " ", "base_asset": ""}, "market id is required"),
        ({"base_asset": " ", "quote_asset": ""}, "base asset is required"),
        ({"quote_asset": "", "tick_size": 0}, "quote asset is required"),
        ({"market_id": "abc-USD", "tick_size": 0}, "market id must match ABC-USD"),
        ({"tick_size": 0, "min_order_quantity": 0}, "tick size must be greater than zero"),
        ({"min_order_quantity": 0}, "minimum order quantity must be greater than zero"),
    ],
)
async def test_markets_that_make_no_sense(operator: PlainRest, changes: dict[str, Any], message: str) -> None:
    await refused(operator, 400, message, "POST", "/markets", FULL | changes)
    assert (await operator.public("/api/v1/markets")).json == []


async def test_a_market_is_patched_in_part(trader: PlainRest) -> None:
    before = (await trader.public("/api/v1/markets")).json[0]
    path = "/markets/ABC-USD"
    same = (await trader.admin("PATCH", path, {"reference_price": None, "display_name": None})).json
    assert same == {**before, "updated_at": same["updated_at"]}
    order = await trader.order("BUY", 1, 7)
    patched = (
        await trader.admin("PATCH", path, {"tick_size": 5, "min_order_quantity": 2, "reference_price": 3})
    ).json
    assert (patched["tick_size"], patched["min_order_quantity"], patched["reference_price"]) == (5, 2, 3)
    assert (await trader.trader("GET", "/api/v1/open-orders")).json == [order]
    await refused(trader, 404, "market not found", "PATCH", "/markets/NO-PE", {"tick_size": 0})
    await refused(trader, 400, "tick size must be greater than zero", "PATCH", path, {"tick_size": 0})
    message = "minimum order quantity must be greater than zero"
    await refused(trader, 400, message, "PATCH", path, {"min_order_quantity": 0, "tick_size": 9})
    assert (await trader.public("/api/v1/markets")).json == [patched]


async def test_a_deleted_market_is_gone_and_begins_anew(trader: PlainRest, stream: PlainStream) -> None:
    other = await trader.user("other")
    await other.order("SELL", 2, 100)
    await trader.order("BUY", 2, 100)
    resting = (await trader.order("BUY", 1, 90))["id"]
    path = "/markets/ABC-USD"
    await refused(trader, 409, "cannot delete market with open orders", "DELETE", path)
    await refused(trader, 404, "market not found", "DELETE", "/markets/NO-PE")
    await refused(trader, 400, "market id is required", "DELETE", "/markets/%20")
    await trader.trader("DELETE", f"/api/v1/orders/{resting}")
    answer = await trader.admin("DELETE", path)
    assert (answer.status, answer.json) == (200, {"market_id": "ABC-USD"})
    assert (await trader.submit("BUY", 1, 90)).json == {"error": "market is not configured"}
    # Position and fill stay, marked at nothing.
    assert await trader.position() == (2, 100, 0)
    assert len((await trader.trader("GET", "/api/v1/fills")).json) == 1
    rows = {row["username"]: row for row in (await trader.trader("GET", "/api/v1/leaderboard")).json}
    assert (rows["desk-7"]["unrealized_pnl"], rows["desk-7"]["gross_exposure"]) == (-200, 0)
    await trader.market()
    await stream.drain()
    await trader.order("BUY", 1, 90)
    resync = await stream.until("resync_required")
    await stream.drain()
    assert (resync["expected_sequence"], resync["current_sequence"]) == (6, 1)
    assert (await stream.subscribe())["sequence"] == 1


async def test_settlement(trader: PlainRest, stream: PlainStream) -> None:
    other = await trader.user("other")
    await other.order("SELL", 10, 100)
    await trader.order("BUY", 10, 100)
    first = await trader.order("BUY", 3, 90)
    second = await trader.order("BUY", 4, 95)
    await stream.drain()
    await trader.market("ABC-USD", display_name="Alpha")
    await refused(
        trader, 400, "settlement price must be greater than zero",
        "POST", "/markets/NO-PE/settle", {"settlement_price": 0},
    )  # fmt: skip
    await refused(trader, 404, "market not found", "POST", "/markets/NO-PE/settle", {"settlement_price": 1})
    answer = await trader.admin("POST", "/markets/ABC-USD/settle", {"settlement_price": 107})
    assert answer.status == 200
    done = answer.json
    assert (done["canceled_orders"], done["affected_traders"], done["settled_quantity"]) == (2, 2, 20)
    assert (done["settlement_price"], done["market"]["settlement_price"]) == (107, 107)
    assert done["market"]["status"] == "settled"
    told = await stream.drain()
    states = [message for message in told if message["type"] == "order_state"]
    assert {message["order"]["id"] for message in states} == {first["id"], second["id"]}
    assert all(message["status"] == "canceled" and message["order"]["remaining"] for message in states)
    assert stream.book.orders == {}
    (spoken,) = [message["message"] for message in told if message["type"] == "admin_message"]
    assert (spoken["level"], spoken["market"], spoken["title"]) == ("info", "ABC-USD", "Alpha settled")
    assert spoken["body"] == "Market Alpha settled at 107 USD per ABC."
    assert await trader.position() == (0, None, 70)
    assert await other.position() == (0, None, -70)
    assert len((await trader.trader("GET", "/api/v1/fills")).json) == 1
    settle = ("POST", "/markets/ABC-USD/settle", {"settlement_price": 1})
    for method, path, document in (
        settle,
        ("POST", "/markets", FULL),
        ("PATCH", "/markets/ABC-USD", {"tick_size": 0}),
    ):
        await refused(trader, 409, "market already settled", method, path, document)
    rows = (await trader.trader("GET", "/api/v1/leaderboard")).json
    assert [(row["username"], row["net_pnl"]) for row in rows] == [("desk-7", 70), ("other", -70)]
    assert (await trader.admin("DELETE", "/markets/ABC-USD")).status == 200


@pytest.mark.parametrize(
    ("announcement", "body"), [("  Done. ", "Done."), (" ", "Market ABC-USD settled at 9 USD per ABC.")]
)
async def test_an_announcement_replaces_the_message(trader: PlainRest, announcement: str, body: str) -> None:
    wanted = {"settlement_price": 9, "announcement": announcement}
    assert (await trader.admin("POST", "/markets/ABC-USD/settle", wanted)).status == 200
    assert (await trader.admin("GET", "/messages")).json[0]["body"] == body


async def test_reset_erases_orders_positions_and_fills(trader: PlainRest, stream: PlainStream) -> None:
    other = await trader.user("other")
    await other.order("SELL", 3, 100)
    await trader.order("BUY", 2, 100)
    await trader.order("BUY", 1, 90)
    await stream.drain()
    assert stream.book.sequence == 4
    await trader.admin("POST", "/messages", {"level": "info", "body": "hello"})
    await stream.drain()
    answer = await trader.admin("POST", "/users/reset")
    assert (answer.status, answer.json) == (
        200,
        {"cleared_orders": 2, "cleared_positions": 2, "cleared_fills": 1},
    )
    told = await stream.drain()
    assert sorted(message["type"] for message in told) == ["delta", "delta", "order_state", "resync_required"]
    (resync,) = [message for message in told if message["type"] == "resync_required"]
    assert resync == {
        "type": "resync_required", "channel": "account", "market": None, "expected_sequence": None,
        "current_sequence": None, "reason": "admin reset all users",
    }  # fmt: skip
    assert (stream.book.orders, stream.book.sequence) == ({}, 6)
    for path in ("open-orders", "positions", "fills"):
        assert (await trader.trader("GET", f"/api/v1/{path}")).json == []
    state = (await trader.admin("GET", "/state")).json
    assert (len(state["markets"]), len(state["recent_messages"])) == (1, 1)
    assert (await trader.order("BUY", 1000, 1))["remaining"] == 1000
    assert (await stream.until("delta"))["sequence"] == 7


async def test_config_load_applies_one_by_one_until_the_first_error(operator: PlainRest) -> None:
    second = {**FULL, "market_id": "XYZ-USD", "base_asset": "XYZ"}
    answer = await operator.admin(
        "POST", "/config/load", {"markets": [FULL, second], "trading_enabled": False}
    )
    assert answer.status == 200
    assert answer.json["controls"]["trading_enabled"] is False
    assert [row["market_id"] for row in answer.json["markets"]] == ["ABC-USD", "XYZ-USD"]
    broken = [{**FULL, "tick_size": 2}, {**second, "tick_size": 0}]
    document = {"markets": broken, "trading_enabled": True}
    await refused(operator, 400, "tick size must be greater than zero", "POST", "/config/load", document)
    state = (await operator.admin("GET", "/state")).json
    assert state["controls"]["trading_enabled"] is True
    assert [row["tick_size"] for row in state["markets"]] == [2, 1]
    empty = await operator.admin("POST", "/config/load", {"markets": [], "trading_enabled": None})
    assert len(empty.json["markets"]) == 2
    one = await operator.admin("POST", "/config/load", {"markets": [second]})
    assert [row["market_id"] for row in one.json["markets"]] == ["XYZ-USD"]


async def test_messages(fresh_box: Sandbox, trader: PlainRest, stream: PlainStream) -> None:
    other = await trader.user("other")
    blank = {"level": "info", "body": " ", "target_username": "x"}
    await refused(trader, 400, "message body is required", "POST", "/messages", blank)
    nobody = {"level": "info", "body": "x", "target_username": "Desk-7"}
    await refused(trader, 404, "target user not found", "POST", "/messages", nobody)
    async with (
        plain_stream(fresh_box.exchange.ws_url) as second,
        plain_stream(fresh_box.exchange.ws_url) as stranger,
    ):
        await second.sign_in(other.api_key)
        wanted = {
            "level": "critical",
            "body": " to you ",
            "title": " T ",
            "target_username": " desk-7 ",
            "market": "?",
        }
        answer = await trader.admin("POST", "/messages", wanted)
        assert answer.status == 200
        private = answer.json
        assert (private["target_username"], private["level"], private["title"]) == ("desk-7", "critical", "T")
        assert (private["body"], private["market"]) == ("to you", "?")
        public = (await trader.admin("POST", "/messages", {"level": "warning", "body": "to all"})).json
        assert (
            public["title"]
            is public["market"]
            is public["target_username"]
            is public["target_trader_id"]
            is None
        )
        assert await stream.take(2) == [
            {"type": "admin_message", "message": one} for one in (private, public)
        ]
        assert await second.next() == {"type": "admin_message", "message": public}
        await second.quiet()
        await stranger.quiet()
    assert (await trader.admin("GET", "/messages")).json == [public, private]
    assert (await trader.admin("GET", "/messages?limit=1")).json == [public]
    assert (await trader.admin("GET", "/messages?limit=0")).json == []


async def test_fifty_messages_by_default(operator: PlainRest) -> None:
    for number in range(51):
        await operator.admin("POST", "/messages", {"level": "info", "body": str(number)})
    state = (await operator.admin("GET", "/state")).json
    newest_first = [str(number) for number in range(50, 0, -1)]
    assert [row["body"] for row in state["recent_messages"]] == newest_first
    assert [row["body"] for row in (await operator.admin("GET", "/messages")).json] == newest_first
    assert len((await operator.admin("GET", "/messages?limit=100")).json) == 51


async def test_leaderboard_ranks_and_marks(trader: PlainRest) -> None:
    other, idle = await trader.user("other"), await trader.user("Idle")
    await other.order("SELL", 4, 110)
    await trader.order("BUY", 4, 110)

    async def rows() -> list[tuple[Any, ...]]:
        listed = (await trader.trader("GET", "/api/v1/leaderboard")).json
        assert listed == (await trader.admin("GET", "/leaderboard")).json
        names = ("rank", "username", "net_pnl", "realized_pnl", "unrealized_pnl", "gross_exposure")
        assert set(listed[0]) == {*names, "trader_id"}
        return [tuple(row[name] for name in names) for row in listed]

    # The empty book's mark is the reference price, 100.
    assert await rows() == [
        (1, "other", 40, 0, 40, 400),
        (2, "Idle", 0, 0, 0, 0),
        (3, "desk-7", -40, 0, -40, 400),
    ]
    bid = await idle.order("BUY", 1, 112)
    assert await rows() == [
        (1, "desk-7", 8, 0, 8, 448),
        (2, "Idle", 0, 0, 0, 0),
        (3, "other", -8, 0, -8, 448),
    ]
    ask = await idle.order("SELL", 1, 115)
    # The middle of 112 and 115, rounded down.
    assert (await rows())[0] == (1, "desk-7", 12, 0, 12, 452)
    await idle.trader("DELETE", f"/api/v1/orders/{bid['id']}")
    assert (await rows())[0] == (1, "desk-7", 20, 0, 20, 460)
    await idle.trader("DELETE", f"/api/v1/orders/{ask['id']}")
    for limit, names in ((0, []), (1, ["other"]), (9, ["other", "Idle", "desk-7"])):
        listed = (await trader.trader("GET", f"/api/v1/leaderboard?limit={limit}")).json
        assert [row["username"] for row in listed] == names
    await trader.admin("PATCH", "/markets/ABC-USD", {"reference_price": 110})
    # All equal: by name, capitals first, and still with ranks of their own.
    assert [row[:3] for row in await rows()] == [(1, "Idle", 0), (2, "desk-7", 0), (3, "other", 0)]


async def test_a_market_is_deleted_by_an_id_with_blanks(operator: PlainRest) -> None:
    await operator.market()
    answer = await operator.admin("DELETE", "/markets/%20ABC-USD%09")
    assert (answer.status, answer.json) == (200, {"market_id": "ABC-USD"})
    assert (await operator.public("/api/v1/markets")).json == []
    await refused(operator, 400, "market id is required", "DELETE", "/markets/%20")


@pytest.mark.parametrize("revives", [False, True])
async def test_a_settled_market_stays_so_unless_the_servers_mistake_is_switched_on(
    session: aiohttp.ClientSession, revives: bool
) -> None:
    options = ExchangeOptions(fresh=True, revives_settled_markets=revives)
    async with Sandbox(["exchange"], exchange=options) as box:
        operator = PlainRest(box.exchange.rest_url, session)
        await operator.market()
        await operator.admin("POST", "/markets/ABC-USD/settle", {"settlement_price": 100})
        assert (await operator.market()).status == 409
        revived = await operator.market(" ABC-USD ", base_asset="ABC", quote_asset="USD")
        assert revived.status == (200 if revives else 409)
        assert (await operator.public("/api/v1/markets")).json[0]["status"] == (
            "enabled" if revives else "settled"
        )
