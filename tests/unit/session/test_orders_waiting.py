"""Who waits for an order, from where it may be sent, and in which unit it counts."""

from __future__ import annotations

import asyncio
import decimal
import threading
from collections.abc import Callable, Coroutine
from decimal import Decimal
from typing import Any

import msgspec
import pytest

from support.own_orders import D, Desk, answering, fill, report, taken
from support.witness import PATIENCE_S
from tradewire.errors import ConfigError, OutcomeUnknown
from tradewire.model import Fill, Order, OrderStatus, OrderType, Side, sent_order
from tradewire.session.orders import LiveOrder


async def never() -> Order:
    await asyncio.sleep(3600)
    raise AssertionError


async def test_finished_is_woken_when_the_client_closes() -> None:
    desk = Desk()
    order = await desk.tracker.submit(desk.register(), answering(report(filled_size="3")))
    waiting = [asyncio.create_task(order.finished()) for _ in range(3)]
    await asyncio.sleep(0)
    assert order.waiting_for == "a report of the order stream"
    await desk.tracker.close()
    async with asyncio.timeout(PATIENCE_S):
        for one in waiting:
            with pytest.raises(OutcomeUnknown, match=r"client was closed.*3/10 partially_filled"):
                await one
        with pytest.raises(OutcomeUnknown, match="client was closed"):
            await order.finished()
    assert (order.status, order.waiting_for) == (OrderStatus.PARTIALLY_FILLED, "")
    with pytest.raises(ConfigError, match="closed"):
        desk.register("another")


async def test_order_says_what_it_waits_for() -> None:
    desk = Desk()
    order = desk.tracker.submit(desk.register(), never)
    assert order.waiting_for == "the venue's reply"
    order = await desk.tracker.submit(desk.register("mine-2"), answering(report(client_order_id="mine-2")))
    assert order.waiting_for == "a report of the order stream"
    order.is_asked_about = True
    assert order.waiting_for == "the answer to a question"
    order.is_asked_about = False
    assert order.waiting_for == "a report of the order stream"
    desk.tracker.take_order(report(OrderStatus.CANCELLED, client_order_id="mine-2"))
    assert order.waiting_for == ""
    await desk.tracker.close()


async def test_wait_that_was_cancelled_leaves_nothing_behind() -> None:
    desk = Desk()
    order = await desk.tracker.submit(desk.register(), answering(report()))
    with pytest.raises(TimeoutError):
        async with asyncio.timeout(0.001):
            await order.finished()
    assert order.wake() is False


