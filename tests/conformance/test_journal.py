"""What a journal promises, on every venue over real sockets."""

from __future__ import annotations

import asyncio
import logging
from pathlib import Path
from typing import Any

import pytest

import tradewire
from support.desk import Desk
from support.witness import Witness, ready
from tradewire.errors import ConfigError, JournalFailed, NotSent, OutcomeUnknown, RateLimited
from tradewire.interface import VenueClient
from tradewire.journal.journal import Journal, read_journal
from tradewire.model import OrderStatus, sent_order


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "bot.journal"


def a_client(desk: Desk, journal: Journal, **options: Any) -> VenueClient:
    return desk.product.client_class.for_sandbox(desk.box, journal=journal, **options)


async def known(client: VenueClient) -> VenueClient:
    """Return a client that has read what it needs before it trades."""
    if hasattr(client, "account_ready"):
        await client.account_ready()
    return client


async def test_a_restarted_bot_gets_back_what_was_open_and_what_happened_since(
    desk: Desk, path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    with Journal(path) as journal:
        async with a_client(desk, journal) as client:
            assert str(client.reconciliation).endswith("0 open orders are not of this journal")
            await known(client)
            rests = await client.send_order(desk.symbol, "buy", desk.size, desk.low)
            cancelled = await client.send_order(desk.symbol, "buy", desk.size, desk.low)
            taken = await client.send_order(desk.symbol, "buy", desk.size, desk.ask)
            await taken.finished()
    stranger = await desk.other.place_order(desk.symbol, "buy", desk.size, desk.low - desk.market.tick_size)
    await desk.other.cancel_order(desk.symbol, cancelled.order_id)
    with Journal(path) as journal, caplog.at_level(logging.INFO, "tradewire.journal"):
        assert {one.placed.client_order_id for one in journal.live} >= {rests.client_order_id}
        async with a_client(desk, journal) as client:
            found = client.reconciliation
            assert found is not None
            assert str(found) in caplog.text
            now = {one.client_order_id: one.now for one in found.orders}
            assert now[rests.client_order_id] is OrderStatus.OPEN
            assert now[cancelled.client_order_id] in {OrderStatus.CANCELLED, OrderStatus.NOT_FOUND}
            assert found.others_open == 1
            # The stranger's order is known as well, and left alone.
            [live] = [one for one in client.live_orders if one.sent_at_ns]
            assert (live.order_id, live.client_order_id) == (rests.order_id, rests.client_order_id)
            ended = {one.placed.client_order_id: one for one in journal.finished}
            assert sum(fill.size for fill in ended[taken.client_order_id].fills.values()) == desk.size
            await live.cancel()
            assert await live.finished() is live
    left = read_journal(path)
    assert left.live == ()
    assert {one.placed.client_order_id for one in left.finished} == {
        rests.client_order_id,
        cancelled.client_order_id,
        taken.client_order_id,
    }
    assert stranger.order_id not in {one.order_id for one in left.finished}


async def test_an_order_the_bot_never_heard_of_again_is_found_or_proved_absent(
    desk: Desk, path: Path
) -> None:
    with Journal(path) as journal:
        async with a_client(desk, journal) as client:
            await known(client)
            desk.faults.push_latency(600_000)
            desk.faults.no_reply(count=2)
            arrived = client.send_order(desk.symbol, "buy", desk.size, desk.low)
            filled = client.send_order(desk.symbol, "buy", desk.size, desk.ask)
            await asyncio.sleep(0.2)
            await client.close()
            for order in (arrived, filled):
                assert not order.order_id
                with pytest.raises(OutcomeUnknown):
                    await order
    desk.faults.clear()
    with Journal(path) as journal:
        book = journal.book(f"{desk.venue}/{arrived.placed.account}")
        # One that was written and never sent.
        never = sent_order(
            market=desk.symbol, side=tradewire.Side.BUY, size=desk.size * 2, price=desk.low,
            client_order_id="never-sent-1", account=arrived.placed.account,
        )  # fmt: skip
        book.intend(never)
        book.release()
        async with a_client(desk, journal) as client:
            assert client.reconciliation is not None
            assert sum(fill.size for fill in client.reconciliation.fills) == desk.size
            now = {one.client_order_id: one.now for one in client.reconciliation.orders}
            assert now == {
                arrived.client_order_id: OrderStatus.OPEN,
                filled.client_order_id: OrderStatus.FILLED,
                "never-sent-1": OrderStatus.NOT_FOUND,
            }


async def test_what_an_earlier_run_left_is_cancelled_and_nothing_else(desk: Desk, path: Path) -> None:
    with Journal(path) as journal:
        async with a_client(desk, journal) as client:
            await known(client)
            rests = await client.send_order(desk.symbol, "buy", desk.size, desk.low)
            desk.faults.push_latency(600_000)
            desk.faults.no_reply()
            lost = client.send_order(desk.symbol, "buy", desk.size * 2, desk.low)
            await asyncio.sleep(0.2)
            await client.close()
            with pytest.raises(OutcomeUnknown):
                await lost
    desk.faults.clear()
    stranger = await desk.other.place_order(desk.symbol, "buy", desk.size * 3, desk.low)
    desk.faults.busy(count=3)
    with Journal(path) as journal:
        client = a_client(desk, journal)
        found = await client.reconcile(cancel=True)
        assert {one.client_order_id for one in found.orders} == {rests.client_order_id, lost.client_order_id}
        assert all(one.now.is_final for one in found.orders)
        assert [one.order_id for one in await desk.other.open_orders()] == [stranger.order_id]
        assert journal.live == ()
        await client.close()


async def test_without_an_intent_on_disk_no_order_leaves(desk: Desk, path: Path) -> None:
    journal = Journal(path)
    async with a_client(desk, journal) as client:
        await known(client)
        first = await client.send_order(desk.symbol, "buy", desk.size, desk.low)
        journal.close()
        ways: list[dict[str, Any]] = [{}]
        if "ws" in client.capabilities.order_entry:
            ways = [{"order_entry": "rest"}, {"order_entry": "ws"}]
        for way in ways:
            with pytest.raises(NotSent, match="intent cannot be written"):
                await client.send_order(desk.symbol, "buy", desk.size, desk.low, **way)
            with pytest.raises(NotSent, match="intent cannot be written"):
                await client.place_order(desk.symbol, "buy", desk.size, desk.low, **way)
        with pytest.raises(NotSent, match="intent cannot be written"):
            await client.prepare_order(desk.symbol, "buy").send(desk.size, desk.low)
        assert [one.order_id for one in await desk.other.open_orders()] == [first.order_id]


async def test_no_order_is_sent_before_the_journal_is_reconciled(desk: Desk, path: Path) -> None:
    with Journal(path) as journal:
        client = a_client(desk, journal)
        with pytest.raises(ConfigError, match="must be reconciled before an order is sent"):
            client.send_order(desk.symbol, "buy", desk.size, desk.low)
        with pytest.raises(ConfigError, match="serves another client"):
            a_client(desk, journal)
        found = await client.reconcile()
        assert await client.reconcile() is found
        await known(client)
        live = await client.send_order(desk.symbol, "buy", desk.size, desk.low)
        assert live.status is OrderStatus.OPEN
        await client.close()
        # Closed, it gives its part of the journal up.
        await a_client(desk, journal).close()
    with pytest.raises(ConfigError, match="without a journal"):
        await desk.client.reconcile()


async def test_a_client_whose_reconciling_is_given_up_is_closed(desk: Desk, path: Path) -> None:
    with Journal(path) as journal:
        desk.faults.gateway_html(count=10_000)
        client = a_client(desk, journal)
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(0.5), client:
                pass
        desk.faults.clear()
        with pytest.raises(ConfigError, match="closed"):
            client.send_order(desk.symbol, "buy", desk.size, desk.low)


async def test_a_refused_order_and_a_fill_stand_in_the_journal_and_no_secret_does(
    desk: Desk, path: Path
) -> None:
    with Journal(path) as journal:
        async with a_client(desk, journal) as client:
            await known(client)
            witness = Witness(client)
            await ready(client.watch_orders(on_update=lambda _: None))
            taken = await client.send_order(desk.symbol, "buy", desk.size, desk.ask)
            await taken.finished()
            await witness.until(lambda: taken.fills_size == taken.filled_size)
            desk.faults.rate_limited()
            with pytest.raises(RateLimited):
                await client.place_order(desk.symbol, "buy", desk.size, desk.low)
        [filled, refused] = journal.finished
        assert refused.status is OrderStatus.REJECTED
        assert refused.error.startswith("RateLimited: ")
        assert filled.status is OrderStatus.FILLED
        assert set(filled.fills.values()) == set(taken.fills)
    text = await asyncio.to_thread(path.read_text)
    keys = desk.server.keys()
    for name, value in keys.items():
        if name in {"secret", "access_id", "api_key", "key_id"}:
            assert str(value) not in text, name


async def test_what_cannot_be_journalled_later_is_reported_and_the_order_goes_on(
    desk: Desk, path: Path
) -> None:
    errors: list[Exception] = []
    journal = Journal(path)
    async with a_client(desk, journal, on_error=errors.append) as client:
        await known(client)
        live = await client.send_order(desk.symbol, "buy", desk.size, desk.low)
        journal.close()
        await live.cancel()
        await live.finished()
        assert any(isinstance(error, JournalFailed) for error in errors)
