"""What the rows make of whole replies: bodies as the fact sheet has them, later generations, and worse."""

from __future__ import annotations

import json
from decimal import Decimal
from typing import Any

import pytest
from msgspec import Raw

from tradewire.errors import FrameError, RemoteProtocolError, UnreadableRow
from tradewire.model import Market, Position, Rows, Side
from tradewire.protocol.endpoint import Endpoint
from tradewire.venues.exchange import model
from tradewire.venues.exchange.rest import (
    account,
    admin_control,
    admin_markets,
    admin_users,
    market_data,
    open_orders,
    orders,
)
from tradewire.venues.exchange.shapes import OrderRow
from tradewire.wire import Reader

D = Decimal
AT = "2026-04-02T09:30:00.125Z"
AT_NS = 1_775_122_200_125_000_000
TRADER = "7a1d3c55-90be-4c53-8a35-1f6a2b9e4d02"
KEY = "exch_0123456789abcdef0123456789abcdef"

PROFILE = {"trader_id": TRADER, "username": "desk-7", "api_key": KEY, "created_at": AT}
POSITION = {
    "market": "ABC-USD",
    "net_quantity": -4,
    "average_entry_price": 101,
    "realized_pnl": -36,
    "updated_at": AT,
}
ORDER = {
    "id": "0b6f7c1e-5a52-4f0a-9b1e-2d6f1d0c7a11",
    "trader_id": TRADER,
    "market": "ABC-USD",
    "side": "SELL",
    "price": 205,
    "quantity": 7,
    "remaining": 4,
    "created_at": AT,
}
FILL = {
    "fill_id": "c2f0b1aa-1111-4c1c-8b39-0c8a2f7d9e01",
    "market": "ABC-USD",
    "maker_order_id": "5e0f3d2c-7777-4a1b-9c55-3b1a0d9e8f02",
    "taker_order_id": ORDER["id"],
    "price": 206,
    "quantity": 3,
    "occurred_at": AT,
}
MARKET = {
    "market_id": "ABC-USD",
    "display_name": "Abc",
    "base_asset": "ABC",
    "quote_asset": "USD",
    "tick_size": 5,
    "min_order_quantity": 2,
    "reference_price": None,
    "settlement_price": 104,
    "status": "settled",
    "created_at": AT,
    "updated_at": AT,
}
ROW = {
    "rank": 1,
    "trader_id": TRADER,
    "username": "desk-7",
    "net_pnl": -3,
    "realized_pnl": 4,
    "unrealized_pnl": -7,
    "gross_exposure": 900,
}
CONTROLS = {"trading_enabled": False, "updated_at": AT}
MESSAGE = {
    "message_id": "11111111-1111-4111-8111-111111111111",
    "target_username": None,
    "target_trader_id": None,
    "market": "ABC-USD",
    "level": "warning",
    "title": None,
    "body": "Soon.",
    "created_at": AT,
}
COUNTERS = (
    "queue_capacity",
    "backpressure_threshold",
    "queue_depth",
    "in_flight_ops",
    "backlog_depth",
    "high_water_mark",
    "total_enqueued",
    "total_flushes",
    "total_flushed_ops",
    "total_blocked_enqueues",
    "total_enqueue_block_time_ms",
    "total_flush_failures",
    "total_retries",
    "last_batch_size",
    "last_flush_latency_ms",
    "max_flush_latency_ms",
)
PERSISTENCE = {"backend": "in_memory", "mode": "disabled", **dict.fromkeys(COUNTERS, 0), "last_error": None}
HEALTH = {
    "status": "ok",
    "service": "exchange",
    "now": "2026-04-02T09:30:00.125+00:00",
    "persistence": PERSISTENCE,
}
STATE = {
    "controls": CONTROLS,
    "markets": [MARKET],
    "recent_messages": [MESSAGE],
    "persistence": PERSISTENCE,
}
RESET = {"cleared_orders": 3, "cleared_positions": 2, "cleared_fills": 5}
SETTLED = {
    "market": MARKET,
    "canceled_orders": 3,
    "affected_traders": 2,
    "settled_quantity": 10,
    "settlement_price": 104,
}

