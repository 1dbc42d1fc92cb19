from __future__ import annotations

from collections.abc import AsyncIterator

import aiohttp
import msgspec
import pytest

from support.plain_truex import Clock, PlainStream, PlainTrueX
from tradewire.sandbox import Sandbox
from tradewire.sandbox.venues.truex.options import TrueXOptions
from tradewire.sandbox.venues.truex.venue import TrueXVenue
from tradewire.venues.truex import connection
from tradewire.venues.truex.client import TrueX


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
def no_request_window(monkeypatch: pytest.MonkeyPatch) -> None:
    """Have clients made from now on believe that what the venue does not show at once it does not have."""
    at_once = msgspec.structs.replace(connection.ACCOUNT, window_s=0.0, read_lag_s=0.0)
    monkeypatch.setattr(connection, "ACCOUNT", at_once)


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def options() -> TrueXOptions:
    """What the venue below is like; suites have their own."""
    return TrueXOptions(instruments=("BTC-PYUSD",), halt_ms=60_000)


@pytest.fixture
async def venue(clock: Clock, options: TrueXOptions) -> AsyncIterator[TrueXVenue]:
    """The server, its time in the test's hand, whose money adds up in the end."""
    async with Sandbox(["truex"], rate=0, now_ms=clock, truex=options) as box:
        yield box.truex
        box.truex.assert_adds_up()


@pytest.fixture
def client(session: aiohttp.ClientSession, venue: TrueXVenue, clock: Clock) -> PlainTrueX:
    """A client of the server that knows nothing of ours."""
    return PlainTrueX.of(session, venue, now_ms=clock)


@pytest.fixture
async def stream(client: PlainTrueX, venue: TrueXVenue) -> AsyncIterator[PlainStream]:
    async with client.session.ws_connect(venue.ws_url) as socket:
        yield PlainStream(socket, client)
