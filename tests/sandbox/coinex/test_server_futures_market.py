"""Public data of perpetuals over real sockets, checked with a client of the standard library alone."""

from __future__ import annotations

from collections.abc import AsyncIterator
from decimal import Decimal

import pytest

from support.plain_coinex import PlainBook, PlainClient, PlainStream
from tradewire.sandbox import Sandbox

HOUR_S = 3600


@pytest.fixture
async def futures(client: PlainClient) -> AsyncIterator[PlainStream]:
    async with client.session.ws_connect(client.box.coinex.ws_futures_url) as socket:
        yield PlainStream(socket)


async def data(client: PlainClient, target: str) -> list[dict[str, object]]:
    envelope = await client.public(target)
    assert envelope["code"] == 0
    found: list[dict[str, object]] = envelope["data"]
    return found


async def test_a_perpetual_says_what_orders_keep_to(client: PlainClient) -> None:
    [market] = await data(client, "/v2/futures/market?market=BTCUSDT")
    assert (market["contract_type"], market["tick_size"], market["status"]) == ("linear", "0.1", "online")
    assert market["leverage"] == ["1", "2", "3", "5", "8", "10", "15", "20", "30", "50", "100"]
    [levels] = await data(client, "/v2/futures/position-level?market=BTCUSDT")
    rows = levels["level"]
    assert isinstance(rows, list)
    assert [row["leverage"] for row in rows] == ["100", "50", "20", "5"]
    assert all(
        Decimal(row["maintenance_margin_rate"]) < Decimal(row["min_initial_margin_rate"]) for row in rows
    )


async def test_books_of_both_products_are_apart(client: PlainClient) -> None:
    target = "depth?market=BTCUSDT&limit=5&interval=0"
    spot = (await client.public(f"/v2/spot/{target}"))["data"]["depth"]
    futures = (await client.public(f"/v2/futures/{target}"))["data"]["depth"]
    assert spot["bids"] != futures["bids"]
    assert len(futures["asks"]) == len(futures["bids"]) == 5


async def test_mark_follows_the_index_and_rates_stay_within_their_limits(
    client: PlainClient, box: Sandbox
) -> None:
    [ticker] = await data(client, "/v2/futures/ticker?market=BTCUSDT")
    [index] = await data(client, "/v2/futures/index?market=BTCUSDT")
    assert ticker["index_price"] == index["price"]
    distance = Decimal(str(ticker["mark_price"])) / Decimal(str(index["price"])) - 1
    assert abs(distance) <= Decimal("0.005")
    [rate] = await data(client, "/v2/futures/funding-rate?market=BTCUSDT")
    assert abs(Decimal(str(rate["next_funding_rate"]))) <= Decimal(str(rate["max_funding_rate"]))
    assert int(str(rate["next_funding_time"])) % (8 * HOUR_S * 1000) == 0
    status, _ = await client.control("POST", "/coinex/futures", {"market": "BTCUSDT", "index": "50000"})
    assert status == 200
    [moved] = await data(client, "/v2/futures/ticker?market=BTCUSDT")
    assert (moved["index_price"], moved["mark_price"]) == ("50000", "50000")


async def test_histories_answer(client: PlainClient) -> None:
    await client.control("POST", "/coinex/futures", {"settle_funding": True})
    [settled] = await data(client, "/v2/futures/funding-rate-history?market=BTCUSDT")
    assert Decimal(str(settled["actual_funding_rate"])) == Decimal(str(settled["theoretical_funding_rate"]))
    assert await data(client, "/v2/futures/basis-history?market=BTCUSDT")
    assert await data(client, "/v2/futures/premium-index-history?market=BTCUSDT")
    assert await data(client, "/v2/futures/liquidation-history?market=BTCUSDT") == []
    assert await data(client, "/v2/futures/deals?market=BTCUSDT&limit=3")
    assert await data(client, "/v2/futures/kline?market=BTCUSDT&period=1min")


