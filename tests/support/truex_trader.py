"""Our TrueX client before a sandbox's venue, and what the venue itself knows."""

from __future__ import annotations

import zlib
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from decimal import Decimal
from typing import Any

from support.plain_truex import best
from tradewire import Credentials, TrueX
from tradewire._native import Level2Book
from tradewire.protocol.timing import NS_PER_S, Timing
from tradewire.sandbox import Sandbox
from tradewire.sandbox.venues.truex.options import TrueXOptions
from tradewire.venues.truex.hosts import local

MARKET, ETH = "BTC-PYUSD", "ETH-PYUSD"
SIZE = Decimal("0.0100")
TICK = Decimal("0.1")
MS = NS_PER_S // 1000
BRISK = Timing(silence_ns=None, resync_ns=20 * MS, retry_ns=20 * MS)
"""Quick to fetch a book anew and to try again."""


def client_of(box: Sandbox, **more: Any) -> TrueX:
    """Return a client with the default key and account; ``more`` are arguments that differ."""
    venue = box.truex
    settings: dict[str, Any] = {
        "credentials": Credentials(venue.key_id, venue.secret),
        "account_id": venue.client_id,
        "environment": local(venue.rest_url, venue.ws_url, venue.auth_url),
        "rates_per_s": {"orders": 1000.0, "account": 1000.0, "public": 1000.0},
    }
    return TrueX(**(settings | more))


def bid(box: Sandbox) -> Decimal:
    """Return the best bid's price."""
    return best(box.truex, "bids")[0]


def ask(box: Sandbox) -> Decimal:
    """Return the best ask's price."""
    return best(box.truex, "asks")[0]


def orders_of(box: Sandbox) -> list[dict[str, Any]]:
    """Return the default account's orders as the venue has them, oldest first."""
    orders: list[dict[str, Any]] = box.truex.ledger_of(box.truex.client_id)["orders"]
    return orders


def second_client(box: Sandbox) -> str:
    """Return the id of the key's other account."""
    clients = box.truex.core.directory.clients
    return next(client_id for client_id in clients if clients[client_id].mnemonic == "second-desk")


@asynccontextmanager
async def running(rate: float, **options: Any) -> AsyncIterator[Sandbox]:
    """A sandbox of two instruments that move ``rate`` times a second."""
    settings = TrueXOptions(instruments=(MARKET, ETH), **options)
    async with Sandbox(["truex"], seed=11, rate=rate, truex=settings) as box:
        yield box
        box.truex.assert_adds_up()


def anonymous(box: Sandbox, **more: Any) -> TrueX:
    return client_of(box, credentials=None, account_id="", timing=BRISK, **more)


def was_told(box: Sandbox, book: Level2Book) -> bool:
    """Say whether the venue told this very book, levels and numbers of orders."""
    sides = [
        [[format(price.normalize(), "f"), format(size.normalize(), "f"), str(orders)] for price, size, orders in side]
        for side in (book.levels("buy"), book.levels("sell"))
    ]  # fmt: skip
    text = ":".join(part for side in sides for level in side for part in level)
    truth = box.truex.book(book.market, zlib.crc32(text.encode()))
    if truth is None:
        return False
    theirs = [[[Decimal(part) for part in level] for level in truth[side]] for side in ("bids", "asks")]
    return theirs == [[[Decimal(part) for part in level] for level in side] for side in sides]
