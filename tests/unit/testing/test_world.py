"""What lives in a world takes its time from there."""

from __future__ import annotations

import asyncio
import json
import time

import pytest

from tradewire._native import TruexFeed
from tradewire.errors import NotSynced
from tradewire.testing.world import World

S = 1_000_000_000


def test_a_book_is_as_old_as_the_clock_of_its_world_says() -> None:
    world, feed = World(1), TruexFeed()
    book = feed.add_book("BTC-PYUSD")
    level = {"price": "1.0", "qty": "1", "order_count": "1"}
    data = {"symbol": "BTC-PYUSD", "bids": [level], "asks": []}
    frame = {"seqnum": "1", "channel": "DEPTH", "update": "SNAPSHOT", "status": "AUTHENTICATED", "data": data}

    async def main() -> None:
        feed.on_frame(json.dumps(frame).encode(), world.loop.wall_ns())
        assert book.age_ns == 0
        await asyncio.sleep(5)
        assert 5 * S <= (book.age_ns or 0) < 6 * S
        assert book.best_bid(max_age_ns=6 * S) is not None
        with pytest.raises(NotSynced, match="max_age"):
            book.best_bid(max_age_ns=4 * S)

    world.run(main())
    feed.on_frame(json.dumps(frame).encode(), time.time_ns())
    assert 0 <= (book.age_ns or 0) < 600 * S, "outside of a world it is the machine's clock"
