"""What we believe against what the venue says: books, orders, fills and holdings."""

from __future__ import annotations

import zlib
from collections.abc import Iterable, Mapping
from decimal import Decimal
from typing import Any, NamedTuple, TypeAlias

from tradewire._native import Level2Book, Level3Book
from tradewire.model import Balance, Fill, OrderStatus, Position
from tradewire.session.live_order import LiveOrder

__all__ = [
    "BookCheck",
    "Differences",
    "compare_balances",
    "compare_book",
    "compare_orders",
    "compare_positions",
]

Rows: TypeAlias = dict[str, list[tuple[str, ...]]]
Differences: TypeAlias = list[str]


class BookCheck(NamedTuple):
    """Our book at one moment, and what tells the venue which of its own it must equal."""

    market: str
    marks: Mapping[str, int]
    rows: Rows
    """By side: price, size and number of orders where stated; or id, price and size of single orders."""

    @classmethod
    def of(cls, book: Level2Book | Level3Book, *, make_wrong: bool = False) -> BookCheck:
        """Take a book as it stands; on purpose a wrong one if asked."""
        if isinstance(book, Level3Book):
            marks = {"sequence": book.sequence}
        else:
            text = ":".join(part for side in _texts(book).values() for level in side for part in level)
            marks = {
                "checksum": zlib.crc32(text.encode()),
                "limit": book.limit,
                "time_ms": book.updated_at_ms,
            }
        if make_wrong:
            _make_wrong(book)
        return cls(book.market, marks, _rows(book))

    @property
    def orders(self) -> int:
        """How many rows there are: resting orders, where books tell them."""
        return sum(len(side) for side in self.rows.values())


def compare_book(check: BookCheck, theirs: Mapping[str, list[list[Any]]] | None) -> tuple[str, bool]:
    """Return how a book differs, in words, and whether only in who stands before whom; empty if it does not."""
    if theirs is None:
        return f"the venue never sent our book of {check.market} at {dict(check.marks)}", False
    for side, ours in check.rows.items():
        said = [tuple(_plain(value) for value in row) for row in theirs[side]]
        if sorted(ours) != sorted(said):
            return f"{side} of {check.market} at {dict(check.marks)} differ from the venue's", False
        if ours != said:
            return f"the queues of {check.market} at {dict(check.marks)} differ from the venue's", True
    return "", False


def compare_orders(
    ours: Iterable[LiveOrder], account: Mapping[str, Any], *, forgets_cancelled: bool = False
) -> tuple[int, Differences]:
    """Compare every order and fill; return how many were compared and what differs, in words.

    Args:
        ours: The orders we followed.
        account: The venue's, in the words of ``sandbox.venue.Venue.account``.
        forgets_cancelled: The venue forgets a cancelled order without fills; that is how ours must have ended then.
    """
    orders = {
        row["order_id"]: (OrderStatus(row["status"]), Decimal(row["filled_size"]))
        for row in account["orders"]
    }
    fills = {(row["order_id"], row["trade_id"]): row for row in account["fills"]}
    differences: Differences = []
    compared = 0
    for order in ours:
        if not order.order_id:
            continue
        compared += 1
        status = order.status if order.status.is_final else OrderStatus.OPEN
        said = orders.pop(order.order_id, None)
        is_forgotten = forgets_cancelled and status is OrderStatus.CANCELLED and not order.filled_size
        if said is None and not is_forgotten:
            differences.append(
                f"the venue has no order {order.order_id}, ours is {order.status}, filled {order.filled_size}"
            )
        elif said is not None and said != (status, order.filled_size):
            differences.append(
                f"order {order.order_id} is {status} {order.filled_size}, the venue says {said[0]} {said[1]}"
            )
        for fill in order.fills:
            compared += 1
            row = fills.pop((order.order_id, fill.trade_id), None)
            if row is None:
                differences.append(f"the venue has no fill {fill.trade_id} of order {order.order_id}")
            elif difference := _fill_difference(fill, row):
                differences.append(f"fill {fill.trade_id}: {difference}")
    differences += [f"order {order_id} of the venue is unknown to us" for order_id in orders]
    differences += [f"fill {trade_id} of order {order_id} is unknown to us" for order_id, trade_id in fills]
    return compared, differences


