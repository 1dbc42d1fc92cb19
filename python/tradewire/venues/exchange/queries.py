"""The REST questions by which the streams settle what they cannot know.

The venue has no look-up of one order: what no longer rests has ended, and its fills say how.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Protocol

from tradewire.errors import OutcomeUnknown
from tradewire.model import Order, Position, Side
from tradewire.session.live_order import LiveOrder
from tradewire.session.orders import OrderTracker
from tradewire.venues.exchange.account import Account, OrderFields
from tradewire.venues.exchange.acks import Attributes
from tradewire.venues.exchange.faults import VENUE
from tradewire.venues.exchange.model import Execution

__all__ = ["Queries", "Taken"]

TRIES = 20
"""How often orders, fills and positions are read until they are of one moment. Each try takes a few round trips."""
CLOCK_MARGIN_NS = 5_000_000_000
"""The venue's clock and ours may differ by this much."""


class Asking(Protocol):
    """The REST questions of the client."""

    async def resting(self, market: str | None = None) -> Sequence[OrderFields]:
        """Return our resting orders as the wire has them."""
        ...

    async def executions(self, market: str | None = None) -> Sequence[Execution]:
        """Return our executions."""
        ...

    async def positions(self) -> Sequence[Position]:
        """Return our positions."""
        ...


@dataclass(frozen=True, slots=True)
class Taken:
    """The account at one moment."""

    open_orders: Sequence[OrderFields]
    executions: Sequence[Execution]
    positions: Sequence[Position]


class Queries:
    """Asks until there is proof.

    Args:
        client: Who asks.
    """

    def __init__(self, client: Asking) -> None:
        self._client = client
        self._account: Account | None = None
        self._tracker: OrderTracker | None = None
        self._expects: Callable[[Attributes], bool] = lambda _: False

    def use(self, account: Account, tracker: OrderTracker, expects: Callable[[Attributes], bool]) -> None:
        """Take what is known of our orders and which are under way; the streams make it."""
        self._account = account
        self._tracker = tracker
        self._expects = expects

    async def account(self) -> Taken:
        """Return orders, fills and positions of one moment: no fill happened while they were read.

        Raises:
            OutcomeUnknown: Fills keep coming faster than the three can be read.
        """
        before = await self._client.executions()
        for _ in range(TRIES):
            positions = await self._client.positions()
            open_orders = await self._client.resting()
            after = await self._client.executions()
            if len(after) == len(before):
                return Taken(open_orders, after, positions)
            before = after
        raise OutcomeUnknown("fills came faster than the account could be read", venue=VENUE)

    async def find_order(self, order: LiveOrder) -> Order | None:
        """Return the order, or ``None`` if nothing of the venue's fits it.

        An order without an id is looked for by its attributes among those no request of ours is known for and
        that are not older: resting ones, and takers of fills. More than one that fits proves nothing, nor does
        any while an equal request is under way.

        Raises:
            OutcomeUnknown: Several fit, or one may belong to an equal request.
        """
        open_orders = await self._client.resting()
        now_ns = time.time_ns()
        account = self._account
        assert account is not None
        if order.venue_id:
            for fields in open_orders:
                if fields[0] == order.venue_id:
                    return account.report(fields, None, now_ns)
            return self.ended(order, now_ns)
        if self._expects(Attributes(order.market, order.side, int(order.price or 0), int(order.size))):
            raise OutcomeUnknown("a request that looks the same is under way", venue=VENUE)
        fitting = [fields for fields in open_orders if self._fits(fields, order)]
        if len(fitting) > 1:
            raise OutcomeUnknown(
                f"{len(fitting)} orders of {order.market} look like {order.client_id}; nothing tells them apart",
                lookup=f"Exchange.open_orders({order.market!r})",
                venue=VENUE,
            )
        if fitting:
            account.placed(fitting[0], order.client_id)
            account.name(fitting[0][0], order.client_id)
            return account.report(fitting[0], None, now_ns)
        return await self._find_filled(order, now_ns)

    def ended(self, order: LiveOrder, now_ns: int) -> Order:
        """Return the last state of an order that no longer rests: filled if its fills say so, else cancelled."""
        account = self._account
        assert account is not None
        sent = account.attributes(order.venue_id)
        if sent is None:
            assert order.report is not None
            return order.report
        return account.ended(order.venue_id, min(sent.size, int(order.size)), now_ns)

    async def _find_filled(self, order: LiveOrder, now_ns: int) -> Order | None:
        """Look for an order that took everything at once among the takers nobody knows."""
        account = self._account
        assert account is not None
        taken: dict[str, list[Execution]] = {}
        for execution in await self._client.executions(order.market):
            is_ours = account.attributes(execution.taker_order_id) is not None
            if not is_ours and execution.at_ns >= order.sent_at_ns - CLOCK_MARGIN_NS:
                taken.setdefault(execution.taker_order_id, []).append(execution)
        fitting = [
            order_id
            for order_id, executions in taken.items()
            if sum(execution.size for execution in executions) == order.size
            and all(_is_within(execution.price, order) for execution in executions)
            and all(account.attributes(execution.maker_order_id) is None for execution in executions)
        ]
        if len(fitting) != 1:
            return None
        price, size = int(order.price or 0), int(order.size)
        side, at_ns = order.side.value, taken[fitting[0]][0].at_ns
        account.placed((fitting[0], "", order.market, side, price, size, 0, at_ns), order.client_id)
        for execution in taken[fitting[0]]:
            account.on_fill(execution)
        items = account.settle(now_ns)
        assert items
        return account.ended(fitting[0], size, now_ns)

    def _fits(self, fields: OrderFields, order: LiveOrder) -> bool:
        order_id, _, market, side, price, quantity, _, created_at_ns = fields
        assert self._tracker is not None
        known = self._tracker.order(order_id)
        if (known is not None and known.client_id) or created_at_ns < order.sent_at_ns - CLOCK_MARGIN_NS:
            return False
        same_side = market == order.market and side == order.side.value
        return same_side and order.price == price and order.size == quantity


def _is_within(price: int, order: LiveOrder) -> bool:
    limit = order.price or 0
    return price <= limit if order.side is Side.BUY else price >= limit
