"""What a loss, a lagging read or a refused key must not do to Exchange's account, each test named after its fault."""

from __future__ import annotations

import asyncio

import pytest

from support.exchange_script import KEY, A, Conversation
from support.exchange_trader import ABC, BRISK, client_of, key_of, ledger_of
from support.witness import PATIENCE_S, Witness
from tradewire.errors import (
    AuthRejected,
    ConfigError,
    NotSent,
    OrderNotFound,
    OutcomeUnknown,
    RequestError,
    StreamStopped,
    VenueUnavailable,
)
from tradewire.model import Fill, OrderStatus, Position, Rows
from tradewire.protocol import events
from tradewire.protocol.channels import Channel
from tradewire.sandbox import Sandbox
from tradewire.signing import Token
from tradewire.venues.exchange.client import Exchange
from tradewire.venues.exchange.dialect import UserDialect
from tradewire.venues.exchange.hosts import local

WAYS = ["rest", "ws"]


@pytest.mark.parametrize("order_entry", WAYS)
@pytest.mark.parametrize("is_streaming", [True, False])
async def test_send_order_with_a_refused_key_raises(
    fresh_box: Sandbox, order_entry: str, *, is_streaming: bool
) -> None:
    async with client_of(fresh_box, Token("exch_" + "0" * 32), on_error=lambda _: None) as client:
        if is_streaming:
            with pytest.raises(AuthRejected):
                async with asyncio.timeout(PATIENCE_S):
                    await client.account_ready()
        live = client.send_order(ABC, "buy", 1, 1, order_entry=order_entry)
        async with asyncio.timeout(PATIENCE_S):
            with pytest.raises((AuthRejected, NotSent)):
                await live
        assert live.status is OrderStatus.REJECTED


async def test_send_order_without_a_key_is_refused(fresh_box: Sandbox) -> None:
    async with client_of(fresh_box, None) as client:
        for order_entry in WAYS:
            with pytest.raises(ConfigError, match="needs a trader"):
                client.send_order(ABC, "buy", 1, 1, order_entry=order_entry)


async def test_asking_for_an_order_that_reads_do_not_show_yet_does_not_call_it_gone(
    trader: Exchange, fresh_box: Sandbox
) -> None:
    fresh_box.exchange.faults.read_lag(1000)
    placed = await trader.place_order(ABC, "buy", 5, 100)
    async with asyncio.timeout(PATIENCE_S):
        assert (await trader.order(ABC, placed.order_id)).status is OrderStatus.OPEN


async def test_asking_for_an_order_that_has_gone_says_so_once_that_is_certain(
    trader: Exchange, fresh_box: Sandbox
) -> None:
    placed = await trader.place_order(ABC, "buy", 5, 100)
    async with client_of(fresh_box, Token(key_of(fresh_box, "desk-7"))) as other:
        await other.cancel_order(ABC, placed.order_id)
    async with asyncio.timeout(PATIENCE_S):
        gone = await trader.order(ABC, placed.order_id)
    assert (gone.status, "has not known it for 3 s" in gone.reason) == (OrderStatus.NOT_FOUND, True)
    with pytest.raises(OrderNotFound):
        await trader.order(ABC, "00000000-0000-4000-8000-000000000000")


async def test_a_live_order_is_changed_over_the_socket_while_it_is_there_and_else_over_rest(
    trader: Exchange, fresh_box: Sandbox
) -> None:
    faults = fresh_box.exchange.faults
    await trader.account_ready()
    first, second = trader.send_order(ABC, "buy", 5, 100), trader.send_order(ABC, "buy", 6, 99)
    await first
    await second
    faults.lost_request(count=100, requests="any")
    async with asyncio.timeout(PATIENCE_S):
        await first.amend(size=4)
        await first.cancel()
        await first.finished()
    assert (first.status, first.size) == (OrderStatus.CANCELLED, 4)
    faults.clear()
    faults.upgrade_refused(count=100)
    faults.drop_socket()
    async with asyncio.timeout(PATIENCE_S):
        await second.cancel()
    assert second.status is OrderStatus.CANCELLED


async def test_second_reply_to_a_placing_does_not_cancel(trader: Exchange, fresh_box: Sandbox) -> None:
    faults = fresh_box.exchange.faults
    faults.second_reply(50, requests="place")
    live = await trader.send_order(ABC, "buy", 5, 100, order_entry="rest")
    # It comes on the connection that waits for the answer to the cancel.
    faults.late_reply(500, requests="cancel")
    with pytest.raises(OutcomeUnknown, match="that to the placing"):
        await trader.cancel_order(ABC, live.order_id)
    assert live.status is OrderStatus.OPEN
    async with asyncio.timeout(PATIENCE_S):
        await live.cancel()
        await live.finished()


