"""Trading on both lanes: the same arguments, the same results, also of many orders in flight at once."""

from __future__ import annotations

import asyncio

import pytest

from support.exchange_trader import ABC, XYZ, ledger_of
from support.witness import PATIENCE_S
from tradewire.errors import (
    ConfigError,
    OrderRejected,
)
from tradewire.model import Order, OrderStatus, OrderType, Rows, Side
from tradewire.sandbox import Sandbox
from tradewire.venues.exchange.client import Exchange
from tradewire.venues.exchange.model import Execution

LANES = ["rest", "ws"]
both_lanes = pytest.mark.parametrize("order_entry", LANES)


@both_lanes
async def test_an_order_rests_shrinks_and_is_cancelled(
    trader: Exchange, fresh_box: Sandbox, order_entry: str
) -> None:
    order = await trader.place_order(ABC, "buy", 7, "100", client_order_id="first", order_entry=order_entry)
    assert (order.market, order.side, order.price, order.size) == (ABC, Side.BUY, 100, 7)
    assert (order.status, order.filled_size, order.type, order.client_order_id) == (
        OrderStatus.OPEN,
        0,
        OrderType.LIMIT,
        "first",
    )
    [told] = ledger_of(fresh_box)["orders"]
    assert (told["id"], told["remaining"], told["status"]) == (order.order_id, 7, "open")
    amended = await trader.amend_order(ABC, order.order_id, size=5, order_entry=order_entry)
    assert (amended.size, amended.remaining, amended.status) == (5, 5, OrderStatus.OPEN)
    again = await trader.amend_order(ABC, order.order_id, remaining=5, order_entry=order_entry)
    assert again.remaining == 5
    cancelled = await trader.cancel_order(ABC, order.order_id, order_entry=order_entry)
    assert (cancelled.status, cancelled.size, cancelled.filled_size) == (OrderStatus.CANCELLED, 5, 0)
    [told] = ledger_of(fresh_box)["orders"]
    assert (told["remaining"], told["status"]) == (5, "canceled")


@both_lanes
async def test_an_order_takes_what_it_can_and_rests(
    trader: Exchange, rival: Exchange, order_entry: str
) -> None:
    for price in (205, 206):
        await rival.place_order(ABC, "sell", 2, price)
    order = await trader.place_order(ABC, "buy", 7, 206, order_entry=order_entry)
    assert (order.status, order.filled_size, order.remaining) == (OrderStatus.PARTIALLY_FILLED, 4, 3)
    assert order.filled_notional == 2 * 205 + 2 * 206
    amended = await trader.amend_order(ABC, order.order_id, size=6, order_entry=order_entry)
    assert (amended.filled_size, amended.remaining, amended.size) == (4, 2, 6)
    with pytest.raises(ConfigError, match="above what is filled"):
        await trader.amend_order(ABC, order.order_id, size=4, order_entry=order_entry)
    filled = await rival.place_order(ABC, "sell", 2, 200, order_entry=order_entry)
    assert (filled.status, filled.filled_size, filled.filled_notional) == (OrderStatus.FILLED, 2, 412)


@both_lanes
async def test_an_order_sent_without_waiting_follows_its_own_fate(
    trader: Exchange, rival: Exchange, order_entry: str
) -> None:
    await trader.account_ready()
    live = trader.send_order(ABC, "sell", 3, 205, client_order_id="mine", order_entry=order_entry)
    assert live.status is OrderStatus.PENDING
    async with asyncio.timeout(PATIENCE_S):
        await live
        assert (live.status, live.client_order_id, live.remaining) == (OrderStatus.OPEN, "mine", 3)
        assert trader.live_orders == (live,)
        await rival.place_order(ABC, "buy", 3, 210)
        await live.finished()
    assert (live.status, live.filled_size, live.filled_notional) == (OrderStatus.FILLED, 3, 615)
    assert [(fill.price, fill.size) for fill in live.fills] == [(205, 3)]
    assert trader.live_orders == ()


@both_lanes
async def test_cancel_all_takes_one_market_or_every_one(
    trader: Exchange, rival: Exchange, order_entry: str
) -> None:
    await rival.place_order(ABC, "buy", 1, 50)
    for price in (100, 105, 110):
        await trader.place_order(ABC, "buy", 2, price)
        await trader.place_order(XYZ, "buy", 2, price)
    await trader.cancel_all(ABC, order_entry=order_entry)
    assert {order.market for order in await trader.open_orders()} == {XYZ}
    await trader.cancel_all(order_entry=order_entry)
    assert await trader.open_orders() == ()
    assert len(await rival.open_orders()) == 1


