"""A bot in a lively market while everything goes wrong at once: afterwards its account is still the venue's."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Awaitable
from contextlib import suppress
from typing import Any

import pytest

from support.exchange_trader import ABC, XYZ, client_of, ledger_of
from support.witness import Witness
from tradewire import ExchangeOptions
from tradewire.errors import ConfigError, RequestError
from tradewire.model import Fill, OrderStatus, Side
from tradewire.sandbox import Sandbox
from tradewire.session.live_order import LiveOrder
from tradewire.signing import Token
from tradewire.venues.exchange.client import Exchange

ROUNDS = 50
TRADER = "trader"
NOBODY = "00000000-0000-4000-8000-000000000000"


class Storm:
    """Sends orders on both lanes, cancels and amends some, and breaks things meanwhile."""

    def __init__(self, box: Sandbox, client: Exchange, seed: int) -> None:
        self.box = box
        self.client = client
        self.chance = random.Random(seed)
        self.lives: list[LiveOrder] = []
        self.changes: set[asyncio.Task[None]] = set()
        self.sent: dict[str, tuple[Any, ...]] = {}
        self.amended: set[str] = set()

    def fault(self) -> None:
        faults = self.box.exchange.faults
        self.chance.choice(
            (
                faults.drop_socket,
                faults.user_lag,
                faults.gateway_after,
                faults.lost_ack,
                lambda: faults.lag(ABC),
                lambda: faults.gateway_html(count=2),
            )
        )()

    def send(self) -> None:
        market, price = self.chance.choice(((ABC, 5000), (XYZ, 20_000)))
        side = self.chance.choice(list(Side))
        price += (5 if market == XYZ else 1) * self.chance.randint(-12, 12)
        # No two orders look alike, so that the venue's ledger tells which is which.
        size = len(self.sent) + 2
        name = f"o{size}"
        lane = self.chance.choice(("rest", "ws", "ws"))
        self.sent[name] = market, side.value, price, size
        with suppress(ConfigError):
            # The position limit, known before the order is sent.
            self.lives.append(
                self.client.send_order(market, side, size, price, client_order_id=name, order_entry=lane)
            )

    def change(self) -> None:
        open_now = [live for live in self.lives if live.order_id and not live.status.is_final]
        if open_now:
            live = self.chance.choice(open_now)
            lane = self.chance.choice(("rest", "ws"))
            is_amend = (live.remaining or 0) > 1 and self.chance.random() < 0.4
            if is_amend:
                self.amended.add(live.order_id)
            doing: Awaitable[object] = (
                self.client.amend_order(live.market, live.order_id, remaining=1, order_entry=lane)
                if is_amend
                else self.client.cancel_order(live.market, live.order_id, order_entry=lane)
            )
            task = asyncio.ensure_future(_forgiving(doing))
            self.changes.add(task)
            task.add_done_callback(self.changes.discard)

    async def rage(self) -> None:
        for number in range(ROUNDS):
            for _ in range(3):
                self.send()
            self.change()
            if number % 4 == 3:
                self.fault()
            await asyncio.sleep(0.02)

    async def calm(self) -> None:
        """Stop the market makers and wait until nothing is under way."""
        self.box.exchange.traffic.paused = True
        while self.changes:
            await asyncio.wait(self.changes)
        await asyncio.gather(*map(_forgiving, self.lives))
        await self.client.account_ready()


async def _forgiving(doing: Awaitable[object]) -> None:
    try:
        await doing
    except RequestError:
        # Gone already, or lost; what became of it is compared in the end.
        return


@pytest.mark.parametrize("seed", [1, 2])
async def test_a_storm_leaves_no_order_with_a_wrong_fate(seed: int) -> None:
    options = ExchangeOptions(per_user_requests_per_second=100_000)
    async with (
        Sandbox(["exchange"], seed=seed, rate=300, exchange=options) as box,
        client_of(box, Token(box.exchange.api_key), on_error=lambda _: None, timeout_s=1.0) as client,
    ):
        witness = Witness(client)
        fills: list[Fill] = []
        client.watch_fills(on_update=witness.into(fills))
        await client.account_ready()
        storm = Storm(box, client, seed)
        await storm.rage()
        await storm.calm()
        # One more answer on the wire proves that those lost will not come.
        with pytest.raises(RequestError):
            await client.cancel_order(ABC, NOBODY, order_entry="ws")
        ledger = ledger_of(box, TRADER)
        orders = {order["id"]: order for order in ledger["orders"]}
        for live in storm.lives:
            live.on_change = witness.poke
        await witness.until(lambda: _is_settled(storm, orders))
        for live in storm.lives:
            if live.order_id:
                told = orders[live.order_id]
                assert _looks(told) == storm.sent[live.client_order_id]
                # Whether the last events of an amended order were lost, and what they said, nothing proves.
                if live.order_id not in storm.amended:
                    assert (live.status is OrderStatus.FILLED) is (told["status"] == "filled")
            else:
                # The venue never had it, which is proved much later, or only fills tell, which may be another's.
                assert live.status in {OrderStatus.REJECTED, OrderStatus.NOT_FOUND, OrderStatus.UNKNOWN}
        found = [(fill.trade_id, fill.order_id) for fill in fills]
        assert len(found) == len(set(found))
        known = {live.order_id for live in storm.lives}
        named = [
            (fill["fill_id"], {fill["maker_order_id"], fill["taker_order_id"]}) for fill in ledger["fills"]
        ]
        heard = {fill_id for fill_id, _ in found}
        assert heard >= {fill_id for fill_id, pair in named if pair & known}
        # An order whose request was never identified is ours all the same, and so are its fills.
        assert heard <= {fill_id for fill_id, _ in named}
        await client.account_ready()
        for row in ledger["positions"]:
            position = client.position(row["market"])
            assert (position.size, position.average_price, position.realized_pnl) == (
                row["net_quantity"],
                row["average_entry_price"],
                row["realized_pnl"],
            )
        assert len(fills) > 20
        assert sum(box.exchange.faults.triggered.values()) >= 5


def _looks(order: dict[str, Any]) -> tuple[Any, ...]:
    return order["market"], order["side"].lower(), order["price"], order["quantity"]


def _is_settled(storm: Storm, orders: dict[str, dict[str, Any]]) -> bool:
    """Tell whether we know the end of every order of the venue's, save those whose fate nothing proves."""
    known = {live.order_id: live for live in storm.lives if live.order_id}
    unknown = {storm.sent[live.client_order_id] for live in storm.lives if live.status is OrderStatus.UNKNOWN}
    missing = [order for name, order in orders.items() if name not in known]
    return all(order["status"] == "filled" and _looks(order) in unknown for order in missing) and all(
        order.status.is_final is (orders[name]["status"] != "open") for name, order in known.items()
    )
