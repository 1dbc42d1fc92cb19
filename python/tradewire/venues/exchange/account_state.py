"""Our orders, fills and positions as the user's events tell them. Sans-IO.

A ``fill`` names two orders and no side, and comes before the ``order_state`` of an order that took at once: it
waits until the order is known. One reported twice is a trade with ourselves and counts on both sides, taker first.

The answer to a request over REST tells its fills, too, but not what happened to our other orders before: average
price and profit depend on the order of fills, so positions follow the events alone.

What is left of an order only ever shrinks, so that of two tellings the smaller is the newer.
"""

from __future__ import annotations

from collections import OrderedDict, defaultdict, deque
from collections.abc import Iterable, Iterator
from itertools import chain
from typing import NamedTuple

from tradewire.model import Fill, Liquidity, Order, OrderStatus, Side, unreadable_rows
from tradewire.session.inquiry import READ_LAG_S
from tradewire.session.recent import Recent
from tradewire.venues.exchange.attribution import Unexplained
from tradewire.venues.exchange.known_order import KnownOrder, fill_of
from tradewire.venues.exchange.model import Execution
from tradewire.venues.exchange.positions import POSITION_LIMIT, Positions, worst_case
from tradewire.venues.exchange.user_values import (
    AccountRead,
    Effect,
    Now,
    WireOrder,
    attributes_of,
)

__all__ = ["AccountState"]

READ_LAG_NS = int(READ_LAG_S * 1e9)
FINISHED_BOUND = 10_000
"""Finished orders whose late events are still understood."""
PENDING_BOUND = 10_000
SEEN_BOUND = 200_000
SELL = Side.SELL
_STATUSES = {"filled": OrderStatus.FILLED, "canceled": OrderStatus.CANCELLED}


class _Pending(NamedTuple):
    execution: Execution
    is_ours_twice: bool


class _Leg(NamedTuple):
    """A fill of one order of ours, and when it was reported by our monotonic clock."""

    at_ns: int
    execution: Execution
    order_id: str
    side: Side


class _Baseline(NamedTuple):
    """The account as it was read when every order of ours was known."""

    positions: dict[str, int]
    fill_ids: frozenset[str]


