"""LiveOrder and OrderTracker: one order, many reports."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from decimal import Decimal
from typing import Any

import msgspec
import pytest

from tradewire.errors import (
    ConfigError,
    FrameError,
    InsufficientFunds,
    NotSent,
    OrderRejected,
    Outcome,
    OutcomeUnknown,
    VenueUnavailable,
)
from tradewire.model import Fill, Liquidity, Order, OrderStatus, OrderType, Side, TimeInForce
from tradewire.session import inquiry, order_index, orders
from tradewire.session.inquiry import Inquiries
from tradewire.session.orders import LiveOrder, OrderTracker

D = Decimal
SENT_AT_NS = 1


def report(
    status: OrderStatus = OrderStatus.OPEN,
    *,
    filled_size: str = "0",
    time_ns: int = 1,
    order_id: str = "7",
    client_order_id: str = "mine-1",
    size: str = "10",
    price: str = "100",
) -> Order:
    return Order(
        order_id=order_id,
        client_order_id=client_order_id,
        market="BTCUSDT",
        side=Side.BUY,
        type=OrderType.LIMIT,
        time_in_force=TimeInForce.GTC,
        post_only=False,
        price=D(price),
        size=D(size),
        filled_size=D(filled_size),
        filled_notional=D(filled_size) * D(price),
        status=status,
        created_at_ns=1,
        updated_at_ns=time_ns,
    )


def fill(
    trade_id: str, size: str = "1", *, order_id: str = "7", client_order_id: str = "mine-1", time_ns: int = 5
) -> Fill:
    return Fill(
        trade_id=trade_id,
        order_id=order_id,
        client_order_id=client_order_id,
        market="BTCUSDT",
        side=Side.BUY,
        price=D(100),
        size=D(size),
        liquidity=Liquidity.MAKER,
        fee=D("0.001"),
        fee_asset="BTC",
        time_ns=time_ns,
    )


def void(_: object) -> None:
    """Take a result nobody needs."""


class Desk:
    """A tracker with its surroundings."""

    def __init__(self, *answers: Order | Exception | None, window_s: float = 0.0) -> None:
        self.errors: list[Exception] = []
        self.answers = list(answers)
        self.asked: list[LiveOrder] = []
        self.slept: list[float] = []
        self.gate = asyncio.Event()
        self.gate.set()
        self.now_s = 0.0
        self.inquiries = Inquiries(
            self.lookup,
            lambda order, report: self.tracker.answered(order, report),
            lambda order: void(self.tracker.mark_not_found(order, "the venue knows no such order")),
            self.errors.append,
            window_s=window_s,
            sleep=self.sleep,
            monotonic_s=lambda: self.now_s,
        )
        self.tracker = OrderTracker(self.inquiries.ask, self.errors.append, wall_ns=lambda: SENT_AT_NS)

    async def lookup(self, order: LiveOrder) -> Order | None:
        self.asked.append(order)
        await self.gate.wait()
        answer = self.answers.pop(0)
        if isinstance(answer, Exception):
            raise answer
        return answer

    async def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self.now_s += seconds

    def register(self, client_order_id: str = "mine-1") -> LiveOrder:
        return self.tracker.register(
            market="BTCUSDT", side=Side.BUY, size=D(10), price=D(100), client_order_id=client_order_id
        )


async def until(order: LiveOrder, condition: Callable[[], bool]) -> None:
    changed = asyncio.Event()
    order.on_change = lambda _: changed.set()
    async with asyncio.timeout(5):
        while not condition():
            changed.clear()
            await changed.wait()


def answering(answer: Order | Exception) -> Callable[[], Coroutine[Any, Any, Order]]:
    async def placing() -> Order:
        await asyncio.sleep(0)
        if isinstance(answer, Exception):
            raise answer
        return answer

    return placing


def taken(tracker: OrderTracker, one: Order) -> LiveOrder:
    """Return the order that a report was merged into."""
    tracker.take_order(one)
    order = tracker.order(one.order_id)
    assert order is not None
    return order


async def test_a_fired_order_is_pending_then_open_and_can_be_awaited() -> None:
    desk = Desk()
    order = desk.register()
    assert desk.tracker.submit(order, answering(report())) is order
    assert order.status is OrderStatus.PENDING
    assert desk.tracker.live == (order,)
    assert await order is order
    assert (order.status, order.order_id, order.outcome) == (OrderStatus.OPEN, "7", None)
    assert desk.tracker.order("7") is order
    assert desk.errors == []


async def test_a_refused_order_raises_for_its_waiter_and_is_not_reported_twice() -> None:
    desk = Desk()
    refused = InsufficientFunds("balance not enough", code="3109")
    order = desk.tracker.submit(desk.register(), answering(refused))
    with pytest.raises(InsufficientFunds):
        await order
    assert (order.status, order.outcome, order.error) == (OrderStatus.REJECTED, Outcome.REJECTED, refused)
    assert desk.tracker.live == ()
    assert desk.errors == []
    desk.register()


async def test_answer_before_the_venue_has_confirmed_is_followed_until_it_has() -> None:
    pending = report(OrderStatus.PENDING)
    desk = Desk(pending, VenueUnavailable("busy"), report())
    order = desk.tracker.submit(desk.register(), answering(pending))
    async with asyncio.timeout(5):
        assert await order is order
    assert (order.status, order.order_id, len(desk.asked)) == (OrderStatus.OPEN, "7", 3)
    assert [type(error) for error in desk.errors] == [VenueUnavailable]


async def test_unconfirmed_order_the_venue_refuses_after_all() -> None:
    pending = report(OrderStatus.PENDING)
    desk = Desk(msgspec.structs.replace(report(OrderStatus.REJECTED), reason="outside the bands"))
    order = desk.tracker.submit(desk.register(), answering(pending))
    async with asyncio.timeout(5):
        with pytest.raises(OrderRejected, match="outside the bands"):
            await order
    assert order.status is OrderStatus.REJECTED


async def test_unconfirmed_order_the_venue_knows_no_more_is_gone() -> None:
    desk = Desk(None, None)
    order = desk.tracker.submit(desk.register(), answering(report(OrderStatus.PENDING)))
    async with asyncio.timeout(5):
        await order.finished()
    assert (order.status, order.filled_size) == (OrderStatus.NOT_FOUND, 0)


async def test_confirmed_order_is_never_unconfirmed_again() -> None:
    desk = Desk()
    order = taken(desk.tracker, report(time_ns=5))
    desk.tracker.take_order(report(OrderStatus.PENDING, time_ns=5))
    desk.tracker.take_order(report(OrderStatus.PENDING, time_ns=9))
    assert order.status is OrderStatus.OPEN


async def test_refusal_told_by_the_stream_first_waits_for_the_answers_reason() -> None:
    desk = Desk()
    answer: asyncio.Future[Order] = asyncio.get_running_loop().create_future()

    async def placing() -> Order:
        return await answer

    order = desk.tracker.submit(desk.register(), placing)

    async def wait() -> LiveOrder:
        return await order

    waiting = asyncio.create_task(wait())
    await asyncio.sleep(0)
    desk.tracker.take_order(report(OrderStatus.REJECTED))
    await asyncio.sleep(0)
    assert order.status is OrderStatus.REJECTED
    assert not waiting.done()
    answer.set_exception(InsufficientFunds("balance not enough"))
    with pytest.raises(InsufficientFunds):
        await waiting
    with pytest.raises(InsufficientFunds):
        await order


async def test_order_of_unknown_fate_that_was_refused_raises_the_refusal() -> None:
    desk = Desk(report(OrderStatus.REJECTED))
    desk.gate.clear()
    order = desk.tracker.submit(desk.register(), answering(OutcomeUnknown("timed out")))
    with pytest.raises(OutcomeUnknown):
        await order
    desk.gate.set()
    async with asyncio.timeout(5):
        await order.finished()
        with pytest.raises(OrderRejected, match="gave no reason"):
            await order


async def test_a_failure_nobody_waits_for_is_reported() -> None:
    desk = Desk()
    not_sent = NotSent("connect refused")
    order = desk.register()
    desk.tracker.submit(order, answering(not_sent))
    await until(order, lambda: order.error is not None)
    assert desk.errors == [not_sent]
    assert order.outcome is Outcome.NOT_SENT
    with pytest.raises(NotSent):
        await order


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


async def test_an_order_the_venue_never_had_is_final_and_empty() -> None:
    desk = Desk(None)
    order = desk.tracker.submit(desk.register(), answering(OutcomeUnknown("timed out")))
    await order.finished()
    assert (order.status, order.filled_size, order.outcome) == (OrderStatus.NOT_FOUND, D(0), None)
    assert desk.tracker.live == ()


async def test_that_the_venue_has_no_order_proves_nothing_while_the_request_may_still_arrive() -> None:
    desk = Desk(None, None, report(), window_s=6.0)
    order = desk.tracker.submit(desk.register(), answering(OutcomeUnknown("timed out")))
    await until(order, lambda: order.report is not None)
    assert order.status is OrderStatus.OPEN
    never = Desk(None, None, None, None, None, window_s=6.0)
    lost = never.tracker.submit(never.register(), answering(OutcomeUnknown("timed out")))
    await lost.finished()
    assert lost.status is OrderStatus.NOT_FOUND
    assert never.slept == [0.5, 1.0, 2.0, 4.0]


async def test_an_order_event_that_overtakes_the_reply_finds_its_order() -> None:
    desk = Desk()
    order = desk.register()
    assert desk.tracker.take_fill(fill("t1")) is True
    assert order.order_id == "7"
    assert taken(desk.tracker, report(OrderStatus.PARTIALLY_FILLED, filled_size="1", time_ns=5)) is order
    await desk.tracker.submit(order, answering(report(time_ns=1)))
    assert (order.status, order.filled_size, len(order.fills)) == (OrderStatus.PARTIALLY_FILLED, D(1), 1)


async def test_a_lost_reply_does_not_matter_once_the_stream_has_shown_the_order() -> None:
    desk = Desk()
    order = desk.register()
    desk.tracker.take_order(report())
    desk.tracker.submit(order, answering(OutcomeUnknown("timed out")))
    await until(order, lambda: order.error is not None)
    assert (order.status, order.outcome) == (OrderStatus.OPEN, None)
    assert desk.asked == []


async def test_reports_without_a_client_id_are_absorbed_when_the_reply_names_them() -> None:
    desk = Desk()
    order = desk.register()
    stranger = taken(
        desk.tracker, report(OrderStatus.PARTIALLY_FILLED, filled_size="2", time_ns=9, client_order_id="")
    )
    assert stranger is not order
    await desk.tracker.submit(order, answering(report(time_ns=1)))
    assert desk.tracker.order("7") is order
    assert order.filled_size == D(2)


def test_fills_are_told_apart_by_market_order_and_trade() -> None:
    tracker = Desk().tracker
    order = taken(tracker, report())
    other = taken(tracker, report(order_id="8", client_order_id="mine-2"))
    assert tracker.take_fill(fill("t1")) is True
    assert tracker.take_fill(fill("t1")) is False
    assert tracker.take_fill(fill("t1", order_id="8", client_order_id="mine-2")) is True
    assert (order.filled_size, other.filled_size) == (D(1), D(1))
    assert order.fees == {"BTC": D("0.001")}


def test_the_value_is_what_all_fills_add_up_to_and_not_a_rounded_average() -> None:
    order = LiveOrder(market="BTCUSDT", side=Side.BUY, size=D(10), price=D(100), client_order_id="mine-1")
    order.merge(report(filled_size="3", price="100.000001"))
    order.add_fill(fill("1", "1"))
    assert order.filled_notional == D("300.000003")
    order.add_fill(fill("2", "2"))
    assert order.filled_notional == D(300)
    order.merge(report(filled_size="4", price="100.000001", time_ns=2))
    assert order.filled_notional == D("400.000004")


def test_fills_alone_never_make_an_order_final() -> None:
    tracker = Desk().tracker
    order = taken(tracker, report())
    tracker.take_fill(fill("t1", "10"))
    assert order.status is OrderStatus.PARTIALLY_FILLED
    assert order.remaining == 0
    tracker.take_order(report(OrderStatus.FILLED, filled_size="10", time_ns=6))
    assert order.status is OrderStatus.FILLED


def test_an_amendment_shows_the_new_size_and_price_and_a_late_old_report_does_not_undo_it() -> None:
    tracker = Desk().tracker
    order = taken(tracker, report(time_ns=1))
    tracker.take_order(report(time_ns=3, size="20", price="101"))
    tracker.take_order(report(time_ns=2))
    assert (order.size, order.price, order.remaining) == (D(20), D(101), D(20))


def test_finished_orders_and_orphans_are_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(order_index, "FINISHED_BOUND", 3)
    monkeypatch.setattr(order_index, "ORPHAN_BOUND", 3)
    monkeypatch.setattr(orders, "SEEN_FILLS_BOUND", 3)
    tracker = Desk().tracker
    for number in range(5):
        tracker.take_order(report(OrderStatus.CANCELLED, order_id=str(number), client_order_id=""))
    assert [tracker.order(str(number)) is None for number in range(5)] == [True, True, False, False, False]
    for number in range(5):
        tracker.take_fill(fill(f"t{number}", order_id=f"x{number}", client_order_id=""))
    assert tracker.forgotten_orphans == 2
    assert tracker.take_fill(fill("t4", order_id="x4", client_order_id="")) is False
    assert tracker.take_fill(fill("t0", order_id="x0", client_order_id="")) is True


def test_orders_whose_end_nobody_tells_are_bounded_and_counted(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(order_index, "LIVE_BOUND", 3)
    tracker = Desk().tracker
    for number in range(5):
        tracker.take_order(report(order_id=str(number), client_order_id=""))
    tracker.take_order(report(OrderStatus.CANCELLED, order_id="2", client_order_id="", time_ns=2))
    tracker.take_order(report(order_id="5", client_order_id=""))
    assert [order.order_id for order in tracker.live] == ["3", "4", "5"]
    assert tracker.forgotten_orders == 2
    tracker.take_order(report(order_id="6", client_order_id=""))
    assert [order.order_id for order in tracker.live] == ["4", "5", "6"]
    assert tracker.forgotten_orders == 3


async def test_two_orders_in_flight_cannot_share_a_client_id() -> None:
    desk = Desk()
    desk.register()
    with pytest.raises(ConfigError, match="mine-1"):
        desk.register()
    with pytest.raises(ConfigError, match="client_order_id"):
        desk.register("")


async def test_a_bug_while_placing_is_reported_and_the_fate_asked_for() -> None:
    desk = Desk(report())
    order = desk.tracker.submit(desk.register(), answering(ZeroDivisionError("bug")))
    await until(order, lambda: order.report is not None)
    assert isinstance(desk.errors[0], ZeroDivisionError)
    assert order.status is OrderStatus.OPEN


def _divide_by_zero() -> None:
    _ = 1 // 0


async def test_a_callback_that_raises_is_reported_and_disturbs_nothing() -> None:
    desk = Desk()
    order = taken(desk.tracker, report())
    order.on_change = lambda changed: _divide_by_zero()
    desk.tracker.take_fill(fill("t1"))
    assert isinstance(desk.errors[0], ZeroDivisionError)
    assert order.filled_size == D(1)


async def test_closing_leaves_orders_under_way_unknown_and_no_task() -> None:
    desk = Desk()
    forever: asyncio.Future[Order] = asyncio.get_running_loop().create_future()

    async def hang() -> Order:
        return await forever

    order = desk.tracker.submit(desk.register(), hang)
    await asyncio.sleep(0)
    await desk.tracker.close()
    await desk.inquiries.close()
    assert (order.status, order.outcome) == (OrderStatus.UNKNOWN, Outcome.UNKNOWN)
    assert len(asyncio.all_tasks()) == 1


def test_repr_names_the_order_and_its_progress() -> None:
    order = taken(Desk().tracker, report(OrderStatus.PARTIALLY_FILLED, filled_size="1"))
    assert repr(order) == "<LiveOrder 7 BTCUSDT buy 1/10 partially_filled>"
