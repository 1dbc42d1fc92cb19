"""A small market maker on the common interface: quotes at the touch, follows it, and now and then takes.

It knows no venue. Orders are sent from inside the book's callback, in the loop iteration that read the socket.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine, Mapping
from decimal import Decimal
from typing import Any

from tradewire.book import BookEvent
from tradewire.errors import OrderNotFound, OutcomeUnknown, RequestError, TradewireError
from tradewire.interface import VenueClient
from tradewire.model import Market, Side, TimeInForce
from tradewire.session.live_order import LiveOrder

__all__ = ["MarketMaker"]

QUOTE_GAP_NS = 350_000_000
"""Least time between two rounds of quotes in a market: three markets stay below 30 orders a second."""
TAKE_EVERY_S = 1.0
TAKE_BEYOND = Decimal("1.01")
"""A taking order's limit, so far through the touch that it fills on any book with something on it."""


class MarketMaker:
    """Quotes one market.

    Args:
        venue: Where.
        market: What.
        size: Size of each order, base units.
        order_options: What every order and cancel is sent with beside what is common.
        on_order: Called with every order sent, with the time of the push that caused it (0 for none).
    """

    def __init__(
        self,
        venue: VenueClient,
        market: Market,
        size: Decimal,
        on_order: Callable[[LiveOrder, int], None],
        order_options: Mapping[str, Any],
    ) -> None:
        self._venue = venue
        self._options = order_options
        self._has_ioc = TimeInForce.IOC in venue.capabilities.time_in_force
        self._market = market
        self._size = size
        self._on_order = on_order
        self._quotes: dict[Side, LiveOrder] = {}
        self._under_way: set[asyncio.Task[None]] = set()
        self._next_round_ns = 0
        self._takes = 0
        self.is_quoting = True
        self.complaints: list[str] = []

    def on_update(self, event: BookEvent) -> None:
        """Follow the touch: send what is missing, cancel what stands elsewhere."""
        book = event.book
        if not self.is_quoting or book is None or not book.is_synced:
            return
        if event.received_at_ns < self._next_round_ns:
            return
        top = book.top()
        if top.bid is None or top.ask is None:
            return
        self._next_round_ns = event.received_at_ns + QUOTE_GAP_NS
        sent: list[LiveOrder] = []
        for side, price in ((Side.BUY, top.bid), (Side.SELL, top.ask)):
            quote = self._quotes.get(side)
            if quote is None or quote.status.is_final:
                sent.append(self._quote(side, price))
            elif quote.order_id and quote.price != price:
                self._spawn(self._cancel(quote))
        # Nothing that can wait stands before an order.
        for order in sent:
            self._on_order(order, event.received_at_ns)
            self._spawn(self._hear(order))

    async def take_now_and_then(self, book_is_ready: Callable[[], tuple[Decimal, Decimal] | None]) -> None:
        """Take a little every second, so that there are fills as a taker too."""
        while self.is_quoting:
            await asyncio.sleep(TAKE_EVERY_S)
            best = book_is_ready()
            if best is None or not self.is_quoting:
                continue
            side = Side.BUY if self._takes % 2 == 0 else Side.SELL
            self._takes += 1
            limit = best[1] * TAKE_BEYOND if side is Side.BUY else best[0] / TAKE_BEYOND
            price = limit // self._market.tick_size * self._market.tick_size
            order = self._venue.send_order(
                self._market.symbol,
                side,
                self._size,
                price,
                time_in_force=TimeInForce.IOC if self._has_ioc else TimeInForce.GTC,
                **self._options,
            )
            self._on_order(order, 0)
            self._spawn(self._hear(order, leave_nothing=not self._has_ioc))

    async def stop(self) -> None:
        """Stop quoting and wait for what is under way."""
        self.is_quoting = False
        while self._under_way:
            await asyncio.wait(set(self._under_way))

    def _quote(self, side: Side, price: Decimal) -> LiveOrder:
        order = self._venue.send_order(
            self._market.symbol,
            side,
            self._size,
            price,
            post_only=self._venue.capabilities.post_only,
            **self._options,
        )
        self._quotes[side] = order
        return order

    async def _hear(self, order: LiveOrder, *, leave_nothing: bool = False) -> None:
        """Wait for the venue's answer. A refused quote is everyday business; what is unknown is being asked for."""
        try:
            await order
        except RequestError:
            return
        except TradewireError as error:
            self.complaints.append(str(error))
            return
        if leave_nothing and not order.status.is_final:
            await self._cancel(order)

    async def _cancel(self, quote: LiveOrder) -> None:
        try:
            await self._venue.cancel_order(quote.market, quote.order_id, **self._options)
        except (OrderNotFound, OutcomeUnknown):
            # It was filled while the cancel was on its way; or the connection went with the cancel, and the next
            # push cancels again what still stands elsewhere.
            return
        except TradewireError as error:
            self.complaints.append(f"cancel: {error}")

    def _spawn(self, work: Coroutine[Any, Any, None]) -> None:
        task = asyncio.ensure_future(work)
        self._under_way.add(task)
        task.add_done_callback(self._under_way.discard)
