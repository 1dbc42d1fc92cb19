"""TrueX's part of the demo, under the newest version: books with the orders of every level, reports by drop copy."""

from __future__ import annotations

import zlib
from collections.abc import Callable, Mapping, Sequence
from decimal import Decimal
from typing import Any

import orjson

from tradewire._native import Level2Book, TruexEvent
from tradewire.cli.demo import checks
from tradewire.cli.demo.bot import Trading
from tradewire.cli.demo.oracle import Oracle
from tradewire.cli.demo.part import ScheduledFault, Stopwatch
from tradewire.cli.demo.summary import VenueReport
from tradewire.model import Market, OrderStatus
from tradewire.protocol.arguments import plain
from tradewire.session.live_order import LiveOrder
from tradewire.session.metrics import StreamMetrics
from tradewire.session.subscription import Subscription
from tradewire.session.watched_book import BookSubscription
from tradewire.signing import Credentials
from tradewire.transport.http1 import Http1Transport
from tradewire.transport.seam import HttpRequest
from tradewire.venues.truex.client import TrueX
from tradewire.venues.truex.hosts import local

__all__ = ["TrueXPart"]

SIZES = {"BTC-PYUSD": Decimal("0.01"), "ETH-PYUSD": Decimal("0.1"), "SOL-PYUSD": Decimal(1)}
SPEED = {"orders": 200.0}
"""The venue publishes no rate; a local one bears more than a client dares by itself."""
_STATUSES = {
    "ACTIVE": OrderStatus.OPEN,
    "FILLED": OrderStatus.FILLED,
    "CANCELED": OrderStatus.CANCELLED,
    "REJECTED": OrderStatus.REJECTED,
}


class TrueXPart:
    """TrueX as the demo trades it."""

    def __init__(self, facts: Mapping[str, Any], oracle: Oracle) -> None:
        self.report = VenueReport()
        self.orders: list[LiveOrder] = []
        self.stopwatch = Stopwatch()
        self.client = TrueX(
            Credentials(facts["key_id"], facts["secret"]),
            account_id=facts["client_id"],
            organization_id=facts["organization_id"],
            environment=local(facts["rest_url"], facts["ws_url"]),
            rates_per_s=SPEED,
            http=Http1Transport(on_sent=self._on_sent),
        )
        self.trading: Trading = self.client
        self.sizes: Mapping[str, Decimal] = SIZES
        self._oracle = oracle
        self._account_id: str = facts["client_id"]

    @property
    def metrics(self) -> StreamMetrics:
        """Counters of the stream."""
        return self.client.stream_metrics

    def own_streams(self) -> Sequence[Subscription[Any]]:
        """Watch orders and fills."""
        return (self.client.watch_orders(), self.client.watch_fills())

    async def register(self) -> Sequence[Market]:
        """Read the markets."""
        return [market for market in await self.client.markets() if market.symbol in self.sizes]

    def watch_book(
        self, market: str, on_update: Callable[[TruexEvent], None]
    ) -> BookSubscription[TruexEvent, Level2Book]:
        """Watch 20 levels a side."""
        return self.client.watch_book(market, on_update=on_update)

    async def check_book(self, book: Level2Book, *, make_wrong: bool) -> None:
        """Compare every level with a book the venue has told: the one of the same content, orders too.

        The venue sends no checksum and no book number; that it knows the very same book, and knows it as one
        of the latest, is what can be asked.
        """
        if not book.is_synced:
            return
        report = self.report
        if make_wrong:
            best = book.best_bid()
            if best is not None:
                book.update("buy", str(best[0]), str(best[1] + 1))
        ours = {
            side: [
                [plain(price), plain(size), str(orders)]
                for price, size, orders in book.levels(name, unsynced_ok=True)
            ]
            for side, name in (("bids", "buy"), ("asks", "sell"))
        }
        text = ":".join(part for side in ours.values() for level in side for part in level)
        report.book_checks += 1
        theirs = await self._oracle.book(symbol=book.market, checksum=zlib.crc32(text.encode()))
        if theirs is None:
            report.book_mismatches += 1
            report.problems.append(f"the venue never told our book of {book.market}")
            return
        for side, levels in ours.items():
            if levels != [[plain(Decimal(text)) for text in level] for level in theirs[side]]:
                report.book_mismatches += 1
                report.problems.append(f"{side} of {book.market} differ from the venue's")
                return

    def scheduled_faults(self) -> Sequence[ScheduledFault]:
        """Lose the connection, then lose one change of a book."""
        oracle = self._oracle
        return (
            ScheduledFault(0.3, "drops the connection", lambda: oracle.inject(kind="drop_socket")),
            ScheduledFault(
                0.6,
                "loses a change of BTC-PYUSD's book",
                lambda: oracle.inject(kind="skip_difference", market="BTC-PYUSD"),
            ),
        )

    async def quiet_down(self) -> None:
        """Stop the traffic and cancel what is open."""
        await self._oracle.pause_traffic()
        await self.client.cancel_all()

    async def compare(self) -> tuple[int, list[str]]:
        """Compare orders, fills and holdings with the venue's ledger."""
        ledger = await self._oracle.ledger(client_id=self._account_id)
        compared, differences = _compare_orders(ledger, self.orders)
        theirs = {row["asset_id"]: row for row in ledger["holdings"]["balances"]}
        for held in await self.client.holdings(account_id=self._account_id):
            compared += 1
            row = theirs.pop(held.asset_id, None)
            wanted = None if row is None else (Decimal(row["balance"]), Decimal(row["order_hold"]))
            if (held.total, held.order_hold) != wanted:
                differences.append(f"{held.asset}: we read {held.total}, the venue has {wanted}")
        differences += [f"asset {asset_id} of the venue is unknown to us" for asset_id in theirs]
        return compared, differences

    def promises(self) -> Mapping[str, int]:
        """Nothing more than for every venue."""
        return {}

    def _on_sent(self, request: HttpRequest) -> None:
        if request.method == "POST" and request.url.endswith("/orders"):
            self.stopwatch.sent(orjson.loads(request.body)["external_id"])


def _compare_orders(ledger: Mapping[str, Any], orders: Sequence[LiveOrder]) -> tuple[int, list[str]]:
    told = {
        row["id"]: checks.Told(_STATUSES[row["status"]], Decimal(row["executed_qty"]))
        for row in ledger["orders"]
    }
    fills = {}
    for row in ledger["trades"]:
        price, size, rate = (Decimal(row[name]) for name in ("trade_price", "trade_qty", "trade_fee_rate"))
        fills[row["order_id"], row["match_id"]] = (price, size, price * size * rate, row["liq_flag"])
    return checks.compare_orders(
        orders, told, fills, lambda fill: (fill.price, fill.size, fill.fee, str(fill.liquidity).upper())
    )
