"""A batch with a journal: every intent is written before the one request leaves, and margin orders come back, too."""

from __future__ import annotations

from pathlib import Path

import tradewire
from tradewire.errors import NotSent
from tradewire.journal.journal import Journal
from tradewire.model import OrderStatus
from tradewire.venues.coinex.rest.batches import OrderTerms

ITEMS: list[OrderTerms] = [
    {"market": "BTCUSDT", "side": "buy", "size": "0.001", "price": price} for price in ("20000", "20001")
]


async def test_a_batch_is_journalled_before_it_is_sent_and_not_sent_without(tmp_path: Path) -> None:
    path = tmp_path / "bot.journal"
    async with tradewire.Sandbox("coinex", rate=0) as box:
        with Journal(path) as journal:
            async with tradewire.CoinEx.for_sandbox(box, journal=journal) as client:
                placed = await client.place_orders(ITEMS)
                assert [one.status for one in placed if isinstance(one, tradewire.Order)] == [
                    OrderStatus.OPEN
                ] * 2
                assert len(journal.live) == 2
                journal.close()
                refused = await client.place_orders(ITEMS)
                assert [type(one) for one in refused] == [NotSent, NotSent]
                assert len(await client.open_orders()) == 2
        with Journal(path) as journal:
            async with tradewire.CoinEx.for_sandbox(box, journal=journal) as client:
                assert client.reconciliation is not None
                assert [one.now for one in client.reconciliation.orders] == [OrderStatus.OPEN] * 2
                assert client.reconciliation.book == "coinex/spot, coinex/margin"


async def test_an_order_of_the_margin_account_comes_back_as_one(tmp_path: Path) -> None:
    path = tmp_path / "bot.journal"
    async with tradewire.Sandbox("coinex", rate=0) as box:
        with Journal(path) as journal:
            async with tradewire.CoinEx.for_sandbox(box, journal=journal) as client:
                await client.transfer("spot", "margin", "USDT", "100", market="BTCUSDT")
                sent = await client.send_order("BTCUSDT", "buy", "0.001", "20000", account="margin")
        with Journal(path) as journal:
            async with tradewire.CoinEx.for_sandbox(box, journal=journal) as client:
                [live] = client.live_orders
                assert (live.order_id, live.placed.account) == (sent.order_id, tradewire.AccountKind.MARGIN)
                await live.cancel()
