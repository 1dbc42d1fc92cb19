"""Private pushes that are lost without a trace, on every venue over real sockets: the order still reaches its end."""

from __future__ import annotations

import asyncio

import pytest

from support.floor import VENUES, open_floor
from support.witness import PATIENCE_S
from tradewire.model import OrderStatus
from tradewire.protocol import events
from tradewire.session import account


@pytest.mark.parametrize("venue", VENUES)
@pytest.mark.parametrize("topic", ["orders", "fills"])
async def test_an_order_reaches_its_end_though_the_push_of_it_is_lost(
    venue: str, topic: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    # Half a minute in life.
    monkeypatch.setattr(account, "QUIET_S", 3.0)
    async with open_floor(venue) as floor:
        floor.watch()
        await floor.ready()
        await floor.witness.until_told(events.CaughtUp)
        live = await floor.rest_to_be_taken()
        floor.faults.drop_push(topic, count=9)
        await floor.take("buy", live.price or floor.ask, floor.size * 50)
        async with asyncio.timeout(PATIENCE_S):
            await live.finished()
        await floor.witness.until(lambda: floor.fills_of(live) == floor.size)
        assert (live.status, live.filled_size) == (OrderStatus.FILLED, floor.size)
