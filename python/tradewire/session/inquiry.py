"""Questions about orders of unknown fate, each asked until it is answered."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable, Coroutine
from typing import Any

from tradewire.model import Order, OrderStatus
from tradewire.session.live_order import LiveOrder

__all__ = ["Inquiries"]

FIRST_ASK_S = 0.5
ASK_CAP_S = 30.0

Lookup = Callable[[LiveOrder], Coroutine[Any, Any, Order | None]]


class Inquiries:
    """Asks about one order at a time until its fate is known.

    Args:
        lookup: Asks the venue for an order; ``None`` means that the venue knows none.
        on_report: Takes an order and the report of it that the venue answered with.
        on_absent: Takes an order that the venue does not know, once that proves anything.
        on_error: Told of questions that failed; they are asked again.
        window_s: Seconds after which a request still under way is refused by the venue as too old. Only then
            does the venue's not knowing an order prove anything.
        sleep: Waits between two questions about the same order.
        monotonic_s: Measures the window.
    """

    def __init__(
        self,
        lookup: Lookup,
        on_report: Callable[[LiveOrder, Order], None],
        on_absent: Callable[[LiveOrder], None],
        on_error: Callable[[Exception], None],
        *,
        window_s: float = 0.0,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
        monotonic_s: Callable[[], float] = time.monotonic,
    ) -> None:
        self._lookup = lookup
        self._on_report = on_report
        self._on_absent = on_absent
        self._on_error = on_error
        self._window_s = window_s
        self._sleep = sleep
        self._monotonic_s = monotonic_s
        self._tasks: dict[LiveOrder, asyncio.Task[None]] = {}

    def ask(self, order: LiveOrder) -> None:
        """Begin to ask about an order, unless that is under way."""
        if order not in self._tasks:
            task = asyncio.get_running_loop().create_task(self._ask(order))
            self._tasks[order] = task
            task.add_done_callback(lambda _: self._tasks.pop(order, None))

    async def close(self) -> None:
        """Stop asking."""
        tasks = list(self._tasks.values())
        for task in tasks:
            task.cancel()
        if tasks:
            await asyncio.wait(tasks)

    async def _ask(self, order: LiveOrder) -> None:
        provable_at_s = self._monotonic_s() + self._window_s
        wait_s = FIRST_ASK_S
        times = 0
        while True:
            is_provable = self._monotonic_s() >= provable_at_s
            times += 1
            failure: Exception | None = None
            report: Order | None = None
            try:
                report = await self._lookup(order)
            except Exception as error:
                # Nobody awaits this: were it to end here, the order's fate would stay unknown in silence.
                failure = error
                self._on_error(error)
            else:
                if report is not None:
                    self._on_report(order, report)
                elif is_provable:
                    self._on_absent(order)
            if order.status.is_final or (
                report is not None and order.outcome is None and order.status is not OrderStatus.PENDING
            ):
                order.asking(0)
                return
            order.asking(times, failure)
            left_s = provable_at_s - self._monotonic_s()
            # The first question that can prove absence is asked as soon as it can, whatever the back-off says.
            await self._sleep(min(wait_s, left_s) if left_s > 0 else wait_s)
            wait_s = min(2 * wait_s, ASK_CAP_S)
            if order.outcome is None and order.status is not OrderStatus.PENDING:
                # A stream was faster.
                order.asking(0)
                return
