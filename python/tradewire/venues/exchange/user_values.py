"""What goes into the user's state and what comes out of it, as values."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple, TypeAlias

from msgspec import Struct

from tradewire._native import OwnOrder
from tradewire.errors import RequestError
from tradewire.model import Fill, Order, Position, Side
from tradewire.protocol import events
from tradewire.venues.exchange.model import Execution, Message
from tradewire.venues.exchange.shapes import OrderFields

__all__ = [
    "AccountRead",
    "Attributes",
    "Change",
    "Effect",
    "Identified",
    "Now",
    "OrderFields",
    "ReadAccount",
    "Report",
    "RequestDone",
    "RequestFailed",
    "WireOrder",
    "attributes_of",
    "ended",
]


WireOrder: TypeAlias = OwnOrder | OrderFields
"""An order as the venue describes it: at which size it was sent, and what is left of it."""


class Now(Struct, frozen=True):
    """When an input is taken."""

    monotonic_ns: int
    venue_ns: int
    """The venue's time as estimated, UTC: its order events carry none."""


class Attributes(Struct, frozen=True, cache_hash=True):
    """All the venue says of an order that a request also says."""

    market: str
    side: Side
    price: int
    size: int


SIDES = {side.value: side for side in Side}
"""Looking a word up here costs a twentieth of asking its enum."""


def attributes_of(order: WireOrder) -> Attributes:
    """Return what an order was sent with."""
    return Attributes(order.market, SIDES[order.side], order.price, order.quantity)


def ended(order_id: str, sent: Attributes, created_at_ns: int) -> OrderFields:
    """Return an order of which nothing is left, as REST would describe it."""
    return OrderFields(order_id, sent.market, sent.side, sent.price, sent.size, 0, created_at_ns)


class Change(NamedTuple):
    """An amend or a cancel."""

    order_id: str
    remaining: int | None
    """What an amend leaves open; ``None`` for a cancel."""

    def is_done_by(self, order: Order) -> bool:
        """Return whether the order's new state shows this change."""
        is_small = self.remaining is not None and (order.remaining or 0) <= self.remaining
        return order.order_id == self.order_id and (order.status.is_final or is_small)


class AccountRead(Struct, frozen=True):
    """REST has said what the account is, all of one moment."""

    open_orders: Sequence[WireOrder]
    executions: Sequence[Execution]
    positions: Sequence[Position]
    is_explained: bool = True
    """No request is of unknown fate: our orders, and those under way, explain all of it."""


class Report(Struct, frozen=True):
    """Publish an event of the connection."""

    event: events.Event


class ReadAccount(Struct, frozen=True):
    """Ask REST for the account, again if that is under way; until then nothing is certain."""

    reason: str


class Identified(Struct, frozen=True):
    """The order of a request is certain."""

    request_id: str
    order_id: str


class RequestDone(Struct, frozen=True):
    """A request has happened; this is its order."""

    request_id: str
    order: Order


class RequestFailed(Struct, frozen=True):
    """A request has failed, or its outcome is unknown."""

    request_id: str
    error: RequestError


Effect: TypeAlias = (
    Identified | Order | Fill | Position | Message | Report | ReadAccount | RequestDone | RequestFailed
)
"""What is to be done: an order's new state, a fill that is new, a position and a message are to be published."""