A_POSITION = Position(
    market="ABC-USD", size=D(-4), average_price=D(101), realized_pnl=D(-36), updated_at_ns=AT_NS
)
A_MARKET = model.VenueMarket(
    market="ABC-USD",
    display_name="Abc",
    base="ABC",
    quote="USD",
    tick_size=5,
    min_size=2,
    reference_price=None,
    settlement_price=104,
    status="settled",
    created_at_ns=AT_NS,
    updated_at_ns=AT_NS,
)
SOME_PERSISTENCE = model.Persistence(backend="in_memory", mode="disabled", last_error=None)
SOME_CONTROLS = model.Controls(is_trading=False, updated_at_ns=AT_NS)
A_MESSAGE = model.Message(
    message_id=str(MESSAGE["message_id"]),
    level=model.MessageLevel.WARNING,
    title=None,
    body="Soon.",
    market="ABC-USD",
    target_username=None,
    target_trader_id=None,
    created_at_ns=AT_NS,
)
A_ROW = model.LeaderboardRow(
    rank=1,
    trader_id=TRADER,
    username="desk-7",
    net_pnl=-3,
    realized_pnl=4,
    unrealized_pnl=-7,
    gross_exposure=900,
)
AN_EXECUTION = model.Execution(
    fill_id=str(FILL["fill_id"]),
    market="ABC-USD",
    maker_order_id=str(FILL["maker_order_id"]),
    taker_order_id=str(FILL["taker_order_id"]),
    price=206,
    size=3,
    time_ns=AT_NS,
)

DECODED: list[tuple[Endpoint[Any, Any], Any, Any]] = [
    (account.POSITIONS, [POSITION], (A_POSITION,)),
    (account.BALANCE, [], ()),
    (
        account.PORTFOLIO,
        {"trader_id": TRADER, "position_limit": 1000, "positions": [POSITION]},
        model.Portfolio(trader_id=TRADER, position_limit=1000, positions=(A_POSITION,)),
    ),
    (open_orders.FILLS, [FILL], (AN_EXECUTION,)),
    (account.LEADERBOARD, [ROW], (A_ROW,)),
    (admin_users.LEADERBOARD, [ROW], (A_ROW,)),
    (admin_markets.MARKETS, [MARKET], (A_MARKET,)),
    (admin_markets.PUT_MARKET, MARKET, A_MARKET),
    (admin_markets.PATCH_MARKET, MARKET, A_MARKET),
    (admin_markets.DELETE_MARKET, {"market_id": "ABC-USD"}, "ABC-USD"),
    (admin_control.START_TRADING, {"controls": CONTROLS}, SOME_CONTROLS),
    (admin_control.STOP_TRADING, {"controls": CONTROLS}, SOME_CONTROLS),
    (admin_users.RESET_USERS, RESET, model.Reset(orders=3, positions=2, fills=5)),
    (admin_control.SEND_MESSAGE, MESSAGE, A_MESSAGE),
    (admin_control.MESSAGES, [MESSAGE, MESSAGE], (A_MESSAGE, A_MESSAGE)),
    (
        admin_markets.LOAD_CONFIG,
        {"controls": CONTROLS, "markets": [MARKET]},
        model.LoadedConfig(controls=SOME_CONTROLS, markets=(A_MARKET,)),
    ),
    (
        admin_markets.SETTLE_MARKET,
        SETTLED,
        model.Settlement(
            market=A_MARKET, cancelled_orders=3, affected_traders=2, settled_size=10, settlement_price=104
        ),
    ),
    (
        admin_control.STATE,
        STATE,
        model.AdminState(
            controls=SOME_CONTROLS,
            markets=(A_MARKET,),
            recent_messages=(A_MESSAGE,),
            persistence=SOME_PERSISTENCE,
        ),
    ),
    (
        market_data.HEALTH,
        HEALTH,
        model.Health(status="ok", now_ns=AT_NS, persistence=SOME_PERSISTENCE),
    ),
    (
        market_data.MARKETS,
        [MARKET],
        (
            Market(
                symbol="ABC-USD",
                base="ABC",
                quote="USD",
                tick_size=D(5),
                lot_size=D(1),
                min_size=D(2),
                maker_fee_rate=D(0),
                taker_fee_rate=D(0),
                is_tradable=False,
                status="settled",
            ),
        ),
    ),
    # Last, because whatever it has is passed on.
    (market_data.OPENAPI, {"openapi": "3.1.0", "paths": {}}, {"openapi": "3.1.0", "paths": {}}),
]


def encoded(document: Any) -> bytes:
    return json.dumps(document).encode()


@pytest.mark.parametrize(("row", "document", "wanted"), DECODED, ids=lambda value: getattr(value, "name", ""))
def test_a_documented_reply(row: Endpoint[Any, Any], document: Any, wanted: Any) -> None:
    assert row.decode(encoded(document)) == wanted


