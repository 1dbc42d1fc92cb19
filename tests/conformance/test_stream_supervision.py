"""What a lost, refused or cancelled stream must not do to an account or to books, on every venue over sockets."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import pytest

from support.floor import VENUES, Floor, open_floor
from support.witness import PATIENCE_S, ready
from tradewire.errors import RequestError, StreamStopped, TradewireError
from tradewire.protocol import events


@pytest.fixture(params=VENUES)
async def floor(request: pytest.FixtureRequest) -> AsyncIterator[Floor]:
    async with open_floor(request.param) as floor:
        yield floor


def supervisors() -> list[asyncio.Task[Any]]:
    return [task for task in asyncio.all_tasks() if task.get_name().startswith("tradewire stream")]


async def test_caught_up_is_told_at_the_first_confirmation_and_after_a_drop(floor: Floor) -> None:
    floor.watch()
    await floor.witness.until_told(events.CaughtUp)
    floor.witness.seen.clear()
    floor.faults.drop_socket()
    await floor.witness.until_told(events.CaughtUp)
    told = [type(event) for event in floor.witness.seen]
    assert told.index(events.Disconnected) < told.index(events.CatchUpStarted) < told.index(events.CaughtUp)
    assert floor.errors == []


@pytest.mark.parametrize("skew_ms", [-120_000, 120_000])
async def test_a_login_with_a_stale_timestamp_is_healed(floor: Floor, skew_ms: int) -> None:
    floor.faults.clock_skew(skew_ms)
    floor.watch()
    await floor.ready()
    await floor.witness.until_told(events.CaughtUp)
    assert not any(isinstance(event, events.LoginRefused) for event in floor.witness.seen)


async def test_a_cancelled_supervisor_marks_books_stale_and_wakes_who_waits(floor: Floor) -> None:
    book = floor.client.watch_book(floor.market)
    orders = floor.client.watch_orders()
    await ready(book, orders)
    waiting = asyncio.create_task(anext(orders))
    late = asyncio.create_task(floor.client.watch_book("NO-SUCH").ready())
    await asyncio.sleep(0)
    ours = [task for task in supervisors() if f":{floor.link.port}/" in task.get_name()]
    for task in ours:
        task.cancel()
    with pytest.raises(StreamStopped, match="was cancelled"):
        await waiting
    with pytest.raises(TradewireError):
        await late
    assert not book.book.is_synced
    with pytest.raises(TradewireError):
        book.book.bids()
    assert any(isinstance(event, events.Disconnected) for event in floor.witness.seen)


async def test_a_public_channel_put_off_does_not_hold_up_the_account(floor: Floor) -> None:
    floor.watch()
    book = floor.client.watch_book(floor.market)
    await ready(book)
    await floor.witness.until_told(events.CaughtUp)
    floor.witness.seen.clear()
    floor.faults.subscription_put_off(market=floor.market, count=1000)
    floor.faults.drop_socket()
    await floor.witness.until_told(events.CaughtUp)
    assert not book.is_ready
    floor.faults.clear()
    await ready(book)


async def test_a_refused_account_does_not_hold_up_books(floor: Floor) -> None:
    if floor.name == "truex":
        pytest.skip("it refuses every subscription that is signed with a wrong key, public or not")
    floor.faults.login_refused(count=1000)
    with pytest.raises(RequestError):
        await floor.client.watch_orders(on_update=lambda _: None).ready()
    await ready(floor.client.watch_book(floor.market, on_update=lambda _: None))


async def test_closing_amid_a_recovery_wakes_who_waits_and_leaves_no_task(floor: Floor) -> None:
    before = asyncio.all_tasks()
    floor.watch()
    live = floor.send("buy", floor.low)
    await live
    floor.faults.drop_socket()
    waiting = asyncio.create_task(live.finished())
    await asyncio.sleep(0.05)
    async with asyncio.timeout(PATIENCE_S):
        await floor.client.close()
    with pytest.raises(TradewireError, match="client was closed"):
        await waiting
    assert {task for task in asyncio.all_tasks() - before if task.get_name().startswith("tradewire")} == set()
