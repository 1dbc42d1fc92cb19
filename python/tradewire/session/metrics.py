"""Counters of a stream session."""

from __future__ import annotations

import msgspec

__all__ = ["StreamMetrics"]


class StreamMetrics(msgspec.Struct, frozen=True, kw_only=True):
    """Counters since the session began; those of several sessions add up."""

    frames: int = 0
    """Frames received."""
    reconnects: int = 0
    """Connections that were lost and made again."""
    resyncs: int = 0
    """Books that were fetched again."""
    checksum_failures: int = 0
    """Pushes whose checksum was not the book's."""
    callback_errors: int = 0
    """Callbacks of the caller that raised."""
    unrecognised: int = 0
    """Frames without a known meaning; each was an event."""
    unclaimed: int = 0
    """Pushes no one watches, for instance right after an unsubscribe."""
    conflated: int = 0
    """Items replaced by a newer one in a full queue that keeps the latest."""
    dropped: int = 0
    """Items that a full queue could not hold."""

    def __add__(self, other: StreamMetrics) -> StreamMetrics:
        return StreamMetrics(
            **{name: getattr(self, name) + getattr(other, name) for name in self.__struct_fields__}
        )
