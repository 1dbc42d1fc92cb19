"""Bearer tokens from the key file to a filled order, against the sandbox's own token service."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from support.truex_trader import MARKET, SIZE, ask, bid, client_of
from tradewire import TrueX
from tradewire.errors import AuthRejected, ConfigError, NotSent
from tradewire.model import OrderStatus
from tradewire.sandbox import Sandbox
from tradewire.sandbox.venues.truex.options import TrueXOptions
from tradewire.transport.http1 import Http1Transport
from tradewire.transport.seam import HttpReply, HttpRequest
from tradewire.venues.truex.hosts import local
from tradewire.venues.truex.jwt import JwtKey

pytest.importorskip("cryptography")


class Kept:
    """A transport that keeps what was sent."""

    def __init__(self) -> None:
        self.requests: list[HttpRequest] = []
        self._http = Http1Transport()

    def minted(self) -> list[str]:
        return [
            request.url.partition("/v1/auth/")[2] for request in self.requests if "/v1/auth/" in request.url
        ]

    async def send(self, request: HttpRequest) -> HttpReply:
        self.requests.append(request)
        return await self._http.send(request)

    async def close(self) -> None:
        await self._http.close()


def bearer(box: Sandbox, **more: Any) -> TrueX:
    known = box.truex.key_file()
    return client_of(box, credentials=None, jwt=JwtKey(known["key_id"], known["private_key"]), **more)


@pytest.mark.parametrize("version", ["v2024_01_01", "v2026_01_23"])
@pytest.mark.filterwarnings("ignore::tradewire.errors.VenueDeprecationWarning")
async def test_from_the_key_file_to_a_filled_order(truex_box: Sandbox, tmp_path: Path, version: str) -> None:
    path = tmp_path / "key.json"
    path.write_text(json.dumps(truex_box.truex.key_file()))
    http = Kept()
    async with client_of(
        truex_box, credentials=None, jwt=JwtKey.from_file(path), version=version, http=http
    ) as venue:
        assert await venue.instruments()
        assert http.minted() == []
        rests = await venue.place_order(MARKET, "buy", SIZE, bid(truex_box))
        assert (await venue.amend_order(MARKET, rests.order_id, size="0.0200")).status is OrderStatus.OPEN
        assert (await venue.cancel_order(MARKET, rests.order_id)).status is OrderStatus.CANCELLED
        taken = await venue.place_order(MARKET, "buy", "0.0010", ask(truex_box), time_in_force="ioc")
        assert taken.status is OrderStatus.FILLED
        assert [fill.order_id for fill in (await venue.fills()).items] == [taken.order_id]
        assert await venue.balances()
    assert http.minted() == ["api-key/token"]
    signed = [request for request in http.requests if "Authorization" in request.headers]
    assert signed
    for request in signed:
        assert request.headers["Authorization"].startswith("Bearer ey")
        assert not any(name.startswith("x-truex-auth") for name in request.headers)


async def test_token_is_refreshed_before_it_expires(truex_box: Sandbox) -> None:
    # Tokens that live no longer than the minute before which they are renewed: each request needs another.
    options = TrueXOptions(instruments=(MARKET,), access_token_s=59)
    http = Kept()
    async with Sandbox(["truex"], rate=0, truex=options) as box, bearer(box, http=http) as venue:
        for _ in range(3):
            assert await venue.clients()
    assert http.minted() == ["api-key/token", "token/refresh", "token/refresh"]


async def test_token_that_expired_by_the_venues_clock_is_renewed_after_one_refusal(
    truex_box: Sandbox,
) -> None:
    http = Kept()
    async with bearer(truex_box, http=http) as venue:
        assert await venue.clients()
        truex_box.truex.faults.clock_skew(3_600_000)
        with pytest.raises(AuthRejected, match="expired") as caught:
            await venue.clients()
        assert "signed was" not in str(caught.value)
        assert await venue.clients()
    assert http.minted() == ["api-key/token", "token/refresh"]


async def test_key_nobody_knows(truex_box: Sandbox) -> None:
    known = truex_box.truex.key_file()
    for key in (
        JwtKey("6398805c-0000-4000-8000-94ce683056e4", known["private_key"]),
        JwtKey(known["key_id"], known["private_key"] | {"d": "AQ" + "A" * 41}),
    ):
        async with client_of(truex_box, credentials=None, jwt=key) as venue:
            with pytest.raises(AuthRejected, match="no token: HTTP 401"):
                await venue.clients()
            order = venue.send_order(MARKET, "buy", SIZE, bid(truex_box))
            with pytest.raises(AuthRejected):
                await order
            assert await venue.assets()


async def test_token_that_names_no_client_is_not_even_tried() -> None:
    options = TrueXOptions(instruments=(MARKET,), tokens_name_client=False)
    http = Kept()
    async with Sandbox(["truex"], rate=0, truex=options) as box, bearer(box, http=http) as venue:
        with pytest.raises(AuthRejected, match="no client_id"):
            await venue.clients()
    assert [request for request in http.requests if "Authorization" in request.headers] == []


async def test_token_service_that_is_down_leaves_an_order_unsent(truex_box: Sandbox) -> None:
    venue = truex_box.truex
    environment = local(venue.rest_url, venue.ws_url, "http://127.0.0.1:1/v1/auth")
    async with bearer(truex_box, environment=environment) as client:
        with pytest.raises(NotSent, match="no token"):
            await client.place_order(MARKET, "buy", SIZE, bid(truex_box))
        order = client.send_order(MARKET, "buy", SIZE, bid(truex_box))
        with pytest.raises(NotSent):
            await order
    assert venue.ledger_of(venue.client_id)["orders"] == []


async def test_token_is_for_rest_only(truex_box: Sandbox) -> None:
    async with bearer(truex_box) as venue:
        with pytest.raises(ConfigError, match="HMAC key"):
            venue.watch_orders()
        book = venue.watch_book(MARKET)
        await book.ready()
        assert book.book.best_bid() is not None
