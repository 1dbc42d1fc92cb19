from __future__ import annotations

from collections.abc import AsyncIterator

import aiohttp
import pytest

from support.plain_coinex import PlainClient, PlainStream
from tradewire.sandbox import Sandbox
from tradewire.sandbox.venues.coinex.options import CoinExOptions
from tradewire.venues.coinex.client import CoinEx

MARKETS = ("BTCUSDT", "ETHUSDT", "CETUSDT")
"""Half of what there is: a quicker start."""


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
