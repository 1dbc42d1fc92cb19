"""Order books and the feeds that keep them, for users and for the layers above.

The work is done in the compiled core; this is its face. Books answer in exact ``Decimal``. What is a float
says so in its name, is meant for signals, and must never be sent back to a venue.
"""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from typing import TYPE_CHECKING, Protocol

from tradewire._native import (
    FeedEvent,
    Level2Book,
    Level3Book,
    QueuePlace,
    Top,
)

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

__all__ = [
    "Book",
    "BookEvent",
    "FeedEvent",
    "Level2Book",
    "Level3Book",
    "QueuePlace",
    "Top",
    "asks_numpy",
    "bids_numpy",
]


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

    def top(self, *, unsynced_ok: bool = False, max_age_ns: int | None = None) -> Top:
        """Return best bid and ask, prices and sizes, each ``None`` where there is none.

        Cost: a tenth of a microsecond, and 0.25 for each ``Decimal`` when it is first read; a float 0.03.
        """

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
    def top_changed(self) -> bool:
        """The book is synced, and its best bid or ask differs in price or size from before the push, or was not synced.

        Of this push alone: whoever iterates sees the newest event only, and compares ``book.top()`` instead.
        """

    @property
    def received_at_ns(self) -> int:
        """When it came, UTC."""

    @property
    def book(self) -> Book | None:
        """The book."""


def bids_numpy(
    book: Level2Book,
    depth: int | None = None,
    *,
    unsynced_ok: bool = False,
    max_age_ns: int | None = None,
) -> NDArray[np.float64]:
    """Return the best bids as an array of floats, one row ``(price, size)`` per level, best first.

    The array is a read-only copy of the book at this moment; it does not follow later pushes. The first
    call imports numpy, which the extra ``tradewire[numpy]`` installs.

    Args:
        book: The book to read.
        depth: Most levels wanted; all of them if ``None``.
        unsynced_ok: Read the book even if it is not proved to equal the venue's.
        max_age_ns: Refuse a book whose last proof is older, nanoseconds.

    Raises:
        NotSynced: The book may be wrong, or its last proof is too old; wait for its resync or next update.
        ImportError: numpy is not installed.
    """
    return _rows(book.levels_f64("buy", depth, unsynced_ok=unsynced_ok, max_age_ns=max_age_ns))


def asks_numpy(
    book: Level2Book,
    depth: int | None = None,
    *,
    unsynced_ok: bool = False,
    max_age_ns: int | None = None,
) -> NDArray[np.float64]:
    """Return the best asks as an array of floats; the rest is as in ``bids_numpy``."""
    return _rows(book.levels_f64("sell", depth, unsynced_ok=unsynced_ok, max_age_ns=max_age_ns))


def _rows(packed: bytes) -> NDArray[np.float64]:
    import numpy as np

    return np.frombuffer(packed, dtype=np.float64).reshape(-1, 2)
