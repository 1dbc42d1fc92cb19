"""Fills of orders that have traded more than their known fills add up to.

Where the venue pushes fills they are late or lost; where it does not, this is how they are learned. Knows which orders
miss some, and asks until they add up.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

from tradewire.errors import RemoteProtocolError
from tradewire.session.background import Tasks
from tradewire.session.inquiry import Inquiries
from tradewire.session.live_order import LiveOrder

__all__ = ["MissingFills"]

WAIT_CAP_S = 5.0
FIRST_WAIT_S = 0.1
PATIENCE_ANSWERS = 20
"""Answers that do not add up before an order is given up on, with an error that says so. Failures do not count."""
OVERLAP_NS = 60 * 1_000_000_000
"""Fills may be reported out of order: first asked for is what is this much older than the last one known."""
CLOCK_STEP_NS = 3600 * 1_000_000_000
"""Where the order's start brings them not: the venue's clock may have been set back by so much since."""
CLOCK_STEP_TRIES = 3


class MissingFills:
    """Asks for the fills of orders that miss some, one question at a time for each market.

    Args:
        by_market: Fills are asked for by market; ``False`` where the venue returns them for all markets together.
        grace_s: How long pushes may take before anything is asked; 0 where the venue pushes none.
    """

    def __init__(
        self,
        inquiries: Inquiries,
        report: Callable[[Exception], None],
        *,
        by_market: bool,
        grace_s: float,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        self._inquiries = inquiries
        self._report = report
        self._by_market = by_market
        self._grace_s = grace_s
        self._sleep = sleep
        # By market, with the number of answers so far that did not add up.
        self._missing: dict[str, dict[LiveOrder, int]] = {}
        self._tasks = Tasks[str](report)

    def look_at(self, order: LiveOrder) -> None:
        """Take note of an order that something was reported of; ask if it has traded more than its fills say."""
        if not _is_missing(order):
            return
        market = order.market if self._by_market else ""
        self._missing.setdefault(market, {}).setdefault(order, 0)
        self._tasks.start(market, lambda: self._ask(market))

    async def close(self) -> None:
        """Stop asking."""
        await self._tasks.close()

    async def _ask(self, market: str) -> None:
        orders = self._missing[market]
        wait_s = self._grace_s
        while True:
            await self._sleep(wait_s)
            for order in [order for order in orders if not _is_missing(order)]:
                del orders[order]
            if not orders:
                break
            await self._inquiries.fills(
                market, min(_since_ns(order, tries) for order, tries in orders.items())
            )
            for order in list(orders):
                orders[order] += 1
                if _is_missing(order) and orders[order] >= PATIENCE_ANSWERS:
                    del orders[order]
                    self._report(
                        RemoteProtocolError(
                            f"order {order.order_id} traded {order.filled_size}, "
                            f"but the fills the venue returns add up to {order.fills_size}"
                        )
                    )
            wait_s = min(max(2 * wait_s, FIRST_WAIT_S), WAIT_CAP_S)
        del self._missing[market]


def _is_missing(order: LiveOrder) -> bool:
    return order.fills_size < order.filled_size


def _since_ns(order: LiveOrder, tries: int) -> int:
    """Return a time before every missing fill: shortly before the last known one, the order's start, long before it."""
    started_ns = 0 if order.report is None else order.report.created_at_ns
    fills = order.fills
    if fills and not tries:
        return max(started_ns, fills[-1].time_ns - OVERLAP_NS)
    return started_ns if tries < CLOCK_STEP_TRIES else max(0, started_ns - CLOCK_STEP_NS)
