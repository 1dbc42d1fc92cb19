"""Frames from the venue: one gzip member holding compact JSON, sent as a binary message.

Source: the official demo, which gunzips every frame it gets, replies and pushes alike; read 2026-11-20.
"""

from __future__ import annotations

import zlib
from typing import Any

from tradewire.sandbox.documents import to_json

__all__ = ["frame", "push"]

GZIP_LEVEL = 6
GZIP_WINDOW = 31
"""Of zlib: a gzip header and trailer."""
MEMORY_LEVEL = 4
"""What zlib takes by default costs more to set up than a frame costs to pack."""


def frame(message: dict[str, Any]) -> bytes:
    """Return ``message`` as the venue sends it."""
    packer = zlib.compressobj(GZIP_LEVEL, zlib.DEFLATED, GZIP_WINDOW, MEMORY_LEVEL)
    return packer.compress(to_json(message)) + packer.flush()


def push(method: str, data: dict[str, Any]) -> bytes:
    """Return a push of topic ``method``."""
    return frame({"method": method, "data": data, "id": None})
