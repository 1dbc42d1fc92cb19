"""Our own orders: every report of them, from whichever door and in whatever order, becomes one truth.

``LiveOrder`` follows one order; ``OrderTracker`` knows them all. Reports are REST replies, order events and
fills; each may come twice, late or in the wrong order, and the result is the same. Nothing here knows a
venue or a socket: what must be asked is asked through callables.
"""

from __future__ import annotations

import asyncio
import sys
import time
from collections import OrderedDict
from collections.abc import Awaitable, Callable, Coroutine
from decimal import Decimal
from typing import Any

from tradewire.errors import ConfigError, OutcomeUnknown, RequestError
from tradewire.model import Fill, Order, OrderStatus, Side
from tradewire.session.live_order import LiveOrder
from tradewire.session.recent import Recent

__all__ = ["LiveOrder", "OrderTracker"]

FINISHED_BOUND = 2_000
"""Finished orders remembered for reports that come late; a late fill arrives within seconds."""
LIVE_BOUND = 100_000
"""Orders followed at once, more than any venue lets rest. Where no stream tells their ends they would grow for ever."""
ORPHAN_BOUND = 10_000
"""Fills kept whose order is not known yet: the reply to its placing is still under way."""
SEEN_FILLS_BOUND = 100_000
"""Fills remembered as seen, so that REST after a reconnect repeats none of them."""

FIRST_ASK_S = 0.5
ASK_CAP_S = 30.0
EAGER: dict[str, Any] = {"eager_start": True} if sys.version_info >= (3, 12) else {}

Lookup = Callable[[LiveOrder], Coroutine[Any, Any, Order | None]]


