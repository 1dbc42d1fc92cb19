"""One bot, written against the common face alone, does the same on every venue."""

from __future__ import annotations

from typing import Any

import pytest

from support.desk import Desk
from support.witness import Witness, ready
from tradewire.errors import ConfigError, NotSupported, OrderNotFound, Rejected
from tradewire.model import CandleInterval, Fill, Order, OrderStatus, Side
from tradewire.protocol import events


async def test_an_order_rests_is_listed_and_is_cancelled(desk: Desk) -> None:
    client, symbol = desk.client, desk.symbol
    order = await client.place_order(symbol, "buy", desk.size, desk.low)
    assert (order.market, order.side, order.price, order.size) == (symbol, Side.BUY, desk.low, desk.size)
    assert (order.status, order.filled_size, order.remaining) == (OrderStatus.OPEN, 0, desk.size)
    assert [listed.order_id for listed in await client.open_orders(symbol)] == [order.order_id]
    assert (await client.order(symbol, order.order_id)).status is OrderStatus.OPEN
    cancelled = await client.cancel_order(symbol, order.order_id)
    assert (cancelled.status, cancelled.filled_size) == (OrderStatus.CANCELLED, 0)
    assert await client.open_orders(symbol) == ()
    with pytest.raises(OrderNotFound):
        await client.cancel_order(symbol, order.order_id)


async def test_an_order_shrinks_where_the_venue_can(desk: Desk) -> None:
    client, symbol = desk.client, desk.symbol
    order = await client.place_order(symbol, "buy", desk.size, desk.low)
    assert client.capabilities.amend
    amended = await client.amend_order(symbol, order.order_id, size=desk.size / 2)
    assert (amended.size, amended.price) == (desk.size / 2, desk.low)
    [left] = await client.open_orders(symbol)
    assert left.size == desk.size / 2


async def test_an_order_that_takes_is_filled_and_told_on_every_way(desk: Desk) -> None:
    client, symbol = desk.client, desk.symbol
    witness = Witness(client)
    orders: list[Order] = []
    fills: list[Fill] = []
    await ready(
        client.watch_orders(symbol, on_update=witness.into(orders)),
        client.watch_fills(symbol, on_update=witness.into(fills)),
    )
    live = client.send_order(symbol, "buy", desk.size, desk.ask + 20 * desk.market.tick_size)
    await live.finished()
    assert (live.status, live.filled_size, live.remaining) == (OrderStatus.FILLED, desk.size, 0)
    await witness.until(
        lambda: sum(fill.size for fill in fills if fill.order_id == live.order_id) == desk.size
    )
    await witness.until(lambda: any(order.status is OrderStatus.FILLED for order in orders))
    assert {order.order_id for order in orders} == {live.order_id}
    page = await client.fills(symbol)
    assert {fill.trade_id for fill in page.items} == {fill.trade_id for fill in fills}
    assert live.filled_notional == sum(fill.price * fill.size for fill in fills)


async def test_cancel_all_leaves_nothing(desk: Desk) -> None:
    client, symbol = desk.client, desk.symbol
    for number in range(3):
        await client.place_order(symbol, "buy", desk.size, desk.low + number * desk.market.tick_size)
    assert len(await client.open_orders(symbol)) == 3
    await client.cancel_all(symbol)
    assert await client.open_orders(symbol) == ()


async def test_a_book_is_live_and_ours_shows_in_it(desk: Desk) -> None:
    client, symbol = desk.client, desk.symbol
    witness = Witness(client)
    watched = client.watch_book(symbol, on_update=witness.poke)
    await ready(watched)
    book = watched.book
    assert book.is_synced
    assert (book.bids(1)[0][0], book.asks(1)[0][0]) == (desk.bid, desk.ask)
    inside = desk.bid + desk.market.tick_size
    assert inside < desk.ask
    await client.place_order(symbol, "buy", desk.size, inside)
    await witness.until(lambda: book.best_bid() == (inside, desk.size))
    assert any(isinstance(event, events.Live) for event in witness.seen)


async def test_what_makes_no_sense_is_not_sent(desk: Desk) -> None:
    client, symbol = desk.client, desk.symbol
    wrong: list[Any] = [1.5, True, "x", 0, -1]
    for size in wrong:
        with pytest.raises(ConfigError):
            await client.place_order(symbol, "buy", size, desk.low)
    with pytest.raises(ConfigError):
        await client.place_order(symbol, "sideways", desk.size, desk.low)
    assert await client.open_orders(symbol) == ()


async def test_what_the_venue_cannot_do_is_said_by_its_capabilities(desk: Desk) -> None:
    client, symbol = desk.client, desk.symbol
    can = client.capabilities
    if not can.market_orders:
        with pytest.raises(NotSupported):
            await client.place_order(symbol, "buy", desk.size, type="market")
    if can.post_only:
        order = await client.place_order(symbol, "buy", desk.size, desk.low, post_only=True)
        assert order.post_only
    else:
        with pytest.raises(NotSupported):
            await client.place_order(symbol, "buy", desk.size, desk.low, post_only=True)
    assert "rest" in can.order_entry


async def test_candles_come_or_the_venue_says_what_to_use_instead(desk: Desk) -> None:
    client, symbol = desk.client, desk.symbol
    intervals = client.capabilities.candles
    if not intervals:
        with pytest.raises(NotSupported) as refused:
            client.candles(symbol, CandleInterval.MINUTE, 0)
        assert refused.value.instead
        return
    await client.send_order(symbol, "buy", desk.size, desk.ask + 20 * desk.market.tick_size).finished()
    for interval in intervals:
        start_ns = await client.time() - 3 * interval.duration_ns
        candles = [one async for one in client.candles(symbol, interval, start_ns)]
        starts = [one.start_ns for one in candles]
        assert starts == sorted(set(starts))
        assert starts[0] >= start_ns
        assert not candles[-1].is_closed
        assert sum(one.volume for one in candles) >= desk.size
        for one in candles:
            assert (one.market, one.interval) == (symbol, interval)
            assert one.low <= min(one.open, one.close) <= max(one.open, one.close) <= one.high
            assert one.volume * one.low <= one.quote_volume <= one.volume * one.high


async def test_an_unknown_market_is_refused_by_name(desk: Desk) -> None:
    with pytest.raises(Rejected):
        await desk.client.place_order("NO-PE", "buy", desk.size, desk.low)


async def test_a_closed_client_watches_nothing(desk: Desk) -> None:
    await ready(desk.client.watch_orders())
    await desk.client.close()
    await desk.client.close()
    with pytest.raises(ConfigError, match="closed"):
        desk.client.watch_book(desk.symbol)
