"""What is asked after a loss: everything, each on its own, until it is answered."""

from __future__ import annotations

import asyncio

import pytest

from support.scripted_account import MARKET, ScriptedAccount, fill, report
from tradewire.errors import VenueUnavailable
from tradewire.model import OrderStatus
from tradewire.protocol import events
from tradewire.session.catch_up import CatchUp
from tradewire.session.venue_time import VenueTime

PATIENCE_S = 5


class Rig:
    def __init__(self) -> None:
        self.account = ScriptedAccount()
        self.told: list[events.Event] = []
        self.caught_up = asyncio.Event()
        self.catch_up = CatchUp(
            self.account.tracker,
            self.account.inquiries,
            self.account,
            self.see,
            VenueTime(lambda: 10**18, self.time),
            sleep=self.account.sleep,
        )

    async def time(self) -> None:
        return

    def see(self, event: events.Event) -> None:
        self.told.append(event)
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


async def test_an_order_that_ended_unfilled_during_a_loss_is_told(rig: Rig) -> None:
    rig.account.known()
    rig.account.found["7"] = report("7", OrderStatus.CANCELLED, time_ns=9)
    rig.account.inquiries._sink.answered = lambda order, answer: rig.account.take_order(answer)  # type: ignore[method-assign]
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


async def test_closing_leaves_no_question_behind(rig: Rig) -> None:
    rig.account.open_error = VenueUnavailable("busy")
    rig.catch_up.begin()
    await asyncio.sleep(0)
    await rig.catch_up.close()
    await rig.account.inquiries.close()
    assert [task for task in asyncio.all_tasks() if "tradewire" in task.get_name()] == []