class OrderTracker:
    """Every order of ours that is alive, and the recently finished ones.

    Memory is bounded: finished orders, orphaned fills and remembered trade ids each have their limit, the
    oldest give way, and ``forgotten_orphans`` counts fills whose order never showed up,
    ``forgotten_orders`` orders that were not final as far as anybody told.

    Args:
        lookup: Asks the venue for an order whose fate is unknown; ``None`` means the venue proves it has no
            such order and nothing of it traded.
        on_error: Told of exceptions of background work that nobody awaits.
        window_s: Seconds after which a request still under way is refused by the venue as too old. Only then
            does the venue's not knowing an order prove anything.
        sleep: Waits between two questions about the same order.
        monotonic_s: Measures the window.
    """

    def __init__(
        self,
        lookup: Lookup,
        on_error: Callable[[Exception], None],
        *,
        window_s: float = 0.0,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
        monotonic_s: Callable[[], float] = time.monotonic,
    ) -> None:
        self._window_s = window_s
        self._monotonic_s = monotonic_s
        self._sleep = sleep
        self._lookup = lookup
        self._on_error = on_error
        self._by_order_id: dict[str, LiveOrder] = {}
        self._in_flight: dict[str, LiveOrder] = {}
        self._finished: OrderedDict[str, None] = OrderedDict()
        self._orphans: OrderedDict[str, list[Fill]] = OrderedDict()
        self._orphan_count = 0
        self._seen_fills = Recent[tuple[str, str, str]](SEEN_FILLS_BOUND)
        self._tasks: set[asyncio.Task[None]] = set()
        self.forgotten_orphans = 0
        self.forgotten_orders = 0

    @property
    def live(self) -> tuple[LiveOrder, ...]:
        """Orders that are not final, in the order we learned of them."""
        open_now = [order for order in self._by_order_id.values() if not order.status.is_final]
        return (*self._in_flight.values(), *open_now)

    @property
    def markets(self) -> set[str]:
        """Markets of every order the venue has told us of, alive or recently finished."""
        return {order.market for order in self._by_order_id.values()}

    def order(self, order_id: str) -> LiveOrder | None:
        """Return the order with the venue's id, if it is alive or recently finished."""
        return self._by_order_id.get(order_id)

    def register(
        self, *, market: str, side: Side, size: Decimal, price: Decimal | None, client_order_id: str
    ) -> LiveOrder:
        """Note an order about to be sent.

        Raises:
            ConfigError: An order with this client id is in flight: were both lost, none could be identified.
        """
        if not client_order_id:
            raise ConfigError("an order needs a client_order_id, or its fate cannot be asked for")
        if client_order_id in self._in_flight:
            raise ConfigError(f"client_id {client_order_id} is in flight; give every order its own")
        order = LiveOrder(
            market=market,
            side=side,
            size=size,
            price=price,
            client_order_id=client_order_id,
            sent_at_ns=time.time_ns(),
        )
        self._in_flight[client_order_id] = order
        return order

    def submit(self, order: LiveOrder, placing: Coroutine[Any, Any, Order]) -> LiveOrder:
        """Send an order without waiting: start ``placing`` at once and let ``order`` follow it.

        Cost: one task. The request starts in this loop iteration on Python 3.12 and later, in the next one
        before. No exception is lost: it is kept in ``order.error``, raised to whoever awaits the order, and
        reported if nobody does; a fate that is unknown, or an order that is not confirmed, is asked for until
        the venue answers.
        """
        order.is_placing = True
        self._spawn(self._place(order, placing))
        return order

    def add_order(self, report: Order) -> LiveOrder:
        """Merge one report of an order, from REST or from the stream, and return the order."""
        order = self._by_order_id.get(report.order_id) or self._adopt(report.order_id, report.client_order_id)
        if order is None:
            order = LiveOrder(
                market=report.market,
                side=report.side,
                size=report.size,
                price=report.price,
                client_order_id=report.client_order_id,
            )
            self._bind(order, report.order_id)
        order.merge(report)
        self._settle(order)
        return order

    def add_fill(self, fill: Fill) -> bool:
        """Merge one fill; ``False`` if it was seen before.

        A fill is known by market, order and trade id: an order of ours that trades with another one of ours
        makes two fills under one trade id.
        """
        if not self._seen_fills.add((fill.market, fill.order_id, fill.trade_id)):
            return False
        order = self._by_order_id.get(fill.order_id) or self._adopt(fill.order_id, fill.client_order_id)
        if order is None:
            self._keep_orphan(fill)
        else:
            order.add_fill(fill)
            self._settle(order)
        return True

    def identify(self, client_order_id: str, order_id: str) -> None:
        """Take what was learned later: the order in flight with ``client_order_id`` is the venue's ``order_id``."""
        order = self._in_flight.get(client_order_id)
        if order is not None:
            self._bind(order, order_id)
            self._settle(order)

    def unlink(self, client_order_id: str, error: OutcomeUnknown) -> None:
        """Take back an identification that has become doubtful: what the venue has stays, whose it is, is open.

        The order's outcome is ``unknown`` from then on and nothing is asked: no question could settle it.
        """
        # The latest: a client id may be used again once its order has ended.
        order = next(
            (one for one in reversed(self._by_order_id.values()) if one.client_order_id == client_order_id),
            None,
        )
        if order is None:
            return
        order_id = order.order_id
        stranger = LiveOrder(
            market=order.market,
            side=order.side,
            size=order.size,
            price=order.price,
            client_order_id="",
            order_id=order_id,
        )
        stranger.merge_from(order)
        self._by_order_id[order_id] = stranger
        order.unlink(error)
        if not self._settle(order):
            self._on_error(error)

    def confirm_absent(self, order: LiveOrder) -> None:
        """Take the proof that the venue has no such order: cancelled unfilled, or it never took effect."""
        order.mark_not_found()
        self._settle(order)

    async def close(self) -> None:
        """Stop following: orders under way are left to the venue, their fate stays as far as it is known."""
        for task in self._tasks:
            task.cancel()
        if self._tasks:
            await asyncio.wait(self._tasks)

    async def _place(self, order: LiveOrder, placing: Coroutine[Any, Any, Order]) -> None:
        try:
            report = await placing
        except RequestError as error:
            self._failed(order, error)
        except asyncio.CancelledError:
            self._failed(order, OutcomeUnknown("the client was closed while the order was under way"))
            raise
        except Exception as error:
            self._on_error(error)
            self._failed(order, OutcomeUnknown(f"placing the order broke down: {error!r}"))
        else:
            order.is_placing = False
            self._bind(order, report.order_id)
            self.add_order(report)
        if isinstance(order.error, OutcomeUnknown) or order.status is OrderStatus.PENDING:
            await self._ask_until_known(order, self._monotonic_s() + self._window_s)

    def _failed(self, order: LiveOrder, error: RequestError) -> None:
        order.is_placing = False
        order.fail(error)
        if not isinstance(error, OutcomeUnknown):
            self._in_flight.pop(order.client_order_id, None)
        if not self._settle(order):
            self._on_error(error)

    async def _ask_until_known(self, order: LiveOrder, provable_at_s: float) -> None:
        wait_s = FIRST_ASK_S
        while order.outcome is not None or order.status is OrderStatus.PENDING:
            is_provable = self._monotonic_s() >= provable_at_s
            try:
                report = await self._lookup(order)
            except Exception as error:
                # Nobody awaits this: were it to end here, the order's fate would stay unknown in silence.
                self._on_error(error)
            else:
                if report is not None:
                    self._bind(order, report.order_id)
                    self.add_order(report)
                elif is_provable:
                    self.confirm_absent(order)
            if order.outcome is not None or order.status is OrderStatus.PENDING:
                await self._sleep(wait_s)
                wait_s = min(2 * wait_s, ASK_CAP_S)

    def _spawn(self, work: Coroutine[Any, Any, None]) -> None:
        task = asyncio.Task(work, loop=asyncio.get_running_loop(), **EAGER)
        if not task.done():
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)

    def _adopt(self, order_id: str, client_order_id: str) -> LiveOrder | None:
        """Find the order in flight that the venue reports before our request was answered."""
        order = self._in_flight.get(client_order_id)
        if order is not None:
            self._bind(order, order_id)
        return order

    def _bind(self, order: LiveOrder, order_id: str) -> None:
        """Give ``order`` its venue id and the fills that came before it."""
        if order.order_id:
            return
        self._in_flight.pop(order.client_order_id, None)
        order.order_id = order_id
        stranger = self._by_order_id.get(order_id)
        if stranger is not None:
            order.merge_from(stranger)
        self._by_order_id[order_id] = order
        while len(self._by_order_id) - len(self._finished) > LIVE_BOUND:
            self._forget_oldest()
        for fill in self._orphans.pop(order_id, ()):
            self._orphan_count -= 1
            order.add_fill(fill)

    def _forget_oldest(self) -> None:
        oldest = next(iter(self._by_order_id))
        del self._by_order_id[oldest]
        # One that is final gives way in its own turn; that one here is as good.
        if oldest in self._finished:
            del self._finished[oldest]
        else:
            self.forgotten_orders += 1

    def _keep_orphan(self, fill: Fill) -> None:
        self._orphans.setdefault(fill.order_id, []).append(fill)
        self._orphan_count += 1
        while self._orphan_count > ORPHAN_BOUND:
            _, forgotten = self._orphans.popitem(last=False)
            self._orphan_count -= len(forgotten)
            self.forgotten_orphans += len(forgotten)

    def _settle(self, order: LiveOrder) -> bool:
        """Tell whoever waits for ``order`` that it changed; ``True`` if somebody did."""
        if order.status.is_final:
            self._in_flight.pop(order.client_order_id, None)
            if order.order_id:
                self._finished[order.order_id] = None
            if len(self._finished) > FINISHED_BOUND:
                oldest, _ = self._finished.popitem(last=False)
                self._by_order_id.pop(oldest, None)
        if order.on_change is not None:
            try:
                order.on_change(order)
            except Exception as error:
                self._on_error(error)
        return order.changed()
