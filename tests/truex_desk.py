"""Our TrueX client before a sandbox's venue, and what the venue itself knows."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from plain_truex import best
from tradewire import Credentials, TrueX
from tradewire.sandbox import Box
from tradewire.venues.truex.hosts import local

MARKET = "BTC-PYUSD"
SIZE = Decimal("0.0100")
TICK = Decimal("0.1")


def client_of(box: Box, **more: Any) -> TrueX:
    """Return a client with the default key and account; ``more`` are arguments that differ."""
    venue = box.truex
    settings: dict[str, Any] = {
        "credentials": Credentials(venue.key_id, venue.secret),
        "account_id": venue.client_id,
        "environment": local(venue.rest_url, venue.ws_url, venue.auth_url),
        "rates_per_s": {"orders": 1000.0, "account": 1000.0, "public": 1000.0},
    }
    return TrueX(**(settings | more))


def bid(box: Box) -> Decimal:
    """Return the best bid's price."""
    return best(box.truex, "bids")[0]


def ask(box: Box) -> Decimal:
    """Return the best ask's price."""
    return best(box.truex, "asks")[0]


def orders_of(box: Box) -> list[dict[str, Any]]:
    """Return the default account's orders as the venue has them, oldest first."""
    orders: list[dict[str, Any]] = box.truex.ledger_of(box.truex.client_id)["orders"]
    return orders


def second_desk(box: Box) -> str:
    """Return the id of the key's other account."""
    clients = box.truex.house.directory.clients
    return next(client_id for client_id in clients if clients[client_id].mnemonic == "second-desk")
