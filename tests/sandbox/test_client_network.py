"""A client's ``network=``: both of its doors go through the proxy, and the environment's only if told to."""

from __future__ import annotations

import asyncio
from typing import Any
from urllib.parse import urlsplit

import pytest

from support.raw_server import HOST, listening
from support.tunnel import Tunnel
from tradewire.sandbox import Sandbox
from tradewire.signing import Credentials, Token
from tradewire.transport.network import DIRECT, NetworkOptions
from tradewire.venues.coinex import hosts as coinex_hosts
from tradewire.venues.coinex.client import CoinEx
from tradewire.venues.exchange import hosts as exchange_hosts
from tradewire.venues.exchange.client import Exchange
from tradewire.venues.truex import hosts as truex_hosts
from tradewire.venues.truex.client import TrueX

VENUES = ["coinex", "exchange", "truex"]


def client_of(venue: Any, name: str, network: NetworkOptions) -> tuple[Any, set[str]]:
    """Return a client, and where its two doors lead."""
    if name == "coinex":
        urls = (venue.rest_url, venue.ws_spot_url)
        coinex = Credentials(venue.access_id, venue.secret)
        client: Any = CoinEx(coinex, environment=coinex_hosts.local(*urls), network=network)
    elif name == "exchange":
        urls = (venue.rest_url, venue.ws_url)
        client = Exchange(Token(venue.api_key), environment=exchange_hosts.local(*urls), network=network)
    else:
        urls = (venue.rest_url, venue.ws_url)
        environment = truex_hosts.local(*urls, venue.auth_url)
        client = TrueX(Credentials(venue.key_id, venue.secret), environment=environment, network=network)
    return client, {urlsplit(url).netloc for url in urls}


async def use_both_doors(client: Any) -> None:
    async with client, asyncio.timeout(20):
        market = next(iter(await client.markets()))
        await client.watch_book(market.symbol).ready()


@pytest.mark.parametrize("scheme", ["http", "socks5"])
@pytest.mark.parametrize("name", VENUES)
async def test_both_doors_go_through_the_proxy(name: str, scheme: str) -> None:
    tunnel = Tunnel()
    peer = tunnel.http if scheme == "http" else tunnel.socks
    async with Sandbox([name], seed=7, rate=0) as box, listening(peer) as port:
        network = NetworkOptions(proxy=f"{scheme}://desk:word@{HOST}:{port}")
        client, doors = client_of(getattr(box, name), name, network)
        await use_both_doors(client)
    assert set(tunnel.asked) == doors
    assert set(tunnel.credentials) == {"desk:word"}


@pytest.mark.parametrize("name", VENUES)
async def test_proxy_of_the_environment_is_used_only_if_asked_for(
    name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    tunnel = Tunnel()
    async with Sandbox([name], seed=7, rate=0) as box, listening(tunnel.http) as port:
        for variable in ("http_proxy", "all_proxy"):
            monkeypatch.setenv(variable, f"http://{HOST}:{port}")
        monkeypatch.delenv("no_proxy", raising=False)
        client, doors = client_of(getattr(box, name), name, DIRECT)
        await use_both_doors(client)
        assert tunnel.asked == []
        client, doors = client_of(getattr(box, name), name, NetworkOptions(trust_env=True))
        await use_both_doors(client)
        assert set(tunnel.asked) == doors
