"""Our account is the venue's: exposure before every order, and positions, profit, orders and fills after a session."""

from __future__ import annotations

import asyncio
import random
from decimal import Decimal
from typing import Any

import pytest

from support.exchange_trader import ABC, XYZ, client_of, key_of, ledger_of
from support.witness import PATIENCE_S, Witness, ready
from tradewire.errors import CancelAllFailed, ConfigError, NotSent, OrderNotFound, OrderRejected
from tradewire.model import Fill, Order, OrderStatus, Position, Side
from tradewire.sandbox import Sandbox
from tradewire.signing import Token
from tradewire.venues.exchange.client import Exchange

STEPS = 120
PRICES = {ABC: range(95, 106), XYZ: range(480, 525, 5)}


def own_legs(box: Sandbox, username: str) -> set[tuple[str, str]]:
    """Return every fill of an order of a trader, by fill and order, as the venue has it."""
    ledger = ledger_of(box, username)
    own = {order["id"] for order in ledger["orders"]}
    named = (
        (fill["fill_id"], fill[role])
        for fill in ledger["fills"]
        for role in ("maker_order_id", "taker_order_id")
    )
    return {(fill_id, order_id) for fill_id, order_id in named if order_id in own}


class Session:
    """A trader that trades at random on both lanes against a rival, and itself, and is watched doing so."""

    def __init__(self, box: Sandbox, trader: Exchange, rival: Exchange, seed: int) -> None:
        self.box = box
        self.trader = trader
        self.rival = rival
        self.chance = random.Random(seed)
        self.witness = Witness(trader)
        self.fills: list[Fill] = []
        self.reports: dict[str, Order] = {}
        self.positions: list[Position] = []
        self.refusals = 0

    async def register(self) -> None:
        trader, witness = self.trader, self.witness
        watched = (
            trader.watch_fills(on_update=witness.into(self.fills)),
            trader.watch_orders(on_update=self.keep),
            trader.watch_positions(on_update=witness.into(self.positions)),
        )
        await ready(*watched)
        await trader.account_ready()

    def keep(self, order: Order) -> None:
        self.reports[order.order_id] = order
        self.witness.poke()

    async def heard(self) -> None:
        """Wait until every fill of ours has been told and made a position."""
        legs = own_legs(self.box, "desk-7")
        await self.witness.until(
            lambda: (
                {(fill.trade_id, fill.order_id) for fill in self.fills} == legs
                and len(self.positions) >= len(legs)
            )
        )

    def draw(self) -> dict[str, Any]:
        market = self.chance.choice((ABC, ABC, XYZ))
        return {
            "market": market,
            "side": self.chance.choice(list(Side)),
            "size": self.chance.choice((2, 3, 50, 300, 700)),
            "price": self.chance.choice(PRICES[market]),
            "order_entry": self.chance.choice(("rest", "ws")),
        }

    async def step(self) -> None:
        await self.heard()
        own = await self.trader.open_orders()
        what = self.chance.random()
        if own and what < 0.25:
            await self.change(self.chance.choice(own))
        elif what < 0.5:
            await self.others()
        else:
            await self.place_and_compare()

    async def place_and_compare(self) -> None:
        """Predict what the venue will say of an order, and see."""
        order = self.draw()
        predicted = self.trader.exposure(order["market"], order["side"], order["size"])
        if predicted is not None:
            with pytest.raises(ConfigError, match=f"would be {predicted}"):
                await self.trader.place_order(**order)
            with pytest.raises(OrderRejected, match=f"would be {predicted};") as caught:
                await self.trader.place_order(**order, check_exposure=False)
            assert caught.value.code == "position_limit_exceeded"
            self.refusals += 1
        else:
            await self.trader.place_order(**order)

    async def others(self) -> None:
        try:
            await self.rival.place_order(**self.draw(), check_exposure=False)
        except OrderRejected:
            await self.rival.cancel_all()

    async def change(self, order: Order) -> None:
        lane = self.chance.choice(("rest", "ws"))
        assert order.remaining is not None
        if order.remaining > 1 and self.chance.random() < 0.5:
            left = self.chance.randint(1, int(order.remaining))
            amended = await self.trader.amend_order(
                order.market, order.order_id, remaining=left, order_entry=lane
            )
            assert amended.remaining == left
        else:
            ended = await self.trader.cancel_order(order.market, order.order_id, order_entry=lane)
            assert ended.status is OrderStatus.CANCELLED

    def has_heard_every_state(self) -> bool:
        states = {name: (order.status.is_final, order.remaining) for name, order in self.reports.items()}
        orders = ledger_of(self.box)["orders"]
        return states == {order["id"]: (order["status"] != "open", order["remaining"]) for order in orders}

    def compare_orders(self) -> None:
        ledger = ledger_of(self.box)
        filled: dict[str, int] = {}
        sizes = {fill["fill_id"]: fill["quantity"] for fill in ledger["fills"]}
        for fill_id, order_id in own_legs(self.box, "desk-7"):
            filled[order_id] = filled.get(order_id, 0) + sizes[fill_id]
        for told in ledger["orders"]:
            ours = self.reports[told["id"]]
            assert ours.filled_size == filled.get(told["id"], 0)
            assert (ours.status is OrderStatus.FILLED) is (told["status"] == "filled")

    def compare_positions(self) -> None:
        for row in ledger_of(self.box)["positions"]:
            ours = self.trader.position(row["market"])
            assert ours.size == row["net_quantity"]
            assert ours.average_price == row["average_entry_price"]
            assert ours.realized_pnl == row["realized_pnl"]


