"""The checksum of a book: CRC-32 over the very text of the levels.

Bids best first, then asks best first, each as ``price:amount``, all joined by colons. A venue may send it as an
unsigned number; for the others it names a book that was sent.
"""

from __future__ import annotations

import zlib
from collections.abc import Iterable, Sequence

__all__ = ["checksum_of"]


def checksum_of(bids: Iterable[Sequence[str]], asks: Iterable[Sequence[str]]) -> int:
    """Return the unsigned CRC-32 of a book as text."""
    return zlib.crc32(":".join(text for side in (bids, asks) for level in side for text in level).encode())
