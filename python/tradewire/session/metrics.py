"""Counters of a stream session."""

from __future__ import annotations

import msgspec

__all__ = ["StreamMetrics"]


class StreamMetrics(msgspec.Struct, frozen=True, kw_only=True):
    """Counters since the session began."""

    frames: int
    reconnects: int
    resyncs: int
    checksum_failures: int
    callback_errors: int
    unrecognised: int
    unclaimed: int
    """Pushes nobody watches, for instance right after an unsubscribe."""
    conflated: int
    dropped: int
