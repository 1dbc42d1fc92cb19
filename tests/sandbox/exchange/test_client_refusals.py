"""What the venue refuses, row by row of its error tables and the same on both lanes, and what never gets that far."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

import pytest

from support.exchange_trader import ABC, XYZ, client_of, ledger_of, open_trader
from support.witness import PATIENCE_S
from tradewire import ExchangeOptions
from tradewire.errors import (
    AuthRejected,
    BadRequest,
    ConfigError,
    MarketUnavailable,
    NotSupported,
    OrderNotFound,
    OrderRejected,
    Outcome,
    RateLimited,
    RequestError,
    VenueUnavailable,
)
from tradewire.model import OrderStatus, TimeInForce
from tradewire.protocol.timing import Timing
from tradewire.sandbox import Sandbox
from tradewire.signing import Token
from tradewire.transport.http1 import Http1Transport
from tradewire.transport.seam import HttpReply, HttpRequest, HttpTransport
from tradewire.venues.exchange.admin import ExchangeAdmin
from tradewire.venues.exchange.client import Exchange

NOBODY = "00000000-0000-4000-8000-000000000000"
LANES = ["rest", "ws"]
both_lanes = pytest.mark.parametrize("order_entry", LANES)

Do = Callable[[Exchange, str], Awaitable[object]]


def place(**changes: Any) -> Do:
    order: dict[str, Any] = {"market": XYZ, "side": "buy", "size": 5, "price": 100, **changes}
    return lambda client, order_entry: client.place_order(
        **order, check_exposure=False, order_entry=order_entry
    )


REFUSED: list[tuple[str, Do, type[RequestError], int, str]] = [
    ("market_not_configured", place(market="NO-PE"), MarketUnavailable, 404, "market is not configured"),
    ("tick_size_violation", place(price=101), OrderRejected, 400, "price must align to tick size 5"),
    ("quantity_below_minimum", place(size=1), OrderRejected, 400, "quantity must be at least 2"),
    (
        "position_limit_exceeded",
        place(size=1001),
        OrderRejected,
        409,
        "projected net position for XYZ-USD would be 1001; limit is +/-1000",
    ),
    (
        "order_not_found",
        lambda client, order_entry: client.cancel_order(XYZ, NOBODY, order_entry=order_entry),
        OrderNotFound,
        404,
        "order not found",
    ),
    (
        "order_not_found",
        lambda client, order_entry: client.amend_order(XYZ, NOBODY, remaining=1, order_entry=order_entry),
        OrderNotFound,
        404,
        "order not found",
    ),
]


def check(
    error: RequestError, kind: type[RequestError], code: str, order_entry: str, status: int, words: str
) -> None:
    assert type(error) is kind
    assert error.outcome is Outcome.REJECTED
    assert error.code == code  # type: ignore[attr-defined]
    assert error.http_status == (status if order_entry == "rest" else 0)  # type: ignore[attr-defined]
    assert words in str(error)
    assert error.venue == "exchange"
    assert error.endpoint.startswith("WS " if order_entry == "ws" else ("POST", "PATCH", "DELETE"))


@both_lanes
@pytest.mark.parametrize(("code", "do", "kind", "status", "words"), REFUSED, ids=[row[0] for row in REFUSED])
async def test_a_refusal_is_the_same_on_both_lanes(
    trader: Exchange, order_entry: str, code: str, do: Do, kind: type[RequestError], status: int, words: str
) -> None:
    with pytest.raises(RequestError) as caught:
        await do(trader, order_entry)
    check(caught.value, kind, code, order_entry, status, words)
    assert await trader.open_orders() == ()


@both_lanes
async def test_an_order_that_would_grow_is_refused(trader: Exchange, order_entry: str) -> None:
    order = await trader.place_order(XYZ, "buy", 5, 100)
    with pytest.raises(OrderRejected) as caught:
        await trader.amend_order(XYZ, order.order_id, remaining=6, order_entry=order_entry)
    check(
        caught.value, OrderRejected, "invalid_amend", order_entry, 400, "cannot increase remaining quantity"
    )


@both_lanes
async def test_a_foreign_order_is_not_found(trader: Exchange, rival: Exchange, order_entry: str) -> None:
    order = await rival.place_order(XYZ, "buy", 5, 100)
    with pytest.raises(OrderNotFound):
        await trader.cancel_order(XYZ, order.order_id, order_entry=order_entry)
    assert len(await rival.open_orders()) == 1


@both_lanes
async def test_trading_stopped_lets_only_cancels_through(
    trader: Exchange, admin: ExchangeAdmin, order_entry: str
) -> None:
    order = await trader.place_order(XYZ, "buy", 5, 100)
    await admin.stop_trading()
    for do in (
        place(),
        lambda client, order_entry: client.amend_order(
            XYZ, order.order_id, remaining=4, order_entry=order_entry
        ),
    ):
        with pytest.raises(RequestError) as caught:
            await do(trader, order_entry)
        check(
            caught.value,
            VenueUnavailable,
            "trading_disabled",
            order_entry,
            409,
            "trading is currently disabled",
        )
    assert (
        await trader.cancel_order(XYZ, order.order_id, order_entry=order_entry)
    ).status is OrderStatus.CANCELLED
    await admin.start_trading()
    assert (await trader.place_order(XYZ, "buy", 5, 100, order_entry=order_entry)).status is OrderStatus.OPEN


@both_lanes
async def test_a_market_disabled_and_then_settled(
    trader: Exchange, admin: ExchangeAdmin, order_entry: str
) -> None:
    first = await trader.place_order(XYZ, "buy", 5, 100)
    await trader.place_order(XYZ, "buy", 5, 95)
    await admin.patch_market(XYZ, is_enabled=False)
    with pytest.raises(RequestError) as caught:
        await place()(trader, order_entry)
    check(caught.value, MarketUnavailable, "market_disabled", order_entry, 409, "market is disabled")
    assert (
        await trader.cancel_order(XYZ, first.order_id, order_entry=order_entry)
    ).status is OrderStatus.CANCELLED
    await admin.settle_market(XYZ, 50)
    with pytest.raises(RequestError) as caught:
        await place()(trader, order_entry)
    check(
        caught.value, MarketUnavailable, "market_settled", order_entry, 409, "market has already been settled"
    )
    assert await trader.open_orders() == ()


class Tampering(HttpTransport):
    """Sends another body than the client wrote: what the client refuses must be refused by the venue, too."""

    def __init__(self, body: bytes) -> None:
        self._inner = Http1Transport()
        self._body = body

    async def send(self, request: HttpRequest) -> HttpReply:
        body = self._body if request.body else b""
        return await self._inner.send(request._replace(body=body))

    async def close(self) -> None:
        await self._inner.close()


HEAD = '{"market":"XYZ-USD","side":"BUY",'


@pytest.mark.parametrize(
    ("body", "code", "status", "words"),
    [
        (f'{HEAD}"price":0,"quantity":5}}', "invalid_price", 400, "price must be greater than zero"),
        (f'{HEAD}"price":5,"quantity":0}}', "quantity_below_minimum", 400, "quantity must be at least 2"),
        (f'{HEAD}"price":5.0,"quantity":5}}', "", 422, "Failed to deserialize the JSON body"),
        (f'{HEAD}"price":-5,"quantity":5}}', "", 422, "Failed to deserialize the JSON body"),
        (f'{HEAD}"price":"5","quantity":5}}', "", 422, "Failed to deserialize the JSON body"),
        (f'{HEAD}"price":5}}', "", 422, "Failed to deserialize the JSON body"),
        ("{", "", 400, "Failed to parse the request body as JSON"),
        (
            '{"market":"XYZ","side":"BUY","price":5,"quantity":5}',
            "invalid_market",
            400,
            "invalid market symbol",
        ),
    ],
    ids=lambda value: str(value)[:40],
)
async def test_what_the_client_would_never_send_comes_back_as_its_own_error(
    fresh_box: Sandbox, admin: ExchangeAdmin, body: str, code: str, status: int, words: str
) -> None:
    async with await open_trader(fresh_box, admin, "desk-9", http=Tampering(body.encode())) as client:
        with pytest.raises(RequestError) as caught:
            await client.place_order(XYZ, "buy", 5, 100)
    kind = OrderRejected if code in {"invalid_price", "quantity_below_minimum"} else BadRequest
    check(caught.value, kind, code, "rest", status, words)


NOT_ORDERS: list[tuple[dict[str, Any], type[Exception]]] = [
    ({"size": "1.5"}, ConfigError),
    ({"size": 1.0}, ConfigError),
    ({"size": True}, ConfigError),
    ({"size": 0}, ConfigError),
    ({"price": -1}, ConfigError),
    ({"price": 2**63}, ConfigError),
    ({"price": None}, ConfigError),
    ({"market": "ABC"}, ConfigError),
    ({"side": "hold"}, ConfigError),
    ({"order_entry": "carrier pigeon"}, ConfigError),
    ({"client_order_id": "two words"}, ConfigError),
    ({"type": "market"}, NotSupported),
    ({"time_in_force": TimeInForce.IOC}, NotSupported),
    ({"post_only": True}, NotSupported),
]


@both_lanes
@pytest.mark.parametrize(("changes", "kind"), NOT_ORDERS, ids=lambda value: str(value)[:30])
async def test_no_order_that_makes_no_sense_is_sent(
    trader: Exchange, fresh_box: Sandbox, order_entry: str, changes: dict[str, Any], kind: type[Exception]
) -> None:
    await trader.account_ready()
    order: dict[str, Any] = {
        "market": ABC,
        "side": "buy",
        "size": 1,
        "price": 1,
        "order_entry": order_entry,
        **changes,
    }
    with pytest.raises(kind):
        await trader.place_order(**order)
    with pytest.raises(kind):
        trader.send_order(**order)
    assert ledger_of(fresh_box)["orders"] == []
    assert trader.live_orders == ()


async def test_no_change_that_makes_no_sense_is_sent(trader: Exchange) -> None:
    order = await trader.place_order(ABC, "buy", 5, 100)
    for changes in ({}, {"size": 3, "remaining": 3}, {"remaining": "2.5"}, {"remaining": 0}, {"size": -1}):
        with pytest.raises(ConfigError):
            await trader.amend_order(ABC, order.order_id, **changes)
    with pytest.raises(NotSupported, match="price"):
        await trader.amend_order(ABC, order.order_id, price=3)
    for order_id in ("x", order.order_id.upper(), ""):
        with pytest.raises(ConfigError, match="UUID"):
            await trader.cancel_order(ABC, order_id)
        with pytest.raises(ConfigError, match="UUID"):
            await trader.order(ABC, order_id)
    assert [left.remaining for left in await trader.open_orders()] == [5]


async def test_a_wrong_key_is_refused_on_every_way(fresh_box: Sandbox, admin: ExchangeAdmin) -> None:
    async with client_of(fresh_box, Token("exch_" + "0" * 32)) as client:
        with pytest.raises(AuthRejected, match="invalid api key") as caught:
            await client.positions()
        assert caught.value.http_status == 401
        with pytest.raises(AuthRejected, match="invalid api key"):
            await client.place_order(ABC, "buy", 1, 1)
        with pytest.raises(AuthRejected, match="invalid websocket api key"):
            async with asyncio.timeout(PATIENCE_S):
                await client.account_ready()
        with pytest.raises(AuthRejected):
            async with asyncio.timeout(PATIENCE_S):
                await client.place_order(ABC, "buy", 1, 1, order_entry="ws")
        # What needs no key works.
        assert (await client.book(ABC)).bids == ()


async def test_too_many_requests_are_told_over_rest_and_wait(fresh_box: Sandbox, trader: Exchange) -> None:
    fresh_box.exchange.faults.rate_limited()
    with pytest.raises(RateLimited, match="per-user rate limit exceeded") as caught:
        await trader.place_order(ABC, "buy", 1, 1)
    assert (caught.value.http_status, caught.value.code) == (429, "rate_limit_exceeded")
    assert caught.value.retry_after_s >= 1
    assert ledger_of(fresh_box)["orders"] == []


async def test_the_client_stays_within_the_venues_own_limit() -> None:
    async with Sandbox(["exchange"], exchange=ExchangeOptions(fresh=True)) as box:
        profile = box.exchange.add_trader("desk-7")
        async with client_of(box, Token(profile.api_key)) as client:
            await asyncio.gather(*(client.positions() for _ in range(120)))


async def test_a_rate_limit_over_websocket_is_the_later_generations() -> None:
    options = ExchangeOptions(fresh=True, with_ws_rate_limit=True, per_user_requests_per_second=6)
    async with Sandbox(["exchange"], exchange=options, now_ms=lambda: 1_775_122_200_000) as box:
        profile = box.exchange.add_trader("desk-7")
        async with client_of(box, Token(profile.api_key), timing=Timing(silence_ns=None)) as client:
            async with asyncio.timeout(PATIENCE_S):
                await client.account_ready()
                errors = await asyncio.gather(
                    *(client.place_order(ABC, "buy", 1, 1, order_entry="ws") for _ in range(8)),
                    return_exceptions=True,
                )
            limited = errors[-1]
            assert isinstance(limited, RateLimited)
            assert isinstance(errors[0], MarketUnavailable)
            assert (limited.code, limited.endpoint) == ("rate_limit_exceeded", "WS submit_order")
            assert client.generation == "M"
