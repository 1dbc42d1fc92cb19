"""Questions about orders of unknown fate."""

from __future__ import annotations

import asyncio

import pytest

from support.own_orders import D, answering, report, until
from support.own_orders import Desk as Tracking
from tradewire.errors import FrameError, OutcomeUnknown, VenueUnavailable
from tradewire.model import Order, OrderStatus
from tradewire.session import inquiry
from tradewire.session.inquiry import Inquiries
from tradewire.session.orders import LiveOrder, OrderTracker


class Desk(Tracking):
    """A tracker whose orders are asked about."""

    def __init__(self, *answers: Order | Exception | None, window_s: float = 0.0) -> None:
        super().__init__()
        self.answers = list(answers)
        self.slept: list[float] = []
        self.gate = asyncio.Event()
        self.gate.set()
        self.now_s = 0.0
        self.inquiries = Inquiries(
            self.lookup,
            lambda order, report: self.tracker.answered(order, report),
            self.conclude,
            self.errors.append,
            window_s=window_s,
            sleep=self.sleep,
            monotonic_s=lambda: self.now_s,
        )
        self.tracker = OrderTracker(self.inquiries.ask, self.errors.append, wall_ns=lambda: self.now_ns)

    def conclude(self, order: LiveOrder) -> None:
        self.tracker.mark_not_found(order, "the venue knows no such order")

    async def lookup(self, order: LiveOrder) -> Order | None:
        await self.gate.wait()
        answer = self.answers.pop(0)
        if isinstance(answer, Exception):
            raise answer
        return answer

    async def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self.now_s += seconds


async def test_an_unknown_fate_is_asked_for_until_the_venue_answers() -> None:
    desk = Desk(
        VenueUnavailable("busy"), VenueUnavailable("busy"), report(OrderStatus.FILLED, filled_size="10")
    )
    desk.gate.clear()
    order = desk.tracker.submit(desk.register(), answering(OutcomeUnknown("timed out")))
    with pytest.raises(OutcomeUnknown):
        await order
    desk.gate.set()
    assert await order.finished() is order
    assert (order.status, order.outcome, order.filled_size) == (OrderStatus.FILLED, None, D(10))
    assert desk.slept == [inquiry.FIRST_ASK_S, 2 * inquiry.FIRST_ASK_S]
    assert [type(error) for error in desk.errors] == [VenueUnavailable, VenueUnavailable]


async def test_a_question_whose_answer_makes_no_sense_is_asked_again() -> None:
    nonsense = FrameError("an order without order_info")
    desk = Desk(nonsense, report())
    order = desk.tracker.submit(desk.register(), answering(OutcomeUnknown("the reply was lost")))
    await until(order, lambda: order.status is OrderStatus.OPEN)
    assert nonsense in desk.errors


async def test_that_the_venue_has_no_order_proves_nothing_while_the_request_may_still_arrive() -> None:
    desk = Desk(None, None, report(), window_s=6.0)
    order = desk.tracker.submit(desk.register(), answering(OutcomeUnknown("timed out")))
    await until(order, lambda: order.report is not None)
    assert order.status is OrderStatus.OPEN
    never = Desk(None, None, None, None, None, window_s=6.0)
    lost = never.tracker.submit(never.register(), answering(OutcomeUnknown("timed out")))
    await lost.finished()
    assert lost.status is OrderStatus.NOT_FOUND
    assert never.slept == [0.5, 1.0, 2.0, 2.5]


async def test_the_question_that_can_prove_absence_is_asked_when_the_window_ends() -> None:
    desk = Desk(*[None] * 7, window_s=16.0)
    lost = desk.tracker.submit(desk.register(), answering(OutcomeUnknown("timed out")))
    await lost.finished()
    assert lost.status is OrderStatus.NOT_FOUND
    # Doubling alone would ask after 15.5 s, too early to prove anything, and then after 31.5 s.
    assert desk.now_s == 16.0
