"""A restarted client of Exchange, whose executions name no request: whose they are follows from all that is known."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

import tradewire
from support.witness import PATIENCE_S
from tradewire.errors import OutcomeUnknown
from tradewire.journal.journal import Journal
from tradewire.model import OrderStatus

MARKET = "ABC-USD"


async def test_a_trade_with_ourselves_the_bot_never_heard_of_is_told_from_a_strangers_after_a_restart(
    tmp_path: Path,
) -> None:
    path = tmp_path / "bot.journal"
    async with tradewire.Sandbox("exchange", rate=0) as box:
        with Journal(path) as journal:
            async with tradewire.Exchange.for_sandbox(box, journal=journal) as client:
                await client.account_ready()
                [(ask, _)] = (await client.book(MARKET)).asks[:1]
                rests = await client.send_order(MARKET, "sell", 5, ask - 1)
                box.exchange.faults.push_latency(600_000)
                box.exchange.faults.no_reply()
                venue = box.exchange
                taker = client.send_order(MARKET, "buy", 5, ask - 1)
                async with asyncio.timeout(PATIENCE_S):
                    while not venue.ledger_of(venue.api_key)["fills"]:  # noqa: ASYNC110 - the venue tells nobody
                        await asyncio.sleep(0.01)
                await client.close()
                with pytest.raises(OutcomeUnknown):
                    await taker
        box.exchange.faults.clear()
        with Journal(path) as journal:
            async with tradewire.Exchange.for_sandbox(box, journal=journal) as client:
                assert client.reconciliation is not None
                now = {one.client_order_id: one.now for one in client.reconciliation.orders}
                assert now == {
                    rests.client_order_id: OrderStatus.FILLED,
                    taker.client_order_id: OrderStatus.FILLED,
                }
                assert sum(fill.size for fill in client.reconciliation.fills) == 10
