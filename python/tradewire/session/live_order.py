"""One order of ours through time.

Its state is a function of the set of reports it has seen, so their order and repetition do not matter.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Generator
from decimal import Decimal
from typing import Any

from tradewire.errors import OrderRejected, Outcome, Rejected, RequestError
from tradewire.model import Fill, Order, OrderStatus, Side
from tradewire.protocol.arguments import EXACT

__all__ = ["LiveOrder"]

ZERO = Decimal(0)


class LiveOrder:
    """An order of ours, always as new as the last report of it.

    ``await order`` waits until the venue has it, and raises what went wrong: ``Rejected`` or ``NotSent``, and
    ``OutcomeUnknown`` as soon as the fate is unknown, while it is being asked for. ``await order.finished()``
    waits until nothing can happen to it any more.

    Attributes:
        market: Its market.
        side: Its side.
        client_order_id: Our id; the venue's reports carry it.
        order_id: The venue's id; empty until the venue has answered.
        report: The report that counts: a final one, else the newest.
        sent_at_ns: Our time when it was sent, UTC; 0 for an order we only heard of.
        is_placing: Its request is not answered yet.
        error: Why placing it failed, even if the stream proved later that the venue has it.
        on_change: Called after every change, in the loop iteration that brought it. Must not block.
    """

    __slots__ = (
        "_filled_notional",
        "_filled_size",
        "_fills",
        "_fills_size",
        "_fills_value",
        "_first_price",
        "_first_size",
        "_is_gone",
        "_waiters",
        "client_order_id",
        "error",
        "is_placing",
        "market",
        "on_change",
        "order_id",
        "report",
        "sent_at_ns",
        "side",
    )

    def __init__(
        self,
        *,
        market: str,
        side: Side,
        size: Decimal,
        price: Decimal | None,
        client_order_id: str,
        order_id: str = "",
        sent_at_ns: int = 0,
    ) -> None:
        self.market = market
        self.side = side
        self.client_order_id = client_order_id
        self.order_id = order_id
        self.sent_at_ns = sent_at_ns
        self.report: Order | None = None
        self.is_placing = False
        self.error: RequestError | None = None
        self.on_change: Callable[[LiveOrder], None] | None = None
        self._first_size = size
        self._first_price = price
        self._fills: dict[str, Fill] = {}
        self._fills_size = ZERO
        self._fills_value = ZERO
        self._filled_size = ZERO
        self._filled_notional = ZERO
        self._is_gone = False
        self._waiters: list[asyncio.Future[None]] = []

    def __repr__(self) -> str:
        name = self.order_id or self.client_order_id
        return f"<LiveOrder {name} {self.market} {self.side} {self.filled_size}/{self.size} {self.status}>"

    @property
    def size(self) -> Decimal:
        """Its size, as last amended."""
        return self._first_size if self.report is None else self.report.size

    @property
    def price(self) -> Decimal | None:
        """Its limit price, as last amended; ``None`` for a market order."""
        return self._first_price if self.report is None else self.report.price

    @property
    def status(self) -> OrderStatus:
        """Where it stands. Final only by the venue's own word, never by adding up fills."""
        if self.report is not None and self.report.status.is_final:
            return self.report.status
        if self._is_gone:
            return OrderStatus.CANCELLED
        if self.report is not None or self._fills:
            if self.filled_size:
                return OrderStatus.PARTIALLY_FILLED
            is_confirmed = self.report is None or self.report.status is not OrderStatus.PENDING
            return OrderStatus.OPEN if is_confirmed else OrderStatus.PENDING
        if self.error is None:
            return OrderStatus.PENDING
        return OrderStatus.UNKNOWN if self.error.outcome is Outcome.UNKNOWN else OrderStatus.REJECTED

    @property
    def outcome(self) -> Outcome | None:
        """What became of a placing that failed; ``None`` if it did not, or if reports settled it."""
        is_settled = self.report is not None or bool(self._fills) or self._is_gone
        return None if self.error is None or is_settled else self.error.outcome

    @property
    def filled_size(self) -> Decimal:
        """Size filled: the most any report or the fills together say."""
        return self._filled_size

    @property
    def filled_notional(self) -> Decimal:
        """Quote units filled: what the fills add up to once all are known, before that the most anything says.

        Reports may carry a rounded average; fills are exact.
        """
        return self._fills_value if self._fills_size == self._filled_size else self._filled_notional

    @property
    def fills_size(self) -> Decimal:
        """Size of its fills together; less than ``filled_size`` while some are not known."""
        return self._fills_size

    @property
    def remaining(self) -> Decimal:
        """Size not yet filled."""
        return self.size - self.filled_size

    @property
    def fills(self) -> tuple[Fill, ...]:
        """Its fills, oldest first. They may lag behind ``filled_size``: the venue reports both separately."""
        return tuple(sorted(self._fills.values(), key=_when))

    @property
    def fees(self) -> dict[str, Decimal]:
        """Fees of its fills by asset."""
        total: dict[str, Decimal] = {}
        for fill in self._fills.values():
            if fill.fee is not None:
                total[fill.fee_asset] = total.get(fill.fee_asset, ZERO) + fill.fee
        return total

    def merge(self, report: Order) -> None:
        """Take one report of this order. Called by the tracker only."""
        if self.report is None or _weight(report) >= _weight(self.report):
            self.report = report
        self._filled_size = max(self._filled_size, report.filled_size)
        self._filled_notional = max(self._filled_notional, report.filled_notional)

    def add_fill(self, fill: Fill) -> None:
        """Take one fill of this order. Called by the tracker only."""
        if fill.trade_id in self._fills:
            return
        self._fills[fill.trade_id] = fill
        self._fills_size = EXACT.add(self._fills_size, fill.size)
        self._fills_value = EXACT.add(self._fills_value, EXACT.multiply(fill.price, fill.size))
        self._filled_size = max(self._filled_size, self._fills_size)
        self._filled_notional = max(self._filled_notional, self._fills_value)

    def merge_from(self, other: LiveOrder) -> None:
        """Take over what was reported before we knew that it was this order. Called by the tracker only."""
        if other.report is not None:
            self.merge(other.report)
        for fill in other.fills:
            self.add_fill(fill)

    def fail(self, error: RequestError) -> None:
        """Take the failure of its placing. Called by the tracker only."""
        self.error = error

    def unlink(self, error: RequestError) -> None:
        """Take back the venue's id: it may be somebody else's order after all. Called by the tracker only."""
        self.order_id = ""
        self.report = None
        self.error = error
        self._fills.clear()
        self._fills_size = self._fills_value = self._filled_size = self._filled_notional = ZERO

    def mark_not_found(self) -> None:
        """Take the proof that the venue has it no more. Called by the tracker only."""
        self._is_gone = True

    def changed(self) -> bool:
        """Wake whoever waits and tell whether somebody did. Called by the tracker only."""
        waiters, self._waiters = self._waiters, []
        for waiter in waiters:
            if not waiter.done():
                waiter.set_result(None)
        return bool(waiters)

    def __await__(self) -> Generator[Any, None, LiveOrder]:
        return self._placed().__await__()

    async def finished(self) -> LiveOrder:
        """Wait until the order is final and return it. Bound the wait with ``asyncio.timeout``."""
        while not self.status.is_final:
            await self._next_change()
        return self

    async def _placed(self) -> LiveOrder:
        # A stream may tell of the refusal before the answer does, which has the better reason.
        while self.status is OrderStatus.PENDING or (self.status is OrderStatus.REJECTED and self.is_placing):
            await self._next_change()
        if self.error is not None and self.outcome is not None:
            raise self.error
        if self.status is OrderStatus.REJECTED:
            if isinstance(self.error, Rejected):
                raise self.error
            reason = "" if self.report is None else self.report.reason
            raise OrderRejected(reason or "the venue gave no reason", code=OrderStatus.REJECTED.name)
        return self

    async def _next_change(self) -> None:
        waiter = asyncio.get_running_loop().create_future()
        self._waiters.append(waiter)
        await waiter


def _when(fill: Fill) -> tuple[int, int, str]:
    """Order fills by time and then by trade id, which venues count upwards."""
    return fill.time_ns, len(fill.trade_id), fill.trade_id


def _weight(report: Order) -> tuple[bool, bool, Decimal, int, Decimal]:
    """Order reports by how much they count: final ones first, the fuller the better; else the newer.

    An order that was confirmed is never unconfirmed again.
    """
    is_final, is_confirmed = report.status.is_final, report.status is not OrderStatus.PENDING
    return (
        is_final,
        is_confirmed,
        report.filled_size if is_final else ZERO,
        report.updated_at_ns,
        report.filled_size,
    )