async def test_what_one_lane_places_the_other_changes(trader: Exchange) -> None:
    over_rest = await trader.place_order(ABC, "buy", 5, 100)
    over_ws = await trader.place_order(ABC, "buy", 5, 100, order_entry="ws")
    assert over_rest.order_id != over_ws.order_id
    assert (await trader.amend_order(ABC, over_rest.order_id, remaining=4, order_entry="ws")).remaining == 4
    assert (await trader.amend_order(ABC, over_ws.order_id, remaining=3)).remaining == 3
    for order in (over_rest, over_ws):
        order_entry = "ws" if order is over_rest else "rest"
        ended = await trader.cancel_order(ABC, order.order_id, order_entry=order_entry)
        assert ended.status is OrderStatus.CANCELLED


async def test_orders_of_equal_looks_in_flight_at_once_keep_their_names(
    trader: Exchange, fresh_box: Sandbox
) -> None:
    await trader.account_ready()
    names = [f"equal-{number}" for number in range(20)]
    placing = [
        trader.place_order(ABC, "buy", 5, 100, client_order_id=name, order_entry="ws") for name in names
    ]
    async with asyncio.timeout(PATIENCE_S):
        orders: list[Order] = await asyncio.gather(*placing)
    assert [order.client_order_id for order in orders] == names
    # The venue handles them in order, and so its ids are in the order of our names.
    told = [order["id"] for order in ledger_of(fresh_box)["orders"]]
    assert sorted(told) == sorted(order.order_id for order in orders)
    queue = fresh_box.exchange.book_at(ABC, fresh_box.exchange.core.events.sequences[ABC])
    assert queue is not None
    assert [row[0] for row in queue["bids"]] == [order.order_id for order in orders]


async def test_one_refused_order_among_many_in_flight_takes_nobodys_place(
    trader: Exchange, fresh_box: Sandbox
) -> None:
    await trader.account_ready()
    sizes = [400, 400, 400, 200, 400, 1]
    lives = [
        trader.send_order(ABC, "buy", size, 100, client_order_id=f"o{number}", check_exposure=False)
        for number, size in enumerate(sizes)
    ]
    async with asyncio.timeout(PATIENCE_S):
        ends = await asyncio.gather(*lives, return_exceptions=True)
    refused = [
        live.client_order_id for live, end in zip(lives, ends, strict=True) if isinstance(end, OrderRejected)
    ]
    assert refused == ["o2", "o4", "o5"]
    told = {order["id"]: order["quantity"] for order in ledger_of(fresh_box)["orders"]}
    assert told == {live.order_id: int(live.size) for live in lives if live.client_order_id not in refused}
    assert [live.status for live in lives].count(OrderStatus.REJECTED) == 3


async def test_equal_orders_on_both_lanes_at_once_are_told_apart(
    trader: Exchange, fresh_box: Sandbox
) -> None:
    await trader.account_ready()
    lives = [
        trader.send_order(
            ABC, "buy", 5, 100, client_order_id=f"{order_entry}-{number}", order_entry=order_entry
        )
        for number in range(8)
        for order_entry in LANES
    ]
    async with asyncio.timeout(PATIENCE_S):
        await asyncio.gather(*lives)
    assert len({live.order_id for live in lives}) == len(lives)
    told = [order["id"] for order in ledger_of(fresh_box)["orders"]]
    assert sorted(told) == sorted(live.order_id for live in lives)


async def test_a_name_in_use_is_refused(trader: Exchange) -> None:
    await trader.account_ready()
    first = trader.send_order(ABC, "buy", 5, 100, client_order_id="same")
    with pytest.raises(ConfigError, match="in flight"):
        trader.send_order(ABC, "buy", 5, 100, client_order_id="same")
    with pytest.raises(ConfigError, match="in flight"):
        await trader.place_order(ABC, "buy", 5, 100, client_order_id="same", order_entry="ws")
    async with asyncio.timeout(PATIENCE_S):
        await first
        await trader.cancel_order(ABC, first.order_id)
        await first.finished()
    again = await trader.place_order(ABC, "buy", 5, 100, client_order_id="same", order_entry="ws")
    assert again.order_id != first.order_id


async def test_a_fill_that_came_between_is_not_taken_for_amended_away(
    trader: Exchange, rival: Exchange, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Without the stream what is filled is asked for before the amendment, and may be more when that arrives."""

    read, to_come = trader.executions, [1]

    async def executions(market: str | None = None) -> Rows[Execution]:
        found = await read(market)
        if to_come:
            await rival.place_order(ABC, "sell", to_come.pop(), 200)
        return found

    monkeypatch.setattr(trader, "executions", executions)
    order = await trader.place_order(ABC, "buy", 16, 200)
    await rival.place_order(ABC, "sell", 10, 200)
    amended = await trader.amend_order(ABC, order.order_id, size=11)
    # One of the sixteen is left, eleven are filled: four were amended away.
    assert (amended.filled_size, amended.remaining, amended.size) == (11, 1, 12)
