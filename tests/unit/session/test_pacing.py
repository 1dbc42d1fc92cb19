"""Places among the requests under way."""

from __future__ import annotations

import asyncio
import time

import pytest
from msgspec.structs import replace

from tradewire.errors import NotSent
from tradewire.protocol.endpoint import Access, Effect, Endpoint, Params
from tradewire.protocol.limits import Limiter
from tradewire.protocol.pace import PaceHeaders
from tradewire.session.pacing import MAX_IN_FLIGHT, Pacer

ROW: Endpoint[None, str] = Endpoint(
    "POST", "/", Access.SIGNED, Effect.ONCE, "put", lambda _: Params(), bytes.decode, "", ""
)
CANCEL = replace(ROW, rate_group="cancel", is_cancel=True)


def full(max_wait_s: float = 10.0) -> Pacer:
    """Return a pacer all of whose places are taken."""
    limiter = Limiter({"put": 1000.0, "cancel": 1000.0})
    pacer = Pacer("toy", limiter, PaceHeaders(), max_wait_s, time.monotonic_ns, asyncio.sleep)
    assert all(pacer.enter_now(ROW, 0) for _ in range(MAX_IN_FLIGHT))
    return pacer


async def test_no_more_than_the_places_there_are_and_cancels_need_none() -> None:
    pacer = full()
    assert not pacer.enter_now(ROW, 0)
    assert pacer.enter_now(CANCEL, 0)
    pacer.leave(CANCEL)
    assert not pacer.enter_now(ROW, 0)
    pacer.leave(ROW)
    assert pacer.enter_now(ROW, 0)


async def test_place_goes_to_who_waited_longest_and_not_to_who_comes_later() -> None:
    pacer = full()
    entered: list[int] = []

    async def enter(number: int) -> None:
        await pacer.enter(ROW)
        entered.append(number)

    tasks = [asyncio.create_task(enter(number)) for number in range(2)]
    await asyncio.sleep(0)
    pacer.leave(ROW)
    assert not pacer.enter_now(ROW, 0)
    await tasks[0]
    pacer.leave(ROW)
    await tasks[1]
    assert entered == [0, 1]


async def test_place_that_came_free_as_its_waiter_gave_up_is_not_lost() -> None:
    pacer = full()
    waiting = asyncio.create_task(pacer.enter(ROW))
    await asyncio.sleep(0)
    pacer.leave(ROW)
    waiting.cancel()
    with pytest.raises(asyncio.CancelledError):
        await waiting
    assert pacer.enter_now(ROW, 0)
    assert not pacer.enter_now(ROW, 0)


async def test_who_waits_in_vain_takes_no_place() -> None:
    pacer = full(max_wait_s=0.0)
    with pytest.raises(NotSent, match=f"{MAX_IN_FLIGHT} requests are under way"):
        await pacer.enter(ROW)
    pacer.leave(ROW)
    assert pacer.enter_now(ROW, 0)
