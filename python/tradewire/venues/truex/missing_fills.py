"""Fills of orders that grew: the venue pushes that an order traded, and tells the trades only when asked.

Knows which orders have traded more than their known fills add up to, and asks until they add up.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable, Sequence

from tradewire.errors import RemoteProtocolError
from tradewire.model import Fill
from tradewire.session.live_order import LiveOrder

__all__ = ["MissingFills"]

FIRST_WAIT_S = 0.1
WAIT_CAP_S = 5.0
PATIENCE_S = 60.0
"""An order whose trades do not add up for this long is given up on, with an error that says so."""


class MissingFills:
    """Asks for the trades of orders that grew, one request at a time however many did.

    Args:
        fills_since: Returns our fills from a time on, UTC.
        deliver: Takes each; sorts out those already seen.
        report: Takes errors that have no other place to go.
    """

    def __init__(
        self,
        fills_since: Callable[[int], Awaitable[Sequence[Fill]]],
        deliver: Callable[[Fill], None],
        report: Callable[[Exception], None],
    ) -> None:
        self._fills_since = fills_since
        self._deliver = deliver
        self._report = report
        self._owing: dict[str, tuple[LiveOrder, float]] = {}
        self._task: asyncio.Task[None] | None = None

    def look_at(self, order: LiveOrder) -> None:
        """Note an order of which something was told; ask if it has traded more than we know of."""
        if _is_owed(order) and order.order_id not in self._owing:
            self._owing[order.order_id] = (order, time.monotonic() + PATIENCE_S)
            if self._task is None or self._task.done():
                self._task = asyncio.get_running_loop().create_task(self._ask())

    async def close(self) -> None:
        """Stop asking."""
        if self._task is not None:
            self._task.cancel()
            await asyncio.wait([self._task])

    async def _ask(self) -> None:
        wait_s = FIRST_WAIT_S
        while self._owing:
            since_ns = min(_since_ns(order) for order, _ in self._owing.values())
            try:
                fills = await self._fills_since(since_ns)
            except Exception as error:
                # Nobody awaits this: were it to end here, no trade would be asked for any more.
                self._report(error)
            else:
                for fill in fills:
                    self._deliver(fill)
            self._strike_off()
            if self._owing:
                await asyncio.sleep(wait_s)
                wait_s = min(2 * wait_s, WAIT_CAP_S)

    def _strike_off(self) -> None:
        now_s = time.monotonic()
        for order_id, (order, give_up_s) in list(self._owing.items()):
            if not _is_owed(order):
                del self._owing[order_id]
            elif now_s >= give_up_s:
                del self._owing[order_id]
                told = order.fills_size
                words = f"order {order_id} traded {order.filled_size}, the trades the venue tells add up to {told}"
                self._report(RemoteProtocolError(words))


def _is_owed(order: LiveOrder) -> bool:
    return order.fills_size < order.filled_size


def _since_ns(order: LiveOrder) -> int:
    """Return a time before every fill we do not know: the last one we know, or the order's beginning."""
    fills = order.fills
    if fills:
        return fills[-1].time_ns
    return 0 if order.report is None else order.report.created_at_ns
