"""What ``watch_book`` returns on every venue: a subscription that has the book itself."""

from __future__ import annotations

from collections.abc import Callable
from typing import Generic, TypeVar

from tradewire.book import Book
from tradewire.model import BookSnapshot, Level
from tradewire.protocol.channels import Channel
from tradewire.session.subscription import Overflow, Owner, Subscription

__all__ = ["BookSubscription"]


EventT = TypeVar("EventT")
BookT = TypeVar("BookT", bound=Book, covariant=True)


class BookSubscription(Subscription[EventT], Generic[EventT, BookT]):
    """A watched book.

    ``event.top_changed`` says whether a push changed the best bid or ask, ``book.top()`` what they are.

    Attributes:
        book: The book itself, always as new as the last push; the same object for everybody who watches this
            market with this client. It answers only while it is synced and says why it is not.
    """

    def __init__(
        self, book: BookT, channel: Channel, owner: Owner, on_update: Callable[[EventT], None] | None
    ) -> None:
        super().__init__((channel,), owner, on_update=on_update, bound=1, overflow=Overflow.CONFLATE)
        self.book = book

    @property
    def is_synced(self) -> bool:
        """The book can be read."""
        return self.book.is_synced

    async def snapshot(self, depth: int) -> BookSnapshot:
        """Wait until the book can be read and return its best ``depth`` levels a side."""
        await self.ready()
        book = self.book
        return BookSnapshot(
            market=book.market,
            bids=tuple(Level(*level) for level in book.bids(depth)),
            asks=tuple(Level(*level) for level in book.asks(depth)),
            time_ns=book.received_at_ns,
        )
