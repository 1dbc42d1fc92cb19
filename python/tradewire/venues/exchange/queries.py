"""Exchange's answers to the questions of ``session.inquiry``: each asks once.

The venue has no look-up of one order: what no longer rests has ended, unless reads lag behind, and its fills say how.
"""

from __future__ import annotations

import contextlib
from collections.abc import Sequence
from typing import Protocol

from tradewire._native import FeedEvent
from tradewire.errors import OutcomeUnknown, RequestError
from tradewire.model import Fill, Order, OrderStatus, Position, Side, unreadable_rows
from tradewire.protocol.arguments import Exact
from tradewire.session.account import AccountConnection
from tradewire.session.live_order import LiveOrder
from tradewire.session.rest import RestSession
from tradewire.venues.exchange.account_state import AccountState
from tradewire.venues.exchange.errors import VENUE
from tradewire.venues.exchange.model import Execution
from tradewire.venues.exchange.user_state import UserState
from tradewire.venues.exchange.user_values import (
    AccountRead,
    Attributes,
    ExecutionsRead,
    Input,
    Now,
    OrderFields,
    OrderFound,
    OrdersListed,
    ReadStarted,
    WireOrder,
)

__all__ = ["Asking", "Queries"]

TRIES = 20
"""How often orders, fills and positions are read until they are of one moment. Each try takes a few round trips."""
CLOCK_MARGIN_NS = 5_000_000_000
"""The venue's clock as we ask for it and as it was when an order was sent may differ by this much."""


class Asking(Protocol):
    """The methods of the client that are called here."""

    async def cancel_order(self, market: str, order_id: str) -> Order:
        """Cancel one order."""
        ...

    async def amend_order(
        self, market: str, order_id: str, *, price: Exact | None = None, size: Exact | None = None
    ) -> Order:
        """Shrink an open order."""
        ...

    async def resting(self, market: str | None = None) -> Sequence[WireOrder]:
        """Return our resting orders as the wire has them."""
        ...

    async def executions(self, market: str | None = None) -> Sequence[Execution]:
        """Return our executions."""
        ...

    async def positions(self) -> Sequence[Position]:
        """Return our positions."""
        ...


class Door(Protocol):
    """Where answers go."""

    state: UserState
    account: AccountConnection[FeedEvent]

    def take(self, event: Input, /) -> None:
        """Take what was asked for, and do what follows from it."""
        ...

    def heard(self, order: WireOrder, final: OrderStatus | None = None, /) -> Order:
        """Return the order that REST describes, and let whoever follows it know."""
        ...

    def now(self) -> Now:
        """Return the time."""
        ...


