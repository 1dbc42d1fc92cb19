"""What a caller's functions may be and do, on every venue over real sockets."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import pytest

from support.floor import VENUES, Floor, open_floor
from support.witness import PATIENCE_S
from tradewire.errors import ConfigError
from tradewire.model import OrderStatus
from tradewire.protocol import events


@pytest.fixture(params=VENUES)
async def floor(request: pytest.FixtureRequest) -> AsyncIterator[Floor]:
    async with open_floor(request.param, rate=20) as floor:
        yield floor


async def never(_: Any) -> None:
    raise AssertionError


class Never:
    async def __call__(self, _: Any) -> None:
        raise AssertionError


@pytest.mark.filterwarnings("error")
@pytest.mark.parametrize("callback", [never, Never(), 5], ids=["function", "object", "number"])
async def test_a_callback_that_would_never_run_is_refused(floor: Floor, callback: Any) -> None:
    client: Any = floor.client
    for watch in (client.watch_orders, client.watch_fills, client.watch_events):
        with pytest.raises(ConfigError, match="on_update must be a"):
            watch(on_update=callback)
    for watch in (client.watch_book, client.watch_trades):
        with pytest.raises(ConfigError, match="on_update must be a"):
            watch(floor.market, on_update=callback)
    _, port = floor.setup.target()
    with pytest.raises(ConfigError, match="on_error must be a"):
        floor.setup.client(port, port, on_error=callback)
    live = floor.send("buy", floor.low)
    with pytest.raises(ConfigError, match="on_change must be a"):
        live.on_change = callback
    await live


@pytest.mark.parametrize("error", [ZeroDivisionError, asyncio.CancelledError])
async def test_callbacks_that_raise_disturb_neither_books_nor_orders(
    floor: Floor, error: type[BaseException]
) -> None:
    def explode(_: Any) -> None:
        raise error

    client = floor.client
    book = client.watch_book(floor.market, on_update=explode)
    client.watch_orders(on_update=explode)
    client.watch_fills(on_update=explode)
    client.watch_events(on_update=explode)
    floor.watch()
    await book.ready()
    await floor.ready()
    live = floor.send("buy", floor.low)
    live.on_change = explode
    await live
    await floor.other.cancel_order(floor.market, live.order_id)
    await floor.witness.until(lambda: any(one.status.is_final for one in floor.orders))
    assert live.status is OrderStatus.CANCELLED
    assert book.book.is_synced
    assert not any(isinstance(one, events.Disconnected) for one in floor.witness.seen)


async def test_a_callback_may_place_watch_and_close(floor: Floor) -> None:
    done: list[Any] = []

    def act(_: Any) -> None:
        if not done:
            done.append(floor.send("buy", floor.low))
            done.append(floor.client.watch_trades(floor.market))
            done.append(asyncio.ensure_future(book.close()))

    book: Any = floor.client.watch_book(floor.market, on_update=act)
    floor.watch()
    await floor.ready()
    async with asyncio.timeout(PATIENCE_S):
        while not done:  # noqa: ASYNC110 - the callback is what is tried
            await asyncio.sleep(0.01)
        await done[0]
        await done[1].ready()
        await done[2]
    assert (done[0].status, book.is_closed) == (OrderStatus.OPEN, True)
