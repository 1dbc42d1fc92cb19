from __future__ import annotations

import json

import pytest

from support.kits import KITS
from tradewire.errors import NotSent
from tradewire.transport.mock import MockHttp
from tradewire.transport.seam import ConnectFailed, HttpReply, HttpRequest

EVERY = pytest.mark.parametrize("name", KITS)


@EVERY
async def test_client_runs_on_a_function(name: str) -> None:
    http = MockHttp(lambda request: HttpReply(200, {}, json.dumps(KITS[name].reply(request, {})).encode()))
    async with KITS[name].clients[0].make(http) as venue:
        await venue.request("GET", "/hello")
    [request] = http.requests
    assert (request.method, request.url.partition("?")[0].endswith("/hello"), request.body) == (
        "GET",
        True,
        b"",
    )


@EVERY
async def test_function_may_fail_like_a_socket(name: str) -> None:
    def refuse(request: HttpRequest) -> HttpReply:
        raise ConnectFailed("no route")

    async with KITS[name].clients[0].make(MockHttp(refuse)) as venue:
        with pytest.raises(NotSent, match="no route"):
            await venue.request("GET", "/hello")
