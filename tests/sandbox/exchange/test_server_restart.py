"""Exchange keeps its state in a file: nothing acknowledged is lost, whatever kills it."""

from __future__ import annotations

import asyncio
import json
import os
import sqlite3
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from datetime import datetime
from pathlib import Path
from typing import Any

import aiohttp
import pytest
import websockets

import tradewire
from support.plain_exchange import PlainRest, plain_stream
from tradewire import ExchangeOptions
from tradewire.errors import ConfigError
from tradewire.sandbox import Sandbox

TESTS = Path(__file__).parents[2]
PACKAGES = Path(tradewire.__file__).parents[1]
BEFORE_THE_KILL = 60
START_TIMEOUT_S = 20.0
LANES = 3
MAX_QUANTITY = 3


@asynccontextmanager
async def process(
    state_file: Path, rate: float
) -> AsyncIterator[tuple[asyncio.subprocess.Process, dict[str, Any]]]:
    """Run a sandbox in a process; killed at the latest at the end of the block."""
    paths = os.pathsep.join(map(str, (TESTS, PACKAGES)))
    running = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "support.exchange_process", str(state_file), str(rate),
        stdout=asyncio.subprocess.PIPE, env={**os.environ, "PYTHONPATH": paths},
    )  # fmt: skip
    assert running.stdout is not None
    try:
        line = await asyncio.wait_for(running.stdout.readline(), START_TIMEOUT_S)
        yield running, json.loads(line)
    finally:
        with suppress(ProcessLookupError):
            running.kill()
        await running.wait()


class Trader:
    """Trades on both lanes at once and remembers what was acknowledged."""

    def __init__(self, keys: dict[str, Any], session: aiohttp.ClientSession) -> None:
        self.keys = keys
        self.rest = PlainRest(keys["rest_url"], session, keys["api_key"])
        self.orders: dict[str, dict[str, Any]] = {}
        self.fills: dict[str, dict[str, Any]] = {}
        self.acks = 0
        self.canceling: set[str] = set()
        self.canceled: set[str] = set()
        self.enough = asyncio.Event()

    async def over_rest(self, offset: int) -> None:
        """Rest, amend, cancel and cross in turns, until the venue is gone."""
        with suppress(aiohttp.ClientError):
            for number in range(offset, 100_000, LANES):
                side, price = (("BUY", 4500), ("SELL", 5500), ("BUY", 5100), ("SELL", 4900))[number % 4]
                answer = await self.rest.submit(side, 1 + number % MAX_QUANTITY, price, "ABC-USD")
                if answer.status == 201:
                    self.took(answer.json)
                    if number % 5 == 0:
                        await self.cancel(answer.json["order"]["id"])

    async def over_websocket(self) -> None:
        """Count acknowledged orders that rest far from the market."""
        with suppress(websockets.ConnectionClosed):
            async with plain_stream(self.keys["ws_url"]) as stream:
                await stream.sign_in(self.keys["api_key"])
                while True:
                    await stream.send("submit_order", market="XYZ-USD", side="BUY", price=5, quantity=2)
                    while (message := await stream.next())["type"] not in {"ack", "reject"}:
                        pass
                    if message["type"] == "reject":
                        return
                    self.acks += 1

    async def cancel(self, order_id: str) -> None:
        self.canceling.add(order_id)
        answer = await self.rest.trader("DELETE", f"/api/v1/orders/{order_id}")
        self.canceling.remove(order_id)
        if answer.status == 200:
            self.canceled.add(order_id)

    def took(self, done: dict[str, Any]) -> None:
        order = done["order"]
        self.orders[order["id"]] = order
        self.fills |= {fill["fill_id"]: fill for fill in done["fills"]}
        if len(self.orders) >= BEFORE_THE_KILL and self.acks >= BEFORE_THE_KILL:
            self.enough.set()


async def test_nothing_acknowledged_is_lost_when_the_process_is_killed(tmp_path: Path) -> None:
    state_file = tmp_path / "exchange.db"
    async with aiohttp.ClientSession() as session:
        async with process(state_file, rate=300) as (running, keys):
            trader = Trader(keys, session)
            work = [asyncio.create_task(trader.over_rest(offset)) for offset in range(LANES)]
            work.append(asyncio.create_task(trader.over_websocket()))
            await asyncio.wait_for(trader.enough.wait(), START_TIMEOUT_S)
            running.kill()
            await asyncio.gather(*work)
            assert await running.wait() == -9
        async with process(state_file, rate=0) as (_, again):
            assert (again["api_key"], again["markets"]) == (keys["api_key"], keys["markets"])
            trader.rest = PlainRest(again["rest_url"], session, again["api_key"])
            resting = (await trader.rest.trader("GET", "/api/v1/open-orders")).json
            fills = (await trader.rest.trader("GET", "/api/v1/fills")).json
            positions = (await trader.rest.trader("GET", "/api/v1/positions")).json
            async with plain_stream(again["ws_url"]) as stream:
                snapshots = [await stream.subscribe(market) for market in ("ABC-USD", "XYZ-USD")]
    check_orders(trader, resting, fills)
    check_position(trader, positions, fills)
    for snapshot in snapshots:
        assert snapshot["sequence"] == 0
        assert len(snapshot["bids"]) + len(snapshot["asks"]) >= 600
        for side, sign in (("bids", -1), ("asks", 1)):
            # One price, one queue: by time of arrival.
            places = [(sign * row["price"], row["created_at"]) for row in snapshot[side]]
            assert places == sorted(places)


