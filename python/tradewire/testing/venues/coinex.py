"""CoinEx spot as the campaign sees it."""

from __future__ import annotations

from collections.abc import AsyncIterator, Collection, Mapping, Sequence
from contextlib import asynccontextmanager
from decimal import Decimal
from typing import Any, Unpack

import tradewire
from tradewire import CoinExOptions
from tradewire._native import Level2Book
from tradewire.interface import VenueClient
from tradewire.model import OrderStatus, Side
from tradewire.protocol.client_ids import restart_ids
from tradewire.sandbox import Sandbox
from tradewire.sandbox.faults import FaultKind
from tradewire.sandbox.order import Accepted, Order
from tradewire.session.lifetime import ClientOptions
from tradewire.testing.venue_setup import (
    QUOTES,
    RATE_PER_S,
    TRADER,
    Ledger,
    LedgerOrder,
    NothingMore,
    address,
    brisk,
    via,
)
from tradewire.venues.coinex import hosts
from tradewire.venues.coinex.rest.placing import new_client_order_id

__all__ = ["Setup"]


class Setup(NothingMore):
    """CoinEx spot."""

    name = "coinex"
    venue = "coinex"
    product = "spot"
    market = "BTCUSDT"
    tick = Decimal("0.01")
    first_size = Decimal("0.00100")
    size_step = Decimal("0.00001")
    window_s = 6.0
    has_size_only_amends = False
    depth = 20
    book_options: Mapping[str, Any] = {"depth": depth}
    ping_s = 0.0
    connections = 1
    order_entries: Sequence[Mapping[str, Any]] = ({},)
    lasting_faults: Collection[FaultKind] = frozenset[FaultKind]()
    # Its checksum proves a book whose time is missing, but not which one it is.
    misnumbering_faults: Collection[FaultKind] = frozenset({FaultKind.MISSING_SEQUENCE})

    def __init__(self) -> None:
        self._accepted: dict[str, Order] = {}

    @asynccontextmanager
    async def open(self, seed: int, *, rate: float = RATE_PER_S, **where: Any) -> AsyncIterator[Sandbox]:
        is_spot = self.product == "spot"
        perpetuals = () if is_spot else (self.market,)
        options = CoinExOptions(markets=(self.market,), perpetuals=perpetuals, quotes=QUOTES)
        async with Sandbox([self.venue], seed=seed, rate=rate, coinex=options, **where) as self.box:
            venue = self.box.coinex
            (venue.core if is_spot else venue.futures.core).listen(self._note, lambda market, now_ms: None)
            yield self.box

    def _note(self, event: object) -> None:
        # The venue forgets orders that were cancelled without a fill.
        if isinstance(event, Accepted) and event.order.account == TRADER:
            self._accepted[str(event.order.order_id)] = event.order

    def secrets(self) -> tuple[str, ...]:
        return (self.box.coinex.secret,)

    def restart_ids(self) -> None:
        restart_ids(new_client_order_id, "tw-0123456789abcdef")

    def target(self) -> tuple[str, int]:
        return address(self.box.coinex.rest_url)

    def client(self, rest_port: int, stream_port: int, **options: Unpack[ClientOptions]) -> VenueClient:
        venue = self.box.coinex
        return tradewire.CoinEx(
            tradewire.Credentials(venue.access_id, venue.secret),
            environment=hosts.local(via(venue.rest_url, rest_port), via(venue.ws_spot_url, stream_port)),
            **brisk(options),
        )

    def stir(self, steps: int) -> None:
        self.box.coinex.traffic.step(steps)

    def account(self) -> dict[str, Any]:
        return self.box.coinex.account(product=self.product)

    def ledger(self) -> Ledger:
        venue, found = self.box.coinex, Ledger()
        told = venue.ledger_of(venue.access_id, product=self.product)
        live = {str(row["order_id"]) for row in told["orders"] if row["status"] in {"open", "part_filled"}}
        for order_id, order in self._accepted.items():
            ended = OrderStatus.CANCELLED if order.remaining else OrderStatus.FILLED
            status = OrderStatus.OPEN if order_id in live else ended
            found.orders[order_id] = LedgerOrder(
                order_id, order.quantity, status, order.market, Side(order.side)
            )
        for row in told["deals"]:
            found.add_fill(
                str(row["order_id"]), str(row["deal_id"]), Decimal(row["price"]), Decimal(row["amount"])
            )
        return found

    def forgets(self, order: LedgerOrder) -> bool:
        return order.status is OrderStatus.CANCELLED and not order.filled_size

    def was_so(self, book: Level2Book) -> bool:
        marks = {"updated_at": book.updated_at_ms, "checksum": book.checksum & 0xFFFFFFFF}
        pushed = self.box.coinex.pushed_book(book.market, book.limit, "0", **marks, product=self.product)
        return pushed is not None and _texts(book) == (pushed["bids"], pushed["asks"])

    def is_so(self, book: Level2Book) -> bool:
        now = self.box.coinex.book(book.market, book.limit, product=self.product)
        return _texts(book) == (now["bids"], now["asks"])

    def best_prices(self) -> tuple[Decimal, Decimal]:
        now = self.box.coinex.book(self.market, 5, product=self.product)
        return Decimal(now["bids"][0][0]), Decimal(now["asks"][0][0])


def _texts(book: Level2Book) -> tuple[list[list[str]], list[list[str]]]:
    bids, asks = book.texts()
    return [list(level) for level in bids], [list(level) for level in asks]
