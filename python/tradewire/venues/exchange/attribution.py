"""Which order of the venue a request without an answer became. Pure.

The venue takes no id of ours and looks up no order. It lists resting orders, with all that was sent, and executions, of
which one of the two orders is ours, or both, without saying which. What an order of ours that is known explains is
left aside; the rest can only belong to requests without an answer, or to another program of this account.

* A request gets an order that fits what it sent: market, side, price and size as placed, not older than the request. An
  order known by its executions alone fits if they are within its price, or at it for a maker, and come to its size; to
  less only if nothing else explains them once the request can arrive no more: its rest was cancelled meanwhile.
* Equal requests are interchangeable: as many as there are orders get one each, the oldest first.
* An execution with an order of ours that is known is another trader's unless the position says that it was with
  ourselves: a trade with ourselves leaves the position as it was.
* Which of the two orders of a single execution is ours shows where the market is watched: its book and trades tell the
  side of each. Else nothing at the venue tells: the order is said to be the taker's if the request was sent a moment
  before, the maker's if not. State, size and price are certain all the same; id and liquidity are the likelier ones.
* What fits two different requests is left open while the other one may still become an order.

Another program's order is taken for ours only if it fits a request of ours in all of this; an execution that fits none
is claimed for none.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from typing import NamedTuple

from tradewire.model import Side
from tradewire.session.live_order import CLOCK_MARGIN_NS
from tradewire.venues.exchange.known_order import KnownOrder
from tradewire.venues.exchange.model import Execution
from tradewire.venues.exchange.user_values import Attributes

__all__ = ["Attributed", "Lost", "Unexplained", "attribute"]

PROMPT_NS = 50_000_000
"""An order that takes does so when it arrives: within this, unless its request was held up."""
EXECUTIONS = 300
"""Looked at, at most; older ones are not explained."""
STEPS = 200
"""Combinations tried at most; what was best until then counts."""


class Lost(NamedTuple):
    """A request whose order has no id yet."""

    name: str
    attributes: Attributes
    sent_ns: int
    """The venue's time."""
    heard: int
    """How many orders had been heard of when it was sent: none of those can be its order."""
    is_placing: bool
    """Its reply may yet name its order."""
    may_arrive: bool
    """It may yet become an order."""


class Unexplained(NamedTuple):
    """What the venue says of one market and orders that are known leave open."""

    executions: Sequence[Execution]
    """All of ours, oldest first."""
    seen: Collection[str]
    """Ids of executions that the position counted when everything was explained."""
    side_of: Callable[[str], Side | None]
    """The side of an order of ours that is known."""
    position: int | None
    """By how much the position has moved since then beyond what known orders explain; ``None`` if it is not known."""
    public_side_of: Callable[[str], Side | None] = lambda _: None
    """The side of anybody's order, if the public book or trades have shown it."""


class Attributed(NamedTuple):
    """What became of one request."""

    order_id: str
    """Empty: nothing the venue has is its order."""
    is_contested: bool
    """It may be another request's that is still under way: ask again."""
    executions: Sequence[Execution] = ()
    """What shows it, for an order not heard of before."""


def attribute(
    name: str, lost: Iterable[Lost], unnamed: Iterable[KnownOrder], unexplained: Unexplained
) -> Attributed:
    """Return what became of the request ``name``, one of ``lost``, all of one market.

    Args:
        name: The request.
        lost: Every request whose order has no id.
        unnamed: Orders of ours that no request is known for.
        unexplained: The executions.
    """
    open_requests: list[Lost] = []
    orders = sorted(unnamed, key=lambda known: known.number)
    listed: dict[str, str] = {}
    for one in sorted(lost, key=lambda one: one.sent_ns):
        order = next((known for known in orders if _is_of(known, one)), None)
        if order is None:
            open_requests.append(one)
        else:
            orders.remove(order)
            listed[one.name] = order.order_id
    [request] = [one for one in lost if one.name == name]
    equals = [one for one in lost if one.attributes == request.attributes and one is not request]
    if name in listed:
        return Attributed(listed[name], any(one.is_placing for one in equals))
    search = _Search(open_requests, unexplained)
    found = search.run()
    order_id = found.get(request, "")
    fitting = {order_id} if order_id else set(search.fitting[request])
    rivals = [
        one
        for one in open_requests
        if one is not request
        and not fitting.isdisjoint(search.fitting[one])
        and (one.is_placing or (bool(order_id) and one.may_arrive and one not in found and one not in equals))
    ]
    return Attributed(order_id, bool(rivals), search.parts.get(order_id, ()))


def _is_of(known: KnownOrder, lost: Lost) -> bool:
    is_since = known.created_at_ns >= lost.sent_ns - CLOCK_MARGIN_NS and known.number > lost.heard
    return known.attributes == lost.attributes and is_since


