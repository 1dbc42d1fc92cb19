"""Order-by-order books over real sockets: equal to the venue's in every place of every queue, whatever goes wrong."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from typing import Any

import pytest

from support.exchange_trader import ABC, XYZ, client_of
from support.plain_exchange import PlainRest
from support.witness import PATIENCE_S, Witness, ready
from tradewire import ExchangeOptions
from tradewire._native import FeedEvent, Level3Book
from tradewire.errors import ConfigError, NotSynced
from tradewire.model import Side, Trade
from tradewire.protocol import events
from tradewire.sandbox import Sandbox
from tradewire.sandbox.faults import FaultKind
from tradewire.sandbox.outbox import Outbox
from tradewire.signing import Token
from tradewire.venues.exchange.admin import ExchangeAdmin
from tradewire.venues.exchange.client import Exchange


def assert_equals_the_venues(box: Sandbox, book: Level3Book) -> int:
    """Compare every order and its place with the venue's book as of the same sequence; return how many there are."""
    truth = box.exchange.book_at(book.market, book.sequence)
    assert truth is not None
    for side, name in (("buy", "bids"), ("sell", "asks")):
        assert [list(row) for row in book.orders(side)] == truth[name]
    return len(book)


@pytest.fixture
async def lively() -> AsyncIterator[Sandbox]:
    """A sandbox whose market makers trade on books of several hundred orders."""
    async with Sandbox(["exchange"], seed=11, rate=400) as box:
        yield box


@pytest.fixture
async def watcher(lively: Sandbox) -> AsyncIterator[Exchange]:
    async with client_of(lively, Token(lively.exchange.api_key)) as client:
        yield client


async def test_every_change_leaves_the_book_equal_to_the_venues(lively: Sandbox, watcher: Exchange) -> None:
    witness = Witness(watcher)
    checked: dict[str, int] = {ABC: 0, XYZ: 0}
    kinds: set[str] = set()

    def check(event: FeedEvent[Level3Book]) -> None:
        assert event.book is not None
        assert assert_equals_the_venues(lively, event.book) >= 500
        checked[event.market] += 1
        kinds.add(event.change)
        witness.poke()

    watched = [watcher.watch_book(market, on_update=check) for market in checked]
    await ready(*watched)
    await witness.until(lambda: min(checked.values()) >= 40)
    assert kinds == {"snapshot", "delta"}
    assert watcher.stream_metrics.callback_errors == 0
    assert watcher.stream_metrics.resyncs == 0


FAULTS: dict[FaultKind, Callable[[Sandbox], object]] = {
    FaultKind.SKIP_DIFFERENCE: lambda box: box.exchange.faults.skip_difference(ABC),
    FaultKind.LAG: lambda box: box.exchange.faults.lag(ABC, lost=5),
    FaultKind.OUT_OF_ORDER: lambda box: box.exchange.faults.out_of_order(ABC),
}


@pytest.mark.parametrize("kind", FAULTS)
async def test_a_lost_change_is_noticed_and_the_book_fetched_anew(
    lively: Sandbox, watcher: Exchange, kind: FaultKind
) -> None:
    witness = Witness(watcher)
    watched = watcher.watch_book(ABC, on_update=witness.poke)
    other = watcher.watch_book(XYZ)
    await ready(watched, other)
    book = watched.book
    FAULTS[kind](lively)
    await witness.until_told(events.Resyncing)
    await witness.until(lambda: lively.exchange.faults.triggered[kind] > 0 and book.is_synced)
    assert_equals_the_venues(lively, book)
    # On a busy machine a snapshot may be so late that it is asked for again.
    first, *later = [event for event in witness.seen if isinstance(event, events.Resyncing)]
    assert {event.channel.key for event in (first, *later)} == {ABC}
    assert first.reason in {"sequence_gap", "resync_required"}
    assert other.book.is_synced
    assert watcher.stream_metrics.reconnects == 0


