"""Cancelling means the same on every venue: all markets or one, past failures, only what is ours at the end."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal
from functools import partial
from typing import Any

import pytest

from support.desk import Desk
from support.witness import ready
from tradewire.errors import CancelAllFailed
from tradewire.interface import VenueClient
from tradewire.model import Order, OrderStatus


@dataclass(frozen=True)
class Floor:
    """A client of a quiet sandbox, its faults, and two markets to rest orders in."""

    client: VenueClient
    open_client: Callable[..., Any]
    faults: Any
    markets: tuple[str, str]
    prices: tuple[Decimal, Decimal]
    sizes: tuple[Decimal, Decimal]

    async def rest(self, count: int = 4) -> list[Order]:
        """Rest ``count`` orders, in the two markets by turns."""
        return [
            await self.client.place_order(
                self.markets[number % 2], "buy", self.sizes[number % 2], self.prices[number % 2]
            )
            for number in range(count)
        ]


@pytest.fixture
async def floor(desk: Desk) -> Floor:
    first, second = [market for market in await desk.client.markets() if market.is_tradable][:2]
    bids = [(await desk.client.book(one.symbol, depth=5)).bids[0].price for one in (first, second)]
    return Floor(
        desk.client,
        partial(desk.product.client_class.for_sandbox, desk.box),
        desk.faults,
        (first.symbol, second.symbol),
        (bids[0] - 20 * first.tick_size, bids[1] - 20 * second.tick_size),
        (max(first.min_size, first.lot_size) * 2, max(second.min_size, second.lot_size) * 2),
    )


async def test_cancel_all_takes_one_market_or_every_one(floor: Floor) -> None:
    await floor.rest()
    await floor.client.cancel_all(floor.markets[0])
    left = await floor.client.open_orders()
    assert [order.market for order in left] == [floor.markets[1]] * 2
    await floor.rest()
    await floor.client.cancel_all()
    assert await floor.client.open_orders() == ()


async def test_cancel_all_goes_on_when_one_cancel_gets_no_answer(floor: Floor) -> None:
    placed = await floor.rest()
    floor.faults.lost_request(requests="cancel")
    with pytest.raises(CancelAllFailed) as caught:
        await floor.client.cancel_all()
    [failed] = caught.value.failures
    left = await floor.client.open_orders()
    assert left
    assert {failed} in ({order.order_id for order in left}, {order.market for order in left})
    assert len(left) < len(placed)
    await floor.client.cancel_all()
    assert await floor.client.open_orders() == ()


@pytest.mark.parametrize("is_watched", [False, True])
async def test_client_that_cancels_on_close_cancels_its_own_orders_and_no_others(
    floor: Floor, *, is_watched: bool
) -> None:
    [others] = await floor.rest(1)
    errors: list[Exception] = []
    async with floor.open_client(cancel_on_close=True, on_error=errors.append) as closing:
        if is_watched:
            await ready(closing.watch_orders(on_update=lambda _: None))
        if hasattr(closing, "account_ready"):
            await closing.account_ready()
        placed = await closing.send_order(floor.markets[0], "buy", floor.sizes[0], floor.prices[0])
        under_way = closing.send_order(floor.markets[1], "buy", floor.sizes[1], floor.prices[1])
    assert {placed.status, under_way.status} == {OrderStatus.CANCELLED}
    assert [order.order_id for order in await floor.client.open_orders()] == [others.order_id]
    assert errors == []


async def test_order_that_cannot_be_cancelled_on_close_is_reported_within_the_bound(
    floor: Floor,
) -> None:
    errors: list[Exception] = []
    closing = floor.open_client(cancel_on_close=0.5, on_error=errors.append)
    async with closing:
        if hasattr(closing, "account_ready"):
            await closing.account_ready()
        live = await closing.send_order(floor.markets[0], "buy", floor.sizes[0], floor.prices[0])
        # Neither way is there: the socket is gone, and REST takes no cancel.
        floor.faults.upgrade_refused(count=1000)
        floor.faults.drop_socket()
        floor.faults.lost_request(count=1000, requests="cancel")
        began = asyncio.get_running_loop().time()
    assert asyncio.get_running_loop().time() - began < 3
    [failed] = [error for error in errors if isinstance(error, CancelAllFailed)]
    assert list(failed.failures) == [live.order_id]
    floor.faults.clear()
    assert [order.order_id for order in await floor.client.open_orders()] == [live.order_id]


async def test_live_order_is_amended_and_cancelled_through_itself(floor: Floor) -> None:
    closing = floor.client
    if hasattr(closing, "account_ready"):
        await closing.account_ready()
    live = await closing.send_order(floor.markets[0], "buy", floor.sizes[0], floor.prices[0])
    await live.amend(size=floor.sizes[0] / 2)
    [listed] = await closing.open_orders()
    assert listed.size == floor.sizes[0] / 2
    await live.cancel()
    await live.finished()
    assert live.status is OrderStatus.CANCELLED
    assert await closing.open_orders() == ()


async def test_what_is_ours_by_sending_or_by_its_id_is_cancelled_and_nothing_else(desk: Desk) -> None:
    has_ids = desk.client.capabilities.client_order_ids
    names: list[dict[str, Any]] = [
        {"client_order_id": name} if has_ids else {} for name in ("mine-1", "mine-2", "yours-1")
    ]
    for number, name in enumerate(names, 1):
        await desk.other.place_order(desk.symbol, "buy", desk.size * number, desk.low, **name)
    client: Any = desk.client
    if hasattr(client, "account_ready"):
        await client.account_ready()
    await client.send_order(desk.symbol, "buy", desk.size * 4, desk.low)
    named = 2 if has_ids else 0
    assert await client.cancel_own(prefix="mine-") == 1 + named
    assert await client.cancel_own(prefix="mine-") == await client.cancel_own() == 0
    assert len(await desk.other.open_orders()) == 3 - named
