"""The venue's ids. Its own are numbers in text, too large for a JSON number; ours have two legal shapes.

Source: the order pages of docs.truemarkets.co and the vendor's notes on ClOrdID, read 2026-11-20.
"""

from __future__ import annotations

import re
import uuid

from tradewire.errors import ConfigError
from tradewire.protocol.arguments import id_text, shown
from tradewire.protocol.client_ids import counted_ids

__all__ = ["CLIENT", "EXCHANGE", "check_client_order_id", "check_venue_id", "id_type", "new_client_order_id"]

EXCHANGE, CLIENT = "exchange", "client"
MAX_CLIENT_ID = 18
_VENUE_ID = re.compile(r"[1-9][0-9]{0,38}")
_UUID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}")
# It stands in a path, where . and .. are no names.
_SHORT = re.compile(r"(?!\.{1,2}\Z)[A-Za-z0-9._~-]{1,18}")


def _new_uuid() -> str:
    """Return all of a version-4 UUID but its last eight digits."""
    return str(uuid.uuid4())[:-8]


new_client_order_id = counted_ids(_new_uuid)


def check_client_order_id(client_order_id: object) -> str:
    """Return ``client_order_id`` if the venue takes it.

    Raises:
        ConfigError: It is neither a version-4 UUID in lower case nor 1 to 18 of ``A-Z a-z 0-9 . _ ~ -``, or is
            ``.`` or ``..``.
    """
    text = id_text("client_order_id", client_order_id)
    if _UUID.fullmatch(text) or _SHORT.fullmatch(text):
        return text
    allowed = f"a version-4 UUID in lower case or 1 to {MAX_CLIENT_ID} of A-Z a-z 0-9 . _ ~ - and not . or .."
    raise ConfigError(f"client_order_id must be {allowed}, got {shown(text)}")


def check_venue_id(name: str, order_id: object) -> str:
    """Return ``order_id`` if it can be one of the venue's.

    Raises:
        ConfigError: It is no positive whole number.
    """
    text = id_text(name, order_id)
    if _VENUE_ID.fullmatch(text):
        return text
    raise ConfigError(f"{name} must be one of the venue's numbers, got {shown(text)}")


def id_type(order_id: str | None, client_order_id: str | None) -> tuple[str, str]:
    """Return the id to ask with and whose it is. A number of ours looks like the venue's: it must be said.

    Raises:
        ConfigError: Neither or both are given, or a malformed one.
    """
    if (order_id is None) == (client_order_id is None):
        raise ConfigError("name the order by order_id or by client_order_id, one of them")
    if client_order_id is not None:
        return check_client_order_id(client_order_id), CLIENT
    return check_venue_id("order_id", order_id), EXCHANGE