async def test_candles_of_mark_and_index_are_of_those_prices(client: PlainClient) -> None:
    for index in ("55000", "65000", "60000"):
        await client.control("POST", "/coinex/futures", {"market": "BTCUSDT", "index": index})
    for kind in ("mark_price", "index_price"):
        candles = await data(client, f"/v2/futures/kline?market=BTCUSDT&period=1week&price_type={kind}")
        assert min(Decimal(str(candle["low"])) for candle in candles) == 55_000
        assert max(Decimal(str(candle["high"])) for candle in candles) == 65_000
        assert (candles[-1]["close"], candles[-1]["volume"]) == ("60000", "0")


@pytest.mark.parametrize(
    ("target", "code"),
    [
        ("ticker?market=NOPE", 3639),
        ("depth?market=CETUSDT&limit=5&interval=0", 3639),
        ("depth?market=BTCUSDT&limit=6&interval=0", 3639),
        ("funding-rate-history", 4004),
        ("premium-index-history?market=BTCUSDT&limit=101", 3639),
    ],
)
async def test_bad_requests_are_refused(client: PlainClient, target: str, code: int) -> None:
    assert (await client.public(f"/v2/futures/{target}"))["code"] == code


async def test_books_are_pushed_on_the_futures_socket(
    futures: PlainStream, stream: PlainStream, box: Sandbox
) -> None:
    books = {}
    for name, socket in (("futures", futures), ("spot", stream)):
        assert (await socket.ask("depth.subscribe", {"market_list": [["BTCUSDT", 10, "0", False]]}))[
            "code"
        ] == 0
        books[name] = PlainBook()
        assert books[name].apply(await socket.push("depth.update"))
    box.coinex.futures.traffic.step(30)
    assert books["futures"].apply(await futures.push("depth.update"))
    assert books["futures"].levels("bids") != books["spot"].levels("bids")
    assert (await futures.ask("depth.unsubscribe", {"market_list": ["BTCUSDT"]}))["code"] == 0


async def test_public_topics_have_their_futures_fields(futures: PlainStream, box: Sandbox) -> None:
    for topic in ("state", "deals", "bbo", "index", "premium"):
        assert (await futures.ask(f"{topic}.subscribe", {"market_list": ["BTCUSDT"]}))["code"] == 0
    [state] = (await futures.push("state.update"))["state_list"]
    assert {
        "mark_price",
        "index_price",
        "open_interest_size",
        "insurance_fund_size",
        "next_funding_time",
    } <= set(state)
    assert (await futures.push("deals.update"))["deal_list"]
    assert Decimal((await futures.push("bbo.update"))["best_bid_price"]) > 0
    box.coinex.futures_feeds.tick_index()
    assert set(await futures.push("index.update")) == {"market", "index_price", "mark_price"}
    assert set(await futures.push("premium.update")) == {"market", "premium_index", "updated_at"}


async def test_each_socket_has_its_own_topics_and_needs_a_login_of_its_own(
    futures: PlainStream, stream: PlainStream, client: PlainClient
) -> None:
    assert (await stream.ask("premium.subscribe", {"market_list": []}))["code"] == 20002
    assert (await stream.ask("position.subscribe", {"market_list": []}))["code"] == 20002
    await stream.sign(client)
    assert (await futures.ask("position.subscribe", {"market_list": []}))["code"] == 21001
    await futures.sign(client)
    assert (await futures.ask("position.subscribe", {"market_list": []}))["code"] == 0
    assert (await futures.ask("state.subscribe", {"market_list": ["CETUSDT"]}))["code"] == 20001


async def test_perpetuals_open_with_their_first_use(client: PlainClient, box: Sandbox) -> None:
    spot = (await client.public("/v2/spot/depth?market=BTCUSDT&limit=5&interval=0"))["data"]
    assert "BTCUSDT" in {row["market"] for row in await data(client, "/v2/futures/market")}
    assert (
        len(
            (await client.public("/v2/futures/depth?market=BTCUSDT&limit=5&interval=0"))["data"]["depth"][
                "bids"
            ]
        )
        == 5
    )
    assert (await client.public("/v2/spot/depth?market=BTCUSDT&limit=5&interval=0"))["data"] == spot
    commands = box.coinex.futures.traffic.count
    assert commands
    await client.public("/v2/futures/ticker")
    assert box.coinex.futures.traffic.count == commands
