"""TrueX as the campaign sees it."""

from __future__ import annotations

import zlib
from collections.abc import AsyncIterator, Collection, Mapping, Sequence
from contextlib import asynccontextmanager
from decimal import Decimal
from typing import Any, Final, TypeAlias, Unpack

import tradewire
from tradewire import TrueXOptions
from tradewire._native import Level2Book
from tradewire.interface import VenueClient
from tradewire.model import OrderStatus, Side
from tradewire.protocol.client_ids import restart_ids
from tradewire.sandbox import Sandbox
from tradewire.sandbox.faults import FaultKind
from tradewire.session.lifetime import ClientOptions
from tradewire.testing.venue_setup import (
    QUOTES,
    RATE_PER_S,
    Ledger,
    LedgerOrder,
    NothingMore,
    address,
    brisk,
    via,
)
from tradewire.venues.truex import hosts
from tradewire.venues.truex.connection import PING_S
from tradewire.venues.truex.ids import new_client_order_id

__all__ = ["Setup"]

Level: TypeAlias = tuple[str, str, str]
RATES_PER_S: Final = {"orders": 25.0, "account": 25.0, "public": 100.0}
"""Signed requests that may leave within a second, twice this with what was saved up, are what the sandbox takes."""


class Setup(NothingMore):
    """TrueX."""

    name = "truex"
    venue = "truex"
    market = "BTC-PYUSD"
    tick = Decimal("0.1")
    first_size = Decimal("0.0010")
    size_step = Decimal("0.0001")
    window_s = 16.0
    has_size_only_amends = False
    book_options: Mapping[str, Any] = {}
    ping_s = PING_S
    connections = 1
    order_entries: Sequence[Mapping[str, Any]] = ({},)
    # Neither a number nor a checksum tells how old a whole book is.
    lasting_faults: Collection[FaultKind] = frozenset({FaultKind.STALE_SNAPSHOT})
    misnumbering_faults: Collection[FaultKind] = frozenset[FaultKind]()
    ends: Mapping[str, OrderStatus] = {
        "FILLED": OrderStatus.FILLED,
        "CANCELED": OrderStatus.CANCELLED,
        "REJECTED": OrderStatus.REJECTED,
    }

    @asynccontextmanager
    async def open(self, seed: int, *, rate: float = RATE_PER_S, **where: Any) -> AsyncIterator[Sandbox]:
        options = TrueXOptions(
            instruments=(self.market,), max_open_orders=1000, requests_per_s=100, quotes=QUOTES
        )
        async with Sandbox([self.name], seed=seed, rate=rate, truex=options, **where) as self.box:
            yield self.box

    def secrets(self) -> tuple[str, ...]:
        return (self.box.truex.secret,)

    def restart_ids(self) -> None:
        restart_ids(new_client_order_id, "01234567-89ab-4cde-8f01-2345")

    def target(self) -> tuple[str, int]:
        return address(self.box.truex.rest_url)

    def client(self, rest_port: int, stream_port: int, **options: Unpack[ClientOptions]) -> VenueClient:
        venue = self.box.truex
        return tradewire.TrueX(
            tradewire.Credentials(venue.key_id, venue.secret),
            account_id=venue.client_id,
            organization_id=venue.organization_id,
            environment=hosts.local(
                via(venue.rest_url, rest_port), via(venue.ws_url, stream_port), venue.auth_url
            ),
            rates_per_s=RATES_PER_S,
            **brisk(options),
        )

    def stir(self, steps: int) -> None:
        self.box.truex.traffic.step(steps)

    def account(self) -> dict[str, Any]:
        return self.box.truex.account()

    def ledger(self) -> Ledger:
        told, found = self.box.truex.ledger_of(self.box.truex.client_id), Ledger()
        for row in told["orders"]:
            info, status = row["order_info"], self.ends.get(row["status"], OrderStatus.OPEN)
            found.orders[row["id"]] = LedgerOrder(
                row["id"], Decimal(info["qty"]), status, self.market, Side(info["side"].lower())
            )
        for row in told["trades"]:
            price, size = Decimal(row["trade_price"]), Decimal(row["trade_qty"])
            found.add_fill(row["order_id"], row["match_id"], price, size)
        return found

    def forgets(self, order: LedgerOrder) -> bool:
        return False

    def was_so(self, book: Level2Book) -> bool:
        levels = _texts(book)
        text = ":".join(part for side in levels for level in side for part in level)
        told = self.box.truex.book(book.market, zlib.crc32(text.encode()))
        return told is not None and levels == _shown(told)

    def is_so(self, book: Level2Book) -> bool:
        now = self.box.truex.book(book.market)
        return now is not None and _texts(book) == _shown(now)

    def best_prices(self) -> tuple[Decimal, Decimal]:
        now = self.box.truex.book(self.market)
        assert now is not None
        return Decimal(now["bids"][0][0]), Decimal(now["asks"][0][0])


def _texts(book: Level2Book) -> tuple[list[Level], list[Level]]:
    """Return the book in the text that was sent, with the number of orders of each level."""
    bids, asks = (
        [(price, size, str(level[2])) for (price, size), level in zip(texts, book.levels(side), strict=True)]
        for side, texts in zip(("buy", "sell"), book.texts(), strict=True)
    )
    return bids, asks


def _shown(told: Mapping[str, Any]) -> tuple[list[Level], list[Level]]:
    bids, asks = ([(price, size, orders) for price, size, orders in told[side]] for side in ("bids", "asks"))
    return bids, asks