def check_orders(trader: Trader, resting: list[dict[str, Any]], fills: list[dict[str, Any]]) -> None:
    """Every acknowledged order rests, was cancelled, or was filled, to the last lot."""
    rests = {order["id"]: order for order in resting}
    assert trader.fills.items() <= {fill["fill_id"]: fill for fill in fills}.items()
    for order_id, order in trader.orders.items():
        filled = sum(fill["quantity"] for fill in fills if order_id in orders_of(fill))
        left = rests[order_id]["remaining"] if order_id in rests else 0
        if order_id in trader.canceled:
            assert not left
        elif order_id not in trader.canceling:
            assert filled + left == order["quantity"], order
    assert sum(order["market"] == "XYZ-USD" for order in resting) >= trader.acks


def check_position(trader: Trader, positions: list[dict[str, Any]], fills: list[dict[str, Any]]) -> None:
    """The position is the sum of the fills; of an order that was never answered we do not know the side."""
    (position,) = positions
    net = in_doubt = 0
    for fill in fills:
        own = [trader.orders[order_id] for order_id in orders_of(fill) if order_id in trader.orders]
        if own:
            net += fill["quantity"] if own[0]["side"] == "BUY" else -fill["quantity"]
        else:
            in_doubt += fill["quantity"]
    assert in_doubt <= LANES * MAX_QUANTITY
    assert abs(position["net_quantity"] - net) <= in_doubt


def orders_of(fill: dict[str, Any]) -> tuple[str, str]:
    return fill["maker_order_id"], fill["taker_order_id"]


async def test_everything_comes_back_but_the_sequences(tmp_path: Path) -> None:
    options = ExchangeOptions(fresh=True, state_file=tmp_path / "exchange.db")
    clock_ms = [1_775_122_200_000]
    seen: list[list[Any]] = []
    keys: list[str] = []
    for run in range(2):
        async with (
            Sandbox(["exchange"], exchange=options, now_ms=lambda: clock_ms[0]) as box,
            aiohttp.ClientSession() as session,
        ):
            rest = PlainRest(box.exchange.rest_url, session)
            if run == 0:
                keys = [one.api_key for one in await fill_the_venue(rest)]
            first, second = (PlainRest(rest.root, session, key) for key in keys)
            state = (await rest.admin("GET", "/state")).json
            del state["persistence"]
            board = (await rest.admin("GET", "/leaderboard")).json
            reads = [f"/api/v1/{name}" for name in ("user", "positions", "open-orders", "fills")]
            private = [(await one.trader("GET", path)).json for one in (first, second) for path in reads]
            async with plain_stream(box.exchange.ws_url) as stream:
                snapshot = await stream.subscribe()
                sequence = snapshot.pop("sequence")
                assert (sequence > 0) is (run == 0)
                assert box.exchange.book_at("ABC-USD", sequence) == {
                    "sequence": sequence, "bids": stream.book.side("BUY"), "asks": stream.book.side("SELL"),
                }  # fmt: skip
            seen.append([state, board, private, snapshot])
            if run == 1:
                await rest.admin("POST", "/trading/start")
                # The clock stands still; what comes now still comes later than what was there.
                newest = await second.order("SELL", 1, 100)
                # As times: the texts do not sort, "…417Z" comes before "…417001Z".
                before = max(datetime.fromisoformat(row["created_at"]) for row in snapshot["asks"])
                assert datetime.fromisoformat(newest["created_at"]) > before
                assert newest["id"] not in {row["order_id"] for row in snapshot["asks"]}
                fills = (await first.submit("BUY", 1, 100)).json["fills"]
                assert fills[0]["maker_order_id"] == snapshot["asks"][0]["order_id"]
    assert seen[0] == seen[1]