@pytest.mark.parametrize(
    ("row", "document", "wanted"), DECODED[:-1], ids=lambda value: getattr(value, "name", "")
)
def test_members_the_venue_adds_later_do_no_harm(row: Endpoint[Any, Any], document: Any, wanted: Any) -> None:
    def more(value: Any) -> Any:
        if isinstance(value, dict):
            return {name: more(inner) for name, inner in value.items()} | {"added_later": [{}]}
        return list(map(more, value)) if isinstance(value, list) else value

    assert row.decode(encoded(more(document))) == wanted


@pytest.mark.parametrize(("row", "document", "wanted"), DECODED, ids=lambda value: getattr(value, "name", ""))
@pytest.mark.parametrize("body", [b"", b"null", b"7", b'"x"', b"[[", b"\xff", b"[" * 1000, b"<html>"])
def test_what_is_no_such_reply_is_the_venues_fault(
    row: Endpoint[Any, Any], document: Any, wanted: Any, body: bytes
) -> None:
    with pytest.raises(RemoteProtocolError):
        row.decode(body)


def executions(raws: list[Raw]) -> Rows[model.Execution]:
    return Reader(model.Execution).all(raws, lambda row: row)


def test_a_submitted_order() -> None:
    reply = orders.PLACE_ORDER.decode(encoded({"order": ORDER, "fills": [FILL], "resting": True}))
    assert reply.order == OrderRow(str(ORDER["id"]), "ABC-USD", Side.SELL, 205, 7, 4, AT_NS, trader_id=TRADER)
    assert list(executions(reply.fills)) == [AN_EXECUTION]
    assert reply.resting
    for row in (orders.AMEND_ORDER, orders.CANCEL_ORDER):
        assert row.decode(encoded({"order": ORDER})) == reply.order
    assert list(open_orders.OPEN_ORDERS.decode(encoded([ORDER]))) == [reply.order]


@pytest.mark.parametrize(
    "changes",
    [
        {"price": -1},
        {"price": 100.5},
        {"price": "many"},
        {"side": "LONG"},
        {"created_at": "soon"},
        {"quantity": True},
        {"remaining": None},
        {"id": None},
        {"market": None},
    ],
    ids=str,
)
def test_an_order_of_another_shape_is_refused(changes: dict[str, Any]) -> None:
    with pytest.raises(FrameError) as caught:
        orders.CANCEL_ORDER.decode(encoded({"order": ORDER | changes}))
    assert caught.value.kind == "wrong_shape"


@pytest.mark.parametrize("name", sorted(ORDER))
def test_an_order_that_lacks_a_member_is_refused(name: str) -> None:
    short = {member: value for member, value in ORDER.items() if member != name}
    with pytest.raises(FrameError):
        orders.CANCEL_ORDER.decode(encoded({"order": short}))


@pytest.mark.parametrize(("is_ok", "status"), [(True, "ok"), (False, "degraded")])
def test_health_says_how_the_venue_is_and_keeps_its_state(is_ok: bool, status: str) -> None:
    health = market_data.HEALTH.decode(encoded(HEALTH | {"status": status}))
    assert health.is_ok is is_ok
    for told in (health.persistence, admin_control.STATE.decode(encoded(STATE)).persistence):
        assert (told.backend, told.mode, told.last_error) == ("in_memory", "disabled", None)


def test_a_side_and_a_level_must_be_ones_we_know() -> None:
    with pytest.raises(FrameError, match="side"):
        orders.CANCEL_ORDER.decode(encoded({"order": ORDER | {"side": "long"}}))
    with pytest.raises(FrameError, match="level"):
        admin_control.SEND_MESSAGE.decode(encoded(MESSAGE | {"level": "loud"}))


def test_a_profile_has_the_key_and_does_not_show_it() -> None:
    profile = account.USER.decode(encoded(PROFILE))
    assert profile.api_key is not None
    assert profile.api_key.reveal() == KEY
    assert (profile.trader_id, profile.username, profile.created_at_ns) == (TRADER, "desk-7", AT_NS)
    created = admin_users.CREATE_USER.decode(encoded({"profile": PROFILE | {"role": "trader"}}))
    assert (created.username, created.role) == ("desk-7", "trader")


