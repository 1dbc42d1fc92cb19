"""Our orders by the venue's ids and by ours, in bounded memory.

Knows which order a report or fill may be of before the reply to its placing has named it, and which orders are live.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable

from tradewire.errors import OutcomeUnknown
from tradewire.model import Fill, Order
from tradewire.session.live_order import LiveOrder

__all__ = ["OrderIndex"]

FINISHED_BOUND = 2_000
"""Finished orders remembered for reports that come late; a late fill arrives within seconds."""
LIVE_BOUND = 100_000
"""Orders followed at once, more than any venue lets rest: where no stream reports their ends they would only grow."""
ORPHAN_BOUND = 10_000
"""Fills kept whose order is not known yet: the reply to its placing is still under way."""


class OrderIndex:
    """Live orders, recently finished ones, and fills whose order is not known yet.

    Attributes:
        forgotten_orders: Orders forgotten at ``LIVE_BOUND`` that were not final.
        forgotten_finished: Finished orders forgotten at ``FINISHED_BOUND``; usual in a long run.
        forgotten_orphans: Fills forgotten at ``ORPHAN_BOUND`` whose order never showed up.
    """

    def __init__(self) -> None:
        self._by_order_id: dict[str, LiveOrder] = {}
        # Without an id of the venue's, by ours: in flight, of unknown fate, or concluded to be nowhere.
        self._unbound: dict[str, list[LiveOrder]] = {}
        # The live order with an id of ours.
        self._named: dict[str, LiveOrder] = {}
        # Of those with an id of the venue's: every order is one of the two.
        self._open: dict[LiveOrder, None] = {}
        self._finished: OrderedDict[LiveOrder, None] = OrderedDict()
        self._orphans: OrderedDict[str, list[Fill]] = OrderedDict()
        self._orphan_count = 0
        self.forgotten_orders = 0
        self.forgotten_finished = 0
        self.forgotten_orphans = 0

    @property
    def live(self) -> tuple[LiveOrder, ...]:
        """Orders that are not final: those without an id of the venue's, then the others, each oldest first."""
        named = tuple(order for order in self._open if not order.status.is_final)
        return self.nameless + named

    @property
    def nameless(self) -> tuple[LiveOrder, ...]:
        """Live orders without an id of the venue's, oldest first."""
        unbound = (order for orders in self._unbound.values() for order in orders)
        return tuple(order for order in unbound if not order.status.is_final)

    @property
    def markets(self) -> set[str]:
        """Markets of every order the venue has reported, live or recently finished."""
        return {order.market for order in self._by_order_id.values()}

    def order(self, order_id: str) -> LiveOrder | None:
        """Return the order with the venue's id, if it is live or recently finished."""
        return self._by_order_id.get(order_id)

    def live_named(self, client_order_id: str) -> LiveOrder | None:
        """Return the live order with our id."""
        return self._named.get(client_order_id)

    def in_flight(self, client_order_id: str) -> LiveOrder | None:
        """Return the latest order with our id that has none of the venue's."""
        orders = self._unbound.get(client_order_id)
        return orders[-1] if orders else None

    def of_report(self, report: Order) -> LiveOrder | None:
        """Return the order a report is of; one without an id of the venue's gets it, if the report fits."""
        order = self._by_order_id.get(report.order_id)
        if order is not None and order.sent_at_ns:
            return order
        return self._of(report.order_id, report.client_order_id, lambda order: order.fits(report))

    def of_fill(self, fill: Fill) -> LiveOrder | None:
        """Return the order a fill is of, as ``of_report``."""
        return self._of(fill.order_id, fill.client_order_id, lambda order: order.fits_fill(fill))

    def _of(self, order_id: str, client_order_id: str, fits: Callable[[LiveOrder], bool]) -> LiveOrder | None:
        order = self._by_order_id.get(order_id)
        # An order known by that id alone may be the one in flight: what was placed fits the report.
        if order is not None and (order.sent_at_ns or not client_order_id):
            return order
        # The latest that fits: a report may be of one sent later, hardly of one concluded to be nowhere.
        fitting = [one for one in self._unbound.get(client_order_id, ()) if fits(one)]
        if not fitting:
            return order
        self.bind(fitting[-1], order_id)
        return fitting[-1]

    def register(self, order: LiveOrder) -> None:
        """Take an order about to be sent."""
        self._unbound.setdefault(order.client_order_id, []).append(order)
        self._named[order.client_order_id] = order

    def bind(self, order: LiveOrder, order_id: str) -> None:
        """Give an order its venue id, and the reports and fills that came before it."""
        if order.order_id:
            return
        self._unbind(order)
        order.order_id = order_id
        stranger = self._by_order_id.pop(order_id, None)
        if stranger is not None:
            self._take_out(stranger)
            order.merge_from(stranger)
        self._by_order_id[order_id] = order
        self._finished.pop(order, None)
        self._open[order] = None
        while len(self._open) > LIVE_BOUND:
            self._forget(next(iter(self._open)))
        for fill in self._orphans.pop(order_id, ()):
            self._orphan_count -= 1
            order.add_fill(fill)

    def replace(self, order: LiveOrder, stranger: LiveOrder) -> None:
        """Put ``stranger`` in the place of an order that has turned out to be another one."""
        self._take_out(order)
        self._by_order_id[stranger.order_id] = stranger
        self.update(stranger)

    def drop(self, order: LiveOrder) -> None:
        """Forget an order that never became one at the venue."""
        self._unbind(order)
        self._take_out(order)

    def keep_orphan(self, fill: Fill) -> None:
        """Keep a fill whose order is not known yet."""
        self._orphans.setdefault(fill.order_id, []).append(fill)
        self._orphan_count += 1
        while self._orphan_count > ORPHAN_BOUND:
            _, forgotten = self._orphans.popitem(last=False)
            self._orphan_count -= len(forgotten)
            self.forgotten_orphans += len(forgotten)

    def update(self, order: LiveOrder) -> None:
        """Count an order among the live or the finished ones by its status, which may go back by a later report."""
        is_final = order.status.is_final
        if not is_final and order in self._open and order.client_order_id in self._named:
            return
        is_known = self._is_known(order)
        if is_final:
            self._take_out(order)
            if is_known:
                self._finished[order] = None
            while len(self._finished) > FINISHED_BOUND:
                self._forget(next(iter(self._finished)))
            return
        self._finished.pop(order, None)
        if is_known and order.order_id:
            self._open[order] = None
        if is_known and order.client_order_id:
            self._named.setdefault(order.client_order_id, order)

    def _take_out(self, order: LiveOrder) -> bool:
        """Count an order neither among the live nor the finished ones; return whether it was finished."""
        if self._named.get(order.client_order_id) is order:
            del self._named[order.client_order_id]
        self._open.pop(order, None)
        was_finished = order in self._finished
        self._finished.pop(order, None)
        return was_finished

    def _is_known(self, order: LiveOrder) -> bool:
        if order.order_id:
            return self._by_order_id.get(order.order_id) is order
        return order in self._unbound.get(order.client_order_id, ())

    def _forget(self, order: LiveOrder) -> None:
        if order.order_id:
            del self._by_order_id[order.order_id]
        else:
            self._unbind(order)
        if self._take_out(order):
            self.forgotten_finished += 1
            return
        self.forgotten_orders += 1
        order.unfollow(
            OutcomeUnknown(
                f"not followed any more: more than {LIVE_BOUND} orders are live; last known {order!r}"
            )
        )

    def _unbind(self, order: LiveOrder) -> None:
        orders = self._unbound.get(order.client_order_id, [])
        if order in orders:
            orders.remove(order)
            if not orders:
                del self._unbound[order.client_order_id]
