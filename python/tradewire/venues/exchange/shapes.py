"""What Exchange's JSON is made of: its own types of members, and the rows that REST shares with the user's state.

Later generations add members and leave some out; what they change is optional here.

Source: the project's ``state.rs``, ``rest.rs`` and ``admin.rs`` at 6a38735, read 2026-11-20.
"""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, TypeAlias

import msgspec
from msgspec import field

from tradewire.errors import ConfigError
from tradewire.signing import Token
from tradewire.wire import Id, SideWord, Text, Whole, wire_type

__all__ = ["ApiKey", "ErrorBody", "OrderFields", "OrderRow", "TimeNs", "nanoseconds"]

NS_PER_S = 1_000_000_000
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_SECOND = timedelta(seconds=1)
_TIME = re.compile(
    r"([0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2})(?:\.([0-9]{1,9}))?(Z|[+-][0-9]{2}:[0-9]{2})"
)


def nanoseconds(text: object) -> int:
    """Return an RFC 3339 time with ``Z`` or an offset and 0 to 9 digits of fraction as nanoseconds UTC.

    Raises:
        ValueError: It is none.
    """
    parts = _TIME.fullmatch(text) if isinstance(text, str) else None
    try:
        seconds, digits, offset = parts.groups(default="") if parts else ("", "", "")
        at = datetime.fromisoformat(seconds + offset)
    except ValueError:
        raise ValueError(f"must be an RFC 3339 time, got {str(text)[:40]!r}") from None
    return (at - _EPOCH) // _SECOND * NS_PER_S + int(digits.ljust(9, "0"))


def _api_key(text: object) -> Token | None:
    if text is None or text == "":
        return None
    try:
        return Token(text if isinstance(text, str) else "")
    except ConfigError:
        # Without the text, which may be a key after all.
        raise ValueError("must be an API key") from None


if TYPE_CHECKING:
    TimeNs: TypeAlias = int
    ApiKey: TypeAlias = Token | None
else:
    TimeNs = wire_type("TimeNs", [int], "An RFC 3339 time; nanoseconds UTC here.", "time", nanoseconds)
    ApiKey = wire_type("ApiKey", [Token, type(None)], "A key, kept out of sight.", "str", _api_key)


class ErrorBody(msgspec.Struct, frozen=True):
    """A refusal by the venue's own handlers."""

    error: Text


class OrderFields(msgspec.Struct, frozen=True):
    """An order as REST describes it, with the names of ``OwnOrder``."""

    order_id: Id = field(name="id")
    market: Id
    side: SideWord
    price: Whole
    quantity: Whole
    remaining: Whole
    created_at_ns: TimeNs = field(name="created_at")


class OrderRow(OrderFields, frozen=True, kw_only=True):
    """The same on the wire."""

    trader_id: Id
