"""The checksum of a book: CRC-32 over the very text of the levels.

Bids best first, then asks best first, each as ``price:amount``, all joined by colons. CoinEx sends it
(docs.coinex.com/api/v2/spot/market/ws/market-depth, read 2026-11-20) as an unsigned number; for other venues
it names a book that was pushed.
"""

from __future__ import annotations

import zlib
from collections.abc import Iterable, Sequence

__all__ = ["checksum_of"]


def checksum_of(bids: Iterable[Sequence[str]], asks: Iterable[Sequence[str]]) -> int:
    """Return the unsigned CRC-32 of a book as text."""
    return zlib.crc32(":".join(text for side in (bids, asks) for level in side for text in level).encode())