class Queries:
    """Asks the client.

    Args:
        client: Who asks.
        door: Where answers go.
        rest: The REST session, for the venue's clock.
    """

    def __init__(self, client: Asking, door: Door, rest: RestSession) -> None:
        self._client = client
        self._door = door
        self._rest = rest

    async def cancel(self, order: LiveOrder) -> Order:
        """Cancel an order."""
        return await self._client.cancel_order(order.market, order.order_id)

    async def amend(self, order: LiveOrder, price: Exact | None, size: Exact | None) -> Order:
        """Shrink an order."""
        return await self._client.amend_order(order.market, order.order_id, price=price, size=size)

    async def open_orders(self) -> Sequence[Order]:
        """Return our resting orders; what is taken is the account of one moment, in which no fill happened.

        Raises:
            OutcomeUnknown: Fills keep coming faster than orders, fills and positions can be read, or reads lag.
        """
        self._door.take(ReadStarted())
        before = await self._client.executions()
        for _ in range(TRIES):
            resting = await self._client.resting()
            positions = await self._client.positions()
            after = await self._client.executions()
            if len(after) == len(before):
                if self._door.state.account.is_behind(after):
                    raise OutcomeUnknown("the venue's reads lag behind the fills it reported", venue=VENUE)
                self._door.take(AccountRead(resting, after, positions))
                return tuple(self._door.heard(row) for row in resting)
            before = after
        raise OutcomeUnknown("fills came faster than the account could be read", venue=VENUE)

    async def fills_since(self, market: str, since_ns: int) -> Sequence[Fill]:  # noqa: ARG002 - the venue returns all
        """Return nothing: what the venue says is taken whole, since only that tells whose a fill is."""
        self._door.take(ExecutionsRead(await self._client.executions(market or None)))
        return ()

    async def find_order(self, order: LiveOrder) -> Order | None:
        """Return the order, ``None`` if nothing of the venue's fits it, or if it has gone without fills that end it.

        An order without an id is looked for by its attributes among those of ours that no request is known for,
        that are not older and that were not heard of before it was sent, then among the fills of orders not
        known. More than one that fits proves nothing, nor does any while an equal request is under way.

        Raises:
            OutcomeUnknown: Several fit, or one may belong to an equal request.
        """
        # Times of orders are the venue's.
        if not order.order_id:
            with contextlib.suppress(RequestError):
                await self._rest.ask_time()
        state, account = self._door.state, self._door.state.account
        heard = account.heard
        listed = await self._client.resting()
        resting = {row.order_id: row for row in listed}
        sent = Attributes(order.market, order.side, int(order.price or 0), int(order.size))
        if sent in state.acks.under_way():
            raise _unprovable("a request that looks the same is under way", sent)
        self._door.take(OrdersListed(tuple(resting.values())))
        since_ns = order.sent_at_ns + self._rest.clock.offset_ns - CLOCK_MARGIN_NS
        fitting = account.unattributed(sent, since_ns, order.client_order_id)
        if account.find(order.order_id) is not None:
            fitting = [order.order_id]
        if not fitting:
            fitting = await self._find_filled(order, sent, since_ns)
        faults = unreadable_rows(listed)
        if not fitting:
            if faults:
                raise _unprovable(f"{len(faults)} resting orders cannot be read", sent)
            return None
        if len(fitting) > 1:
            raise _unprovable(
                f"{len(fitting)} orders look like {order.client_order_id}; nothing tells them apart", sent
            )
        [order_id] = fitting
        # It has ended if it does not rest, unless it is younger than the answer; its fills may not be known.
        executions: Sequence[Execution] = ()
        if order_id not in resting:
            executions = await self._client.executions(sent.market)
            faults = (*faults, *unreadable_rows(executions))
            if any(fault.may_concern(order_id) for fault in faults):
                raise _unprovable(f"a row that cannot be read may be about {order_id}", sent)
        self._door.take(OrderFound(order.client_order_id, order_id))
        if order_id in resting:
            return self._door.heard(resting[order_id])
        self._door.take(ExecutionsRead(executions))
        known = account.find(order_id)
        assert known is not None
        if known.is_whole:
            attributes = known.attributes
            row = OrderFields(order_id, *attributes, remaining=0, created_at_ns=known.created_at_ns)
            return self._door.heard(row, OrderStatus.FILLED)
        return known.report(self._door.now().venue_ns) if known.number > heard or known.final else None

    def _has_rival(self, order: LiveOrder, sent: Attributes) -> bool:
        """Return whether fills that make up the order may be of another one whose id is not known."""
        unnamed = (
            live for live in self._door.account.tracker.live if not live.order_id and live is not order
        )
        sizes = {(live.market, int(live.size)) for live in unnamed}
        sizes |= {(one.market, one.size) for one in self._door.state.acks.under_way()}
        return (sent.market, sent.size) in sizes

    async def _find_filled(self, order: LiveOrder, sent: Attributes, since_ns: int) -> list[str]:
        """Return orders not known whose fills make up the size that was sent, with these fills reported.

        One of the two orders of a fill is ours, or both are. Where neither is known, which of them it is only
        other fills of the same order can show, or the price. Where one is known, the other is a stranger's or,
        if we traded with ourselves, the order we look for.

        Raises:
            OutcomeUnknown: Some of these fills may be the order's, and nothing proves that they are.
        """
        candidates = _Candidates(self._door.state.account, sent)
        for execution in await self._client.executions(sent.market):
            if execution.time_ns >= since_ns:
                candidates.add(execution)
        whole = candidates.whole()
        if whole and self._has_rival(order, sent):
            raise _unprovable("another order of unknown fate has the same size", sent)
        if len(whole) == 1:
            [(order_id, found)] = whole.items()
            row = OrderFields(
                order_id, sent.market, sent.side.value, sent.price, sent.size, 0, found[0].time_ns
            )
            self._door.take(OrdersListed((row,)))
            self._door.take(ExecutionsRead(found))
        return list(whole)


class _Candidates:
    """Orders not known, by their fills; those that cannot be the one that was sent are left out."""

    def __init__(self, account: AccountState, sent: Attributes) -> None:
        self._account = account
        self._sent = sent
        self._found: dict[str, list[Execution]] = {}
        self._impossible: set[str] = set()
        # Those that traded with an order of ours: most are a stranger's.
        self._doubtful: set[str] = set()

    def add(self, execution: Execution) -> None:
        """Take a fill of ours."""
        maker, taker = execution.maker_order_id, execution.taker_order_id
        for order_id, other_id, is_priced in (
            (maker, taker, execution.price == self._sent.price),
            (taker, maker, _is_within(execution.price, self._sent)),
        ):
            if self._account.find(order_id) is not None:
                continue
            other = self._account.find(other_id)
            if not is_priced or (other is not None and other.attributes.side is self._sent.side):
                self._impossible.add(order_id)
            if other is not None:
                self._doubtful.add(order_id)
            self._found.setdefault(order_id, []).append(execution)

    def whole(self) -> dict[str, list[Execution]]:
        """Return those that are certain to be whole.

        Raises:
            OutcomeUnknown: Others may be the one that was sent.
        """
        sizes = {
            order_id: sum(execution.size for execution in found)
            for order_id, found in self._found.items()
            if order_id not in self._impossible
        }
        whole = {order_id for order_id, size in sizes.items() if size == self._sent.size}
        # Its rest may have been taken back by somebody else.
        partly = {order_id for order_id, size in sizes.items() if size < self._sent.size} - self._doubtful
        if whole & self._doubtful or (partly and not whole):
            raise _unprovable("some fills may be the order's, and nothing proves it", self._sent)
        return {order_id: self._found[order_id] for order_id in whole}


def _is_within(price: int, sent: Attributes) -> bool:
    return price <= sent.price if sent.side is Side.BUY else price >= sent.price


def _unprovable(message: str, sent: Attributes) -> OutcomeUnknown:
    return OutcomeUnknown(message, lookup=f"Exchange.executions({sent.market!r})", venue=VENUE)