class AccountState:
    """What the venue's user events add up to."""

    def __init__(self) -> None:
        self._open: dict[str, KnownOrder] = {}
        # What is left of open orders by market: of those that buy, and of the others.
        self._left: defaultdict[str, list[int]] = defaultdict(lambda: [0, 0])
        self._finished: OrderedDict[str, KnownOrder] = OrderedDict()
        self._pending: OrderedDict[str, _Pending] = OrderedDict()
        self._reported = Recent[tuple[str, str]](SEEN_BOUND)
        self._positioned = Recent[tuple[str, str]](SEEN_BOUND)
        # Legs of fills that the positions held when they were read.
        self._counted: frozenset[str] = frozenset()
        # Until then it had done nothing, unless executions show that it had.
        self._baseline: _Baseline | None = _Baseline({}, frozenset())
        # Of what was read last, by orders not known then: their events may still be under way.
        self._unclaimed: dict[str, list[Execution]] = {}
        # Legs that an answer reported before their event: market and signed size.
        self._ahead: dict[tuple[str, str], tuple[str, int]] = {}
        # How many orders had been heard of when a request was sent: none of those can be its order.
        self._heard_before: OrderedDict[str, int] = OrderedDict()
        # Orders heard of since the account began to be read: what is read may be older.
        self._touched: set[str] = set()
        # Those reported since REST was asked, and not in its answer, come on top of it.
        self._latest_legs: deque[_Leg] = deque(maxlen=PENDING_BOUND)
        self._read_started_ns = 0
        # Nothing was missed since the account began to be read.
        self._is_reading = False
        self.positions = Positions()
        self.is_known = False
        """Orders and positions have been read since the account was last in doubt."""
        self.heard = 0
        """How many orders were ever heard of."""
        self.reads = 0
        """How often it has begun to be read. An order sent before the last time and answered after it is in doubt:
        what became of it may have been lost before and not been asked for then."""

    @property
    def own_ids(self) -> Iterator[str]:
        """Ids of our open orders."""
        return iter(self._open)

    def find(self, order_id: str) -> KnownOrder | None:
        """Return what is known of an order of ours."""
        return self._open.get(order_id) or self._finished.get(order_id)

    def sent(self, client_order_id: str) -> None:
        """Take note that a request goes out now: an order heard of before is not its."""
        self._heard_before[client_order_id] = self.heard
        self._heard_before.move_to_end(client_order_id)
        if len(self._heard_before) > PENDING_BOUND:
            self._heard_before.popitem(last=False)

    def heard_before(self, client_order_id: str) -> int:
        """Return how many orders had been heard of when a request was sent."""
        return self._heard_before.get(client_order_id, 0)

    def unnamed(self, market: str) -> list[KnownOrder]:
        """Return our orders that no request is known for."""
        return [
            known
            for known in chain(self._open.values(), self._finished.values())
            if known.attributes.market == market and not known.client_order_id
        ]

    def unexplained(self, market: str, read: AccountRead) -> Unexplained:
        """Return what was read of a market, and what our orders leave open of it."""
        executions = [execution for execution in read.executions if execution.market == market]
        seen = frozenset[str]() if self._baseline is None else self._baseline.fill_ids
        moved: int | None = None
        if self._baseline is not None:
            position = next((one for one in read.positions if one.market == market), None)
            moved = (0 if position is None else int(position.size)) - self._baseline.positions.get(market, 0)
            for execution in executions:
                if execution.fill_id not in seen:
                    moved -= sum(
                        _signed(execution, known.attributes.side) for known, _ in self._legs(execution)
                    )
        return Unexplained(executions, seen, self._side_of, moved)

    def exposure(self, market: str, side: Side, size: int) -> int | None:
        """Return the position the venue would refuse an order for, ``None`` if it would take it."""
        kept = self.positions.kept.get(market)
        net = 0 if kept is None else kept.net
        if self._ahead:
            net += sum(size for where, size in self._ahead.values() if where == market)
        buys, sells = self._left[market]
        if abs(net) + buys + sells + size <= POSITION_LIMIT:
            # The usual case: far from either limit.
            return None
        return worst_case(net, buys, sells, side, size)

    def name(self, order_id: str, client_order_id: str) -> None:
        """Take which request an order belongs to."""
        known = self.find(order_id)
        if known is not None:
            known.client_order_id = client_order_id

    def take_state(
        self, known: KnownOrder, remaining: int, status: str, now: Now, *, is_amendment: bool = False
    ) -> list[Effect]:
        """Take an ``order_state`` and report the order, and the fills and positions that are certain now.

        ``is_amendment`` if it is the effect of a request of ours.
        """
        effects: list[Effect] = []
        if self._unclaimed:
            for execution in self._unclaimed.pop(known.order_id, ()):
                effects += self._report_legs(execution)
        self._touched.add(known.order_id)
        self._revive(known)
        if self._pending:
            effects += self._settle_fills(now)
        if remaining != known.remaining or is_amendment or known.unexplained < 0:
            self._shrink(known, remaining, is_explained=is_amendment)
        effects.append(self._state_of(known, now, _STATUSES.get(status)))
        return effects

    def take_fill(self, execution: Execution) -> None:
        """Take a ``fill``; what it means is reported with the next ``order_state``."""
        before = self._pending.get(execution.fill_id)
        self._pending[execution.fill_id] = _Pending(execution, is_ours_twice=before is not None)
        if len(self._pending) > PENDING_BOUND:
            self._pending.popitem(last=False)

    def take_executions(self, executions: Iterable[Execution], now: Now) -> list[Effect]:
        """Take executions that REST returned. Positions wait for their events."""
        effects = self._report_read(executions, now)
        if self.is_known:
            for execution in executions:
                for known, _ in self._legs(execution):
                    leg = execution.fill_id, known.order_id
                    if execution.fill_id not in self._counted and leg not in self._positioned:
                        self._ahead[leg] = execution.market, _signed(execution, known.attributes.side)
        return effects

    def meet(self, order: WireOrder) -> KnownOrder:
        """Keep an order never heard of before."""
        self.heard += 1
        known = _known(order, self.heard)
        self._count_open(known)
        self._touched.add(known.order_id)
        if not self.reads and len(self._open) > FINISHED_BOUND:
            # The account is not followed, so that nothing says when the oldest has ended.
            self._finish(next(iter(self._open)))
        return known

    def placed(self, order: WireOrder) -> None:
        """Take note of an order that REST describes, perhaps before its event does."""
        if self.find(order.order_id) is None:
            self._shrink(self.meet(order), order.remaining)
            if not order.remaining:
                self._finish(order.order_id)

    def found(self, order: WireOrder) -> None:
        """Take note of an order that only its executions show: it rests no more, and no answer is older than it."""
        if self.find(order.order_id) is None:
            self._keep_finished(_known(order))

    def read_started(self, now: Now, *, is_followed: bool = True) -> None:
        """Take note that REST is being asked for the account, which is known from then on only if it is followed."""
        self._touched.clear()
        self._read_started_ns = now.monotonic_ns
        self._is_reading = is_followed
        if is_followed and not self.is_known:
            self.reads += 1

    def take_account(self, read: AccountRead, now: Now) -> list[Effect]:
        """Start over with what REST says; report every fill of ours that was not reported, orders and positions.

        What it does not show may not show yet: an order that rests is given up, and one that has ended with less
        fills than it should have is taken for amended, only after as long as reads may lag behind.
        """
        still_open = {order.order_id for order in read.open_orders}
        heard_of = frozenset(self._touched)
        for order in read.open_orders:
            self.placed(order)
        effects = self._report_read(read.executions, now)
        self._counted = frozenset(execution.fill_id for execution in read.executions)
        if read.is_explained:
            self._baseline = _Baseline({one.market: int(one.size) for one in read.positions}, self._counted)
        self._ahead.clear()
        self._unclaimed.clear()
        for execution in read.executions[-PENDING_BOUND:]:
            for order_id in (execution.maker_order_id, execution.taker_order_id):
                if self.find(order_id) is None:
                    self._unclaimed.setdefault(order_id, []).append(execution)
        # A row that cannot be read may be the order, or the fill that completed it.
        faults = (*unreadable_rows(read.open_orders), *unreadable_rows(read.executions))
        unsure = heard_of | {one for one in self._open if any(fault.may_concern(one) for fault in faults)}
        for order in read.open_orders:
            is_explained = order.order_id not in unsure
            effects.append(self.read_order(order, None, now, is_explained=is_explained))
        for known in [one for name, one in self._open.items() if name not in still_open | unsure]:
            if known.is_whole:
                effects.append(self._state_of(known, now, OrderStatus.FILLED))
            elif not known.absent_since_ns:
                known.absent_since_ns = now.monotonic_ns
            elif self._read_started_ns >= known.absent_since_ns + READ_LAG_NS:
                if known.final is None:
                    self._finish(known.order_id)
                else:
                    known.explain()
                    effects.append(self._state_of(known, now))
        self.positions.start(read.positions)
        effects += read.positions
        self.is_known = self.is_known or self._is_reading
        for leg in self._latest_legs:
            if leg.at_ns >= self._read_started_ns and leg.execution.fill_id not in self._counted:
                effects += self._apply(leg)
        return effects

    def is_behind(self, executions: Iterable[Execution]) -> bool:
        """Return whether REST does not show a fill yet that was reported before it was asked."""
        shown = {execution.fill_id for execution in executions}
        return any(
            leg.execution.fill_id not in shown
            for leg in self._latest_legs
            if self._read_started_ns - READ_LAG_NS <= leg.at_ns < self._read_started_ns
        )

    def mark_suspect(self) -> None:
        """Events were missed: nothing is certain until the account has been read."""
        self.is_known = self._is_reading = False
        self._ahead.clear()

    def forget_baseline(self) -> None:
        """Take note that positions may change without a fill."""
        self._baseline = None

    def erase(self) -> None:
        """The operator has erased every order, fill and position: what was reported before counts no more."""
        self.mark_suspect()
        self.forget_baseline()
        self._pending.clear()
        self._latest_legs.clear()
        for order_id in list(self._open):
            self._finish(order_id)

    def read_order(
        self, order: WireOrder, final: OrderStatus | None, now: Now, *, is_explained: bool = False
    ) -> Order:
        """Return the order that REST describes, and learn from it; ``final`` if it has ended.

        ``is_explained`` as for ``KnownOrder.shrink``.
        """
        known = self.find(order.order_id)
        if known is None:
            known = _known(order)
            known.filled_size = order.quantity - order.remaining
            known.value = known.filled_size * order.price
        if final is None:
            self._revive(known)
        self._shrink(known, order.remaining, is_explained=is_explained)
        return self._state_of(known, now, final)

    def fill_of(self, execution: Execution) -> tuple[Fill, ...]:
        """Return an execution as fills: one for each order of ours it names, else one without a side."""
        legs = tuple(fill_of(execution, known, liquidity) for known, liquidity in self._legs(execution))
        return legs or (fill_of(execution, None, None),)

    def _state_of(self, known: KnownOrder, now: Now, final: OrderStatus | None = None) -> Order:
        """Report an order; ``final`` if it has ended by the venue's word, perhaps without all of its fills."""
        known.final = known.final or final
        report = known.report(now.venue_ns)
        if known.final is not None and known.order_id in self._open:
            if report.status.is_final:
                self._finish(known.order_id)
            else:
                known.absent_since_ns = known.absent_since_ns or now.monotonic_ns
        return report

    def _count_open(self, known: KnownOrder) -> None:
        self._open[known.order_id] = known
        self._count(known, known.remaining)

    def _count(self, known: KnownOrder, change: int) -> None:
        sent = known.attributes
        self._left[sent.market][sent.side is SELL] += change

    def _shrink(self, known: KnownOrder, remaining: int, *, is_explained: bool = False) -> None:
        before = known.remaining
        known.shrink(remaining, is_explained=is_explained)
        if known.order_id in self._open:
            self._count(known, known.remaining - before)

    def _finish(self, order_id: str) -> None:
        known = self._open.pop(order_id)
        self._count(known, -known.remaining)
        self._keep_finished(known)

    def _keep_finished(self, known: KnownOrder) -> None:
        self._finished[known.order_id] = known
        if len(self._finished) > FINISHED_BOUND:
            self._finished.popitem(last=False)

    def _settle_fills(self, now: Now) -> Iterator[Effect]:
        """Report the fills whose orders are known by now."""
        for fill_id, (execution, is_ours_twice) in list(self._pending.items()):
            legs = self._legs(execution)
            if len(legs) < 1 + is_ours_twice:
                continue
            del self._pending[fill_id]
            for known, liquidity in legs:
                yield from self._report_fill(execution, known, liquidity)
                yield from self._position(
                    _Leg(now.monotonic_ns, execution, known.order_id, known.attributes.side)
                )
            if is_ours_twice:
                # The maker's own report came before this fill could be reported.
                yield self._state_of(legs[-1][0], now)

    def _legs(self, execution: Execution) -> list[tuple[KnownOrder, Liquidity]]:
        """Return what an execution is to us: a fill of each order of ours it names, the taker's first."""
        named = ((execution.taker_order_id, Liquidity.TAKER), (execution.maker_order_id, Liquidity.MAKER))
        return [(known, liquidity) for order_id, liquidity in named if (known := self.find(order_id))]

    def _side_of(self, order_id: str) -> Side | None:
        known = self.find(order_id)
        return None if known is None else known.attributes.side

    def _report_read(self, executions: Iterable[Execution], now: Now) -> list[Effect]:
        """Report fills that REST returned, after the new state of their orders, which may have ended without them."""
        fills: list[Effect] = []
        grown: dict[str, KnownOrder] = {}
        for execution in executions:
            for known, liquidity in self._legs(execution):
                new = tuple(self._report_fill(execution, known, liquidity))
                if new:
                    fills += new
                    grown[known.order_id] = known
        return [*(self._state_of(known, now) for known in grown.values()), *fills]

    def _report_legs(self, execution: Execution) -> Iterator[Effect]:
        for known, liquidity in self._legs(execution):
            yield from self._report_fill(execution, known, liquidity)

    def _report_fill(self, execution: Execution, known: KnownOrder, liquidity: Liquidity) -> Iterator[Effect]:
        if self._reported.add((execution.fill_id, known.order_id)):
            known.fill(execution)
            yield fill_of(execution, known, liquidity)

    def _position(self, leg: _Leg) -> Iterator[Effect]:
        name = leg.execution.fill_id, leg.order_id
        self._ahead.pop(name, None)
        if self._positioned.add(name):
            self._latest_legs.append(leg)
            if self.is_known and leg.execution.fill_id not in self._counted:
                yield from self._apply(leg)

    def _apply(self, leg: _Leg) -> Iterator[Effect]:
        execution = leg.execution
        yield self.positions.fill(
            execution.market, leg.side, execution.price, execution.size, execution.time_ns
        )

    def _revive(self, known: KnownOrder) -> None:
        """Take back that an order has ended where only its absence said so."""
        if known.final is None:
            known.absent_since_ns = 0
            if known.order_id in self._finished:
                self._count_open(self._finished.pop(known.order_id))


def _signed(execution: Execution, side: Side) -> int:
    return execution.size if side is Side.BUY else -execution.size


def _known(order: WireOrder, number: int = 0) -> KnownOrder:
    return KnownOrder(order.order_id, attributes_of(order), order.created_at_ns, number)
