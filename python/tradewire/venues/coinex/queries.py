"""CoinEx's answers to the questions of ``session.inquiry``: each asks once."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from tradewire.errors import OrderNotFound, OutcomeUnknown
from tradewire.model import AccountKind, Fill, Order, Page, unreadable_rows
from tradewire.protocol.arguments import Exact
from tradewire.session.live_order import LiveOrder
from tradewire.session.paging import gather

if TYPE_CHECKING:
    from tradewire.venues.coinex.rest.deals import Deals
    from tradewire.venues.coinex.rest.orders import Orders

__all__ = ["Queries"]

MAX_PAGES = 10
"""Pages of finished orders searched, 100 orders each. With its client id heeded an order is on the first."""


class Queries:
    """Asks the venue once for each call.

    Args:
        orders: Asks about orders.
        deals: Asks about fills.
        account: Whose they are.
    """

    def __init__(self, orders: Orders, deals: Deals, account: AccountKind) -> None:
        self._client = orders
        self._deals = deals
        self._account = account

    async def open_orders(self) -> Sequence[Order]:
        """Return every open order of the account."""
        return await self._client.open_orders(account=self._account)

    async def cancel(self, order: LiveOrder) -> Order:
        """Cancel an order."""
        return await self._client.cancel_order(order.market, order.order_id, account=self._account)

    async def amend(self, order: LiveOrder, price: Exact | None, size: Exact | None) -> Order:
        """Change price or size of an order."""
        return await self._client.amend_order(
            order.market, order.order_id, price=price, size=size, account=self._account
        )

    def restored(self, order: LiveOrder) -> None:
        """Do nothing: the venue's answers name the order."""

    async def find_order(self, order: LiveOrder) -> Order | None:
        """Return the order, or ``None`` if it neither rests nor traded as far as the venue shows now.

        The venue forgets an order that was cancelled without a fill, so that one is ``None`` as well. An
        order without an id of the venue's may still be under way: whoever asks keeps to the request window
        (``session.inquiry``).

        Raises:
            OutcomeUnknown: There are more finished orders than are searched, or a row that cannot be read may be it.
        """
        if order.order_id:
            try:
                return await self._client.order(order.market, order.order_id)
            except OrderNotFound:
                return None
        return await self._search(order)

    async def fills_since(self, market: str, since_ns: int) -> Sequence[Fill]:
        """Return our fills in ``market`` from ``since_ns`` (UTC) on. New ones may come twice while we ask."""

        async def fetch(number: int, _: str) -> Page[Fill]:
            return await self._deals.fills(market, start_ns=since_ns, page=number, account=self._account)

        return await gather(fetch)

    async def _search(self, order: LiveOrder) -> Order | None:
        # First the open ones: an order that fills in between is then among the finished.
        found = await self._client.open_orders(
            order.market, client_order_id=order.client_order_id, account=self._account
        )
        for report in found:
            if order.fits(report):
                return report
        faults = list(unreadable_rows(found))
        for number in range(1, MAX_PAGES + 1):
            page = await self._client.closed_orders(
                order.market, client_order_id=order.client_order_id, page=number, account=self._account
            )
            for report in page.items:
                if order.fits(report):
                    return report
            faults += page.unreadable
            if not page.has_next or not (page or page.unreadable):
                if any(fault.may_concern("", order.client_order_id) for fault in faults):
                    break
                return None
        unread = f"{len(faults)} rows cannot be read" if faults else "there are more"
        raise OutcomeUnknown(
            f"{order.client_order_id} is not among the last finished orders of {order.market}, and {unread}",
            lookup=f"{self._client.product.client}.closed_orders({order.market!r}, page={MAX_PAGES + 1})",
            venue="coinex",
        )
