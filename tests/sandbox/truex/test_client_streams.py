"""The TrueX client's streams against the sandbox: real sockets, real gaps, the venue's books level for level."""

from __future__ import annotations

import asyncio
from decimal import Decimal
from typing import Any

import pytest

from support.plain_truex import best
from support.truex_trader import (
    BRISK,
    ETH,
    MARKET,
    SIZE,
    TICK,
    anonymous,
    ask,
    bid,
    client_of,
    running,
    second_client,
    was_told,
)
from support.witness import PATIENCE_S, Witness, ready
from tradewire import TrueX
from tradewire._native import FeedEvent, Level2Book
from tradewire.errors import NotSynced
from tradewire.model import BestQuote, Level, Order, OrderStatus, Trade
from tradewire.protocol import events
from tradewire.sandbox import Sandbox
from tradewire.venues.truex.model import Instrument


class BookChecks:
    """Compares every state of books with what the venue told."""

    def __init__(self, box: Sandbox, witness: Witness) -> None:
        self.box = box
        self.witness = witness
        self.right: list[str] = []
        self.wrong: list[str] = []
        self.doubts: list[str] = []

    def watch(self, client: TrueX, market: str) -> Any:
        """Watch a book and compare it after every push."""
        watched: Any = client.watch_book(market, on_update=lambda event: self.look(watched.book, event))
        return watched

    def look(self, book: Level2Book, event: FeedEvent[Level2Book]) -> None:
        if book.is_synced:
            (self.right if was_told(self.box, book) else self.wrong).append(event.market)
        else:
            self.doubts.append(event.reason)
            with pytest.raises(NotSynced):
                book.best_bid()
        self.witness.poke()


async def test_books_of_every_push_equal_the_venues() -> None:
    async with running(300) as box, client_of(box, timing=BRISK) as client:
        checks = BookChecks(box, Witness(client))
        await ready(checks.watch(client, MARKET), checks.watch(client, ETH))
        await checks.witness.until(lambda: len(checks.right) >= 80 and set(checks.right) == {MARKET, ETH})
        assert (checks.wrong, checks.doubts) == ([], [])
        metrics = client.stream_metrics
        assert (metrics.resyncs, metrics.unrecognised, metrics.callback_errors) == (0, 0, 0)


@pytest.mark.parametrize("jumps", [False, True])
async def test_merged_books_of_sessions_without_a_key(jumps: bool) -> None:
    async with running(300, coalesce_ms=20, coalesced_jumps=jumps) as box, anonymous(box) as client:
        checks = BookChecks(box, Witness(client))
        await ready(checks.watch(client, MARKET), checks.watch(client, ETH))
        await checks.witness.until(lambda: len(checks.right) >= 20 and set(checks.right) == {MARKET, ETH})
        assert (checks.wrong, checks.doubts, client.stream_metrics.resyncs) == ([], [], 0)


async def test_gap_puts_every_book_in_doubt_and_all_come_back() -> None:
    async with running(200) as box, client_of(box, timing=BRISK) as client:
        checks = BookChecks(box, Witness(client))
        books = [checks.watch(client, market) for market in (MARKET, ETH)]
        await ready(*books)
        # Until an update followed a snapshot it is not known how the venue numbers, and one may be missed.
        await checks.witness.until(lambda: len(checks.right) >= 6)
        box.truex.faults.skip_difference(MARKET)

        def resynced() -> set[str]:
            return {event.channel.key for event in checks.witness.seen if isinstance(event, events.Resyncing)}

        await checks.witness.until(lambda: resynced() == {MARKET, ETH})
        assert "sequence_gap" in checks.doubts
        before = len(checks.right)
        await checks.witness.until(
            lambda: all(book.is_synced for book in books) and {MARKET, ETH} <= set(checks.right[before:])
        )
        assert checks.wrong == []
        assert client.stream_metrics.resyncs >= 2


async def test_dropped_connection_makes_books_stale_until_they_are_whole_again() -> None:
    async with running(200) as box, client_of(box, timing=BRISK) as client:
        checks = BookChecks(box, Witness(client))
        book = checks.watch(client, MARKET)
        await ready(book)
        assert box.truex.faults.drop_socket() == 1
        await checks.witness.until_told(events.Disconnected)
        with pytest.raises(NotSynced):
            book.book.best_bid()
        before = len(checks.right)
        await checks.witness.until_told(events.Reconnected)
        await checks.witness.until(lambda: len(checks.right) > before + 10)
        assert checks.wrong == []
        assert client.stream_metrics.reconnects == 1


@pytest.mark.parametrize("empty_side", ["zero", "extremes"])
async def test_side_that_empties_and_fills_again(empty_side: str) -> None:
    async with running(0, empty_side=empty_side) as box, client_of(box) as client:
        witness = Witness(client)
        quotes: list[BestQuote] = []
        book = client.watch_book(MARKET, on_update=witness.poke)
        await ready(book, client.watch_bbo(MARKET, on_update=witness.into(quotes)))
        engine_market = box.truex.core.markets[MARKET]
        for order in [one for one in engine_market.engine.orders.values() if one.side.name == "SELL"]:
            engine_market.cancel(order.order_id, 0)
        box.truex.core.command_done(box.truex.instruments[MARKET])
        await witness.until(lambda: book.book.asks() == [] and bool(quotes) and quotes[-1].ask is None)
        assert book.book.best_ask() is None
        assert quotes[-1].bid is not None
        fresh = client_of(box)
        async with fresh:
            assert (await fresh.book(MARKET)).asks == ()
        price = bid(box) + 10 * TICK
        await client.place_order(MARKET, "sell", SIZE, price)
        await witness.until(lambda: book.book.best_ask() == (price, SIZE) and quotes[-1].ask == (price, SIZE))
        assert was_told(box, book.book)


