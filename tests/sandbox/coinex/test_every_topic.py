"""Every topic of both streams works over real sockets, and shows the venue's refusal as the error it is."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable
from typing import Any

import pytest

from support.witness import PATIENCE_S
from tradewire.cli.demo.sent import NotingTransport
from tradewire.errors import AuthRejected, ConfigError, MarketUnavailable, NotSent, TradewireError
from tradewire.model import Balance, BestQuote, Fill, Order, Ticker, Trade
from tradewire.sandbox import Sandbox
from tradewire.sandbox.venues.coinex.options import CoinExOptions
from tradewire.sandbox.venues.coinex.treasury.settings import Maintenance as Planned
from tradewire.signing import Credentials
from tradewire.transport.ws import PicowsTransport
from tradewire.venues.coinex import hosts
from tradewire.venues.coinex.api import FUTURES, SPOT, Product
from tradewire.venues.coinex.client import CoinEx
from tradewire.venues.coinex.dialect import TOPICS
from tradewire.venues.coinex.futures.client import CoinExFutures
from tradewire.venues.coinex.futures.model import FuturesBalance, FuturesPosition, FuturesTicker, PremiumIndex
from tradewire.venues.coinex.model import IndexPrice, StopOrder
from tradewire.venues.coinex.notices import Maintenance

MARKET = "BTCUSDT"
MS = 1_000_000
CLIENTS: dict[Product, Any] = {SPOT: CoinEx, FUTURES: CoinExFutures}
MODELS: dict[str, type[object]] = {
    "deals": Trade, "bbo": BestQuote, "state": Ticker, "index": IndexPrice, "premium": PremiumIndex, "order": Order,
    "stop": StopOrder, "user_deals": Fill, "balance": Balance, "notice": Maintenance, "position": FuturesPosition,
}  # fmt: skip
ALL = [(product, name) for product, topics in TOPICS.items() for name in topics if name != "depth"]
NO_MARKET = {"balance": "", "notice": ""}
each = pytest.mark.parametrize(("product", "topic"), ALL, ids=[f"{one.name}-{name}" for one, name in ALL])


def open_box() -> Sandbox:
    return Sandbox(["coinex"], seed=7, rate=0, coinex=CoinExOptions(markets=(MARKET, "ETHUSDT"), push_ms=20))


def watch(client: Any, topic: str, market: str, **options: Any) -> Any:
    method: Callable[..., Any] = getattr(client, TOPICS[client.product][topic].method)
    return method(**options) if topic == "notice" else method(NO_MARKET.get(topic, market), **options)


async def happen(client: Any, box: Sandbox, topic: str) -> None:
    """Do what makes the venue push."""
    if topic == "notice":
        box.coinex.announce(Planned(started_at=1000, ended_at=2000, scope=("SPOT",)))
    elif topic == "stop":
        await client.place_stop_order(MARKET, "sell", "0.001", trigger_price="31000", price="30000")
    elif topic not in {"index", "premium"}:
        await client.place_order(MARKET, "buy", "0.001", "90000", time_in_force="ioc")


@each
async def test_topic_works(product: Product, topic: str) -> None:
    sent: list[str] = []
    items: list[Any] = []
    transport = NotingTransport(PicowsTransport(), lambda frame: sent.append(json.loads(frame)["method"]))
    async with (
        asyncio.timeout(PATIENCE_S),
        open_box() as box,
        CLIENTS[product].for_sandbox(box, ws=transport) as client,
    ):
        subscription = watch(client, topic, MARKET, on_update=items.append)
        await subscription.ready()
        await happen(client, box, topic)
        while not items:  # noqa: ASYNC110 - the callback is what is tried
            await asyncio.sleep(0.01)
        await subscription.close()
        while f"{topic}.unsubscribe" not in sent:  # noqa: ASYNC110 - sent by a task
            await asyncio.sleep(0.01)
    assert f"{topic}.subscribe" in sent
    assert {type(item) for item in items} <= {MODELS[topic], FuturesTicker, FuturesBalance}
    assert isinstance(items[0], MODELS[topic])


@each
async def test_refusal_of_a_topic_is_the_error_it_stands_for(product: Product, topic: str) -> None:
    is_private = TOPICS[product][topic].is_private
    async with asyncio.timeout(PATIENCE_S), open_box() as box:
        venue = box.coinex
        place = hosts.local(venue.rest_url, venue.ws_spot_url, venue.ws_futures_url)
        secret = "0" * 48 if is_private else venue.secret
        async with CLIENTS[product](Credentials(venue.access_id, secret), environment=place) as client:
            with pytest.raises(TradewireError) as caught:
                await watch(client, topic, "NOPEUSDT").ready()
    assert type(caught.value) is (AuthRejected if is_private else MarketUnavailable)


@pytest.mark.parametrize("product", [SPOT, FUTURES], ids=["spot", "futures"])
async def test_maintenance_is_announced_in_the_words_of_rest(product: Product) -> None:
    found: list[Maintenance] = []
    async with (
        asyncio.timeout(PATIENCE_S),
        open_box() as box,
        CLIENTS[product].for_sandbox(box) as client,
        CoinEx.for_sandbox(box) as asking,
    ):
        await client.watch_maintenance(on_update=found.append).ready()
        await happen(client, box, "notice")
        while not found:  # noqa: ASYNC110 - the callback is what is tried
            await asyncio.sleep(0.01)
        [listed] = await asking.maintenance()
    assert (found[0].started_at_ns, found[0].ended_at_ns, found[0].scope) == (1000 * MS, 2000 * MS, ["SPOT"])
    assert (listed.started_at_ns, listed.ended_at_ns, listed.scope) == (1000 * MS, 2000 * MS, ["SPOT"])


@pytest.mark.parametrize("product", [SPOT, FUTURES], ids=["spot", "futures"])
async def test_stream_tells_the_time(product: Product) -> None:
    async with asyncio.timeout(PATIENCE_S), open_box() as box, CLIENTS[product].for_sandbox(box) as client:
        with pytest.raises(NotSent):
            await client.stream_time()
        await client.watch_trades(MARKET).ready()
        assert abs(await client.stream_time() - box.coinex.now_ms() * MS) < 60_000 * MS


async def test_book_of_each_product_is_its_own() -> None:
    async with (
        asyncio.timeout(PATIENCE_S),
        open_box() as box,
        CoinEx.for_sandbox(box) as spot,
        CoinExFutures.for_sandbox(box) as futures,
    ):
        books = [client.watch_book(MARKET, depth=5) for client in (spot, futures)]
        await asyncio.gather(*(one.ready() for one in books))
        for one, product in zip(books, ("spot", "futures"), strict=True):
            book = one.book
            truth = box.coinex.pushed_book(
                MARKET, 5, "0", updated_at=book.updated_at_ms, checksum=book.checksum, product=product
            )
            assert truth is not None
            assert [list(level) for level in book.texts()[0]] == truth["bids"]
        with pytest.raises(MarketUnavailable):
            await futures.watch_book("NOPEUSDT").ready()
        with pytest.raises(ConfigError, match="depth must be one of"):
            futures.watch_book("ETHUSDT", depth=7)
