"""Our Exchange client as a trader of a sandbox, quick to fetch a book again and to retry."""

from __future__ import annotations

from typing import Any

from tradewire.protocol.timing import NS_PER_S, Timing
from tradewire.sandbox import Sandbox
from tradewire.signing import Token
from tradewire.venues.exchange.admin import ExchangeAdmin
from tradewire.venues.exchange.client import Exchange
from tradewire.venues.exchange.hosts import local

ABC, XYZ = "ABC-USD", "XYZ-USD"
MS = NS_PER_S // 1000
BRISK = Timing(silence_ns=None, resync_ns=20 * MS, retry_ns=20 * MS)


def client_of(box: Sandbox, api_key: Token | None, **more: Any) -> Exchange:
    """Return a client of the sandbox."""
    venue = box.exchange
    options: dict[str, Any] = {"environment": local(venue.rest_url, venue.ws_url), "timing": BRISK} | more
    return Exchange(api_key, **options)


async def open_trader(box: Sandbox, admin: ExchangeAdmin, username: str, **more: Any) -> Exchange:
    """Provision a trader and return its client."""
    profile = await admin.create_user(username)
    return client_of(box, profile.api_key, **more)


def key_of(box: Sandbox, username: str) -> str:
    """Return a trader's key as the venue has it."""
    return box.exchange.core.by_name[username].api_key


def ledger_of(box: Sandbox, username: str = "desk-7") -> dict[str, Any]:
    """Return a trader's account as the venue has it."""
    return box.exchange.ledger_of(key_of(box, username))
