"""Our orders and a journal: what is written of them while they live, and what a restarted client makes of it.

``Keeper`` writes; ``reconcile`` brings back what an earlier run of the bot left, asks the venue what became of it, and
tells what was found. The file itself is ``tradewire.journal``.
"""

from __future__ import annotations

import asyncio
import time
from collections import Counter
from collections.abc import Awaitable, Callable, Sequence
from typing import TYPE_CHECKING, Protocol

from msgspec import Struct
from msgspec.structs import replace

from tradewire.errors import JournalFailed, NotSent
from tradewire.model import Fill, Order, OrderStatus
from tradewire.session.inquiry import Inquiries
from tradewire.session.live_order import LiveOrder
from tradewire.session.orders import OrderTracker

if TYPE_CHECKING:
    from tradewire.journal.journal import JournalBook

__all__ = ["Keeper", "Reconciliation", "RestoredOrder", "reconcile", "together"]

NS_PER_S = 1_000_000_000
MARGIN_NS = 60 * NS_PER_S
"""Fills are asked for from this long before the journal's last entry: pushes are late, and clocks differ."""


class Keeper:
    """Writes what is known of our orders. Of orders of other programs nothing is written.

    Args:
        book: Where to.
        on_error: Called when an outcome could not be written. The order itself goes on; from then on none is sent.
        refusal: Returns why no order may be sent now, empty if it may.
    """

    def __init__(
        self,
        book: JournalBook,
        on_error: Callable[[Exception], None],
        refusal: Callable[[], str] | None = None,
    ) -> None:
        self.book = book
        self._refusal = refusal
        self._on_error = on_error

    def intend(self, order: Order) -> None:
        """Write that an order is about to be sent.

        Raises:
            NotSent: It could not be written, so the order must not be sent; or no order may be sent now.
        """
        if self._refusal is not None and (reason := self._refusal()):
            raise NotSent(f"the order was not sent: {reason}")
        try:
            self.book.intend(order)
        except JournalFailed as error:
            raise NotSent(f"the order was not sent because its intent cannot be written: {error}") from error

    def changed(self, order: LiveOrder) -> None:
        """Write what is new of an order."""
        if not order.sent_at_ns or order.status is OrderStatus.PENDING:
            return
        fills = order.fills_as_they_came
        known, known_fills = order.journalled
        if order.words == known and len(fills) == known_fills:
            return
        try:
            if len(fills) < known_fills:
                # What was written of it turned out to be another program's order.
                self.book.intend(order.placed, order.sent_at_ns)
                known_fills = 0
            for fill in fills[known_fills:]:
                self.book.fill(order.client_order_id, fill)
            error = "" if order.error is None else f"{type(order.error).__name__}: {order.error}"
            report = order.described()
            if report.client_order_id != order.client_order_id:
                # An amendment has given it another one at the venue.
                report = replace(report, client_order_id=order.client_order_id)
            self.book.report(report, error)
        except JournalFailed as error_of_file:
            self._on_error(error_of_file)
        else:
            order.note_journalled()


class RestoredOrder(Struct, frozen=True, kw_only=True):
    """An order that an earlier run left, and what became of it."""

    client_order_id: str
    """Our id of it; empty where there is none."""
    order_id: str
    """The venue's; empty if it never had one."""
    market: str
    """The market, in the venue's spelling."""
    before: OrderStatus
    """Where it stood when the journal was written last; ``pending`` if nothing was heard of it."""
    now: OrderStatus
    """What it is now, by the venue."""
    filled_size: str
    """Base units, as text."""
    new_fills: int
    """Fills the journal did not have."""


