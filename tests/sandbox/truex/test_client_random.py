"""Random trading through the TrueX client in a moving market with faults: in the end every figure is the venue's."""

from __future__ import annotations

import asyncio
import random
from collections import Counter
from decimal import Decimal
from typing import Any

import pytest

from support.truex_trader import BRISK, MARKET, TICK, ask, bid, client_of, orders_of, second_client
from support.witness import Witness, ready
from tradewire import TrueX
from tradewire.errors import ConfigError, OrderNotFound, OutcomeUnknown, Rejected
from tradewire.model import Fill, OrderStatus, Side
from tradewire.sandbox import Sandbox
from tradewire.sandbox.venues.truex.options import TrueXOptions
from tradewire.session.live_order import LiveOrder
from tradewire.venues.truex.increments import round_price

STEPS = 120
FINAL = {
    "FILLED": OrderStatus.FILLED,
    "CANCELED": OrderStatus.CANCELLED,
    "REJECTED": OrderStatus.REJECTED,
}
FAULTS = ("drop_socket", "timed_out", "lost_reply", "gateway_after", "user_lag", "skip_difference")


class Gambler:
    """Does whatever the dice say with two accounts of one key, so that it trades with itself too."""

    def __init__(self, box: Sandbox, seed: int, desks: list[TrueX]) -> None:
        self.box = box
        self.dice = random.Random(seed)
        self.desks = desks
        self.orders: list[tuple[TrueX, LiveOrder]] = []
        self.refused = 0

    async def step(self) -> None:
        """Do one thing; refusals and lost answers are part of the game."""
        if self.dice.random() < 0.06:
            getattr(self.box.truex.faults, self.dice.choice(FAULTS))()
        act = self.dice.choices([self.send, self.amend, self.cancel, self.move_money], [12, 3, 3, 1])[0]
        try:
            await act()
        except (Rejected, OutcomeUnknown, ConfigError):
            self.refused += 1

    async def send(self) -> None:
        venue, side = self.dice.choice(self.desks), self.dice.choice(list(Side))
        size = Decimal(self.dice.randint(1, 200)).scaleb(-4)
        near = bid(self.box) if side is Side.BUY else ask(self.box)
        price = round_price(near + TICK * self.dice.randint(-60, 60), side)
        how: dict[str, Any] = self.dice.choice(
            [{}, {}, {"post_only": True}, {"time_in_force": "ioc"}, {"stp": "none"}, {"stp": "cancel_both"}]
        )
        if self.dice.random() < 0.1:
            order = venue.send_order(MARKET, side, size, type="market")
        else:
            order = venue.send_order(MARKET, side, size, price, **how)
        self.orders.append((venue, order))
        if self.dice.random() < 0.5:
            await order

    async def amend(self) -> None:
        venue, order = self.pick()
        if order.order_id and order.price is not None:
            size = order.size + Decimal(self.dice.randint(-20, 20)).scaleb(-4)
            await venue.amend_order(MARKET, order.order_id, size=size, price=order.price + TICK)

    async def cancel(self) -> None:
        venue, order = self.pick()
        if order.order_id:
            await venue.cancel_order(MARKET, order.order_id)

    async def move_money(self) -> None:
        venue, kind = self.dice.choice(self.desks), self.dice.choice(["deposit", "withdraw"])
        await venue.start_transfer(kind, "crypto", "BTC", Decimal(self.dice.randint(1, 999)).scaleb(-3))

    async def leave(self) -> None:
        """Stop the faults and cancel everything; one more order each shows reports lost until then."""
        self.box.truex.faults.clear()
        for venue in self.desks:
            self.orders.append((venue, await venue.send_order(MARKET, Side.BUY, "0.0100", bid(self.box))))
            await venue.cancel_all()

    def pick(self) -> tuple[TrueX, LiveOrder]:
        alive = [pair for pair in self.orders if not pair[1].status.is_final]
        if not alive:
            raise OrderNotFound("nothing is open")
        return self.dice.choice(alive)


def traded(box: Sandbox, client_order_id: str) -> Counter[tuple[str, str, Decimal, Decimal, str]]:
    return Counter(
        (one["order_id"], one["match_id"], Decimal(one["trade_price"]), Decimal(one["trade_qty"]), one["liq_flag"])
        for one in box.truex.ledger_of(client_order_id)["trades"]
    )  # fmt: skip


def told(fills: list[Fill]) -> Counter[tuple[str, str, Decimal, Decimal, str]]:
    return Counter(
        (one.order_id, one.trade_id, one.price, one.size, str(one.liquidity).upper()) for one in fills
    )


@pytest.mark.parametrize("seed", [1, 2, 3])
async def test_every_figure_is_the_venues_in_the_end(seed: int) -> None:
    options = TrueXOptions(instruments=(MARKET,), max_open_orders=1000, transfer_step_ms=None, settle_ms=50)
    async with (
        Sandbox(["truex"], seed=seed, rate=100, truex=options) as box,
        client_of(box, timing=BRISK) as first,
        client_of(box, timing=BRISK, account_id=second_client(box)) as second,
    ):
        accounts = {first: box.truex.client_id, second: second_client(box)}
        fills: dict[TrueX, list[Fill]] = {first: [], second: []}
        witness = Witness(first)
        for venue, known in fills.items():
            await ready(
                venue.watch_orders(on_update=witness.poke),
                venue.watch_fills(on_update=witness.into(known)),
                venue.watch_book(MARKET),
            )
        gambler = Gambler(box, seed, list(accounts))
        for _ in range(STEPS):
            await gambler.step()
        await asyncio.gather(*(order for _, order in gambler.orders), return_exceptions=True)
        box.truex.traffic.paused = True
        await gambler.leave()
        orders = [order for _, order in gambler.orders]
        await witness.until(lambda: all(order.status.is_final for order in orders))
        for venue, client_order_id in accounts.items():
            await witness.until(lambda v=venue, c=client_order_id: told(fills[v]) == traded(box, c))  # type: ignore[misc]
            assert traded(box, client_order_id)
            listed = [fill async for fill in venue.iter_fills(start_ns=0)]
            assert told(listed) == traded(box, client_order_id)
            rows = box.truex.ledger_of(client_order_id)["holdings"]["balances"]
            held = {one.asset_id: one for one in await venue.holdings(account_id=client_order_id)}
            assert {asset: (one.order_hold, one.transfer_hold) for asset, one in held.items()} == {
                row["asset_id"]: (Decimal(row["order_hold"]), Decimal(row["transfer_hold"])) for row in rows
            }
        truth = {order["id"]: order for order in orders_of(box)}
        truth |= {order["id"]: order for order in box.truex.ledger_of(accounts[second])["orders"]}
        for order in orders:
            if order.order_id:
                theirs = truth.pop(order.order_id)
                assert (order.status, order.filled_size) == (
                    FINAL[theirs["status"]],
                    Decimal(theirs["executed_qty"]),
                )
        # What is left was refused: its answer said so, or it was never heard of.
        assert {order["status"] for order in truth.values()} <= {"REJECTED"}
        box.truex.assert_adds_up()
