"""Cancelling one, several and all: on past failures, within a bound, only what is ours."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from decimal import Decimal

import pytest

from support.own_orders import Desk, answering, report
from support.scripted_account import STILL
from support.witness import PATIENCE_S
from tradewire.errors import (
    CancelAllFailed,
    ConfigError,
    NotSent,
    OrderNotFound,
    OrderRejected,
    Outcome,
    OutcomeUnknown,
    RateLimited,
    UnreadableRow,
)
from tradewire.model import Order, OrderStatus
from tradewire.session import cancelling
from tradewire.session.cancelling import CONCURRENT, cancel_each, cancel_live, close_within_s
from tradewire.session.live_order import LiveOrder, OrderActions
from tradewire.session.orders import OrderTracker

CANCELLED = OrderStatus.CANCELLED


class ActingDesk(Desk):
    """A tracker whose orders can be cancelled and amended at a venue that answers from a list."""

    def __init__(self, *answers: Exception | Order) -> None:
        super().__init__()
        self.answers = list(answers)
        self.cancelled: list[str] = []
        self.amended: list[tuple[str, object, object]] = []
        self.tracker = OrderTracker(
            self.asked.append,
            self.errors.append,
            actions=OrderActions(self.cancel, self.amend, self.asked.append),
            clock=STILL,
        )

    async def cancel(self, order: LiveOrder) -> None:
        self.cancelled.append(order.order_id)
        await self.answer()

    async def amend(self, order: LiveOrder, price: object, size: object) -> None:
        self.amended.append((order.order_id, price, size))
        await self.answer()

    async def answer(self) -> None:
        await asyncio.sleep(0)
        if not self.answers:
            return
        answer = self.answers.pop(0)
        if isinstance(answer, Exception):
            raise answer
        self.tracker.take_order(answer)

    async def rest(self, number: int = 7) -> LiveOrder:
        name = f"mine-{number}"
        placed = report(order_id=str(number), client_order_id=name)
        return await self.tracker.submit(self.register(name), answering(placed))


async def test_order_is_cancelled_and_amended_at_its_venue() -> None:
    desk = ActingDesk(report(size="12", client_order_id="mine-7", time_ns=2), report(CANCELLED, time_ns=3))
    order = await desk.rest()
    assert await order.amend(size="12") is order
    assert (desk.amended, order.size) == ([("7", None, "12")], Decimal(12))
    assert await order.cancel() is order
    assert (desk.cancelled, order.status) == (["7"], CANCELLED)
    # Once more does no harm and asks nothing.
    await order.cancel()
    assert desk.cancelled == ["7"]
    with pytest.raises(OrderNotFound, match="cancelled already"):
        await order.amend(price=1)


async def test_cancel_waits_for_the_reply_to_the_placing() -> None:
    desk = ActingDesk()
    order = desk.tracker.submit(desk.register(), answering(report()))
    assert order.order_id == ""
    await order.cancel()
    assert desk.cancelled == ["7"]
    refused = OrderRejected("off the grid")
    bad = desk.tracker.submit(desk.register("bad"), answering(refused))
    lost = desk.tracker.submit(desk.register("lost"), answering(OutcomeUnknown("timed out")))
    await bad.cancel()
    with pytest.raises(OutcomeUnknown, match="timed out"):
        await lost.cancel()
    assert desk.cancelled == ["7"]


async def test_cancel_of_an_order_that_ended_meanwhile_is_no_failure_and_its_end_is_asked_for() -> None:
    desk = ActingDesk(OrderNotFound("no such order"), OrderNotFound("no such order"))
    order = await desk.rest()
    await order.cancel()
    assert (order.status, desk.asked) == (OrderStatus.OPEN, [order])
    with pytest.raises(OrderNotFound):
        await order.amend(price=1)
    assert desk.asked == [order, order]


async def test_cancel_that_fails_says_so() -> None:
    desk = ActingDesk(OutcomeUnknown("timed out"))
    order = await desk.rest()
    with pytest.raises(OutcomeUnknown):
        await order.cancel()
    with pytest.raises(ConfigError, match="neither"):
        await order.amend()
    await desk.tracker.close()
    with pytest.raises(ConfigError, match="closed"):
        await order.cancel()
    with pytest.raises(ConfigError, match="not of it"):
        await (await Desk().tracker.submit(Desk().register(), answering(report()))).cancel()


def failing(**errors: Exception) -> tuple[list[str], Callable[[str], Awaitable[None]]]:
    done: list[str] = []

    async def cancel(name: str) -> None:
        await asyncio.sleep(0)
        if name in errors:
            raise errors[name]
        done.append(name)

    return done, cancel


async def test_cancelling_all_goes_on_past_failures_and_names_them() -> None:
    lost, bug = OutcomeUnknown("reset"), ZeroDivisionError()
    done, cancel = failing(b=lost, c=OrderNotFound("gone"), d=RateLimited("slow down"), f=bug)
    row = UnreadableRow("price must be a number", raw=b'{"price": null}')
    with pytest.raises(CancelAllFailed, match="4 of 7 were not cancelled; b: reset") as caught:
        await cancel_each({name: name for name in "abcdef"}, cancel, venue="toy", unreadable=[row])
    assert sorted(done) == ["a", "e"]
    failures = caught.value.failures
    assert list(failures) == ["b", "d", "f", "unreadable row 1"]
    assert (failures["b"], failures["f"], failures["unreadable row 1"]) == (lost, bug, row)
    assert (caught.value.outcome, caught.value.venue) == (Outcome.UNKNOWN, "toy")


async def test_cancelling_all_of_nothing_and_without_failure_is_quiet() -> None:
    done, cancel = failing(b=OrderNotFound("gone"))
    await cancel_each({}, cancel, venue="toy")
    await cancel_each({"a": "a", "b": "b"}, cancel, venue="toy")
    assert done == ["a"]


async def test_outcome_of_failures_that_are_certain_is_theirs() -> None:
    _, cancel = failing(a=NotSent("no connection"))
    with pytest.raises(CancelAllFailed) as caught:
        await cancel_each({"a": "a"}, cancel, venue="toy")
    assert caught.value.outcome is Outcome.NOT_SENT


async def test_no_more_cancels_at_once_than_leave_room_in_the_limit() -> None:
    now, most = 0, 0

    async def cancel(_: int) -> None:
        nonlocal now, most
        now += 1
        most = max(most, now)
        await asyncio.sleep(0)
        now -= 1

    await cancel_each({str(number): number for number in range(50)}, cancel, venue="toy")
    assert most == CONCURRENT


async def test_only_our_own_live_orders_are_cancelled_at_close_and_their_ends_waited_for() -> None:
    desk = ActingDesk(
        *(report(CANCELLED, order_id=name, client_order_id=f"mine-{name}", time_ns=2) for name in "789")
    )
    own = [await desk.rest(number) for number in (7, 8)]
    under_way = desk.tracker.submit(
        desk.register("mine-9"), answering(report(order_id="9", client_order_id="mine-9"))
    )
    desk.tracker.take_order(report(order_id="1", client_order_id="of another program"))
    async with asyncio.timeout(PATIENCE_S):
        await cancel_live(desk.tracker.live, 5.0, venue="toy")
    assert sorted(desk.cancelled) == ["7", "8", "9"]
    assert {order.status for order in (*own, under_way)} == {CANCELLED}
    assert [order.order_id for order in desk.tracker.live] == ["1"]


async def test_cancel_at_close_is_tried_again_and_what_is_left_is_named_within_the_bound(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(cancelling, "RETRY_S", 0.001)
    desk = ActingDesk(
        OutcomeUnknown("reset"), RateLimited("slow"), report(CANCELLED, client_order_id="mine-7")
    )
    await desk.rest()
    await cancel_live(desk.tracker.live, 5.0, venue="toy")
    assert desk.cancelled == ["7", "7", "7"]

    stubborn = ActingDesk(*[OutcomeUnknown("reset")] * 10_000)
    silent = ActingDesk()
    began = asyncio.get_running_loop().time()
    for one, why in ((stubborn, "reset"), (silent, "not reported within 0.05 s")):
        await one.rest()
        with pytest.raises(CancelAllFailed, match=f"1 of 1 were not cancelled; 7: .*{why}") as caught:
            await cancel_live(one.tracker.live, 0.05, venue="toy")
        assert list(caught.value.failures) == ["7"]
    assert asyncio.get_running_loop().time() - began < 2
    assert len(asyncio.all_tasks()) == 1


async def test_closing_takes_no_new_order_and_reports_what_it_could_not_cancel() -> None:
    desk = ActingDesk(OutcomeUnknown("reset"))
    order = await desk.rest()
    cancelling_at_close = asyncio.create_task(desk.tracker.cancel_live(0.05, venue="toy"))
    await asyncio.sleep(0)
    with pytest.raises(ConfigError, match="closed"):
        desk.register("quoted meanwhile")
    await cancelling_at_close
    [error] = desk.errors
    assert isinstance(error, CancelAllFailed)
    assert list(error.failures) == [order.order_id]
    left = ActingDesk()
    await left.rest()
    await left.tracker.cancel_live(0.0, venue="toy")
    assert (left.cancelled, left.errors) == ([], [])


@pytest.mark.parametrize(("value", "seconds"), [(False, 0.0), (True, 5.0), (2, 2.0), (0.5, 0.5)])
def test_bound_of_cancelling_at_close(value: object, seconds: float) -> None:
    assert close_within_s(value) == seconds


@pytest.mark.parametrize("value", [0, -1, float("nan"), float("inf"), "5", None])
def test_bound_that_makes_no_sense_is_refused(value: object) -> None:
    with pytest.raises(ConfigError, match="cancel_on_close must be True, False or seconds above 0"):
        close_within_s(value)
