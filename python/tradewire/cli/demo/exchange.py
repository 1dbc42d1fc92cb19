"""Exchange's part of the demo: order-by-order books with every queue compared, trading over WebSocket."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping, Sequence
from decimal import Decimal
from typing import Any

import orjson

from tradewire._native import ExchangeEvent, Level3Book
from tradewire.cli.demo import checks
from tradewire.cli.demo.bot import Trading
from tradewire.cli.demo.oracle import Oracle
from tradewire.cli.demo.part import ScheduledFault, Stopwatch
from tradewire.cli.demo.sent import NotingTransport
from tradewire.cli.demo.summary import QueueReport
from tradewire.errors import RequestError
from tradewire.model import Market, OrderStatus, Side, TimeInForce
from tradewire.session.live_order import LiveOrder
from tradewire.session.metrics import StreamMetrics
from tradewire.session.subscription import Subscription
from tradewire.session.watched_book import BookSubscription
from tradewire.signing import Token
from tradewire.transport.ws import PicowsTransport
from tradewire.venues.exchange.client import Exchange
from tradewire.venues.exchange.hosts import local

__all__ = ["ExchangePart"]

SIZES = {"ABC-USD": Decimal(5), "XYZ-USD": Decimal(6)}
FEWEST_ORDERS = 500
"""Resting orders a book must have, or the demo shows less than it promises."""
SUBMIT = b'"submit_order"'
_STATUSES = {"open": OrderStatus.OPEN, "filled": OrderStatus.FILLED, "canceled": OrderStatus.CANCELLED}


class _OverWebSocket:
    """The common interface of the bot, over the WebSocket lane. The venue has neither post-only nor IOC orders."""

    def __init__(self, client: Exchange) -> None:
        self._client = client
        self._under_way: set[asyncio.Task[None]] = set()

    def send_order(
        self,
        market: str,
        side: Side | str,
        size: Decimal,
        price: Decimal | None = None,
        *,
        time_in_force: TimeInForce | str = TimeInForce.GTC,
        post_only: bool = False,  # noqa: ARG002 - the bot's wish; the price it quotes does not cross
        client_order_id: str | None = None,
    ) -> LiveOrder:
        order = self._client.send_order(
            market, side, size, price, client_order_id=client_order_id, order_entry="ws"
        )
        if time_in_force is TimeInForce.IOC:
            task = asyncio.ensure_future(self._leave_nothing(order))
            self._under_way.add(task)
            task.add_done_callback(self._under_way.discard)
        return order

    async def cancel_order(self, market: str, order_id: str) -> object:
        return await self._client.cancel_order(market, order_id, order_entry="ws")

    async def _leave_nothing(self, order: LiveOrder) -> None:
        try:
            await order
            if not order.status.is_final:
                await self.cancel_order(order.market, order.order_id)
        except RequestError:
            # Refused, or gone already; what is unknown is being looked for.
            return


class ExchangePart:
    """Exchange as the demo trades it."""

    def __init__(self, facts: Mapping[str, Any], oracle: Oracle) -> None:
        self.report = QueueReport()
        self.orders: list[LiveOrder] = []
        self.stopwatch = Stopwatch()
        self.client = Exchange(
            Token(facts["api_key"]),
            environment=local(facts["rest_url"], facts["ws_url"]),
            ws=NotingTransport(PicowsTransport(), self._on_sent),
        )
        self.trading: Trading = _OverWebSocket(self.client)
        self.sizes: Mapping[str, Decimal] = SIZES
        self._oracle = oracle
        self._api_key: str = facts["api_key"]

    @property
    def metrics(self) -> StreamMetrics:
        """Counters of all connections together."""
        return self.client.stream_metrics

    def own_streams(self) -> Sequence[Subscription[Any]]:
        """Watch orders, fills and positions."""
        return (self.client.watch_orders(), self.client.watch_fills(), self.client.watch_positions())

    async def register(self) -> Sequence[Market]:
        """Wait until the account is known."""
        await self.client.account_ready()
        return [market for market in await self.client.markets() if market.symbol in self.sizes]

    def watch_book(
        self, market: str, on_update: Callable[[ExchangeEvent], None]
    ) -> BookSubscription[ExchangeEvent, Level3Book]:
        """Watch every order."""
        return self.client.watch_book(market, on_update=on_update)

    async def check_book(self, book: Level3Book, *, make_wrong: bool) -> None:
        """Compare every order and its place in the queue with the venue's book as of the same sequence."""
        if not book.is_synced:
            return
        report, sequence = self.report, book.sequence
        if make_wrong:
            order_id, _, remaining = book.orders("buy")[0]
            book.update(order_id, remaining + 1)
        ours = {"bids": book.orders("buy", unsynced_ok=True), "asks": book.orders("sell", unsynced_ok=True)}
        count = len(ours["bids"]) + len(ours["asks"])
        report.fewest_resting_orders = min(report.fewest_resting_orders or count, count)
        report.book_checks += 1
        report.queue_checks += 1
        theirs = await self._oracle.book(market=book.market, sequence=sequence)
        if theirs is None:
            report.book_mismatches += 1
            report.problems.append(f"the venue does not remember {book.market} as of {sequence}")
            return
        for side, orders in ours.items():
            told = [tuple(row) for row in theirs[side]]
            if sorted(orders) != sorted(told):
                report.book_mismatches += 1
                report.problems.append(f"{side} of {book.market} as of {sequence} differ from the venue's")
                return
            if orders != told:
                report.queue_mismatches += 1
                report.problems.append(
                    f"the queues of {book.market} as of {sequence} differ from the venue's"
                )
                return

    def scheduled_faults(self) -> Sequence[ScheduledFault]:
        """Lose every connection, then lose one change of a book."""
        oracle = self._oracle
        return (
            ScheduledFault(0.3, "drops the connections", lambda: oracle.inject(kind="drop_socket")),
            ScheduledFault(
                0.6,
                "loses a change of ABC-USD's book",
                lambda: oracle.inject(kind="skip_difference", market="ABC-USD"),
            ),
        )

    async def quiet_down(self) -> None:
        """Stop the traffic and cancel what is open."""
        await self._oracle.pause_traffic()
        for market in self.sizes:
            await self.client.cancel_all(market, order_entry="ws")

    async def compare(self) -> tuple[int, list[str]]:
        """Compare orders, fills, positions and profit with the venue's ledger."""
        ledger = await self._oracle.ledger(api_key=self._api_key)
        compared, differences = _compare_orders(ledger, self.orders)
        theirs = {row["market"]: row for row in ledger["positions"]}
        realized = unrealized = 0
        for market in self.sizes:
            position, row = self.client.position(market), theirs.get(market)
            compared += 1
            ours = (position.size, position.average_price, position.realized_pnl)
            wanted: tuple[Any, ...] = (0, None, 0)
            if row is not None:
                wanted = (row["net_quantity"], row["average_entry_price"], row["realized_pnl"])
            if ours != wanted:
                differences.append(f"position in {market}: we believe {ours}, the venue has {wanted}")
            realized += int(position.realized_pnl)
            book = self.client.watch_book(market).book
            bid, ask = book.best_ticks(unsynced_ok=True)[::2]
            unrealized += int(position.unrealized_pnl((bid + ask) // 2))
        [own] = [row for row in await self.client.leaderboard() if row.username == "trader"]
        compared += 1
        if (own.realized_pnl, own.unrealized_pnl) != (realized, unrealized):
            theirs_pnl = (own.realized_pnl, own.unrealized_pnl)
            differences.append(f"profit: we believe {(realized, unrealized)}, the venue has {theirs_pnl}")
        return compared, differences

    def promises(self) -> Mapping[str, int]:
        """The books must have been large."""
        return {
            f"a book had fewer than {FEWEST_ORDERS} orders": max(
                0, self.report.fewest_resting_orders - FEWEST_ORDERS + 1
            ),
            "no queue was compared": self.report.queue_checks,
        }

    def _on_sent(self, frame: bytes) -> None:
        if SUBMIT in frame:
            self.stopwatch.sent(orjson.loads(frame)["request_id"])


def _compare_orders(ledger: Mapping[str, Any], orders: Sequence[LiveOrder]) -> tuple[int, list[str]]:
    told = {
        row["id"]: checks.Told(_STATUSES[row["status"]], Decimal(row["quantity"] - row["remaining"]))
        for row in ledger["orders"]
    }
    # A trade of two orders of ours is a fill of both.
    fills = {
        (order_id, row["fill_id"]): (row["price"], row["quantity"])
        for row in ledger["fills"]
        for order_id in (row["maker_order_id"], row["taker_order_id"])
        if order_id in told
    }
    return checks.compare_orders(orders, told, fills, lambda fill: (fill.price, fill.size))
