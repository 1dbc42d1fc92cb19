"""What a reply says about pace: when to come back, and what is left. Sans-IO; a venue only names its headers."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from msgspec import Struct

__all__ = ["BANNED", "MAX_RETRY_AFTER_S", "PaceHeaders", "http_date_s", "remaining", "retry_after_s"]

BANNED = 418
"""The status by which venues say that an address or key is shut out for a while, after too many 429."""
MAX_RETRY_AFTER_S = 86_400.0
"""A longer wait is not believed."""

MAX_COUNT_DIGITS = 18
_SECONDS = r"[0-9]{1,12}(\.[0-9]{1,9})?"


class PaceHeaders(Struct, frozen=True):
    """The venue's names, in lower case, for what is left."""

    remaining: str = ""
    """Tokens left in the request's rate group."""
    long_periods: Sequence[str] = ()
    """Requests left in quotas of hours, one header each."""


def remaining(headers: Mapping[str, str], name: str) -> float | None:
    """Return the count in header ``name``, ``None`` if there is none to read."""
    text = headers.get(name, "").strip()
    return float(text) if text.isascii() and text.isdecimal() and len(text) <= MAX_COUNT_DIGITS else None


def retry_after_s(headers: Mapping[str, str], now_s: float) -> float | None:
    """Return the seconds a reply asks to wait, ``None`` if it says nothing that can be read.

    Args:
        headers: Of the reply, names in lower case.
        now_s: The venue's time, seconds UTC: a date is judged by the reply's own ``Date``, or else by this.
    """
    text = headers.get("retry-after", "").strip()
    if re.fullmatch(_SECONDS, text):
        return min(float(text), MAX_RETRY_AFTER_S)
    until = http_date_s(text)
    if until is None:
        return None
    sent = http_date_s(headers.get("date", ""))
    return min(max(0.0, until - (now_s if sent is None else sent)), MAX_RETRY_AFTER_S)


def http_date_s(text: str) -> float | None:
    """Return an HTTP date as seconds UTC."""
    # Few replies ask to wait, and hardly any with a date.
    from datetime import UTC, datetime
    from email.utils import parsedate_to_datetime

    try:
        moment: datetime = parsedate_to_datetime(text)
        return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp()
    except (ValueError, OverflowError, OSError, TypeError, IndexError):
        return None
