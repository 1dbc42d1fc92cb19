"""Faults, control surface, determinism and the box itself."""

from __future__ import annotations

import asyncio
import subprocess
import sys
from decimal import Decimal
from typing import Any

import aiohttp
import pytest

import tradewire.sandbox
from support.plain_coinex import PlainClient, PlainStream, now_ms
from support.witness import PATIENCE_S
from tradewire.errors import ConfigError
from tradewire.sandbox import Sandbox
from tradewire.sandbox.ledger import DoesNotAddUp
from tradewire.sandbox.venues.coinex.options import CoinExOptions

BALANCE = "/v2/assets/spot/balance"
ENDED = {aiohttp.WSMsgType.CLOSE, aiohttp.WSMsgType.CLOSED, aiohttp.WSMsgType.ERROR}


@pytest.mark.parametrize("code", [4010, 4017])
async def test_stale_timestamp_refuses_as_often_as_asked(client: PlainClient, code: int) -> None:
    client.box.coinex.faults.stale_timestamp(count=2, code=code)
    codes = [(await client.signed("GET", BALANCE))["code"] for _ in range(3)]
    assert codes == [code, code, 0]


async def test_clock_skew_moves_what_the_venue_says_and_judges(
    client: PlainClient, stream: PlainStream
) -> None:
    client.box.coinex.faults.clock_skew(30_000)
    ahead = (await client.public("/v2/time"))["data"]["timestamp"] - now_ms()
    assert 25_000 < ahead <= 30_000
    assert (await client.signed("GET", BALANCE))["code"] == 4010
    assert (await client.signed("GET", BALANCE, stamp_ms=now_ms() + 30_000))["code"] == 0
    assert (await stream.ask("server.time"))["data"]["timestamp"] - now_ms() > 25_000
    client.box.coinex.faults.clock_skew(-30_000)
    assert (await client.signed("GET", BALANCE))["code"] == 4017


async def test_faults_over_http(client: PlainClient, stream: PlainStream) -> None:
    await stream.ask("server.ping")
    ask = {"kind": "stale_timestamp", "count": 1, "code": 4017}
    assert await client.control("POST", "/faults", ask) == (200, {"armed": 1})
    assert (await client.signed("GET", BALANCE))["code"] == 4017
    assert await client.control("POST", "/faults", {"kind": "drop_socket"}) == (200, {"done": 1})
    assert (await stream.socket.receive(timeout=5)).type in ENDED
    triggered = (await client.control("GET", "/health"))[1]["triggered"]
    assert (triggered["drop_socket"], triggered["stale_timestamp"]) == (1, 1)


async def test_events_of_a_margin_account_come_on_the_same_topics(
    client: PlainClient, stream: PlainStream, box: Sandbox
) -> None:
    assert box.coinex.faults.margin_events("BTCUSDT") == 0
    await stream.sign(client)
    await stream.ask("order.subscribe", {"market_list": ["BTCUSDT"]})
    await stream.ask("user_deals.subscribe", {"market_list": ["BTCUSDT"]})
    await stream.ask("balance.subscribe", {"ccy_list": []})
    await client.order()
    spot = await stream.push("order.update")
    await client.control("POST", "/faults", {"kind": "margin_events", "market": "BTCUSDT"})
    margin = await stream.push("order.update")
    assert set(margin["order"]) == set(spot["order"])
    assert (spot["order"]["margin_market"], margin["order"]["margin_market"]) == ("", "BTCUSDT")
    deal = await stream.push("user_deals.update")
    assert (deal["margin_market"], deal["order_id"]) == ("BTCUSDT", margin["order"]["order_id"])
    balances = await stream.push("balance.update")
    while not balances["balance_list"][0]["margin_market"]:
        balances = await stream.push("balance.update")
    assert balances["balance_list"][0]["margin_market"] == "BTCUSDT"
    ledger = box.coinex.ledger_of(client.access_id)
    assert len(ledger["orders"]) == 1, "nothing of it is in the spot account"
    with pytest.raises(ValueError, match="needs a market"):
        box.coinex.faults.margin_events("NOPE")


