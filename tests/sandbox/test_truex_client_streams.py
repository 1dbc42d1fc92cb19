"""The TrueX client's streams against the sandbox: real sockets, real gaps, the venue's books level for level."""

from __future__ import annotations

import asyncio
import zlib
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from decimal import Decimal
from typing import Any

import pytest

from plain_truex import best
from tradewire import Credentials, TrueX
from tradewire._native import Level2Book, TruexEvent
from tradewire.errors import AuthRejected, BadRequest, ConfigError, NotSynced
from tradewire.model import BestQuote, Level, Order, OrderStatus, Trade
from tradewire.protocol import events
from tradewire.protocol.timing import NS_PER_S, Timing
from tradewire.sandbox import Box, sandbox
from tradewire.sandbox.dialects.truex.options import TrueXOptions
from tradewire.sandbox.mischief import Kind
from tradewire.venues.truex.model import Instrument
from truex_desk import MARKET, SIZE, TICK, ask, bid, client_of, second_desk
from witness import PATIENCE_S, Witness, ready

ETH = "ETH-PYUSD"
MS = NS_PER_S // 1000
BRISK = Timing(silence_ns=None, resync_ns=20 * MS, retry_ns=20 * MS)


@asynccontextmanager
async def running(rate: float, **options: Any) -> AsyncIterator[Box]:
    """A sandbox of two instruments that move ``rate`` times a second."""
    settings = TrueXOptions(instruments=(MARKET, ETH), **options)
    async with sandbox(["truex"], seed=11, rate=rate, truex=settings) as box:
        yield box
        box.truex.assert_adds_up()


def anonymous(box: Box, **more: Any) -> TrueX:
    return client_of(box, credentials=None, account_id="", timing=BRISK, **more)


def was_told(box: Box, book: Level2Book) -> bool:
    """Say whether the venue told this very book, levels and numbers of orders."""
    sides = [
        [[format(price.normalize(), "f"), format(size.normalize(), "f"), str(orders)] for price, size, orders in side]
        for side in (book.levels("buy"), book.levels("sell"))
    ]  # fmt: skip
    text = ":".join(part for side in sides for level in side for part in level)
    truth = box.truex.book(book.market, zlib.crc32(text.encode()))
    if truth is None:
        return False
    theirs = [[[Decimal(part) for part in level] for level in truth[side]] for side in ("bids", "asks")]
    return theirs == [[[Decimal(part) for part in level] for level in side] for side in sides]


class BookChecks:
    """Compares every state of books with what the venue told."""

    def __init__(self, box: Box, witness: Witness) -> None:
        self.box = box
        self.witness = witness
        self.right: list[str] = []
        self.wrong: list[str] = []
        self.doubts: list[str] = []

    def watch(self, client: TrueX, market: str) -> Any:
        """Watch a book and compare it after every push."""
        watched: Any = client.watch_book(market, on_update=lambda event: self.look(watched.book, event))
        return watched

    def look(self, book: Level2Book, event: TruexEvent) -> None:
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
        box.truex.mischief.skip_difference(MARKET)

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
        assert box.truex.mischief.drop_socket() == 1
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
        engine_market = box.truex.house.markets[MARKET]
        for order in [one for one in engine_market.engine.orders.values() if one.side.name == "SELL"]:
            engine_market.cancel(order.order_id, 0)
        box.truex.house.command_done(box.truex.instruments[MARKET])
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


async def test_best_prices_trades_and_instruments(truex: TrueX, truex_box: Box) -> None:
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
    truth = truex_box.truex.house.public_trades[MARKET][-1]
    [trade] = trades
    assert (trade.trade_id, trade.market, trade.price, trade.size, trade.side) == (
        str(truth.trade_id), MARKET, price, Decimal("0.001"), None,
    )  # fmt: skip
    assert trade.at_ns > 0
    truex_box.truex.house.set_status(truex_box.truex.instruments[MARKET], "HALTED")
    await witness.until(lambda: states[-1].status == "HALTED")
    assert truex.stream_metrics.unrecognised == 0


@pytest.mark.parametrize("skew_s", [-16, 2, 1, 0])
@pytest.mark.parametrize("has_key", [True, False])
async def test_our_clock_is_off_by(truex_box: Box, skew_s: int, has_key: bool) -> None:
    """Streams refuse what is ahead of them by any amount, so the client asks for the time before it opens one."""
    truex_box.truex.mischief.clock_skew(-1000 * skew_s)
    async with client_of(truex_box) if has_key else anonymous(truex_box) as client:
        book = client.watch_book(MARKET)
        await ready(book)
        assert was_told(truex_box, book.book)
        if has_key:
            await ready(client.watch_orders())


