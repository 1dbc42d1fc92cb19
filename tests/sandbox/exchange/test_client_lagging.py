"""Settlements, resets and fills whose message was skipped or cannot be read are found out about all the same."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from decimal import Decimal

import aiohttp
import pytest

from support.exchange_trader import ABC, ledger_of, open_trader
from support.late_frames import hear_through
from support.plain_exchange import PlainRest
from support.witness import PATIENCE_S, Witness
from tradewire import ExchangeOptions
from tradewire.model import Fill
from tradewire.protocol import events
from tradewire.sandbox import Sandbox
from tradewire.signing import Token
from tradewire.venues.exchange.admin import ExchangeAdmin
from tradewire.venues.exchange.client import Exchange
from tradewire.venues.exchange.hosts import local

QUEUE = 4


@pytest.fixture
async def narrow_box() -> AsyncIterator[Sandbox]:
    """An Exchange that lets only a few messages wait for a client."""
    options = ExchangeOptions(fresh=True, ws_broadcast_buffer=QUEUE)
    async with Sandbox(["exchange"], exchange=options) as box:
        yield box


@pytest.fixture
async def long(narrow_box: Sandbox) -> AsyncIterator[Exchange]:
    """A client that is 3 long at 100 and follows its account."""
    venue = narrow_box.exchange
    async with aiohttp.ClientSession() as session:
        await PlainRest(venue.rest_url, session).market(ABC)
    environment = local(venue.rest_url, venue.ws_url)
    async with (
        ExchangeAdmin(Token(venue.admin_token), environment=environment) as admin,
        await open_trader(narrow_box, admin, "desk-7") as trader,
        await open_trader(narrow_box, admin, "desk-8") as rival,
    ):
        await trader.account_ready()
        await rival.place_order(ABC, "sell", 3, 100)
        await trader.place_order(ABC, "buy", 3, 100, order_entry="ws")
        yield trader


@pytest.mark.parametrize("event", ["settlement", "reset"])
async def test_what_was_announced_among_skipped_system_messages_reaches_the_position(
    long: Exchange, narrow_box: Sandbox, event: str
) -> None:
    witness = Witness(long)
    positions = long.watch_positions(on_update=witness.poke)
    await positions.ready()
    await witness.until(lambda: long.position(ABC).size == 3)
    venue = narrow_box.exchange
    if event == "settlement":
        venue.operating.settle(ABC, 110, None)
    else:
        venue.operating.reset()
    for number in range(QUEUE):
        venue.operating.send(level="info", body=f"more than the queue holds: {number}")
    venue.core.events.publish()
    await witness.until_told(events.Gap)
    [gap] = [seen for seen in witness.seen if isinstance(seen, events.Gap)]
    assert gap.topic == "resync_required system"
    async with asyncio.timeout(PATIENCE_S):
        await long.account_ready()
    told = ledger_of(narrow_box)["positions"]
    gain = 30 if event == "settlement" else 0
    assert [(row["net_quantity"], row["realized_pnl"]) for row in told] == ([(0, gain)] if gain else [])
    position = long.position(ABC)
    assert (position.size, position.realized_pnl) == (Decimal(0), Decimal(gain))


@pytest.mark.parametrize("cut", [1, 100])
async def test_a_fill_that_cannot_be_read_reaches_the_position(
    trader: Exchange, rival: Exchange, monkeypatch: pytest.MonkeyPatch, cut: int
) -> None:
    hear_through(monkeypatch, lambda _, data: data[:-cut] if b'"type":"fill"' in data else data)
    await trader.account_ready()
    witness = Witness(trader)
    fills: list[Fill] = []
    await trader.watch_fills(on_update=witness.into(fills)).ready()
    await trader.place_order(ABC, "sell", 5, 100)
    await rival.place_order(ABC, "buy", 3, 100)
    await witness.until_told(events.Unreadable)
    async with asyncio.timeout(PATIENCE_S):
        await trader.account_ready()
    assert trader.position(ABC).size == -3
    await witness.until(lambda: [fill.size for fill in fills] == [3])


async def test_a_settlement_whose_message_cannot_be_read_reaches_the_position(
    trader: Exchange, rival: Exchange, admin: ExchangeAdmin, monkeypatch: pytest.MonkeyPatch
) -> None:
    hear_through(monkeypatch, lambda _, data: data.replace(b'"info"', b'"loud"'))
    await trader.account_ready()
    witness = Witness(trader)
    await rival.place_order(ABC, "buy", 3, 100)
    await trader.place_order(ABC, "sell", 3, 100, order_entry="ws")
    await admin.settle_market(ABC, 90)
    await witness.until_told(events.Unrecognised)
    async with asyncio.timeout(PATIENCE_S):
        await trader.account_ready()
    position = trader.position(ABC)
    assert (position.size, position.realized_pnl) == (0, 30)
