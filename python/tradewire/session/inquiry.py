"""Questions to a venue about our orders and fills, each asked until it is answered, each on its own.

The only place that knows when "not found" proves something: a request may still be under way until the venue's request
window has passed, and what the venue accepted may not show yet while its reads lag behind.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable, Iterable, Sequence
from functools import partial
from typing import Protocol, TypeVar

from tradewire.errors import VenueUnavailable
from tradewire.model import Fill, Order, OrderStatus
from tradewire.session.background import Tasks
from tradewire.session.live_order import LiveOrder

__all__ = ["READ_LAG_S", "Inquiries", "Questions", "Sink"]

READ_LAG_S = 3.0
"""A venue's reads may be this far behind what it has accepted; longer lags were not seen."""
FIRST_WAIT_S = 0.5
WAIT_CAP_S = 5.0
"""Longest pause between two tries: whoever waits for an order must know soon after the venue answers again."""
CONCURRENT = 8
"""Questions under way at once: recovery must not use up the rate limit that cancels need."""

AnswerT = TypeVar("AnswerT")
ItemT = TypeVar("ItemT")


class Questions(Protocol):
    """What a venue answers about our account. Each asks once and raises ``RequestError`` if that fails."""

    async def open_orders(self) -> Sequence[Order]:
        """Return every open order of the account, all pages."""

    async def find_order(self, order: LiveOrder) -> Order | None:
        """Return the order as the venue has it now, ``None`` if the venue says that it has no such order."""

    async def fills_since(self, market: str, since_ns: int) -> Sequence[Fill]:
        """Return our fills in ``market`` from ``since_ns`` on, the venue's time, all pages."""


class Sink(Protocol):
    """Where answers go."""

    def take_order(self, report: Order, /) -> None:
        """Take a report of an order."""

    def answered(self, order: LiveOrder, report: Order, /) -> None:
        """Take the answer to the question about ``order``: it is its report whatever its id."""

    def take_fill(self, fill: Fill, /) -> None:
        """Take a fill; sorts out those known already."""

    def confirm_absent(self, order: LiveOrder, reason: str, /) -> None:
        """Take the conclusion that the venue has no such order, and what it was drawn from."""

    def failing(self, question: str, error: Exception, /) -> None:
        """Take note that a question failed, or its answer could not be taken; a question is asked again."""


class Inquiries:
    """Asks, waits longer after every failure, and never gives up before it is closed.

    Args:
        window_s: Seconds after which the venue refuses a request that is still under way.
        read_lag_s: How far the venue's reads may be behind.
    """

    def __init__(
        self,
        questions: Questions,
        sink: Sink,
        *,
        window_s: float,
        read_lag_s: float = READ_LAG_S,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
        monotonic_s: Callable[[], float] = time.monotonic,
    ) -> None:
        self._questions = questions
        self._sink = sink
        self._window_s = window_s
        self.read_lag_s = read_lag_s
        self._sleep = sleep
        self._monotonic_s = monotonic_s
        self._places = asyncio.Semaphore(CONCURRENT)
        self._orders = Tasks[LiveOrder](lambda error: sink.failing("an order", error))

    def ask(self, order: LiveOrder) -> asyncio.Task[object]:
        """Ask about ``order`` until it is certain what the venue has of it. One question at a time for each order."""
        return self._orders.start(order, lambda: self._ask(order))

    async def settled(self, order: LiveOrder) -> None:
        """Wait until it is certain what the venue has of ``order``. Who stops waiting does not stop the question."""
        await asyncio.wait([self.ask(order)])

    async def open_now(self) -> Sequence[Order] | None:
        """Ask once for every open order; ``None`` if that fails or takes longer than reads lag: ask about each one."""
        return await self.once("open orders", self._questions.open_orders)

    async def open_orders(self) -> Sequence[Order]:
        """Return every open order, asked for until the venue answers."""
        return await self.until_answered("open orders", self._questions.open_orders)

    async def fills(self, market: str, since_ns: int) -> None:
        """Hand on our fills in ``market`` from ``since_ns`` on, oldest first, asked for until the venue answers."""
        question = f"fills of {market or 'all markets'}"
        found = await self.until_answered(question, lambda: self._questions.fills_since(market, since_ns))
        # Venues count trades upwards; those of one moment come in that order.
        oldest_first = sorted(found, key=lambda fill: (fill.time_ns, len(fill.trade_id), fill.trade_id))
        self.hand_on(question, self._sink.take_fill, oldest_first)

    def hand_on(self, question: str, take: Callable[[ItemT], object], items: Iterable[ItemT]) -> None:
        """Hand on what was answered, one by one: what cannot be taken is reported and keeps nothing else back."""
        for item in items:
            try:
                take(item)
            except Exception as error:
                self._sink.failing(question, error)

    async def close(self) -> None:
        """Stop asking. What is not certain stays as far as it is known."""
        await self._orders.close()

    async def _ask(self, order: LiveOrder) -> None:
        order.is_asked_about = True
        try:
            await self._ask_until_certain(order)
        finally:
            order.is_asked_about = False

    async def _ask_until_certain(self, order: LiveOrder) -> None:
        doubt_s = self.read_lag_s if order.order_id else max(self._window_s, self.read_lag_s)
        provable_s = self._monotonic_s() + doubt_s
        wait_s = FIRST_WAIT_S
        while True:
            asked_s = self._monotonic_s()
            question = f"order {order.order_id or order.client_order_id}"
            found = await self.until_answered(question, lambda: self._questions.find_order(order))
            if found is not None:
                self.hand_on(question, partial(self._sink.answered, order), [found])
                if order.outcome is None and order.status is not OrderStatus.PENDING:
                    return
            elif order.status.is_final:
                # Its end was reported while we asked.
                return
            elif asked_s >= provable_s:
                self._sink.confirm_absent(order, self._absence(order, doubt_s))
                return
            # A question asked too early to prove anything, if only by a timer that woke a moment before its time,
            # is asked again at once when it can: waiting longer would be waiting for nothing.
            until_provable_s = max(0.0, provable_s - self._monotonic_s())
            await self._sleep(min(wait_s, until_provable_s) if asked_s < provable_s else wait_s)
            wait_s = min(2 * wait_s, WAIT_CAP_S)

    def _absence(self, order: LiveOrder, doubt_s: float) -> str:
        if order.order_id:
            return f"the venue has not known it for {doubt_s:g} s: cancelled or expired without a fill"
        return (
            f"the venue does not know it {doubt_s:g} s after it was sent, when it refuses requests as too old"
        )

    async def once(self, question: str, ask: Callable[[], Awaitable[AnswerT]]) -> AnswerT | None:
        """Return the answer to ``question``, ``None`` if it fails or takes longer than reads may lag."""
        try:
            async with asyncio.timeout(self.read_lag_s), self._places:
                return await ask()
        except TimeoutError:
            self._sink.failing(question, VenueUnavailable(f"no answer in {self.read_lag_s:g} s"))
        except Exception as error:
            self._sink.failing(question, error)
        return None

    async def until_answered(self, question: str, ask: Callable[[], Awaitable[AnswerT]]) -> AnswerT:
        """Return the answer to ``question``, asked for until there is one."""
        wait_s = FIRST_WAIT_S
        while True:
            try:
                async with self._places:
                    return await ask()
            except Exception as error:
                # No one else asks: an answer that makes no sense, or a bug, must not end the question.
                self._sink.failing(question, error)
            await self._sleep(wait_s)
            wait_s = min(2 * wait_s, WAIT_CAP_S)
