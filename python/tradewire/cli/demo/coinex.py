"""CoinEx's part of the demo: three live books, a market maker on each, one lost connection, one broken checksum."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Mapping
from decimal import Decimal
from functools import partial
from typing import Any

import orjson

from tradewire.cli import console
from tradewire.cli.demo import checks
from tradewire.cli.demo.bot import MarketMaker
from tradewire.cli.demo.summary import VenueReport, percentile
from tradewire.cli.demo.truth import Truth
from tradewire.model import Balance
from tradewire.session.live_order import LiveOrder
from tradewire.signing import Credentials
from tradewire.transport.http import AiohttpTransport
from tradewire.transport.seam import HttpRequest
from tradewire.venues.coinex.client import CoinEx
from tradewire.venues.coinex.connection import BookSubscription
from tradewire.venues.coinex.hosts import local

__all__ = ["trade"]

SIZES = {"BTCUSDT": Decimal("0.01"), "ETHUSDT": Decimal("0.1"), "CETUSDT": Decimal(100)}
DEPTH = 50
DROP_AT = 0.3
CORRUPT_AT = 0.6
"""Shares of the trading time at which the venue misbehaves."""
CHECK_EVERY_S = 0.1
SETTLE_S = 5.0
NS_PER_US = 1_000


class _Trader:
    """The state of one run."""

    def __init__(self, facts: Mapping[str, Any]) -> None:
        self.report = VenueReport()
        self.orders: list[LiveOrder] = []
        self.balances: dict[str, tuple[Decimal, Decimal]] = {}
        self.caused_at_ns: dict[str, int] = {}
        self.latencies_us: list[float] = []
        self.access_id: str = facts["access_id"]
        self.client = CoinEx(
            Credentials(facts["access_id"], facts["secret"]),
            environment=local(facts["rest_url"], facts["ws_spot_url"]),
            http=AiohttpTransport(on_sent=self.on_sent),
        )

    def on_order(self, order: LiveOrder, caused_at_ns: int) -> None:
        self.orders.append(order)
        if caused_at_ns:
            self.caused_at_ns[order.client_id] = caused_at_ns

    def on_sent(self, request: HttpRequest) -> None:
        """Note how long after the push that caused it an order was on the socket."""
        if not request.url.endswith("/v2/spot/order"):
            return
        caused_at_ns = self.caused_at_ns.pop(orjson.loads(request.body)["client_id"], 0)
        if caused_at_ns:
            self.latencies_us.append((time.time_ns() - caused_at_ns) / NS_PER_US)

    def on_balance(self, balance: Balance) -> None:
        self.balances[balance.asset] = (balance.available, balance.frozen)

    async def seed_balances(self) -> None:
        for balance in await self.client.balances():
            self.on_balance(balance)


async def trade(facts: Mapping[str, Any], *, seconds: float, make_book_wrong: bool) -> VenueReport:
    """Trade for ``seconds`` on the venue that ``facts`` describe and return what happened."""
    trader = _Trader(facts)
    asking = AiohttpTransport()
    truth = Truth(asking, facts["rest_url"])
    try:
        async with trader.client:
            await _trade(trader, truth, seconds, make_book_wrong=make_book_wrong)
    finally:
        await asking.close()
    return trader.report


async def _trade(trader: _Trader, truth: Truth, seconds: float, *, make_book_wrong: bool) -> None:
    client, report = trader.client, trader.report
    streams = (
        client.watch_orders(),
        client.watch_fills(),
        client.watch_balances(on_update=trader.on_balance),
    )
    await asyncio.gather(*(stream.ready() for stream in streams))
    await trader.seed_balances()
    makers, books = [], []
    for market in await client.markets(*SIZES):
        maker = MarketMaker(client, market, SIZES[market.symbol], trader.on_order)
        makers.append(maker)
        books.append(client.watch_book(market.symbol, depth=DEPTH, on_update=maker.on_update))
    await asyncio.gather(*(subscription.ready() for subscription in books))
    console.talk(f"trading for {seconds:g} s on {', '.join(SIZES)}")
    work = [
        asyncio.create_task(_misbehave(truth, seconds)),
        asyncio.create_task(_check_books(truth, books, report, make_wrong=make_book_wrong)),
        *(
            asyncio.create_task(maker.take_now_and_then(partial(_best, subscription)))
            for maker, subscription in zip(makers, books, strict=True)
        ),
    ]
    await asyncio.sleep(seconds)
    await asyncio.gather(*(maker.stop() for maker in makers))
    for task in work:
        task.cancel()
    for result in await asyncio.gather(*work, return_exceptions=True):
        if isinstance(result, Exception):
            report.problems.append(f"{type(result).__name__}: {result}")
    await _settle(trader, truth)
    _count(trader, makers)


def _best(subscription: BookSubscription) -> tuple[Decimal, Decimal] | None:
    book = subscription.book
    bid, ask = book.best_bid(unsynced_ok=True), book.best_ask(unsynced_ok=True)
    return (bid[0], ask[0]) if book.is_synced and bid and ask else None


async def _misbehave(truth: Truth, seconds: float) -> None:
    await asyncio.sleep(seconds * DROP_AT)
    console.talk("the venue drops the connection")
    await truth.mischief(kind="drop_socket")
    await asyncio.sleep(seconds * (CORRUPT_AT - DROP_AT))
    console.talk("the venue corrupts a checksum of BTCUSDT")
    await truth.mischief(kind="corrupt_checksum", market="BTCUSDT")


async def _check_books(
    truth: Truth, books: list[BookSubscription], report: VenueReport, *, make_wrong: bool
) -> None:
    while True:
        for subscription in books:
            await checks.check_book(truth, subscription.book, report, make_wrong=make_wrong)
        await asyncio.sleep(CHECK_EVERY_S)


async def _settle(trader: _Trader, truth: Truth) -> None:
    """Cancel what is open, wait until nothing moves, and compare the ledgers."""
    await truth.pause_traffic()
    for market in SIZES:
        await trader.client.cancel_all(market)
    deadline = asyncio.get_running_loop().time() + SETTLE_S
    while True:
        ledger = await truth.ledger(trader.access_id)
        compared, differences = checks.compare_ledger(ledger, trader.orders, trader.balances)
        if not differences or asyncio.get_running_loop().time() > deadline:
            break
        await asyncio.sleep(0.1)
    trader.report.ledger_checks = compared
    trader.report.ledger_mismatches = len(differences)
    trader.report.problems += differences


def _count(trader: _Trader, makers: list[MarketMaker]) -> None:
    """Fill in the numbers, and insist on what the demo promises to show."""
    report, metrics = trader.report, trader.client.stream_metrics
    report.frames = metrics.frames
    report.resyncs = metrics.resyncs
    report.reconnects = metrics.reconnects
    report.checksum_failures = metrics.checksum_failures
    report.orders_placed = sum(1 for order in trader.orders if order.venue_id)
    report.fills = sum(len(order.fills) for order in trader.orders)
    report.tick_to_trade_us = {
        name: round(percentile(trader.latencies_us, share), 1)
        for name, share in (("p50", 0.5), ("p99", 0.99))
    }
    for maker in makers:
        report.problems += maker.complaints
    promised = {
        "no book was checked": report.book_checks,
        "no order was placed": report.orders_placed,
        "no order was filled": report.fills,
        "the dropped connection was not noticed": report.reconnects,
        "the corrupted checksum was not noticed": report.checksum_failures,
        "no book was resynchronised": report.resyncs,
        "no tick became a trade": len(trader.latencies_us),
    }
    report.problems += [problem for problem, count in promised.items() if not count]
