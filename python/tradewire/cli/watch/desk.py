"""What the screen shows of a market, kept from the client's streams. Knows nothing of terminals."""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections import deque
from collections.abc import AsyncIterator
from decimal import Decimal
from typing import Any, NamedTuple

from tradewire.book import Book
from tradewire.cli.ladder import level_limit, wait_ready
from tradewire.errors import NotSupported, RequestError
from tradewire.interface import VenueClient
from tradewire.model import Fill, Order, Side, Trade
from tradewire.protocol import events
from tradewire.protocol.events import Event

__all__ = ["Desk", "Row"]

KEPT = 50
"""Trades, fills and events that are kept to be shown."""
ASK_EVERY_S = 5.0
"""How often the venue is asked for its time, for the round trip that is shown."""


class Row(NamedTuple):
    """A level of a book and what stands there."""

    price: Decimal
    size: Decimal
    own: tuple[Order, ...]
    """Our orders at that price."""
    ahead: int | None
    """Orders ahead of our first one; ``None`` where the venue does not publish orders."""


class Desk:
    """One market with our orders, fills and positions in it.

    Args:
        client: An open client. Its account is watched if it has one.
        market: The market.
        place: Where the client is, in words.
    """

    def __init__(self, client: VenueClient, market: str, place: str) -> None:
        self.client: Any = client
        self.market = market
        self.place = place
        self.book: Book
        self.orders: dict[str, Order] = {}
        self.trades: deque[Trade] = deque(maxlen=KEPT)
        self.fills: deque[Fill] = deque(maxlen=KEPT)
        self.events: deque[tuple[int, Event]] = deque(maxlen=KEPT)
        self.state = "connecting"
        self.round_trip_ms: float | None = None
        self.reacted_us: deque[float] = deque(maxlen=KEPT * 4)
        self._cash = self._held = Decimal(0)
        self._has_positions = False

    @contextlib.asynccontextmanager
    async def open(self, venue: str, depth: int, *, is_private: bool) -> AsyncIterator[None]:
        """Watch everything until the block ends.

        Raises:
            TradewireError: No book of the market came.
        """
        client = self.client
        async with contextlib.AsyncExitStack() as stack:
            client.watch_events(self._on_event)
            watch = client.watch_book(self.market, depth=level_limit(venue, depth), on_update=self._on_book)
            await stack.enter_async_context(watch)
            self.book = watch.book
            await wait_ready(watch, self.market, self.place)
            await stack.enter_async_context(
                client.watch_trades(self.market, on_update=self.trades.appendleft)
            )
            if is_private:
                await self._open_account(stack)
            asking = asyncio.create_task(self._ask_time())
            stack.callback(asking.cancel)
            yield

    async def _open_account(self, stack: contextlib.AsyncExitStack) -> None:
        client = self.client
        orders = client.watch_orders(self.market, on_update=self._on_order)
        fills = client.watch_fills(self.market, on_update=self._on_fill)
        for one in (orders, fills):
            await stack.enter_async_context(one)
        if hasattr(client, "watch_positions"):
            self._has_positions = True
            await stack.enter_async_context(client.watch_positions(on_update=lambda _: None))
        await asyncio.gather(orders.ready(), fills.ready())
        for order in await client.open_orders(self.market):
            self._on_order(order)

    async def _ask_time(self) -> None:
        while True:
            start = time.perf_counter()
            with contextlib.suppress(RequestError):
                await self.client.time()
                self.round_trip_ms = (time.perf_counter() - start) * 1e3
            await asyncio.sleep(ASK_EVERY_S)

    def _on_book(self, event: Any) -> None:
        self.reacted_us.append((time.time_ns() - event.received_at_ns) / 1e3)

    def _on_order(self, order: Order) -> None:
        if order.market != self.market:
            return
        if order.status.is_final:
            self.orders.pop(order.order_id, None)
        else:
            self.orders[order.order_id] = order

    def _on_fill(self, fill: Fill) -> None:
        if fill.market != self.market:
            return
        self.fills.appendleft(fill)
        sign = 1 if fill.side is Side.BUY else -1
        self._held += sign * fill.size
        self._cash -= sign * fill.size * fill.price

    def _on_event(self, event: Event) -> None:
        self.events.appendleft((time.time_ns(), event))
        match event:
            case events.Live() | events.Reconnected() | events.CaughtUp():
                self.state = "live"
            case events.Disconnected():
                self.state = "disconnected"
            case events.CatchUpStarted():
                self.state = "catching up"
            case _:
                pass

    def levels(self, side: str, depth: int) -> list[Row]:
        """Return the best levels of a side with our orders in them."""
        found = (self.book.bids if side == "buy" else self.book.asks)(depth, unsynced_ok=True)
        return [self._row(side, price, size) for price, size in found]

    def _row(self, side: str, price: Decimal, size: Decimal) -> Row:
        own = tuple(order for order in self.orders.values() if order.side == side and order.price == price)
        places = [self._ahead(order) for order in own]
        known = [place for place in places if place is not None]
        return Row(price, size, own, min(known) if known else None)

    def _ahead(self, order: Order) -> int | None:
        queue = getattr(self.book, "queue", None)
        place = queue(order.order_id, unsynced_ok=True) if queue else None
        return None if place is None else int(place.orders_ahead)

    @property
    def position(self) -> Decimal:
        """Base units held: the venue's position, or what was traded since the start."""
        if self._has_positions:
            with contextlib.suppress(NotSupported, RequestError):
                return Decimal(self.client.position(self.market).size)
        return self._held

    @property
    def profit(self) -> Decimal | None:
        """Quote units that trading since the start brought, at the middle of now, before fees; ``None`` without one."""
        mid = self.book.mid(unsynced_ok=True)
        return None if mid is None else self._cash + self._held * mid

    @property
    def reaction_us(self) -> float | None:
        """Median time from the receipt of a push to the callback."""
        found = sorted(self.reacted_us)
        return found[len(found) // 2] if found else None
