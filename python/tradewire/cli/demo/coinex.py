"""CoinEx's part of the demo: three live books, one lost connection, one broken checksum."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from decimal import Decimal
from typing import Any

import orjson

from tradewire._native import FeedEvent, Level2Book
from tradewire.cli.demo import checks
from tradewire.cli.demo.bot import Trading
from tradewire.cli.demo.oracle import Oracle
from tradewire.cli.demo.part import ScheduledFault, Stopwatch
from tradewire.cli.demo.summary import VenueReport
from tradewire.model import Balance, Market, OrderStatus
from tradewire.session.live_order import LiveOrder
from tradewire.session.metrics import StreamMetrics
from tradewire.session.subscription import Subscription
from tradewire.session.watched_book import BookSubscription
from tradewire.signing import Credentials
from tradewire.transport.http1 import Http1Transport
from tradewire.transport.seam import HttpRequest
from tradewire.venues.coinex.client import CoinEx
from tradewire.venues.coinex.hosts import local

__all__ = ["CoinExPart", "compare_ledger"]

DEPTH = 50
STATUSES = {
    "open": OrderStatus.OPEN,
    "part_filled": OrderStatus.OPEN,
    "filled": OrderStatus.FILLED,
    "part_canceled": OrderStatus.CANCELLED,
    "canceled": OrderStatus.CANCELLED,
}
SIZES = {"BTCUSDT": Decimal("0.01"), "ETHUSDT": Decimal("0.1"), "CETUSDT": Decimal(100)}


class CoinExPart:
    """CoinEx as the demo trades it."""

    def __init__(self, facts: Mapping[str, Any], oracle: Oracle) -> None:
        self.report = VenueReport()
        self.orders: list[LiveOrder] = []
        self.stopwatch = Stopwatch()
        self.client = CoinEx(
            Credentials(facts["access_id"], facts["secret"]),
            environment=local(facts["rest_url"], facts["ws_spot_url"]),
            http=Http1Transport(on_sent=self._on_sent),
        )
        self.trading: Trading = self.client
        self.sizes: Mapping[str, Decimal] = SIZES
        self._oracle = oracle
        self._access_id: str = facts["access_id"]
        self._balances: dict[str, tuple[Decimal, Decimal]] = {}

    @property
    def metrics(self) -> StreamMetrics:
        """Counters of the stream."""
        return self.client.stream_metrics

    def own_streams(self) -> Sequence[Subscription[Any]]:
        """Watch orders, fills and balances."""
        client = self.client
        return (
            client.watch_orders(),
            client.watch_fills(),
            client.watch_balances(on_update=self._on_balance),
        )

    async def register(self) -> Sequence[Market]:
        """Read the balances, which the stream only changes."""
        for balance in await self.client.balances():
            self._on_balance(balance)
        return await self.client.markets(*self.sizes)

    def watch_book(
        self, market: str, on_update: Callable[[FeedEvent], None]
    ) -> BookSubscription[FeedEvent, Level2Book]:
        """Watch 50 levels a side."""
        return self.client.watch_book(market, depth=DEPTH, on_update=on_update)

    async def check_book(self, book: Level2Book, *, make_wrong: bool) -> None:
        """Compare every level, text for text."""
        await checks.check_levels(self._oracle, book, self.report, make_wrong=make_wrong)

    def scheduled_faults(self) -> Sequence[ScheduledFault]:
        """Lose the connection, then break a checksum."""
        oracle = self._oracle
        return (
            ScheduledFault(0.3, "drops the connection", lambda: oracle.inject(kind="drop_socket")),
            ScheduledFault(
                0.6,
                "corrupts a checksum of BTCUSDT",
                lambda: oracle.inject(kind="corrupt_checksum", market="BTCUSDT"),
            ),
        )

    async def quiet_down(self) -> None:
        """Stop the traffic and cancel what is open."""
        await self._oracle.pause_traffic()
        for market in self.sizes:
            await self.client.cancel_all(market)

    async def compare(self) -> tuple[int, list[str]]:
        """Compare orders, fills and balances."""
        ledger = await self._oracle.ledger(access_id=self._access_id)
        return compare_ledger(ledger, self.orders, self._balances)

    def promises(self) -> Mapping[str, int]:
        """The broken checksum must have been noticed."""
        return {"the corrupted checksum was not noticed": self.report.checksum_failures}

    def _on_balance(self, balance: Balance) -> None:
        self._balances[balance.asset] = (balance.available, balance.locked)

    def _on_sent(self, request: HttpRequest) -> None:
        if request.url.endswith("/v2/spot/order"):
            self.stopwatch.sent(orjson.loads(request.body)["client_id"])


def compare_ledger(
    ledger: Mapping[str, Any], orders: Sequence[LiveOrder], balances: Mapping[str, tuple[Decimal, Decimal]]
) -> tuple[int, list[str]]:
    """Compare orders, fills and balances; return how many were compared and what differs, in words."""
    compared, differences = checks.compare_orders(
        orders,
        {
            str(row["order_id"]): checks.Told(STATUSES[row["status"]], Decimal(row["filled_amount"]))
            for row in ledger["orders"]
        },
        {
            (str(row["order_id"]), str(row["deal_id"])): (
                Decimal(row["price"]),
                Decimal(row["amount"]),
                Decimal(row["fee"]),
                row["role"],
            )
            for row in ledger["deals"]
        },
        lambda fill: (fill.price, fill.size, fill.fee, str(fill.liquidity or "")),
        forgets=True,
    )
    for asset, balance in ledger["balances"].items():
        compared += 1
        wanted = (Decimal(balance["available"]), Decimal(balance["frozen"]))
        if balances.get(asset) != wanted:
            differences.append(f"{asset}: we believe {balances.get(asset)}, the venue has {wanted}")
    return compared, differences
