"""The REST questions by which the streams settle what they cannot know. Knows what proves an order's fate."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from itertools import count
from typing import Protocol

from tradewire.errors import OrderNotFound, OutcomeUnknown
from tradewire.model import Fill, Order, Page
from tradewire.session.live_order import LiveOrder
from tradewire.venues.coinex.auth import WINDOW_S

__all__ = ["Asking", "Queries"]

SETTLING_S = WINDOW_S + 1.0
"""A request still under way is refused when its timestamp is older than the window; one second is for clocks
that disagree."""
MAX_PAGES = 10
"""Pages of finished orders searched, 100 orders each. With its client id heeded an order is on the first."""


class Asking(Protocol):
    """The methods of the client that are asked here."""

    async def order(self, market: str, order_id: str) -> Order:
        """Return one order."""
        ...

    async def open_orders(
        self, market: str | None = None, *, client_order_id: str | None = None
    ) -> Sequence[Order]:
        """Return every open order."""
        ...

    async def closed_orders(self, market: str, *, client_order_id: str, page: int) -> Page[Order]:
        """Return a page of finished orders."""
        ...

    async def fills(self, market: str, *, start_ns: int, page: int) -> Page[Fill]:
        """Return a page of our trades."""
        ...


class Queries:
    """Asks until there is proof.

    Args:
        client: Who asks.
        sleep: Waits, seconds.
    """

    def __init__(self, client: Asking, sleep: Callable[[float], Awaitable[None]] = asyncio.sleep) -> None:
        self._client = client
        self._sleep = sleep

    async def open_orders(self) -> Sequence[Order]:
        """Return every open order of the account."""
        return await self._client.open_orders()

    async def find_order(self, order: LiveOrder) -> Order | None:
        """Return the order, or ``None`` once it is sure that it neither rests nor traded nor ever will.

        The venue forgets an order that was cancelled without a fill, so that one is ``None`` as well. An
        order without an id of the venue's may still be under way: "not there" counts only after its
        timestamp has expired, and this waits for that.

        Raises:
            OutcomeUnknown: There are more finished orders than are searched.
        """
        if order.order_id:
            try:
                return await self._client.order(order.market, order.order_id)
            except OrderNotFound:
                return None
        found = await self._search(order)
        if found is None:
            await self._sleep(SETTLING_S)
            found = await self._search(order)
        return found

    async def fills_since(self, market: str, since_ns: int) -> Sequence[Fill]:
        """Return our fills in ``market`` from ``since_ns`` (UTC) on. New ones may come twice while we ask."""
        fills: list[Fill] = []
        for number in count(1):
            page = await self._client.fills(market, start_ns=since_ns, page=number)
            fills.extend(page.items)
            if not page.has_next or not page.items:
                break
        return fills

    async def _search(self, order: LiveOrder) -> Order | None:
        # First the open ones: an order that fills in between is then among the finished.
        for report in await self._client.open_orders(order.market, client_order_id=order.client_order_id):
            if order.fits(report):
                return report
        for number in range(1, MAX_PAGES + 1):
            page = await self._client.closed_orders(
                order.market, client_order_id=order.client_order_id, page=number
            )
            for report in page.items:
                if order.fits(report):
                    return report
            if not page.has_next or not page.items:
                return None
        raise OutcomeUnknown(
            f"{order.client_order_id} is not among the last finished orders of {order.market}, and there are more",
            lookup=f"CoinEx.closed_orders({order.market!r}, page={MAX_PAGES + 1})",
            venue="coinex",
        )
