"""Frames for a client that may read slowly: it is never cut off, it misses messages and is told how many.

Three queues of a fixed length over one socket, as in the server. Once a queue is full its messages are skipped
until the client has read what waits of it; then one message says how many were lost.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from enum import StrEnum

from tradewire.sandbox.outbox import Outbox

__all__ = ["LaggingOutbox", "Queue"]

MAX_BYTES = 256 * 1024 * 1024
"""Replies have no limit of their own in the server; this only bounds a client that never reads."""


class Queue(StrEnum):
    """What a message belongs to."""

    BOOK = "book"
    USER = "user"
    SYSTEM = "system"


class LaggingOutbox(Outbox):
    """A queue of frames that skips instead of overflowing.

    Args:
        length: Messages of one kind that may wait.

    Attributes:
        on_lag: Called with kind and number of skipped messages once the client has caught up.
    """

    def __init__(self, length: int) -> None:
        super().__init__(max_frames=10**9, max_bytes=MAX_BYTES)
        self.on_lag: Callable[[Queue, int], None] = lambda _queue, _lost: None
        self._length = length
        self._waiting: dict[Queue, int] = dict.fromkeys(Queue, 0)
        self._lost: dict[Queue, int] = dict.fromkeys(Queue, 0)
        self._kinds: deque[Queue | None] = deque()

    def put(self, frame: bytes) -> None:
        """Queue a reply; replies are never skipped."""
        self._kinds.append(None)
        super().put(frame)

    def put_of(self, queue: Queue, frame: bytes) -> None:
        """Queue a message of a kind, or skip it."""
        if self._lost[queue] or self._waiting[queue] >= self._length:
            self._lost[queue] += 1
            return
        self._waiting[queue] += 1
        self._kinds.append(queue)
        super().put(frame)

    def lag(self, queue: Queue, lost: int) -> None:
        """Pretend that ``lost`` messages of a kind were skipped."""
        self.on_lag(queue, lost)

    async def get(self) -> bytes:
        """Return the next frame as soon as there is one."""
        frame = await super().get()
        queue = self._kinds.popleft()
        if queue is not None:
            self._waiting[queue] -= 1
            lost = self._lost[queue]
            if lost and not self._waiting[queue]:
                self._lost[queue] = 0
                self.on_lag(queue, lost)
        return frame