@pytest.mark.parametrize(
    ("method", "path", "document", "status"),
    [
        ("POST", "/faults", {"kind": "earthquake"}, 400),
        ("POST", "/faults", {}, 400),
        ("POST", "/faults", [], 400),
        ("POST", "/faults", None, 400),
        ("GET", "/coinex/book", None, 400),
        ("GET", "/coinex/book?market=NOPE", None, 400),
        ("GET", "/coinex/ledger?access_id=NOBODY", None, 400),
        ("POST", "/coinex/market", {"market": "BTCUSDT", "status": "shut"}, 400),
        ("GET", "/nowhere", None, 404),
        ("POST", "/health", {}, 404),
    ],
)
async def test_the_control_surface_says_what_is_wrong(
    client: PlainClient, method: str, path: str, document: Any, status: int
) -> None:
    answered, reply = await client.control(method, path, document)
    assert answered == status
    assert reply["error"]


async def test_the_control_surface_tells_keys_ledger_book_and_tape(client: PlainClient, box: Sandbox) -> None:
    keys = (await client.control("GET", "/coinex/keys"))[1]
    assert keys == {
        "rest_url": box.coinex.rest_url,
        "ws_spot_url": box.coinex.ws_spot_url,
        "ws_futures_url": box.coinex.ws_futures_url,
        "access_id": box.coinex.access_id,
        "secret": box.coinex.secret,
        "markets": list(box.coinex.markets),
        "futures_markets": ["BTCUSDT", "ETHUSDT"],
    }
    await client.order()
    ledger = (await client.control("GET", f"/coinex/ledger?access_id={keys['access_id']}"))[1]
    assert ledger == box.coinex.ledger_of(keys["access_id"])
    assert ledger["orders"][0]["status"] == "open"
    book = (await client.control("GET", "/coinex/book?market=ETHUSDT&limit=5&interval=0"))[1]
    assert book["bids"] == box.coinex.book("ETHUSDT", 5)["bids"]
    tape = (await client.control("GET", "/coinex/tape?limit=3"))[1]
    assert len(tape["commands"]) == 3
    assert {"kind", "market"} <= set(tape["commands"][0])
    assert (await client.control("POST", "/coinex/market", {"market": "ETHUSDT", "status": "bidding"}))[
        0
    ] == 200
    assert (await client.control("GET", "/health"))[1]["adds_up"] is True


async def test_traffic_can_be_started_paused_and_stepped_over_http(client: PlainClient, box: Sandbox) -> None:
    before = box.coinex.traffic.count
    await client.control("POST", "/coinex/traffic", {"step": 5})
    assert box.coinex.traffic.count == before + 5
    await client.control("POST", "/coinex/traffic", {"rate": 500.0})
    async with asyncio.timeout(PATIENCE_S):
        while box.coinex.traffic.count < before + 50:  # noqa: ASYNC110 - the tape tells nobody
            await asyncio.sleep(0.01)
    reply = (await client.control("POST", "/coinex/traffic", {"paused": True}))[1]
    assert reply["paused"] is True
    for _ in range(20):
        assert (await client.control("GET", "/health"))[1]["commands"] == reply["count"]


async def test_a_busy_loop_of_traffic_leaves_the_venue_answering_and_whole() -> None:
    async with (
        Sandbox(["coinex"], rate=1000, coinex=CoinExOptions(push_ms=20)) as box,
        aiohttp.ClientSession() as session,
    ):
        client = PlainClient(box, session)
        for _ in range(10):
            reply = await client.order(type="ioc", price="62000", amount="0.001")
            assert reply["code"] == 0
        ledger = box.coinex.ledger_of(client.access_id)
        bought = sum(Decimal(order["filled_amount"]) for order in ledger["orders"])
        fees = sum(Decimal(deal["fee"]) for deal in ledger["deals"])
        assert Decimal(ledger["balances"]["BTC"]["available"]) == 20 + bought - fees
        box.coinex.assert_adds_up()


