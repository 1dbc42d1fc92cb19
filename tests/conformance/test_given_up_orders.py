"""An order that its caller gave up before it left is not sent, on every venue over real sockets."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from typing import Any

import pytest

from support.floor import VENUES, open_floor
from tradewire.errors import RateLimited
from tradewire.model import OrderStatus

WAYS: list[tuple[str, Mapping[str, Any]]] = [
    *((venue, {}) for venue in VENUES),
    ("exchange", {"order_entry": "ws"}),
]


@pytest.mark.parametrize("venue", VENUES)
async def test_place_order_that_is_cancelled_while_it_stands_in_line_is_never_sent(venue: str) -> None:
    async with open_floor(venue) as floor:
        await floor.ready()
        floor.faults.rate_limited(status=429, retry_after_s=2)
        with pytest.raises(RateLimited):
            await floor.send("buy", floor.low)

        async def place() -> None:
            await floor.client.place_order(floor.market, "buy", floor.size, floor.low, **floor.entry)

        for _ in range(3):
            with pytest.raises(TimeoutError):
                await asyncio.wait_for(place(), 0.2)
        await asyncio.sleep(3)
        assert await floor.other.open_orders(floor.market) == ()
        assert floor.client.live_orders == ()


@pytest.mark.parametrize(("venue", "entry"), WAYS)
async def test_place_order_that_is_cancelled_under_way_is_followed_all_the_same(
    venue: str, entry: Mapping[str, Any]
) -> None:
    async with open_floor(venue) as floor:
        floor.watch()
        await floor.ready()
        floor.faults.rest_latency(500)
        floor.faults.push_latency(500)
        with pytest.raises(TimeoutError):
            await asyncio.wait_for(
                floor.client.place_order(
                    floor.market, "buy", floor.size, floor.low, **{**floor.entry, **entry}
                ),
                0.2,
            )
        await floor.witness.until(lambda: any(one.status is OrderStatus.OPEN for one in floor.orders))
        [live] = floor.client.live_orders
        [resting] = await floor.other.open_orders(floor.market)
        assert (live.order_id, live.status) == (resting.order_id, OrderStatus.OPEN)
