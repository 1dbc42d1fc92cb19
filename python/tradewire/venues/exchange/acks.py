"""Which order the venue made of which request: an ``ack`` over WebSocket carries no order id. Sans-IO.

What is sure of the venue: one socket's requests are handled one after the other; each is answered before
anything it made happen is told; the events of a user come in one queue in order; an accepted submit ends with
exactly one ``order_state`` of an id never seen before.

So an ``order_state`` of a new id belongs to the first acknowledged submit of this socket with the same market,
side, price and size that has no id yet. Identical submits pair up in the order they were sent.

What makes that unsure, and what is done:

* A submit over REST with the same attributes is under way: new ids are held back until its reply names its own.
  If nobody knows what became of it, neither does anybody of the equal submits that wait.
* An answer or an event was lost: the order of a request that was given up may still show up, and until
  ``DOUBT_NS`` later equal submits stay without an id and their outcome is unknown.
* Another program trades with the same key. Its order looks the same. If one more fitting order than was
  asked for shows up within ``DOUBT_NS`` of the last pairing, every pairing of equal submits that followed one
  another that closely is taken back and their outcome is unknown. A program that places the same order at the
  same time is not noticed if the surplus order is told later than that, or was among events that were lost.

A request whose caller has lost patience before it was answered keeps its place: its order may yet be found.
"""

from __future__ import annotations

from collections import Counter, OrderedDict, deque
from dataclasses import dataclass, field
from typing import NamedTuple

from tradewire.venues.exchange.user_values import Attributes, Attribution, Identified, Unlinked

__all__ = ["DOUBT_NS", "AckMatcher"]

DOUBT_NS = 2_000_000_000
"""How long after a pairing one more fitting order casts doubt on it. Events follow their ack within milliseconds."""
REMEMBERED = 256


class _Numbered(NamedTuple):
    """A request or an order, and when it came among the acks and orders told."""

    number: int
    name: str


@dataclass(slots=True)
class _Chain:
    """Requests with equal attributes that were paired shortly after one another."""

    last_ns: int
    request_ids: deque[str] = field(default_factory=lambda: deque(maxlen=REMEMBERED))


