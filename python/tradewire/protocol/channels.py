"""Channels: what can be subscribed, and how a set of them is cut into requests.

Knows the shape of a subscription, not its spelling; a venue's ``dialect`` writes the frames.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import NamedTuple

__all__ = ["Channel", "SubscriptionState", "batches"]


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


@dataclass(slots=True)
class SubscriptionState:
    """A channel somebody wants and where it stands."""

    is_asked: bool = False
    is_confirmed: bool = False
    is_alone: bool = False
    """Its batch was refused: ask for it by itself, so that one bad market cannot take others with it."""
    must_leave: bool = False
    """The venue did not take the last unsubscribe: a second subscription alone would bring no whole book."""
    retries: int = 0
    ask_at_ns: int = 0
