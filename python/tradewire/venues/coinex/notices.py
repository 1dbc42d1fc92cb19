"""What the venue announces, over the stream and when it is asked.

Source: https://docs.coinex.com/api/v2/common/ws/notice, read 2026-11-20.
"""

from __future__ import annotations

import msgspec
from msgspec import field

from tradewire.venues.coinex.shapes import Millis
from tradewire.wire import MaybeWhole, Text

__all__ = ["MAINTENANCE", "Maintenance", "NoticePush", "maintenance"]

MAINTENANCE = 101
"""The only channel of notices that the venue publishes."""
NS_PER_MS = 1_000_000


class Maintenance(msgspec.Struct, frozen=True, kw_only=True):
    """A time in which the venue, or a part of it, is not there."""

    started_at_ns: Millis = field(name="started_at")
    """Nanoseconds UTC."""
    ended_at_ns: Millis = field(name="ended_at")
    """Nanoseconds UTC."""
    scope: list[Text] = field(default_factory=list)
    """What is concerned: ``SPOT``, ``FUTURES`` (or ``PERPETUAL``), ``ALL_SITE``."""
    announce_url: Text = ""
    """Where the venue says more."""
    protection_starts_at_ns: Millis = field(name="protect_duration_start", default=0)
    """From then on only post-only orders and cancels are taken; 0 for never."""
    protection_ends_at_ns: Millis = field(name="protect_duration_end", default=0)
    """Until then; 0 for never."""


class NoticeRow(msgspec.Struct, frozen=True):
    """When the venue, or a part of it, will not be there."""

    start_time: MaybeWhole = 0
    end_time: MaybeWhole = 0
    scope: list[Text] | None = None
    protect_duration_start: MaybeWhole = 0
    protect_duration_end: MaybeWhole = 0


class NoticePush(msgspec.Struct, frozen=True):
    """``notice.update``."""

    info: NoticeRow
    channel: MaybeWhole = MAINTENANCE


def maintenance(push: NoticePush) -> Maintenance:
    """Read an announcement, in the words of ``maintenance()``."""
    info = push.info
    return Maintenance(
        started_at_ns=info.start_time * NS_PER_MS,
        ended_at_ns=info.end_time * NS_PER_MS,
        scope=info.scope or [],
        protection_starts_at_ns=info.protect_duration_start * NS_PER_MS,
        protection_ends_at_ns=info.protect_duration_end * NS_PER_MS,
    )
