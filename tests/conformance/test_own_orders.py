"""What a live order promises, on every venue over real sockets."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from dataclasses import dataclass
from decimal import Decimal
from itertools import pairwise
from typing import Any

import pytest

from support.witness import PATIENCE_S, Witness, ready
from tradewire.errors import ConfigError, OutcomeUnknown
from tradewire.interface import VenueClient
from tradewire.model import Order, OrderStatus
from tradewire.registry import BUILT_IN, find_venue
from tradewire.sandbox import Sandbox


@dataclass(frozen=True)
class Floor:
    """A client of a quiet sandbox, another one of the same trader, and an order that rests."""

    client: VenueClient
    other: VenueClient
    faults: Any
    market: str
    size: Decimal
    low: Decimal


@pytest.fixture(params=BUILT_IN)
async def floor(request: pytest.FixtureRequest) -> AsyncIterator[Floor]:
    venue = str(request.param)
    client_type = find_venue(venue).client_class
    async with AsyncExitStack() as stack:
        box = await stack.enter_async_context(Sandbox([venue], seed=7, rate=0))
        client: VenueClient = await stack.enter_async_context(client_type.for_sandbox(box))
        other: VenueClient = await stack.enter_async_context(client_type.for_sandbox(box))
        await stack.enter_async_context(asyncio.timeout(PATIENCE_S))
        market = next(market for market in await client.markets() if market.is_tradable)
        bid = (await client.book(market.symbol, depth=5)).bids[0].price
        size = max(market.min_size, market.lot_size) * 2
        yield Floor(
            client, other, getattr(box, venue).faults, market.symbol, size, bid - 20 * market.tick_size
        )


async def test_watched_order_never_goes_backwards_when_answers_are_older_than_pushes(floor: Floor) -> None:
    """The answer to a question after a loss is on its way while the stream reports the end already."""
    witness = Witness(floor.client)
    reports: list[Order] = []
    watched = floor.client.watch_orders(on_update=witness.into(reports))
    await ready(watched)
    if hasattr(floor.client, "account_ready"):
        await floor.client.account_ready()
    live = await floor.client.send_order(floor.market, "buy", floor.size, floor.low)
    await witness.until(lambda: any(one.order_id == live.order_id for one in reports))
    floor.faults.late_reply(1000, count=3, requests="queries")
    floor.faults.drop_socket()
    await asyncio.sleep(0.1)
    await ready(watched)
    await asyncio.sleep(0.3)
    await floor.other.cancel_order(floor.market, live.order_id)
    await live.finished()
    await asyncio.sleep(1.5)
    told = [one for one in reports if one.order_id == live.order_id]
    assert told[-1].status is OrderStatus.CANCELLED
    for before, after in pairwise(told):
        assert not before.status.is_final
        assert (before.status, before.filled_size) != (after.status, after.filled_size)


async def test_who_waits_for_an_orders_end_is_woken_when_the_client_closes(floor: Floor) -> None:
    await ready(floor.client.watch_orders(on_update=lambda _: None))
    if hasattr(floor.client, "account_ready"):
        await floor.client.account_ready()
    live = await floor.client.send_order(floor.market, "buy", floor.size, floor.low)
    waiting = asyncio.create_task(live.finished())
    await asyncio.sleep(0)
    await floor.client.close()
    with pytest.raises(OutcomeUnknown, match="client was closed"):
        await waiting
    assert [order.order_id for order in await floor.other.open_orders(floor.market)] == [live.order_id]
    with pytest.raises(ConfigError, match="closed"):
        floor.client.send_order(floor.market, "buy", floor.size, floor.low)


@pytest.mark.filterwarnings("error")
async def test_order_sent_from_another_thread_is_refused_and_leaves_no_ghost(floor: Floor) -> None:
    raised: list[BaseException] = []

    def send() -> None:
        try:
            floor.client.send_order(floor.market, "buy", floor.size, floor.low, client_order_id="mine-1")
        except BaseException as error:
            raised.append(error)

    thread = threading.Thread(target=send)
    thread.start()
    await asyncio.to_thread(thread.join)
    assert [type(error) for error in raised] == [ConfigError]
    assert floor.client.live_orders == ()
    assert await floor.client.open_orders() == ()
    if hasattr(floor.client, "account_ready"):
        await floor.client.account_ready()
    live = await floor.client.send_order(floor.market, "buy", floor.size, floor.low, client_order_id="mine-1")
    assert live.status is OrderStatus.OPEN
    with pytest.raises(ConfigError, match=r"live order|in flight"):
        floor.client.send_order(floor.market, "buy", floor.size, floor.low, client_order_id="mine-1")
