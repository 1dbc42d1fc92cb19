"""What ``CoinExFutures`` believes of positions, over real sockets, against what the venue has."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

import pytest

from support.witness import PATIENCE_S
from tradewire.errors import ConfigError
from tradewire.model import AccountKind, OrderStatus
from tradewire.protocol import events
from tradewire.sandbox import Sandbox
from tradewire.sandbox.venues.coinex.options import CoinExOptions
from tradewire.venues.coinex.client import CoinEx
from tradewire.venues.coinex.futures.client import CoinExFutures
from tradewire.venues.coinex.futures.model import FuturesPosition, MarginMode, PositionEnd

D = Decimal
MARKET = "BTCUSDT"


@dataclass(frozen=True)
class Desk:
    """A client that watches its positions, and another program of the same trader."""

    box: Sandbox
    client: CoinExFutures
    other: CoinExFutures
    pushed: list[FuturesPosition]
    seen: list[events.Event]

    async def until(self, is_so: Callable[[], bool]) -> None:
        async with asyncio.timeout(PATIENCE_S):
            while not is_so():  # noqa: ASYNC110 - whatever it is that is waited for
                await asyncio.sleep(0.01)

    async def settled(self) -> None:
        """Wait until everything that was missed is known."""
        await self.until(lambda: isinstance(self.seen[-1] if self.seen else None, events.CaughtUp))

    def venue_position(self) -> dict[str, Any]:
        row: dict[str, Any] = self.box.coinex.account(product="futures")["positions"][MARKET]
        return row

    def check(self) -> FuturesPosition:
        """Fail unless what the client believes is what the venue has."""
        believed, row = self.client.position(MARKET), self.venue_position()
        average = row["average_price"]
        assert believed.size == D(row["size"])
        assert believed.average_price == (None if average is None else D(average))
        assert believed.realized_pnl == D(row["realized_pnl"])
        return believed


@pytest.fixture
async def desk() -> AsyncIterator[Desk]:
    options = CoinExOptions(markets=(MARKET,), push_ms=20)
    async with (
        Sandbox(["coinex"], seed=7, rate=0, coinex=options) as box,
        CoinExFutures.for_sandbox(box) as client,
        CoinExFutures.for_sandbox(box) as other,
    ):
        pushed: list[FuturesPosition] = []
        seen: list[events.Event] = []
        client.watch_events(seen.append)
        with pytest.raises(ConfigError, match="watch_positions"):
            client.position(MARKET)
        async with asyncio.timeout(PATIENCE_S):
            await client.watch_positions(on_update=pushed.append).ready()
            await client.watch_orders().ready()
        desk = Desk(box, client, other, pushed, seen)
        await desk.settled()
        yield desk


async def test_position_follows_every_trade_and_equals_the_venues(desk: Desk) -> None:
    assert desk.client.position(MARKET).size == 0
    await desk.other.place_order(MARKET, "buy", "0.03", "90000", time_in_force="ioc")
    await desk.until(lambda: desk.client.position(MARKET).size == D("0.03"))
    assert desk.check().side == "buy"
    await desk.other.place_order(MARKET, "sell", "0.01", "20000", time_in_force="ioc")
    await desk.until(lambda: desk.client.position(MARKET).size == D("0.02"))
    desk.check()
    order = await desk.client.close_position(MARKET)
    await desk.until(lambda: not desk.client.position(MARKET).is_open)
    assert desk.check().event == "close"
    [ended] = await desk.client.closed_positions(MARKET)
    assert ended.ended_by is PositionEnd.MARKET_CLOSE_ALL
    assert ended.realized_pnl == desk.client.position(MARKET).realized_pnl
    assert order.account is AccountKind.FUTURES
    assert await desk.client.check_positions() == ()


async def test_position_that_turned_while_nobody_listened_is_known_after_the_reconnect(desk: Desk) -> None:
    await desk.client.place_order(MARKET, "buy", "0.02", "90000", time_in_force="ioc")
    await desk.until(lambda: desk.client.position(MARKET).size == D("0.02"))
    desk.pushed.clear()
    desk.box.coinex.faults.drop_socket()
    await desk.until(lambda: any(isinstance(event, events.Disconnected) for event in desk.seen))
    with pytest.raises(ConfigError, match="await positions"):
        desk.client.position(MARKET)
    await desk.other.place_order(MARKET, "sell", "0.05", "20000", time_in_force="ioc")
    await desk.settled()
    assert desk.check().size == D("-0.03")
    assert D("-0.03") in [position.size for position in desk.pushed]


async def test_position_that_was_closed_while_nobody_listened_is_known_to_be(desk: Desk) -> None:
    await desk.client.place_order(MARKET, "buy", "0.02", "90000", time_in_force="ioc")
    await desk.until(lambda: desk.client.position(MARKET).is_open)
    desk.box.coinex.faults.drop_socket()
    await desk.until(lambda: any(isinstance(event, events.Disconnected) for event in desk.seen))
    await desk.other.close_position(MARKET)
    await desk.settled()
    assert desk.check().ended_by is PositionEnd.MARKET_CLOSE_ALL
    assert desk.pushed[-1].size == 0


async def test_exits_of_a_position_are_seen_and_fire(desk: Desk) -> None:
    await desk.client.place_order(MARKET, "buy", "0.02", "90000", time_in_force="ioc")
    position = await desk.client.set_stop_loss(MARKET, "30000", size="0.01", price_type="mark_price")
    [stop] = position.stop_losses
    assert (stop.price, stop.size) == (D(30000), D("0.01"))
    position = await desk.client.set_take_profit(MARKET, "90000")
    assert [one.size for one in position.take_profits] == [None]
    await desk.until(lambda: desk.client.position(MARKET).take_profits == position.take_profits)
    position = await desk.client.amend_stop_loss(MARKET, stop.exit_id, price="31000")
    assert [one.price for one in position.stop_losses] == [D(31000)]
    position = await desk.client.cancel_take_profit(MARKET)
    assert position.take_profits == ()
    await desk.until(lambda: not desk.client.position(MARKET).take_profits)
    assert [one.price for one in desk.client.position(MARKET).stop_losses] == [D(31000)]


async def test_isolated_position_is_liquidated_and_known_to_be(desk: Desk) -> None:
    chosen = await desk.client.adjust_position_leverage(MARKET, MarginMode.ISOLATED, 10)
    assert chosen.leverage == 10
    await desk.client.place_order(MARKET, "buy", "0.02", "90000", time_in_force="ioc")
    await desk.until(lambda: desk.client.position(MARKET).is_open)
    position = await desk.client.adjust_position_margin(MARKET, 5)
    assert position.margin_mode is MarginMode.ISOLATED
    assert position.liquidation_price
    status, _ = desk.box.coinex.control_routes()["POST", "futures"](
        {"market": MARKET, "index": str(position.liquidation_price / 2)}
    )
    assert status == 200
    await desk.until(lambda: not desk.client.position(MARKET).is_open)
    [ended] = await desk.client.closed_positions(MARKET)
    assert ended.ended_by is PositionEnd.LIQUIDATED
    desk.box.coinex.assert_adds_up()


async def test_orders_and_fills_of_one_product_never_reach_the_other(desk: Desk) -> None:
    async with CoinEx.for_sandbox(desk.box) as spot, asyncio.timeout(PATIENCE_S):
        spot_orders: list[Any] = []
        futures_fills: list[Any] = []
        await spot.watch_orders(on_update=spot_orders.append).ready()
        await desk.client.watch_fills(on_update=futures_fills.append).ready()
        ours = await desk.client.place_order(
            MARKET, "buy", "0.01", "90000", time_in_force="ioc", client_order_id="same"
        )
        theirs = await spot.place_order(
            MARKET, "buy", "0.002", "90000", time_in_force="ioc", client_order_id="same"
        )
        await desk.until(lambda: bool(futures_fills and spot_orders))
        assert (ours.account, theirs.account) == (AccountKind.FUTURES, AccountKind.SPOT)
        assert {fill.order_id for fill in futures_fills} == {ours.order_id}
        assert {order.order_id for order in spot_orders} == {theirs.order_id}
        assert (ours.status, theirs.status) == (OrderStatus.FILLED, OrderStatus.FILLED)
        assert {fill.account for fill in futures_fills} == {AccountKind.FUTURES}
        assert all(fill.position_id == desk.client.position(MARKET).position_id for fill in futures_fills)
        futures_book, spot_book = desk.client.watch_book(MARKET), spot.watch_book(MARKET)
        await asyncio.gather(futures_book.ready(), spot_book.ready())
        assert futures_book.book.bids(5) != spot_book.book.bids(5)


async def test_balance_and_ticker_of_futures_have_what_spot_has_not(desk: Desk) -> None:
    balances: list[Any] = []
    tickers: list[Any] = []
    async with asyncio.timeout(PATIENCE_S):
        await desk.client.watch_balances(on_update=balances.append).ready()
        await desk.client.watch_ticker(MARKET, on_update=tickers.append).ready()
        await desk.client.place_order(MARKET, "buy", "0.01", "90000", time_in_force="ioc")
        await desk.until(lambda: bool(balances and tickers))
    [held] = [one for one in await desk.client.balances() if one.asset == "USDT"]
    assert held.margin > 0
    assert (balances[-1].asset, balances[-1].account) == ("USDT", AccountKind.FUTURES)
    assert tickers[-1].mark_price > 0
    assert tickers[-1].next_funding_ns > 0


async def test_position_that_cannot_be_read_is_asked_for(desk: Desk) -> None:
    desk.seen.clear()
    desk.box.coinex.faults.bad_row("unknown_word", "positions", where="push")
    await desk.other.place_order(MARKET, "buy", "0.02", "90000", time_in_force="ioc")
    await desk.until(lambda: any(isinstance(event, events.RowUnreadable) for event in desk.seen))
    await desk.settled()
    assert desk.check().size == D("0.02")


async def test_position_whose_push_was_lost_is_found_by_checking(desk: Desk) -> None:
    desk.box.coinex.faults.drop_push(topic="positions")
    await desk.other.place_order(MARKET, "buy", "0.02", "90000", time_in_force="ioc")
    [found] = await desk.client.check_positions()
    assert desk.check() == found
    assert desk.pushed[-1] == found
    assert await desk.client.check_positions() == ()


async def test_position_in_a_market_that_is_not_watched_is_not_guessed(desk: Desk) -> None:
    async with CoinExFutures.for_sandbox(desk.box) as client, asyncio.timeout(PATIENCE_S):
        await client.watch_positions(MARKET).ready()
        await client.check_positions()
        assert client.position(MARKET).size == 0
        with pytest.raises(ConfigError, match="ETHUSDT is known while watch_positions"):
            client.position("ETHUSDT")
