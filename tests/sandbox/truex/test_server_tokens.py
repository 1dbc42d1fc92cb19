"""Tokens of the TrueX sandbox: minted for an ES256 statement, used, refreshed, refused."""

from __future__ import annotations

import hashlib
import hmac
import json
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import AsyncIterator
from typing import Any

import aiohttp
import pytest
from cryptography.hazmat.primitives.asymmetric import ec, utils
from cryptography.hazmat.primitives.hashes import SHA256

from support.plain_truex import Clock
from tradewire.sandbox import Sandbox
from tradewire.sandbox.venues.truex.options import TrueXOptions
from tradewire.sandbox.venues.truex.venue import TrueXVenue

ONLY_BTC = ("BTC-PYUSD",)


def base64url(raw: bytes) -> str:
    return urlsafe_b64encode(raw).rstrip(b"=").decode()


def unbase64url(text: str) -> bytes:
    return urlsafe_b64decode(text + "=" * (-len(text) % 4))


def statement(venue: TrueXVenue, at_s: int, *, is_der: bool = False, separator: str = ".") -> dict[str, Any]:
    """Sign as the key file's owner does."""
    file = venue.keys()["jwt_key_file"]
    jwk = file["private_key"]
    assert (jwk["kty"], jwk["crv"], file["algorithm"]) == ("EC", "P-256", "ES256")
    x, y, d = (int.from_bytes(unbase64url(jwk[name])) for name in "xyd")
    key = ec.EllipticCurvePrivateNumbers(d, ec.EllipticCurvePublicNumbers(x, y, ec.SECP256R1())).private_key()
    der = key.sign(f"{file['key_id']}{separator}{at_s}".encode(), ec.ECDSA(SHA256()))
    r, s = utils.decode_dss_signature(der)
    signature = der if is_der else r.to_bytes(32) + s.to_bytes(32)
    return {"key_id": file["key_id"], "timestamp": str(at_s), "signature": base64url(signature)}


class Door:
    """The token service and one signed operation."""

    def __init__(self, session: aiohttp.ClientSession, venue: TrueXVenue) -> None:
        self.session = session
        self.venue = venue

    async def post(self, path: str, body: Any) -> tuple[int, dict[str, Any]]:
        async with self.session.post(f"{self.venue.auth_url}/{path}", json=body) as reply:
            return reply.status, await reply.json(content_type=None)

    async def balances(self, token: str, scheme: str = "Bearer") -> int:
        headers = {"Authorization": f"{scheme} {token}"}
        async with self.session.get(f"{self.venue.rest_url}/v1/cefi/balances", headers=headers) as reply:
            return reply.status


@pytest.fixture
async def door(session: aiohttp.ClientSession, clock: Clock) -> AsyncIterator[Door]:
    async with Sandbox(["truex"], rate=0, now_ms=clock, truex=TrueXOptions(instruments=ONLY_BTC)) as box:
        yield Door(session, box.truex)


@pytest.fixture
async def minted(door: Door, clock: Clock) -> dict[str, Any]:
    status, tokens = await door.post("api-key/token", statement(door.venue, clock.ms // 1000))
    assert status == 200
    return tokens


async def test_minted_tokens_open_the_door_until_they_expire(
    door: Door, minted: dict[str, Any], clock: Clock
) -> None:
    assert (minted["token_type"], minted["expires_in"]) == ("Bearer", "2026-02-02T02:55:00Z")
    claims = json.loads(unbase64url(minted["access_token"].split(".")[1]))
    assert claims["client_id"] == door.venue.client_id
    assert await door.balances(minted["access_token"]) == 200
    clock.ms += 900_000 - 1
    assert await door.balances(minted["access_token"]) == 200
    clock.ms += 1
    assert await door.balances(minted["access_token"]) == 401


async def test_a_refresh_token_works_once(door: Door, minted: dict[str, Any], clock: Clock) -> None:
    clock.ms += 900_000
    status, again = await door.post("token/refresh", {"refresh_token": minted["refresh_token"]})
    assert status == 200
    assert again["refresh_token"] != minted["refresh_token"]
    assert await door.balances(again["access_token"]) == 200
    status, _ = await door.post("token/refresh", {"refresh_token": minted["refresh_token"]})
    assert status == 401
    clock.ms += 86_400_000
    status, _ = await door.post("token/refresh", {"refresh_token": again["refresh_token"]})
    assert status == 401


@pytest.mark.parametrize(("skew_s", "status"), [(-31, 401), (-30, 200), (30, 200), (31, 401)])
async def test_window_of_a_statement(door: Door, clock: Clock, skew_s: int, status: int) -> None:
    assert (await door.post("api-key/token", statement(door.venue, clock.ms // 1000 + skew_s)))[0] == status


async def test_a_number_is_as_good_a_timestamp(door: Door, clock: Clock) -> None:
    body = statement(door.venue, clock.ms // 1000)
    assert (await door.post("api-key/token", {**body, "timestamp": int(body["timestamp"])}))[0] == 200


async def test_statements_refused(door: Door, clock: Clock) -> None:
    at_s = clock.ms // 1000
    good = statement(door.venue, at_s)
    unknown = "6398805c-0000-4000-8000-94ce683056e4"
    for body, status in (
        (statement(door.venue, at_s, is_der=True), 401),
        (statement(door.venue, at_s, separator=""), 401),
        ({**good, "key_id": unknown}, 401),
        ({**good, "signature": good["signature"] + "=="}, 401),
        ({**good, "signature": "A" * 86}, 401),
        ({**good, "key_id": "x"}, 400),
        ({**good, "timestamp": True}, 400),
        ({**good, "timestamp": 1.77e9}, 400),
        ({**good, "timestamp": 10**40}, 401),
        ({"key_id": good["key_id"]}, 400),
        ([], 400),
    ):
        assert (await door.post("api-key/token", body))[0] == status, body
    assert (await door.post("token/other", good))[0] == 404
    async with door.session.get(f"{door.venue.auth_url}/api-key/token") as reply:
        assert (reply.status, reply.headers["Allow"]) == (405, "POST")


async def test_forged_tokens_are_refused(door: Door, minted: dict[str, Any]) -> None:
    head, claims, signature = minted["access_token"].split(".")
    nobody = base64url(json.dumps({"alg": "none"}).encode())
    by_stranger = base64url(hmac.new(b"guess", f"{head}.{claims}".encode(), hashlib.sha256).digest())
    for token in (
        f"{head}.{claims}.", f"{nobody}.{claims}.", f"{head}.{claims}.{by_stranger}", f"{head}.{signature}.{claims}",
        "", "x", "." * 5, "a" * 5000, "\u20ac.\u20ac.\u20ac",
    ):  # fmt: skip
        assert await door.balances(token) == 401, token
    assert await door.balances(minted["access_token"], scheme="Basic") == 401


async def test_a_token_must_name_a_client(session: aiohttp.ClientSession, clock: Clock) -> None:
    options = TrueXOptions(instruments=ONLY_BTC, tokens_name_client=False)
    async with Sandbox(["truex"], rate=0, now_ms=clock, truex=options) as box:
        door = Door(session, box.truex)
        _, tokens = await door.post("api-key/token", statement(door.venue, clock.ms // 1000))
        assert await door.balances(tokens["access_token"]) == 401
