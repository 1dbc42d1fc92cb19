"""Channels: what can be subscribed, and how a set of them is cut into requests.

Knows the shape of a subscription, not its spelling; a venue's ``dialect`` writes the frames.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import NamedTuple

from msgspec import Struct

__all__ = ["Channel", "SubscriptionState", "Wanted", "batches"]


class Channel(NamedTuple):
    """One subscription at the venue."""

    topic: str
    """The venue's own word."""
    key: str = ""
    """Market, or asset for balances; empty for all of them."""
    depth: int = 0
    """Levels a side, for books."""

    @property
    def is_all(self) -> bool:
        """It covers every market or asset of its topic."""
        return not self.key

    def __str__(self) -> str:
        return f"{self.topic}:{self.key or '*'}"


def batches(channels: Iterable[Channel], size: int) -> Iterator[tuple[Channel, ...]]:
    """Cut ``channels`` into requests: one topic each, at most ``size`` channels, an all-channel alone.

    An all-channel goes alone because venues spell it as an empty list.
    """
    by_topic: dict[str, list[Channel]] = {}
    for channel in channels:
        if channel.is_all:
            yield (channel,)
        else:
            by_topic.setdefault(channel.topic, []).append(channel)
    for same_topic in by_topic.values():
        for start in range(0, len(same_topic), size):
            yield tuple(same_topic[start : start + size])


class SubscriptionState(Struct):
    """A channel somebody wants and where it stands."""

    is_asked: bool = False
    is_confirmed: bool = False
    is_alone: bool = False
    """Its batch was refused: ask for it by itself, so that one bad market cannot take others with it."""
    must_leave: bool = False
    """The venue did not take the last unsubscribe: a second subscription alone would bring no whole book."""
    retries: int = 0
    ask_at_ns: int = 0


class Wanted(dict[Channel, SubscriptionState]):
    """What somebody wants. Counts what every reply looks at: there may be thousands of channels.

    Args:
        is_private: Says whether a channel belongs to the account.

    Attributes:
        unasked: Those that must be asked for.
        private: How many belong to the account.
        unconfirmed: How many the venue has not confirmed on this connection.
        unconfirmed_private: How many of the account's.
    """

    def __init__(self, is_private: Callable[[Channel], bool]) -> None:
        super().__init__()
        self._is_private = is_private
        self.unasked: dict[Channel, SubscriptionState] = {}
        self.private = self.unconfirmed = self.unconfirmed_private = 0

    def add(self, channel: Channel) -> None:
        """Want a channel that is not wanted yet."""
        self[channel] = self.unasked[channel] = SubscriptionState()
        self.private += self._is_private(channel)
        self._count(channel, 1)

    def remove(self, channel: Channel) -> SubscriptionState:
        """Want a channel no longer and return where it stood."""
        state = self.pop(channel)
        self.unasked.pop(channel, None)
        self.private -= self._is_private(channel)
        self._count(channel, -(not state.is_confirmed))
        return state

    def asked(self, channel: Channel) -> None:
        """Take note that it was asked for."""
        self[channel].is_asked = True
        self.unasked.pop(channel, None)

    def confirm(self, channel: Channel) -> None:
        """Take note that the venue has confirmed it."""
        self._count(channel, -(not self[channel].is_confirmed))
        self[channel].is_confirmed = True

    def ask_again(self, channel: Channel) -> SubscriptionState:
        """Take note that it must be asked for again and return where it stands."""
        state = self.unasked[channel] = self[channel]
        self._count(channel, state.is_confirmed)
        state.is_asked = state.is_confirmed = False
        return state

    def _count(self, channel: Channel, more: int) -> None:
        self.unconfirmed += more
        self.unconfirmed_private += more if self._is_private(channel) else 0
