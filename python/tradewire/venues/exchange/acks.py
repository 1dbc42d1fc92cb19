"""Which order the venue made of which request: an ``ack`` over WebSocket carries no order id. Sans-IO.

What is sure of the venue: one socket's requests are handled one after the other; each is answered before
anything it made happen is reported; the events of a user come in one queue in order; an accepted submit ends with
exactly one ``order_state`` of an id never seen before.

So an ``order_state`` of a new id belongs to the first acknowledged submit of this socket with the same market,
side, price and size that has no id yet. Identical submits pair up in the order they were sent. While a submit over REST
with the same attributes is under way, new ids are held back until its reply names its own.

Equal orders are interchangeable: after a lost answer or event, or if another program trades with the same key, an equal
order may be reported that is not exactly the one this socket's request became. A request that waits for none any more
is of unknown fate, and ``attribution`` finds it among the orders left.
"""

from __future__ import annotations

from collections import Counter, OrderedDict, deque

from msgspec import Struct

from tradewire.venues.exchange.user_values import Attributes, Identified

__all__ = ["AckMatcher"]


class _Numbered(Struct, frozen=True):
    """A request or an order, and when it came among the acks and reported orders."""

    number: int
    name: str


class AckMatcher:
    """Pairs requests with orders."""

    def __init__(self) -> None:
        # None for requests that make no order, or whose order no one waits for.
        self.unanswered: OrderedDict[str, Attributes | None] = OrderedDict()
        """In the order they were sent."""
        self._acked: dict[Attributes, deque[_Numbered]] = {}
        self._over_rest: Counter[Attributes] = Counter()
        self._held: dict[Attributes, list[_Numbered]] = {}
        self._count = 0

    def under_way(self) -> set[Attributes]:
        """Return which orders may yet be reported that belong to a request under way."""
        open_now = {attributes for attributes in self.unanswered.values() if attributes is not None}
        return open_now | self._acked.keys() | self._over_rest.keys()

    def sent(self, request_id: str, attributes: Attributes | None) -> None:
        """Note a request on the socket; ``attributes`` for submits."""
        self.unanswered[request_id] = attributes

    def acked(self, request_id: str) -> list[str]:
        """Take an acknowledgement; return requests whose answer was lost."""
        unanswered = self._unanswered(request_id)
        attributes = self.unanswered.pop(request_id, None)
        if attributes is not None:
            waiting = self._acked.get(attributes)
            if waiting is None:
                waiting = self._acked[attributes] = deque()
            waiting.append(self._number(request_id))
        return unanswered

    def refused(self, request_id: str) -> list[str]:
        """Take a rejection; return requests whose answer was lost."""
        unanswered = self._unanswered(request_id)
        self.unanswered.pop(request_id, None)
        return unanswered

    def forget(self, request_id: str) -> None:
        """Wait no more for the order of a request: it is known otherwise, or of unknown fate."""
        if request_id in self.unanswered:
            self.unanswered[request_id] = None
        for attributes, waiting in list(self._acked.items()):
            if left := deque(one for one in waiting if one.name != request_id):
                self._acked[attributes] = left
            else:
                del self._acked[attributes]

    def rest_began(self, attributes: Attributes) -> None:
        """A submit with these attributes goes out over REST."""
        self._over_rest[attributes] += 1

    def rest_ended(self, attributes: Attributes, order_id: str = "") -> list[Identified]:
        """The submit over REST was answered with ``order_id``, or failed."""
        held = [order for order in self._held.pop(attributes, ()) if order.name != order_id]
        self._over_rest[attributes] -= 1
        if self._over_rest[attributes]:
            self._held[attributes] = held
            return []
        del self._over_rest[attributes]
        return [news for order in held for news in self._pair(attributes, order)]

    def seen(self, order_id: str, attributes: Attributes) -> list[Identified]:
        """Take the first ``order_state`` of an order never seen before."""
        if attributes in self._over_rest:
            self._held.setdefault(attributes, []).append(self._number(order_id))
            return []
        return self._pair(attributes, self._number(order_id))

    def missed(self) -> list[str]:
        """Events were lost; return the acknowledged requests, whose orders were perhaps among them."""
        waiting = [one.name for queue in self._acked.values() for one in queue]
        self._acked.clear()
        self._held.clear()
        return waiting

    def disconnected(self) -> None:
        """The socket is gone: nothing that was open will be answered or identified."""
        self.unanswered.clear()
        self.missed()

    def _number(self, name: str) -> _Numbered:
        self._count += 1
        return _Numbered(self._count, name)

    def _unanswered(self, request_id: str) -> list[str]:
        """Answers come in order: what was sent before ``request_id`` and is still open lost its answer."""
        unanswered: list[str] = []
        while request_id in self.unanswered and (earlier := next(iter(self.unanswered))) != request_id:
            del self.unanswered[earlier]
            unanswered.append(earlier)
        return unanswered

    def _pair(self, attributes: Attributes, order: _Numbered) -> list[Identified]:
        waiting = self._acked.get(attributes)
        # An order reported before the ack is not its order.
        if not waiting or waiting[0].number > order.number:
            return []
        request_id = waiting.popleft().name
        if not waiting:
            del self._acked[attributes]
        return [Identified(request_id, order.name)]
