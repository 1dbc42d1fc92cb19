"""Frames waiting for one client, bounded: who reads too slowly is cut off, nobody's memory grows."""

from __future__ import annotations

import asyncio
from collections import deque

__all__ = ["Outbox"]

MAX_FRAMES = 4096
MAX_BYTES = 8 * 1024 * 1024


class Outbox:
    """A queue of frames; ``overflowed`` once a frame did not fit, from then on it takes none."""

    def __init__(self, max_frames: int = MAX_FRAMES, max_bytes: int = MAX_BYTES) -> None:
        self.overflowed = False
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
        else:
            self._frames.append(frame)
            self._waiting_bytes += len(frame)
        self._ready.set()

    async def get(self) -> bytes | None:
        """Return the next frame, or ``None`` once it overflowed."""
        while not self._frames and not self.overflowed:
            self._ready.clear()
            await self._ready.wait()
        if self.overflowed:
            return None
        frame = self._frames.popleft()
        self._waiting_bytes -= len(frame)
        return frame
