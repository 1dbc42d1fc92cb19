"""What ``watch_book`` returns on every venue: a subscription that has the book itself."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from decimal import Decimal
from typing import Generic, Protocol, TypeVar

from tradewire.model import BookSnapshot, Level
from tradewire.protocol.channels import Channel
from tradewire.session.subscription import Overflow, Owner, Subscription

__all__ = ["Book", "BookEvent", "BookSubscription"]


class Book(Protocol):
    """What a native book of any kind answers.

    Reading raises ``NotSynced`` while the book is not proved to equal the venue's, unless ``unsynced_ok``, and when its
    last proof is older than ``max_age_ns``. Prices and sizes are exact; what is a float says so in its name.
    """

    @property
    def market(self) -> str:
        """Its market."""

    @property
    def status(self) -> str:
        """``syncing``, ``synced``, ``stale`` or ``suspect``."""

    @property
    def reason(self) -> str:
        """Why it is not synced; empty if it is."""

    @property
    def is_synced(self) -> bool:
        """It can be read."""

    @property
    def updates(self) -> int:
        """Pushes applied so far."""

    @property
    def received_at_ns(self) -> int:
        """When the last push came, UTC."""

    @property
    def age_ns(self) -> int | None:
        """How long ago it was last proved; ``None`` before the first proof."""

    def best_bid(
        self, *, unsynced_ok: bool = False, max_age_ns: int | None = None
    ) -> tuple[Decimal, Decimal] | None:
        """Return the best bid's price and size; ``None`` if there is none."""

    def best_ask(
        self, *, unsynced_ok: bool = False, max_age_ns: int | None = None
    ) -> tuple[Decimal, Decimal] | None:
        """Return the best ask's price and size; ``None`` if there is none."""

    def bids(
        self, depth: int | None = None, *, unsynced_ok: bool = False, max_age_ns: int | None = None
    ) -> Sequence[tuple[Decimal, Decimal]]:
        """Return prices and sizes, best first."""

    def asks(
        self, depth: int | None = None, *, unsynced_ok: bool = False, max_age_ns: int | None = None
    ) -> Sequence[tuple[Decimal, Decimal]]:
        """Return prices and sizes, best first."""

    def mid(self, *, unsynced_ok: bool = False, max_age_ns: int | None = None) -> Decimal | None:
        """Return the middle of the best prices; ``None`` if a side is empty."""

    def spread(self, *, unsynced_ok: bool = False, max_age_ns: int | None = None) -> Decimal | None:
        """Return the distance of the best prices; ``None`` if a side is empty."""

    def vwap(
        self, side: str, size: Decimal, *, unsynced_ok: bool = False, max_age_ns: int | None = None
    ) -> tuple[Decimal, Decimal]:
        """Return the average price of the first ``size`` of a side, and how much of it there is."""

    def size_to_price(
        self, side: str, price: Decimal, *, unsynced_ok: bool = False, max_age_ns: int | None = None
    ) -> Decimal:
        """Return the size from the best price to ``price``."""

    def mid_float(self, *, unsynced_ok: bool = False, max_age_ns: int | None = None) -> float:
        """Return ``mid`` as a float; NaN if a side is empty."""

    def micro_price_float(self, *, unsynced_ok: bool = False, max_age_ns: int | None = None) -> float:
        """Return the middle weighted by the sizes of the other side, as a float."""

    def imbalance_float(
        self, depth: int = 1, *, unsynced_ok: bool = False, max_age_ns: int | None = None
    ) -> float:
        """Return (bids - asks) / (bids + asks) over the sizes of ``depth`` levels, as a float."""


class BookEvent(Protocol):
    """What one push did to a book, on every venue."""

    @property
    def market(self) -> str:
        """Its market."""

    @property
    def change(self) -> str:
        """``snapshot``, ``delta`` or ``ignored``."""

    @property
    def reason(self) -> str:
        """Why the book is not synced; empty if it is."""

    @property
    def proved(self) -> bool:
        """The push proved the book."""

    @property
    def received_at_ns(self) -> int:
        """When it came, UTC."""

    @property
    def book(self) -> Book | None:
        """The book."""


EventT = TypeVar("EventT")
BookT = TypeVar("BookT", bound=Book, covariant=True)


class BookSubscription(Subscription[EventT], Generic[EventT, BookT]):
    """A watched book.

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
            time_ns=book.received_at_ns or time.time_ns(),
        )