async def test_best_prices_trades_and_instruments(truex: TrueX, truex_box: Sandbox) -> None:
    witness = Witness(truex)
    quotes: list[BestQuote] = []
    trades: list[Trade] = []
    states: list[Instrument] = []
    await ready(
        truex.watch_bbo(MARKET, on_update=witness.into(quotes)),
        truex.watch_trades(MARKET, on_update=witness.into(trades)),
        truex.watch_instruments(MARKET, on_update=witness.into(states)),
    )
    await witness.until(lambda: bool(quotes and states))
    assert (quotes[0].bid, quotes[0].ask) == (
        Level(*best(truex_box.truex, "bids")), Level(*best(truex_box.truex, "asks")),
    )  # fmt: skip
    price = ask(truex_box)
    order = await truex.place_order(MARKET, "buy", "0.0010", price)
    assert order.status is OrderStatus.FILLED
    await witness.until(lambda: bool(trades))
    truth = truex_box.truex.core.public_trades[MARKET][-1]
    [trade] = trades
    assert (trade.trade_id, trade.market, trade.price, trade.size, trade.side) == (
        str(truth.trade_id), MARKET, price, Decimal("0.001"), None,
    )  # fmt: skip
    assert trade.time_ns > 0
    truex_box.truex.core.set_status(truex_box.truex.instruments[MARKET], "HALTED")
    await witness.until(lambda: states[-1].status == "HALTED")
    assert truex.stream_metrics.unrecognised == 0


async def test_left_books_are_left_and_can_be_watched_again(truex: TrueX, truex_box: Sandbox) -> None:
    for _ in range(2):
        async with truex.watch_book(MARKET) as book, truex.watch_book(ETH) as other:
            await ready(book, other)
            assert was_told(truex_box, book.book)
    [stream] = truex_box.truex.streams
    witness = Witness(truex)
    await ready(truex.watch_bbo(MARKET, on_update=witness.poke))
    assert not stream.wants("DEPTH", MARKET)
    assert stream.wants("EBBO", MARKET)


async def test_lost_report_of_an_order_is_noticed_and_made_up_for(truex_box: Sandbox) -> None:
    """A sequence gap on DROPCOPY: what was missed is asked for over REST."""
    async with client_of(truex_box, timing=BRISK) as client, client_of(truex_box) as shadow:
        witness = Witness(client)
        reports: list[Order] = []
        await ready(client.watch_orders(on_update=witness.into(reports)))
        order = await client.send_order(MARKET, "buy", SIZE, bid(truex_box))
        truex_box.truex.faults.user_lag()
        await shadow.cancel_order(MARKET, order.order_id)
        assert order.status is OrderStatus.OPEN
        # The next report shows that one is missing.
        await shadow.place_order(MARKET, "buy", SIZE, bid(truex_box))
        await witness.until_told(events.Gap)
        await witness.until(lambda: order.status is OrderStatus.CANCELLED)
        assert reports[-1].order_id
        [gap] = [event for event in witness.seen if isinstance(event, events.Gap)]
        assert gap.topic == "DROPCOPY"


@pytest.mark.parametrize("was_watched", [False, True])
async def test_order_that_ended_while_nobody_watched_is_known_once_somebody_does(
    truex: TrueX, truex_box: Sandbox, *, was_watched: bool
) -> None:
    book = truex.watch_book(MARKET)
    await ready(book)
    if was_watched:
        async with truex.watch_orders(on_update=lambda _: None) as watched:
            await ready(watched)
    async with asyncio.timeout(PATIENCE_S):
        order = await truex.send_order(MARKET, "buy", SIZE, bid(truex_box))
    async with client_of(truex_box) as shadow:
        await shadow.cancel_order(MARKET, order.order_id)
    assert order.status is OrderStatus.OPEN
    await ready(truex.watch_orders(on_update=lambda _: None))
    async with asyncio.timeout(PATIENCE_S):
        await order.finished()
    assert order.status is OrderStatus.CANCELLED


async def test_orders_open_before_are_told_first(truex: TrueX, truex_box: Sandbox) -> None:
    async with client_of(truex_box) as before:
        placed = await before.place_order(MARKET, "buy", SIZE, bid(truex_box))
    witness = Witness(truex)
    reports: list[Order] = []
    await ready(truex.watch_orders(on_update=witness.into(reports)))
    await witness.until(lambda: bool(reports))
    assert [(report.order_id, report.status) for report in reports] == [(placed.order_id, OrderStatus.OPEN)]
    assert [order.order_id for order in truex.live_orders] == [placed.order_id]


async def test_orders_are_handed_out_by_market(truex: TrueX, truex_box: Sandbox) -> None:
    witness = Witness(truex)
    btc: list[Order] = []
    everything: list[Order] = []
    await ready(
        truex.watch_orders(MARKET, on_update=witness.into(btc)),
        truex.watch_orders(on_update=witness.into(everything)),
    )
    await truex.place_order(ETH, "buy", "0.10", best(truex_box.truex, "bids", ETH)[0])
    await truex.place_order(MARKET, "buy", SIZE, bid(truex_box))
    await witness.until(lambda: {order.market for order in everything} == {MARKET, ETH})
    assert {order.market for order in btc} == {MARKET}
    async with client_of(truex_box, account_id=second_client(truex_box)) as other:
        seen: list[Order] = []
        await ready(other.watch_orders(on_update=seen.append))
        assert seen == []