class AckMatcher:
    """Pairs requests with orders."""

    def __init__(self) -> None:
        # In the order they were sent; None for requests that make no order.
        self._open: OrderedDict[str, Attributes | None] = OrderedDict()
        self._acked: dict[Attributes, deque[_Numbered]] = {}
        self._over_rest: Counter[Attributes] = Counter()
        self._held: dict[Attributes, list[_Numbered]] = {}
        # Until when an order nobody waits for any more may show up.
        self._late_until_ns: OrderedDict[Attributes, int] = OrderedDict()
        self._chains: OrderedDict[Attributes, _Chain] = OrderedDict()
        self._count = 0

    def is_waiting(self, request_id: str) -> bool:
        """Tell whether the request has no answer yet, or its order has not been told."""
        waiting = (one.name for queue in self._acked.values() for one in queue)
        return request_id in self._open or request_id in waiting

    def under_way(self) -> set[Attributes]:
        """Return what orders may yet be told of that belong to a request under way."""
        open_now = {attributes for attributes in self._open.values() if attributes is not None}
        return open_now | self._acked.keys() | self._over_rest.keys()

    def sent(self, request_id: str, attributes: Attributes | None) -> None:
        """Note a request on the socket; ``attributes`` for submits."""
        self._open[request_id] = attributes

    def acked(self, request_id: str, now_ns: int) -> list[Attribution]:
        """Take an acknowledgement."""
        news = self._lose_before(request_id, now_ns)
        attributes = self._open.pop(request_id, None)
        if attributes is None:
            return news
        if self._has_late(attributes, now_ns):
            self._expect_late(attributes, now_ns)
            return [*news, Unlinked(request_id, "the order of an equal request before it may still show up")]
        self._acked.setdefault(attributes, deque()).append(self._number(request_id))
        return news

    def refused(self, request_id: str, now_ns: int, *, is_certain: bool = True) -> list[Attribution]:
        """Take a rejection; if it is not certain, the venue may have made an order all the same."""
        news = self._lose_before(request_id, now_ns)
        attributes = self._open.pop(request_id, None)
        if attributes is not None and not is_certain:
            self._expect_late(attributes, now_ns)
            news += self._lose_waiting(attributes, "an equal request may have become an order", now_ns)
        return news

    def timed_out(self, request_id: str, now_ns: int) -> list[Attribution]:
        """The caller's patience is over. An order not told long after its ack will not be told."""
        for attributes, waiting in self._acked.items():
            if any(one.name == request_id for one in waiting):
                return self._lose_waiting(attributes, "the order of an equal request was not told", now_ns)
        return []

    def found(self, request_id: str) -> None:
        """Its order is known otherwise: it waits for none."""
        self._open.pop(request_id, None)
        for attributes, waiting in list(self._acked.items()):
            if left := deque(one for one in waiting if one.name != request_id):
                self._acked[attributes] = left
            else:
                del self._acked[attributes]

    def rest_began(self, attributes: Attributes) -> None:
        """A submit with these attributes goes out over REST."""
        self._over_rest[attributes] += 1

    def rest_placed(self, attributes: Attributes, order_id: str, now_ns: int) -> list[Attribution]:
        """The submit over REST was answered with ``order_id``."""
        held = self._held.get(attributes, [])
        self._held[attributes] = [order for order in held if order.name != order_id]
        return self._rest_over(attributes, now_ns)

    def rest_failed(self, attributes: Attributes, now_ns: int, *, is_certain: bool) -> list[Attribution]:
        """The submit over REST made no order, or, if that is not certain, perhaps one nobody can name."""
        news: list[Attribution] = []
        if not is_certain:
            news = self._lose_waiting(attributes, "an equal order over REST got no answer", now_ns)
            self._held.pop(attributes, None)
            self._expect_late(attributes, now_ns)
        return news + self._rest_over(attributes, now_ns)

    def seen(self, order_id: str, attributes: Attributes, now_ns: int) -> list[Attribution]:
        """Take the first ``order_state`` of an order never seen before."""
        order = self._number(order_id)
        if self._over_rest[attributes]:
            self._held.setdefault(attributes, []).append(order)
            return []
        return self._pair(attributes, order, now_ns)

    def missed(self, now_ns: int) -> list[Attribution]:
        """Events were lost: which orders the acknowledged requests became was perhaps among them."""
        news = [
            lost
            for attributes in list(self._acked)
            for lost in self._lose_waiting(
                attributes, "the event that names its order was perhaps lost", now_ns
            )
        ]
        self._held.clear()
        return news

    def disconnected(self, now_ns: int) -> list[Attribution]:
        """The socket is gone: nothing that was open will be answered or identified."""
        news: list[Attribution] = [
            Unlinked(one, "the connection was lost before the answer") for one in self._open
        ]
        for attributes in self._open.values():
            if attributes is not None:
                self._expect_late(attributes, now_ns)
        self._open.clear()
        reason = "the connection was lost before the order was told"
        for attributes in list(self._acked):
            news += self._lose_waiting(attributes, reason, now_ns)
        self._held.clear()
        return news

    def _number(self, name: str) -> _Numbered:
        self._count += 1
        return _Numbered(self._count, name)

    def _lose_before(self, request_id: str, now_ns: int) -> list[Attribution]:
        """Answers come in order: what was sent before ``request_id`` and is still open lost its answer."""
        if request_id not in self._open:
            return []
        news: list[Attribution] = []
        while (earlier := next(iter(self._open))) != request_id:
            attributes = self._open.pop(earlier)
            news.append(Unlinked(earlier, "its answer was lost"))
            if attributes is not None:
                self._expect_late(attributes, now_ns)
                news += self._lose_waiting(attributes, "an answer to an equal order was lost", now_ns)
        return news

    def _lose_waiting(self, attributes: Attributes, reason: str, now_ns: int) -> list[Attribution]:
        """Give up finding the orders of acknowledged requests."""
        waiting = self._acked.pop(attributes, deque())
        if waiting:
            self._expect_late(attributes, now_ns)
        return [Unlinked(one.name, reason) for one in waiting]

    def _rest_over(self, attributes: Attributes, now_ns: int) -> list[Attribution]:
        self._over_rest[attributes] -= 1
        if self._over_rest[attributes]:
            return []
        del self._over_rest[attributes]
        held = self._held.pop(attributes, [])
        return [news for order in held for news in self._pair(attributes, order, now_ns)]

    def _pair(self, attributes: Attributes, order: _Numbered, now_ns: int) -> list[Attribution]:
        waiting = self._acked.get(attributes)
        if not waiting or waiting[0].number > order.number:
            return self._doubt(attributes, now_ns)
        request_id = waiting.popleft().name
        if not waiting:
            del self._acked[attributes]
        self._forget(now_ns)
        chain = self._chains.setdefault(attributes, _Chain(now_ns))
        chain.last_ns = now_ns
        chain.request_ids.append(request_id)
        self._chains.move_to_end(attributes)
        return [Identified(request_id, order.name)]

    def _doubt(self, attributes: Attributes, now_ns: int) -> list[Attribution]:
        """One more order than was asked for has been told: somebody else's, or one that was given up."""
        self._forget(now_ns)
        chain = self._chains.pop(attributes, None)
        if chain is None:
            return []
        reason = "an equal order that was not asked for here showed up"
        return [Unlinked(request_id, reason) for request_id in chain.request_ids]

    def _expect_late(self, attributes: Attributes, now_ns: int) -> None:
        self._late_until_ns[attributes] = now_ns + DOUBT_NS
        self._late_until_ns.move_to_end(attributes)

    def _has_late(self, attributes: Attributes, now_ns: int) -> bool:
        self._forget(now_ns)
        return attributes in self._late_until_ns

    def _forget(self, now_ns: int) -> None:
        """Drop what is too old to matter; both are kept in the order they end."""
        while self._late_until_ns and next(iter(self._late_until_ns.values())) < now_ns:
            self._late_until_ns.popitem(last=False)
        while self._chains and next(iter(self._chains.values())).last_ns + DOUBT_NS < now_ns:
            self._chains.popitem(last=False)
