"""Reports and fills of one order of ours, and a tracker with its surroundings."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from decimal import Decimal
from typing import Any

from support.witness import PATIENCE_S
from tradewire.model import Fill, Liquidity, Order, OrderStatus, OrderType, Side, TimeInForce, sent_order
from tradewire.session.live_order import OrderClock
from tradewire.session.orders import LiveOrder, OrderTracker

D = Decimal
SENT_AT_NS = 1


def report(
    status: OrderStatus = OrderStatus.OPEN,
    *,
    filled_size: str = "0",
    time_ns: int = 1,
    created_at_ns: int = 1,
    order_id: str = "7",
    client_order_id: str = "mine-1",
    size: str = "10",
    price: str = "100",
) -> Order:
    return Order(
        order_id=order_id,
        client_order_id=client_order_id,
        market="BTCUSDT",
        side=Side.BUY,
        type=OrderType.LIMIT,
        time_in_force=TimeInForce.GTC,
        post_only=False,
        price=D(price),
        size=D(size),
        filled_size=D(filled_size),
        filled_notional=D(filled_size) * D(price),
        status=status,
        created_at_ns=created_at_ns,
        updated_at_ns=time_ns,
    )


def fill(
    trade_id: str, size: str = "1", *, order_id: str = "7", client_order_id: str = "mine-1", time_ns: int = 5
) -> Fill:
    return Fill(
        trade_id=trade_id,
        order_id=order_id,
        client_order_id=client_order_id,
        market="BTCUSDT",
        side=Side.BUY,
        price=D(100),
        size=D(size),
        liquidity=Liquidity.MAKER,
        fee=D("0.001"),
        fee_asset="BTC",
        time_ns=time_ns,
    )


class Desk:
    """A tracker with its surroundings; ``asked`` holds the orders it wanted the venue asked about."""

    def __init__(self) -> None:
        self.errors: list[Exception] = []
        self.asked: list[LiveOrder] = []
        self.offset_ns = 0
        self.step_ns = 0
        self.now_ns = SENT_AT_NS
        self.tracker = OrderTracker(
            self.asked.append,
            self.errors.append,
            clock=OrderClock(
                lambda: self.now_ns + self.step_ns,
                lambda: self.now_ns,
                lambda: self.now_ns + self.offset_ns,
            ),
        )

    def register(self, client_order_id: str = "mine-1", size: str = "10", price: str = "100") -> LiveOrder:
        return self.tracker.register(
            sent_order(
                market="BTCUSDT",
                side=Side.BUY,
                size=D(size),
                price=D(price),
                client_order_id=client_order_id,
            )
        )


async def until(order: LiveOrder, condition: Callable[[], bool]) -> None:
    changed = asyncio.Event()
    order.on_change = lambda _: changed.set()
    async with asyncio.timeout(PATIENCE_S):
        while not condition():
            changed.clear()
            await changed.wait()


def answering(answer: Order | Exception) -> Callable[[], Coroutine[Any, Any, Order]]:
    async def placing() -> Order:
        await asyncio.sleep(0)
        if isinstance(answer, Exception):
            raise answer
        return answer

    return placing


def taken(tracker: OrderTracker, one: Order) -> LiveOrder:
    """Return the order that a report was merged into."""
    tracker.take_order(one)
    order = tracker.order(one.order_id)
    assert order is not None
    return order
