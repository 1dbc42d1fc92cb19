"""TrueX's answers to the questions of ``session.inquiry``: each asks once."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from tradewire.errors import OrderNotFound
from tradewire.model import Fill, Order
from tradewire.protocol.arguments import Exact
from tradewire.session.live_order import LiveOrder

if TYPE_CHECKING:
    from tradewire.venues.truex.client import TrueX

__all__ = ["Queries"]


class Queries:
    """Asks the client."""

    def __init__(self, client: TrueX) -> None:
        self._client = client

    async def open_orders(self) -> Sequence[Order]:
        """Return every open order of the account."""
        return await self._client.open_orders()

    async def cancel(self, order: LiveOrder) -> Order:
        """Cancel an order."""
        return await self._client.cancel_order(order.market, order.order_id)

    async def amend(self, order: LiveOrder, price: Exact | None, size: Exact | None) -> Order:
        """Change price or size of an order."""
        return await self._client.amend_order(order.market, order.order_id, price=price, size=size)

    def restored(self, order: LiveOrder) -> None:
        """Do nothing: the venue's answers name the order."""

    async def find_order(self, order: LiveOrder) -> Order | None:
        """Return the order, ``None`` if the venue has none. It remembers every order for weeks, refused ones too."""
        if order.order_id:
            return await self._status(order_id=order.order_id)
        found = await self._status(client_order_id=order.client_order_id)
        # An id that was used before names the order before it until the new one arrives.
        return found if found is not None and order.fits(found) else None

    async def fills_since(self, market: str, since_ns: int) -> Sequence[Fill]:
        """Return our fills from ``since_ns`` (UTC) on, of all markets if ``market`` is empty."""
        return [fill async for fill in self._client.iter_fills(market, start_ns=since_ns)]

    async def _status(self, order_id: str | None = None, client_order_id: str | None = None) -> Order | None:
        try:
            return await self._client.order_status(order_id, client_order_id=client_order_id)
        except OrderNotFound:
            return None
