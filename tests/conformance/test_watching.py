"""What watchers share, what ends with one of them and what with the client, on every venue over real sockets."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import pytest

from support.desk import Desk
from support.floor import VENUES, Floor, open_floor
from support.witness import PATIENCE_S, ready
from tradewire.errors import ConfigError, StreamOverflow


@pytest.fixture(params=VENUES)
async def floor(request: pytest.FixtureRequest) -> AsyncIterator[Floor]:
    async with open_floor(request.param, rate=100) as floor:
        yield floor


async def test_two_watchers_share_a_book_until_the_last_one_leaves(floor: Floor) -> None:
    client: Any = floor.client
    one, two = client.watch_book(floor.market), client.watch_book(floor.market)
    await ready(one, two)
    assert one.book is two.book
    await one.close()
    assert two.book.is_synced
    received = two.received
    trades = client.watch_trades(floor.market, on_update=floor.witness.poke)
    await floor.witness.until(lambda: two.received > received)
    await two.close()
    await one.close()
    await trades.close()
    frames = client.stream_metrics.frames
    again = client.watch_book(floor.market)
    await ready(again)
    assert client.stream_metrics.frames > frames
    assert again.book.is_synced
    assert again.book is not two.book
    assert not two.book.is_synced
    assert client.stream_metrics.unrecognised == 0


async def test_a_slow_reader_is_told_that_it_lost_items_and_disturbs_nobody(floor: Floor) -> None:
    client: Any = floor.client
    book = client.watch_book(floor.market)
    trades = client.watch_trades(floor.market, bound=5)
    client.watch_trades(floor.market, on_update=floor.witness.poke)
    await ready(book)
    await floor.witness.until(lambda: trades.dropped > 0)
    read: list[Any] = []

    async def read_all() -> None:
        async for trade in trades:
            read.append(trade)  # noqa: PERF401 - what was read must outlive the error

    with pytest.raises(StreamOverflow, match="on_update"):
        await read_all()
    assert (len(read), trades.received) == (5, 6)
    assert client.stream_metrics.dropped == 1
    assert book.book.is_synced


async def test_closing_leaves_no_task_and_ends_iterators(floor: Floor) -> None:
    client: Any = floor.client
    book = client.watch_book(floor.market)
    await ready(book)

    def tasks() -> list[str]:
        """Return the names of what runs a stream of the client, known by the port of its way."""
        return [task.get_name() for task in asyncio.all_tasks() if f":{floor.link.port}" in task.get_name()]

    async def read() -> int:
        return sum([1 async for _ in book])

    reader = asyncio.create_task(read())
    await asyncio.sleep(0)
    assert tasks()
    await client.close()
    await client.close()
    async with asyncio.timeout(PATIENCE_S):
        await reader
    assert tasks() == []


@pytest.mark.parametrize("market", [5, None, [], b"BTCUSDT", "a\r\n", " "])
async def test_what_cannot_be_a_market_is_not_watched_in_vain(desk: Desk, market: Any) -> None:
    for watch in (desk.client.watch_orders, desk.client.watch_fills):
        with pytest.raises(ConfigError, match="market must be"):
            watch(market)
