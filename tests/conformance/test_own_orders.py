"""What a live order promises, on every venue over real sockets."""

from __future__ import annotations

import asyncio
import threading
from itertools import pairwise

import pytest

import tradewire
from support.desk import Desk
from support.witness import Witness, ready
from tradewire.errors import ConfigError, OutcomeUnknown
from tradewire.model import Order, OrderStatus


async def test_watched_order_never_goes_backwards_when_answers_are_older_than_pushes(desk: Desk) -> None:
    """The answer to a question after a loss is on its way while the stream reports the end already."""
    witness = Witness(desk.client)
    reports: list[Order] = []
    watched = desk.client.watch_orders(on_update=witness.into(reports))
    await ready(watched)
    if hasattr(desk.client, "account_ready"):
        await desk.client.account_ready()
    live = await desk.client.send_order(desk.symbol, "buy", desk.size, desk.low)
    await witness.until(lambda: any(one.order_id == live.order_id for one in reports))
    desk.faults.late_reply(1000, count=3, requests="queries")
    desk.faults.drop_socket()
    await asyncio.sleep(0.1)
    await ready(watched)
    await asyncio.sleep(0.3)
    await desk.other.cancel_order(desk.symbol, live.order_id)
    await live.finished()
    await asyncio.sleep(1.5)
    told = [one for one in reports if one.order_id == live.order_id]
    assert told[-1].status is OrderStatus.CANCELLED
    for before, after in pairwise(told):
        assert not before.status.is_final
        assert (before.status, before.filled_size) != (after.status, after.filled_size)


async def test_who_waits_for_an_orders_end_is_woken_when_the_client_closes(desk: Desk) -> None:
    await ready(desk.client.watch_orders(on_update=lambda _: None))
    if hasattr(desk.client, "account_ready"):
        await desk.client.account_ready()
    live = await desk.client.send_order(desk.symbol, "buy", desk.size, desk.low)
    waiting = asyncio.create_task(live.finished())
    await asyncio.sleep(0)
    await desk.client.close()
    with pytest.raises(OutcomeUnknown, match="client was closed"):
        await waiting
    assert [order.order_id for order in await desk.other.open_orders(desk.symbol)] == [live.order_id]
    with pytest.raises(ConfigError, match="closed"):
        desk.client.send_order(desk.symbol, "buy", desk.size, desk.low)


@pytest.mark.filterwarnings("error")
async def test_order_sent_from_another_thread_is_refused_and_leaves_no_ghost(desk: Desk) -> None:
    raised: list[BaseException] = []

    def send() -> None:
        try:
            desk.client.send_order(desk.symbol, "buy", desk.size, desk.low, client_order_id="mine-1")
        except BaseException as error:
            raised.append(error)

    thread = threading.Thread(target=send)
    thread.start()
    await asyncio.to_thread(thread.join)
    assert [type(error) for error in raised] == [ConfigError]
    assert desk.client.live_orders == ()
    assert await desk.client.open_orders() == ()
    if hasattr(desk.client, "account_ready"):
        await desk.client.account_ready()
    live = await desk.client.send_order(desk.symbol, "buy", desk.size, desk.low, client_order_id="mine-1")
    assert live.status is OrderStatus.OPEN
    with pytest.raises(ConfigError, match=r"live order|in flight"):
        desk.client.send_order(desk.symbol, "buy", desk.size, desk.low, client_order_id="mine-1")


async def test_prepared_orders_differ_in_size_price_and_id_and_are_followed(desk: Desk) -> None:
    client = desk.client
    if hasattr(client, "account_ready"):
        await client.account_ready()
    prepared = client.prepare_order(desk.symbol, tradewire.Side.BUY)
    orders = [
        prepared.send(desk.size * number, desk.low, client_order_id=f"p-{number}") for number in (1, 2)
    ] + [prepared.send(desk.size * 3, desk.low)]
    for order in orders:
        await order
    found = await desk.other.open_orders(desk.symbol)
    assert {one.order_id: (one.size, one.price) for one in found} == {
        one.order_id: (desk.size * number, desk.low) for number, one in enumerate(orders, 1)
    }
    for refused in ((desk.size,), ("0", desk.low), (desk.size, 0.5), (desk.size, desk.low * -1)):
        with pytest.raises(ConfigError):
            prepared.send(*refused)
    with pytest.raises(ConfigError):
        client.prepare_order(desk.symbol, "up")
    assert len(await desk.other.open_orders(desk.symbol)) == 3
