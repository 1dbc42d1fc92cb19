"""What profiles of the sandbox change on the wire: each profile beside the pages, over real sockets."""

from __future__ import annotations

import hashlib
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from decimal import Decimal
from typing import Any

import aiohttp
import pytest

from support.plain_coinex import PlainClient, PlainStream, now_ms
from tradewire.sandbox import Sandbox
from tradewire.sandbox.checksum import checksum_of
from tradewire.sandbox.routing import Route
from tradewire.sandbox.venues.coinex.habits import Habits
from tradewire.sandbox.venues.coinex.options import CoinExOptions

PROFILES = ("docs", "live", "ccxt")


@asynccontextmanager
async def opened(profile: str, **options: Any) -> AsyncIterator[tuple[PlainClient, PlainStream]]:
    wanted = CoinExOptions.like(profile, push_ms=0, markets=("BTCUSDT", "XRPUSDT"), **options)
    async with (
        Sandbox("coinex", rate=0, coinex=wanted) as box,
        aiohttp.ClientSession() as session,
        session.ws_connect(box.coinex.ws_spot_url) as socket,
    ):
        client, stream = PlainClient(box, session), PlainStream(socket)
        await stream.sign(client)
        yield client, stream


async def half_filled(client: PlainClient) -> int:
    """Place an order that takes the best level and rests with what is left; return its id."""
    price, amount = client.box.coinex.book("BTCUSDT")["asks"][0]
    reply = await client.order(price=str(Decimal(price)), amount=str(Decimal(amount) + 1))
    order_id: int = reply["data"]["order_id"]
    return order_id


@pytest.mark.parametrize("profile", PROFILES)
async def test_numbers_in_pushes(profile: str) -> None:
    async with opened(profile) as (_, stream):
        await stream.ask("depth.subscribe", {"market_list": [["XRPUSDT", 5, "0", True]]})
        levels = (await stream.push("depth.update"))["depth"]
        await stream.ask("bbo.subscribe", {"market_list": ["XRPUSDT"]})
        best = await stream.push("bbo.update")
        price, amount = levels["bids"][0]
        assert [price, amount] == [best["best_bid_price"], best["best_bid_size"]]
        assert len(amount.partition(".")[2]) == (6 if profile == "docs" else 8)
        prices = [price for price, _ in levels["bids"] + levels["asks"]]
        is_padded = all(len(price.partition(".")[2]) == 6 for price in prices)
        assert is_padded == (profile == "docs")
        assert levels["checksum"] == checksum_of(levels["bids"], levels["asks"])


@pytest.mark.parametrize("profile", PROFILES)
async def test_what_is_not_there(profile: str) -> None:
    async with opened(profile) as (client, stream):
        reply = await client.public("/v2/spot/ticker?market=NOPE")
        assert reply["data"] == {}
        assert reply["code"] == (3639 if profile == "docs" else 4004)
        batch = await client.signed("POST", "/v2/spot/batch-order", {"orders": [{"market": "NOPE"}]})
        assert batch["data"][0]["code"] == reply["code"]
        reply = await client.signed("GET", "/v2/spot/order-status?market=BTCUSDT&order_id=5")
        assert (reply["code"], reply["data"]) == ((0, None) if profile == "live" else (3600, {}))
        for topic, names in (("deals", ["NOPE"]), ("depth", [["BTCUSDT", 7, "0", True]])):
            reply = await stream.ask(f"{topic}.subscribe", {"market_list": names})
            assert reply["code"] == (20001 if profile == "docs" else 0)


@pytest.mark.parametrize("profile", PROFILES)
async def test_market_types_in_lower_case(profile: str) -> None:
    async with opened(profile) as (client, _):
        code = 3639 if profile == "docs" else 0
        assert (await client.signed("GET", "/v2/spot/pending-order?market_type=spot"))["code"] == code
        assert (await client.order(market_type="spot"))["code"] == code


@pytest.mark.parametrize("profile", PROFILES)
async def test_orders(profile: str) -> None:
    async with opened(profile) as (client, stream):
        await stream.ask("order.subscribe", {"market_list": []})
        order_id = await half_filled(client)
        target = f"/v2/spot/order-status?market=BTCUSDT&order_id={order_id}"
        order = (await client.signed("GET", target))["data"]
        is_old = profile == "ccxt"
        assert order["status"] == ("part_deal" if is_old else "part_filled")
        assert ("last_fill_price" in order, "last_filled_price" in order) == (is_old, not is_old)
        pushed = (await stream.push("order.update"))["order"]
        assert ("last_fill_price" in pushed, "last_filled_price" in pushed) == (is_old, not is_old)
        assert "filled_amount" in pushed
        good = {"market": "BTCUSDT", "market_type": "SPOT", "side": "buy", "type": "limit"}
        good |= {"amount": "0.001", "price": "30000"}
        [placed] = (await client.signed("POST", "/v2/spot/batch-order", {"orders": [good]}))["data"]
        target = f"/v2/spot/batch-order-status?market=BTCUSDT&order_ids={order_id}"
        [asked] = (await client.signed("GET", target))["data"]
        assert asked["message"] == ("OK" if profile == "docs" else "")
        assert ("last_fill_price" in asked["data"]) == is_old
        assert "last_fill_price" in placed if is_old else "order_id" in placed["data"]


