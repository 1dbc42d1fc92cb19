"""Exchange's answers to the questions of ``session.inquiry``: each asks once.

The venue has no look-up of one order: what no longer rests has ended, unless reads lag behind, and its fills say how.
"""

from __future__ import annotations

import contextlib
from collections.abc import Awaitable, Callable, Sequence
from functools import partial
from typing import TYPE_CHECKING

from tradewire.errors import NotSent, OutcomeUnknown, RequestError
from tradewire.model import Fill, Order, OrderStatus, unreadable_rows
from tradewire.protocol.arguments import Exact
from tradewire.protocol.timing import NS_PER_S
from tradewire.session.live_order import LiveOrder
from tradewire.venues.exchange.attribution import Lost, attribute
from tradewire.venues.exchange.errors import VENUE
from tradewire.venues.exchange.model import OrderEntry
from tradewire.venues.exchange.user_values import AccountRead, Attributes, OrderFields, ended

if TYPE_CHECKING:
    from tradewire.venues.exchange.client import Exchange
    from tradewire.venues.exchange.connection import Streams

__all__ = ["WINDOW_S", "Queries"]

WINDOW_S = 10.0
"""Requests carry no time and never expire; one still under way for this long is taken to be lost."""
TRIES = 20
"""How often orders, fills and positions are read until they are of one moment. Each try takes a few round trips."""
WINDOW_NS = int(WINDOW_S * NS_PER_S)


