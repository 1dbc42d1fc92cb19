"""One spoilt row on a real socket, on every venue and both doors: its neighbours are read, and it is reported."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import pytest

from support.witness import PATIENCE_S
from tradewire.errors import FrameError, OutcomeUnknown, UnreadableRow
from tradewire.model import Order, OrderStatus
from tradewire.protocol import events
from tradewire.registry import find_venue
from tradewire.sandbox import Sandbox

VENUES: dict[str, tuple[str, str, str]] = {
    "coinex": ("BTCUSDT", "0.001", "50000"),
    "truex": ("BTC-PYUSD", "0.001", "50000"),
    "exchange": ("ABC-USD", "1", "5"),
}
DEFECTS = [
    "null_field",
    "missing_field",
    "wrong_type",
    "not_a_number",
    "unknown_word",
    "null_row",
    "empty_row",
]


class Setting:
    """A venue, our client of it, and what it told of rows that cannot be read."""

    def __init__(self, name: str, faults: Any, client: Any) -> None:
        self.name, self.faults, self.client = name, faults, client
        self.market, self.size, self.price = VENUES[name]
        self.told: list[UnreadableRow] = []
        client.watch_events(self._take)

    def _take(self, event: events.Event) -> None:
        if isinstance(event, events.RowUnreadable):
            self.told.append(event.error)

    async def prepare(self) -> None:
        """Choose a price at which an order rests: one venue takes none that is far from the market."""
        if self.name == "truex":
            [quote] = await self.client.quotes(self.market)
            self.price = str(quote.bid.price - 100)
        elif self.name == "exchange":
            self.market = (await self.client.markets())[0].symbol

    async def place(self) -> Order:
        order: Order = await self.client.place_order(self.market, "buy", self.size, self.price)
        return order


@asynccontextmanager
async def opened(name: str) -> AsyncIterator[Setting]:
    name, _, early = name.partition(" ")
    venue = find_venue(name)
    options: dict[str, Any] = {name: venue.options_class(replies_early=True)} if early else {}
    async with (
        Sandbox([name], seed=7, rate=0, **options) as box,
        venue.client_class.for_sandbox(box) as client,
    ):
        at = Setting(name, getattr(box, name).faults, client)
        await at.prepare()
        yield at


@pytest.mark.parametrize("name", VENUES)
async def test_a_spoilt_row_hides_no_neighbour_in_a_list_of_orders(name: str) -> None:
    async with opened(name) as at:
        placed = {(await at.place()).order_id for _ in range(3)}
        for defect in DEFECTS:
            at.told.clear()
            at.faults.bad_row(defect, "orders", where="rest")
            found = await at.client.open_orders(at.market)
            assert {order.order_id for order in found} <= placed
            assert len(found) + len(found.unreadable) == 3, defect
            assert len(found) >= 2, defect
            assert [row.reason for row in at.told] == [row.reason for row in found.unreadable]
            assert all(row.endpoint.startswith("GET ") for row in at.told)
            if defect in {"not_a_number", "null_row", "empty_row"}:
                assert len(found.unreadable) == 1, defect
        assert {order.order_id for order in await at.client.open_orders(at.market)} == placed


@pytest.mark.parametrize("name", VENUES)
@pytest.mark.parametrize("defect", ["null_field", "missing_field", "not_a_number", "unknown_word"])
async def test_the_order_of_a_spoilt_reply_is_accepted_or_its_fate_is_asked_for(
    name: str, defect: str
) -> None:
    async with opened(name) as at:
        at.faults.bad_row(defect, "orders", where="rest")
        try:
            order = await at.place()
        except OutcomeUnknown as error:
            # Exchange has no client order id to tell whose order it is.
            assert name == "exchange"
            cause = error.__cause__
            assert isinstance(cause, FrameError)
        else:
            assert order.order_id
            assert order.market == at.market
            [resting] = await at.client.open_orders(at.market)
            assert resting.order_id == order.order_id


@pytest.mark.parametrize("name", ["coinex", "truex", "truex early"])
async def test_an_order_whose_id_is_known_is_confirmed_while_no_reply_about_it_can_be_read(name: str) -> None:
    async with opened(name) as at:
        at.faults.bad_row("not_a_number", "orders", count=10_000)
        order = at.client.send_order(at.market, "buy", at.size, at.price)
        async with asyncio.timeout(PATIENCE_S):
            await order
        assert (order.status, str(order.size), order.filled_size) == (OrderStatus.OPEN, at.size, 0)
        assert order.order_id
        at.faults.clear()
        changed = asyncio.Event()
        order.on_change = lambda _: changed.set()
        async with asyncio.timeout(PATIENCE_S):
            while order.report is None or not order.report.updated_at_ns:
                await changed.wait()
                changed.clear()
        assert order.status is OrderStatus.OPEN
        [resting] = await at.client.open_orders(at.market)
        assert resting.order_id == order.order_id


@pytest.mark.parametrize("name", ["coinex", "truex"])
@pytest.mark.parametrize("defect", ["not_a_number", "null_row", "unknown_word"])
async def test_a_spoilt_push_is_reported_and_those_after_it_are_read(name: str, defect: str) -> None:
    async with opened(name) as at:
        seen: list[Order] = []
        arrived = asyncio.Event()

        def take(order: Order) -> None:
            seen.append(order)
            arrived.set()

        watching = at.client.watch_orders(at.market, on_update=take)
        async with asyncio.timeout(PATIENCE_S):
            await watching.ready()
            at.faults.bad_row(defect, "orders", where="push", market=at.market)
            first, second = await at.place(), await at.place()
            while not any(order.order_id == second.order_id for order in seen):
                arrived.clear()
                await arrived.wait()
        told = {row.endpoint for row in at.told}
        assert told or any(order.order_id == first.order_id for order in seen)
        assert all(order.received_at_ns > 0 for order in seen)
