"""Frames from the venue: one gzip member holding compact JSON, sent as a binary message.

Source: the official demo, which gunzips every frame it gets, replies and pushes alike; read 2026-11-20.
"""

from __future__ import annotations

import gzip
from typing import Any

from tradewire.sandbox.documents import to_json

__all__ = ["frame", "push"]

GZIP_LEVEL = 6


def frame(message: dict[str, Any]) -> bytes:
    """Return ``message`` as the venue sends it."""
    return gzip.compress(to_json(message), GZIP_LEVEL, mtime=0)


def push(method: str, data: dict[str, Any]) -> bytes:
    """Return a push of topic ``method``."""
    return frame({"method": method, "data": data, "id": None})
