"""The REST questions by which the streams settle what they cannot know.

The venue has no look-up of one order: what no longer rests has ended, and its fills say how.
"""

from __future__ import annotations

import time
from collections.abc import Awaitable, Callable, Iterable, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from typing import Protocol

from tradewire.errors import OutcomeUnknown
from tradewire.model import Order, Position, Side
from tradewire.session.live_order import LiveOrder
from tradewire.session.orders import OrderTracker
from tradewire.venues.exchange.acks import Attributes
from tradewire.venues.exchange.errors import VENUE
from tradewire.venues.exchange.known_account import Account, Item, OrderFields
from tradewire.venues.exchange.model import Execution

__all__ = ["Queries", "Taken"]

TRIES = 20
"""How often orders, fills and positions are read until they are of one moment. Each try takes a few round trips."""
CLOCK_MARGIN_NS = 5_000_000_000
"""The venue's clock as we ask for it and as it was when an order was sent may differ by this much."""


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
        venue_ahead_ns: Asks how far the venue's clock is ahead of ours.
    """

    def __init__(self, client: Asking, venue_ahead_ns: Callable[[], Awaitable[int]]) -> None:
        self._client = client
        self._venue_ahead_ns = venue_ahead_ns
        self._account: Account | None = None
        self._tracker: OrderTracker | None = None
        self._under_way: Callable[[], AbstractSet[Attributes]] = frozenset
        self._publish: Callable[[Iterable[Item]], None] = lambda _: None

    def use(
        self,
        account: Account,
        tracker: OrderTracker,
        under_way: Callable[[], AbstractSet[Attributes]],
        tell: Callable[[Iterable[Item]], None],
    ) -> None:
        """Take what is known of our orders, which are under way, and who hears of them; the streams make it."""
        self._account = account
        self._tracker = tracker
        self._under_way = under_way
        self._publish = tell

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

        An order without an id is looked for by its attributes among those of ours that no request is known for,
        that are not older and that were not heard of before it was sent, then among the fills of orders nobody
        knows. More than one that fits proves nothing, nor does any while an equal request is under way.

        Raises:
            OutcomeUnknown: Several fit, or one may belong to an equal request.
        """
        # Times of orders are the venue's.
        ahead_ns = 0 if order.order_id else await self._venue_ahead_ns()
        account = self._account
        assert account is not None
        heard = account.heard
        open_orders = await self._client.resting()
        now_ns = time.time_ns()
        sent = Attributes(order.market, order.side, int(order.price or 0), int(order.size))
        if sent in self._under_way():
            raise _unprovable("a request that looks the same is under way", sent)
        resting = {fields[0]: fields for fields in open_orders}
        for fields in open_orders:
            account.placed(fields, "")
        since_ns = order.sent_at_ns + ahead_ns - CLOCK_MARGIN_NS
        fitting = account.unattributed(sent, since_ns, order.client_order_id)
        if account.attributes(order.order_id) is not None:
            fitting = [order.order_id]
        if not fitting:
            fitting = await self._find_filled(order, sent, since_ns)
        if not fitting:
            return None
        if len(fitting) > 1:
            raise _unprovable(
                f"{len(fitting)} orders look like {order.client_order_id}; nothing tells them apart", sent
            )
        [order_id] = fitting
        if order_id in resting:
            account.name(order_id, order.client_order_id)
            return account.report(resting[order_id], None, now_ns)
        # It has ended, unless it is younger than the answer; what was filled may be told later than that.
        executions = await self._client.executions(sent.market)
        account.name(order_id, order.client_order_id)
        self._publish(account.on_reply(executions))
        return account.ended(order_id, time.time_ns(), heard)

    def _has_rival(self, order: LiveOrder, sent: Attributes) -> bool:
        """Tell whether fills that make up the order may be of another one whose id nobody knows."""
        assert self._tracker is not None
        nameless = (live for live in self._tracker.live if not live.order_id and live is not order)
        sizes = {(live.market, int(live.size)) for live in nameless}
        sizes |= {(one.market, one.size) for one in self._under_way()}
        return (sent.market, sent.size) in sizes

    def ended(self, order: LiveOrder, now_ns: int) -> Order:
        """Return the last state of an order that no longer rests: filled if its fills say so, else cancelled."""
        account = self._account
        assert account is not None
        if account.attributes(order.order_id) is None:
            assert order.report is not None
            return order.report
        return account.ended(order.order_id, now_ns)

    async def _find_filled(self, order: LiveOrder, sent: Attributes, since_ns: int) -> list[str]:
        """Return orders nobody knows whose fills make up the size that was sent, with these fills told.

        One of the two orders of a fill is ours, or both are. Where neither is known, which of them it is only
        other fills of the same order can show, or the price. Where one is known, the other is a stranger's or,
        if we traded with ourselves, the order we look for.

        Raises:
            OutcomeUnknown: Some of these fills may be the order's, and nothing proves that they are.
        """
        account = self._account
        assert account is not None
        candidates = _Candidates(account, sent)
        for execution in await self._client.executions(sent.market):
            if execution.time_ns >= since_ns:
                candidates.add(execution)
        whole = candidates.whole()
        if whole and self._has_rival(order, sent):
            raise _unprovable("another order of unknown fate has the same size", sent)
        if len(whole) == 1:
            [(order_id, found)] = whole.items()
            side, time_ns = sent.side.value, found[0].time_ns
            account.placed((order_id, "", sent.market, side, sent.price, sent.size, 0, time_ns), "")
            self._publish(account.on_reply(found))
        return list(whole)


class _Candidates:
    """Orders nobody knows, by their fills; those that cannot be the one that was sent are left out."""

    def __init__(self, account: Account, sent: Attributes) -> None:
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
            if self._account.attributes(order_id) is not None:
                continue
            other = self._account.attributes(other_id)
            if not is_priced or (other is not None and other.side is self._sent.side):
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