class _Search:
    """The combination of requests and orders that explains the most and fits the position."""

    def __init__(self, lost: Sequence[Lost], unexplained: Unexplained) -> None:
        self._lost = lost
        self._evidence = unexplained
        side_of, executions = unexplained.side_of, unexplained.executions
        since_ns = min((one.sent_ns for one in lost), default=0) - CLOCK_MARGIN_NS
        late = (_ids(execution) for execution in executions if execution.time_ns >= since_ns)
        unknown = {order_id for ids in late for order_id in ids if side_of(order_id) is None}
        self.parts: dict[str, list[Execution]] = {}
        """Executions by order, of orders that are not known."""
        for execution in executions:
            for order_id in unknown.intersection(_ids(execution)):
                self.parts.setdefault(order_id, []).append(execution)
        self._sizes = {name: sum(part.size for part in parts) for name, parts in self.parts.items()}
        self.fitting = {
            one: [
                name
                for name in self.parts
                if self._sizes[name] == one.attributes.size and self._fits(one, name)
            ]
            for one in lost
        }
        self._requests: dict[str, list[Lost]] = {}
        for one, names in self.fitting.items():
            for name in names:
                self._requests.setdefault(name, []).append(one)
        self._unowned = [execution for execution in executions if not any(map(side_of, _ids(execution)))]
        fitting = [one for one in self._unowned if not self._requests.keys().isdisjoint(_ids(one))]
        self._open = fitting[-EXECUTIONS:]
        # What nothing of ours explains has moved the position, too, and no one knows which way.
        explainable = {execution.fill_id for execution in self._open} | set(unexplained.seen)
        is_strange = any(execution.fill_id not in explainable for execution in self._unowned)
        self._position = None if is_strange else unexplained.position
        self._steps = 0
        self._best: tuple[tuple[int, bool], dict[Lost, str]] = ((-1, False), {})

    def run(self) -> dict[Lost, str]:
        """Return the order of each request that has one."""
        self._explain(self._open, {})
        found = dict(self._best[1])
        for execution in self._unowned:
            if set(found.values()).isdisjoint(_ids(execution)):
                parts = [
                    (one, name)
                    for one in self._lost
                    if one not in found and not one.is_placing and not one.may_arrive
                    for name in _ids(execution)
                    if self._sizes.get(name, one.attributes.size) < one.attributes.size
                    and self._fits(one, name)
                    and self._is_free(one, name, found)
                ]
                if parts:
                    one, name = min(parts, key=lambda part: self._rank(*part))
                    found[one] = name
        return found

    def _explain(self, rest: Sequence[Execution], found: dict[Lost, str]) -> None:
        """Try every way to explain ``rest``, the likeliest first, until one explains everything."""
        if self._is_over():
            return
        taken = set(found.values())
        for place, execution in enumerate(rest):
            if taken.isdisjoint(_ids(execution)):
                others = rest[place + 1 :]
                for one, name in sorted(
                    self._options(execution, found), key=lambda option: self._rank(*option)
                ):
                    self._explain(others, {**found, one: name})
                self._explain(others, found)
                return
        self._judge(found)
        if self._position is not None:
            alone = [one for one in self._lost if one not in found and self.fitting[one]]
            alone.sort(key=lambda one: min(self._distance(one, name) for name in self.fitting[one]))
            self._complete(alone, found)

    def _complete(self, alone: Sequence[Lost], found: dict[Lost, str]) -> None:
        """Try trades with ourselves, which explain no execution but the position, the likeliest first."""
        for place, one in enumerate(alone):
            for name in sorted(self.fitting[one], key=lambda name: self._distance(one, name)):
                if not self._is_over() and self._is_free(one, name, found):
                    more = {**found, one: name}
                    self._judge(more)
                    self._complete(alone[place + 1 :], more)

    def _is_over(self) -> bool:
        """Count a step, and return whether the best is perfect or, once there is one, more would take too long."""
        self._steps += 1
        return self._best[0] == (len(self._open), True) or (self._steps > STEPS and self._best[0][0] >= 0)

    def _judge(self, found: dict[Lost, str]) -> None:
        explained = set(found.values())
        covered = sum(not explained.isdisjoint(_ids(execution)) for execution in self._open)
        moved = sum(
            execution.size if one.attributes.side is Side.BUY else -execution.size
            for one, name in found.items()
            for execution in self.parts[name]
            if execution.fill_id not in self._evidence.seen
        )
        score = (covered, self._position is None or moved == self._position)
        if score > self._best[0]:
            self._best = score, found

    def _options(self, execution: Execution, found: dict[Lost, str]) -> Iterator[tuple[Lost, str]]:
        """Return who may explain an execution; of equal requests the oldest."""
        for name in _ids(execution):
            tried: set[Attributes] = set()
            for one in self._requests.get(name, ()):
                if one not in found and one.attributes not in tried and self._is_free(one, name, found):
                    tried.add(one.attributes)
                    yield one, name

    def _is_free(self, lost: Lost, order_id: str, found: dict[Lost, str]) -> bool:
        """Return whether no other request has an order, and it did not trade with one of the same side."""
        traded_with = {name for execution in self.parts[order_id] for name in _ids(execution)}
        return not any(
            name == order_id or (name in traded_with and one.attributes.side is lost.attributes.side)
            for one, name in found.items()
        )

    def _rank(self, lost: Lost, order_id: str) -> tuple[int, bool, tuple[bool, int]]:
        """Order by how much it explains, who is likely to have taken, and how soon it came."""
        first = self.parts[order_id][0]
        is_likely = (order_id == first.taker_order_id) == (first.time_ns - lost.sent_ns < PROMPT_NS)
        return -len(self.parts[order_id]), not is_likely, self._distance(lost, order_id)

    def _distance(self, lost: Lost, order_id: str) -> tuple[bool, int]:
        """Order by how soon after the request it traded first; before it only if our clocks differ."""
        after_ns = self.parts[order_id][0].time_ns - lost.sent_ns
        return after_ns < 0, abs(after_ns)

    def _fits(self, lost: Lost, order_id: str) -> bool:
        """Return whether an order can be the request's by everything but its size."""
        side, price = lost.attributes.side, lost.attributes.price
        evidence = self._evidence
        return evidence.public_side_of(order_id) in {None, side} and all(
            execution.time_ns >= lost.sent_ns - CLOCK_MARGIN_NS
            and all(evidence.side_of(other) is not side for other in _ids(execution))
            and (
                execution.price == price
                if order_id == execution.maker_order_id
                else (execution.price <= price if side is Side.BUY else execution.price >= price)
            )
            for execution in self.parts[order_id]
        )


def _ids(execution: Execution) -> tuple[str, str]:
    return execution.maker_order_id, execution.taker_order_id
