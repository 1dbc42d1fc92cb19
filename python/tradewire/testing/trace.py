"""Everything that happened in a world, as a hash, so that two runs can be compared."""

from __future__ import annotations

import contextlib
import hashlib
import zlib
from typing import Final

__all__ = ["Trace"]

GZIP_MAGIC: Final = b"\x1f\x8b"
GZIP_WINDOW: Final = 31


class Trace:
    """Everything that happened, as a hash, so that two runs can be compared; kept whole where asked for."""

    def __init__(self, *, keeps: bool = False) -> None:
        self._hash = hashlib.blake2b(digest_size=16)
        self.lines: list[str] | None = [] if keeps else None

    def add(self, now_ns: int, source: str, data: bytes) -> None:
        """Take one event."""
        shown = data
        if data[:2] == GZIP_MAGIC:
            # What gzip makes of a message depends on its version.
            with contextlib.suppress(zlib.error):
                shown = zlib.decompress(data, GZIP_WINDOW)
        self._hash.update(b"%d %s %d " % (now_ns, source.encode(), len(shown)))
        self._hash.update(shown)
        if self.lines is not None:
            self.lines.append(f"{now_ns / 1e9:.9f} {source} {shown!r}")

    def hexdigest(self) -> str:
        """Return the hash so far."""
        return self._hash.hexdigest()
