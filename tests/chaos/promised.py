"""What can go wrong, in the words of who asked for it, and the kinds of faults that play it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

from tradewire.testing.replies import REPLY_CHANGES

__all__ = ["MISSING", "PROMISED"]

AFTER: Final = tuple(f"http.{change}" for change in REPLY_CHANGES if change.endswith("_after"))


def _ways(*names: str) -> tuple[str, ...]:
    return tuple(f"{way}.{name}" for way in ("http", "ws") for name in names)


PROMISED: Final[Mapping[str, Sequence[str]]] = {
    "reset before, amid and after the upgrade": (*_ways("no_connection: reset", "reset"), "upgrade_refused"),
    "a stream that is cut, closed, refused or never answered": (
        *_ways("refuses", "hangs"),
        "drop_socket",
        "ws.close",
    ),
    "half-open": _ways("half_open", "hears_nothing", "says_nothing"),
    "one-byte slices": ("http.sliced",),
    "coalesced frames": _ways("coalesced"),
    "slow close": ("ws.slow_close",),
    "latency and jitter": (*_ways("late"), "rest_latency", "push_latency"),
    "bandwidth": _ways("slow"),
    "TLS, DNS and address failures": _ways(
        "no_connection: tls", "no_connection: dns", "no_connection: address"
    ),
    "HTTP 429 and 418": ("rate_limited", "remaining_headers"),
    "HTTP 5xx and HTML": ("gateway_html", "internal_error", "busy"),
    "5xx after acceptance": ("gateway_after", "error_after", "timed_out", *AFTER),
    "lost replies": (
        "lost_request",
        "lost_reply",
        "no_reply",
        "broken_reply",
        "http.cut",
        "http.reply_truncated",
    ),
    "late replies": ("late_reply",),
    "doubled replies": ("second_reply", "http.reply_twice"),
    "wrong replies": (
        "http.status_line_garbage",
        "http.continue_before_reply",
        "http.close_after_reply",
        "http.reply_chunked",
        "http.chunks_truncated",
        "ws.foreign_frame",
    ),
    "wrong encoding": (
        "http.gzip_claimed",
        "http.encoding_unknown",
        "http.reply_utf16",
        "http.reply_gzipped",
    ),
    "truncated gzip": ("http.gzip_truncated",),
    "dropped, duplicated and reordered pushes": (
        "drop_push",
        "duplicate_push",
        "reorder_push",
        "skip_difference",
    ),
    "pushes that the venue says it skipped": ("lag", "user_lag"),
    "pushes out of order at the venue": ("out_of_order", "stale_event", "early_effects"),
    "bad checksum": ("corrupt_checksum",),
    "sequence reset": ("sequence_reset",),
    "pushes without a number": ("missing_sequence",),
    "stale snapshot": ("stale_snapshot",),
    "mute but alive": ("mute_socket",),
    "ping unanswered": ("no_pong",),
    "login expiry": ("login_expired",),
    "login refused": ("login_refused",),
    "signature refused as stale": ("stale_timestamp",),
    "channels put off": ("subscription_put_off", "silent_subscription"),
    "reads that lag": ("read_lag",),
    "rows with null or new words": ("bad_row",),
    "rows of another account": ("margin_events",),
    "fill before ack": ("late_reply", "lost_ack"),
    "late and duplicated fills": ("push_latency", "duplicate_push"),
    "clock steps and drift": ("clock.step", "clock.drift", "clock_step", "clock_skew"),
    "cancellation of any await": ("bot.cancels",),
    "a callback that raises or blocks": ("bot.callback_raises", "bot.callback_blocks"),
    "close at any moment": ("bot.closes",),
}
"""Kinds by promise."""

MISSING: Final[Mapping[str, Mapping[str, str]]] = {
    "pushes that the venue says it skipped": {
        "coinex": "it numbers nothing and says nothing of what it skips"
    },
    "pushes out of order at the venue": {
        "coinex": "it pushes states, not single events",
        "truex": "a connection numbers what it sends, in order",
    },
    "bad checksum": {"exchange": "it sends none", "truex": "it sends none"},
    "stale snapshot": {"truex": "neither a number nor a checksum tells how old a whole book is"},
    "login refused": {"exchange": "its key carries no time that could be stale: what it refuses is final"},
    "signature refused as stale": {"exchange": "its requests carry no time"},
    "rows of another account": {
        "coinex-futures": "the margin account is one of spot",
        "exchange": "it has one account",
        "truex": "reports name their account",
    },
}
"""Venues and products that cannot have it, and why."""
