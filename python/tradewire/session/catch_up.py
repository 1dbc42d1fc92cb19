"""What happened to our account while no stream was there to say: asked after every loss and before the first push.

Knows losses, their times and which questions to ask; how one is asked until it is answered is ``inquiry``'s.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable, Coroutine, Iterable
from typing import Any, Self

from tradewire.protocol import events
from tradewire.session.inquiry import Inquiries, Sink
from tradewire.session.live_order import LiveOrder
from tradewire.session.orders import OrderTracker
from tradewire.session.venue_time import VenueTime

__all__ = ["CatchUp"]

MARGIN_NS = 60 * 1_000_000_000
"""Asked for is what happened from this long before a loss, which is noticed late. What is known already is sorted out
by its id."""


class CatchUp:
    """Asks for what was missed until every question is answered.

    Every order and every market is a question of its own with its own retry: a failing one is reported
    (``CatchUpFailing``) and holds up no other. They are asked twice, the second time when the venue's reads can no
    longer be behind the moment the stream came back. ``CaughtUp`` says that all are answered.

    Args:
        tracker: Our orders.
        inquiries: Asks.
        sink: Takes reports of orders.
        publish: Takes events.
        venue_time: The venue's clock, for the times that are asked with.
        markets: Returns markets whose fills are watched, besides those of our orders.
        by_market: Fills are asked for by market; ``False`` where the venue returns them for all markets together.
        sleep: Waits for the second time.
    """

    def __init__(
        self,
        tracker: OrderTracker,
        inquiries: Inquiries,
        sink: Sink,
        publish: Callable[[events.Event], None],
        venue_time: VenueTime,
        *,
        markets: Callable[[], Iterable[str]] = tuple,
        by_market: bool = True,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        self._tracker = tracker
        self._inquiries = inquiries
        self._sink = sink
        self._publish = publish
        self._venue_time = venue_time
        self._markets = markets
        self._by_market = by_market
        self._sleep = sleep
        self._task: asyncio.Task[None] | None = None
        self._is_due = False
        self.is_behind = True
        """Something may have happened that has not been asked for yet."""

    def lost(self) -> None:
        """Take note that from now on something may be missed."""
        self.is_behind = True
        self._venue_time.lost()

    def begin(self) -> None:
        """Ask now: the stream reports again. A catch-up under way starts over, with everything since the first loss."""
        if self._task is not None:
            self._task.cancel()
        self._start()

    def missed(self) -> None:
        """Ask for something that was missed on a living connection, after what is being asked already."""
        self.lost()
        if self._task is None or self._task.done():
            self._start()
        else:
            self._is_due = True

    async def close(self) -> None:
        """Stop asking."""
        if self._task is not None:
            self._task.cancel()
            await asyncio.wait([self._task])

    def _start(self) -> None:
        self._is_due = False
        self._task = asyncio.get_running_loop().create_task(self._run(), name="tradewire catch-up")

    async def _run(self) -> None:
        started_ns = time.monotonic_ns()
        await self._venue_time.refresh()
        since_ns = max(0, self._venue_time.since() - MARGIN_NS)
        alive = [order for order in self._tracker.live if order.order_id]
        self._publish(events.CatchUpStarted(1 + len(alive) + len(self._wanted_markets())))
        await self._round(alive, since_ns)
        await self._sleep(self._inquiries.read_lag_s)
        await self._round([order for order in alive if not order.status.is_final], since_ns)
        if self._is_due:
            self._start()
            return
        self.is_behind = False
        self._venue_time.caught_up()
        self._publish(events.CaughtUp(time.monotonic_ns() - started_ns))

    async def _round(self, alive: list[LiveOrder], since_ns: int) -> None:
        """Ask everything once. A question that fails goes on by itself while the others are asked."""
        markets = self._wanted_markets()
        async with _Group() as group:
            group.start(self._orders(alive, group, since_ns, markets))
            for market in sorted(markets):
                group.start(self._inquiries.fills(market, since_ns))

    async def _orders(self, alive: list[LiveOrder], group: _Group, since_ns: int, markets: set[str]) -> None:
        """Learn what is open now; an order that is not, or that a failing list says nothing of, is asked for itself."""
        listing = asyncio.ensure_future(self._inquiries.open_orders())
        try:
            done, _ = await asyncio.wait([listing], timeout=self._inquiries.read_lag_s)
            if not done:
                for order in alive:
                    group.start(_wait_for(self._inquiries, order))
            open_now = await listing
        finally:
            listing.cancel()
        for report in open_now:
            self._sink.take_order(report)
        open_ids = {report.order_id for report in open_now}
        if done:
            for order in alive:
                if order.order_id not in open_ids and not order.status.is_final:
                    group.start(_wait_for(self._inquiries, order))
        for market in sorted({report.market for report in open_now} - markets if self._by_market else ()):
            group.start(self._inquiries.fills(market, since_ns))

    def _wanted_markets(self) -> set[str]:
        if not self._by_market:
            return {""}
        # An order may have ended by REST while the stream was away: its market still counts.
        return {*self._markets(), *self._tracker.markets} - {""}


async def _wait_for(inquiries: Inquiries, order: LiveOrder) -> None:
    # Another one may be waiting for the same question: it goes on if this catch-up starts over.
    await asyncio.shield(inquiries.ask(order))


class _Group:
    """Questions under way together; one that begins while others are asked belongs to them, too."""

    def __init__(self) -> None:
        self._tasks: set[asyncio.Task[None]] = set()

    def start(self, work: Coroutine[Any, Any, None]) -> None:
        """Begin one more."""
        self._tasks.add(asyncio.get_running_loop().create_task(work))

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        try:
            while pending := {task for task in self._tasks if not task.done()}:
                await asyncio.wait(pending)
        finally:
            for task in self._tasks:
                task.cancel()
        for task in self._tasks:
            if not task.cancelled():
                task.result()
