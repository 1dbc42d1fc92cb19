"""The CoinEx client's streams against the sandbox: real sockets, real faults."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from decimal import Decimal
from typing import Any

import pytest

from support.witness import PATIENCE_S, Witness, ready
from tradewire import CoinEx, Credentials
from tradewire._native import FeedEvent, Level2Book
from tradewire.errors import (
    AuthRejected,
    ConfigError,
    MarketUnavailable,
    NotSynced,
    OrderRejected,
)
from tradewire.model import Fill, OrderStatus, Side
from tradewire.protocol import events
from tradewire.protocol.timing import NS_PER_S, Timing
from tradewire.sandbox import Sandbox
from tradewire.sandbox.venues.coinex.options import CoinExOptions
from tradewire.session.live_order import LiveOrder
from tradewire.session.subscription import Subscription
from tradewire.venues.coinex import hosts

MS = NS_PER_S // 1000
BRISK = Timing(resync_ns=20 * MS, retry_ns=20 * MS)


def client_of(box: Sandbox, *, secret: str | None = None) -> CoinEx:
    venue = box.coinex
    return CoinEx(
        Credentials(venue.access_id, secret or venue.secret),
        environment=hosts.local(venue.rest_url, venue.ws_spot_url),
        timing=BRISK,
    )


@pytest.fixture
async def lively() -> AsyncIterator[Sandbox]:
    """A sandbox whose markets move and which pushes often."""
    async with Sandbox(["coinex"], seed=11, rate=300, coinex=CoinExOptions(push_ms=20)) as box:
        yield box


def assert_equals_the_venues(box: Sandbox, book: Level2Book, event: FeedEvent[Level2Book]) -> None:
    """Compare the whole book, text for text, with the one the venue pushed with these marks."""
    truth = box.coinex.pushed_book(
        book.market, book.limit, "0", updated_at=book.updated_at_ms, checksum=book.checksum
    )
    assert truth is not None
    bids, asks = book.texts()
    assert [list(level) for level in bids] == truth["bids"]
    assert [list(level) for level in asks] == truth["asks"]
    assert event.book is book


async def test_books_of_every_push_equal_the_venues(lively: Sandbox) -> None:
    async with client_of(lively) as client:
        checked: list[str] = []
        witness = Witness(client)

        def check(event: FeedEvent[Level2Book]) -> None:
            assert event.book is not None
            if event.book.is_synced:
                assert_equals_the_venues(lively, event.book, event)
                checked.append(event.market)
            witness.poke()

        markets = lively.coinex.markets[:3]
        await ready(*[client.watch_book(market, on_update=check) for market in markets])
        await witness.until(lambda: len(checked) >= 60 and set(checked) == set(markets))
        assert client.stream_metrics.callback_errors == 0
        assert client.stream_metrics.checksum_failures == 0
        assert client.stream_metrics.frames >= 60


async def test_iterating_a_book_gives_the_newest_and_counts_the_rest(lively: Sandbox) -> None:
    async with client_of(lively) as client, client.watch_book("BTCUSDT", depth=5) as stream:
        await ready(stream)
        witness = Witness(client)
        client.watch_book("BTCUSDT", depth=5, on_update=witness.poke)
        await witness.until(lambda: stream.conflated > 0)
        async with asyncio.timeout(PATIENCE_S):
            event = await anext(aiter(stream))
        assert event.book is stream.book
        assert stream.book.best_bid() is not None
        assert stream.conflated + 1 <= stream.received
        assert client.stream_metrics.conflated == stream.conflated


@pytest.mark.parametrize("faults", ["corrupt_checksum", "skip_difference"])
async def test_a_book_in_doubt_refuses_and_comes_back_by_itself(lively: Sandbox, faults: str) -> None:
    async with client_of(lively) as client:
        witness = Witness(client)
        doubts: list[str] = []

        def look(event: FeedEvent[Level2Book]) -> None:
            if event.reason:
                doubts.append(event.reason)
                with pytest.raises(NotSynced):
                    event.book.best_bid()  # type: ignore[union-attr]
            witness.poke()

        stream = client.watch_book("BTCUSDT", on_update=look)
        await ready(stream)
        getattr(lively.coinex.faults, faults)("BTCUSDT")
        await witness.until_told(events.Resyncing)
        assert doubts[0] == "checksum_mismatch"
        await ready(stream)
        assert client.stream_metrics.callback_errors == 0
        assert client.stream_metrics.resyncs == 1
        assert client.stream_metrics.reconnects == 0


async def test_after_a_dropped_socket_everything_is_there_again(lively: Sandbox) -> None:
    async with client_of(lively) as client:
        witness = Witness(client)
        book = client.watch_book("BTCUSDT")
        streams: list[Subscription[Any]] = [
            book,
            client.watch_orders(),
            client.watch_fills(),
            client.watch_balances(),
        ]
        await ready(*streams)
        assert lively.coinex.faults.drop_socket() == 1
        await witness.until_told(events.Disconnected)
        assert (book.book.status, book.book.reason) == ("stale", "disconnected")
        with pytest.raises(NotSynced):
            book.book.best_bid()
        await witness.until_told(events.Reconnected)
        await ready(*streams)
        assert client.stream_metrics.reconnects == 1
        assert sum(isinstance(event, events.Authenticated) for event in witness.seen) == 2


async def test_an_order_fired_from_a_book_callback_is_followed_to_its_end(lively: Sandbox) -> None:
    async with client_of(lively) as client:
        fired: list[LiveOrder] = []

        def quote(event: FeedEvent[Level2Book]) -> None:
            if not fired and event.book is not None and event.book.is_synced:
                best = event.book.best_ask()
                assert best is not None
                fired.append(client.send_order("BTCUSDT", Side.BUY, "0.001", best[0] * 2))

        fills = client.watch_fills()
        await ready(client.watch_orders(), fills, client.watch_book("BTCUSDT", on_update=quote))
        async with asyncio.timeout(PATIENCE_S):
            [order] = fired
            assert await order is order
            await order.finished()
            first: Fill = await anext(aiter(fills))
        assert order.status is OrderStatus.FILLED
        assert order.filled_size == Decimal("0.001")
        assert first.order_id == order.order_id
        assert sum(fill.size for fill in order.fills) == order.filled_size
        assert client.live_orders == ()


async def test_a_refused_order_fired_without_waiting_raises_where_it_is_awaited(lively: Sandbox) -> None:
    async with client_of(lively) as client:
        order = client.send_order("BTCUSDT", Side.BUY, "0.0000001", "1")
        with pytest.raises(OrderRejected):
            async with asyncio.timeout(PATIENCE_S):
                await order
        assert order.status is OrderStatus.REJECTED


async def test_fills_missed_while_disconnected_are_fetched_and_none_twice(lively: Sandbox) -> None:
    async with client_of(lively) as client:
        witness = Witness(client)
        seen: list[Fill] = []

        def take(fill: Fill) -> None:
            seen.append(fill)
            witness.poke()

        book = client.watch_book("BTCUSDT")
        await ready(client.watch_orders(), client.watch_fills(on_update=take), book)
        resting = await client.send_order("BTCUSDT", Side.BUY, "0.001", "100")
        lively.coinex.faults.drop_socket()
        await witness.until_told(events.Disconnected)
        ask = await client.book("BTCUSDT")
        taken = await client.place_order("BTCUSDT", Side.BUY, "0.001", ask.asks[0].price * 2)
        await client.cancel_order("BTCUSDT", resting.order_id)
        async with asyncio.timeout(PATIENCE_S):
            await resting.finished()
        assert resting.status is OrderStatus.CANCELLED
        await witness.until(lambda: sum(fill.size for fill in seen) >= Decimal("0.001"))
        assert {fill.order_id for fill in seen} == {taken.order_id}
        assert len({fill.trade_id for fill in seen}) == len(seen)


async def test_public_streams_bring_trades_quotes_and_tickers_in_order(lively: Sandbox) -> None:
    async with client_of(lively) as client:
        trades = client.watch_trades("BTCUSDT")
        quotes = client.watch_bbo("BTCUSDT")
        tickers = client.watch_ticker()
        await ready(trades, quotes, tickers)
        async with asyncio.timeout(PATIENCE_S):
            got = [await anext(aiter(trades)) for _ in range(20)]
            quote = await anext(aiter(quotes))
            ticker = await anext(aiter(tickers))
        assert [int(trade.trade_id) for trade in got] == sorted({int(trade.trade_id) for trade in got})
        assert quote.bid is not None
        assert quote.ask is not None
        assert quote.bid.price < quote.ask.price
        assert ticker.market in lively.coinex.markets


async def test_balances_follow_an_order(lively: Sandbox) -> None:
    async with client_of(lively) as client:
        balances = client.watch_balances("USDT")
        await ready(balances)
        before = {one.asset: one for one in await client.balances()}["USDT"]
        await client.place_order("BTCUSDT", Side.BUY, "0.01", "100")
        async with asyncio.timeout(PATIENCE_S):
            pushed = await anext(aiter(balances))
        assert pushed.available == before.available - 1
        assert pushed.locked == before.locked + 1


async def test_a_wrong_secret_gives_up_user_streams_and_leaves_public_ones(lively: Sandbox) -> None:
    async with client_of(lively, secret="canary-secret-of-nobody") as client:
        book = client.watch_book("BTCUSDT")
        orders = client.watch_orders()
        with pytest.raises(AuthRejected) as caught:
            await ready(orders)
        assert "canary" not in str(caught.value)
        with pytest.raises(AuthRejected):
            await anext(aiter(orders))
        await ready(book)
        assert orders.is_closed


async def test_an_unknown_market_is_refused_and_disturbs_nobody(lively: Sandbox) -> None:
    async with client_of(lively) as client:
        good, bad = client.watch_book("BTCUSDT"), client.watch_book("NOPEUSDT")
        with pytest.raises(MarketUnavailable, match="NOPEUSDT"):
            await ready(bad)
        await ready(good)


async def test_mistakes_of_the_caller_are_told_at_once(lively: Sandbox) -> None:
    venue = lively.coinex
    async with CoinEx(environment=hosts.local(venue.rest_url, venue.ws_spot_url)) as client:
        with pytest.raises(ConfigError, match="credentials"):
            client.watch_orders()
        with pytest.raises(ConfigError, match="levels"):
            client.watch_book("BTCUSDT", depth=7)
        with pytest.raises(ConfigError, match="market"):
            client.watch_book("")
        book = client.watch_book("BTCUSDT", depth=5)
        with pytest.raises(ConfigError, match="watched with 5"):
            client.watch_book("BTCUSDT", depth=10)
        await book.close()
        await ready(client.watch_book("BTCUSDT", depth=10))
    with pytest.raises(ConfigError, match="closed"):
        client.watch_trades()


async def test_a_callback_that_raises_is_counted_and_the_stream_goes_on(lively: Sandbox) -> None:
    venue = lively.coinex
    failures: list[Exception] = []
    async with CoinEx(
        environment=hosts.local(venue.rest_url, venue.ws_spot_url), on_error=failures.append
    ) as client:
        witness = Witness(client)

        def fail(event: FeedEvent[Level2Book]) -> None:
            raise ZeroDivisionError(event.market)

        client.watch_book("BTCUSDT", on_update=fail)
        await witness.until(lambda: client.stream_metrics.callback_errors >= 3)
        assert {type(error) for error in failures} == {ZeroDivisionError}
        assert any(isinstance(event, events.CallbackFailed) for event in witness.seen)


async def test_a_venue_that_is_not_there_is_tried_again_and_closing_works_meanwhile() -> None:
    client = CoinEx(environment=hosts.local("http://127.0.0.1:1/v2", "ws://127.0.0.1:1/v2/spot"))
    witness = Witness(client)
    book = client.watch_book("BTCUSDT")
    await witness.until(lambda: len(witness.seen) >= 2)
    assert [event.attempt for event in witness.seen if isinstance(event, events.Disconnected)] == [1, 2]
    assert not book.is_ready
    await client.close()