def test_the_latest_generations_profile_has_a_team_and_no_key() -> None:
    profile = account.USER.decode(encoded({"trader_id": TRADER, "team_number": "17"}))
    assert (profile.username, profile.api_key, profile.created_at_ns) == ("17", None, 0)
    ranked = account.LEADERBOARD.decode(
        encoded([{name: value for name, value in ROW.items() if name != "username"} | {"team_number": "17"}])
    )
    assert ranked[0].username == "17"
    portfolio = account.PORTFOLIO.decode(
        encoded({"trader_id": TRADER, "position_limit": None, "positions": []})
    )
    assert portfolio.position_limit is None


@pytest.mark.parametrize("api_key", ["", "x", "ABC1234", KEY])
def test_a_key_of_any_shape_is_taken(api_key: str) -> None:
    profile = account.USER.decode(encoded(PROFILE | {"api_key": api_key}))
    assert (profile.api_key.reveal() if profile.api_key else "") == api_key


def test_the_page_is_text_or_refused() -> None:
    assert market_data.DOCS.decode("<html>ü</html>".encode()) == "<html>ü</html>"
    with pytest.raises(RemoteProtocolError):
        market_data.DOCS.decode(b"\xff")


LISTS: list[tuple[Endpoint[Any, Any], dict[str, Any]]] = [
    (open_orders.OPEN_ORDERS, ORDER), (open_orders.FILLS, FILL),
    (account.POSITIONS, POSITION), (account.BALANCE, POSITION), (account.LEADERBOARD, ROW),
    (market_data.MARKETS, MARKET), (admin_markets.MARKETS, MARKET), (admin_control.MESSAGES, MESSAGE),
]  # fmt: skip
ODDITIES: list[object] = [None, "", "abc", 1, 1.5, "NaN", "1_0", [], {}, True, -1, 2**70]


@pytest.mark.parametrize(("row", "good"), LISTS, ids=lambda value: getattr(value, "path", None))
def test_whatever_one_field_of_one_row_is_its_neighbours_come_out_unchanged(
    row: Endpoint[Any, Any], good: dict[str, Any]
) -> None:
    [whole] = row.decode(encoded([good]))
    for field in good:
        for odd in ODDITIES:
            found = row.decode(encoded([good, good | {field: odd}, good]))
            assert found[0] == found[-1] == whole, (field, odd)
            unreadable = [json.loads(fault.raw) for fault in found.unreadable]
            assert unreadable in ([], [good | {field: odd}])
            assert len(found) == 3 - len(unreadable)


def test_one_bad_fill_of_a_reply_hides_neither_the_order_nor_the_others() -> None:
    reply = orders.PLACE_ORDER.decode(
        encoded({"order": ORDER, "fills": [FILL, FILL | {"price": None}], "resting": True})
    )
    found = executions(reply.fills)
    assert list(found) == [AN_EXECUTION]
    assert len(found.unreadable) == 1


def test_one_bad_position_of_a_portfolio_hides_no_other() -> None:
    positions = [POSITION, POSITION | {"net_quantity": "many"}, POSITION]
    portfolio = account.PORTFOLIO.decode(
        encoded({"trader_id": TRADER, "position_limit": 1, "positions": positions})
    )
    assert list(portfolio.positions) == [A_POSITION, A_POSITION]
    assert [json.loads(fault.raw) for fault in portfolio.unreadable] == [positions[1]]


@pytest.mark.parametrize(
    ("row", "order_id", "concerns"),
    [
        ({"id": "a", "price": "x"}, "a", True),
        ({"id": "a", "price": "x"}, "b", False),
        ({"id": 7}, "7", True),
        ({"order_id": 7}, "8", False),
        ({"maker_order_id": "a", "taker_order_id": "b"}, "b", True),
        ({"maker_order_id": "a", "taker_order_id": "b"}, "c", False),
        ({"maker_order_id": "a", "taker_order_id": None}, "c", True),
        ({"id": None}, "a", True),
        ({}, "a", True),
        (None, "a", True),
        ([], "a", True),
    ],
    ids=str,
)
def test_a_row_that_cannot_be_read_may_concern_an_order_unless_it_names_another(
    row: object, order_id: str, concerns: bool
) -> None:
    assert UnreadableRow("why", raw=encoded(row)).may_concern(order_id) is concerns


def test_a_row_that_was_cut_may_concern_any_order() -> None:
    assert UnreadableRow("why", raw=encoded({"id": "a", "more": "x" * 2000})).may_concern("b")
    assert UnreadableRow("why", raw=encoded({"external_id": "x"})).may_concern("", "x")
    assert not UnreadableRow("why", raw=encoded({"external_id": "x"})).may_concern("", "y")