async def test_order_forgotten_at_the_bound_wakes_who_waits(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tradewire.session.order_index.LIVE_BOUND", 1)
    desk = Desk()
    order = await desk.tracker.submit(desk.register(), answering(report()))
    waiting = asyncio.create_task(order.finished())
    await asyncio.sleep(0)
    desk.tracker.take_order(report(order_id="8", client_order_id=""))
    with pytest.raises(OutcomeUnknown, match="not followed any more"):
        await waiting
    assert desk.tracker.index.forgotten_orders == 1


def elsewhere(work: Callable[[], object]) -> BaseException | None:
    """Run ``work`` in another thread and return what it raised."""
    raised: list[BaseException] = []

    def body() -> None:
        try:
            work()
        except BaseException as error:
            raised.append(error)

    thread = threading.Thread(target=body)
    thread.start()
    thread.join(5)
    return raised[0] if raised else None


@pytest.mark.filterwarnings("error")
async def test_sending_from_another_thread_or_loop_is_refused_and_leaves_nothing_behind() -> None:
    desk = Desk()
    made: list[str] = []

    def placing() -> Coroutine[Any, Any, Order]:
        made.append("a coroutine")
        return never()

    def send() -> LiveOrder:
        return desk.tracker.submit(desk.register(), placing)

    async def send_in_loop() -> None:
        send()

    assert isinstance(elsewhere(send), ConfigError)
    first = await desk.tracker.submit(desk.register("first"), answering(report(client_order_id="first")))
    for work in (send, lambda: asyncio.run(send_in_loop())):
        error = elsewhere(work)
        assert isinstance(error, ConfigError)
        assert "event loop" in str(error)
    assert made == []
    assert desk.tracker.live == (first,)
    error = elsewhere(lambda: asyncio.run(first.finished()))
    assert isinstance(error, ConfigError)
    assert (await desk.tracker.submit(desk.register(), answering(report(order_id="8")))).order_id == "8"


async def test_async_callback_is_refused() -> None:
    order = taken(Desk().tracker, report())

    async def hear(_: LiveOrder) -> None:
        raise AssertionError

    with pytest.raises(ConfigError, match="plain function"):
        order.on_change = hear  # type: ignore[assignment]
    assert order.on_change is None


def quote_report(status: OrderStatus, filled: str, notional: str, *, asset: str, time_ns: int) -> Order:
    return msgspec.structs.replace(
        report(status, size="1000", time_ns=time_ns),
        type=OrderType.MARKET,
        price=None,
        filled_size=D(filled),
        filled_notional=D(notional),
        size_asset=asset,
    )


async def test_market_order_counted_in_quote_keeps_its_unit_through_reports_that_lack_it() -> None:
    desk = Desk()
    order = desk.tracker.register(
        sent_order(
            market="BTCUSDT",
            side=Side.BUY,
            size=D(1000),
            price=None,
            client_order_id="mine-1",
            size_asset="USDT",
        )
    )
    news = desk.tracker.take_order(
        quote_report(OrderStatus.PARTIALLY_FILLED, "0.01", "600.5", asset="", time_ns=2)
    )
    assert news is not None
    assert (news.size_asset, news.remaining, order.remaining) == ("USDT", D("399.5"), D("399.5"))
    assert (order.size_asset, order.average_price) == ("USDT", D(60050))
    assert repr(order) == "<LiveOrder 7 BTCUSDT buy 0.01/1000 USDT partially_filled>"
    small = Fill(
        trade_id="t1", order_id="7", client_order_id="", market="BTCUSDT", side=Side.BUY, price=D(60050),
        size=D("0.016"), liquidity=None, fee=None, fee_asset="", time_ns=3,
    )  # fmt: skip
    desk.tracker.take_fill(small)
    assert order.remaining == D(1000) - D("960.8")


@pytest.mark.parametrize(
    ("asset", "remaining"), [("BTC", D("999.99")), ("USDT", D("399.5")), ("", None), ("EUR", None)]
)
def test_remaining_is_in_the_orders_own_unit_or_not_given(asset: str, remaining: Decimal | None) -> None:
    one = quote_report(OrderStatus.PARTIALLY_FILLED, "0.01", "600.5", asset=asset, time_ns=2)
    assert one.remaining == remaining


def test_unit_that_base_and_quote_could_both_be_is_not_guessed() -> None:
    one = quote_report(OrderStatus.PARTIALLY_FILLED, "1", "2", asset="USD", time_ns=2)
    assert msgspec.structs.replace(one, market="USDTUSD").remaining is None


@pytest.mark.parametrize("precision", [6, 28])
def test_numbers_do_not_depend_on_the_programs_decimal_context(precision: int) -> None:
    big = "123456789012345678901234567890.12345678"
    placed = report(size=big, price="1", filled_size="1.00000001")
    with decimal.localcontext() as context:
        context.prec = precision
        context.rounding = decimal.ROUND_UP
        context.traps[decimal.Inexact] = True
        tracker = Desk().tracker
        order = taken(tracker, placed)
        for number in range(2):
            tracker.take_fill(
                msgspec.structs.replace(fill(str(number), "1000000.00000001"), fee=D("0.123456789123"))
            )
        seen = (order.remaining, order.fees["BTC"], order.fills_size, order.filled_notional)
        third = LiveOrder(sent_order(market="M", side=Side.BUY, size=D(3), price=None, client_order_id="x"))
        third.merge(
            msgspec.structs.replace(report(), filled_size=D(3), filled_notional=D(1), unfilled_size=None)
        )
        average = third.average_price
    assert seen == (
        D("123456789012345678901232567890.12345676"),
        D("0.246913578246"),
        D("2000000.00000002"),
        D("200000000.000002"),
    )
    assert average == D("0." + 28 * "3")


def test_last_fill_is_the_latest_by_the_venues_time() -> None:
    tracker = Desk().tracker
    order = taken(tracker, report())
    assert order.last_fill is None
    for trade_id, time_ns in (("2", 8), ("10", 8), ("1", 9), ("3", 4)):
        tracker.take_fill(fill(trade_id, time_ns=time_ns))
    assert order.last_fill is not None
    assert order.last_fill.trade_id == "1"
    assert [one.trade_id for one in order.fills] == ["3", "2", "10", "1"]