async def test_fills_missed_during_a_loss_are_published_oldest_first(
    trader: Exchange, rival: Exchange, fresh_box: Sandbox
) -> None:
    witness = Witness(trader)
    fills: list[Fill] = []
    trader.watch_fills(on_update=witness.into(fills))
    await trader.account_ready()
    async with asyncio.timeout(PATIENCE_S):
        await trader.send_order(ABC, "sell", 9, 100)
    fresh_box.exchange.faults.drop_socket()
    core, trading = fresh_box.exchange.core, fresh_box.exchange.trading
    for size in (1, 2, 3):
        trading.submit(core.by_name["desk-8"], ABC, "BUY", 100, size)
    core.events.publish()
    await witness.until(lambda: len(fills) == 3)
    assert [fill.size for fill in fills] == [1, 2, 3]


class NoPositions(Exchange):
    """A client whose question for positions fails while ``is_broken``."""

    is_broken = False

    async def positions(self) -> Rows[Position]:  # type: ignore[override]  # what async def makes is both kinds
        """Return our positions, or fail."""
        if self.is_broken:
            raise VenueUnavailable("no positions today", venue="exchange")
        return await super().positions()


async def test_positions_that_cannot_be_read_do_not_stop_orders_and_fills(
    rival: Exchange, trader: Exchange, fresh_box: Sandbox
) -> None:
    venue = fresh_box.exchange
    environment = local(venue.rest_url, venue.ws_url)
    key = Token(key_of(fresh_box, "desk-7"))
    async with NoPositions(key, environment=environment, timing=BRISK, on_error=lambda _: None) as client:
        witness = Witness(client)
        fills: list[Fill] = []
        client.watch_fills(on_update=witness.into(fills))
        await client.account_ready()
        live = client.send_order(ABC, "sell", 5, 100)
        async with asyncio.timeout(PATIENCE_S):
            await live
        client.is_broken = True
        fresh_box.exchange.faults.drop_socket()
        core = fresh_box.exchange.core
        fresh_box.exchange.trading.submit(core.by_name["desk-8"], ABC, "BUY", 100, 5)
        core.events.publish()
        async with asyncio.timeout(PATIENCE_S):
            await live.finished()
        assert (live.status, live.filled_size) == (OrderStatus.FILLED, 5)
        await witness.until(lambda: [fill.size for fill in fills] == [5])
        await witness.until_told(events.CatchUpFailing)
        client.is_broken = False
        async with asyncio.timeout(PATIENCE_S):
            await client.account_ready()
        assert client.position(ABC).size == -5


async def test_closing_wakes_whoever_waits_for_the_account(fresh_box: Sandbox, trader: Exchange) -> None:
    venue = fresh_box.exchange
    key = Token(key_of(fresh_box, "desk-7"))
    client = NoPositions(
        key, environment=local(venue.rest_url, venue.ws_url), timing=BRISK, on_error=lambda _: None
    )
    client.is_broken = True
    witness = Witness(client)
    waiting = asyncio.create_task(client.account_ready())
    await witness.until_told(events.CatchUpFailing)
    live = client.send_order(ABC, "buy", 1, 100)
    await client.close()
    async with asyncio.timeout(PATIENCE_S):
        with pytest.raises(ConfigError, match="closed"):
            await waiting
        with pytest.raises(RequestError):
            await live
    assert ledger_of(fresh_box)["orders"] == []


@pytest.mark.parametrize("order_entry", WAYS)
async def test_the_id_of_a_live_order_is_refused(
    trader: Exchange, fresh_box: Sandbox, order_entry: str
) -> None:
    await trader.account_ready()
    await trader.place_order(ABC, "buy", 5, 100, client_order_id="same", order_entry=order_entry)
    for way in WAYS:
        with pytest.raises(ConfigError, match="live order"):
            trader.send_order(ABC, "buy", 6, 100, client_order_id="same", order_entry=way)
        with pytest.raises(ConfigError, match="live order"):
            await trader.place_order(ABC, "buy", 6, 100, client_order_id="same", order_entry=way)
    assert len(ledger_of(fresh_box)["orders"]) == 1


async def test_a_stream_whose_task_is_cancelled_wakes_whoever_waits_for_the_account(
    trader: Exchange, fresh_box: Sandbox
) -> None:
    venue = fresh_box.exchange
    environment = local(venue.rest_url, venue.ws_url)
    key = Token(key_of(fresh_box, "desk-7"))
    async with NoPositions(key, environment=environment, timing=BRISK, on_error=lambda _: None) as client:
        client.is_broken = True
        witness = Witness(client)
        before = asyncio.all_tasks()
        waiting = asyncio.create_task(client.account_ready())
        await witness.until_told(events.CatchUpFailing)
        for task in asyncio.all_tasks() - before - {waiting}:
            if "StreamSession._run" in repr(task.get_coro()):
                task.cancel()
        async with asyncio.timeout(PATIENCE_S):
            with pytest.raises(StreamStopped):
                await waiting


def test_a_mute_socket_is_noticed_within_two_heartbeats() -> None:
    talk = Conversation(UserDialect(lambda: KEY, lambda _: ()))
    talk.start(Channel("orders"))
    talk.hear({"type": "authenticated", "trader_id": A, "username": "desk-7"})
    talk.after(29)
    assert not talk.protocol.disconnect_reason
    talk.after(1)
    assert "nothing was heard" in talk.protocol.disconnect_reason
