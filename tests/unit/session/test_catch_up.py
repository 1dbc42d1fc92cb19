"""From when on is asked, and that no loss is left out, however losses, answers and failures interleave."""

from __future__ import annotations

import asyncio

import pytest

from tradewire.errors import VenueUnavailable
from tradewire.session import reconcile
from tradewire.session.catch_up import MARGIN_NS, CatchUp

START_NS = 1_000 * MARGIN_NS


class Desk:
    """Questions that are answered when the test says so, by a clock in its hand."""

    def __init__(self) -> None:
        self.now_ns = START_NS
        self.asked: list[int] = []
        self.errors: list[Exception] = []
        self.failing = 0
        self.gate = asyncio.Event()
        self.gate.set()
        self.catch_up = CatchUp(self.ask, self.errors.append, lambda: self.now_ns)

    async def ask(self, since_ns: int) -> None:
        self.asked.append(since_ns + MARGIN_NS - START_NS)
        await self.gate.wait()
        if self.failing:
            self.failing -= 1
            raise VenueUnavailable("busy")

    def at(self, ns: int) -> None:
        self.now_ns = START_NS + ns


async def settle() -> None:
    for _ in range(5):
        await asyncio.sleep(0)


@pytest.fixture(autouse=True)
def no_waiting(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reconcile, "RETRY_S", 0.0)


async def test_asked_is_from_the_loss_on_not_from_the_return() -> None:
    desk = Desk()
    desk.at(10)
    desk.catch_up.lost()
    desk.at(20)
    desk.catch_up.lost()
    desk.at(30)
    desk.catch_up.resume()
    await settle()
    assert desk.asked == [10]
    desk.at(40)
    desk.catch_up.lost()
    desk.catch_up.resume()
    await settle()
    assert desk.asked == [10, 40]


async def test_failed_questions_are_asked_again_from_the_same_time() -> None:
    desk = Desk()
    desk.failing = 2
    desk.at(10)
    desk.catch_up.lost()
    desk.catch_up.resume()
    await settle()
    assert desk.asked == [10, 10, 10]
    assert len(desk.errors) == 2


async def test_loss_while_asking_is_asked_for_after_the_answer_from_its_own_time() -> None:
    desk = Desk()
    desk.gate.clear()
    desk.at(10)
    desk.catch_up.lost()
    desk.catch_up.resume()
    await settle()
    desk.at(20)
    desk.catch_up.lost()
    desk.gate.set()
    await settle()
    desk.at(10**15)
    desk.catch_up.resume()
    await settle()
    assert desk.asked == [10, 20]


async def test_return_while_asking_begins_anew_from_the_first_loss() -> None:
    desk = Desk()
    desk.gate.clear()
    desk.at(10)
    desk.catch_up.lost()
    desk.catch_up.resume()
    await settle()
    desk.at(20)
    desk.catch_up.lost()
    desk.catch_up.resume()
    await settle()
    desk.gate.set()
    await settle()
    assert desk.asked == [10, 10]


async def test_what_is_missed_while_asking_is_asked_for_once_more() -> None:
    desk = Desk()
    desk.gate.clear()
    for ns in (10, 20, 30, 40):
        desk.at(ns)
        desk.catch_up.missed()
        await settle()
    desk.gate.set()
    await settle()
    assert desk.asked == [10, 20]


async def test_without_a_noted_loss_asked_is_from_now_on() -> None:
    desk = Desk()
    desk.at(70)
    desk.catch_up.resume()
    await settle()
    assert desk.asked == [70]


async def test_closing_stops_asking() -> None:
    desk = Desk()
    await desk.catch_up.close()
    desk.gate.clear()
    desk.catch_up.resume()
    await settle()
    desk.catch_up.missed()
    await desk.catch_up.close()
    desk.gate.set()
    await settle()
    assert len(desk.asked) == 1
    await desk.catch_up.close()
