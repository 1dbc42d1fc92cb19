"""Books that must not lie and a pace that must be kept, on every venue over real sockets."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator
from typing import Any

import pytest

from support.floor import VENUES, Floor, open_floor
from support.witness import PATIENCE_S, Witness
from tradewire.errors import ConfigError, MarketUnavailable, NotSent, NotSynced, RateLimited, RequestError
from tradewire.protocol import events

S = 1_000_000_000


@pytest.fixture(params=VENUES)
async def floor(request: pytest.FixtureRequest) -> AsyncIterator[Floor]:
    async with open_floor(request.param, rate=20) as floor:
        yield floor


async def watched(floor: Floor) -> Any:
    book = floor.client.watch_book(floor.market, on_update=floor.witness.poke, **floor.setup.book_options)
    async with asyncio.timeout(PATIENCE_S):
        await book.ready()
    return book


async def until_right(floor: Floor, watching: Any) -> None:
    """Wait until the book is synced and exactly the venue's, and keeps moving."""
    updates = watching.book.updates
    await floor.witness.until(
        lambda: (
            watching.book.is_synced and watching.book.updates > updates and floor.setup.is_so(watching.book)
        )
    )


@pytest.mark.parametrize(
    "fault",
    [
        "sequence_reset",
        "missing_sequence",
        "stale_snapshot",
        "skip_difference",
        "duplicate_push",
        "drop_push",
    ],
)
async def test_a_book_whose_numbers_or_snapshots_are_wrong_is_never_frozen(floor: Floor, fault: str) -> None:
    if (floor.name, fault) == ("truex", "stale_snapshot"):
        pytest.skip("its snapshots carry nothing that tells their age")
    watching = await watched(floor)
    getattr(floor.faults, fault)(market=floor.market)
    if fault == "stale_snapshot":
        floor.link.reset_all()
    for _ in range(40):
        await asyncio.sleep(0.05)
        book = watching.book
        assert not book.is_synced or floor.setup.was_so(book)
    await until_right(floor, watching)


async def test_a_book_of_a_mute_socket_says_its_age_and_is_given_up(floor: Floor) -> None:
    watching = await watched(floor)
    await until_right(floor, watching)
    floor.faults.mute_socket()
    await asyncio.sleep(0.5)
    assert watching.book.age_ns >= S // 4
    with pytest.raises(NotSynced, match="max_age"):
        watching.book.best_bid(max_age_ns=S // 10)
    if floor.name == "coinex":
        # The others beat or ping at intervals of their own.
        async with asyncio.timeout(PATIENCE_S):
            while watching.book.is_synced:  # noqa: ASYNC110 - nothing calls where nothing comes
                await asyncio.sleep(0.02)
        with pytest.raises(NotSynced):
            watching.book.best_bid()
        await until_right(floor, watching)


async def test_a_market_that_is_answered_with_silence_ends_in_an_error(floor: Floor) -> None:
    if floor.name == "exchange":
        pytest.skip("a whole book is the answer: where none comes, the connection is given up")
    floor.faults.silent_subscription(count=10)
    watching = floor.client.watch_book(floor.market, **floor.setup.book_options)
    with pytest.raises(MarketUnavailable, match="no book came"):
        async with asyncio.timeout(PATIENCE_S):
            await watching.ready()
    assert watching.is_closed
    assert not watching.book.is_synced


async def test_a_channel_put_off_again_and_again_costs_no_processor_and_comes(floor: Floor) -> None:
    floor.faults.subscription_put_off(count=6)
    started = time.process_time()
    watching = floor.client.watch_trades(floor.market)
    async with asyncio.timeout(PATIENCE_S):
        await watching.ready()
    assert time.process_time() - started < 3


@pytest.mark.parametrize("as_date", [False, True], ids=["seconds", "date"])
async def test_a_wait_the_venue_asked_for_is_kept_by_the_calls_that_follow(
    floor: Floor, *, as_date: bool
) -> None:
    floor.faults.rate_limited(status=429, retry_after_s=60, as_date=as_date)
    with pytest.raises(RateLimited) as refused:
        await floor.send("buy", floor.low)
    assert 55 <= refused.value.retry_after_s <= 61
    for _ in range(3):
        with pytest.raises(NotSent, match="closed rate group"):
            await floor.send("buy", floor.low)
    assert await floor.other.open_orders(floor.market) == ()


async def test_a_ban_closes_every_group(floor: Floor) -> None:
    floor.faults.rate_limited(status=418)
    with pytest.raises(RateLimited):
        await floor.send("buy", floor.low)
    with pytest.raises(NotSent, match="closed rate group"):
        await floor.client.time()


@pytest.mark.parametrize("venue", VENUES)
def test_a_client_of_a_loop_that_is_over_says_so_and_its_book_is_stale(venue: str) -> None:
    kept: dict[str, Any] = {}

    async def first() -> None:
        context = open_floor(venue)
        floor = kept["floor"] = await context.__aenter__()
        kept["context"] = context
        kept["book"] = (await watched(floor)).book
        waiting = kept["waiting"] = floor.client.watch_trades(floor.market)
        await waiting.ready()

    async def second() -> None:
        floor = kept["floor"]
        with pytest.raises(ConfigError, match="closed"):
            floor.client.watch_book(floor.market)
        with pytest.raises((ConfigError, NotSent), match=r"loop|closed"):
            await floor.send("buy", floor.low)
        with pytest.raises((ConfigError, RequestError)):
            await floor.client.time()
        async with asyncio.timeout(PATIENCE_S):
            await floor.client.close()

    asyncio.run(first())
    assert not kept["book"].is_synced
    with pytest.raises(NotSynced):
        kept["book"].best_bid()
    assert kept["waiting"].is_closed
    asyncio.run(second())


async def test_a_subscription_closed_while_no_connection_can_be_made_wakes_who_waits(floor: Floor) -> None:
    floor.cut()
    watching = floor.client.watch_trades(floor.market)
    waiting = asyncio.ensure_future(watching.ready())
    await asyncio.sleep(1.5)
    await watching.close()
    # Not by the next try to connect, which comes later.
    for _ in range(10):
        await asyncio.sleep(0)
    assert waiting.done()
    with pytest.raises(ConfigError, match="closed before it was ready"):
        await waiting


async def test_private_recovery_waits_for_no_public_channel(floor: Floor) -> None:
    floor.watch()
    await floor.ready()
    witness = Witness(floor.client)
    floor.cut()
    floor.faults.silent_subscription(market=floor.market, count=10)
    floor.client.watch_book(floor.market, **floor.setup.book_options)
    await floor.heal()
    await witness.until_told(events.CaughtUp)
