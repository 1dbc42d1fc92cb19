"""LiveOrder and OrderTracker: one order, many reports."""

from __future__ import annotations

import asyncio
import sys

import msgspec
import pytest

from support.own_orders import D, Desk, answering, fill, report, taken, until
from support.witness import PATIENCE_S
from tradewire.errors import (
    ConfigError,
    InsufficientFunds,
    NotSent,
    OrderRejected,
    Outcome,
    OutcomeUnknown,
)
from tradewire.model import Order, OrderStatus, Side, sent_order
from tradewire.session import order_index, orders
from tradewire.session.orders import LiveOrder


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
    desk = Desk()
    order = desk.tracker.submit(desk.register(), answering(report(OrderStatus.PENDING)))
    waiting = asyncio.ensure_future(order)
    await until(order, lambda: bool(desk.asked))
    assert (desk.asked, order.status, waiting.done()) == ([order], OrderStatus.PENDING, False)
    desk.tracker.answered(order, report(time_ns=2))
    async with asyncio.timeout(PATIENCE_S):
        assert await waiting is order
    assert (order.status, order.order_id) == (OrderStatus.OPEN, "7")


async def test_unconfirmed_order_the_venue_refuses_after_all() -> None:
    desk = Desk()
    order = desk.tracker.submit(desk.register(), answering(report(OrderStatus.PENDING)))
    await until(order, lambda: bool(desk.asked))
    refusal = msgspec.structs.replace(report(OrderStatus.REJECTED), reason="outside the bands")
    desk.tracker.answered(order, refusal)
    async with asyncio.timeout(PATIENCE_S):
        with pytest.raises(OrderRejected, match="outside the bands"):
            await order
    assert (order.status, order.reason) == (OrderStatus.REJECTED, "outside the bands")


async def test_unconfirmed_order_the_venue_knows_no_more_is_gone() -> None:
    desk = Desk()
    order = desk.tracker.submit(desk.register(), answering(report(OrderStatus.PENDING)))
    await until(order, lambda: bool(desk.asked))
    desk.tracker.mark_not_found(order, "asked for")
    async with asyncio.timeout(PATIENCE_S):
        await order.finished()
    assert (order.status, order.filled_size) == (OrderStatus.NOT_FOUND, 0)


async def test_order_of_which_the_venue_told_only_the_id_is_open_and_asked_about() -> None:
    desk = Desk()
    order = desk.tracker.submit(desk.register(), answering(report(time_ns=0)))
    async with asyncio.timeout(PATIENCE_S):
        assert await order is order
    assert (order.status, desk.asked) == (OrderStatus.OPEN, [order])


async def test_unconfirmed_order_is_open_once_an_unreadable_report_proves_it() -> None:
    desk = Desk()
    order = desk.tracker.submit(desk.register(), answering(report(OrderStatus.PENDING)))
    await until(order, lambda: bool(desk.asked))
    for order_id in ("8", "7"):
        desk.tracker.confirm(order_id)
    async with asyncio.timeout(PATIENCE_S):
        assert await order is order
    desk.tracker.take_order(report(OrderStatus.CANCELLED, time_ns=2))
    desk.tracker.confirm("7")
    assert order.status is OrderStatus.CANCELLED


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
    desk = Desk()
    order = desk.tracker.submit(desk.register(), answering(OutcomeUnknown("timed out")))
    with pytest.raises(OutcomeUnknown):
        await order
    assert desk.asked == [order]
    desk.tracker.answered(order, report(OrderStatus.REJECTED))
    async with asyncio.timeout(PATIENCE_S):
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


async def test_order_the_venue_never_saw_is_not_found_with_a_reason_and_not_cancelled() -> None:
    desk = Desk()
    lost = OutcomeUnknown("timed out")
    order = desk.tracker.submit(desk.register(), answering(lost))
    await until(order, lambda: bool(desk.asked))
    news = desk.tracker.mark_not_found(order, "the venue knows no such order")
    await order.finished()
    assert (order.status, order.filled_size, order.outcome) == (OrderStatus.NOT_FOUND, D(0), None)
    assert order.reason == "the venue knows no such order"
    assert desk.tracker.live == ()
    assert news is not None
    assert (news.status, news.reason, news.client_order_id) == (order.status, order.reason, "mine-1")
    with pytest.raises(OutcomeUnknown, match="timed out"):
        await order


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
    order = LiveOrder(
        sent_order(market="BTCUSDT", side=Side.BUY, size=D(10), price=D(100), client_order_id="mine-1")
    )
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