async def fill_the_venue(rest: PlainRest) -> list[PlainRest]:
    """Leave something of everything: positions, orders with a history, messages, switches, a settled market."""
    await rest.market(reference_price=7)
    await rest.market("XYZ-USD")
    await rest.market("OUT-USD")
    first, second = await rest.user("first"), await rest.user("second")
    await first.order("SELL", 9, 100, "XYZ-USD")
    await second.order("BUY", 5, 100, "XYZ-USD")
    await rest.admin("POST", "/markets/XYZ-USD/settle", {"settlement_price": 120})
    await rest.admin("DELETE", "/markets/OUT-USD")
    ids = [(await first.order("SELL", 5, 100))["id"] for _ in range(3)]
    await first.trader("PATCH", f"/api/v1/orders/{ids[0]}", {"remaining": 2})
    await first.trader("DELETE", f"/api/v1/orders/{ids[1]}")
    await second.order("BUY", 1, 100)
    await second.order("BUY", 3, 90)
    await rest.admin("POST", "/messages", {"level": "warning", "body": "closing", "target_username": "first"})
    await rest.admin("POST", "/trading/stop")
    return [first, second]


async def test_a_reset_is_kept_too(tmp_path: Path) -> None:
    options = ExchangeOptions(fresh=True, state_file=tmp_path / "exchange.db")
    keys: list[str] = []
    for run in range(2):
        async with Sandbox(["exchange"], exchange=options) as box, aiohttp.ClientSession() as session:
            rest = PlainRest(box.exchange.rest_url, session)
            if run == 0:
                keys = [one.api_key for one in await fill_the_venue(rest)]
                await rest.admin("POST", "/users/reset")
            for key in keys:
                for name in ("positions", "open-orders", "fills"):
                    assert (await rest.trader("GET", f"/api/v1/{name}", key=key)).json == []


async def test_traffic_goes_on_with_the_orders_it_finds(tmp_path: Path) -> None:
    options = ExchangeOptions(state_file=tmp_path / "exchange.db")
    async with Sandbox(["exchange"], rate=0, exchange=options) as box:
        before = len(box.exchange.core.books["ABC-USD"].orders)
    async with Sandbox(["exchange"], rate=0, exchange=options) as box:
        venue = box.exchange
        assert len(venue.core.books["ABC-USD"].orders) == before
        venue.traffic.step(1500)
        assert 600 <= len(venue.core.books["ABC-USD"].orders) <= 1000
        venue.assert_adds_up()


async def test_the_health_of_a_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    options = ExchangeOptions(fresh=True, state_file=tmp_path / "exchange.db")
    async with Sandbox(["exchange"], exchange=options) as box, aiohttp.ClientSession() as session:
        rest = PlainRest(box.exchange.rest_url, session)
        await rest.market()
        trader = await rest.user("desk-7")

        async def health() -> tuple[str, str, int, str | None]:
            document = (await rest.public("/health")).json
            kept = document["persistence"]
            assert kept["backend"] == "postgres"
            return document["status"], kept["mode"], kept["backlog_depth"], kept["last_error"]

        assert await health() == ("ok", "ok", 0, None)

        def broken(_: sqlite3.Connection) -> None:
            raise sqlite3.OperationalError("disk full")

        with monkeypatch.context() as patch:
            patch.setattr(box.exchange.storage, "_write", broken)
            answer = await trader.submit("BUY", 1, 10)
            assert (answer.status, "disk full" in answer.json["error"]) == (500, True)
            async with plain_stream(box.exchange.ws_url) as stream:
                await stream.sign_in(trader.api_key)
                reject = await stream.ask("submit_order", market="ABC-USD", side="BUY", price=9, quantity=1)
                assert (reject["type"], reject["code"]) == ("reject", "overflow")
            assert await health() == ("degraded", "retrying", 2, "disk full")
        # Nothing was acknowledged and nothing is lost: the next command takes it along.
        assert (await trader.submit("BUY", 1, 8)).status == 201
        assert await health() == ("ok", "ok", 0, None)
        counts = (await rest.admin("GET", "/state")).json["persistence"]
        assert (counts["total_flush_failures"], counts["last_batch_size"]) == (2, 3)
        assert counts["total_flushed_ops"] == counts["total_enqueued"]
        storage = box.exchange.storage
    assert storage.health()["mode"] == "stopped"
    with pytest.raises(sqlite3.Error):
        box.exchange.operating.add_user("too late")


async def test_one_venue_a_file_and_a_file_must_be_a_database(tmp_path: Path) -> None:
    path = tmp_path / "exchange.db"
    options = ExchangeOptions(fresh=True, state_file=path)
    async with Sandbox(["exchange"], exchange=options):
        with pytest.raises(ConfigError, match="locked"):
            async with Sandbox(["exchange"], exchange=options):
                pass
    path.write_bytes(b"no database" * 1000)
    for bad in (path, tmp_path / "missing" / "exchange.db"):
        with pytest.raises(ConfigError, match="cannot keep"):
            async with Sandbox(["exchange"], exchange=ExchangeOptions(fresh=True, state_file=bad)):
                pass
