"""Each invariant that users are given, broken by a bot on purpose and kept by one that is right."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from decimal import Decimal
from typing import Any

import pytest

from tradewire.errors import OutcomeUnknown
from tradewire.interface import VenueClient
from tradewire.testing import (
    STANDARD,
    BotResult,
    BotRun,
    books_equal_venue,
    fills_equal_venue,
    no_double_send,
    no_open_orders,
    orders_settled,
    strike,
)
from tradewire.testing.bot_result import Plan
from tradewire.testing.bot_run import run_bot
from tradewire.testing.venue_setup import Ledger
from tradewire.testing.venues import SETUPS


async def ready(run: BotRun, client: VenueClient | None = None) -> Decimal:
    """Wait until the account is followed and return a price at which nothing trades."""
    await (client or run.client).watch_orders(run.market).ready()
    await asyncio.sleep(0.1)
    return run.best_prices()[0] - 40 * run.tick


def ran(venue: str, function: Any, invariant: Any, *faults: Any) -> BotResult:
    return run_bot(
        function, venue, 1, Plan(faults=list(faults), invariants=[invariant], seconds=2.0, rate=6.0)
    )


async def send_once_more(run: BotRun) -> None:
    """Do what ``no_double_send`` is there to find."""
    price = await ready(run)
    for _ in range(2):
        try:
            await run.client.send_order(run.market, "buy", run.size, price)
        except OutcomeUnknown:
            continue
        return


async def wait_for_the_first(run: BotRun) -> None:
    price = await ready(run)
    for _ in range(2):
        order = run.client.send_order(run.market, "buy", run.size, price)
        with suppress(OutcomeUnknown):
            await order
        while order.status == "unknown":  # noqa: ASYNC110 - the simplest bot
            await asyncio.sleep(0.1)


@pytest.mark.parametrize("venue", SETUPS)
def test_an_order_sent_again_while_its_fate_is_unknown_is_found(venue: str) -> None:
    lost = strike(0.05, "lost_reply", requests="place"), strike(0.05, "ws.says_nothing", seconds=1.5)
    result = ran(venue, send_once_more, no_double_send, *lost)
    [broken] = result.broken
    assert "was sent again: an equal one, sent at " in broken.detail
    assert ran(venue, wait_for_the_first, no_double_send, *lost).is_good


def test_an_order_that_a_client_sends_twice_is_found() -> None:
    async def bot(run: BotRun) -> None:
        price = await ready(run)
        await run.client.place_order(run.market, "buy", run.size, price)
        await run.client.request(
            "POST",
            "/v2/spot/order",
            {
                "market": run.market, "market_type": "SPOT", "side": "buy", "type": "limit",
                "amount": str(run.size), "price": str(price),
            },
        )  # fmt: skip

    [broken] = ran("coinex", bot, no_double_send).broken
    assert broken.detail == "buy 0.00100 BTCUSDT was sent 1 times, and the venue took 2"


@pytest.mark.parametrize("venue", SETUPS)
def test_an_order_left_behind_by_a_client_that_was_closed_is_found(venue: str) -> None:
    async def bot(run: BotRun) -> None:
        async with run.new_client() as first:
            await first.place_order(run.market, "buy", run.size, await ready(run, first))

    result = ran(venue, bot, orders_settled)
    assert "rests at the venue, and no client follows it" in result.broken[0].detail
    assert ran(venue, bot, no_open_orders).kinds == {"no_open_orders"}


def test_a_state_that_is_not_the_venues_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    async def bot(run: BotRun) -> None:
        await ready(run)
        order = run.client.send_order(run.market, "buy", run.size, "70000")
        await order
        await asyncio.sleep(2)

    assert ran("coinex", bot, orders_settled).is_good
    assert ran("coinex", bot, fills_equal_venue).is_good
    whole = Ledger.add_fill

    def twice(ledger: Ledger, order_id: str, trade_id: str, price: Decimal, size: Decimal) -> None:
        whole(ledger, order_id, trade_id, price, 2 * size)

    monkeypatch.setattr(Ledger, "add_fill", twice)
    assert ran("coinex", bot, fills_equal_venue).kinds == {"fills_equal_venue"}
    assert ran("coinex", bot, orders_settled).kinds == {"orders_settled"}


def test_a_book_that_does_not_come_back_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    from tradewire.testing.venues.coinex import Setup

    async def bot(run: BotRun) -> None:
        await run.client.watch_book(run.market).ready()

    assert ran("coinex", bot, books_equal_venue).is_good
    monkeypatch.setattr(Setup, "is_so", lambda self, book: False)
    [broken] = ran("coinex", bot, books_equal_venue).broken
    assert broken.detail.endswith("is not the venue's present one")


def test_every_invariant_says_what_it_means() -> None:
    assert all(one.__doc__ for one in STANDARD)