@pytest.mark.parametrize("kind", [FaultKind.STALE_EVENT, FaultKind.EARLY_EFFECTS])
async def test_quirks_of_the_real_server_right_after_subscribing_are_survived(
    lively: Sandbox, watcher: Exchange, kind: FaultKind
) -> None:
    getattr(lively.exchange.faults, kind.value)(ABC)
    witness = Witness(watcher)
    watched = watcher.watch_book(ABC, on_update=witness.poke)
    await witness.until(lambda: lively.exchange.faults.triggered[kind] > 0 and watched.book.is_synced)
    after = watched.book.updates + 20
    await witness.until(lambda: watched.book.updates >= after)
    assert_equals_the_venues(lively, watched.book)


async def test_a_book_in_doubt_does_not_answer(lively: Sandbox, watcher: Exchange) -> None:
    witness = Witness(watcher)
    doubts: list[tuple[str, str]] = []
    watched = watcher.watch_book(ABC)

    def look(event: events.Event) -> None:
        if isinstance(event, events.Resyncing):
            with pytest.raises(NotSynced) as caught:
                watched.book.orders("buy")
            doubts.append((caught.value.status, caught.value.reason))

    watcher.watch_events(look)
    await ready(watched)
    lively.exchange.faults.lag(ABC)
    await witness.until(lambda: len(doubts) > 0)
    assert doubts == [("syncing", "resync_required")]


async def test_lost_connections_come_back_with_equal_books(lively: Sandbox, watcher: Exchange) -> None:
    witness = Witness(watcher)
    watched = [watcher.watch_book(market, on_update=witness.poke) for market in (ABC, XYZ)]
    await ready(*watched)

    async def come_back(reconnects: int) -> None:
        assert lively.exchange.faults.drop_socket() == 2
        await witness.until(lambda: watcher.stream_metrics.reconnects == reconnects)
        await witness.until(lambda: all(one.book.is_synced for one in watched))
        for one in watched:
            assert_equals_the_venues(lively, one.book)

    await come_back(2)
    await come_back(4)


async def test_a_slow_reader_is_told_what_the_venue_skipped() -> None:
    options = ExchangeOptions(ws_broadcast_buffer=4)
    async with (
        Sandbox(["exchange"], seed=11, rate=0, exchange=options) as box,
        client_of(box, Token(box.exchange.api_key)) as client,
    ):
        witness = Witness(client)
        watched = client.watch_book(ABC, on_update=witness.poke)
        await ready(watched)
        # Within one iteration of the loop nothing is sent: the venue\'s queue of four overflows.
        for _ in range(200):
            box.exchange.traffic.step()
        await witness.until_told(events.Resyncing)
        await witness.until(lambda: watched.book.is_synced)
        assert_equals_the_venues(box, watched.book)
        [resyncing] = [event for event in witness.seen if isinstance(event, events.Resyncing)]
        assert resyncing.reason == "resync_required"


async def test_a_bot_of_a_slow_callback_loses_no_change_of_the_book(
    lively: Sandbox, watcher: Exchange
) -> None:
    watched = watcher.watch_book(ABC)
    async with asyncio.timeout(PATIENCE_S):
        count = 0
        async for event in watched:
            assert event.book is watched.book
            assert_equals_the_venues(lively, watched.book)
            await asyncio.sleep(0.02)
            count += 1
            if count == 5:
                break
    assert watched.conflated > 0


async def test_our_own_orders_are_marked_and_know_their_place(trader: Exchange, rival: Exchange) -> None:
    witness = Witness(trader)
    early = await trader.place_order(ABC, "buy", 2, 100)
    await rival.place_order(ABC, "buy", 3, 100)
    watched = trader.watch_book(ABC, on_update=witness.poke)
    await trader.account_ready()
    await ready(watched)
    book = watched.book
    await rival.place_order(ABC, "buy", 5, 100)
    late = await trader.place_order(ABC, "buy", 4, 100, order_entry="ws")
    await witness.until(lambda: len(book) == 4)
    await witness.until(lambda: sorted(book.own_orders()) == sorted((early.order_id, late.order_id)))
    place = book.queue(late.order_id)
    assert place is not None
    assert (place.orders_ahead, place.size_ahead, place.own_ahead, place.remaining) == (3, 10, 1, 4)
    await trader.amend_order(ABC, late.order_id, remaining=1)
    await rival.place_order(ABC, "sell", 5, 100)
    await witness.until(lambda: (found := book.queue(late.order_id)) is not None and found.size_ahead == 5)
    place = book.queue(late.order_id)
    assert place is not None
    assert (place.orders_ahead, place.own_ahead, place.remaining) == (1, 0, 1)
    await trader.cancel_order(ABC, late.order_id, order_entry="ws")
    await witness.until(lambda: book.order(late.order_id) is None)
    assert book.own_orders() == []


