"""Exchange as the campaign sees it."""

from __future__ import annotations

from collections.abc import AsyncIterator, Collection, Mapping, Sequence
from contextlib import asynccontextmanager
from decimal import Decimal
from typing import Any, Unpack

import tradewire
from tradewire import ExchangeOptions
from tradewire._native import Level3Book
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
from tradewire.venues.exchange import hosts
from tradewire.venues.exchange.rest.orders import new_request_id

__all__ = ["Setup"]


class Setup(NothingMore):
    """Exchange, order by order."""

    name = "exchange"
    venue = "exchange"
    market = "ABC-USD"
    tick = Decimal(1)
    first_size = Decimal(3)
    size_step = Decimal(1)
    window_s = 10.0
    has_size_only_amends = True
    book_options: Mapping[str, Any] = {}
    ping_s = 0.0
    connections = 2
    order_entries: Sequence[Mapping[str, Any]] = ({"order_entry": "rest"}, {"order_entry": "ws"})
    # Its key carries no timestamp that might be stale: what it refuses is refused for good.
    lasting_faults: Collection[FaultKind] = frozenset({FaultKind.LOGIN_REFUSED})
    misnumbering_faults: Collection[FaultKind] = frozenset[FaultKind]()
    statuses: Mapping[str, OrderStatus] = {
        "open": OrderStatus.OPEN,
        "filled": OrderStatus.FILLED,
        "canceled": OrderStatus.CANCELLED,
    }

    @asynccontextmanager
    async def open(self, seed: int, *, rate: float = RATE_PER_S, **where: Any) -> AsyncIterator[Sandbox]:
        options = ExchangeOptions(quotes=QUOTES)
        async with Sandbox([self.name], seed=seed, rate=rate, exchange=options, **where) as self.box:
            yield self.box

    def secrets(self) -> tuple[str, ...]:
        return (self.box.exchange.api_key,)

    def restart_ids(self) -> None:
        restart_ids(new_request_id, "0123456789ab")

    def target(self) -> tuple[str, int]:
        return address(self.box.exchange.rest_url)

    def client(self, rest_port: int, stream_port: int, **options: Unpack[ClientOptions]) -> VenueClient:
        venue = self.box.exchange
        return tradewire.Exchange(
            tradewire.Token(venue.api_key),
            environment=hosts.local(via(venue.rest_url, rest_port), via(venue.ws_url, stream_port)),
            **brisk(options),
        )

    def stir(self, steps: int) -> None:
        self.box.exchange.traffic.step(steps)

    def account(self) -> dict[str, Any]:
        return self.box.exchange.account()

    def ledger(self) -> Ledger:
        told, found = self.box.exchange.ledger_of(self.box.exchange.api_key), Ledger()
        placed = {row["id"]: (row["quantity"], row["price"]) for row in told["orders"]}
        for row in told["orders"]:
            found.orders[row["id"]] = LedgerOrder(
                row["id"],
                Decimal(row["quantity"]),
                self.statuses[row["status"]],
                row["market"],
                Side(row["side"].lower()),
            )
        for row in told["fills"]:
            ids = {row["maker_order_id"], row["taker_order_id"]}
            for order_id in ids & found.orders.keys():
                found.add_fill(order_id, row["fill_id"], Decimal(row["price"]), Decimal(row["quantity"]))
                # Executions name both orders and no side: of a single one at the order's own price either fits.
                if (row["quantity"], row["price"]) == placed[order_id]:
                    found.others |= dict.fromkeys(ids - found.orders.keys(), order_id)
        return found

    def forgets(self, order: LedgerOrder) -> bool:
        # It lists open orders and fills: what was filled whole is certain, how the others ended is not.
        return order.status is not OrderStatus.OPEN and order.filled_size < order.size

    def was_so(self, book: Level3Book) -> bool:
        return _orders(book) == _told_orders(self.box.exchange.book_at(book.market, book.sequence))

    def is_so(self, book: Level3Book) -> bool:
        # Not by the book's own number, which a fault may have let start over.
        now = self.box.exchange.core.events.sequences[book.market]
        return _orders(book) == _told_orders(self.box.exchange.book_at(book.market, now))

    def best_prices(self) -> tuple[Decimal, Decimal]:
        now = self.box.exchange.book_at(self.market, self.box.exchange.core.events.sequences[self.market])
        assert now is not None
        return Decimal(now["bids"][0][1]), Decimal(now["asks"][0][1])


def _orders(book: Level3Book) -> dict[str, list[tuple[str, int, int]]]:
    return {"bids": book.orders("buy"), "asks": book.orders("sell")}


def _told_orders(told: dict[str, Any] | None) -> dict[str, list[tuple[str, int, int]]] | None:
    if told is None:
        return None
    return {side: [(order[0], order[1], order[2]) for order in told[side]] for side in ("bids", "asks")}
