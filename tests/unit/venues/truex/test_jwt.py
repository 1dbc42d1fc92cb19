"""Bearer tokens: the proof judged by ``cryptography``, renewal by a clock in the test's hand."""

from __future__ import annotations

import asyncio
import base64
import copy
import json
import pickle
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, utils

from support.crash_report import CANARY, leaks, shown
from tradewire.errors import AuthRejected, ConfigError, NotSent, VenueUnavailable
from tradewire.protocol.endpoint import Access
from tradewire.protocol.rest import Target
from tradewire.signing import Credentials
from tradewire.transport.mock import MockHttp
from tradewire.transport.seam import ConnectFailed, ConnectionLost, HttpReply, HttpRequest
from tradewire.venues.truex.auth import Auth
from tradewire.venues.truex.jwt import JwtKey, Tokens

KEY_ID = "6398805c-0000-4000-8000-94ce683056e4"
ROOT = "https://auth.example/v1/auth"
START_S = 1_770_000_000
LIFE_S = 900


def base64url(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


def unpadded(text: str) -> bytes:
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))


PRIVATE = ec.derive_private_key(0x1234_5678_9ABC_DEF0, ec.SECP256R1())
D = base64url(PRIVATE.private_numbers().private_value.to_bytes(32, "big"))
JWK = {"kty": "EC", "crv": "P-256", "d": D}


def token(until_s: int, **claims: Any) -> str:
    claims = {"client_id": "78932725357888855", "exp": until_s} | claims
    return f"{base64url(b'{}')}.{base64url(json.dumps(claims).encode())}.{base64url(b'signature')}"


class Clock:
    def __init__(self) -> None:
        self.s = float(START_S)

    def __call__(self) -> float:
        return self.s


class Service:
    """A token service that keeps what it was asked; ``answer`` may be put in its place."""

    def __init__(self, clock: Clock) -> None:
        self.clock = clock
        self.asked: list[tuple[str, dict[str, Any]]] = []
        self.answer: Callable[[str], HttpReply] = self.issue
        self.http = MockHttp(self.take)
        self.tokens = Tokens(JwtKey(KEY_ID, JWK), ROOT, self.http, clock)

    def take(self, request: HttpRequest) -> HttpReply:
        assert request.method == "POST"
        assert request.headers["Content-Type"] == "application/json"
        path = request.url.removeprefix(f"{ROOT}/")
        self.asked.append((path, json.loads(request.body)))
        return self.answer(path)

    def issue(self, _path: str, **claims: Any) -> HttpReply:
        number = len(self.asked)
        document = {
            "access_token": token(int(self.clock.s) + LIFE_S, jti=number, **claims),
            "refresh_token": f"refresh-{number}",
            "expires_in": "2026-02-02T02:55:00Z",
            "token_type": "Bearer",
        }
        return HttpReply(200, {}, json.dumps(document).encode())

    @property
    def paths(self) -> list[str]:
        return [path for path, _ in self.asked]


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def service(clock: Clock) -> Service:
    return Service(clock)


async def test_proof_is_es256_over_id_and_time(service: Service) -> None:
    await service.tokens.renew()
    [(path, proof)] = service.asked
    assert path == "api-key/token"
    assert set(proof) == {"key_id", "timestamp", "signature"}
    assert (proof["key_id"], proof["timestamp"]) == (KEY_ID, START_S)
    raw = unpadded(proof["signature"])
    assert len(raw) == 64
    assert "=" not in proof["signature"]
    der = utils.encode_dss_signature(int.from_bytes(raw[:32], "big"), int.from_bytes(raw[32:], "big"))
    PRIVATE.public_key().verify(der, f"{KEY_ID}.{START_S}".encode(), ec.ECDSA(hashes.SHA256()))


async def test_token_goes_into_signed_requests_only(service: Service) -> None:
    auth = Auth(None, service.tokens, user_id="", organization_id="", version="v2026_01_23")
    with pytest.raises(ConfigError, match="no access token yet"):
        auth.headers(Access.SIGNED, "GET", Target("/v1/cefi/clients", b""), 0)
    await auth.refresh_credentials()
    headers = auth.headers(Access.SIGNED, "GET", Target("/v1/cefi/clients", b""), 0)
    assert headers == {
        "Authorization": f"Bearer {service.tokens.access_token()}",
        "X-Truex-Version": "v2026_01_23",
    }
    assert "Authorization" not in auth.headers(Access.PUBLIC, "GET", Target("/v1/cefi/assets", b""), 0)
    assert not auth.can_sign
    assert auth.signed_text("GET", Target("/v1/cefi/clients", b""), 0) == ""


