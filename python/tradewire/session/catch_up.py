"""What happened to our account while no stream was there to say: asked after every loss and before the first push.

Knows losses, their times and which questions to ask; how one is asked until it is answered is ``inquiry``'s.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable, Hashable, Iterable
from functools import partial

from tradewire.errors import RequestError
from tradewire.protocol import events
from tradewire.session.background import Tasks
from tradewire.session.inquiry import Inquiries, Sink
from tradewire.session.live_order import LiveOrder
from tradewire.session.orders import OrderTracker
from tradewire.session.venue_time import VenueTime

__all__ = ["CatchUp"]

MARGIN_NS = 60 * 1_000_000_000
"""Asked for is what happened from this long before a loss, which is noticed late. What is known already is sorted out
by its id."""
UNSURE_MARGIN_NS = 60 * MARGIN_NS
"""The same while the venue has not given its time: its clock may have been set."""
CLOCK = "the venue's time"


class CatchUp:
    """Asks for what was missed until every question is answered.

    Every order, every market and whatever ``also`` has is a question of its own with its own retry: a failing one is
    reported (``CatchUpFailing``) and holds up no other. They are asked twice, the second time when the venue's reads
    can no longer be behind the moment the stream came back and the venue has given its time, since its clock may have
    been set. ``CaughtUp`` says that all are answered.

    Args:
        markets: Returns markets whose fills are watched, besides those of our orders.
        by_market: Fills are asked for by market; ``False`` where the venue returns them for all markets together.
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
        monotonic_ns: Callable[[], int] = time.monotonic_ns,
    ) -> None:
        self._tracker = tracker
        self._inquiries = inquiries
        self._sink = sink
        self._publish = publish
        self._venue_time = venue_time
        self._markets = markets
        self._by_market = by_market
        self._sleep = sleep
        self._monotonic_ns = monotonic_ns
        self._tasks = Tasks[int](self._failed)
        self._begun = 0
        self._is_due = False
        self.also: dict[str, tuple[Callable[[], Awaitable[object]], Callable[[], bool]]] = {}
        """What else a venue is asked, by question, and whether anybody wants to know."""
        self.is_behind = True
        """Something may have happened that has not been asked for yet."""

    def lost(self) -> None:
        """Take note that from now on something may be missed."""
        self.is_behind = True
        self._venue_time.lost()

    def begin(self) -> None:
        """Ask now: the stream reports again. A catch-up under way starts over, with everything since the first loss."""
        for task in self._tasks.values():
            task.cancel()
        self._begun += 1
        self._tasks.start(self._begun, self._run)

    def missed(self) -> None:
        """Ask for something that was missed on a living connection, after what is being asked already."""
        self.lost()
        self._is_due = True
        self._tasks.start(self._begun, self._run)

    async def close(self) -> None:
        """Stop asking."""
        await self._tasks.close()

    async def _run(self) -> None:
        started_ns = self._monotonic_ns()
        self._is_due = True
        while self._is_due:
            self._is_due = False
            await self._ask_all()
            if not self._is_due:
                self.is_behind = False
                self._venue_time.caught_up()
                # Whoever is notified may have missed something again.
                self._publish(events.CaughtUp(self._monotonic_ns() - started_ns))

    async def _ask_all(self) -> None:
        alive = [order for order in self._tracker.live if order.order_id]
        others = sum(1 for _, is_wanted in self.also.values() if is_wanted())
        self._publish(events.CatchUpStarted(1 + len(alive) + len(self._wanted_markets()) + others))
        is_told = await self._inquiries.once(CLOCK, self._ask_time)
        async with Tasks[str](self._failed) as clock:
            if not is_told:
                clock.start(CLOCK, lambda: self._inquiries.until_answered(CLOCK, self._ask_time))
            await self._round(alive)
            await self._sleep(self._inquiries.read_lag_s)
            await clock.wait()
            await self._round([order for order in alive if not order.status.is_final])

    async def _ask_time(self) -> bool:
        """Ask for the venue's time. A bug is reported and ends the question: it would fail for ever."""
        try:
            await self._venue_time.refresh()
        except RequestError:
            raise
        except Exception as error:
            self._failed(error)
        return True

    async def _round(self, alive: list[LiveOrder]) -> None:
        """Ask everything once. A question that fails goes on by itself while the others are asked."""
        markets = self._wanted_markets()
        margin_ns = MARGIN_NS if self._venue_time.is_asked else UNSURE_MARGIN_NS
        since_ns = max(0, self._venue_time.since() - margin_ns)
        async with Tasks[Hashable](self._failed) as questions:

            def ask_fills(markets: Iterable[str]) -> None:
                for market in sorted(markets):
                    questions.start(market, partial(self._inquiries.fills, market, since_ns))

            async def ask_orders() -> None:
                """Learn what is open; what is not, or as long as that is not known, is asked for order by order."""
                listed = await self._inquiries.open_now()
                open_ids = {report.order_id for report in listed or ()}
                for order in alive:
                    if order.order_id not in open_ids and not order.status.is_final:
                        questions.start(order, partial(self._inquiries.settled, order))
                found = await self._inquiries.open_orders() if listed is None else listed
                self._inquiries.hand_on("open orders", self._sink.take_order, found)
                if self._by_market:
                    ask_fills({report.market for report in found} - markets)

            for question, (ask, is_wanted) in self.also.items():
                if is_wanted():
                    questions.start(
                        ("also", question), partial(self._inquiries.until_answered, question, ask)
                    )
            questions.start(None, ask_orders)
            ask_fills(markets)

    def _failed(self, error: Exception) -> None:
        self._sink.failing("catch-up", error)

    def _wanted_markets(self) -> set[str]:
        if not self._by_market:
            return {""}
        # An order may have ended by REST while the stream was away: its market still counts.
        return {*self._markets(), *self._tracker.markets} - {""}
