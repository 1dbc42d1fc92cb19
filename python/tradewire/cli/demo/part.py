"""One venue's part of the demo: what every venue does alike, and what each must answer for itself.

Opens the streams, puts a market maker on every market, lets the venue misbehave at set times, compares books
all the while and ledgers at the end, and insists that everything the demo promises to show was seen.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable, Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from decimal import Decimal
from functools import partial
from typing import Any, NamedTuple, Protocol

from tradewire.cli import console
from tradewire.cli.demo.bot import MarketMaker, Trading
from tradewire.cli.demo.summary import VenueReport, percentile
from tradewire.model import Market
from tradewire.session.live_order import LiveOrder
from tradewire.session.metrics import StreamMetrics
from tradewire.session.subscription import Subscription

__all__ = ["Part", "ScheduledFault", "Stopwatch", "run_part"]

CHECK_EVERY_S = 0.1
SETTLE_S = 5.0
NS_PER_US = 1_000


class ScheduledFault(NamedTuple):
    """Something the venue does wrong on purpose."""

    at: float
    """Share of the trading time at which it happens."""
    words: str
    do: Callable[[], Awaitable[None]]


class Stopwatch:
    """How long after the push that caused it an order was on the socket."""

    def __init__(self) -> None:
        self.latencies_us: list[float] = []
        self._caused_at_ns: dict[str, int] = {}
        self._sent_at_ns: dict[str, int] = {}

    def caused(self, client_order_id: str, time_ns: int) -> None:
        """Note which push caused an order; on a fast lane it is on the socket by now."""
        sent_at_ns = self._sent_at_ns.pop(client_order_id, 0)
        if sent_at_ns:
            self.latencies_us.append((sent_at_ns - time_ns) / NS_PER_US)
        else:
            self._caused_at_ns[client_order_id] = time_ns

    def sent(self, client_order_id: str) -> None:
        """Note that the order is on the socket."""
        caused_at_ns = self._caused_at_ns.pop(client_order_id, 0)
        if caused_at_ns:
            self.latencies_us.append((time.time_ns() - caused_at_ns) / NS_PER_US)
        else:
            self._sent_at_ns[client_order_id] = time.time_ns()


class Part(Protocol):
    """What a venue answers for itself."""

    orders: list[LiveOrder]
    stopwatch: Stopwatch
    sizes: Mapping[str, Decimal]
    """Size of each order by market, base units."""
    trading: Trading

    @property
    def report(self) -> VenueReport:
        """What happened."""

    @property
    def client(self) -> AbstractAsyncContextManager[Any]:
        """The client, opened and closed by ``run_part``."""

    @property
    def metrics(self) -> StreamMetrics:
        """Counters of every stream together."""

    def own_streams(self) -> Sequence[Subscription[Any]]:
        """Watch the account."""

    async def register(self) -> Sequence[Market]:
        """Take stock of the account, and return the markets to trade."""

    def watch_book(self, market: str, on_update: Callable[[Any], None]) -> Any:
        """Watch a book; what is returned is ready when it is synced and has the book as ``book``."""

    async def check_book(self, book: Any, *, make_wrong: bool) -> None:
        """Compare one book with the venue's and put the result into the report."""

    def scheduled_faults(self) -> Sequence[ScheduledFault]:
        """Return what the venue is to do wrong."""

    async def quiet_down(self) -> None:
        """Stop the venue's traffic and cancel what is open."""

    async def compare(self) -> tuple[int, list[str]]:
        """Compare orders, fills and holdings; return how many were compared, and what differs, in words."""

    def promises(self) -> Mapping[str, int]:
        """Return what must have been seen: what it means if it was not, and how often it was."""


async def run_part(part: Part, *, seconds: float, make_book_wrong: bool) -> VenueReport:
    """Trade for ``seconds`` and return what happened."""
    async with part.client:
        await _trade(part, seconds, make_book_wrong=make_book_wrong)
    return part.report


