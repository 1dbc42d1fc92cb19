"""Lists of more than one page are read whole, on every venue over real sockets."""

from __future__ import annotations

import asyncio

import pytest

from support.floor import VENUES, open_floor

COUNT = 105
"""More than the 100 rows of the longest page."""


@pytest.mark.parametrize("venue", VENUES)
async def test_open_orders_beyond_one_page_are_all_there(venue: str) -> None:
    async with open_floor(venue) as floor:
        placed = await asyncio.gather(
            *(
                floor.client.place_order(
                    floor.market,
                    "buy",
                    floor.size,
                    floor.low - (number % 20) * floor.setup.tick,
                    **floor.entry,
                )
                for number in range(COUNT)
            )
        )
        wanted = {order.order_id for order in placed}
        assert len(wanted) == COUNT
        for found in (await floor.other.open_orders(), await floor.other.open_orders(floor.market)):
            assert {order.order_id for order in found} == wanted
            assert len(found) == COUNT
