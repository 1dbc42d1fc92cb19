"""What is asked after a loss: everything, each on its own, until it is answered."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

import pytest

from support.scripted_account import MARKET, SECOND, ScriptedAccount, fill, report
from support.witness import PATIENCE_S
from tradewire.errors import VenueUnavailable
from tradewire.model import Fill, Order, OrderStatus
from tradewire.protocol import events
from tradewire.session.catch_up import CatchUp
from tradewire.session.venue_time import VenueTime


class Rig:
    def __init__(self) -> None:
        self.account = ScriptedAccount()
        self.told: list[events.Event] = []
        self.caught_up = asyncio.Event()
        self.on_event: Callable[[events.Event], None] = lambda _: None
        self.estimate_ns = self.venue_ns = 10**18
        self.time_fails: list[Exception] = []
        self.time = VenueTime(lambda: self.estimate_ns, self.ask_time)
        self.catch_up = CatchUp(
            self.account.tracker,
            self.account.inquiries,
            self.account,
            self.see,
            self.time,
            sleep=self.account.sleep,
        )

    async def ask_time(self) -> None:
        if self.time_fails:
            raise self.time_fails.pop()
        self.estimate_ns = self.venue_ns

    def see(self, event: events.Event) -> None:
        self.told.append(event)
        self.on_event(event)
        if isinstance(event, events.CaughtUp):
            self.caught_up.set()

    async def until_caught_up(self) -> None:
        async with asyncio.timeout(PATIENCE_S):
            await self.caught_up.wait()
        self.caught_up.clear()


@pytest.fixture
def rig() -> Rig:
    return Rig()


async def test_everything_is_asked_twice_because_reads_lag(rig: Rig) -> None:
    rig.account.known()
    rig.account.open_now = [report()]
    rig.catch_up.begin()
    await rig.until_caught_up()
    assert sorted(rig.account.asked) == [f"fills {MARKET}"] * 2 + ["open"] * 2
    assert [type(event) for event in rig.told] == [events.CatchUpStarted, events.CaughtUp]
    assert not rig.catch_up.is_behind
    await rig.catch_up.close()


async def test_one_order_whose_question_always_fails_holds_up_no_other(rig: Rig) -> None:
    failing, other = rig.account.known("7"), rig.account.known("8")
    rig.account.found["7"] = VenueUnavailable("busy")
    rig.account.found["8"] = report("8", OrderStatus.FILLED, filled="3", time_ns=9)
    rig.account.fills_of[MARKET] = [fill("1", order_id="8", size="3")]
    rig.catch_up.begin()
    await rig.account.until(lambda: len(rig.account.failures) >= 5)
    assert (other.status, rig.account.told_fills) == (OrderStatus.FILLED, ["1"])
    assert not rig.caught_up.is_set()
    rig.account.found["7"] = report("7", OrderStatus.CANCELLED, time_ns=9)
    await rig.until_caught_up()
    assert failing.status is OrderStatus.CANCELLED
    await rig.catch_up.close()


async def test_a_market_whose_fills_cannot_be_asked_for_holds_up_no_other(rig: Rig) -> None:
    rig.account.known("7")
    rig.account.known("8", market="ETHUSDT")
    rig.account.open_now = [report("7"), report("8", market="ETHUSDT")]
    rig.account.fills_of = {
        MARKET: VenueUnavailable("busy"),
        "ETHUSDT": [fill("5", order_id="8", market="ETHUSDT")],
    }
    rig.catch_up.begin()
    await rig.account.until(lambda: len(rig.account.failures) >= 3)
    assert rig.account.told_fills == ["5"]
    rig.account.fills_of[MARKET] = [fill("4")]
    await rig.until_caught_up()
    assert rig.account.told_fills == ["5", "4"]
    await rig.catch_up.close()


async def test_an_order_that_ended_unfilled_during_a_loss_is_told(
    rig: Rig, monkeypatch: pytest.MonkeyPatch
) -> None:
    rig.account.known()
    rig.account.found["7"] = report("7", OrderStatus.CANCELLED, time_ns=9)
    monkeypatch.setattr(rig.account, "answered", lambda order, answer: rig.account.take_order(answer))
    rig.catch_up.begin()
    await rig.until_caught_up()
    assert [told.status for told in rig.account.told] == [OrderStatus.CANCELLED]
    await rig.catch_up.close()


async def test_fills_in_a_market_that_only_the_open_list_names_are_asked_for(rig: Rig) -> None:
    rig.account.open_now = [report("9", market="ETHUSDT")]
    rig.account.fills_of["ETHUSDT"] = [fill("6", order_id="9", market="ETHUSDT")]
    rig.catch_up.begin()
    await rig.until_caught_up()
    assert rig.account.told_fills == ["6"]
    await rig.catch_up.close()


async def test_what_is_missed_while_asking_is_asked_for_afterwards(rig: Rig) -> None:
    rig.account.known()
    rig.account.open_now = [report()]
    rig.catch_up.begin()
    await asyncio.sleep(0)
    rig.catch_up.missed()
    await rig.until_caught_up()
    assert rig.account.asked.count("open") == 4
    await rig.catch_up.close()


@pytest.mark.parametrize("step_s", [-180, 180])
@pytest.mark.parametrize("failures", [1, 50])
async def test_a_clock_step_while_the_time_question_fails_loses_no_fill(
    rig: Rig, step_s: int, failures: int
) -> None:
    rig.account.known()
    rig.account.open_now = [report()]
    rig.time.caught_up()
    rig.time.reported(rig.venue_ns)
    rig.catch_up.lost()
    rig.venue_ns += step_s * SECOND
    rig.time_fails = [VenueUnavailable("busy")] * failures
    missed = fill("1", time_ns=rig.venue_ns + SECOND)

    async def fills_since(market: str, since_ns: int) -> list[Fill]:
        rig.account.since_ns.append(since_ns)
        return [missed] if since_ns <= missed.time_ns else []

    rig.account.fills_since = fills_since  # type: ignore[method-assign]
    rig.catch_up.begin()
    await rig.until_caught_up()
    assert (rig.account.told_fills, rig.account.failures) == (["1"], ["the venue's time"] * failures)
    # Far back while the venue's clock was in doubt, and close to the loss when it was not.
    first_ns, second_ns = rig.account.since_ns
    assert first_ns < 10**18 - 3600 * SECOND < second_ns
    await rig.catch_up.close()


async def test_it_is_not_caught_up_before_the_venue_has_told_its_time(rig: Rig) -> None:
    rig.time_fails = [VenueUnavailable("busy")] * 1000
    rig.catch_up.begin()
    await rig.account.until(lambda: len(rig.account.failures) > 100)
    assert (rig.account.asked.count("open"), rig.catch_up.is_behind) == (1, True)
    assert not any(isinstance(event, events.CaughtUp) for event in rig.told)
    rig.time_fails.clear()
    await rig.until_caught_up()
    await rig.catch_up.close()


async def test_a_bug_in_the_time_question_does_not_end_the_catch_up_in_silence(rig: Rig) -> None:
    rig.time_fails = [ValueError("time is null")] * 1000
    rig.catch_up.begin()
    await rig.until_caught_up()
    assert rig.account.failures == ["catch-up"]
    await rig.catch_up.close()


@pytest.mark.parametrize("odd", ["order", "fill"])
async def test_an_answer_that_cannot_be_taken_is_reported_and_keeps_nothing_else_back(
    rig: Rig, odd: str
) -> None:
    rig.account.known("7")
    rig.account.known("8")
    rig.account.open_now = [report("7", filled="1", time_ns=9), report("8", filled="2", time_ns=9)]
    rig.account.fills_of[MARKET] = [fill("1"), fill("2", order_id="8", size="2")]
    take_order, take_fill = rig.account.take_order, rig.account.take_fill

    def odd_order(one: Order) -> None:
        if odd == "order" and one.order_id == "7":
            raise ValueError("odd row")
        take_order(one)

    def odd_fill(one: Fill) -> None:
        if odd == "fill" and one.trade_id == "1":
            raise ValueError("odd row")
        take_fill(one)

    rig.account.take_order, rig.account.take_fill = odd_order, odd_fill  # type: ignore[method-assign]
    rig.catch_up.begin()
    await rig.until_caught_up()
    assert rig.account.failures == ["open orders" if odd == "order" else f"fills of {MARKET}"] * 2
    assert "2" in rig.account.told_fills
    assert rig.account.told[-1].order_id == "8"
    await rig.catch_up.close()


async def test_a_failing_list_of_open_orders_has_every_order_asked_about(rig: Rig) -> None:
    order = rig.account.known()
    rig.account.open_error = VenueUnavailable("busy")
    rig.account.found["7"] = report("7", OrderStatus.FILLED, filled="3", time_ns=9)
    rig.catch_up.begin()
    await rig.account.until(lambda: order.status is OrderStatus.FILLED)
    assert not rig.caught_up.is_set()
    rig.account.open_error = None
    await rig.until_caught_up()
    await rig.catch_up.close()


async def test_what_is_missed_as_caught_up_is_told_is_asked_for(rig: Rig) -> None:
    def miss_once(event: events.Event) -> None:
        if isinstance(event, events.CaughtUp) and len(rig.account.asked) == 2:
            rig.catch_up.missed()

    rig.on_event = miss_once
    rig.catch_up.begin()
    await rig.until_caught_up()
    assert rig.catch_up.is_behind
    await rig.until_caught_up()
    assert (rig.account.asked, rig.catch_up.is_behind) == (["open"] * 4, False)
    await rig.catch_up.close()


async def test_closing_leaves_no_question_behind(rig: Rig) -> None:
    rig.account.open_error = VenueUnavailable("busy")
    rig.catch_up.begin()
    await asyncio.sleep(0)
    await rig.catch_up.close()
    await rig.account.inquiries.close()
    assert [task for task in asyncio.all_tasks() if "tradewire" in task.get_name()] == []
