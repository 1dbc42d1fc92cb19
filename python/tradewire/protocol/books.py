"""The books of one connection: which are in doubt, which must be fetched again now, and which never come. Sans-IO."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from msgspec import Struct

from tradewire._native import Pulse
from tradewire.protocol.channels import Channel
from tradewire.protocol.dialect import Dialect, Feed, FrameEvent
from tradewire.protocol.health import BookHealth, Phase
from tradewire.protocol.timing import Timing

__all__ = ["NO_SNAPSHOT", "SEQUENCE_GAP", "Books", "Due"]

# Reasons of the native feeds that ask for more than doubt in one book.
RESYNC_REQUIRED = "resync_required"
SEQUENCE_GAP = "sequence_gap"
NO_SNAPSHOT = "no_snapshot"


class Due(Struct, frozen=True):
    """A book that must be fetched again."""

    channel: Channel
    reason: str
    missing: int
    """Subscriptions in a row that brought no book; 0 where it is in doubt for another reason."""
    is_hopeless: bool
    """None has ever come for long enough: there may be no such market."""


class Books:
    """The health of every wanted book.

    Args:
        feed: Owns the books.
        dialect: Says which channels feed one, and what a quiet one means.
        timing: Every deadline.
        is_asked: Returns whether a channel is subscribed: nothing is due of one that is not.
    """

    def __init__(
        self, feed: Feed[Any], dialect: Dialect, timing: Timing, is_asked: Callable[[Channel], bool]
    ) -> None:
        self._feed = feed
        self._dialect = dialect
        self._timing = timing
        self._is_asked = is_asked
        self.health: dict[str, BookHealth] = {}
        self.pulses: dict[str, Pulse] = {}
        """By market. Most pushes prove their book and say nothing else: no more is asked of theirs than this."""
        self._channels: dict[str, Channel] = {}

    def add(self, channel: Channel) -> None:
        """Keep the book of ``channel``, if it feeds one."""
        if self._dialect.is_book(channel):
            health = BookHealth(self._timing, self._dialect.book_silence_ns)
            self.health[channel.key], self.pulses[channel.key] = health, health.pulse
            self._channels[channel.key] = channel

    def remove(self, channel: Channel) -> None:
        """Keep it no longer."""
        if self._dialect.is_book(channel):
            self.health.pop(channel.key, None)
            self.pulses.pop(channel.key, None)
            self._channels.pop(channel.key, None)

    def lost(self) -> None:
        """The connection is gone."""
        for health in self.health.values():
            health.lost()
        self._feed.disconnected()

    def asked(self, channel: Channel, now_ns: int) -> None:
        """A subscription was sent: a whole book is expected."""
        if self._dialect.is_book(channel) and channel.key in self.health:
            self._feed.resync(channel.key, NO_SNAPSHOT)
            self.health[channel.key].asked(now_ns)

    def take(self, news: FrameEvent, now_ns: int) -> bool:
        """Take a push of a book and return whether one is in doubt since."""
        health = self.health.get(news.market)
        if health is None:
            return False
        reason = news.reason
        if self._dialect.shares_sequence and (reason == SEQUENCE_GAP or news.message):
            # A snapshot proves its own book and may still show that others missed something.
            self.mark_all_suspect(SEQUENCE_GAP, now_ns)
            return True
        if news.change == "ignored" and reason != RESYNC_REQUIRED:
            health.ignored(now_ns)
            if health.phase is not Phase.SUSPECT:
                return False
            self._feed.resync(news.market, health.reason)
            return True
        if not reason:
            health.proved(now_ns)
            return False
        health.mark_suspect(reason, now_ns)
        return True

    def mark_all_suspect(self, reason: str, now_ns: int) -> None:
        """Doubt every book."""
        for health in self.health.values():
            health.mark_suspect(reason, now_ns)

    def deadlines_ns(self) -> Iterator[int]:
        """Return when books become due."""
        for market, health in self.health.items():
            deadline_ns = health.deadline_ns()
            if deadline_ns is not None and self._is_asked(self._channels[market]):
                yield deadline_ns

    def due(self, now_ns: int) -> Iterator[Due]:
        """Return the books that are due now."""
        for market, health in list(self.health.items()):
            channel = self._channels[market]
            reason = health.due(now_ns) if self._is_asked(channel) else ""
            if reason:
                missing = health.missing_snapshots if reason == NO_SNAPSHOT else 0
                is_hopeless = not health.was_verified and missing >= self._timing.snapshot_attempts
                yield Due(channel, reason, missing, is_hopeless)

    def resynced(self, due: Due, now_ns: int) -> None:
        """Empty a book that is being fetched again."""
        self._feed.resync(due.channel.key, due.reason)
        self.health[due.channel.key].resynced(now_ns)
