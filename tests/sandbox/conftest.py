from __future__ import annotations

from collections.abc import AsyncIterator

import aiohttp
import pytest

from exchange_trader import open_trader
from plain_coinex import PlainClient, PlainStream
from plain_exchange import PlainRest
from tradewire import ExchangeOptions
from tradewire.sandbox import Sandbox
from tradewire.sandbox.venues.coinex.options import CoinExOptions
from tradewire.sandbox.venues.truex.options import TrueXOptions
from tradewire.signing import Token
from tradewire.venues.coinex.client import CoinEx
from tradewire.venues.exchange.admin import ExchangeAdmin
from tradewire.venues.exchange.client import Exchange
from tradewire.venues.exchange.hosts import local as exchange_at
from tradewire.venues.truex.client import TrueX

MARKETS = ("BTCUSDT", "ETHUSDT", "CETUSDT")
"""Half of what there is: a quicker start."""


@pytest.fixture
async def session() -> AsyncIterator[aiohttp.ClientSession]:
    async with aiohttp.ClientSession() as session:
        yield session


@pytest.fixture
async def box() -> AsyncIterator[Sandbox]:
    """A sandbox with full books, quiet until a test moves it, that pushes each change at once."""
    async with Sandbox(["coinex"], seed=7, rate=0, coinex=CoinExOptions(push_ms=0, markets=MARKETS)) as box:
        yield box


@pytest.fixture
async def client(box: Sandbox) -> AsyncIterator[PlainClient]:
    async with aiohttp.ClientSession() as session:
        yield PlainClient(box, session)


@pytest.fixture
async def stream(client: PlainClient) -> AsyncIterator[PlainStream]:
    async with client.session.ws_connect(client.box.coinex.ws_spot_url) as socket:
        yield PlainStream(socket)


@pytest.fixture
async def venue(box: Sandbox) -> AsyncIterator[CoinEx]:
    """Our client of the sandbox, as a user makes it."""
    async with CoinEx.for_sandbox(box) as venue:
        yield venue


@pytest.fixture
async def fresh_box() -> AsyncIterator[Sandbox]:
    """An Exchange as the real one begins: no market, no trader, no traffic."""
    options = ExchangeOptions(fresh=True, per_user_requests_per_second=10_000)
    async with Sandbox(["exchange"], exchange=options) as box:
        yield box


@pytest.fixture
async def operator(fresh_box: Sandbox) -> AsyncIterator[PlainRest]:
    """Who creates its markets and traders."""
    async with aiohttp.ClientSession() as session:
        yield PlainRest(fresh_box.exchange.rest_url, session)


@pytest.fixture
async def truex_box() -> AsyncIterator[Sandbox]:
    """A TrueX sandbox with full books, quiet until a test moves it, whose money adds up in the end."""
    options = TrueXOptions(instruments=("BTC-PYUSD", "ETH-PYUSD"))
    async with Sandbox(["truex"], seed=7, rate=0, truex=options) as box:
        yield box
        box.truex.assert_adds_up()


@pytest.fixture
async def truex(truex_box: Sandbox) -> AsyncIterator[TrueX]:
    """Our client of it, as a user makes it."""
    async with TrueX.for_sandbox(truex_box) as venue:
        yield venue


@pytest.fixture
async def admin(fresh_box: Sandbox, operator: PlainRest) -> AsyncIterator[ExchangeAdmin]:
    """The operator by our client, with a market of tick 1 and minimum 1, and one of 5 and 2."""
    await operator.market("ABC-USD")
    await operator.market("XYZ-USD", tick_size=5, min_order_quantity=2)
    venue = fresh_box.exchange
    environment = exchange_at(venue.rest_url, venue.ws_url)
    async with ExchangeAdmin(Token(venue.admin_token), environment=environment) as admin:
        yield admin


@pytest.fixture
async def trader(fresh_box: Sandbox, admin: ExchangeAdmin) -> AsyncIterator[Exchange]:
    """Our client of a trader on those markets."""
    async with await open_trader(fresh_box, admin, "desk-7") as client:
        yield client


@pytest.fixture
async def rival(fresh_box: Sandbox, admin: ExchangeAdmin) -> AsyncIterator[Exchange]:
    """Our client of another trader."""
    async with await open_trader(fresh_box, admin, "desk-8") as client:
        yield client