class Reconciliation(Struct, frozen=True, kw_only=True):
    """What was found after a restart. ``str`` of it is a table."""

    book: str
    """Venue and account."""
    orders: tuple[RestoredOrder, ...]
    """Those that were not final when the journal was written last, or have new fills."""
    fills: tuple[Fill, ...]
    """Fills the journal did not have, oldest first."""
    others_open: int
    """Open orders of the account that are not of this journal; they are left alone."""
    took_s: float
    """Seconds it took."""

    def __str__(self) -> str:
        if not self.orders and not self.fills:
            return f"{self.book}: nothing was open; {self.others_open} open orders are not of this journal"
        counts = Counter(order.now for order in self.orders)
        found = ", ".join(f"{count} {status}" for status, count in sorted(counts.items())) or "none"
        summary = (
            f"{self.book}: {len(self.orders)} orders were not final, now: {found}; {len(self.fills)} new fills; "
            f"{self.others_open} open orders are not of this journal; {self.took_s:.1f} s"
        )
        width = max((len(order.client_order_id) for order in self.orders), default=0)
        lines = [
            f"  {order.client_order_id:{width}}  {order.market:12} {order.before:>16} -> {order.now:16} "
            f"filled {order.filled_size}, {order.new_fills} new fills"
            for order in self.orders
        ]
        return "\n".join([summary, *lines])


def together(found: Sequence[Reconciliation]) -> Reconciliation:
    """Return what was found of several accounts as one."""
    if len(found) == 1:
        return found[0]
    return Reconciliation(
        book=", ".join(one.book for one in found),
        orders=tuple(order for one in found for order in one.orders),
        fills=tuple(sorted((fill for one in found for fill in one.fills), key=lambda fill: fill.time_ns)),
        others_open=sum(one.others_open for one in found),
        took_s=sum(one.took_s for one in found),
    )


class Asks(Protocol):
    """What reconciling needs of the account."""

    def take_order(self, report: Order, /) -> None:
        """Take a report."""


async def reconcile(
    book: JournalBook,
    tracker: OrderTracker,
    inquiries: Inquiries,
    sink: Asks,
    *,
    by_market: bool,
    to_venue_ns: Callable[[int], int],
    on_restored: Callable[[LiveOrder], None] = lambda _: None,
    cancel: Callable[[Sequence[LiveOrder]], Awaitable[None]] | None = None,
    monotonic_ns: Callable[[], int] = time.monotonic_ns,
) -> Reconciliation:
    """Bring back the orders of a book and ask about each until nothing is unknown; return what was found.

    Args:
        by_market: Fills are asked for by market.
        to_venue_ns: Returns the venue's time for one of ours.
        on_restored: Called with each order before anything is asked.
        cancel: Ends orders, each as soon as the venue has named it; leave it out to leave them as they are.
        monotonic_ns: A clock that is never set.
    """
    started_ns = monotonic_ns()
    # What never got an id of the venue's and is over cannot be heard of again.
    ended = {tracker.restore(one): one for one in book.finished if one.order_id}
    before = {tracker.restore(one): one for one in book.live}
    statuses = {order: one.status for order, one in {**ended, **before}.items()}
    for order in (*ended, *before):
        on_restored(order)
    restored = list(before)
    known = {order: set(one.fills) for order, one in {**ended, **before}.items()}
    since_ns = max(0, to_venue_ns(book.last_ns) - MARGIN_NS)
    if restored:
        questions = [inquiries.ask(order) for order in restored]
        if cancel is not None:
            await cancel(restored)
        await asyncio.wait(questions)
    open_now = await inquiries.open_orders()
    inquiries.hand_on("open orders", sink.take_order, open_now)
    if book.last_ns:
        markets = {order.market for order in known} if by_market else {""}
        for market in sorted(markets):
            await inquiries.fills(market, since_ns)
    for order in restored:
        if order.fills_size < order.filled_size:
            await inquiries.fills(
                order.market if by_market else "", max(0, to_venue_ns(order.sent_at_ns) - MARGIN_NS)
            )
    ours = {order.order_id for order in known}
    new = {
        order: [fill for fill in order.fills if fill.trade_id not in trades]
        for order, trades in known.items()
    }
    found = Reconciliation(
        book=book.name,
        orders=tuple(
            RestoredOrder(
                client_order_id=order.client_order_id,
                order_id=order.order_id,
                market=order.market,
                before=status,
                now=order.status,
                filled_size=f"{order.filled_size:f}",
                new_fills=len(new[order]),
            )
            for order, status in statuses.items()
            if order in before or new[order]
        ),
        fills=tuple(
            sorted((fill for fills in new.values() for fill in fills), key=lambda fill: fill.time_ns)
        ),
        others_open=sum(report.order_id not in ours for report in open_now),
        took_s=(monotonic_ns() - started_ns) / NS_PER_S,
    )
    book.reconciled(len(found.orders), len(found.fills))
    return found