@pytest.mark.parametrize("profile", PROFILES)
async def test_volumes_of_candles(profile: str) -> None:
    async with opened(profile) as (client, _):
        await client.order(type="market", side="sell", amount="0.01", price=None)
        [candle] = (await client.public("/v2/spot/kline?market=BTCUSDT&period=1day&limit=1"))["data"]
        base, quote = Decimal(candle["volume"]), Decimal(candle["value"])
        assert (base < quote) == (profile != "ccxt")


@pytest.mark.parametrize("profile", PROFILES)
async def test_batches_of_perpetuals_are_always_wrapped(profile: str) -> None:
    async with opened(profile) as (client, _):
        good = {"market": "BTCUSDT", "market_type": "FUTURES", "side": "buy", "type": "limit"}
        good |= {"amount": "0.01", "price": "50000"}
        [placed] = (await client.signed("POST", "/v2/futures/batch-order", {"orders": [good]}))["data"]
        assert (placed["code"], "last_filled_price" in placed["data"]) == (0, True)


async def test_the_oracle_shows_books_and_accounts_of_perpetuals() -> None:
    async with opened("docs") as (client, _):
        order = {
            "market": "BTCUSDT",
            "market_type": "FUTURES",
            "side": "buy",
            "type": "market",
            "amount": "0.01",
        }
        placed = (await client.signed("POST", "/v2/futures/order", order))["data"]
        status, account = await client.control(
            "GET", f"/coinex/ledger?product=futures&access_id={client.access_id}"
        )
        assert status == 200
        assert [(row["order_id"], row["status"]) for row in account["orders"]] == [
            (placed["order_id"], "filled")
        ]
        assert [position["open_interest"] for position in account["positions"]] == ["0.01"]
        assert account["deals"][0]["order_id"] == placed["order_id"]
        _, book = await client.control("GET", "/coinex/book?product=futures&market=BTCUSDT&limit=5")
        public = (await client.public("/v2/futures/depth?market=BTCUSDT&limit=5&interval=0"))["data"]["depth"]
        assert [Decimal(price) for price, _ in book["bids"]] == [
            Decimal(price) for price, _ in public["bids"]
        ]


async def test_old_order_pushes_have_no_filled_amount() -> None:
    async with opened("docs", old_order_pushes=True) as (client, stream):
        await stream.ask("order.subscribe", {"market_list": []})
        await half_filled(client)
        pushed = (await stream.push("order.update"))["order"]
        assert pushed["unfill_amount"] == "1"
        assert {"fill_value", "last_fill_amount", "last_fill_price"} < pushed.keys()
        assert not {"filled_amount", "filled_value", "unfilled_amount", "last_filled_price"} & pushed.keys()


@pytest.mark.parametrize("profile", PROFILES)
async def test_the_hash_of_before_april_2024_signs_in(profile: str) -> None:
    async with opened(profile) as (client, stream):
        stamp = now_ms()
        signature = hashlib.sha256(f"{stamp}{client.secret}".encode()).hexdigest()
        params = {"access_id": client.access_id, "signed_str": signature, "timestamp": stamp}
        reply = await stream.ask("server.sign", params)
        assert reply["code"] == (21002 if profile == "docs" else 0)


@pytest.mark.parametrize("profile", PROFILES)
async def test_a_silent_client_is_cut_off_with_or_without_a_word(profile: str) -> None:
    async with opened(profile, idle_s=0.05) as (_, stream):
        message = await stream.socket.receive(timeout=10)
        is_abrupt = profile != "docs"
        assert message.type is (aiohttp.WSMsgType.CLOSED if is_abrupt else aiohttp.WSMsgType.CLOSE)
        assert stream.socket.close_code == (1006 if is_abrupt else 1001)


@pytest.mark.parametrize("profile", PROFILES)
def test_empty_balances_and_pages(profile: str) -> None:
    habits, is_live = Habits(CoinExOptions.like(profile)), profile != "docs"
    route = Route("GET", "/v2/assets/futures/balance")
    assert habits.envelope(route, {"data": []})["data"] == (None if is_live else [])
    assert habits.envelope(route, {"data": [{}]})["data"] == [{}]
    paged = {"data": [], "pagination": {"has_next": False}}
    sent = habits.envelope(Route("GET", "/v2/assets/deposit-history"), dict(paged))
    assert sent == ({"data": [], "paginatation": {"has_next": False}} if is_live else paged)
    assert habits.envelope(Route("GET", "/v2/assets/withdraw"), dict(paged)) == paged


def test_an_empty_book_has_checksum_0() -> None:
    assert checksum_of([], []) == 0


def test_a_profile_gives_way_to_options_and_must_be_there() -> None:
    assert CoinExOptions.like("live", unpadded_prices=False, push_ms=5) != CoinExOptions.like("live")
    with pytest.raises(ValueError, match="one of docs, live, ccxt, got 'prod'"):
        CoinExOptions.like("prod")