def compare_balances(ours: Iterable[Balance], account: Mapping[str, Any]) -> tuple[int, Differences]:
    """Compare every asset."""
    held = {balance.asset: (balance.available, balance.locked) for balance in ours}
    said = {
        asset: (Decimal(row["available"]), Decimal(row["locked"]))
        for asset, row in account["balances"].items()
    }
    return len(said), [
        f"{asset}: we believe {held.get(asset)}, the venue has {said.get(asset)}"
        for asset in sorted(held.keys() | said.keys())
        if held.get(asset) != said.get(asset)
    ]


def compare_positions(ours: Iterable[Position], account: Mapping[str, Any]) -> tuple[int, Differences]:
    """Compare every position, and the profit it would bring at the venue's mark."""
    differences: Differences = []
    compared = 0
    for position in ours:
        compared += 2
        row = account["positions"].get(position.market)
        believed = (position.size, position.average_price, position.realized_pnl)
        wanted: tuple[Decimal | None, ...] = (Decimal(0), None, Decimal(0))
        mark = unrealized = Decimal(0)
        if row is not None:
            average = row["average_price"]
            wanted = (
                Decimal(row["size"]), None if average is None else Decimal(average), Decimal(row["realized_pnl"]),
            )  # fmt: skip
            mark, unrealized = Decimal(row["mark"]), Decimal(row["unrealized_pnl"])
        if believed != wanted:
            differences.append(
                f"position in {position.market}: we believe {believed}, the venue has {wanted}"
            )
        elif position.unrealized_pnl(mark) != unrealized:
            differences.append(
                f"profit in {position.market} at {mark}: we believe {position.unrealized_pnl(mark)}, "
                f"the venue has {unrealized}"
            )
    return compared, differences


def _fill_difference(fill: Fill, row: Mapping[str, Any]) -> str:
    """Return how a fill of ours differs in what the venue tells of it."""
    ours: dict[str, object] = {"price": fill.price, "size": fill.size}
    said: dict[str, object] = {"price": Decimal(row["price"]), "size": Decimal(row["size"])}
    if "fee" in row:
        ours["fee"], said["fee"] = fill.fee, Decimal(row["fee"])
    if "liquidity" in row:
        ours["liquidity"], said["liquidity"] = str(fill.liquidity or ""), row["liquidity"]
    return "" if ours == said else f"we believe {ours}, the venue says {said}"


def _texts(book: Level2Book) -> Rows:
    """Return a book's levels in the text they were sent with, and the number of orders where it is stated."""
    sides = zip(("bids", "asks"), ("buy", "sell"), book.texts(unsynced_ok=True), strict=True)
    return {
        side: [
            (*text, str(orders)) if orders else text
            for text, (*_, orders) in zip(texts, book.levels(name, unsynced_ok=True), strict=True)
        ]
        for side, name, texts in sides
    }


def _rows(book: Level2Book | Level3Book) -> Rows:
    if isinstance(book, Level3Book):
        return {
            side: [
                (order_id, str(price), str(size))
                for order_id, price, size in book.orders(name, unsynced_ok=True)
            ]
            for side, name in (("bids", "buy"), ("asks", "sell"))
        }
    return {side: [tuple(map(_plain, level)) for level in levels] for side, levels in _texts(book).items()}


def _make_wrong(book: Level2Book | Level3Book) -> None:
    best = book.best_bid(unsynced_ok=True)
    if best is None:
        return
    if isinstance(book, Level3Book):
        order_id, _, size = book.orders("buy", unsynced_ok=True)[0]
        book.update(order_id, size + 1)
    else:
        book.update("buy", str(best[0]), str(best[1] + 1))


def _plain(value: object) -> str:
    """Return a number without trailing zeros; an id as it is."""
    text = str(value)
    return text.rstrip("0").rstrip(".") if "." in text else text