class Queries:
    """Asks the client.

    Args:
        client: Who asks.
    """

    def __init__(self, client: Exchange) -> None:
        self._client = client
        self._begun = 0
        self._latest: AccountRead | None = None

    @property
    def _door(self) -> Streams:
        """Where answers go."""
        return self._client._streams

    async def cancel(self, order: LiveOrder) -> Order:
        """Cancel an order."""
        return await self._act(partial(self._client.cancel_order, order.market, order.order_id))

    async def amend(self, order: LiveOrder, price: Exact | None, size: Exact | None) -> Order:
        """Shrink an order."""
        amend = partial(self._client.amend_order, order.market, order.order_id, price=price, size=size)
        return await self._act(amend)

    async def _act(self, act: Callable[..., Awaitable[Order]]) -> Order:
        """Act over WebSocket while it is there, else, or if it is lost before the answer, over REST.

        To cancel twice, or to shrink to the same size twice, does no harm.
        """
        if self._door.is_live and self._door.state.account.is_known:
            with contextlib.suppress(NotSent, OutcomeUnknown):
                return await act(order_entry=OrderEntry.WS)
        return await act(order_entry=OrderEntry.REST)

    async def open_orders(self) -> Sequence[Order]:
        """Return our resting orders; the account is taken as it was at one moment.

        Raises:
            OutcomeUnknown: As ``_read``.
        """
        return tuple(map(self._door.heard, (await self._read()).open_orders))

    async def fills_since(self, market: str, since_ns: int) -> Sequence[Fill]:  # noqa: ARG002 - the venue returns all
        """Return nothing: what the venue says is taken whole, since only that tells whose a fill is."""
        self._door.take(self._door.state.executions_read, await self._client.executions(market or None))
        return ()

    def restored(self, order: LiveOrder) -> None:
        """Know an order of an earlier run again: executions name no client, and explain no request then."""
        if not order.order_id:
            return
        account, first = self._door.state.account, order.placed
        left = 0 if order.status.is_final else int(order.size - order.filled_size)
        created_at_ns = 0 if order.report is None else order.report.created_at_ns
        row = OrderFields(
            order.order_id,
            order.market,
            order.side,
            int(first.price or 0),
            int(first.size),
            left,
            created_at_ns,
        )
        (account.placed if left else account.found)(row)
        account.name(order.order_id, order.client_order_id)

    async def find_order(self, order: LiveOrder) -> Order | None:
        """Return the order, ``None`` if nothing of the venue's fits it, or if it has gone without fills that end it.

        An order without an id gets the one that ``attribution`` says.

        Raises:
            OutcomeUnknown: It may be another request's that is under way, a row cannot be read, or as ``_read``.
        """
        heard = self._door.state.account.heard
        if not order.order_id:
            # Times of orders are the venue's.
            with contextlib.suppress(RequestError):
                await self._door.rest.ask_time()
            read = await self._read()
            order_id = self._attribute(order, read)
            resting, executions = read.open_orders, read.executions
        else:
            order_id, resting = order.order_id, await self._client.resting()
            self._door.state.orders_listed(resting)
            is_resting = any(row.order_id == order_id for row in resting)
            executions = () if is_resting else await self._client.executions(order.market)
        faults = (*unreadable_rows(resting), *unreadable_rows(executions))
        for row in resting:
            if row.order_id == order_id:
                return self._door.heard(row)
        # It has ended if it does not rest, unless it is younger than the answer; its fills may not be known.
        if any(not order_id or fault.may_concern(order_id) for fault in faults):
            raise _unprovable(
                f"{len(faults)} rows cannot be read, and one may be about {order_id or 'it'}", order
            )
        known = self._door.state.account.find(order_id)
        if known is None:
            return None
        self._door.take(self._door.state.executions_read, executions)
        if known.is_whole:
            return self._door.heard(
                ended(order_id, known.attributes, known.created_at_ns), OrderStatus.FILLED
            )
        return known.report(self._door.now().venue_ns) if known.number > heard or known.final else None

    async def _read(self) -> AccountRead:
        """Return the account as it was at one moment, in which no fill happened, and take it.

        One that another question began to read after this was called serves as well.

        Raises:
            OutcomeUnknown: Fills keep coming faster than orders, fills and positions can be read, or reads lag.
        """
        begun = self._begun
        async with self._door.reading:
            if self._latest is not None and self._begun > begun:
                return self._latest
            self._begun, self._latest = self._begun + 1, None
            self._door.state.account.read_started(self._door.now(), is_followed=self._door.is_live)
            before = await self._client.executions()
            for _ in range(TRIES):
                resting = await self._client.resting()
                positions = await self._client.positions()
                after = await self._client.executions()
                if len(after) == len(before):
                    if self._door.state.account.is_behind(after):
                        raise OutcomeUnknown(
                            "the venue's reads lag behind the fills it reported", venue=VENUE
                        )
                    # One of unknown fate, or of an earlier run, may be what an execution was.
                    is_explained = all(one.is_placing for one in self._door.account.tracker.index.nameless)
                    self._latest = AccountRead(resting, after, positions, is_explained)
                    self._door.take(self._door.state.account_read, self._latest)
                    return self._latest
                before = after
            raise OutcomeUnknown("fills came faster than the account could be read", venue=VENUE)

    def _attribute(self, order: LiveOrder, read: AccountRead) -> str:
        """Return the id of the order that a request became, and take it; empty if nothing fits."""
        account, market = self._door.state.account, order.market
        lost = {
            live.client_order_id: Lost(
                live.client_order_id,
                Attributes(market, live.side, int(live.price or 0), int(live.size)),
                live.venue_sent_ns,
                account.heard_before(live.client_order_id),
                live.is_placing,
                live.age_ns < WINDOW_NS,
            )
            for live in self._door.account.tracker.index.nameless
            if live.market == market
        }
        name = order.client_order_id
        if order.order_id or name not in lost:
            return order.order_id
        unexplained = account.unexplained(market, read)._replace(
            public_side_of=lambda order_id: self._door.public_side(market, order_id)
        )
        found = attribute(name, lost.values(), account.unnamed(market), unexplained)
        if found.is_contested:
            raise _unprovable("another request, which is under way, may be that order's", order)
        if found.order_id:
            time_ns = found.executions[0].time_ns if found.executions else 0
            row = ended(found.order_id, lost[name].attributes, time_ns)
            self._door.take(self._door.state.order_found, name, row)
        return found.order_id


def _unprovable(message: str, order: LiveOrder) -> OutcomeUnknown:
    return OutcomeUnknown(message, lookup=f"Exchange.executions({order.market!r})", venue=VENUE)