@pytest.mark.parametrize("seed", [1, 2])
async def test_a_random_session_leaves_everything_equal_to_the_venues(
    fresh_box: Sandbox, trader: Exchange, rival: Exchange, seed: int
) -> None:
    session = Session(fresh_box, trader, rival, seed)
    await session.register()
    for _ in range(STEPS):
        await session.step()
    await session.heard()
    await session.witness.until(session.has_heard_every_state)
    session.compare_orders()
    session.compare_positions()
    assert session.refusals > 5
    assert len(session.fills) > 20
    [own] = [row for row in await trader.leaderboard() if row.username == "desk-7"]
    realized = unrealized = Decimal(0)
    for market in (ABC, XYZ):
        position = trader.position(market)
        realized += position.realized_pnl
        book = await trader.book(market, depth=1)
        best = [int(side[0].price) for side in (book.bids, book.asks) if side]
        if best:
            unrealized += trader.unrealized_pnl(market, sum(best) // len(best))
    assert (own.realized_pnl, own.unrealized_pnl) == (realized, unrealized)
    fresh_box.exchange.assert_adds_up()


async def test_the_limit_is_known_to_the_contract(trader: Exchange, rival: Exchange) -> None:
    await trader.account_ready()
    await rival.place_order(ABC, "sell", 400, 100)
    witness = Witness(trader)
    positions: list[Position] = []
    trader.watch_positions(on_update=witness.into(positions))
    await trader.place_order(ABC, "buy", 400, 100)
    await trader.place_order(ABC, "buy", 500, 50)
    await trader.place_order(ABC, "sell", 300, 500)
    await witness.until(lambda: len(positions) > 0)
    for side, size, refused in (
        ("buy", 100, None),
        ("buy", 101, 1001),
        ("sell", 1100, None),
        ("sell", 1101, -1001),
    ):
        assert trader.exposure(ABC, side, size) == refused
    for side, size in (("buy", 101), ("sell", 1101)):
        with pytest.raises(ConfigError, match=r"would be -?1001, the limit is 1000 either way"):
            await trader.place_order(ABC, side, size, 60)
        with pytest.raises(ConfigError, match="check_exposure=False"):
            trader.send_order(ABC, side, size, 60)
    await trader.place_order(ABC, "buy", 100, 60)


async def test_an_order_sent_while_the_account_is_read_waits_for_that(trader: Exchange) -> None:
    await ready(trader.watch_orders())
    live = trader.send_order(ABC, "buy", 5, 100)
    refused = trader.send_order(ABC, "buy", 1001, 100)
    async with asyncio.timeout(PATIENCE_S):
        await live
        with pytest.raises(NotSent, match="would be 10"):
            await refused
    assert live.status is OrderStatus.OPEN


async def test_an_order_that_waits_for_the_account_is_not_sent_once_the_connection_is_lost(
    trader: Exchange, fresh_box: Sandbox
) -> None:
    await ready(trader.watch_orders())
    live = trader.send_order(ABC, "buy", 5, 100)
    fresh_box.exchange.faults.drop_socket()
    async with asyncio.timeout(PATIENCE_S):
        with pytest.raises(NotSent, match="not live"):
            await live
    assert ledger_of(fresh_box)["orders"] == []


async def test_a_fill_is_known_to_the_limit_before_its_event_comes(trader: Exchange, rival: Exchange) -> None:
    await trader.account_ready()
    await rival.place_order(ABC, "sell", 700, 100)
    await trader.place_order(ABC, "buy", 700, 100)
    # No event has been waited for.
    assert trader.exposure(ABC, "buy", 301) == 1001
    assert trader.exposure(ABC, "sell", 1700) is None


async def test_an_account_that_was_there_before_is_read(
    trader: Exchange, rival: Exchange, fresh_box: Sandbox
) -> None:
    await rival.place_order(ABC, "sell", 5, 100)
    async with client_of(fresh_box, Token(key_of(fresh_box, "desk-7"))) as before:
        await before.place_order(ABC, "buy", 8, 100)
    witness = Witness(trader)
    reports: list[Order] = []
    positions: list[Position] = []
    trader.watch_orders(ABC, on_update=witness.into(reports))
    trader.watch_positions(on_update=witness.into(positions))
    await trader.account_ready()
    await witness.until(lambda: bool(reports and positions))
    assert [(order.filled_size, order.remaining) for order in reports] == [(5, 3)]
    assert [(position.size, position.average_price) for position in positions] == [(5, 100)]
    await rival.place_order(ABC, "sell", 3, 90)
    await witness.until(lambda: len(reports) == 2)
    assert (reports[1].status, reports[1].filled_size) == (OrderStatus.FILLED, 8)
    assert trader.position(ABC).size == 8


async def test_a_trade_with_ourselves_counts_on_both_sides(trader: Exchange, fresh_box: Sandbox) -> None:
    witness = Witness(trader)
    fills: list[Fill] = []
    trader.watch_fills(on_update=witness.into(fills))
    await trader.account_ready()
    maker = await trader.place_order(ABC, "sell", 5, 100, order_entry="ws")
    taker = await trader.place_order(ABC, "buy", 3, 100, order_entry="ws")
    await witness.until(lambda: len(fills) == 2)
    assert [(fill.order_id, fill.side) for fill in fills] == [
        (taker.order_id, Side.BUY),
        (maker.order_id, Side.SELL),
    ]
    assert trader.position(ABC).size == 0
    assert (await trader.open_orders())[0].filled_size == 3
    assert ledger_of(fresh_box)["positions"] == []


async def test_two_clients_of_one_trader_see_the_same(trader: Exchange, fresh_box: Sandbox) -> None:
    profile = await trader.user()
    assert profile.api_key is not None
    async with client_of(fresh_box, profile.api_key) as second:
        witness = Witness(second)
        reports: list[Order] = []
        second.watch_orders(on_update=witness.into(reports))
        await second.account_ready()
        order = await trader.place_order(ABC, "buy", 5, 100)
        await witness.until(lambda: len(reports) == 1)
        assert reports[0].order_id == order.order_id
        await second.cancel_order(ABC, order.order_id, order_entry="ws")
        with pytest.raises(OrderNotFound):
            await trader.cancel_order(ABC, order.order_id)


async def test_cancel_all_reports_what_could_not_be_cancelled(trader: Exchange, fresh_box: Sandbox) -> None:
    for price in (100, 101, 102):
        await trader.place_order(ABC, "buy", 1, price)
    fresh_box.exchange.faults.gateway_after()
    with pytest.raises(CancelAllFailed, match="HTTP 502") as caught:
        await trader.cancel_all(ABC)
    assert len(caught.value.failures) == 1
    assert await trader.open_orders() == ()
