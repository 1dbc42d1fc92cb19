"""Frames waiting for one client, bounded: who reads too slowly is cut off, no memory grows without bound."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable

__all__ = ["Outbox"]

MAX_FRAMES = 4096
MAX_BYTES = 8 * 1024 * 1024


class Outbox:
    """A queue of frames.

    Args:
        max_frames: How many may wait.
        max_bytes: How large all of them together may be.

    Attributes:
        overflowed: A frame did not fit; from then on none is taken.
        on_overflow: Called once when that happens.
    """

    def __init__(self, max_frames: int = MAX_FRAMES, max_bytes: int = MAX_BYTES) -> None:
        self.overflowed = False
        self.on_overflow: Callable[[], None] = lambda: None
        self._frames: deque[bytes] = deque()
        self._waiting_bytes = 0
        self._max_frames = max_frames
        self._max_bytes = max_bytes
        self._ready = asyncio.Event()

    def put(self, frame: bytes) -> None:
        """Queue ``frame``; never waits."""
        if self.overflowed:
            return
        if len(self._frames) >= self._max_frames or self._waiting_bytes + len(frame) > self._max_bytes:
            self.overflowed = True
            self.on_overflow()
            return
        self._frames.append(frame)
        self._waiting_bytes += len(frame)
        self._ready.set()

    async def get(self) -> bytes:
        """Return the next frame as soon as there is one."""
        while not self._frames:
            self._ready.clear()
            await self._ready.wait()
        frame = self._frames.popleft()
        self._waiting_bytes -= len(frame)
        return frame
