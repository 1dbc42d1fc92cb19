"""The REST questions by which the streams settle what they cannot know. Knows what proves an order's fate."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from typing import Protocol

from tradewire.errors import OrderNotFound
from tradewire.model import Fill, Order
from tradewire.session.live_order import LiveOrder

__all__ = ["Asking", "Queries"]


class Asking(Protocol):
    """The methods of the client that are asked here."""

    async def order_status(self, order_id: str | None = None, *, client_order_id: str | None = None) -> Order:
        """Return one order."""
        ...

    async def open_orders(self, market: str | None = None) -> Sequence[Order]:
        """Return every open order."""
        ...

    def iter_fills(self, market: str = "", *, start_ns: int) -> AsyncIterator[Fill]:
        """Yield our trades from a time on."""
        ...


class Queries:
    """Asks the venue once for each call.

    Args:
        client: Who asks.
    """

    def __init__(self, client: Asking) -> None:
        self._client = client

    async def open_orders(self) -> Sequence[Order]:
        """Return every open order of the account."""
        return await self._client.open_orders()

    async def find_order(self, order: LiveOrder) -> Order | None:
        """Return the order, or ``None`` if the venue has none now.

        The venue remembers every order for weeks, refused ones too. One without an id of the venue's may
        still be under way: whoever asks keeps to the request window (``session.inquiry``).
        """
        return await (self._status(order_id=order.order_id) if order.order_id else self._named(order))

    async def fills_since(self, market: str, since_ns: int) -> Sequence[Fill]:
        """Return our fills from ``since_ns`` (UTC) on, of all markets if ``market`` is empty; oldest first."""
        fills = [fill async for fill in self._client.iter_fills(market, start_ns=since_ns)]
        return sorted(fills, key=lambda fill: fill.time_ns)

    async def _named(self, order: LiveOrder) -> Order | None:
        found = await self._status(client_order_id=order.client_order_id)
        # An id that was used before names the order before it until the new one arrives.
        return found if found is not None and order.fits(found) else None

    async def _status(self, order_id: str | None = None, client_order_id: str | None = None) -> Order | None:
        try:
            return await self._client.order_status(order_id, client_order_id=client_order_id)
        except OrderNotFound:
            return None
