"""What the control surface tells of Exchange: a whole book as of any remembered sequence, and an account.

The book of the past is made by replaying the journal into a plain dictionary, which is also a second opinion
about the book the engine matched with.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from tradewire.sandbox.dialects.exchange.house import House
from tradewire.sandbox.dialects.exchange.positions import POSITION_LIMIT
from tradewire.sandbox.dialects.exchange.records import BUY, SELL
from tradewire.sandbox.venue import Answer, ControlHandler

__all__ = ["Truth"]

OK = 200
NOT_FOUND = 404
REBASE_AFTER = 2000
"""Changes replayed at most for one question about the present."""
Rows = dict[str, tuple[str, int, int]]


class _Past:
    """A market's orders as of some sequence: side, price and remaining by id, in order of arrival."""

    def __init__(self, sequence: int, rows: Rows) -> None:
        self.sequence = sequence
        self.rows = rows

    def apply(self, event: Mapping[str, Any]) -> None:
        kind = event["kind"]
        if kind in {"order_added", "order_updated"}:
            order = event["order"]
            self.rows[order["order_id"]] = (order["side"], order["price"], order["remaining"])
        elif kind == "order_removed":
            del self.rows[event["order_id"]]


class Truth:
    """Answers for the control surface."""

    def __init__(self, house: House) -> None:
        self._house = house
        self._bases: dict[str, _Past] = {}

    def rebase(self) -> None:
        """Remember the books as they are, so that the journal can be replayed from here."""
        for market, book in self._house.books.items():
            rows = {
                order.order_id: (order.side, order.price, order.remaining)
                for side in (BUY, SELL)
                for order in book.side(side)
            }
            self._bases[market] = _Past(self._house.events.sequences.get(market, 0), rows)

    def routes(self) -> Mapping[tuple[str, str], ControlHandler]:
        """Return the control requests: ``GET book?market=&sequence=`` and ``GET ledger?api_key=``."""
        return {("GET", "book"): self._book, ("GET", "ledger"): self._ledger}

    def book_at(self, market: str, sequence: int) -> dict[str, Any] | None:
        """Return the orders of a market as of ``sequence``, each side in priority; ``None`` if it is not remembered."""
        base = self._bases.get(market) or _Past(0, {})
        if sequence < base.sequence:
            return None
        journal = self._house.events.journal.get(market, ())
        past = _Past(base.sequence, dict(base.rows))
        for change in journal:
            if base.sequence < change.sequence <= sequence:
                if change.sequence != past.sequence + 1:
                    return None
                past.apply(change.event)
                past.sequence = change.sequence
        if past.sequence != sequence:
            return None
        if sequence - base.sequence > REBASE_AFTER:
            # Questions about the near past must still be answered: keep the base behind.
            self._bases[market] = past
        return {"sequence": sequence, **_sides(past.rows)}

    def _book(self, query: Mapping[str, Any]) -> Answer:
        market = query["market"]
        now = self._house.events.sequences.get(market, 0)
        book = self.book_at(market, int(query.get("sequence", now)))
        if book is None:
            return NOT_FOUND, {"error": "no such sequence, or it is no longer remembered"}
        return OK, book

    def _ledger(self, query: Mapping[str, Any]) -> Answer:
        house = self._house
        user = house.by_key[query["api_key"]]
        orders = {
            order.order_id: {**order.shape(), "status": status}
            for order, status in house.finished.get(user.trader_id, {}).values()
        }
        for order in house.open_orders(user.trader_id):
            orders[order.order_id] = {**order.shape(), "status": "open"}
        return OK, {
            "orders": list(orders.values()),
            "fills": [fill.shape() for fill in house.fills_of(user.trader_id)],
            "positions": [position.shape() for position in house.positions_of(user.trader_id)],
            "position_limit": POSITION_LIMIT,
        }


def _sides(rows: Rows) -> dict[str, list[list[Any]]]:
    sides: dict[str, list[list[Any]]] = {}
    for name, side, sign in (("bids", BUY, -1), ("asks", SELL, 1)):
        own = [(price, order_id, left) for order_id, (where, price, left) in rows.items() if where == side]
        # Sorting is stable: at one price the order of arrival stays.
        own.sort(key=lambda row, sign=sign: sign * row[0])  # type: ignore[misc]  # a default argument confuses mypy
        sides[name] = [[order_id, price, left] for price, order_id, left in own]
    return sides
