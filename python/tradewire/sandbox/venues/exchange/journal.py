"""What every numbered change did to a book, for the control surface: the whole book as of any recent sequence.

Replays the changes as clients get them into plain rows, which makes it a second opinion about the book the engine
matches with. Knows no engine.
"""

from __future__ import annotations

from collections import defaultdict, deque
from collections.abc import Mapping
from dataclasses import dataclass, field
from itertools import islice
from typing import Any, TypeAlias

from tradewire.sandbox.venues.exchange.records import BUY, SELL, Order

__all__ = ["BookChange", "Journal"]

REMEMBERED = 20_000
"""Changes of one market that can be gone back."""
Rows: TypeAlias = dict[str, tuple[str, int, int]]
"""Side, price and remaining by order id, in order of arrival."""


@dataclass(frozen=True, slots=True)
class BookChange:
    """One numbered change of a market's book."""

    market: str
    sequence: int
    event: dict[str, Any]


@dataclass(slots=True)
class _Record:
    """The oldest book that is remembered, and every change since."""

    rows: Rows = field(default_factory=dict)
    sequence: int = 0
    changes: deque[BookChange] = field(default_factory=deque)


class Journal:
    """The changes of every market."""

    def __init__(self) -> None:
        self._records: defaultdict[str, _Record] = defaultdict(_Record)

    def restore(self, order: Order) -> None:
        """Note an order that rests since before the first change. Call in the order of arrival."""
        self._records[order.market].rows[order.order_id] = (order.side, order.price, order.remaining)

    def note(self, change: BookChange) -> None:
        """Note the next change of a market."""
        record = self._records[change.market]
        record.changes.append(change)
        if len(record.changes) > REMEMBERED:
            oldest = record.changes.popleft()
            _apply(record.rows, oldest.event)
            record.sequence = oldest.sequence

    def forget(self, market: str) -> None:
        """Drop a market that was deleted."""
        self._records.pop(market, None)

    def newest(self, market: str, count: int) -> list[BookChange]:
        """Return the last ``count`` changes of a market, oldest first, or as many as there are."""
        changes = self._records[market].changes if market in self._records else deque[BookChange]()
        return list(islice(changes, max(0, len(changes) - count), None))

    def book_at(self, market: str, sequence: int) -> dict[str, list[list[Any]]] | None:
        """Return ``[order_id, price, remaining]`` of each side in priority; ``None`` if it is not remembered.

        Cost: a replay of the changes since the oldest book remembered, some milliseconds at most.
        """
        record = self._records[market] if market in self._records else _Record()
        if not record.sequence <= sequence <= record.sequence + len(record.changes):
            return None
        rows = dict(record.rows)
        for change in islice(record.changes, sequence - record.sequence):
            _apply(rows, change.event)
        return {"bids": _ranked(rows, BUY), "asks": _ranked(rows, SELL)}


def _apply(rows: Rows, event: Mapping[str, Any]) -> None:
    if event["kind"] in {"order_added", "order_updated"}:
        order = event["order"]
        rows[order["order_id"]] = (order["side"], order["price"], order["remaining"])
    elif event["kind"] == "order_removed":
        del rows[event["order_id"]]


def _ranked(rows: Rows, side: str) -> list[list[Any]]:
    own = [
        [order_id, price, remaining] for order_id, (where, price, remaining) in rows.items() if where == side
    ]
    # Sorting is stable: at one price the order of arrival stays.
    return sorted(own, key=lambda row: -row[1] if side == BUY else row[1])
