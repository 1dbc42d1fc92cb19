"""Order books and the feeds that keep them, for users and for the layers above.

The work is done in the compiled core; this is its face. Books answer in exact ``Decimal``. What is a float
says so in its name, is meant for signals, and must never be sent back to a venue.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from tradewire._native import (
    FeedEvent,
    Level2Book,
    Level3Book,
    QueuePlace,
)

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

__all__ = [
    "FeedEvent",
    "Level2Book",
    "Level3Book",
    "QueuePlace",
    "asks_numpy",
    "bids_numpy",
]


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