async def test_public_trades_have_a_side_and_a_number(trader: Exchange, rival: Exchange) -> None:
    witness = Witness(trader)
    trades: list[Trade] = []
    watched = trader.watch_trades(ABC, on_update=witness.into(trades))
    await ready(watched)
    for price in (205, 206):
        await rival.place_order(ABC, "sell", 2, price)
    await trader.place_order(ABC, "buy", 3, 210)
    await rival.place_order(ABC, "buy", 1, 100)
    await trader.place_order(ABC, "sell", 2, 90)
    await witness.until(lambda: len(trades) == 3)
    assert [(trade.side, trade.price, trade.size) for trade in trades[:2]] == [
        (Side.BUY, 205, 2),
        (Side.BUY, 206, 1),
    ]
    assert trades[2].side is Side.SELL
    assert len({trade.trade_id for trade in trades}) == 3
    with pytest.raises(ConfigError, match="needs a market"):
        trader.watch_trades()


async def test_a_market_disabled_settled_deleted_and_made_anew_while_watched(
    trader: Exchange, rival: Exchange, admin: ExchangeAdmin, operator: PlainRest
) -> None:
    witness = Witness(trader)
    watched = trader.watch_book(ABC, on_update=witness.poke)
    said: list[Any] = []
    trader.watch_messages(on_update=witness.into(said))
    await trader.account_ready()
    await ready(watched)
    book = watched.book
    mine = await trader.place_order(ABC, "buy", 5, 100)
    await rival.place_order(ABC, "sell", 2, 100)
    await rival.place_order(ABC, "sell", 2, 110)
    await witness.until(lambda: len(book) == 2)
    await admin.patch_market(ABC, is_enabled=False)
    assert book.is_synced
    await admin.settle_market(ABC, 104)
    await witness.until(lambda: len(book) == 0 and len(said) == 1)
    assert "settled" in said[0].title
    assert said[0].market == ABC
    assert (await trader.order(ABC, mine.order_id)).filled_size == 2
    await trader.account_ready()
    position = trader.position(ABC)
    assert (position.size, position.average_price, position.realized_pnl) == (0, None, 8)
    await admin.delete_market(ABC)
    await operator.market(ABC)
    # Its sequence begins anew, which the client takes for a gap.
    order = await rival.place_order(ABC, "buy", 7, 90)
    await witness.until(lambda: book.is_synced and book.order(order.order_id) is not None)
    assert book.sequence == 1


async def test_an_unknown_market_is_an_empty_book_that_comes_to_life(
    trader: Exchange, rival: Exchange, operator: PlainRest
) -> None:
    witness = Witness(trader)
    watched = trader.watch_book("NEW-USD", on_update=witness.poke)
    await ready(watched)
    assert (len(watched.book), watched.book.sequence) == (0, 0)
    await operator.market("NEW-USD")
    await rival.place_order("NEW-USD", "sell", 3, 7)
    await witness.until(lambda: len(watched.book) == 1)
    assert watched.book.best_ask() == (7, 3)


async def test_a_book_of_many_megabytes_stays_up(trader: Exchange, monkeypatch: pytest.MonkeyPatch) -> None:
    put = Outbox.put

    def put_at_length(outbox: Outbox, frame: bytes) -> None:
        filling = b',"filling":"%s"}' % (b"x" * (10 << 20))
        put(outbox, frame[:-1] + filling if b'"type":"snapshot"' in frame else frame)

    monkeypatch.setattr(Outbox, "put", put_at_length)
    witness = Witness(trader)
    book = trader.watch_book(ABC, on_update=witness.poke)
    await ready(book)
    await trader.place_order(ABC, "buy", 3, 100)
    await witness.until(lambda: book.book.best_bid() is not None)
    assert not any(isinstance(event, events.Disconnected) for event in witness.seen)
