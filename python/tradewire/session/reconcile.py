"""What happened to our orders while nobody could tell us.

User streams have no snapshot, so after a reconnect the venue is asked. Knows which questions to ask and in
which order; refuses to know how a venue spells them.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterable, Sequence
from typing import Protocol

from tradewire.model import Fill, Order
from tradewire.session.live_order import LiveOrder
from tradewire.session.orders import OrderTracker

__all__ = ["OrderQueries", "reconcile", "retry_until_success"]

RETRY_S = 1.0
RETRY_CAP_S = 30.0


class OrderQueries(Protocol):
    """The questions a venue answers about our orders."""

    async def open_orders(self) -> Sequence[Order]:
        """Return every open order of the account, all pages."""

    async def find_order(self, order: LiveOrder) -> Order | None:
        """Return the order, or ``None`` once it is proved that the venue has no such order.

        Raises:
            RequestError: The question failed.
        """

    async def fills_since(self, market: str, since_ns: int) -> Sequence[Fill]:
        """Return our fills in ``market`` from ``since_ns`` (UTC) on, all pages."""


async def reconcile(
    tracker: OrderTracker,
    queries: OrderQueries,
    *,
    since_ns: int,
    markets: Iterable[str] = (),
    on_order: Callable[[Order], None],
    on_absent: Callable[[LiveOrder], None],
    on_fill: Callable[[Fill], None],
) -> None:
    """Learn what happened since ``since_ns`` while the user streams are already live again.

    Certain afterwards: the state of every order that was alive in ``tracker``, every order that is open now,
    and every fill in ``markets`` and in those of the orders the tracker remembers, finished ones too. Not
    covered: orders of other programs that were placed and finished in between in a market none of ours was in.

    Args:
        tracker: Our orders.
        queries: The venue.
        since_ns: Earlier than the last moment the stream was surely alive, UTC.
        markets: Markets to ask for fills besides those of our orders.
        on_order: Takes every report; merges it.
        on_absent: Takes every order the venue does not know any more.
        on_fill: Takes every fill; sorts out those already seen.

    Raises:
        RequestError: A question failed; ask everything again.
    """
    alive_before = [order for order in tracker.live if order.order_id]
    open_now = await queries.open_orders()
    for report in open_now:
        on_order(report)
    open_ids = {report.order_id for report in open_now}
    for order in alive_before:
        if order.order_id not in open_ids and not order.status.is_final:
            report_or_none = await queries.find_order(order)
            if report_or_none is None:
                on_absent(order)
            else:
                on_order(report_or_none)
    # An order may have finished by REST while the stream was away: its market still counts.
    wanted = {*markets, *tracker.markets, *(report.market for report in open_now)}
    for market in sorted(wanted - {""}):
        for fill in await queries.fills_since(market, since_ns):
            on_fill(fill)


async def retry_until_success(
    ask: Callable[[], Awaitable[None]], report: Callable[[Exception], None]
) -> None:
    """Ask again until nothing fails, waiting twice as long each time, half a minute at most.

    Nobody awaits this, so that whatever fails is reported: an answer that makes no sense, and a bug, too.
    """
    wait_s = RETRY_S
    while True:
        try:
            await ask()
        except Exception as error:
            report(error)
            await asyncio.sleep(wait_s)
            wait_s = min(2 * wait_s, RETRY_CAP_S)
        else:
            return
