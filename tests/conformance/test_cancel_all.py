"""Cancelling means the same on every venue: all markets or one, past failures, only what is ours at the end."""

from __future__ import annotations

import asyncio
import importlib
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

import pytest

from tradewire.errors import CancelAllFailed
from tradewire.model import Order
from tradewire.sandbox import sandbox
from tradewire.venues import rooms
from tradewire.venues.interface import VenueClient
from witness import PATIENCE_S


@dataclass(frozen=True)
class Floor:
    """A client of a quiet sandbox, its faults, and two markets to rest orders in."""

    client: VenueClient
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


@pytest.fixture(params=rooms.VENUES)
async def floor(request: pytest.FixtureRequest) -> AsyncIterator[Floor]:
    venue = str(request.param)
    client_type = importlib.import_module(f"tradewire.venues.{venue}.client").CLIENT
    async with AsyncExitStack() as stack:
        box = await stack.enter_async_context(sandbox([venue], seed=7, rate=0))
        client: VenueClient = await stack.enter_async_context(client_type.for_sandbox(box))
        await stack.enter_async_context(asyncio.timeout(PATIENCE_S))
        first, second = [market for market in await client.markets() if market.is_tradable][:2]
        bids = [(await client.book(one.symbol, depth=5)).bids[0].price for one in (first, second)]
        yield Floor(
            client,
            getattr(box, venue).faults,
            (first.symbol, second.symbol),
            (bids[0] - 20 * first.tick_size, bids[1] - 20 * second.tick_size),
            (
                max(first.min_size, first.lot_size) * 2,
                max(second.min_size, second.lot_size) * 2,
            ),
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