async def test_clock_that_jumps_under_way_refuses_and_a_new_connection_mends_it(truex_box: Box) -> None:
    async with client_of(truex_box, timing=BRISK) as client:
        witness = Witness(client)
        await ready(client.watch_book(MARKET))
        for skew_s in (-5, 20):
            truex_box.truex.mischief.clock_skew(1000 * skew_s)
            with pytest.raises(AuthRejected, match=r"signed was '[0-9]+TRUEXWS.*/api/v1'.*clock") as caught:
                await ready(client.watch_book(ETH))
            assert truex_box.truex.secret not in str(caught.value)
            assert caught.value.code == "UNAUTHORIZED"
            witness.seen.clear()
            truex_box.truex.mischief.drop_socket()
            await witness.until_told(events.Reconnected)
            async with client.watch_book(ETH) as book:
                await ready(book)


async def test_venue_that_cannot_tell_its_time_is_streamed_from_all_the_same(
    truex_box: Box, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with client_of(truex_box) as client:
        await client.introduce()
        monkeypatch.setattr("tradewire.venues.truex.client.CLOCK_PATIENCE_S", 0.05)
        truex_box.truex.mischief.gateway_html(count=1, status=503)
        await ready(client.watch_book(MARKET))


async def test_time_that_was_told_once_serves_a_new_connection_to_which_it_is_not_told(
    truex_box: Box,
) -> None:
    truex_box.truex.mischief.clock_skew(-20_000)
    async with client_of(truex_box, timing=BRISK) as client:
        witness = Witness(client)
        book = client.watch_book(MARKET)
        await ready(book)
        truex_box.truex.mischief.gateway_html(count=1, status=503)
        truex_box.truex.mischief.drop_socket()
        await witness.until_told(events.Reconnected)
        await ready(book)
        assert truex_box.truex.mischief.struck[Kind.GATEWAY_HTML] == 1


async def test_stream_with_a_wrong_secret(truex_box: Box) -> None:
    credentials = Credentials(truex_box.truex.key_id, "0" * 64)
    organization_id = truex_box.truex.organization_id
    async with client_of(truex_box, credentials=credentials, organization_id=organization_id) as client:
        with pytest.raises(AuthRejected, match=f"TRUEXWS{truex_box.truex.key_id}/api/v1") as caught:
            await ready(client.watch_book(MARKET))
    assert "0" * 64 not in str(caught.value)


async def test_stream_whose_account_is_refused_over_rest_says_why(truex_box: Box) -> None:
    async with client_of(truex_box, credentials=Credentials(truex_box.truex.key_id, "0" * 64)) as client:
        with pytest.raises(AuthRejected, match=r"signed was '[0-9]+GET/v1/cefi/clients'"):
            await ready(client.watch_book(MARKET))


async def test_several_accounts_are_named_to_who_asks_for_orders(truex_box: Box) -> None:
    async with client_of(truex_box, account_id="") as client:
        book = client.watch_book(MARKET)
        await ready(book)
        with pytest.raises(ConfigError, match=r"account_id=.*\(trader\).*\(second-desk\)"):
            await ready(client.watch_orders())
        assert was_told(truex_box, book.book)


async def test_account_that_cannot_be_asked_for_now_is_asked_for_again(truex_box: Box) -> None:
    async with client_of(truex_box, account_id=truex_box.truex.client_id, timing=BRISK) as client:
        witness = Witness(client)
        await client.introduce()
        truex_box.truex.mischief.gateway_html(count=3, status=503)
        book = client.watch_book(MARKET)
        await witness.until_told(events.Disconnected)
        await ready(book)


@pytest.mark.parametrize("is_accepted", [False, True])
async def test_stream_signature_without_the_path(is_accepted: bool) -> None:
    async with (
        running(0, accept_signature_without_path=is_accepted) as box,
        client_of(box, sign_stream_path=False) as client,
    ):
        if is_accepted:
            await ready(client.watch_orders())
        else:
            with pytest.raises(AuthRejected, match=rf"TRUEXWS{box.truex.key_id}'"):
                await ready(client.watch_orders())


async def test_account_of_somebody_else(truex_box: Box) -> None:
    stranger, _ = truex_box.truex.add_client("stranger")
    organization_id = truex_box.truex.organization_id
    async with client_of(truex_box, account_id=stranger.client_id, organization_id=organization_id) as client:
        with pytest.raises(AuthRejected, match="account"):
            await ready(client.watch_orders())
        await ready(client.watch_book(MARKET))


async def test_market_that_is_none_takes_no_other_with_it(truex_box: Box) -> None:
    async with client_of(truex_box) as client:
        good, bad = client.watch_book(MARKET), client.watch_book("XRP-PYUSD")
        await ready(good)
        with pytest.raises(BadRequest, match=r"XRP-PYUSD.*TrueX\.markets\(\)"):
            await ready(bad)
        assert was_told(truex_box, good.book)


async def test_streams_refuse_what_makes_no_sense(truex: TrueX) -> None:
    with pytest.raises(ConfigError, match="watch_trades needs a market"):
        truex.watch_trades()
    for watch in (truex.watch_bbo, truex.watch_orders, truex.watch_fills, truex.watch_book):
        with pytest.raises(ConfigError, match="market must be visible ASCII"):
            watch("BTC PYUSD")
    await truex.close()
    with pytest.raises(ConfigError, match="closed"):
        truex.watch_book(MARKET)


async def test_left_books_are_left_and_can_be_watched_again(truex: TrueX, truex_box: Box) -> None:
    for _ in range(2):
        async with truex.watch_book(MARKET) as book, truex.watch_book(ETH) as other:
            await ready(book, other)
            assert was_told(truex_box, book.book)
    [stream] = truex_box.truex._streams
    witness = Witness(truex)
    await ready(truex.watch_bbo(MARKET, on_update=witness.poke))
    assert not stream.wants("DEPTH", MARKET)
    assert stream.wants("EBBO", MARKET)


async def test_lost_report_of_an_order_is_noticed_and_made_up_for(truex_box: Box) -> None:
    """A sequence gap on DROPCOPY: what was missed is asked for over REST."""
    async with client_of(truex_box, timing=BRISK) as client, client_of(truex_box) as shadow:
        witness = Witness(client)
        reports: list[Order] = []
        await ready(client.watch_orders(on_update=witness.into(reports)))
        order = await client.send_order(MARKET, "buy", SIZE, bid(truex_box))
        truex_box.truex.mischief.user_lag()
        await shadow.cancel_order(MARKET, order.venue_id)
        assert order.status is OrderStatus.OPEN
        # The next report shows that one is missing.
        await shadow.place_order(MARKET, "buy", SIZE, bid(truex_box))
        await witness.until_told(events.Gap)
        await witness.until(lambda: order.status is OrderStatus.CANCELLED)
        assert reports[-1].venue_id
        [gap] = [event for event in witness.seen if isinstance(event, events.Gap)]
        assert gap.topic == "DROPCOPY"


@pytest.mark.parametrize("was_watched", [False, True])
async def test_order_that_ended_while_nobody_watched_is_known_once_somebody_does(
    truex: TrueX, truex_box: Box, *, was_watched: bool
) -> None:
    book = truex.watch_book(MARKET)
    await ready(book)
    if was_watched:
        async with truex.watch_orders(on_update=lambda _: None) as watched:
            await ready(watched)
    async with asyncio.timeout(PATIENCE_S):
        order = await truex.send_order(MARKET, "buy", SIZE, bid(truex_box))
    async with client_of(truex_box) as shadow:
        await shadow.cancel_order(MARKET, order.venue_id)
    assert order.status is OrderStatus.OPEN
    await ready(truex.watch_orders(on_update=lambda _: None))
    async with asyncio.timeout(PATIENCE_S):
        await order.finished()
    assert order.status is OrderStatus.CANCELLED


async def test_orders_open_before_are_told_first(truex: TrueX, truex_box: Box) -> None:
    async with client_of(truex_box) as before:
        placed = await before.place_order(MARKET, "buy", SIZE, bid(truex_box))
    witness = Witness(truex)
    reports: list[Order] = []
    await ready(truex.watch_orders(on_update=witness.into(reports)))
    await witness.until(lambda: bool(reports))
    assert [(report.venue_id, report.status) for report in reports] == [(placed.venue_id, OrderStatus.OPEN)]
    assert [order.venue_id for order in truex.live_orders] == [placed.venue_id]


async def test_orders_are_handed_out_by_market(truex: TrueX, truex_box: Box) -> None:
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
    async with client_of(truex_box, account_id=second_desk(truex_box)) as other:
        seen: list[Order] = []
        await ready(other.watch_orders(on_update=seen.append))
        assert seen == []
