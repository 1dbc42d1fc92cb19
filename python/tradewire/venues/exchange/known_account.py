"""Our orders, fills and positions as the user's events tell them. Sans-IO.

A ``fill`` names two orders and no side, and comes before the ``order_state`` of an order that took at once: it
waits until the order is known. One told twice is a trade with ourselves and counts on both sides, taker first.

The answer to a request over REST tells its fills, too, but not what happened to our other orders before: average
price and profit depend on the order of fills, so positions follow the events alone.

What is left of an order only ever shrinks, so that of two tellings the smaller is the newer.
"""

from __future__ import annotations

from collections import OrderedDict, deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any, NamedTuple, TypeAlias

from tradewire.model import Fill, Liquidity, Order, OrderStatus, Position, Side
from tradewire.session.recent import Recent
from tradewire.venues.exchange.acks import Attributes
from tradewire.venues.exchange.known_order import KnownOrder, fill_of
from tradewire.venues.exchange.model import Execution
from tradewire.venues.exchange.positions import Positions, worst_case

__all__ = ["FILLS", "ORDERS", "POSITIONS", "Account", "Item", "OrderFields"]

ORDERS, FILLS, POSITIONS = "orders", "fills", "positions"
FINISHED_BOUND = 10_000
"""Finished orders whose late events are still understood."""
PENDING_BOUND = 10_000
SEEN_BOUND = 200_000
_STATUSES = {"filled": OrderStatus.FILLED, "canceled": OrderStatus.CANCELLED}

Item: TypeAlias = tuple[str, str, Any]
"""Topic, market and what is told."""
OrderFields: TypeAlias = tuple[str, str, str, str, int, int, int, int]
"""As the native feed gives them: id, trader, market, side, price, quantity, remaining, created_at_ns."""


class _Pending(NamedTuple):
    execution: Execution
    is_ours_twice: bool


