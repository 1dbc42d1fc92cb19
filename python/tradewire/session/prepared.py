"""Orders of one kind: what does not change between two of them is checked and encoded once."""

from __future__ import annotations

from collections.abc import Callable, Coroutine
from decimal import Decimal
from functools import lru_cache
from typing import Generic, TypeVar

from msgspec import Struct

from tradewire._native import OrderPath, Recall
from tradewire.model import Order
from tradewire.protocol.arguments import Exact
from tradewire.protocol.dialect import FrameEvent
from tradewire.protocol.new_order import NewOrder
from tradewire.session.account import AccountConnection
from tradewire.session.lane import Entered, Lane, Sending
from tradewire.session.live_order import LiveOrder

__all__ = ["OrderPlan", "PreparedOrder", "remembered"]

PREPARED_BOUND = 1_000
"""Kinds of orders that a client keeps prepared."""

RequestT = TypeVar("RequestT", bound=NewOrder)
EventT = TypeVar("EventT", bound=FrameEvent)


class OrderPlan(Struct, Generic[RequestT], frozen=True):
    """How orders of one kind are made, as long as nothing changes that it was made of."""

    check: Callable[[Exact, Exact | None], tuple[Decimal, Decimal | None]]
    """Checks size and price and returns them; raises ``ConfigError``."""
    build: Callable[[Decimal, Decimal | None, str], RequestT]
    """Takes size, price and client order id, all of them checked, and returns the request."""
    lane: Lane | None
    """Writes them; takes nothing that ``check`` would refuse, unless ``checks_first``."""
    checks_first: bool = False
    """The lane does not know the rules of the market: they are checked before anything is written."""


class PreparedOrder(Generic[RequestT]):
    """Sends orders that differ in size, price and id only; ``prepare_order`` of a client makes one.

    Args:
        account: Follows the orders.
        plan: Makes the plan; called again when ``basis`` returns another object.
        basis: Returns what the plan is made of, for instance the market's rules.
        begin: Sends a request, unless that is done, and returns what waits for the reply.
        new_id: Makes ids.
        check_id: Checks those that are given.
    """

    def __init__(
        self,
        account: AccountConnection[EventT],
        *,
        plan: Callable[[], OrderPlan[RequestT]],
        basis: Callable[[], object],
        begin: Callable[[RequestT, Sending | None], Coroutine[object, object, Order]],
        new_id: Callable[[], str],
        check_id: Callable[[object], str],
    ) -> None:
        self._tracker = account.tracker
        self._follow = account.submitted
        self._is_journalled = account.keeper is not None
        self._new_plan = plan
        self._basis = basis
        self._begin = begin
        self._new_id = new_id
        self._check_id = check_id
        self._renew(basis())

    def send(
        self, size: Exact, price: Exact | None = None, *, client_order_id: str | None = None
    ) -> LiveOrder:
        """Place one order without waiting and return what follows it; arguments and errors as ``send_order``."""
        return self.start(size, price, client_order_id)

    def _send(self, size: Exact, price: Exact | None, client_order_id: str | None) -> LiveOrder:
        """Send an order that may be of any form, and may have to wait."""
        if client_order_id is None:
            self._tracker.check_open()
            name = self._new_id()
        else:
            name = self._check_id(client_order_id)
            self._tracker.check_new(name)
        basis = self._basis()
        if basis is not self._known:
            self._renew(basis)
        if self._is_journalled:
            return self._send_journalled(size, price, name)
        lane, is_checked = self._lane, self._checks_first
        if is_checked:
            size, price = self._check(size, price)
        sending, failure = None, None
        if lane is not None:
            try:
                sending = lane.write(size, name) if price is None else lane.write(size, price, name)
            except Exception as error:
                # Bytes may be out: the order is followed to its fate.
                failure = error
        if sending is None and not is_checked:
            size, price = self._check(size, price)
        return self._followed(sending, failure, size, price, name)

    def _go_on(
        self, entered: Entered | None, failure: Exception | None, size: Exact, price: Exact | None, name: str
    ) -> LiveOrder:
        """Follow an order that was written, or whose writing failed, in the same call."""
        sending = None
        if entered is not None and self._lane is not None:
            try:
                sending = self._lane.go_on(entered)
            except Exception as error:
                failure = error
        order = self._followed(sending, failure, size, price, name)
        path = self._path
        if path is not None and sending is not None and sending.pending is not None:
            # Behind everything that is to be done about the reply.
            sending.pending.add_done_callback(lambda _: path.rehearse(size, price, name))
        return order

    def _followed(
        self,
        sending: Sending | None,
        failure: Exception | None,
        size: Exact,
        price: Exact | None,
        name: str,
    ) -> LiveOrder:
        # What the lane took is exact.
        request = self._build(Decimal(size), None if price is None else Decimal(price), name)

        def placing() -> Coroutine[object, object, Order]:
            if failure is not None:
                raise failure
            return self._begin(request, sending)

        return self._follow(request.as_sent, placing, None if sending is None else sending.pending)

    def request(
        self, size: Exact, price: Exact | None = None, *, client_order_id: str | None = None
    ) -> RequestT:
        """Return what is sent of one order, every value checked, and send nothing; errors as ``send_order``."""
        name = self._new_id() if client_order_id is None else self._check_id(client_order_id)
        basis = self._basis()
        if basis is not self._known:
            self._renew(basis)
        return self._build(*self._check(size, price), name)

    def _send_journalled(self, size: Exact, price: Exact | None, name: str) -> LiveOrder:
        """Send one order whose intent is written before its first byte leaves."""
        exact_size, exact_price = self._check(size, price)
        request = self._build(exact_size, exact_price, name)

        def placing() -> Coroutine[object, object, Order]:
            sending = None
            if self._lane is not None:
                numbers = (exact_size,) if exact_price is None else (exact_size, exact_price)
                sending = self._lane.write(*numbers, name)
            return self._begin(request, sending)

        return self._follow(request.as_sent, placing)

    def _renew(self, basis: object) -> None:
        plan = self._new_plan()
        self._known = basis
        self._check, self._build = plan.check, plan.build
        self._lane = plan.lane
        self._checks_first = plan.lane is None or plan.checks_first
        self.start: Callable[[Exact, Exact | None, str | None], LiveOrder] = self._send
        """Does what ``send`` does, with the same arguments in this order."""
        self._path: OrderPath | None = None
        if plan.lane is not None and not (self._checks_first or self._is_journalled):
            self._path = OrderPath(
                plan.lane.native, self._tracker, basis=self._basis, known=basis, new_id=self._new_id,
                general=self._send, go_on=self._go_on,
            )  # fmt: skip
            self.start = self._path.send


def remembered(prepare: Callable[..., PreparedOrder[RequestT]]) -> Callable[..., PreparedOrder[RequestT]]:
    """Return ``prepare`` with a memory of what it made of the same terms."""
    # By type, too: what is equal to an argument need not be one.
    known = lru_cache(PREPARED_BOUND, typed=True)(prepare)

    def find(*terms: object) -> PreparedOrder[RequestT]:
        try:
            return known(*terms)
        except TypeError:
            # Not even hashable.
            return prepare(*terms)

    # A bot passes the very same objects again and again.
    return Recall(find)
