"""Every refusal of sections 5 and 8 of the fact sheet, on both lanes; risk, positions and their vectors."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any

import pytest

from support.plain_exchange import PlainRest, PlainStream, plain_stream
from tradewire.sandbox import Sandbox

NOBODY = "00000000-0000-4000-8000-000000000000"
BIG = 2**63
Refused = tuple[int, str, str]
Refuse = Callable[..., Awaitable[None]]


@pytest.fixture
async def rest(operator: PlainRest) -> PlainRest:
    """A trader on a market of tick 5 and minimum 2, and on one of 1 and 1."""
    await operator.market("XYZ-USD", tick_size=5, min_order_quantity=2)
    await operator.market("ABC-USD")
    return await operator.user("desk-7")


@pytest.fixture
async def stream(fresh_box: Sandbox, rest: PlainRest) -> AsyncIterator[PlainStream]:
    async with plain_stream(fresh_box.exchange.ws_url) as stream:
        await stream.sign_in(rest.api_key)
        yield stream


@pytest.fixture
def refuse(fresh_box: Sandbox, rest: PlainRest) -> Refuse:
    """Prove that both lanes refuse a command with this status, code and message, and nothing changes."""

    async def ask(op: str, **fields: Any) -> dict[str, Any]:
        async with plain_stream(fresh_box.exchange.ws_url) as stream:
            await stream.sign_in(rest.api_key)
            return await stream.ask(op, request_id="r1", **fields)

    async def refuse(op: str, refused: Refused, order_id: str = NOBODY, **fields: Any) -> None:
        status, code, message = refused
        before = (await rest.trader("GET", "/api/v1/open-orders")).json, await rest.position()
        if op == "submit_order":
            answer = await rest.trader("POST", "/api/v1/orders", fields)
            reject = await ask(op, **fields)
        else:
            method = "PATCH" if op == "amend_order" else "DELETE"
            answer = await rest.trader(method, f"/api/v1/orders/{order_id}", fields or None)
            reject = await ask(op, order_id=order_id, **fields)
        assert (answer.status, answer.content_type) == (status, "application/json")
        assert answer.json == {"error": message}
        assert reject == {"type": "reject", "op": op, "request_id": "r1", "code": code, "message": message}
        assert ((await rest.trader("GET", "/api/v1/open-orders")).json, await rest.position()) == before

    return refuse


def order(**changes: Any) -> dict[str, Any]:
    return {"market": "XYZ-USD", "side": "BUY", "price": 100, "quantity": 5} | changes


NOT_CONFIGURED = (404, "market_not_configured", "market is not configured")
INVALID_MARKET = (400, "invalid_market", "invalid market symbol")
TICK = (400, "tick_size_violation", "price must align to tick size 5")
TOO_FEW = (400, "quantity_below_minimum", "quantity must be at least 2")


@pytest.mark.parametrize(
    ("changes", "refused"),
    [
        *(({"market": name}, INVALID_MARKET) for name in ("", "-", "XYZ", "XYZ-", "-USD", "XYZUSD", "--")),
        *(({"market": name}, NOT_CONFIGURED) for name in ("NO-PE", "xyz-usd", "XYZ-USD ", "XYZ-USD-T")),
        ({"price": 101}, TICK),
        ({"price": 101, "quantity": 1}, TICK),
        ({"quantity": 1}, TOO_FEW),
        ({"quantity": 0}, TOO_FEW),
        ({"quantity": 0, "price": 0}, TOO_FEW),
        ({"price": 0}, (400, "invalid_price", "price must be greater than zero")),
        ({"price": BIG}, (400, "price_too_large", f"price must be at most {BIG - 1}")),
        ({"quantity": BIG}, (400, "quantity_too_large", f"quantity must be at most {BIG - 1}")),
        (
            {"quantity": 1001},
            (409, "position_limit_exceeded",
             "projected net position for XYZ-USD would be 1001; limit is +/-1000"),
        ),
        (
            {"quantity": 2**62, "side": "SELL"},
            (409, "position_limit_exceeded",
             f"projected net position for XYZ-USD would be -{2**62}; limit is +/-1000"),
        ),
    ],
)  # fmt: skip
async def test_refused_submits(refuse: Refuse, changes: dict[str, Any], refused: Refused) -> None:
    await refuse("submit_order", refused, **order(**changes))


async def test_refused_amends(refuse: Refuse, rest: PlainRest) -> None:
    own = (await rest.order("BUY", 10, 100, "XYZ-USD"))["id"]
    zero = (400, "invalid_remaining", "remaining quantity must be greater than zero")
    await refuse("amend_order", zero, NOBODY, remaining=0)
    await refuse("amend_order", (404, "order_not_found", "order not found"), NOBODY, remaining=1)
    larger = (400, "invalid_amend", "cannot increase remaining quantity")
    await refuse("amend_order", larger, own, remaining=11)
    await refuse("amend_order", larger, own, remaining=2**64 - 1)
    # Below the market's minimum, and to the same size: both are fine.
    for remaining in (1, 1):
        answer = await rest.trader("PATCH", f"/api/v1/orders/{own}", {"remaining": remaining})
        assert (answer.status, answer.json["order"]["quantity"]) == (200, 10)


async def test_closed_and_foreign_orders_are_not_found(refuse: Refuse, rest: PlainRest) -> None:
    not_found = (404, "order_not_found", "order not found")
    foreign = (await (await rest.user("other")).order("BUY", 5, 100, "XYZ-USD"))["id"]
    closed = (await rest.order("SELL", 5, 1000, "XYZ-USD"))["id"]
    assert (await rest.trader("DELETE", f"/api/v1/orders/{closed}")).status == 200
    for order_id in (NOBODY, foreign, closed):
        await refuse("cancel_order", not_found, order_id)
        await refuse("amend_order", not_found, order_id, remaining=1)


async def test_trading_stopped(refuse: Refuse, rest: PlainRest, stream: PlainStream) -> None:
    stopped = (409, "trading_disabled", "trading is currently disabled")
    first, second = [(await rest.order("BUY", 5, price, "XYZ-USD"))["id"] for price in (100, 105)]
    await stream.take(2)
    controls = (await rest.admin("POST", "/trading/stop")).json["controls"]
    assert controls["trading_enabled"] is False
    assert (await rest.admin("POST", "/trading/stop")).status == 200
    await refuse("submit_order", stopped, **order(market="NO-PE"))
    await refuse("submit_order", INVALID_MARKET, **order(market="NOPE"))
    await refuse("amend_order", stopped, first, remaining=1)
    await refuse("amend_order", (404, "order_not_found", "order not found"), NOBODY, remaining=1)
    assert (await rest.trader("DELETE", f"/api/v1/orders/{first}")).status == 200
    await stream.next()
    assert (await stream.ask("cancel_order", order_id=second))["type"] == "ack"
    assert (await rest.admin("POST", "/trading/start")).json["controls"]["trading_enabled"] is True
    assert (await rest.submit("BUY", 5, 100, "XYZ-USD")).status == 201


async def test_market_disabled_and_settled(refuse: Refuse, rest: PlainRest) -> None:
    first, second = [(await rest.order("BUY", 5, price, "XYZ-USD"))["id"] for price in (100, 105)]
    assert (await rest.admin("PATCH", "/markets/XYZ-USD", {"enabled": False})).json["status"] == "disabled"
    disabled = (409, "market_disabled", "market is disabled")
    await refuse("submit_order", disabled, **order(price=7))
    await refuse("amend_order", disabled, first, remaining=1)
    assert (await rest.trader("DELETE", f"/api/v1/orders/{first}")).status == 200
    assert (await rest.admin("POST", "/markets/XYZ-USD/settle", {"settlement_price": 3})).status == 200
    await refuse("submit_order", (409, "market_settled", "market has already been settled"), **order(price=7))
    not_found = (404, "order_not_found", "order not found")
    await refuse("amend_order", not_found, second, remaining=1)
    await refuse("cancel_order", not_found, second)


async def test_a_profit_beyond_64_bits_is_refused_and_nothing_changes(
    refuse: Refuse, rest: PlainRest
) -> None:
    other = await rest.user("other")
    await other.order("SELL", 1000, 1)
    await rest.order("BUY", 1000, 1)
    await other.order("BUY", 1000, BIG - 1)
    before = (await other.trader("GET", "/api/v1/open-orders")).json, await other.position()
    overflow = (500, "overflow", "numeric overflow")
    await refuse("submit_order", overflow, market="ABC-USD", side="SELL", price=1, quantity=1000)
    assert ((await other.trader("GET", "/api/v1/open-orders")).json, await other.position()) == before
    answer = await rest.admin("POST", "/markets/ABC-USD/settle", {"settlement_price": BIG - 1})
    assert (answer.status, answer.json) == (500, {"error": "numeric overflow"})
    assert (await rest.public("/api/v1/markets")).json[0]["status"] == "enabled"
    (first, second) = (await rest.trader("GET", "/api/v1/leaderboard")).json
    # The mark is the lonely bid; 1000 times that fits neither 64 bits with sign nor without.
    assert (first["username"], first["unrealized_pnl"], first["net_pnl"]) == ("desk-7", BIG - 1, BIG - 1)
    assert (second["unrealized_pnl"], second["gross_exposure"]) == (-BIG, 2**64 - 1)


async def test_the_sheets_vector_of_the_limit(refuse: Refuse, rest: PlainRest) -> None:
    """Net +400, open buys 500, open sells 300."""
    other = await rest.user("other")
    await other.order("SELL", 400, 50)
    await rest.order("BUY", 400, 50)
    await rest.order("BUY", 500, 10)
    await rest.order("SELL", 300, 90)

    def too_far(projected: int) -> Refused:
        message = f"projected net position for ABC-USD would be {projected}; limit is +/-1000"
        return 409, "position_limit_exceeded", message

    await refuse("submit_order", too_far(1001), market="ABC-USD", side="BUY", price=10, quantity=101)
    await refuse("submit_order", too_far(-1001), market="ABC-USD", side="SELL", price=90, quantity=1101)
    # The whole size counts, even where all of it would trade with the own order resting there.
    await refuse("submit_order", too_far(1001), market="ABC-USD", side="BUY", price=90, quantity=101)
    assert (await rest.submit("BUY", 100, 10)).status == 201
    assert (await rest.submit("SELL", 1100, 90)).status == 201
    # Another market has a limit of its own.
    assert (await rest.submit("BUY", 1000, 10, "XYZ-USD")).status == 201


async def test_the_sheets_vectors_of_positions(rest: PlainRest) -> None:
    other = await rest.user("other")

    async def trade(side: str, quantity: int, price: int) -> tuple[int, int | None, int]:
        await other.order("SELL" if side == "BUY" else "BUY", quantity, price)
        await rest.order(side, quantity, price)
        return await rest.position()

    assert await trade("BUY", 3, 100) == (3, 100, 0)
    assert await trade("BUY", 2, 103) == (5, 101, 0)
    assert await trade("SELL", 4, 110) == (1, 101, 36)
    assert await trade("SELL", 3, 90) == (-2, 90, 25)
    assert await trade("BUY", 2, 80) == (0, None, 45)


async def test_average_prices_are_rounded_down(rest: PlainRest) -> None:
    other = await rest.user("other")
    for price in (100, 101):
        await other.order("SELL", 1, price)
        await rest.order("BUY", 1, price)
    assert await rest.position() == (2, 100, 0)
    assert await other.position() == (-2, 100, 0)


async def test_a_position_that_never_earned_anything_disappears(rest: PlainRest) -> None:
    other = await rest.user("other")
    for maker, taker in ((other, rest), (rest, other)):
        await maker.order("SELL", 1, 100)
        await taker.order("BUY", 1, 100)
    assert (await rest.trader("GET", "/api/v1/positions")).json == []


async def test_the_sheets_vector_of_a_trade_with_oneself(rest: PlainRest, stream: PlainStream) -> None:
    other = await rest.user("other")
    await other.order("SELL", 5, 90)
    await rest.order("BUY", 5, 90)
    await stream.take(2)
    await rest.order("SELL", 2, 100)
    await stream.take(1)
    fills = (await rest.submit("BUY", 2, 100)).json["fills"]
    assert await rest.position() == (5, 92, 16)
    told = await stream.take(4)
    assert [message["type"] for message in told] == ["fill", "fill", "order_state", "order_state"]
    assert told[0] == told[1] == {"type": "fill", "fill": fills[0]}
    assert [row["price"] for row in (await rest.trader("GET", "/api/v1/fills")).json] == [90, 100]


async def test_unauthenticated_trading_over_websocket(fresh_box: Sandbox) -> None:
    async with plain_stream(fresh_box.exchange.ws_url) as stream:
        for op, fields in (
            ("submit_order", order()),
            ("amend_order", {"order_id": NOBODY, "remaining": 0}),
            ("cancel_order", {"order_id": NOBODY}),
        ):
            reject = await stream.ask(op, **fields)
            assert reject == {
                "type": "reject",
                "op": op,
                "request_id": None,
                "code": "unauthenticated",
                "message": "authenticate before trading",
            }


async def test_no_free_key_is_the_venues_own_fault(
    fresh_box: Sandbox, rest: PlainRest, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(fresh_box.exchange.core, "new_key", lambda: rest.api_key)
    answer = await rest.admin("POST", "/users", {"username": "unlucky"})
    assert (answer.status, answer.json) == (500, {"error": "failed to generate unique api key"})