async def _trade(part: Part, seconds: float, *, make_book_wrong: bool) -> None:
    def on_order(order: LiveOrder, caused_at_ns: int) -> None:
        part.orders.append(order)
        if caused_at_ns:
            part.stopwatch.caused(order.client_order_id, caused_at_ns)

    await asyncio.gather(*(stream.ready() for stream in part.own_streams()))
    makers, books = [], []
    for market in await part.register():
        maker = MarketMaker(part.trading, market, part.sizes[market.symbol], on_order)
        makers.append(maker)
        books.append(part.watch_book(market.symbol, maker.on_update))
    await asyncio.gather(*(subscription.ready() for subscription in books))
    console.talk(f"trading for {seconds:g} s on {', '.join(part.sizes)}")
    work = [
        asyncio.create_task(_misbehave(part.scheduled_faults(), seconds)),
        asyncio.create_task(_check_books(part, books, make_wrong=make_book_wrong)),
        *(
            asyncio.create_task(maker.take_now_and_then(partial(_best, subscription.book)))
            for maker, subscription in zip(makers, books, strict=True)
        ),
    ]
    await asyncio.sleep(seconds)
    await asyncio.gather(*(maker.stop() for maker in makers))
    for task in work:
        task.cancel()
    for result in await asyncio.gather(*work, return_exceptions=True):
        if isinstance(result, Exception):
            part.report.problems.append(f"{type(result).__name__}: {result}")
    await _settle(part)
    _count(part, makers)


def _best(book: Any) -> tuple[Decimal, Decimal] | None:
    bid, ask = book.best_bid(unsynced_ok=True), book.best_ask(unsynced_ok=True)
    return (bid[0], ask[0]) if book.is_synced and bid and ask else None


async def _misbehave(scheduled_faults: Sequence[ScheduledFault], seconds: float) -> None:
    passed = 0.0
    for fault in scheduled_faults:
        await asyncio.sleep(seconds * (fault.at - passed))
        passed = fault.at
        console.talk(f"the venue {fault.words}")
        await fault.do()


async def _check_books(part: Part, books: Sequence[Any], *, make_wrong: bool) -> None:
    while True:
        for subscription in books:
            await part.check_book(subscription.book, make_wrong=make_wrong)
        await asyncio.sleep(CHECK_EVERY_S)


async def _settle(part: Part) -> None:
    """Wait until nothing moves, and compare the ledgers."""
    await part.quiet_down()
    deadline = asyncio.get_running_loop().time() + SETTLE_S
    while True:
        compared, differences = await part.compare()
        if not differences or asyncio.get_running_loop().time() > deadline:
            break
        await asyncio.sleep(0.1)
    part.report.ledger_checks = compared
    part.report.ledger_mismatches = len(differences)
    part.report.problems += differences


def _count(part: Part, makers: Sequence[MarketMaker]) -> None:
    """Fill in the numbers, and insist on what the demo promises to show."""
    report, metrics, latencies_us = part.report, part.metrics, part.stopwatch.latencies_us
    report.frames = metrics.frames
    report.resyncs = metrics.resyncs
    report.reconnects = metrics.reconnects
    report.checksum_failures = metrics.checksum_failures
    report.orders_placed = sum(1 for order in part.orders if order.order_id)
    report.fills = sum(len(order.fills) for order in part.orders)
    report.tick_to_trade_us = {
        name: round(percentile(latencies_us, share), 1) for name, share in (("p50", 0.5), ("p99", 0.99))
    }
    for maker in makers:
        report.problems += maker.complaints
    promised = {
        "no book was checked": report.book_checks,
        "no order was placed": report.orders_placed,
        "no order was filled": report.fills,
        "the dropped connection was not noticed": report.reconnects,
        "no book was resynchronised": report.resyncs,
        "no tick became a trade": len(latencies_us),
        **part.promises(),
    }
    report.problems += [problem for problem, count in promised.items() if not count]