async def test_token_is_renewed_a_minute_before_it_expires(service: Service, clock: Clock) -> None:
    await service.tokens.renew()
    first = service.tokens.access_token()
    clock.s += LIFE_S - 61
    await service.tokens.renew()
    assert service.tokens.access_token() == first
    clock.s += 1
    await service.tokens.renew()
    assert service.tokens.access_token() != first
    assert service.asked[1:] == [("token/refresh", {"refresh_token": "refresh-1"})]
    clock.s += LIFE_S
    await service.tokens.renew()
    assert service.asked[2] == ("token/refresh", {"refresh_token": "refresh-2"})


async def test_refresh_token_that_is_used_up_is_replaced_by_the_key(service: Service, clock: Clock) -> None:
    await service.tokens.renew()
    clock.s += 30 * LIFE_S
    service.answer = lambda path: HttpReply(401, {}, b"") if path == "token/refresh" else service.issue(path)
    await service.tokens.renew()
    assert service.paths == ["api-key/token", "token/refresh", "api-key/token"]
    assert service.asked[-1][1]["timestamp"] == START_S + 30 * LIFE_S


async def test_many_callers_make_one_request(clock: Clock) -> None:
    service = Service(clock)

    class Slow(MockHttp):
        def start(self, request: HttpRequest) -> None:
            return None

        async def send(self, request: HttpRequest) -> HttpReply:
            await asyncio.sleep(0)
            return await super().send(request)

    tokens = Tokens(JwtKey(KEY_ID, JWK), ROOT, Slow(service.take), clock)
    await asyncio.gather(*(tokens.renew() for _ in range(20)))
    assert service.paths == ["api-key/token"]


async def test_token_without_a_client_is_refused_before_it_is_used(service: Service) -> None:
    service.answer = lambda path: service.issue(path, client_id="")
    with pytest.raises(AuthRejected, match="no client_id") as caught:
        await service.tokens.renew()
    assert caught.value.endpoint == "token"
    with pytest.raises(ConfigError, match="no access token"):
        service.tokens.access_token()


@pytest.mark.parametrize("status", [400, 401, 403])
async def test_key_the_service_refuses(service: Service, status: int) -> None:
    service.answer = lambda _: HttpReply(status, {}, b'{"secret":"echo"}')
    with pytest.raises(AuthRejected, match=f"HTTP {status}") as caught:
        await service.tokens.renew()
    assert (caught.value.http_status, caught.value.endpoint) == (status, "POST api-key/token")
    assert "echo" not in str(caught.value)


@pytest.mark.parametrize("status", [302, 404, 429, 500, 503])
async def test_service_that_is_not_well(service: Service, status: int) -> None:
    service.answer = lambda _: HttpReply(status, {}, b"<html>")
    with pytest.raises(VenueUnavailable, match=f"HTTP {status}"):
        await service.tokens.renew()


@pytest.mark.parametrize("fault", [ConnectFailed("refused"), ConnectionLost("reset")])
async def test_service_that_cannot_be_reached(service: Service, fault: Exception) -> None:
    def fail(_path: str) -> HttpReply:
        raise fault

    service.answer = fail
    with pytest.raises(NotSent, match="no token"):
        await service.tokens.renew()


@pytest.mark.parametrize(
    "body",
    [b"", b"<html>", b"{}", b"[]", b'{"access_token":7}', b'{"x":' + b"[" * 100_000, b"\xff"],
    ids=["empty", "html", "no token", "list", "number", "deep", "not UTF-8"],
)
async def test_service_that_says_something_else(service: Service, body: bytes) -> None:
    service.answer = lambda _: HttpReply(200, {}, body)
    with pytest.raises(VenueUnavailable, match="unreadable reply"):
        await service.tokens.renew()


async def test_unreadable_reply_is_not_kept_by_its_error(service: Service) -> None:
    service.answer = lambda _: HttpReply(200, {}, b'{"access_token":"eyJleample.token","refresh_token":7}')
    with pytest.raises(VenueUnavailable) as caught:
        await service.tokens.renew()
    error: BaseException | None = caught.value
    while error is not None:
        assert "eyJleample" not in repr(vars(error))
        error = error.__cause__ or error.__context__


@pytest.mark.parametrize(
    "text",
    ["", "abc", "a.b.c", "a.ä.c", "..", "a." + base64url(b"[]") + ".c", "a." + base64url(b"[" * 100_000) + ".c"],
)  # fmt: skip
async def test_token_that_is_none(service: Service, text: str) -> None:
    service.answer = lambda _: HttpReply(200, {}, json.dumps({"access_token": text}).encode())
    with pytest.raises(AuthRejected, match="no client_id"):
        await service.tokens.renew()


