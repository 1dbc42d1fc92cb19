"""One account through confirmation, loss, polling and close, by script: nothing is missed and nothing left behind."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from decimal import Decimal
from typing import Any, cast

import msgspec
import pytest

from support.scripted_account import MARKET, ScriptedAccount, ScriptedRest, ScriptedStream, fill, report
from support.witness import PATIENCE_S
from tradewire.errors import CancelAllFailed, ConfigError, OutcomeUnknown, VenueUnavailable
from tradewire.model import AccountKind, Order, OrderStatus, Side, sent_order
from tradewire.protocol import events
from tradewire.protocol.channels import Channel
from tradewire.session.account import QUIET_S, AccountConnection, AccountDescription
from tradewire.session.live_order import LiveOrder

ORDERS, FILLS = "orders", "fills"
LOST = events.Disconnected("closed", 1, 1)


class Desk:
    def __init__(self) -> None:
        self.venue = ScriptedAccount()
        self.stream = ScriptedStream()
        self.rest = ScriptedRest()
        self.sleeps = 0
        self.quiet = asyncio.Event()
        self.account: AccountConnection[Any] = AccountConnection(
            cast("Any", self.stream),
            AccountDescription(
                "venue", ORDERS, FILLS, lambda market: (Channel(ORDERS, market),), window_s=6.0
            ),
            self.venue,
            cast("Any", self.rest),
            sleep=self.sleep,
        )

    async def sleep(self, seconds: float) -> None:
        self.sleeps += 1
        await (self.quiet.wait() if seconds == QUIET_S else asyncio.sleep(0))
        self.quiet.clear()

    def caught_up(self) -> int:
        return sum(isinstance(event, events.CaughtUp) for event in self.stream.told)

    async def until_caught_up(self, times: int = 1) -> None:
        await self.until(lambda: self.caught_up() == times)

    async def until(self, condition: Callable[[], object]) -> None:
        async with asyncio.timeout(PATIENCE_S):
            await self.venue.until(condition)

    def send(self, reply: Order | Exception | None = None, client_order_id: str = "mine") -> LiveOrder:
        """Send an order whose reply is ``reply``; without one it stays under way."""

        async def placing() -> Order:
            if reply is None:
                await asyncio.Event().wait()
            if isinstance(reply, Exception):
                raise reply
            assert reply is not None
            return reply

        return self.account.submit(
            client_order_id,
            placing,
            lambda: sent_order(
                market=MARKET,
                side=Side.BUY,
                size=Decimal(3),
                price=Decimal(1),
                client_order_id=client_order_id,
            ),
        )

    def known(self, order_id: str = "7") -> LiveOrder:
        self.account.take_order(report(order_id))
        order = self.account.tracker.order(order_id)
        assert order is not None
        return order


@pytest.fixture
async def desk() -> AsyncIterator[Desk]:
    desk = Desk()
    yield desk
    async with asyncio.timeout(PATIENCE_S):
        await desk.account.close()
    assert asyncio.all_tasks() == {asyncio.current_task()}


async def test_the_first_confirmation_is_caught_up_with(desk: Desk) -> None:
    desk.venue.open_now = [report("7", filled="1")]
    desk.venue.fills_of[MARKET] = [fill("1")]
    desk.stream.fills_watched = (MARKET,)
    assert not desk.account.is_certain
    desk.stream.confirm(ORDERS)
    await desk.until_caught_up()
    assert desk.account.is_certain
    assert [order.order_id for order in desk.stream.published_of(ORDERS)] == ["7"]
    assert [one.trade_id for one in desk.stream.published_of(FILLS)] == ["1"]


async def test_what_happened_during_a_loss_reaches_watchers_once(desk: Desk) -> None:
    desk.venue.open_now = [report("7")]
    desk.stream.confirm(ORDERS)
    desk.stream.push(ORDERS, report("7"))
    await desk.until_caught_up()
    desk.stream.say(LOST)
    assert not desk.account.is_certain
    desk.venue.open_now = []
    desk.venue.found["7"] = report("7", OrderStatus.FILLED, filled="3", time_ns=9)
    desk.venue.fills_of[MARKET] = [fill("1", size="3")]
    desk.stream.confirm(ORDERS)
    await desk.until_caught_up(2)
    desk.stream.push(ORDERS, report("7", OrderStatus.FILLED, filled="3", time_ns=9))
    desk.stream.push(FILLS, fill("1", size="3"))
    assert [order.status for order in desk.stream.published_of(ORDERS)] == [
        OrderStatus.OPEN,
        OrderStatus.FILLED,
    ]
    assert len(desk.stream.published_of(FILLS)) == 1


@pytest.mark.parametrize(
    "miss",
    [
        lambda stream: stream.push_unreadable(ORDERS),
        lambda stream: stream.push_unreadable(FILLS),
        lambda stream: stream.say(events.Gap(ORDERS, "1 missing")),
        lambda stream: stream.say(events.Unreadable("json", 0, b"{")),
    ],
    ids=["order", "fill", "gap", "frame"],
)
async def test_what_could_not_be_read_is_asked_for(desk: Desk, miss: Callable[[Any], None]) -> None:
    desk.stream.confirm(ORDERS)
    await desk.until_caught_up()
    miss(desk.stream)
    assert not desk.account.is_certain
    await desk.until_caught_up(2)


async def test_a_frame_without_anything_of_the_account_asks_for_nothing(desk: Desk) -> None:
    desk.stream.say(events.Unreadable("json", 0, b"{"))
    await asyncio.sleep(0)
    assert desk.venue.asked == []


async def test_fills_that_no_push_brings_are_asked_for(desk: Desk) -> None:
    desk.stream.confirm(ORDERS)
    await desk.until_caught_up()
    desk.venue.fills_of[MARKET] = [fill("1", size="2")]
    desk.stream.push(ORDERS, report("7", OrderStatus.PARTIALLY_FILLED, filled="2", time_ns=9))
    await desk.until(lambda: desk.stream.published_of(FILLS))
    order = desk.account.tracker.order("7")
    assert order is not None
    assert order.fills_size == 2


async def test_reports_of_another_account_are_passed_on_and_never_taken_for_an_order_of_this_one(
    desk: Desk,
) -> None:
    desk.stream.confirm(ORDERS)
    await desk.until_caught_up()
    order = desk.known("7")
    margin = msgspec.structs.replace(
        report("7", OrderStatus.CANCELLED, time_ns=99), account=AccountKind.MARGIN
    )
    theirs = msgspec.structs.replace(fill("1"), account=AccountKind.MARGIN)
    desk.stream.push(ORDERS, margin)
    desk.stream.push(FILLS, theirs)
    assert (order.status, order.fills) == (OrderStatus.OPEN, ())
    assert (desk.stream.published_of(ORDERS)[-1], desk.stream.published_of(FILLS)) == (margin, [theirs])
    desk.stream.push(FILLS, fill("1"))
    assert order.fills_size == 1


@pytest.mark.parametrize("end", [OrderStatus.CANCELLED, OrderStatus.NOT_FOUND])
async def test_a_late_fill_of_a_finished_order_reaches_order_watchers_at_once(
    desk: Desk, end: OrderStatus
) -> None:
    desk.stream.confirm(ORDERS)
    await desk.until_caught_up()
    order = desk.known()
    if end is OrderStatus.CANCELLED:
        desk.stream.push(ORDERS, report("7", end, time_ns=9))
    else:
        desk.account.confirm_absent(order, "not known")
    desk.stream.push(FILLS, fill("1", size="2"))
    told = desk.stream.published_of(ORDERS)
    status = OrderStatus.CANCELLED if end is OrderStatus.CANCELLED else OrderStatus.PARTIALLY_FILLED
    assert [(one.status, one.filled_size) for one in told[-2:]] == [(end, 0), (status, 2)]
    desk.stream.push(FILLS, fill("2", size="1"))
    if end is OrderStatus.CANCELLED:
        assert desk.stream.published_of(ORDERS)[-1].status is OrderStatus.FILLED
        assert order.report == desk.stream.published_of(ORDERS)[-1]


async def test_without_a_stream_one_failing_order_holds_up_no_other(desk: Desk) -> None:
    failing, other = desk.known("7"), desk.known("8")
    desk.venue.found["7"] = VenueUnavailable("busy")
    desk.venue.found["8"] = report("8", OrderStatus.FILLED, filled="3", time_ns=9)
    await desk.until(lambda: other.status is OrderStatus.FILLED)
    assert failing.status is OrderStatus.OPEN
    desk.venue.found["7"] = report("7", OrderStatus.CANCELLED, time_ns=9)
    await desk.until(lambda: failing.status is OrderStatus.CANCELLED)


async def test_without_a_stream_a_failing_list_still_has_every_order_asked_about(desk: Desk) -> None:
    first, second = desk.known("7"), desk.known("8")
    desk.venue.open_error = VenueUnavailable("busy")
    for order_id in ("7", "8"):
        desk.venue.found[order_id] = report(order_id, OrderStatus.FILLED, filled="3", time_ns=9)
    await desk.until(lambda: first.status is second.status is OrderStatus.FILLED)
    assert "open" in desk.venue.asked


async def test_a_loss_has_live_orders_asked_about_until_the_stream_is_back(desk: Desk) -> None:
    desk.venue.open_now = [report("7")]
    desk.stream.confirm(ORDERS)
    desk.stream.push(ORDERS, report("7"))
    await desk.until_caught_up()
    desk.venue.asked.clear()
    desk.stream.say(LOST)
    await desk.until(lambda: desk.venue.asked.count("open") >= 3)
    desk.stream.confirm(ORDERS)
    await desk.until_caught_up(2)
    for _ in range(50):
        await asyncio.sleep(0)
    settled = desk.venue.asked.copy()
    for _ in range(50):
        await asyncio.sleep(0)
    assert desk.venue.asked == settled


async def test_an_order_whose_fills_are_all_there_but_not_its_end_is_asked_for(desk: Desk) -> None:
    """The push of its end is lost; the stream says nothing about that."""
    desk.stream.confirm(ORDERS)
    desk.stream.push(ORDERS, report("7"))
    await desk.until_caught_up()
    order = desk.known()
    desk.venue.found["7"] = report("7", OrderStatus.FILLED, filled="3", time_ns=9)
    desk.stream.push(FILLS, fill("1", size="3"))
    assert order.status is OrderStatus.PARTIALLY_FILLED
    await desk.until(lambda: order.status is OrderStatus.FILLED)
    assert desk.stream.published_of(ORDERS)[-1].status is OrderStatus.FILLED


async def test_a_followed_order_is_asked_for_now_and_then(desk: Desk) -> None:
    """A login may end, or pushes be lost, without a word."""
    desk.stream.confirm(ORDERS)
    desk.stream.push(ORDERS, report("7"))
    desk.venue.open_now = [report("7")]
    await desk.until_caught_up()
    order = desk.known()
    desk.venue.open_now = []
    desk.venue.found["7"] = report("7", OrderStatus.CANCELLED, time_ns=9)
    desk.venue.asked.clear()
    for _ in range(50):
        await asyncio.sleep(0)
    assert desk.venue.asked == []
    desk.quiet.set()
    await desk.until(lambda: order.status is OrderStatus.CANCELLED)


async def test_an_order_whose_reply_is_lost_is_asked_for(desk: Desk) -> None:
    desk.stream.confirm(ORDERS)
    desk.venue.found["mine"] = VenueUnavailable("busy")
    order = desk.send(OutcomeUnknown("no answer"))
    await desk.until(lambda: order.waiting_for == "the answer to a question")
    desk.venue.found["mine"] = report("7", client_order_id="mine")
    await desk.until(lambda: order.status is OrderStatus.OPEN)
    await desk.until(lambda: order.waiting_for == "a report of the order stream")
    assert order.order_id == "7"
    assert [one.order_id for one in desk.stream.published_of(ORDERS)] == ["7"]


async def test_an_argument_that_makes_no_sense_is_a_config_error_after_all(desk: Desk) -> None:
    with pytest.raises(ConfigError, match="no such size"):
        await desk.account.placed(desk.send(ConfigError("no such size")))


async def test_placing_returns_an_order_that_only_a_fill_told_of(desk: Desk) -> None:
    desk.venue.found["mine"] = VenueUnavailable("busy")
    order = desk.send(OutcomeUnknown("a reply of other types"))
    desk.account.take_fill(msgspec.structs.replace(fill("1", time_ns=0), client_order_id="mine"))
    placed = await desk.account.placed(order)
    assert (placed.order_id, placed.filled_size, placed.size) == ("7", 1, 3)
    assert placed.status is OrderStatus.PARTIALLY_FILLED


async def test_settling_returns_what_is_certain(desk: Desk) -> None:
    order = desk.known()
    desk.venue.found["7"] = report("7", OrderStatus.PARTIALLY_FILLED, filled="1", time_ns=9)
    assert (await desk.account.settle(order)).filled_size == 1


async def test_a_restart_asks_again_what_is_being_asked(desk: Desk) -> None:
    desk.stream.confirm(ORDERS)
    await desk.until(lambda: desk.venue.asked == ["open"])
    desk.account.restart()
    await desk.until_caught_up()
    assert desk.venue.asked == ["open"] * 3


async def test_closing_wakes_who_waits_and_ends_every_task(desk: Desk) -> None:
    desk.venue.open_error = VenueUnavailable("busy")
    desk.venue.found["7"] = VenueUnavailable("busy")
    known, under_way = desk.known(), desk.send()
    desk.stream.confirm(ORDERS)
    waiting = [asyncio.create_task(order.finished()) for order in (known, under_way)]
    await desk.until(lambda: len(desk.venue.asked) > 3)
    await desk.account.close()
    assert (desk.rest.is_closed, desk.stream.is_closed) == (True, True)
    for one in waiting:
        with pytest.raises(OutcomeUnknown, match="client was closed"):
            await one
    with pytest.raises(ConfigError, match="closed"):
        desk.send(client_order_id="next")


@pytest.mark.parametrize("moment", range(25))
async def test_closing_at_any_moment_leaves_nothing_behind(desk: Desk, moment: int) -> None:
    desk.known()
    desk.send(OutcomeUnknown("no answer"))
    desk.stream.fills_watched = (MARKET,)
    desk.stream.confirm(ORDERS)
    desk.stream.push(ORDERS, report("7", filled="1", time_ns=8))
    for _ in range(moment):
        await asyncio.sleep(0)

    def say_last_words() -> None:
        desk.stream.say(LOST)
        desk.stream.push(ORDERS, report("9"))

    desk.stream.on_closing = say_last_words
    await desk.account.close()
    asked = desk.venue.asked.copy()
    await desk.account.close()
    for _ in range(20):
        await asyncio.sleep(0)
    assert desk.venue.asked == asked


async def test_closing_cancels_live_orders_of_ours_within_its_bound(desk: Desk) -> None:
    order = desk.send(report("7", client_order_id="mine"))
    await order
    desk.known("8")
    await desk.account.close(cancel_within_s=0.05)
    assert [one for one in desk.venue.asked if one.startswith("cancel")] == ["cancel 7"]
    [error] = desk.stream.errors
    assert isinstance(error, CancelAllFailed)
    assert list(error.failures) == ["7"]
