"""When the venue's "not found" proves something, and that questions never stop and never hold each other up."""

from __future__ import annotations

import asyncio

import pytest

from support.scripted_account import MARKET, ScriptedAccount, fill, report
from tradewire.errors import VenueUnavailable
from tradewire.model import OrderStatus


async def test_the_request_window_is_waited_for_once() -> None:
    account = ScriptedAccount(window_s=6.0)
    order = account.placed()
    began_s = account.now_s
    await account.inquiries.ask(order)
    assert order.status is OrderStatus.NOT_FOUND
    assert 6.0 <= account.now_s - began_s < 6.5
    assert "6 s" in order.reason


async def test_an_accepted_order_that_reads_do_not_show_for_a_second_is_not_called_gone() -> None:
    account = ScriptedAccount(read_lag_s=3.0)
    order = account.known()
    began_s = account.now_s

    def shows_later() -> None:
        if account.now_s - began_s >= 1.0:
            account.found["7"] = report("7", time_ns=6)

    account.on_sleep = shows_later
    await account.inquiries.ask(order)
    assert order.status is OrderStatus.OPEN
    assert account.told == []


async def test_an_accepted_order_that_stays_away_ends_with_a_word_of_its_own_that_gives_way() -> None:
    account = ScriptedAccount(read_lag_s=3.0)
    order = account.known()
    began_s = account.now_s
    await account.inquiries.ask(order)
    assert (order.status, account.told[-1].status) == (OrderStatus.NOT_FOUND, OrderStatus.NOT_FOUND)
    assert 3.0 <= account.now_s - began_s < 4.0
    account.take_order(report("7", OrderStatus.FILLED, filled="3", time_ns=8))
    assert order.status is OrderStatus.FILLED


async def test_a_failing_question_is_no_answer_and_is_asked_again() -> None:
    account = ScriptedAccount()
    order = account.known()
    account.found["7"] = VenueUnavailable("busy")
    tries = 0

    def recover() -> None:
        nonlocal tries
        tries += 1
        if tries == 5:
            account.found["7"] = report("7", OrderStatus.CANCELLED, time_ns=9)

    account.on_sleep = recover
    await account.inquiries.ask(order)
    assert order.status is OrderStatus.CANCELLED
    assert account.failures == ["order 7"] * 5


async def test_one_order_is_asked_about_once_at_a_time() -> None:
    account = ScriptedAccount()
    order = account.known()
    account.found["7"] = report("7", OrderStatus.CANCELLED, time_ns=9)
    assert account.inquiries.ask(order) is account.inquiries.ask(order)
    await account.inquiries.ask(order)
    assert account.asked == ["order 7"]


async def test_fills_are_handed_on_oldest_first_and_in_their_order_within_a_moment() -> None:
    account = ScriptedAccount()
    account.known()
    account.fills_of[MARKET] = [fill("10", time_ns=30), fill("9", time_ns=30), fill("3", time_ns=20)]
    await account.inquiries.fills(MARKET, 0)
    assert account.told_fills == ["3", "9", "10"]


async def test_closing_stops_asking() -> None:
    account = ScriptedAccount()
    order = account.placed()
    account.found["mine"] = VenueUnavailable("busy")
    task = account.inquiries.ask(order)
    await asyncio.sleep(0)
    await account.inquiries.close()
    with pytest.raises(asyncio.CancelledError):
        await task


async def test_an_order_asked_about_as_its_question_ends_is_asked_about_again() -> None:
    account = ScriptedAccount()
    order = account.known()
    account.found["7"] = report("7", time_ns=9)
    first = account.inquiries.ask(order)
    await account.until(first.done)
    again = account.inquiries.ask(order)
    assert again is not first
    await again
    assert account.asked == ["order 7"] * 2
