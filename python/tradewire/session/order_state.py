"""What every report and fill of one order say together. Sans-IO.

The state is a function of the set of reports and fills, so their order and repetition do not matter. A conclusion that
the venue has no such order holds until the next one of them.
"""

from __future__ import annotations

from decimal import Decimal

import msgspec

from tradewire.decimals import EXACT
from tradewire.errors import Outcome, RequestError
from tradewire.model import AccountKind, Fill, Order, OrderStatus, OrderType

__all__ = ["OrderState"]

ZERO = Decimal(0)


LIMIT = OrderType.LIMIT
CANCELLED, PENDING, NOT_FOUND = OrderStatus.CANCELLED, OrderStatus.PENDING, OrderStatus.NOT_FOUND
"""Looked at for every report: finding one in its enum costs as much as the look."""


class _Said(msgspec.Struct, frozen=True):
    """What watchers of an order were last sent."""

    status: OrderStatus
    size: Decimal
    price: Decimal | None
    filled_size: Decimal
    reason: str


class OrderState:
    """One order as its reports and fills describe it.

    Attributes:
        placed: The order as it was sent, or as it was first heard of.
        market: Its market.
        side: Its side.
        type: Its type, as placed.
        time_in_force: How long it lives, as placed.
        post_only: It only adds liquidity.
        client_order_id: Our id; the venue's reports carry it.
        order_id: The venue's id; empty until the venue has answered.
        size_asset: Asset ``size`` is counted in where a market order names it; else empty: the base.
        error: Why placing it failed, even if the stream proved later that the venue has it.
        status: Where it stands. Final by the venue's own word or as ``NOT_FOUND``, never by adding up fills alone.
        filled_size: Base units filled: the most any report or the fills together say.
        fills_size: Size of its fills together; less than ``filled_size`` while some are not known.
    """

    __slots__ = (
        "_accepted_cancel",
        "_conclusion",
        "_counting",
        "_filled_notional",
        "_fills",
        "_fills_notional",
        "_published",
        "client_order_id",
        "error",
        "filled_size",
        "fills_size",
        "market",
        "order_id",
        "placed",
        "post_only",
        "side",
        "size_asset",
        "status",
        "time_in_force",
        "type",
    )

    def __init__(self, placed: Order) -> None:
        self.placed = placed
        self.market = placed.market
        self.side = placed.side
        self.type = placed.type or (OrderType.MARKET if placed.price is None else OrderType.LIMIT)
        self.time_in_force = placed.time_in_force
        self.post_only = placed.post_only
        self.client_order_id = placed.client_order_id
        self.order_id = placed.order_id
        self.size_asset = placed.size_asset
        self.error: RequestError | None = None
        self._clear()

    def _clear(self) -> None:
        self._conclusion = ""
        self._accepted_cancel: Order | None = None
        self._counting: Order | None = None
        self._published: _Said | None = None
        self._fills: dict[str, Fill] = {}
        self.fills_size = self._fills_notional = self.filled_size = self._filled_notional = ZERO
        self.status = PENDING

    @property
    def account(self) -> AccountKind:
        """Whose it is: markets of several accounts may share names."""
        return self.placed.account

    @property
    def size(self) -> Decimal:
        """Its size, as last amended, in units of ``size_asset``."""
        return (self._counting or self.placed).size

    @property
    def price(self) -> Decimal | None:
        """Its limit price, as last amended; ``None`` for a market order."""
        return (self._counting or self.placed).price

    def _judge(self) -> OrderStatus:
        counting = self._counting
        if counting is not None and counting.status.is_final:
            may_be_whole = counting.status is CANCELLED and self.filled_size > ZERO
            if may_be_whole and self._described(CANCELLED).remaining == ZERO:
                # Amounts decide: a cancel's reply may be as old as the placing, and nothing was left to cancel.
                return OrderStatus.FILLED
            return counting.status
        if self._conclusion:
            return NOT_FOUND
        if counting is not None or self._fills:
            if self.filled_size:
                return OrderStatus.PARTIALLY_FILLED
            is_confirmed = counting is None or counting.status is not PENDING
            return OrderStatus.OPEN if is_confirmed else PENDING
        if self.error is None:
            return PENDING
        return OrderStatus.UNKNOWN if self.error.outcome is Outcome.UNKNOWN else OrderStatus.REJECTED

    @property
    def reason(self) -> str:
        """Why it stands there: the venue's reason, why it was not found, or why placing it failed; else empty."""
        if self.status is OrderStatus.NOT_FOUND:
            return self._conclusion
        if self._counting is not None:
            return self._counting.reason
        return "" if self.error is None or self.outcome is None else str(self.error)

    @property
    def report(self) -> Order | None:
        """The report that counts, a final one, else the newest, completed by what is known besides; ``None`` so far."""
        return None if self._counting is None else self._described(self.status)

    def described(self) -> Order:
        """Return it as a report: what was placed, completed by all that is known."""
        return self._described(self.status)

    @property
    def outcome(self) -> Outcome | None:
        """What became of a placing that failed; ``None`` if it did not, or if reports settled it."""
        is_settled = self._counting is not None or bool(self._fills) or bool(self._conclusion)
        return None if self.error is None or is_settled else self.error.outcome

    @property
    def is_reported(self) -> bool:
        """A report of it was merged."""
        return self._counting is not None

    @property
    def is_as_sent(self) -> bool:
        """The report that counts has no time: it is what was sent, under an id that a reply gave it."""
        return self._counting is not None and not self._counting.updated_at_ns

    @property
    def is_concluded(self) -> bool:
        """Its end was concluded and not reported: a later report or fill takes its place."""
        return self.status is NOT_FOUND

    @property
    def filled_notional(self) -> Decimal:
        """Quote units filled: what the fills add up to once all are known, before that the most anything says.

        Reports may carry a rounded average; fills are exact.
        """
        return self._fills_notional if self.fills_size == self.filled_size else self._filled_notional

    @property
    def remaining(self) -> Decimal | None:
        """Size not yet filled, in the unit of ``size``; ``None`` where that unit is not certain."""
        return self._described(self.status).remaining

    @property
    def is_ending(self) -> bool:
        """Not final, though the venue says that nothing is left: how it ended, or some of its fills, is not known."""
        counting = self._counting
        return counting is not None and counting.unfilled_size == ZERO and not self.status.is_final

    @property
    def is_incomplete(self) -> bool:
        """Not final, though all of it is filled, or the venue counts less as left than its fills leave of its size."""
        counting = self._counting
        if self.status.is_final or counting is None:
            return not self.status.is_final and self.placed.size <= self.filled_size
        left = EXACT.subtract(counting.size, self.filled_size)
        counted = counting.unfilled_size if self.type is LIMIT else None
        return left <= ZERO or (counted is not None and counted < left)

    @property
    def average_price(self) -> Decimal | None:
        """Quote units per base unit over all fills, to 28 digits; ``None`` while nothing is filled."""
        return self._described(self.status).average_price

    @property
    def fills_as_they_came(self) -> tuple[Fill, ...]:
        """Its fills, those learned first first."""
        return tuple(self._fills.values())

    @property
    def fills(self) -> tuple[Fill, ...]:
        """Its fills, oldest first. They may lag behind ``filled_size``: the venue reports both separately."""
        return tuple(sorted(self._fills.values(), key=_when))

    @property
    def last_fill(self) -> Fill | None:
        """Its latest fill by the venue's time; ``None`` while none is known."""
        return max(self._fills.values(), key=_when, default=None)

    @property
    def fees(self) -> dict[str, Decimal]:
        """Fees of its fills by asset."""
        total: dict[str, Decimal] = {}
        for fill in self._fills.values():
            if fill.fee is not None:
                total[fill.fee_asset] = EXACT.add(total.get(fill.fee_asset, ZERO), fill.fee)
        return total

    def merge(self, report: Order) -> Order | None:
        """Take one report and return the one that counts, ``None`` if it says nothing new. For the tracker only."""
        is_undisturbed = not self._conclusion and self._accepted_cancel is None
        if report is self._counting and is_undisturbed and report.filled_size == self.filled_size:
            # What the stream has told already, and now the answer to its placing.
            return None
        self._conclusion = ""
        if self._accepted_cancel is not None and report.updated_at_ns > self._accepted_cancel.updated_at_ns:
            self._accepted_cancel = None
        self.size_asset = self.size_asset or report.size_asset
        if self._counting is None or _weight(report) >= _weight(self._counting):
            if not report.reason and self._counting is not None and self._counting.status is report.status:
                report = msgspec.structs.replace(report, reason=self._counting.reason)
            self._counting = report
        if report.filled_size > self.filled_size:
            self.filled_size = report.filled_size
        if report.filled_notional > self._filled_notional:
            self._filled_notional = report.filled_notional
        self.status = self._judge()
        return self._news()

    def add_fill(self, fill: Fill) -> bool:
        """Take one fill; ``False`` if it was known. For the tracker only."""
        if fill.trade_id in self._fills:
            return False
        self._conclusion = ""
        self._fills[fill.trade_id] = fill
        self.fills_size = EXACT.add(self.fills_size, fill.size)
        self._fills_notional = EXACT.add(self._fills_notional, EXACT.multiply(fill.price, fill.size))
        self.filled_size = max(self.filled_size, self.fills_size)
        self._filled_notional = max(self._filled_notional, self._fills_notional)
        self.status = self._judge()
        return True

    def merge_from(self, other: OrderState) -> None:
        """Take over what was reported before it was known to be this order. For the tracker only."""
        if other._counting is not None:
            self.merge(other._counting)
        for fill in other.fills:
            self.add_fill(fill)
        self._published = other._published

    def note_cancel(self, report: Order) -> None:
        """Take the reply to a cancel that no time proves: the end, if the venue has the order no more."""
        self._accepted_cancel = report

    def mark_not_found(self, reason: str) -> Order | None:
        """Conclude that the venue has no such order and return that as a report, ``None`` if it changes nothing.

        For the tracker only.
        """
        if self._counting is not None and self._counting.status.is_final:
            return None
        if self._accepted_cancel is not None:
            return self.merge(self._accepted_cancel)
        self._conclusion = reason or OrderStatus.NOT_FOUND.value
        self.status = self._judge()
        return self._news()

    def revision(self) -> Order | None:
        """Return the order as it is since a fill, if that changed an end that watchers know. For the tracker only."""
        return self._news() if self._published and self._published.status.is_final else None

    def fail(self, error: RequestError) -> None:
        """Take the failure of its placing. For the tracker only."""
        self.error = error
        self.status = self._judge()

    def unlink(self) -> None:
        """Take back the venue's id: it is another order's. For the tracker only."""
        self.order_id = ""
        self.error = None
        self._clear()

    def _news(self) -> Order | None:
        """Return the order as a report unless watchers know all it says."""
        status, base = self.status, self._counting or self.placed
        reason = self._conclusion if status is NOT_FOUND else base.reason
        said = _Said(status, base.size, base.price, self.filled_size, reason)
        if said == self._published:
            return None
        self._published = said
        return self._described(status)

    def _described(self, status: OrderStatus) -> Order:
        """Return the report that counts with everything else that is known, or what was placed as a report."""
        base = self._counting or self.placed
        reason = self._conclusion if status is NOT_FOUND else base.reason
        notional = self._fills_notional if self.fills_size == self.filled_size else self._filled_notional
        said = (
            base.order_id,
            base.filled_size,
            base.filled_notional,
            base.status,
            base.size_asset,
            base.reason,
        )
        known = (self.order_id, self.filled_size, notional, status, self.size_asset, reason)
        if said == known and base.client_order_id:
            return base
        is_ahead = self.filled_size > base.filled_size
        return msgspec.structs.replace(
            base,
            # The venue's own count of what is left is as old as its report.
            order_id=self.order_id,
            unfilled_size=None if is_ahead else base.unfilled_size,
            client_order_id=base.client_order_id or self.client_order_id,
            filled_size=self.filled_size,
            filled_notional=notional,
            status=status,
            size_asset=self.size_asset,
            reason=reason,
        )


def _when(fill: Fill) -> tuple[int, int, str]:
    """Order fills by time and then by trade id, which venues count upwards."""
    return fill.time_ns, len(fill.trade_id), fill.trade_id


def _weight(report: Order) -> tuple[bool, bool, Decimal, int, Decimal]:
    """Order reports by how much they count: final ones first, the fuller the better; else the newer.

    An order that was confirmed is never unconfirmed again.
    """
    is_final, is_confirmed = report.status.is_final, report.status is not PENDING
    return (
        is_final,
        is_confirmed,
        report.filled_size if is_final else ZERO,
        report.updated_at_ns,
        report.filled_size,
    )
