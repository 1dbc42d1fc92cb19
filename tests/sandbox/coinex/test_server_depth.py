"""Depth pushes over real sockets: full, difference, merging, checksums over a long run, faults."""

from __future__ import annotations

from collections.abc import AsyncIterator
from decimal import Decimal
from typing import Any

import aiohttp
import pytest

from support.plain_coinex import PlainBook, PlainClient, PlainStream, now_ms
from tradewire.sandbox import Sandbox
from tradewire.sandbox.venues.coinex.options import CoinExOptions


async def subscribe(
    stream: PlainStream,
    market: str = "BTCUSDT",
    limit: int = 20,
    interval: str = "0",
    *,
    if_full: bool = False,
) -> dict[str, Any]:
    reply = await stream.ask("depth.subscribe", {"market_list": [[market, limit, interval, if_full]]})
    assert reply["code"] == 0
    return await stream.push("depth.update")


async def settled(client: PlainClient, stream: PlainStream) -> list[dict[str, Any]]:
    """Return every depth push that is under way."""
    await stream.ask("server.ping")
    pushes = [message["data"] for message in stream.pushes if message["method"] == "depth.update"]
    stream.pushes.clear()
    return pushes


async def test_the_first_push_is_the_whole_book(stream: PlainStream, box: Sandbox) -> None:
    data = await subscribe(stream, limit=50)
    truth = box.coinex.book("BTCUSDT", 50)
    assert data["is_full"] is True
    assert [data["depth"]["bids"], data["depth"]["asks"]] == [truth["bids"], truth["asks"]]
    assert data["depth"]["checksum"] == truth["checksum"]
    assert PlainBook().apply(data)


@pytest.mark.parametrize(("limit", "interval"), [(5, "0"), (10, "0.1"), (20, "0"), (50, "0"), (50, "1")])
@pytest.mark.parametrize("market", ["BTCUSDT", "CETUSDT"])
async def test_checksums_hold_over_a_long_run_of_differences(
    stream: PlainStream, client: PlainClient, market: str, limit: int, interval: str
) -> None:
    venue = client.box.coinex
    book = PlainBook()
    assert book.apply(await subscribe(stream, market, limit, interval))
    seen = {book.updated_at}
    differences = 0
    for _ in range(20):
        venue.traffic.step(60)
        for data in await settled(client, stream):
            before = book.updated_at
            assert data["is_full"] is False
            assert book.apply(data)
            assert book.updated_at > before
            seen.add(book.updated_at)
            differences += 1
    truth = venue.book(market, limit, interval)
    assert [book.levels("bids"), book.levels("asks")] == [truth["bids"], truth["asks"]]
    assert differences + 1 == len(seen)
    if interval == "0":
        assert differences > 20


async def test_amounts_and_prices_are_padded_to_the_markets_precision(stream: PlainStream) -> None:
    data = await subscribe(stream, limit=50)
    for price, amount in data["depth"]["bids"] + data["depth"]["asks"]:
        assert len(price.partition(".")[2]) == 2
        assert len(amount.partition(".")[2]) == 8


async def test_a_level_that_goes_is_sent_as_zero_and_a_side_without_changes_left_out(
    stream: PlainStream, client: PlainClient
) -> None:
    await subscribe(stream, limit=5)
    top = str(Decimal(client.box.coinex.book("BTCUSDT", 5)["bids"][0][0]) + Decimal("0.01"))
    order_id = (await client.order(price=top, amount="0.5"))["data"]["order_id"]
    data = await stream.push("depth.update")
    assert "asks" not in data["depth"]
    # The new best pushed the fifth level out of the book of five.
    assert [top, "0.50000000"] in data["depth"]["bids"]
    assert [amount for _, amount in data["depth"]["bids"]].count("0") == 1
    await client.signed(
        "POST", "/v2/spot/cancel-order", {"market": "BTCUSDT", "market_type": "SPOT", "order_id": order_id}
    )
    data = await stream.push("depth.update")
    assert [top, "0"] in data["depth"]["bids"]
    assert len(data["depth"]["bids"]) == 2


async def test_if_full_pushes_the_whole_book_each_time(stream: PlainStream, client: PlainClient) -> None:
    await subscribe(stream, if_full=True)
    client.box.coinex.traffic.step(100)
    pushes = await settled(client, stream)
    assert pushes
    assert all(data["is_full"] and PlainBook().apply(data) for data in pushes)


async def test_a_second_subscription_of_a_market_replaces_the_first(
    stream: PlainStream, client: PlainClient
) -> None:
    await subscribe(stream, limit=50)
    await subscribe(stream, limit=5)
    client.box.coinex.traffic.step(300)
    pushes = await settled(client, stream)
    book = PlainBook()
    assert not book.apply(pushes[0])
    fresh = PlainBook()
    assert fresh.apply(await subscribe(stream, limit=5))
    assert len(fresh.sides["bids"]) == 5


