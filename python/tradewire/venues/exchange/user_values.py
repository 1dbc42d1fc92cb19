"""What goes into the user's state and what comes out of it, as values. Events the venue pushes go in as they are."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple, TypeAlias

from msgspec import Struct

from tradewire._native import FeedEvent, OwnOrder
from tradewire.errors import RequestError
from tradewire.model import Fill, Order, OrderStatus, Position, Side
from tradewire.protocol import events
from tradewire.venues.exchange.model import Execution, Message
from tradewire.venues.exchange.shapes import OrderFields

__all__ = [
    "AccountRead",
    "Attributes",
    "Change",
    "Disconnected",
    "Effect",
    "EventsMissed",
    "ExecutionsRead",
    "Identified",
    "Input",
    "Now",
    "OrderFields",
    "OrderFound",
    "OrderRead",
    "OrdersListed",
    "ReadAccount",
    "ReadStarted",
    "Report",
    "ReportFill",
    "ReportMessage",
    "ReportOrder",
    "ReportPosition",
    "RequestDone",
    "RequestFailed",
    "RestFailed",
    "RestPlaced",
    "RestStarted",
    "TimedOut",
    "WireOrder",
    "attributes_of",
    "ended",
]


WireOrder: TypeAlias = OwnOrder | OrderFields
"""An order as the venue describes it: at which size it was sent, and what is left of it."""


class Now(NamedTuple):
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


def attributes_of(order: WireOrder) -> Attributes:
    """Return what an order was sent with."""
    return Attributes(order.market, Side(order.side), order.price, order.quantity)


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


class TimedOut(Struct, frozen=True):
    """A request was not answered in time, or what it made happen was not reported."""

    request_id: str
    timeout_s: float


class RestStarted(Struct, frozen=True):
    """A submit goes out over REST."""

    request_id: str
    attributes: Attributes


class RestPlaced(Struct, frozen=True):
    """A submit over REST was answered."""

    request_id: str
    attributes: Attributes
    order: WireOrder
    executions: Sequence[Execution]
    is_resting: bool


class RestFailed(Struct, frozen=True):
    """A submit over REST made no order, or one that no reply names."""

    request_id: str
    attributes: Attributes


class OrderRead(Struct, frozen=True):
    """REST has said what an order is now."""

    order: WireOrder
    final: OrderStatus | None = None
    """How it ended, if that is certain."""
    is_amendment: bool = False
    """It answers an amendment of ours."""


class OrdersListed(Struct, frozen=True):
    """REST has listed resting orders."""

    orders: Sequence[WireOrder]


class OrderFound(Struct, frozen=True):
    """A question has shown which order a request became."""

    request_id: str
    order: WireOrder


class ExecutionsRead(Struct, frozen=True):
    """REST has returned executions."""

    executions: Sequence[Execution]


class ReadStarted(Struct, frozen=True):
    """REST is being asked for the account: what is reported from now on is newer than its answer."""

    is_followed: bool = True
    """The user's connection is live."""


class AccountRead(Struct, frozen=True):
    """REST has said what the account is, all of one moment."""

    open_orders: Sequence[WireOrder]
    executions: Sequence[Execution]
    positions: Sequence[Position]
    is_explained: bool = True
    """No request is of unknown fate: our orders, and those under way, explain all of it."""


class EventsMissed(Struct, frozen=True):
    """Events did not reach us, or could not be read."""

    reason: str
    are_orders: bool = True
    """An order or a fill may be among them."""


class Disconnected(Struct, frozen=True):
    """The connection is lost."""


Input: TypeAlias = (
    FeedEvent
    | TimedOut
    | RestStarted
    | RestPlaced
    | RestFailed
    | OrderRead
    | OrdersListed
    | OrderFound
    | ExecutionsRead
    | ReadStarted
    | AccountRead
    | EventsMissed
    | Disconnected
)


class ReportOrder(Struct, frozen=True):
    """Publish an order's new state."""

    order: Order


class ReportFill(Struct, frozen=True):
    """Publish a fill, which was not reported before."""

    fill: Fill


class ReportPosition(Struct, frozen=True):
    """Publish a position."""

    position: Position


class ReportMessage(Struct, frozen=True):
    """Publish a message of the operator."""

    message: Message


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
    Identified
    | ReportOrder
    | ReportFill
    | ReportPosition
    | ReportMessage
    | Report
    | ReadAccount
    | RequestDone
    | RequestFailed
)
