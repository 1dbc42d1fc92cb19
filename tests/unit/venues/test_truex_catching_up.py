"""From when on TrueX is asked what happened while the drop copy was not heard."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from decimal import Decimal
from typing import Any, cast

import pytest

from tradewire.model import Fill, Order, OrderStatus, OrderType, Side, TimeInForce
from tradewire.protocol import events
from tradewire.protocol.channels import Channel
from tradewire.session.catch_up import MARGIN_NS
from tradewire.session.live_order import LiveOrder
from tradewire.transport.ws import PicowsTransport
from tradewire.venues.truex.auth import Auth
from tradewire.venues.truex.connection import Streams
from tradewire.venues.truex.dialect import Dialect
from tradewire.venues.truex.queries import Queries

MARKET = "BTC-PYUSD"
SECOND = 1_000_000_000
LOST = events.Disconnected("broken", 0, 1)


def report(status: OrderStatus = OrderStatus.OPEN) -> Order:
    return Order(
        order_id="7",
        client_order_id="",
        market=MARKET,
        side=Side.BUY,
        type=OrderType.LIMIT,
        time_in_force=TimeInForce.GTC,
        post_only=False,
        price=Decimal(1),
        size=Decimal(1),
        filled_size=Decimal(0),
        filled_notional=Decimal(0),
        status=status,
        created_at_ns=1,
        updated_at_ns=1,
    )


class Venue:
    """Has one order, open or not, and answers when it may."""

    def __init__(self) -> None:
        self.order = report()
        self.since: list[int] = []
        self.gate = asyncio.Event()
        self.asked = asyncio.Event()

    async def open_orders(self) -> Sequence[Order]:
        self.asked.set()
        await self.gate.wait()
        return () if self.order.status.is_final else (self.order,)

    async def find_order(self, order: LiveOrder) -> Order:
        assert order.order_id == "7"
        return self.order

    async def fills_since(self, market: str, since_ns: int) -> Sequence[Fill]:
        self.since.append(since_ns)
        return ()


class Rig:
    """A connection's rooms without a connection, and a clock with hands."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.now_s = 1000
        auth = Auth(None, None, user_id="1", organization_id="", version="v")
        dialect = Dialect(
            auth,
            "ws://nowhere",
            account_id=lambda: "1",
            unidentified=lambda: None,
            venue_now_ms=lambda: 0,
            read=lambda _: (),
            sign_path=True,
        )

        async def load_markets() -> None:
            raise AssertionError("nothing is opened here")

        self.venue = Venue()
        self.streams = Streams(
            url="ws://nowhere",
            transport=PicowsTransport(),
            queries=cast("Queries", self.venue),
            dialect=dialect,
            load_markets=load_markets,
        )
        monkeypatch.setattr(self.streams._catch_up, "_now_ns", lambda: self.now_s * SECOND)
        confirmed = Channel("DROPCOPY")
        monkeypatch.setattr(self.streams.session, "is_confirmed", lambda channel: channel == confirmed)
        self.streams.tracker.take_order(report())
        order = self.streams.tracker.order("7")
        assert order is not None
        self.order = order

    def tell(self, event: events.Event, at_s: int) -> None:
        self.now_s = at_s
        self.streams._on_event(event)

    async def asked(self) -> None:
        async with asyncio.timeout(5):
            await self.venue.asked.wait()
        self.venue.asked.clear()

    async def answered(self) -> None:
        self.venue.gate.set()
        task: Any = self.streams._catch_up._task
        async with asyncio.timeout(5):
            await task
        self.venue.gate.clear()


@pytest.fixture
def rig(monkeypatch: pytest.MonkeyPatch) -> Rig:
    return Rig(monkeypatch)


async def test_loss_during_the_questions_of_another_is_asked_for_from_its_beginning(rig: Rig) -> None:
    rig.tell(events.Live(), 1000)
    await rig.answered()
    rig.tell(LOST, 2000)
    rig.tell(events.Live(), 2001)
    await rig.asked()
    rig.tell(LOST, 2002)
    await rig.answered()
    # Much later than the margin: what happened in between would be lost.
    rig.tell(events.Live(), 9000)
    await rig.answered()
    assert rig.venue.since[-1] == 2002 * SECOND - MARGIN_NS
    rig.tell(LOST, 9500)
    rig.tell(events.Live(), 9999)
    await rig.answered()
    assert rig.venue.since[-1] == 9500 * SECOND - MARGIN_NS
    await rig.streams.close()


async def test_order_that_ended_before_the_drop_copy_was_followed_is_asked_for(rig: Rig) -> None:
    rig.venue.order = report(OrderStatus.CANCELLED)
    rig.tell(events.Live(), 1000)
    await rig.answered()
    assert rig.order.status is OrderStatus.CANCELLED
    await rig.streams.close()


async def test_nothing_is_asked_again_while_the_drop_copy_is_followed(rig: Rig) -> None:
    rig.tell(events.Live(), 1000)
    await rig.answered()
    questions = len(rig.venue.since)
    # As after every subscription to another channel.
    rig.tell(events.Live(), 1001)
    await rig.answered()
    assert len(rig.venue.since) == questions
    await rig.streams.close()
