"""Frames from the venue: one gzip member holding compact JSON, sent as a binary message.

Source: the official demo, which gunzips every frame it gets, replies and pushes alike; read 2026-11-20.
"""

from __future__ import annotations

import gzip
import json
from typing import Any

__all__ = ["frame", "push"]

GZIP_LEVEL = 6


def frame(message: dict[str, Any]) -> bytes:
    """Return ``message`` as the venue sends it."""
    return gzip.compress(json.dumps(message, separators=(",", ":")).encode(), GZIP_LEVEL, mtime=0)


def push(method: str, data: dict[str, Any]) -> bytes:
    """Return a push of topic ``method``."""
    return frame({"method": method, "data": data, "id": None})
