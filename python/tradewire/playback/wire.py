"""What a replay must know of a venue's frames; each venue has its own in ``wires``."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from decimal import Decimal
from typing import Any, NamedTuple, Protocol

from tradewire.sandbox.market import MAKERS, TAKERS, Command

__all__ = ["HOUSE", "Numbers", "PublicTrade", "Resting", "Subject", "Want", "Wire"]

HOUSE = frozenset({*MAKERS, *TAKERS})


class Subject(NamedTuple):
    """What a public push is about."""

    topic: str
    market: str
    """Empty for all of them."""
    depth: int = 0
    """Levels a side that were subscribed, where a book has more than one depth."""

    def covers(self, other: Subject) -> bool:
        """Tell whether who subscribed to this gets pushes about ``other``."""
        return (
            self.topic == other.topic
            and (not self.market or not other.market or self.market == other.market)
            and self.depth == other.depth
        )


class Want(NamedTuple):
    """What a message of a client begins or ends."""

    subject: Subject
    begins: bool


class PublicTrade(NamedTuple):
    """A recorded trade."""

    market: str
    price: Decimal
    size: Decimal
    aggressor: str
    """``buy``, ``sell``, or empty where the venue does not say."""
    maker_id: str = ""
    """The resting order, where the venue names it."""


class Resting(NamedTuple):
    """An order that rests in the sandbox's venue."""

    order_id: str
    is_house: bool
    """A counterparty of ours, not the bot."""
    side: str
    price: Decimal
    remaining: Decimal


class Numbers(dict[str, int]):
    """By channel: the number of the next message to one client."""

    def skip(self, channel: str, count: int) -> None:
        """Leave out numbers: the recording lacks that many messages."""
        if channel in self:
            self[channel] += count


class Wire(Protocol):
    """A venue's frames.

    Attributes:
        book_topic: Topic of its books.
    """

    book_topic: str

    def feed(self) -> Any:
        """Return a native feed for one recorded connection."""

    def add_book(self, feed: Any, subject: Subject) -> Any:
        """Return the feed's book of ``subject``."""

    def wanted(self, message: bytes) -> Iterable[Want]:
        """Return what a client's message asks for of public data; nothing if it is about something else."""

    def subject(self, frame: bytes, books: Iterable[Subject]) -> Subject | None:
        """Return what a public push is about, ``None`` for everything else; ``books`` were subscribed with it."""

    def trades(self, frame: bytes, event: Any) -> Sequence[PublicTrade]:
        """Return the trades that a push tells of; ``event`` is what the feed made of it, for books."""

    def fresh(self, subject: Subject, book: Any, last: bytes) -> Sequence[bytes]:
        """Return what whoever subscribes now is sent first.

        Args:
            subject: What is subscribed to.
            book: Its book, synced, ``None`` if it has none.
            last: The last recorded push about it.
        """

    def numbered(self, frame: bytes, numbers: Numbers) -> bytes:
        """Return a frame as one client gets it."""

    def lost(self, frame: bytes, following: dict[str, int]) -> tuple[str, int]:
        """Return a channel, and how many of its messages are missing before this one; ``following`` is kept for it."""

    def options(self, markets: Sequence[str]) -> Any:
        """Return options of a sandbox with these markets."""

    def prepare(self, venue: Any, markets: Sequence[str]) -> None:
        """Empty the books of the sandbox's venue, and let it have these markets."""

    def resting(self, venue: Any, market: str) -> Iterable[Resting]:
        """Return the orders that rest in its book."""

    def play(self, venue: Any, command: Command) -> None:
        """Let one of its own accounts trade."""

    def mark(self, venue: Any, market: str, mid: Decimal) -> None:
        """Take note of the recorded mid price, where positions are valued by it."""
