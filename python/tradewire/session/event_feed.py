"""What connections tell about themselves, for whoever watches it."""

from __future__ import annotations

from collections.abc import Callable

from tradewire.protocol.channels import Channel
from tradewire.protocol.events import Event
from tradewire.session.subscription import AnySubscription, Overflow, Subscription

__all__ = ["EventFeed"]

BOUND = 1000


class EventFeed:
    """Delivers events. Its subscriptions need no connection: they are ready at once."""

    def __init__(self, callback_failed: Callable[[Channel, Exception], None]) -> None:
        self._callback_failed = callback_failed
        self._conflated = 0
        self.watchers: tuple[Subscription[Event], ...] = ()

    @property
    def conflated(self) -> int:
        """Events that gave way to newer ones before they were read."""
        return self._conflated + sum(watcher.conflated for watcher in self.watchers)

    def watch(self, on_update: Callable[[Event], None] | None = None) -> Subscription[Event]:
        """Watch events. Queue of 1000; the oldest give way and are counted."""
        watcher = Subscription[Event](
            (Channel("events"),), self, on_update=on_update, bound=BOUND, overflow=Overflow.CONFLATE
        )
        self.watchers += (watcher,)
        return watcher

    def publish(self, event: Event) -> None:
        """Deliver an event."""
        for watcher in self.watchers:
            watcher.deliver(event)

    # What a subscription asks of its owner.

    def is_confirmed(self, _: Channel, /) -> bool:
        """Say that events need no confirmation."""
        return True

    async def wait_ready(self, _: AnySubscription, /) -> None:
        """Return at once."""

    def release(self, subscription: AnySubscription, /) -> None:
        """Forget a watcher."""
        self._conflated += subscription.conflated
        self.watchers = tuple(watcher for watcher in self.watchers if watcher is not subscription)

    def callback_failed(self, channel: Channel, error: Exception, /) -> None:
        """Report what a watcher raised."""
        self._callback_failed(channel, error)