def test_an_order_told_cancelled_whose_fills_reach_its_size_is_filled() -> None:
    tracker = Desk().tracker
    order = taken(tracker, report())
    # The late, second reply of the placing, taken for the cancel's.
    tracker.take_order(report(OrderStatus.CANCELLED, time_ns=2))
    tracker.take_fill(fill("t1", "9"))
    assert order.status is OrderStatus.CANCELLED
    tracker.take_fill(fill("t2", "1"))
    assert (order.status, order.remaining) == (OrderStatus.FILLED, 0)


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
    assert (
        tracker.index.forgotten_orphans,
        tracker.index.forgotten_finished,
        tracker.seen_fills.forgotten,
    ) == (2, 2, 2)
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
    assert tracker.index.forgotten_orders == 2
    tracker.take_order(report(order_id="6", client_order_id=""))
    assert [order.order_id for order in tracker.live] == ["4", "5", "6"]
    assert tracker.index.forgotten_orders == 3


async def test_two_orders_in_flight_cannot_share_a_client_id() -> None:
    desk = Desk()
    desk.register()
    with pytest.raises(ConfigError, match="mine-1"):
        desk.register()
    with pytest.raises(ConfigError, match="client_order_id"):
        desk.register("")


async def test_a_bug_while_placing_is_reported_and_the_fate_asked_for() -> None:
    desk = Desk()
    order = desk.tracker.submit(desk.register(), answering(ZeroDivisionError("bug")))
    await until(order, lambda: bool(desk.asked))
    assert isinstance(desk.errors[0], ZeroDivisionError)
    assert order.status is OrderStatus.UNKNOWN


def _divide_by_zero() -> None:
    _ = 1 // 0


async def test_a_callback_that_raises_is_reported_and_disturbs_nothing() -> None:
    desk = Desk()
    order = taken(desk.tracker, report())
    order.on_change = lambda changed: _divide_by_zero()
    desk.tracker.take_fill(fill("t1"))
    assert isinstance(desk.errors[0], ZeroDivisionError)
    assert order.filled_size == D(1)


async def test_a_callback_that_raises_a_cancellation_keeps_no_fate_from_being_asked_for() -> None:
    desk = Desk()
    order = desk.register()

    def cancel(_: LiveOrder) -> None:
        raise asyncio.CancelledError

    order.on_change = cancel
    desk.tracker.submit(order, answering(OutcomeUnknown("the reply was lost")))
    async with asyncio.timeout(PATIENCE_S):
        while not desk.asked:  # noqa: ASYNC110 - the callback is what is tried
            await asyncio.sleep(0)
    assert isinstance(desk.errors[0], RuntimeError)
    assert order.status is OrderStatus.UNKNOWN


async def test_closing_leaves_orders_under_way_unknown_and_no_task() -> None:
    desk = Desk()
    forever: asyncio.Future[Order] = asyncio.get_running_loop().create_future()

    async def hang() -> Order:
        return await forever

    order = desk.tracker.submit(desk.register(), hang)
    await asyncio.sleep(0)
    await desk.tracker.close()
    assert (order.status, order.outcome) == (OrderStatus.UNKNOWN, Outcome.UNKNOWN)
    assert len(asyncio.all_tasks()) == 1


def test_repr_names_the_order_and_its_progress() -> None:
    order = taken(Desk().tracker, report(OrderStatus.PARTIALLY_FILLED, filled_size="1"))
    assert repr(order) == "<LiveOrder 7 BTCUSDT buy 1/10 partially_filled>"