async def test_assert_adds_up_sees_money_that_appears(box: Sandbox) -> None:
    box.coinex.core.ledger.balance("trader", "BTC").available += Decimal("0.00000001")
    with pytest.raises(DoesNotAddUp, match="BTC"):
        box.coinex.assert_adds_up()


async def test_traders_are_funded_as_asked(box: Sandbox) -> None:
    trader = box.coinex.add_trader("ann", deposits={"BTC": "1.5"})
    assert box.coinex.ledger_of(trader.access_id)["balances"] == {"BTC": {"available": "1.5", "frozen": "0"}}
    with pytest.raises(ValueError, match="ann"):
        box.coinex.add_trader("ann")
    with pytest.raises(ValueError, match="maker-1"):
        box.coinex.add_trader("maker-1")
    with pytest.raises(KeyError):
        box.coinex.ledger_of("NOBODY")
    with pytest.raises(ValueError, match="limit 7"):
        box.coinex.book("BTCUSDT", 7)


async def test_the_same_seed_gives_the_same_keys_and_books_in_another_box(box: Sandbox) -> None:
    same = CoinExOptions(markets=box.coinex.markets)
    async with (
        Sandbox(["coinex"], seed=7, rate=0, coinex=same) as twin,
        Sandbox(["coinex"], seed=8, rate=0, coinex=same) as other,
    ):
        assert (twin.coinex.access_id, twin.coinex.secret) == (box.coinex.access_id, box.coinex.secret)
        assert other.coinex.secret != box.coinex.secret
        for boxes in (box, twin, other):
            boxes.coinex.traffic.step(500)
        sums = [
            [each.coinex.book(market)["checksum"] for market in each.coinex.markets]
            for each in (box, twin, other)
        ]
        assert sums[0] == sums[1]
        assert sums[0] != sums[2]


@pytest.mark.parametrize(
    "wrong",
    [
        {"venues": ("nasdaq",)},
        {"venues": ()},
        {"coinex": CoinExOptions(markets=("NOPE",))},
        {"host": "0.0.0.0"},
        {"rate": -1.0},
        {"coinex": CoinExOptions(push_ms=-1)},
        {"ports": {"nasdaq": 1}},
    ],
)
async def test_refuses_what_it_cannot_run(wrong: dict[str, Any]) -> None:
    with pytest.raises(ConfigError):
        async with Sandbox(**wrong):
            pass


async def test_takes_a_given_port_and_frees_it(box: Sandbox) -> None:
    one = CoinExOptions(markets=("BTCUSDT",))
    port = int(box.coinex.rest_url.split(":")[2].removesuffix("/v2"))
    with pytest.raises(OSError, match="in use"):
        async with Sandbox(["coinex"], rate=0, coinex=one, ports={"coinex": port}):
            pass
    await box.close()
    async with Sandbox(["coinex"], rate=0, coinex=one, ports={"coinex": port}) as again:
        assert again.coinex.rest_url == box.coinex.rest_url
        assert again.coinex.ws_spot_url == f"ws://127.0.0.1:{port}/v2/spot"


async def test_closing_twice_and_with_clients_connected_is_clean(box: Sandbox, stream: PlainStream) -> None:
    await stream.ask("server.ping")
    await box.close()
    await box.close()
    assert (await stream.socket.receive(timeout=5)).type in ENDED


async def test_the_package_can_be_called_like_its_function() -> None:
    async with tradewire.Sandbox(rate=0) as box:
        assert isinstance(box, Sandbox)


def test_importing_the_package_loads_no_aiohttp_and_nothing_of_the_clients() -> None:
    program = """
import sys
import tradewire

before = set(sys.modules)
import tradewire.sandbox

packages = ("_native", "model", "protocol", "transport", "session", "venues", "signing", "codec", "book")
loaded = {"aiohttp", *(f"tradewire.{name}" for name in packages)} & (set(sys.modules) - before)
sys.exit(", ".join(loaded) or 0)
"""
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")
