"""Fills of orders that have traded more than their known fills say."""

from __future__ import annotations

import asyncio

from support.scripted_account import MARKET, ScriptedAccount, fill, report
from tradewire.errors import VenueUnavailable
from tradewire.model import OrderStatus
from tradewire.session.missing_fills import CLOCK_STEP_NS, PATIENCE_ANSWERS, MissingFills


def missing_of(account: ScriptedAccount, *, grace_s: float = 0.0) -> MissingFills:
    return MissingFills(
        account.inquiries, account.errors.append, by_market=True, grace_s=grace_s, sleep=account.sleep
    )


async def until_nothing_is_asked() -> None:
    """Wait for every other task to end."""
    while others := asyncio.all_tasks() - {asyncio.current_task()}:
        await asyncio.wait(others)


async def test_they_are_asked_for_until_they_add_up() -> None:
    account = ScriptedAccount()
    order = account.known()
    account.take_order(report("7", OrderStatus.FILLED, filled="3", time_ns=9))
    account.fills_of[MARKET] = [fill("1")]

    def rest_comes() -> None:
        if len(account.asked) == 2:
            account.fills_of[MARKET] = [fill("1"), fill("2"), fill("3")]

    account.on_sleep = rest_comes
    missing = missing_of(account)
    missing.look_at(order)
    await until_nothing_is_asked()
    assert (order.fills_size, account.told_fills) == (3, ["1", "2", "3"])
    assert account.errors == []


async def test_patience_counts_answers_and_not_failures() -> None:
    account = ScriptedAccount()
    order = account.known()
    account.take_order(report("7", filled="1", time_ns=9))
    account.fills_of[MARKET] = VenueUnavailable("busy")

    def recover() -> None:
        if len(account.failures) == 3 * PATIENCE_ANSWERS:
            account.fills_of[MARKET] = [fill("1")]

    account.on_sleep = recover
    missing = missing_of(account)
    missing.look_at(order)
    await until_nothing_is_asked()
    assert account.told_fills == ["1"]
    assert account.errors == []


async def test_fills_that_never_add_up_end_with_an_error_that_says_so() -> None:
    account = ScriptedAccount()
    order = account.known()
    account.take_order(report("7", filled="2", time_ns=9))
    account.fills_of[MARKET] = [fill("1")]
    missing = missing_of(account)
    missing.look_at(order)
    await until_nothing_is_asked()
    [error] = account.errors
    assert "traded 2" in str(error)
    assert "add up to 1" in str(error)


async def test_a_push_within_the_grace_costs_no_question() -> None:
    account = ScriptedAccount()
    order = account.known()
    account.take_order(report("7", filled="1", time_ns=9))
    account.on_sleep = lambda: account.take_fill(fill("1"))
    missing = missing_of(account, grace_s=1.0)
    missing.look_at(order)
    await until_nothing_is_asked()
    assert account.asked == []


async def test_a_shortfall_noticed_as_the_question_ends_is_asked_for() -> None:
    account = ScriptedAccount()
    order = account.known()
    account.take_order(report("7", filled="1", time_ns=9))
    account.fills_of[MARKET] = [fill("1")]
    missing = missing_of(account)
    missing.look_at(order)
    [task] = asyncio.all_tasks() - {asyncio.current_task()}
    await account.until(task.done)
    account.take_order(report("7", filled="2", time_ns=10))
    account.fills_of[MARKET] = [fill("1"), fill("2")]
    missing.look_at(order)
    await until_nothing_is_asked()
    assert account.told_fills == ["1", "2"]


async def test_fills_stamped_before_their_order_are_found_when_the_venues_clock_was_set_back() -> None:
    account = ScriptedAccount()
    order = account.known()
    account.take_order(report("7", OrderStatus.FILLED, filled="3", time_ns=CLOCK_STEP_NS))
    account.fills_of[MARKET] = []
    stamped_ns = CLOCK_STEP_NS - 60_000_000_000

    def rest_shows_what_is_not_older_than_asked_for() -> None:
        if account.since_ns and account.since_ns[-1] <= stamped_ns:
            account.fills_of[MARKET] = [fill(name, time_ns=stamped_ns) for name in "123"]

    account.on_sleep = rest_shows_what_is_not_older_than_asked_for
    missing_of(account).look_at(order)
    await until_nothing_is_asked()
    assert (order.fills_size, account.errors) == (3, [])
