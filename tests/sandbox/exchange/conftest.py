from __future__ import annotations

from collections.abc import AsyncIterator

import aiohttp
import msgspec
import pytest

from support.exchange_trader import open_trader
from support.plain_exchange import PlainRest
from tradewire import ExchangeOptions
from tradewire.sandbox import Sandbox
from tradewire.signing import Token
from tradewire.venues.exchange import connection
from tradewire.venues.exchange.admin import ExchangeAdmin
from tradewire.venues.exchange.client import Exchange
from tradewire.venues.exchange.hosts import local as exchange_at


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


@pytest.fixture
def no_request_window(monkeypatch: pytest.MonkeyPatch) -> None:
    """Have clients made from now on believe that the venue refuses at once what is still under way."""
    monkeypatch.setattr(connection, "ACCOUNT", msgspec.structs.replace(connection.ACCOUNT, window_s=0.0))
