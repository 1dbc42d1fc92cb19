"""One reader of a stream: callback or async iterator, its queue and what happens when that is full.

Knows queues and callbacks; refuses to know frames, venues and sockets.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable
from enum import StrEnum
from types import TracebackType
from typing import Any, Generic, Protocol, Self, TypeAlias, TypeVar

from tradewire._native import Inlet
from tradewire.errors import ConfigError, StreamOverflow, TradewireError
from tradewire.protocol.channels import Channel
from tradewire.session.callbacks import as_exception, check_callback

__all__ = ["Overflow", "Subscription", "inlet_of"]

ItemT = TypeVar("ItemT")


class Overflow(StrEnum):
    """What a full queue does."""

    CONFLATE = "conflate"
    """Only the newest item is kept; the ones it replaced are counted in ``conflated``."""
    END = "end"
    """What is queued is still delivered, then the iterator raises ``StreamOverflow``."""


class Owner(Protocol):
    """What a subscription asks of its session."""

    def is_confirmed(self, channel: Channel, /) -> bool:
        """Tell whether the venue has confirmed the channel."""

    def wait_ready(self, subscription: AnySubscription, /) -> Awaitable[object]:
        """Wait until ``is_ready``."""

    def release(self, subscription: AnySubscription, /) -> None:
        """Forget the subscription."""

    def callback_failed(self, channel: Channel, error: Exception, /) -> None:
        """Report what a callback raised."""


class Subscription(Generic[ItemT]):
    """What a ``watch_...`` method returns: an async iterator and an async context manager.

    Two ways to read, one of them per subscription:

    * **callback**: ``on_update`` is called in the loop iteration that read the socket. Cost: one Python call;
      nothing is queued, so nothing overflows. It must not block. What it raises is counted, reported and
      does not disturb the stream.
    * **async iterator**: ``async for``. Cost: a queue entry and a wake-up of your task. The queue is bounded;
      ``Overflow`` says what happens when it is full.

    One task may iterate at a time.

    Attributes:
        channels: What is subscribed.
        conflated: Items replaced by a newer one before they were read.
        dropped: Items lost after the queue was full; the iterator has raised or will raise.
    """

    def __init__(
        self,
        channels: tuple[Channel, ...],
        owner: Owner,
        *,
        on_update: Callable[[ItemT], None] | None = None,
        bound: int = 10_000,
        overflow: Overflow = Overflow.END,
    ) -> None:
        check_callback("on_update", on_update)
        self.channels = channels
        self.conflated = 0
        self.dropped = 0
        self._owner = owner
        self._has_queue = on_update is None
        self.inlet = Inlet(self._put, None) if on_update is None else Inlet(on_update, self._failed)
        self._bound = bound
        self._is_conflated = overflow is Overflow.CONFLATE
        self._queue: deque[ItemT] = deque()
        self._arrived = asyncio.Event()
        self._error: TradewireError | None = None
        self._is_closed = False

    def deliver(self, item: ItemT) -> None:
        """Give one item to whoever reads. Called by the session only."""
        self.inlet.deliver(item)

    @property
    def received(self) -> int:
        """Items delivered to this subscription."""
        return self.inlet.received

    def _failed(self, error: BaseException) -> None:
        self._owner.callback_failed(self.channels[0], as_exception(error))

    def _put(self, item: ItemT) -> None:
        if len(self._queue) >= self._bound:
            if self._is_conflated:
                self._queue.popleft()
                self.conflated += 1
            else:
                self.dropped += 1
                if self._error is None:
                    self.fail(StreamOverflow(str(self.channels[0]), self._bound))
                return
        self._queue.append(item)
        self._arrived.set()

    def fail(self, error: TradewireError) -> None:
        """End the subscription with ``error``, after what is queued. Called by the session only."""
        if self._error is None and not self._is_closed:
            self._error = error
            self._arrived.set()
            self._owner.release(self)

    def finish(self) -> None:
        """End the subscription without an error. Called by the session only."""
        self._is_closed = True
        self._arrived.set()

    @property
    def error(self) -> TradewireError | None:
        """Why the subscription ended by itself; ``None`` while it has not."""
        return self._error

    @property
    def is_closed(self) -> bool:
        """Nothing more will be delivered."""
        return self._is_closed or self._error is not None

    @property
    def is_ready(self) -> bool:
        """Every channel is confirmed on the present connection and the book, if any, is synced."""
        return (
            not self.is_closed
            and self.is_synced
            and all(self._owner.is_confirmed(one) for one in self.channels)
        )

    @property
    def is_synced(self) -> bool:
        """What is watched can be read. Always, except for a book in doubt."""
        return True

    async def ready(self) -> None:
        """Wait until ``is_ready``; a book can then be read. Bound the wait with ``asyncio.timeout``.

        Raises:
            TradewireError: The venue refused; the error says what to do.
            ConfigError: The subscription was closed.
        """
        while not self.is_ready:
            if self._error is not None:
                raise self._error
            if self._is_closed:
                raise ConfigError(f"{self.channels[0]} was closed before it was ready; watch it again")
            await self._owner.wait_ready(self)

    async def close(self) -> None:
        """Unsubscribe, if no one else watches the same, and end the iteration. Safe to call twice."""
        was_closed = self.is_closed
        self.finish()
        if not was_closed:
            # After ``finish``: whoever waits in ``ready`` is woken by this and must see that it is over.
            self._owner.release(self)

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.close()

    def __aiter__(self) -> Self:
        if not self._has_queue:
            raise ConfigError("a subscription with on_update has no queue; leave on_update out to iterate")
        return self

    async def __anext__(self) -> ItemT:
        while not self._queue:
            if self._error is not None:
                raise self._error
            if self._is_closed:
                raise StopAsyncIteration
            self._arrived.clear()
            await self._arrived.wait()
        return self._queue.popleft()


AnySubscription: TypeAlias = Subscription[Any]
"""One where its items do not matter; callbacks make its type invariant, so that no common type is its."""


def inlet_of(subscription: AnySubscription) -> Inlet:
    """Return where items of ``subscription`` go; by its own ``deliver`` where it has one."""
    is_usual = type(subscription).deliver is Subscription.deliver
    return subscription.inlet if is_usual else Inlet(subscription.deliver, None)