async def test_service_that_is_down_does_not_take_a_good_token_away(service: Service, clock: Clock) -> None:
    await service.tokens.renew()
    good = service.tokens.access_token()
    service.answer = lambda _: HttpReply(503, {}, b"")
    clock.s += LIFE_S - 1
    await service.tokens.renew()
    assert service.tokens.access_token() == good
    clock.s += 1
    with pytest.raises(VenueUnavailable):
        await service.tokens.renew()


async def test_token_that_does_not_say_when_it_ends_is_kept_a_minute(service: Service, clock: Clock) -> None:
    service.answer = lambda path: service.issue(path, exp="soon")
    await service.tokens.renew()
    clock.s += 59
    await service.tokens.renew()
    assert len(service.asked) == 1
    clock.s += 1
    await service.tokens.renew()
    assert len(service.asked) == 2


@pytest.mark.parametrize(
    "jwk",
    [
        {},
        JWK | {"kty": "RSA"},
        JWK | {"crv": "P-384"},
        {"kty": "EC", "crv": "P-256"},
    ],
)
def test_keys_of_another_kind(jwk: dict[str, Any]) -> None:
    with pytest.raises(ConfigError, match="kty EC, crv P-256") as caught:
        JwtKey(KEY_ID, jwk)
    assert D not in str(caught.value)


@pytest.mark.parametrize("d", ["", "!!", base64url(b"\x00" * 32), base64url(b"\xff" * 32), "ä"])
def test_keys_that_are_no_point_of_the_curve(d: Any) -> None:
    with pytest.raises(ConfigError, match=r"no key of P-256$") as caught:
        JwtKey(KEY_ID, JWK | {"d": d}).sign(START_S)
    assert caught.value.__cause__ is None


@pytest.mark.parametrize("jwk", [CANARY, {"kty": "EC", "crv": "P-256", "d": [CANARY]}, {"d": CANARY}, None])
def test_malformed_key_is_in_no_frame_of_its_own_error(jwk: Any, tmp_path: Path) -> None:
    path = tmp_path / "key.json"
    for attempt in (
        lambda: JwtKey(KEY_ID, jwk),
        lambda: JwtKey(jwk, {"d": CANARY}),
        lambda: JwtKey(KEY_ID, JWK | {"d": f"!{CANARY}"}).sign(START_S),
        lambda: JwtKey.from_file(path),
    ):
        for text in (f'{{"{CANARY}"', json.dumps({"key_id": KEY_ID, "private_key": jwk}), f'["{CANARY}"]'):
            path.write_text(text)
            with pytest.raises(ConfigError) as caught:
                attempt()
            assert not leaks(shown(caught.value))


def test_key_file(tmp_path: Path) -> None:
    path = tmp_path / "key.json"
    path.write_text(json.dumps({"key_id": KEY_ID, "private_key": JWK, "algorithm": "ES256"}))
    key = JwtKey.from_file(path)
    assert key.key_id == KEY_ID
    assert JwtKey.from_file(str(path)).key_id == KEY_ID


@pytest.mark.parametrize(
    "text",
    [
        "",
        "no json",
        "[]",
        "7",
        "{}",
        '{"key_id":"x"}',
        f'{{"key_id":"x","private_key":"{D}"}}',
        "[" * 100_000,
    ],
    ids=["empty", "no json", "list", "number", "nothing", "half", "text for a key", "deep"],
)
def test_files_that_are_no_key_file(tmp_path: Path, text: str) -> None:
    path = tmp_path / "key.json"
    path.write_text(text)
    with pytest.raises(ConfigError, match=r"key\.json is no key file") as caught:
        JwtKey.from_file(path)
    assert D not in str(caught.value)


def test_missing_file(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="FileNotFoundError"):
        JwtKey.from_file(tmp_path / "nowhere.json")


def test_key_shows_its_id_only() -> None:
    key = JwtKey(KEY_ID, JWK)
    assert repr(key) == str(key) == f"JwtKey(key_id={KEY_ID!r}, private_key=redacted)"
    for copied in (pickle.dumps, copy.copy, copy.deepcopy):
        with pytest.raises(ConfigError, match="not copied or pickled") as caught:
            copied(key)
        assert D not in str(caught.value)


def test_environment_without_a_token_service() -> None:
    with pytest.raises(ConfigError, match="no token service"):
        Tokens(JwtKey(KEY_ID, JWK), "", MockHttp(lambda _: HttpReply(200, {}, b"")))


def test_one_kind_of_credentials_only(service: Service) -> None:
    with pytest.raises(ConfigError, match="one of them"):
        Auth(Credentials("key", "secret"), service.tokens, user_id="", organization_id="", version="")
