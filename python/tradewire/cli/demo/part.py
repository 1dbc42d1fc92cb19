"""One venue's part of the demo.

Opens the streams, puts a market maker on every market, lets the venue misbehave at set times, compares books
all the while and ledgers at the end, and insists that everything the demo promises to show was seen.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from decimal import Decimal
from functools import partial
from types import SimpleNamespace
from typing import Any, NamedTuple

from tradewire._native import Level2Book, Level3Book
from tradewire.book import Book
from tradewire.cli.demo import checks
from tradewire.cli.demo.bot import MarketMaker
from tradewire.cli.demo.checks import BookCheck, Differences
from tradewire.cli.demo.oracle import Oracle
from tradewire.cli.demo.sent import NotingTransport
from tradewire.cli.demo.stopwatch import Stopwatch
from tradewire.cli.demo.summary import PositionReport, QueueReport, VenueReport, percentile
from tradewire.cli.demo.track import Track
from tradewire.cli.demo.view import View
from tradewire.description import DemoPlan, Product
from tradewire.interface import VenueClient
from tradewire.model import Balance, Market
from tradewire.session.live_order import LiveOrder
from tradewire.session.subscription import Subscription
from tradewire.session.watched_book import BookSubscription
from tradewire.transport.http1 import Http1Transport
from tradewire.transport.ws import PicowsTransport

__all__ = ["Part"]

CHECK_EVERY_S = 0.1
SETTLE_S = 5.0
DROP_AT, BREAK_AT = 0.3, 0.6
"""Shares of the trading time at which the venue misbehaves."""


class ScheduledFault(NamedTuple):
    """Something the venue does wrong on purpose."""

    at: float
    words: str
    do: Callable[[], Awaitable[None]]


class Part:
    """One venue as the demo trades it.

    Args:
        venue: Which, or which product of it.
        plan: Its constants.
        facts: What its sandbox printed: addresses, keys, markets.
        oracle: Asks it for its own state.
        view: Shows how far it is.

    Attributes:
        track: What happened in the first market, for a picture.
    """

    def __init__(
        self, venue: Product, plan: DemoPlan, facts: Mapping[str, Any], oracle: Oracle, view: View
    ) -> None:
        self._plan = plan
        self._view = view
        self.track = Track(venue.name, next(iter(plan.sizes)))
        self._oracle = oracle
        self._sizes = {market: Decimal(size) for market, size in plan.sizes.items()}
        self._depth = {"depth": venue.book_depths[-1]} if venue.book_depths else {}
        self._stopwatch = Stopwatch()
        self._orders: list[LiveOrder] = []
        self._pushed: dict[str, Balance] = {}
        self._client: VenueClient = venue.client_class.for_sandbox(
            SimpleNamespace(venue=lambda _: SimpleNamespace(**facts)),
            http=Http1Transport(on_sent=self._stopwatch.on_sent),
            ws=NotingTransport(PicowsTransport(), self._stopwatch.on_sent),
            **plan.client_options,
        )
        # The common interface has no positions: only some venues know such a thing.
        self._any: Any = self._client
        self._has_queues = self._client.capabilities.book == "level3"
        self._report = (
            PositionReport() if plan.has_positions else QueueReport() if self._has_queues else VenueReport()
        )

    async def run(self, *, seconds: float, make_book_wrong: bool) -> VenueReport:
        """Trade for ``seconds`` and return what happened."""
        async with self._client:
            await self._trade(seconds, make_wrong=make_book_wrong)
        return self._report

    async def _trade(self, seconds: float, *, make_wrong: bool) -> None:
        await asyncio.gather(*(stream.ready() for stream in self._own_streams()))
        makers, books = [], []
        for market in await self._take_stock():
            size = self._sizes[market.symbol]
            maker = MarketMaker(self._client, market, size, self._on_order, self._plan.order_options)
            makers.append(maker)
            books.append(self._client.watch_book(market.symbol, on_update=maker.on_update, **self._depth))
        await asyncio.gather(*(subscription.ready() for subscription in books))
        self._view.say(f"trading for {seconds:g} s on {', '.join(self._sizes)}")
        self._view.trading(self._counts)
        work = [
            asyncio.create_task(self._misbehave(seconds)),
            asyncio.create_task(self._check_books(books, make_wrong=make_wrong)),
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
                self._report.problems.append(f"{type(result).__name__}: {result}")
        await self._settle()
        self._count(makers)

    def _own_streams(self) -> Sequence[Subscription[Any]]:
        """Watch the account."""
        streams: list[Subscription[Any]] = [self._client.watch_orders(), self._client.watch_fills()]
        if self._plan.holdings == "pushed_balances":
            streams.append(self._client.watch_balances(on_update=self._on_balance))
        if self._plan.has_positions:
            streams.append(self._any.watch_positions())
        return streams

    async def _take_stock(self) -> Sequence[Market]:
        """Return the markets to trade; read the balances if the stream only changes them."""
        if self._plan.holdings == "pushed_balances":
            for balance in await self._client.balances():
                self._on_balance(balance)
        return [market for market in await self._client.markets() if market.symbol in self._sizes]

    def _on_order(self, order: LiveOrder, caused_at_ns: int) -> None:
        self._orders.append(order)
        self.track.follow(order, is_quote=caused_at_ns > 0)
        if caused_at_ns:
            self._stopwatch.caused(order.client_order_id, caused_at_ns)

    def _on_balance(self, balance: Balance) -> None:
        self._pushed[balance.asset] = balance

    def _scheduled_faults(self) -> Sequence[ScheduledFault]:
        """Lose every connection, then break the book of the first market."""
        market, kind = next(iter(self._sizes)), self._plan.book_fault
        words = {
            "corrupt_checksum": f"corrupts a checksum of {market}",
            "skip_difference": f"loses a change of {market}'s book",
        }
        inject = self._oracle.inject
        return (
            ScheduledFault(DROP_AT, "drops the connections", lambda: inject(kind="drop_socket")),
            ScheduledFault(BREAK_AT, words[kind], lambda: inject(kind=kind, market=market)),
        )

    async def _misbehave(self, seconds: float) -> None:
        """Force each fault at its time, and say so."""
        passed = 0.0
        for fault in self._scheduled_faults():
            await asyncio.sleep(seconds * (fault.at - passed))
            passed = fault.at
            self._view.force(fault.words)
            self.track.force(fault.words)
            await fault.do()

    def _counts(self) -> str:
        """Say how far it is, in one line."""
        report, frames = self._report, self._client.stream_metrics.frames
        fills = sum(len(order.fills) for order in self._orders)
        return (
            f"{frames} frames, {len(self._orders)} orders, {fills} fills, {report.book_checks} books compared, "
            f"{report.book_mismatches} differed"
        )

    async def _check_books(self, books: Sequence[BookSubscription[Any, Book]], *, make_wrong: bool) -> None:
        while True:
            for subscription in books:
                book = subscription.book
                assert isinstance(book, Level2Book | Level3Book)
                # A book in doubt makes no claim, so there is nothing to check.
                if book.is_synced:
                    if book.market == self.track.market:
                        self.track.sample(book)
                    await self._check_book(BookCheck.of(book, make_wrong=make_wrong))
            await asyncio.sleep(CHECK_EVERY_S)

    async def _check_book(self, check: BookCheck) -> None:
        """Compare one book, level by level or order by order, with the one the venue sent with the same marks."""
        report = self._report
        report.book_checks += 1
        if isinstance(report, QueueReport):
            report.queue_checks += 1
            report.fewest_resting_orders = min(report.fewest_resting_orders or check.orders, check.orders)
        theirs = await self._oracle.sent_book(check.market, check.marks)
        difference, is_queue = checks.compare_book(check, theirs)
        if not difference:
            return
        report.problems.append(difference)
        if is_queue and isinstance(report, QueueReport):
            report.queue_mismatches += 1
        else:
            report.book_mismatches += 1

    async def _settle(self) -> None:
        """Wait until nothing moves, and compare the ledgers."""
        await self._oracle.pause_traffic()
        for market in self._sizes:
            await self._client.cancel_all(market, **self._plan.order_options)
        deadline = asyncio.get_running_loop().time() + SETTLE_S
        while True:
            compared, differences = await self._compare()
            positions = await self._compare_positions()
            if not (differences or positions) or asyncio.get_running_loop().time() > deadline:
                break
            await asyncio.sleep(0.1)
        self._report.ledger_checks = compared
        self._report.ledger_mismatches = len(differences)
        self._report.problems += differences + positions
        if isinstance(self._report, PositionReport):
            self._report.position_checks = 2 * len(self._sizes)
            self._report.position_mismatches = len(positions)

    async def _compare_positions(self) -> Differences:
        """Compare what the stream left us to believe of positions, and what REST says, with the venue's ledger."""
        if not self._plan.has_positions:
            return []
        account = await self._oracle.account()
        listed = {position.market: position for position in await self._any.positions()}
        differences: Differences = []
        for market in self._sizes:
            known = self._any.position(market)
            # REST lists none that is closed.
            for believed in (known, listed.get(market, known)):
                differences += checks.compare_positions([believed], account)[1]
        return differences

    async def _compare(self) -> tuple[int, Differences]:
        """Compare orders, fills and what is held with the venue's ledger."""
        account = await self._oracle.account()
        compared, differences = checks.compare_orders(
            self._orders, account, forgets_cancelled=self._plan.forgets_cancelled
        )
        if self._plan.holdings == "positions":
            held = checks.compare_positions([self._any.position(market) for market in self._sizes], account)
        else:
            is_pushed = self._plan.holdings == "pushed_balances"
            balances = self._pushed.values() if is_pushed else await self._client.balances()
            held = checks.compare_balances(balances, account)
        return compared + held[0], differences + held[1]

    def _count(self, makers: Sequence[MarketMaker]) -> None:
        """Fill in the numbers, and insist on what the demo promises to show."""
        report, metrics, latencies_us = (
            self._report,
            self._client.stream_metrics,
            self._stopwatch.latencies_us,
        )
        report.frames = metrics.frames
        report.resyncs = metrics.resyncs
        report.reconnects = metrics.reconnects
        report.checksum_failures = metrics.checksum_failures
        report.orders_placed = sum(1 for order in self._orders if order.order_id)
        report.fills = sum(len(order.fills) for order in self._orders)
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
        }
        if self._plan.book_fault == "corrupt_checksum":
            promised["the corrupted checksum was not noticed"] = report.checksum_failures
        if isinstance(report, QueueReport):
            fewest = self._plan.fewest_resting_orders
            promised[f"a book had fewer than {fewest} orders"] = report.fewest_resting_orders >= fewest
        report.problems += [problem for problem, count in promised.items() if not count]


def _best(book: Book) -> tuple[Decimal, Decimal] | None:
    top = book.top(unsynced_ok=True)
    return (top.bid, top.ask) if book.is_synced and top.bid and top.ask else None
