"""What a command made happen, kept until the command has been answered, and then sent to every socket.

Three queues, as in the server: changes of books, events of users, messages of the system. Order holds within each.
"""

from __future__ import annotations

from collections import deque
from typing import Any, Protocol

from tradewire.sandbox.venues.exchange.journal import BookChange, Journal

__all__ = ["Events", "Listener", "resync_required"]


class Listener(Protocol):
    """Who receives it."""

    def on_book(self, change: BookChange) -> None:
        """A book changed."""

    def on_user(self, trader_id: str, message: dict[str, Any]) -> None:
        """Something happened to a trader's order."""

    def on_system(self, trader_id: str | None, message: dict[str, Any]) -> None:
        """The system has a message for one trader or for all."""

    def on_market(self, message: dict[str, Any]) -> None:
        """A market changed, as only the latest generation announces."""


class Events:
    """Collects, numbers and publishes."""

    def __init__(self) -> None:
        self.sequences: dict[str, int] = {}
        self.journal = Journal()
        self.listeners: list[Listener] = []
        self._waiting: deque[tuple[str, Any, Any]] = deque()

    def book(self, market: str, event: dict[str, Any]) -> None:
        """Note a change of a book under the next number of its market."""
        sequence = self.sequences.get(market, 0) + 1
        self.sequences[market] = sequence
        change = BookChange(market, sequence, event)
        self.journal.note(change)
        self._waiting.append(("book", change, None))

    def user(self, trader_id: str, message: dict[str, Any]) -> None:
        """Note an event of a trader."""
        self._waiting.append(("user", trader_id, message))

    def system(self, trader_id: str | None, message: dict[str, Any]) -> None:
        """Note a message to one trader or to all."""
        self._waiting.append(("system", trader_id, message))

    def market(self, message: dict[str, Any]) -> None:
        """Note a change of a market's definition."""
        self._waiting.append(("market", message, None))

    def forget(self, market: str) -> None:
        """Let a deleted market's numbers start again."""
        self.sequences.pop(market, None)
        self.journal.forget(market)

    def publish(self) -> None:
        """Publish everything collected, in order."""
        while self._waiting:
            kind, first, second = self._waiting.popleft()
            for listener in self.listeners:
                if kind == "book":
                    listener.on_book(first)
                elif kind == "user":
                    listener.on_user(first, second)
                elif kind == "system":
                    listener.on_system(first, second)
                else:
                    listener.on_market(first)


def resync_required(
    channel: str,
    reason: str,
    market: str | None = None,
    expected: int | None = None,
    current: int | None = None,
) -> dict[str, Any]:
    """Return the message that asks a client to read something again."""
    return {
        "type": "resync_required",
        "channel": channel,
        "market": market,
        "expected_sequence": expected,
        "current_sequence": current,
        "reason": reason,
    }
