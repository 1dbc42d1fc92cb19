"""What we believe against what the venue says: books, orders and fills."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from decimal import Decimal
from typing import Any, NamedTuple

from tradewire._native import Level2Book
from tradewire.cli.demo.oracle import Oracle
from tradewire.cli.demo.summary import VenueReport
from tradewire.model import Fill, OrderStatus
from tradewire.session.live_order import LiveOrder

__all__ = ["Told", "check_levels", "compare_orders"]


async def check_levels(
    oracle: Oracle, book: Level2Book, report: VenueReport, *, make_wrong: bool = False
) -> None:
    """Compare our whole book with the venue's own at the same moment: same push, same levels, same text.

    A book in doubt makes no claim, so there is nothing to check.
    """
    if not book.is_synced:
        return
    updated_at_ms, checksum = book.updated_at_ms, book.checksum
    if make_wrong:
        best = book.best_bid()
        if best is not None:
            book.update("buy", str(best[0]), str(best[1] + 1))
    ours = book.texts(unsynced_ok=True)
    report.book_checks += 1
    theirs = await oracle.book(
        market=book.market, limit=book.limit, updated_at=updated_at_ms, checksum=checksum & 0xFFFFFFFF
    )
    if theirs is None:
        report.book_mismatches += 1
        report.problems.append(f"the venue never pushed our book of {book.market} at {updated_at_ms}")
        return
    for side, levels in (("bids", ours[0]), ("asks", ours[1])):
        if [list(level) for level in levels] != theirs[side]:
            report.book_mismatches += 1
            report.problems.append(f"{side} of {book.market} at {updated_at_ms} differ from the venue's")
            return


class Told(NamedTuple):
    """An order as the venue's ledger has it."""

    status: OrderStatus
    """``OPEN`` for every state that is not final."""
    filled_size: Decimal


def compare_orders(
    ours: Iterable[LiveOrder],
    orders: Mapping[str, Told],
    fills: Mapping[tuple[str, str], tuple[Any, ...]],
    shown: Callable[[Fill], tuple[Any, ...]],
    *,
    forgets: bool = False,
) -> tuple[int, list[str]]:
    """Compare every order and fill; return how many were compared and what differs, in words.

    Args:
        ours: The orders we followed.
        orders: The venue's, by id.
        fills: The venue's, by order and trade id, as far as they can be compared.
        shown: Returns a fill of ours in the same form.
        forgets: The venue forgets a cancelled order without fills; that is how ours must have ended then.
    """
    differences: list[str] = []
    orders, fills = dict(orders), dict(fills)
    compared = 0
    for order in ours:
        if not order.order_id:
            continue
        compared += 1
        status = order.status if order.status.is_final else OrderStatus.OPEN
        told = orders.pop(order.order_id, None)
        if told is None and not (forgets and status is OrderStatus.CANCELLED and not order.filled_size):
            differences.append(
                f"the venue has no order {order.order_id}, ours is {order.status}, filled {order.filled_size}"
            )
        elif told is not None and told != (status, order.filled_size):
            differences.append(
                f"order {order.order_id} is {status} {order.filled_size}, "
                f"the venue says {told.status} {told.filled_size}"
            )
        for fill in order.fills:
            compared += 1
            execution = fills.pop((order.order_id, fill.trade_id), None)
            if execution is None:
                differences.append(f"the venue has no fill {fill.trade_id} of order {order.order_id}")
            elif execution != shown(fill):
                differences.append(f"fill {fill.trade_id} is {shown(fill)}, the venue says {execution}")
    differences += [f"order {order_id} of the venue is unknown to us" for order_id in orders]
    differences += [f"fill {trade_id} of order {order_id} is unknown to us" for order_id, trade_id in fills]
    return compared, differences
