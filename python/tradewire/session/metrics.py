"""Counters of a stream session."""

from __future__ import annotations

import msgspec

__all__ = ["StreamMetrics"]


class StreamMetrics(msgspec.Struct, frozen=True, kw_only=True):
    """Counters since the session began; those of several sessions add up."""

    frames: int = 0
    reconnects: int = 0
    resyncs: int = 0
    checksum_failures: int = 0
    callback_errors: int = 0
    unrecognised: int = 0
    unclaimed: int = 0
    """Pushes no one watches, for instance right after an unsubscribe."""
    conflated: int = 0
    dropped: int = 0

    def __add__(self, other: StreamMetrics) -> StreamMetrics:
        return StreamMetrics(
            **{name: getattr(self, name) + getattr(other, name) for name in self.__struct_fields__}
        )
