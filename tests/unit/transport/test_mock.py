from __future__ import annotations

import pytest

from tradewire.errors import NotSent
from tradewire.transport.mock import MockHttp
from tradewire.transport.seam import ConnectFailed, HttpReply, HttpRequest
from tradewire.venues.coinex.client import CoinEx


async def test_client_runs_on_a_function() -> None:
    http = MockHttp(lambda request: HttpReply(200, {}, b'{"code":0,"data":{"timestamp":1763640000000}}'))
    async with CoinEx(http=http) as venue:
        assert await venue.time() == 1763640000000_000_000
    [request] = http.requests
    assert (request.method, request.url, request.body) == ("GET", "https://api.coinex.com/v2/time", b"")


async def test_function_may_fail_like_a_socket() -> None:
    def refuse(request: HttpRequest) -> HttpReply:
        raise ConnectFailed("no route")

    async with CoinEx(http=MockHttp(refuse)) as venue:
        with pytest.raises(NotSent, match="no route"):
            await venue.ping()
