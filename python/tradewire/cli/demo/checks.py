"""What we believe against what the venue says: books, orders, fills, balances."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from decimal import Decimal
from typing import Any

from tradewire._native import Level2Book
from tradewire.cli.demo.summary import VenueReport
from tradewire.cli.demo.truth import Truth
from tradewire.model import OrderStatus
from tradewire.session.live_order import LiveOrder

__all__ = ["check_levels", "compare_ledger"]

_STATUS = {
    "open": OrderStatus.OPEN,
    "part_filled": OrderStatus.PARTIALLY_FILLED,
    "filled": OrderStatus.FILLED,
    "part_canceled": OrderStatus.CANCELLED,
    "canceled": OrderStatus.CANCELLED,
}


async def check_levels(
    truth: Truth, book: Level2Book, report: VenueReport, *, make_wrong: bool = False
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
    theirs = await truth.book(
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


def compare_ledger(
    ledger: Mapping[str, Any], orders: Iterable[LiveOrder], balances: Mapping[str, tuple[Decimal, Decimal]]
) -> tuple[int, list[str]]:
    """Compare every order, fill and balance; return how many were compared and what differs, in words."""
    differences: list[str] = []
    theirs = {str(order["order_id"]): order for order in ledger["orders"]}
    deals = {(str(deal["order_id"]), str(deal["deal_id"])): deal for deal in ledger["deals"]}
    compared = 0
    for order in orders:
        if not order.venue_id:
            continue
        compared += 1
        differences += _compare_order(order, theirs.pop(order.venue_id, None))
        for fill in order.fills:
            compared += 1
            deal = deals.pop((order.venue_id, fill.trade_id), None)
            ours = (fill.price, fill.size, fill.fee, str(fill.role or ""))
            if deal is None:
                differences.append(f"the venue has no fill {fill.trade_id} of order {order.venue_id}")
            elif ours != (
                Decimal(deal["price"]),
                Decimal(deal["amount"]),
                Decimal(deal["fee"]),
                deal["role"],
            ):
                differences.append(f"fill {fill.trade_id} differs from the venue's")
    differences += [f"order {venue_id} of the venue is unknown to us" for venue_id in theirs]
    differences += [f"fill {trade_id} of order {order_id} is unknown to us" for order_id, trade_id in deals]
    for asset, balance in ledger["balances"].items():
        compared += 1
        wanted = (Decimal(balance["available"]), Decimal(balance["frozen"]))
        if balances.get(asset) != wanted:
            differences.append(f"{asset}: we believe {balances.get(asset)}, the venue has {wanted}")
    return compared, differences


def _compare_order(order: LiveOrder, theirs: Mapping[str, Any] | None) -> list[str]:
    if theirs is None:
        # The venue forgets a cancelled order without fills; that is how ours must have ended.
        if order.filled == 0 and order.status is OrderStatus.CANCELLED:
            return []
        return [f"the venue has no order {order.venue_id}, ours is {order.status}, filled {order.filled}"]
    wanted = (_STATUS[theirs["status"]], Decimal(theirs["filled_amount"]))
    if (order.status, order.filled) != wanted:
        return [f"order {order.venue_id} is {order.status} {order.filled}, the venue says {wanted}"]
    return []
