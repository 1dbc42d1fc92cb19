"""Which order the venue made of which request: an ``ack`` over WebSocket carries no order id. Sans-IO.

What is sure of the venue: one socket's requests are handled one after the other; each is answered before
anything it made happen is told; the events of a user come in one queue in order; an accepted submit ends with
exactly one ``order_state`` of an id never seen before.

So an ``order_state`` of a new id belongs to the first acknowledged submit of this socket with the same market,
side, price and size that has no id yet. Identical submits pair up in the order they were sent.

What makes that unsure, and what is done:

* A submit over REST with the same attributes is under way: new ids are held back until its reply names its own.
* An answer was lost (a later request was answered first, or the caller's patience was over): its order may
  still show up, and until ``DOUBT_NS`` later equal submits stay without an id and their outcome is unknown.
* Another program trades with the same key. Its order looks the same. If one more fitting order than was
  asked for shows up within ``DOUBT_NS``, the last pairing is taken back and its outcome is unknown. A
  program that places the same order at the same time and whose order is told later than that is not noticed.
"""

from __future__ import annotations

from collections import Counter, OrderedDict, deque
from dataclasses import dataclass
from typing import NamedTuple, TypeAlias

from tradewire.model import Side

__all__ = ["DOUBT_NS", "Acks", "Attributes", "Found", "Lost", "News"]

DOUBT_NS = 2_000_000_000
"""How long after a pairing one more fitting order casts doubt on it. Events follow their ack within milliseconds."""
REMEMBERED = 256


class Attributes(NamedTuple):
    """All the venue tells of an order that a request also says."""

    market: str
    side: Side
    price: int
    size: int


@dataclass(frozen=True, slots=True)
class Found:
    """The order of a request."""

    request_id: str
    order_id: str


@dataclass(frozen=True, slots=True)
class Lost:
    """A request whose order cannot be told; its outcome is unknown."""

    request_id: str
    why: str


News: TypeAlias = Found | Lost


class Acks:
    """Pairs requests with orders."""

    def __init__(self) -> None:
        # In the order they were sent; None for requests that make no order.
        self._open: OrderedDict[str, Attributes | None] = OrderedDict()
        self._acked: dict[Attributes, deque[str]] = {}
        self._over_rest: Counter[Attributes] = Counter()
        self._held: dict[Attributes, list[str]] = {}
        # Until when an order nobody waits for any more may show up.
        self._stray_until_ns: dict[Attributes, int] = {}
        self._paired: deque[tuple[Attributes, str, int]] = deque(maxlen=REMEMBERED)

    def sent(self, request_id: str, attributes: Attributes | None) -> None:
        """Note a request on the socket; ``attributes`` for submits."""
        self._open[request_id] = attributes

    def acked(self, request_id: str, now_ns: int) -> list[News]:
        """Take an acknowledgement."""
        news = self._lose_before(request_id, now_ns)
        attributes = self._open.pop(request_id, None)
        if attributes is None:
            return news
        if self._has_stray(attributes, now_ns):
            self._expect_stray(attributes, now_ns)
            return [*news, Lost(request_id, "an equal order before it lost its answer")]
        self._acked.setdefault(attributes, deque()).append(request_id)
        return news

    def refused(self, request_id: str, now_ns: int) -> list[News]:
        """Take a rejection."""
        news = self._lose_before(request_id, now_ns)
        self._open.pop(request_id, None)
        return news

    def given_up(self, request_id: str, now_ns: int) -> None:
        """Stop waiting for a request: its caller's patience is over."""
        attributes = self._open.pop(request_id, None)
        for waited_for, waiting in self._acked.items():
            if request_id in waiting:
                waiting.remove(request_id)
                attributes = waited_for
        if attributes is not None:
            self._expect_stray(attributes, now_ns)

    def rest_began(self, attributes: Attributes) -> None:
        """A submit with these attributes goes out over REST."""
        self._over_rest[attributes] += 1

    def rest_ended(self, attributes: Attributes, order_id: str | None, now_ns: int) -> list[News]:
        """The submit over REST was answered with ``order_id``; ``None`` if it was refused or nobody knows."""
        self._over_rest[attributes] -= 1
        held = self._held.get(attributes, [])
        if order_id in held:
            held.remove(order_id)
        if self._over_rest[attributes]:
            return []
        del self._over_rest[attributes]
        self._held.pop(attributes, None)
        waiting = self._acked.get(attributes, deque())
        if len(held) > len(waiting):
            # More orders than requests that wait: one is of the REST request without an answer, or of another program.
            self._acked.pop(attributes, None)
            return [Lost(one, "an equal order over REST got no answer") for one in waiting]
        return [self._pair(attributes, order, now_ns) for order in held]

    def seen(self, order_id: str, attributes: Attributes, now_ns: int) -> list[News]:
        """Take the first ``order_state`` of an order never seen before."""
        if self._over_rest[attributes]:
            self._held.setdefault(attributes, []).append(order_id)
            return []
        if self._acked.get(attributes):
            return [self._pair(attributes, order_id, now_ns)]
        if self._has_stray(attributes, now_ns) or attributes in self._open.values():
            return []
        for paired in reversed(self._paired):
            if paired[0] == attributes and now_ns - paired[2] <= DOUBT_NS:
                self._paired.remove(paired)
                return [Lost(paired[1], "an equal order that was not asked for here showed up")]
        return []

    def disconnected(self) -> list[News]:
        """The socket is gone: nothing that was open will be answered or identified."""
        news: list[News] = [Lost(one, "the connection was lost before the answer") for one in self._open]
        for waiting in self._acked.values():
            news += [Lost(one, "the connection was lost before the order was told") for one in waiting]
        self._open.clear()
        self._acked.clear()
        self._held.clear()
        return news

    def _lose_before(self, request_id: str, now_ns: int) -> list[News]:
        """Answers come in order: what was sent before ``request_id`` and is still open lost its answer."""
        if request_id not in self._open:
            return []
        lost: list[News] = []
        for earlier in list(self._open):
            if earlier == request_id:
                break
            attributes = self._open.pop(earlier)
            lost.append(Lost(earlier, "its answer was lost"))
            if attributes is not None:
                self._expect_stray(attributes, now_ns)
                waiting = self._acked.pop(attributes, deque())
                lost += [Lost(one, "an answer to an equal order was lost") for one in waiting]
        return lost

    def _pair(self, attributes: Attributes, order_id: str, now_ns: int) -> News:
        waiting = self._acked[attributes]
        request_id = waiting.popleft()
        if not waiting:
            del self._acked[attributes]
        self._paired.append((attributes, request_id, now_ns))
        return Found(request_id, order_id)

    def _expect_stray(self, attributes: Attributes, now_ns: int) -> None:
        self._stray_until_ns[attributes] = now_ns + DOUBT_NS

    def _has_stray(self, attributes: Attributes, now_ns: int) -> bool:
        until_ns = self._stray_until_ns.get(attributes)
        if until_ns is not None and now_ns > until_ns:
            del self._stray_until_ns[attributes]
            return False
        return until_ns is not None
