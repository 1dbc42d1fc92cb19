"""A client's ``network=``: both of its doors go through the proxy, and the environment's only if told to."""

from __future__ import annotations

import asyncio
from urllib.parse import urlsplit

import pytest

from support.kits import PRODUCTS
from support.raw_server import HOST, listening
from support.tunnel import Tunnel
from support.witness import PATIENCE_S
from tradewire.interface import VenueClient
from tradewire.registry import find_product
from tradewire.sandbox import Sandbox
from tradewire.transport.network import DIRECT, NetworkOptions


def client_of(box: Sandbox, name: str, network: NetworkOptions) -> tuple[VenueClient, set[str]]:
    """Return a client, and where its two doors lead."""
    urls = [
        value for key, value in box.venue(find_product(name).venue).keys().items() if key.endswith("_url")
    ]
    client = find_product(name).client_class.for_sandbox(box, network=network)
    return client, {urlsplit(url).netloc for url in urls}


async def use_both_doors(client: VenueClient) -> None:
    async with client, asyncio.timeout(PATIENCE_S):
        market = next(iter(await client.markets()))
        await client.watch_book(market.symbol).ready()


@pytest.mark.parametrize("scheme", ["http", "socks5"])
@pytest.mark.parametrize("name", PRODUCTS)
async def test_both_doors_go_through_the_proxy(name: str, scheme: str) -> None:
    tunnel = Tunnel()
    peer = tunnel.http if scheme == "http" else tunnel.socks
    async with Sandbox([find_product(name).venue], seed=7, rate=0) as box, listening(peer) as port:
        network = NetworkOptions(proxy=f"{scheme}://desk:word@{HOST}:{port}")
        client, doors = client_of(box, name, network)
        await use_both_doors(client)
    assert set(tunnel.asked) == doors
    assert set(tunnel.credentials) == {"desk:word"}


@pytest.mark.parametrize("name", PRODUCTS)
async def test_proxy_of_the_environment_is_used_only_if_asked_for(
    name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    tunnel = Tunnel()
    async with Sandbox([find_product(name).venue], seed=7, rate=0) as box, listening(tunnel.http) as port:
        for variable in ("http_proxy", "all_proxy"):
            monkeypatch.setenv(variable, f"http://{HOST}:{port}")
        monkeypatch.delenv("no_proxy", raising=False)
        client, doors = client_of(box, name, DIRECT)
        await use_both_doors(client)
        assert tunnel.asked == []
        client, doors = client_of(box, name, NetworkOptions(trust_env=True))
        await use_both_doors(client)
        assert set(tunnel.asked) == doors
