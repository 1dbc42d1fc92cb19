"""What may not be lost of an account while its stream is away or lies, on every venue over real sockets."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from decimal import Decimal
from itertools import pairwise

import pytest

from support.floor import VENUES, Floor, open_floor
from support.witness import PATIENCE_S
from tradewire.errors import TradewireError
from tradewire.model import OrderStatus
from tradewire.protocol import events
from tradewire.session.live_order import LiveOrder

MINUTE_MS = 60_000


@pytest.fixture(params=VENUES)
async def floor(request: pytest.FixtureRequest) -> AsyncIterator[Floor]:
    async with open_floor(request.param) as floor:
        yield floor


@pytest.mark.parametrize("is_awaited", [True, False], ids=["place_order", "send_order"])
async def test_a_fill_of_an_order_placed_while_the_stream_is_away_is_reported(
    floor: Floor, *, is_awaited: bool
) -> None:
    """Nothing else was known in that market."""
    floor.watch()
    await floor.ready()
    floor.cut()
    if is_awaited:
        placed = await floor.client.place_order(
            floor.market, "buy", floor.size, floor.ask + 3 * floor.setup.tick, **floor.entry
        )
        order_id = placed.order_id
    else:
        live = floor.send("buy", floor.ask + 3 * floor.setup.tick)
        await live
        order_id = live.order_id
    await floor.heal()
    await floor.witness.until(
        lambda: sum(one.size for one in floor.fills if one.order_id == order_id) == floor.size
    )
    assert len({one.trade_id for one in floor.fills}) == len(floor.fills)
    [*_, last] = [one for one in floor.orders if one.order_id == order_id]
    assert (last.status, last.filled_size) == (OrderStatus.FILLED, floor.size)


async def test_an_order_that_fills_while_watch_orders_connects_is_followed_to_its_end(floor: Floor) -> None:
    floor.cut()
    floor.watch()
    live = await floor.rest_to_be_taken()
    await floor.take("buy", live.price or floor.ask, floor.size * 50)
    await floor.heal()
    async with asyncio.timeout(PATIENCE_S):
        await live.finished()
    assert (live.status, live.filled_size) == (OrderStatus.FILLED, floor.size)
    await floor.witness.until(lambda: floor.fills_of(live) == floor.size)


async def test_what_happened_during_a_loss_is_reported_and_fills_come_oldest_first(floor: Floor) -> None:
    floor.watch()
    await floor.ready()
    gone, taken = floor.send("buy", floor.low), await floor.rest_to_be_taken()
    await gone
    floor.cut()
    await floor.other.cancel_order(floor.market, gone.order_id)
    for _ in range(3):
        await floor.take("buy", taken.price or floor.ask, floor.size * 20)
        await asyncio.sleep(0.02)
    await floor.heal()
    await floor.witness.until(
        lambda: any(one.order_id == gone.order_id and one.status.is_final for one in floor.orders)
    )
    await floor.witness.until(lambda: floor.fills_of(taken) == floor.size)
    await floor.witness.until_told(events.CaughtUp)
    times = [one.time_ns for one in floor.fills]
    assert times == sorted(times)
    assert gone.status in {OrderStatus.CANCELLED, OrderStatus.NOT_FOUND}
    assert taken.status is OrderStatus.FILLED


async def test_an_accepted_order_that_reads_do_not_show_is_not_called_gone(floor: Floor) -> None:
    floor.watch()
    await floor.ready()
    await floor.witness.until_told(events.CaughtUp)
    floor.faults.read_lag(1500)
    live = floor.send("buy", floor.low)
    await live
    floor.link.reset_all()
    await asyncio.sleep(0.2)
    await floor.ready()
    for _ in range(30):
        assert live.status is OrderStatus.OPEN
        await asyncio.sleep(0.1)
    assert not any(one.status.is_final for one in floor.orders)


@pytest.mark.parametrize("step_ms", [-2 * MINUTE_MS, 3 * MINUTE_MS, -60 * MINUTE_MS, 60 * MINUTE_MS])
async def test_no_fill_of_an_outage_is_lost_when_the_venues_clock_steps_in_it(
    floor: Floor, step_ms: int
) -> None:
    floor.watch()
    await floor.ready()
    live = await floor.rest_to_be_taken()
    floor.cut()
    floor.faults.clock_step(step_ms)
    await floor.take("buy", live.price or floor.ask, floor.size * 50)
    await floor.heal()
    await floor.witness.until(lambda: floor.fills_of(live) == floor.size)
    async with asyncio.timeout(PATIENCE_S):
        await live.finished()
    assert live.status is OrderStatus.FILLED


async def test_a_fill_of_another_program_during_a_loss_is_reported(floor: Floor) -> None:
    if floor.name == "exchange":
        pytest.skip("its list of fills does not say which side was ours")
    floor.watch(floor.market)
    await floor.ready()
    floor.cut()
    taken = await floor.take("buy", floor.ask + 3 * floor.setup.tick)
    await floor.heal()
    await floor.witness.until(lambda: sum(one.size for one in floor.fills) == floor.size)
    assert {one.order_id for one in floor.fills} == {taken.order_id}


async def test_a_login_that_is_refused_as_stale_heals_and_nothing_is_called_live_before(floor: Floor) -> None:
    if floor.name == "exchange":
        pytest.skip("its login carries no time: what it refuses is the key")
    floor.watch()
    await floor.ready()
    live = await floor.rest_to_be_taken()
    floor.witness.seen.clear()
    floor.faults.clock_step(20_000)
    floor.faults.login_refused()
    floor.link.reset_all()
    await asyncio.sleep(0.1)
    await floor.take("buy", live.price or floor.ask, floor.size * 50)
    await floor.ready()
    await floor.witness.until(lambda: floor.fills_of(live) == floor.size)
    assert floor.client.watch_orders(on_update=lambda _: None).error is None
    told = [type(one) for one in floor.witness.seen]
    if events.Live in told:
        first = told.index(events.Live)
        assert events.AccountSubscribed in told[:first] or events.LoginRetried in told[:first]


@pytest.mark.parametrize("topic", ["orders", "fills"])
@pytest.mark.parametrize("defect", ["null_row", "not_a_number", "unknown_word"])
async def test_what_an_unreadable_push_said_is_asked_for(floor: Floor, topic: str, defect: str) -> None:
    floor.watch()
    await floor.ready()
    live = await floor.rest_to_be_taken()
    floor.faults.bad_row(defect, topic, where="push", count=3)
    await floor.take("buy", live.price or floor.ask, floor.size * 50)
    await floor.witness.until(lambda: live.status.is_final)
    await floor.witness.until(lambda: floor.fills_of(live) == floor.size)
    assert live.filled_size == floor.size
    told = [one for one in floor.orders if one.order_id == live.order_id]
    assert all(before.filled_size <= after.filled_size for before, after in pairwise(told))


async def test_an_order_nobody_watches_follows_its_own_fate(floor: Floor) -> None:
    live = await floor.rest_to_be_taken()
    gone = floor.send("buy", floor.low)
    await gone
    await floor.take("buy", live.price or floor.ask, floor.size * 50)
    await floor.other.cancel_order(floor.market, gone.order_id)
    async with asyncio.timeout(PATIENCE_S):
        await live.finished()
        await gone.finished()
    assert (live.status, live.filled_size) == (OrderStatus.FILLED, floor.size)
    assert gone.status in {OrderStatus.CANCELLED, OrderStatus.NOT_FOUND}
    assert gone.filled_size == Decimal(0)


async def test_a_late_second_reply_answers_no_other_order(floor: Floor) -> None:
    floor.faults.second_reply(delay_ms=50, requests="place")
    first = floor.send("buy", floor.low)
    await first
    await asyncio.sleep(0.2)
    second = floor.send("buy", floor.low - floor.setup.tick)
    await second
    assert first.order_id != second.order_id
    await floor.client.cancel_order(floor.market, second.order_id)
    [left] = await floor.other.open_orders(floor.market)
    assert (left.order_id, left.price) == (first.order_id, floor.low)


async def _until_known(floor: Floor, live: LiveOrder) -> None:
    live.on_change = floor.witness.poke
    await floor.witness.until(lambda: live.status is not OrderStatus.UNKNOWN)


async def test_a_late_second_reply_that_meets_the_next_order_proves_nothing(floor: Floor) -> None:
    """It comes while the next order is under way on the same connection."""
    floor.faults.second_reply(delay_ms=0, requests="place")
    orders = [floor.send("buy", floor.low - n * floor.setup.tick) for n in range(4)]
    for live in orders:
        try:
            await live
        except TradewireError:
            await _until_known(floor, live)
    prices = {one.order_id: one.price for one in await floor.other.open_orders(floor.market)}
    assert {live.order_id: live.price for live in orders if live.order_id} == prices