class Account:
    """What the venue's user events add up to.

    Args:
        identify: Asked for the request of an order never seen before, by its id; empty if there is none.
    """

    def __init__(self, identify: Callable[[str, Attributes], str]) -> None:
        self._identify = identify
        self._open: dict[str, KnownOrder] = {}
        self._finished: OrderedDict[str, KnownOrder] = OrderedDict()
        self._pending: OrderedDict[str, _Pending] = OrderedDict()
        self._told = Recent[tuple[str, str]](SEEN_BOUND)
        self._positioned = Recent[tuple[str, str]](SEEN_BOUND)
        # Legs of fills that the positions held when they were read.
        self._counted: set[str] = set()
        # Of what was read last, by orders nobody knew then: their events may still be under way.
        self._unclaimed: dict[str, list[Execution]] = {}
        # Legs that an answer told before their event: market and signed size.
        self._ahead: dict[tuple[str, str], tuple[str, int]] = {}
        # How many orders were ever heard of, and how many when a request was sent: none of those can be its order.
        self._heard = 0
        self._heard_before: OrderedDict[str, int] = OrderedDict()
        # Orders heard of since the account began to be read: what is read may be older.
        self._touched: set[str] = set()
        # Legs told while the positions were in doubt: those not in what is read come on top of it.
        self._since: deque[tuple[Execution, str, Side]] = deque(maxlen=PENDING_BOUND)
        self.positions = Positions()
        self.is_known = False
        """Orders and positions have been read since the account was last in doubt."""
        self.reads = 0
        """How often it has begun to be read. An order sent before the last time and answered after it is in doubt:
        what became of it may have been lost before and not been asked for then."""

    @property
    def own_ids(self) -> Iterator[str]:
        """Ids of our open orders."""
        return iter(self._open)

    def attributes(self, order_id: str) -> Attributes | None:
        """Return what is known of an order of ours."""
        known = self._find(order_id)
        return None if known is None else known.attributes

    def sent(self, client_order_id: str) -> None:
        """Take note that a request goes out now: an order heard of before is not its."""
        self._heard_before[client_order_id] = self._heard
        self._heard_before.move_to_end(client_order_id)
        if len(self._heard_before) > PENDING_BOUND:
            self._heard_before.popitem(last=False)

    def unattributed(self, attributes: Attributes, since_ns: int, client_order_id: str) -> list[str]:
        """Return our orders that no request is known for and that may be the one of ``client_order_id``.

        They have these attributes, were made since then and were not heard of before it was sent.
        """
        before = self._heard_before.get(client_order_id, 0)
        return [
            order_id
            for orders in (self._open, self._finished)
            for order_id, known in orders.items()
            if known.attributes == attributes
            and not known.client_order_id
            and known.created_at_ns >= since_ns
            and known.number > before
        ]

    def filled_size(self, order_id: str) -> int | None:
        """Return what is filled of an order of ours, as far as we were told; ``None`` if we do not know it."""
        known = self._find(order_id)
        return None if known is None else known.filled_size

    def exposure(self, market: str, side: Side, size: int) -> int | None:
        """Return the position the venue would refuse an order for, ``None`` if it would take it."""
        open_sizes = {Side.BUY: 0, Side.SELL: 0}
        for known in self._open.values():
            if known.attributes.market == market:
                open_sizes[known.attributes.side] += known.remaining
        net = int(self.positions.of(market).size)
        net += sum(size for where, size in self._ahead.values() if where == market)
        return worst_case(net, open_sizes[Side.BUY], open_sizes[Side.SELL], side, size)

    def name(self, order_id: str, client_order_id: str) -> None:
        """Learn which request an order belongs to."""
        known = self._find(order_id)
        if known is not None:
            known.client_order_id = client_order_id

    def take_back(self, client_order_id: str) -> None:
        """Learn that no order is known to belong to a request after all: the latest with its id is not its."""
        named = [
            known
            for known in (*self._open.values(), *self._finished.values())
            if known.client_order_id == client_order_id
        ]
        if named:
            max(named, key=lambda known: known.number).client_order_id = ""

    def on_state(self, order: OrderFields, status: str, now_ns: int) -> list[Item]:
        """Take an ``order_state``; return the order and the fills and positions that are certain now."""
        order_id, _, market, side, price, quantity, remaining, created_at_ns = order
        known = self._find(order_id)
        items: list[Item] = []
        if known is None:
            known = self._meet(order_id, Attributes(market, Side(side), price, quantity), created_at_ns)
            if status != "canceled":
                # The first word of a new order is never its cancel.
                known.client_order_id = self._identify(order_id, known.attributes)
            for execution in self._unclaimed.pop(order_id, ()):
                items += self._tell_legs(execution)
        self._touched.add(order_id)
        items += self._settle_fills(now_ns)
        known.shrink(remaining, is_exact=self.is_known)
        known.final = known.final or _STATUSES.get(status)
        if known.final is not None and order_id in self._open:
            self._finish(order_id)
        items.append((ORDERS, market, known.report(now_ns)))
        return items

    def on_fill(self, execution: Execution) -> None:
        """Take a ``fill``; what it means is told with the next ``order_state``."""
        before = self._pending.get(execution.fill_id)
        self._pending[execution.fill_id] = _Pending(execution, is_ours_twice=before is not None)
        if len(self._pending) > PENDING_BOUND:
            self._pending.popitem(last=False)

    def on_reply(self, executions: Iterable[Execution]) -> list[Item]:
        """Take the fills that the answer to a request tells. Positions wait for their events."""
        items: list[Item] = []
        for execution in executions:
            for order_id, known, role in self._legs(execution):
                items += self._publish(execution, order_id, known, role)
                leg = execution.fill_id, order_id
                if self.is_known and execution.fill_id not in self._counted and leg not in self._positioned:
                    signed = execution.size if known.attributes.side is Side.BUY else -execution.size
                    self._ahead[leg] = execution.market, signed
        return items

    def placed(self, order: OrderFields, client_order_id: str) -> None:
        """Learn of an order from REST, perhaps before its event."""
        order_id, _, market, side, price, quantity, remaining, created_at_ns = order
        if self._find(order_id) is None:
            known = self._meet(order_id, Attributes(market, Side(side), price, quantity), created_at_ns)
            known.client_order_id = client_order_id
            known.remaining = remaining
            self._touched.add(order_id)
            if not remaining:
                self._finish(order_id)

    def begin_reading(self) -> None:
        """Take note that REST is being asked for the account: what is heard from now on is newer than its answer."""
        self._touched.clear()
        self.reads += 1

    def start(
        self,
        open_orders: Sequence[OrderFields],
        executions: Sequence[Execution],
        positions: Sequence[Position],
    ) -> list[Item]:
        """Begin with what REST says; return every fill of ours that was not told yet, and every position."""
        still_open = {order[0]: order[6] for order in open_orders}
        heard_of = frozenset(self._touched)
        for order in open_orders:
            self.placed(order, "")
        for order_id in [one for one in self._open if one not in still_open and one not in heard_of]:
            self._finish(order_id)
        items: list[Item] = []
        self._counted = {execution.fill_id for execution in executions}
        self._ahead.clear()
        self._unclaimed.clear()
        for execution in executions:
            items += self._tell_legs(execution)
        for order_id, remaining in still_open.items():
            known = self._find(order_id)
            assert known is not None
            known.shrink(remaining, is_exact=order_id not in heard_of)
        for execution in executions[-PENDING_BOUND:]:
            for order_id in (execution.maker_order_id, execution.taker_order_id):
                if self._find(order_id) is None:
                    self._unclaimed.setdefault(order_id, []).append(execution)
        self.positions.start(positions)
        items += [(POSITIONS, position.market, position) for position in positions]
        self.is_known = True
        for execution, order_id, side in self._since:
            items += self._position(execution, order_id, side)
        self._since.clear()
        return items

    def mark_suspect(self) -> None:
        """Events were missed: nothing is certain until ``start``."""
        self.is_known = False
        self._ahead.clear()

    def erase(self) -> None:
        """The operator has erased every order, fill and position: what was told before counts no more."""
        self.mark_suspect()
        self._pending.clear()
        self._since.clear()

    def report(self, order: OrderFields, final: OrderStatus | None, now_ns: int) -> Order:
        """Return an order of the face for what REST says of one, and learn from it; ``final`` if it has ended."""
        known = self._find(order[0])
        if known is None:
            known = KnownOrder(order[0], Attributes(order[2], Side(order[3]), order[4], order[5]), order[7])
            known.filled_size = order[5] - order[6]
            known.value = known.filled_size * order[4]
        known.shrink(order[6], is_exact=False)
        known.final = known.final or final
        if known.final is not None and order[0] in self._open:
            self._finish(order[0])
        return known.report(now_ns)

    @property
    def heard(self) -> int:
        """How many orders were ever heard of."""
        return self._heard

    def ended(self, order_id: str, now_ns: int, heard: int | None = None) -> Order:
        """Return an order of ours that no longer rests: filled if its fills come to all they can, else cancelled.

        Args:
            order_id: The order.
            now_ns: Our time.
            heard: How many orders had been heard of when it was asked what rests: a younger one is as told.

        Raises:
            KeyError: We do not know it.
        """
        known = self._find(order_id)
        if known is None:
            raise KeyError(order_id)
        if heard is not None and known.number > heard and not known.is_whole:
            return known.report(now_ns)
        final = OrderStatus.FILLED if known.is_whole else OrderStatus.CANCELLED
        return known.report(now_ns, final)

    def fill_of(self, execution: Execution) -> tuple[Fill, ...]:
        """Return an execution as fills of the face: one for each order of ours it names, else one without a side."""
        taker, maker = self._find(execution.taker_order_id), self._find(execution.maker_order_id)
        legs = []
        if taker is not None:
            legs.append(fill_of(execution, taker, Liquidity.TAKER))
        if maker is not None:
            legs.append(fill_of(execution, maker, Liquidity.MAKER))
        return tuple(legs) or (fill_of(execution, None, None),)

    def _find(self, order_id: str) -> KnownOrder | None:
        return self._open.get(order_id) or self._finished.get(order_id)

    def _meet(self, order_id: str, attributes: Attributes, created_at_ns: int) -> KnownOrder:
        """Keep an order never heard of before."""
        self._heard += 1
        known = self._open[order_id] = KnownOrder(order_id, attributes, created_at_ns, self._heard)
        if not self.reads and len(self._open) > FINISHED_BOUND:
            # Nobody follows the account, so that nothing tells when the oldest has ended.
            self._finish(next(iter(self._open)))
        return known

    def _finish(self, order_id: str) -> None:
        self._finished[order_id] = self._open.pop(order_id)
        if len(self._finished) > FINISHED_BOUND:
            self._finished.popitem(last=False)

    def _settle_fills(self, now_ns: int) -> Iterator[Item]:
        """Tell the fills whose orders are known by now."""
        for fill_id, (execution, is_ours_twice) in list(self._pending.items()):
            maker, taker = self._find(execution.maker_order_id), self._find(execution.taker_order_id)
            is_complete = maker is not None and taker is not None if is_ours_twice else maker or taker
            if not is_complete:
                continue
            del self._pending[fill_id]
            for order_id, known, role in self._legs(execution):
                yield from self._publish(execution, order_id, known, role)
                yield from self._position(execution, order_id, known.attributes.side)
            if is_ours_twice and maker is not None:
                # Its own report came before this fill could be told.
                yield ORDERS, execution.market, maker.report(now_ns)

    def _legs(self, execution: Execution) -> list[tuple[str, KnownOrder, Liquidity]]:
        """Return what an execution is to us: a fill of each order of ours it names."""
        named = ((execution.taker_order_id, Liquidity.TAKER), (execution.maker_order_id, Liquidity.MAKER))
        return [(order_id, known, role) for order_id, role in named if (known := self._find(order_id))]

    def _tell_legs(self, execution: Execution) -> Iterator[Item]:
        for order_id, known, role in self._legs(execution):
            yield from self._publish(execution, order_id, known, role)

    def _publish(
        self, execution: Execution, order_id: str, known: KnownOrder, role: Liquidity
    ) -> Iterator[Item]:
        if self._told.add((execution.fill_id, order_id)):
            known.filled_size += execution.size
            known.value += execution.size * execution.price
            yield FILLS, execution.market, fill_of(execution, known, role)

    def _position(self, execution: Execution, order_id: str, side: Side) -> Iterator[Item]:
        if not self.is_known:
            self._since.append((execution, order_id, side))
            return
        leg = execution.fill_id, order_id
        self._ahead.pop(leg, None)
        if self._positioned.add(leg) and execution.fill_id not in self._counted:
            position = self.positions.fill(
                execution.market, side, execution.price, execution.size, execution.time_ns
            )
            yield POSITIONS, execution.market, position
