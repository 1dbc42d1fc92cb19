"""Which subscriptions an item goes to.

An item of a market goes to those who watch that market and to those who watch all markets of the topic.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from tradewire._native import Inlet
from tradewire.protocol.channels import Channel
from tradewire.protocol.dialect import FrameEvent
from tradewire.session.subscription import AnySubscription, inlet_of

__all__ = ["Routes"]


class Routes:
    """Subscriptions by topic and key, and by channel.

    Answers are tuples kept until subscriptions change, so that reading costs a look-up and a callback may
    subscribe or unsubscribe while an item is being delivered.

    Args:
        push_name: Returns the topic that pushes of a channel carry.
    """

    def __init__(self, push_name: Callable[[Channel], str]) -> None:
        self._push_name = push_name
        self._by_channel: dict[Channel, list[AnySubscription]] = {}
        self._by_key: dict[tuple[str, str], tuple[AnySubscription, ...]] = {}
        self.inlets: dict[str, tuple[Inlet, ...]] = {}
        """Where the pushes of a market's book go: to those whom ``of_book`` has named since the last change."""

    def add(self, subscription: AnySubscription) -> None:
        """Route the subscription's channels to it."""
        for channel in subscription.channels:
            self._by_channel.setdefault(channel, []).append(subscription)
        self._forget()

    def remove(self, subscription: AnySubscription) -> list[Channel]:
        """Stop routing to it and return the channels no one watches any more."""
        unwatched = []
        for channel in subscription.channels:
            watchers = self._by_channel.get(channel, [])
            if subscription in watchers:
                watchers.remove(subscription)
                if not watchers:
                    del self._by_channel[channel]
                    unwatched.append(channel)
        self._forget()
        return unwatched

    def on(self, channel: Channel) -> Sequence[AnySubscription]:
        """Return who watches exactly ``channel``."""
        return tuple(self._by_channel.get(channel, ()))

    def of(self, topic: str, key: str) -> tuple[AnySubscription, ...]:
        """Return who gets an item of the push ``topic`` and of ``key``."""
        watchers = self._by_key.get((topic, key))
        if watchers is None:
            watchers = tuple(
                subscription
                for channel, subscriptions in self._by_channel.items()
                if channel.key in (key, "") and self._push_name(channel) == topic
                for subscription in subscriptions
            )
            if watchers:
                self._by_key[topic, key] = watchers
        return watchers

    def of_book(self, event: FrameEvent) -> tuple[AnySubscription, ...]:
        """Return who gets the push of a book. A market has one book, so its name is enough after the first."""
        watchers = self.of(event.topic, event.market)
        if watchers:
            self.inlets[event.market] = tuple(map(inlet_of, watchers))
        return watchers

    def _forget(self) -> None:
        self._by_key.clear()
        self.inlets.clear()

    def channels(self) -> list[Channel]:
        """Return every channel somebody watches."""
        return list(self._by_channel)

    def subscriptions(self) -> list[AnySubscription]:
        """Return every subscription once."""
        return list(dict.fromkeys(one for several in self._by_channel.values() for one in several))