async def test_live_orders_are_found_without_a_look_at_the_finished_ones() -> None:
    desk = Desk()
    order = desk.tracker.submit(desk.register(), answering(report()))
    await order
    looked_at: list[int] = []
    for count in (0, 500):
        for number in range(count):
            desk.tracker.take_order(
                report(OrderStatus.FILLED, order_id=f"finished-{number}", client_order_id="")
            )
        calls = 0

        def count_call(frame: object, what: str, argument: object) -> None:
            nonlocal calls
            calls += 1

        sys.setprofile(count_call)
        try:
            live = desk.tracker.live
        finally:
            sys.setprofile(None)
        assert live == (order,)
        looked_at.append(calls)
    assert looked_at[0] == looked_at[1] > 0


async def test_order_that_was_sent_is_placed_by_its_reply_without_a_task() -> None:
    desk = Desk()
    pending: asyncio.Future[Order] = asyncio.get_running_loop().create_future()
    order = desk.register()

    async def placing() -> Order:
        return await pending

    desk.tracker.follow(order, placing, pending)
    before = asyncio.all_tasks()
    pending.set_result(report())
    await asyncio.sleep(0)
    assert (order.status, order.order_id, asyncio.all_tasks() - before) == (OrderStatus.OPEN, "7", set())


async def test_reply_that_takes_longer_to_understand_is_waited_for_in_a_task() -> None:
    desk = Desk()
    pending: asyncio.Future[Order] = asyncio.get_running_loop().create_future()
    gate = asyncio.Event()

    async def placing() -> Order:
        assert await pending is not None
        await gate.wait()
        # Takes a task.
        async with asyncio.timeout(PATIENCE_S):
            return await asyncio.sleep(0, report())

    order = desk.register()
    desk.tracker.follow(order, placing, pending)
    pending.set_result(report())
    await asyncio.sleep(0)
    assert desk.tracker.placing(order) is not None
    gate.set()
    assert await order is order
    assert not order.is_placing


async def test_client_that_closes_leaves_no_sent_order_without_an_end_and_no_failure_unlooked_at() -> None:
    desk = Desk()
    loop = asyncio.get_running_loop()
    reported: list[object] = []
    loop.set_exception_handler(lambda _, context: reported.append(context))
    pending: asyncio.Future[Order] = loop.create_future()
    order = desk.register()
    desk.tracker.follow(order, answering(report()), pending)
    await desk.tracker.close()
    with pytest.raises(OutcomeUnknown, match="the client was closed while"):
        await order
    pending.set_exception(OutcomeUnknown("lost"))
    await asyncio.sleep(0)
    del pending
    assert (order.order_id, reported) == ("", [])


async def test_an_order_whose_answer_is_expected_is_placed_by_it() -> None:
    desk = Desk()
    order = desk.register()
    desk.tracker.expect(order)
    assert order.is_placing
    desk.tracker.answer(order, report())
    assert await order is order
    assert (order.status, order.order_id, order.is_placing) == (OrderStatus.OPEN, "7", False)


async def test_an_answer_that_the_stream_has_told_changes_nothing_that_came_since() -> None:
    desk = Desk()
    order = desk.register()
    desk.tracker.expect(order)
    said = report()
    desk.tracker.take_order(said)
    desk.tracker.take_order(report(OrderStatus.CANCELLED, time_ns=said.updated_at_ns + 1))
    desk.tracker.answer(order, said)
    assert (order.status, order.is_placing, desk.asked) == (OrderStatus.CANCELLED, False, [])


async def test_a_refusal_that_is_answered_raises_for_whoever_waits_and_a_second_answer_counts_for_nothing() -> (
    None
):
    desk = Desk()
    order = desk.register()
    desk.tracker.expect(order)
    desk.tracker.answer(order, InsufficientFunds("balance not enough", code="3109"))
    desk.tracker.answer(order, report())
    with pytest.raises(InsufficientFunds):
        await order
    assert order.order_id == ""


async def test_a_client_that_closes_ends_an_order_whose_answer_is_expected() -> None:
    desk = Desk()
    order = desk.register()
    desk.tracker.expect(order)
    await desk.tracker.close()
    with pytest.raises(OutcomeUnknown, match="the client was closed while"):
        await order
    desk.tracker.answer(order, report())
    assert order.order_id == ""