async def test_unsubscribe_by_name_ends_the_pushes(stream: PlainStream, client: PlainClient) -> None:
    await subscribe(stream, "BTCUSDT")
    await subscribe(stream, "ETHUSDT")
    await stream.ask("depth.unsubscribe", {"market_list": ["BTCUSDT"]})
    client.box.coinex.traffic.step(200)
    assert {data["market"] for data in await settled(client, stream)} == {"ETHUSDT"}
    await stream.ask("depth.unsubscribe", {"market_list": []})
    client.box.coinex.traffic.step(200)
    assert await settled(client, stream) == []


async def test_a_late_subscriber_joins_the_pushed_state_and_follows(
    client: PlainClient, stream: PlainStream
) -> None:
    await subscribe(stream)
    client.box.coinex.traffic.step(50)
    async with client.session.ws_connect(client.box.coinex.ws_spot_url) as socket:
        late, book = PlainStream(socket), PlainBook()
        assert book.apply(await subscribe(late))
        client.box.coinex.traffic.step(100)
        pushes = await settled(client, late)
        assert pushes
        assert all(book.apply(data) for data in pushes)


async def test_every_pushed_state_can_be_asked_for_again(stream: PlainStream, client: PlainClient) -> None:
    book = PlainBook()
    book.apply(await subscribe(stream, limit=10))
    for _ in range(10):
        client.box.coinex.traffic.step(20)
        for data in await settled(client, stream):
            book.apply(data)
            state, truth = await client.control(
                "GET",
                f"/coinex/book?market=BTCUSDT&limit=10&updated_at={book.updated_at}&checksum={book.checksum()}",
            )
            assert state == 200
            assert [truth["bids"], truth["asks"]] == [book.levels("bids"), book.levels("asks")]
    wrong = f"/coinex/book?market=BTCUSDT&limit=10&updated_at={book.updated_at}&checksum=1"
    assert (await client.control("GET", wrong))[0] == 404
    signed = book.checksum() - 2**32
    as_signed = f"/coinex/book?market=BTCUSDT&limit=10&updated_at={book.updated_at}&checksum={signed}"
    assert (await client.control("GET", as_signed))[0] == 200


class SlowClock:
    """A clock that tests move."""

    def __init__(self) -> None:
        self.ms = now_ms()

    def __call__(self) -> int:
        return self.ms


@pytest.fixture
def clock() -> SlowClock:
    return SlowClock()


@pytest.fixture
async def paced(clock: SlowClock) -> AsyncIterator[tuple[Sandbox, PlainStream]]:
    """A sandbox, and a stream of it, that pushes at a cadence and whose clock stands still."""
    async with (
        Sandbox(["coinex"], seed=7, rate=0, now_ms=clock, coinex=CoinExOptions(push_ms=5)) as box,
        aiohttp.ClientSession() as session,
        session.ws_connect(box.coinex.ws_spot_url) as socket,
    ):
        yield box, PlainStream(socket)


async def test_at_a_cadence_one_push_sums_up_many_changes(paced: tuple[Sandbox, PlainStream]) -> None:
    box, stream = paced
    book = PlainBook()
    assert book.apply(await subscribe(stream))
    box.coinex.traffic.step(400)
    assert book.apply(await stream.push("depth.update"))
    truth = box.coinex.book("BTCUSDT", 20)
    assert [book.levels("bids"), book.levels("asks")] == [truth["bids"], truth["asks"]]


async def test_states_never_share_updated_at_even_when_the_clock_stands(
    paced: tuple[Sandbox, PlainStream],
) -> None:
    box, stream = paced
    book = PlainBook()
    book.apply(await subscribe(stream))
    stamps = [book.updated_at]
    for _ in range(5):
        box.coinex.traffic.step(100)
        assert book.apply(await stream.push("depth.update"))
        stamps.append(book.updated_at)
    assert stamps == sorted(set(stamps))


async def test_the_whole_book_comes_again_each_minute(
    paced: tuple[Sandbox, PlainStream], clock: SlowClock
) -> None:
    _, stream = paced
    await subscribe(stream)
    clock.ms += 60_000
    data = await stream.push("depth.update")
    assert data["is_full"] is True
    assert PlainBook().apply(data)


async def test_a_corrupted_checksum_is_wrong_once(stream: PlainStream, client: PlainClient) -> None:
    book = PlainBook()
    book.apply(await subscribe(stream))
    client.box.coinex.faults.corrupt_checksum("BTCUSDT")
    client.box.coinex.traffic.step(200)
    verdicts = [book.apply(data) for data in await settled(client, stream)]
    assert verdicts[0] is False
    assert len(verdicts) > 2
    assert all(verdicts[1:])


async def test_a_skipped_difference_leaves_a_book_that_is_wrong(
    stream: PlainStream, client: PlainClient
) -> None:
    book = PlainBook()
    book.apply(await subscribe(stream, limit=50))
    client.box.coinex.faults.skip_difference("BTCUSDT")
    client.box.coinex.traffic.step(200)
    verdicts = [book.apply(data) for data in await settled(client, stream)]
    assert verdicts
    assert verdicts[0] is False
    assert book.apply(await subscribe(stream, limit=50))
