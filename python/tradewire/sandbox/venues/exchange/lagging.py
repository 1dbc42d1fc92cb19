"""Frames for a client that may read slowly: it is never cut off, it misses messages and is informed how many.

Each kind of message has a queue of a fixed length over one socket, as in the server. When one is full its oldest
message is lost; once the client has read up to there, one message says how many were. What a message looks like,
and whether it concerns the client at all, is decided when its turn comes.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from enum import StrEnum
from itertools import count
from typing import TypeAlias

from tradewire.sandbox.outbox import Outbox

__all__ = ["LaggingOutbox", "Queue", "Render"]

MAX_REPLY_BYTES = 64 * 1024 * 1024
"""Replies have no limit of their own in the server; this bounds a client that asks and never reads."""

Render: TypeAlias = Callable[[], bytes | None]


class Queue(StrEnum):
    """What a message belongs to."""

    REPLY = "reply"
    BOOK = "book"
    USER = "user"
    SYSTEM = "system"


class LaggingOutbox(Outbox):
    """A queue of frames that loses some instead of overflowing.

    Args:
        length: Messages of one kind that may wait.

    Attributes:
        on_lag: Called with kind and number of lost messages when the client has read up to the gap; returns
            what to send it, if anything.
    """

    def __init__(self, length: int) -> None:
        super().__init__()
        self.on_lag: Callable[[Queue, int], bytes | None] = lambda _queue, _lost: None
        self._length = length
        self._queues: dict[Queue, deque[tuple[int, Render]]] = {queue: deque() for queue in Queue}
        self._lost: dict[Queue, int] = dict.fromkeys(Queue, 0)
        self._order = count()
        self._reply_bytes = 0

    def put(self, frame: bytes) -> None:
        """Queue a reply; replies are never lost."""
        if self.overflowed:
            return
        self._reply_bytes += len(frame)
        if self._reply_bytes > MAX_REPLY_BYTES:
            self.overflowed = True
            self.on_overflow()
            return
        self._append(Queue.REPLY, lambda: frame)

    def put_of(self, queue: Queue, render: Render) -> None:
        """Queue a message of a kind, whoever it concerns; ``render`` returns it, or nothing to send."""
        waiting = self._queues[queue]
        if len(waiting) >= self._length:
            waiting.popleft()
            self._lost[queue] += 1
        self._append(queue, render)

    def discard(self, queue: Queue) -> None:
        """Drop what waits of a kind, and that some of it was lost."""
        self._queues[queue].clear()
        self._lost[queue] = 0

    async def get(self) -> bytes:
        """Return the next frame as soon as there is one."""
        while True:
            while not any(self._queues.values()):
                self._ready.clear()
                await self._ready.wait()
            if frame := self._next():
                return frame

    def _append(self, queue: Queue, render: Render) -> None:
        self._queues[queue].append((next(self._order), render))
        self._ready.set()

    def _next(self) -> bytes | None:
        """Take the frame in front, or what must be sent before it; nothing if there is nothing to send."""
        queue = min((queue for queue in Queue if self._queues[queue]), key=lambda one: self._queues[one][0])
        if lost := self._lost[queue]:
            self._lost[queue] = 0
            return self.on_lag(queue, lost)
        frame = self._queues[queue].popleft()[1]()
        if queue is Queue.REPLY and frame:
            self._reply_bytes -= len(frame)
        return frame
