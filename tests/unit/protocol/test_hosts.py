"""A key that went to the wrong place cannot be taken back: what is refused when a client is made."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from typing import Any

import pytest

import tradewire
from support.crash_report import CANARY, leaks, shown
from tradewire.errors import ConfigError
from tradewire.protocol.hosts import SANDBOX_MARK, is_loopback, place_fault
from tradewire.sandbox import venue as sandbox_venue
from tradewire.signing import Credentials, Token
from tradewire.transport.mock import MockHttp
from tradewire.transport.seam import HttpReply
from tradewire.venues.coinex import hosts as coinex
from tradewire.venues.coinex.client import CoinEx
from tradewire.venues.exchange import hosts as exchange
from tradewire.venues.exchange.admin import ExchangeAdmin
from tradewire.venues.exchange.client import Exchange
from tradewire.venues.truex import hosts as truex
from tradewire.venues.truex.client import TrueX

HTTP = MockHttp(lambda _request: HttpReply(200, {}, b"{}"))
SANDBOX_KEY = f"{SANDBOX_MARK}-0000"

Make = Callable[..., Any]
MAKE: dict[str, tuple[Make, Callable[[str], Any], Any, Any]] = {
    "coinex": (
        CoinEx,
        lambda key: Credentials(key, "secret"),
        coinex.LIVE,
        coinex.local("http://127.0.0.1:1/v2", "ws://127.0.0.1:1/v2/spot"),
    ),
    "exchange": (Exchange, Token, exchange.LIVE, exchange.local("http://127.0.0.1:1", "ws://127.0.0.1:1/ws")),
    "admin": (ExchangeAdmin, Token, exchange.LIVE, exchange.local("http://127.0.0.1:1", "")),
    "truex": (
        TrueX,
        lambda key: Credentials(key, "secret"),
        truex.PRODUCTION,
        truex.local("http://127.0.0.1:1", "ws://127.0.0.1:1/api/v1"),
    ),
}
CLIENTS = pytest.mark.parametrize("name", MAKE)


def made(name: str, key: str, environment: Any, **more: Any) -> object:
    make, secret_of, _, _ = MAKE[name]
    return make(secret_of(key), environment=environment, http=HTTP, **more)


@CLIENTS
@pytest.mark.parametrize("host", ["192.168.0.7", "127.0.0.1.example.com", "venue.example", "10.0.0.1"])
def test_plain_text_to_another_machine_is_refused(name: str, host: str) -> None:
    _, _, live, _ = MAKE[name]
    plain = dataclasses.replace(
        live,
        **{
            field.name: f"http://{host}/x"
            for field in dataclasses.fields(live)
            if field.name.endswith(("_root", "_url")) and "auth" not in field.name and "ws" not in field.name
        },
    )
    with pytest.raises(ConfigError, match=r"http:// shows everything .* allow_insecure=True"):
        made(name, "key", plain)
    assert made(name, "key", plain, allow_insecure=True)


@pytest.mark.parametrize("name", ["coinex", "exchange", "truex"])
def test_plain_stream_to_another_machine_is_refused(name: str) -> None:
    _, _, live, _ = MAKE[name]
    [field] = [field.name for field in dataclasses.fields(live) if field.name.startswith("ws_")]
    plain = dataclasses.replace(live, **{field: "ws://venue.example/ws"})
    with pytest.raises(ConfigError, match=r"ws:// shows everything .* use wss://"):
        made(name, "key", plain)
    assert made(name, "key", plain, allow_insecure=True)


@CLIENTS
def test_key_of_a_sandbox_is_refused_at_a_live_host(name: str) -> None:
    _, _, live, here = MAKE[name]
    for key in (SANDBOX_KEY, f"exch_{SANDBOX_KEY}", SANDBOX_KEY.upper()):
        with pytest.raises(ConfigError, match="key of a sandbox") as caught:
            made(name, key, live)
        assert SANDBOX_MARK not in str(caught.value).lower()
    assert made(name, SANDBOX_KEY, live, allow_any_key=True)
    assert made(name, SANDBOX_KEY, here)
    assert made(name, "key", live)


@CLIENTS
def test_other_key_is_refused_at_a_sandbox(name: str) -> None:
    _, _, _, here = MAKE[name]
    sandbox = dataclasses.replace(here, is_sandbox=True)
    with pytest.raises(ConfigError, match="no key of a sandbox"):
        made(name, "key", sandbox)
    assert made(name, "key", sandbox, allow_any_key=True)
    assert made(name, SANDBOX_KEY, sandbox)
    assert made(name, "key", here)


def test_key_in_the_form_of_the_live_venue_is_refused_on_this_machine() -> None:
    _, _, live, here = MAKE["coinex"]
    key = "4DA36FFC61334695A66F8D29020EB589"
    with pytest.raises(ConfigError, match="no key of a sandbox"):
        made("coinex", key, here)
    assert made("coinex", key, here, allow_any_key=True)
    assert made("coinex", key, live)


@CLIENTS
@pytest.mark.parametrize("secret", [CANARY, CANARY.encode(), {CANARY: 1}], ids=repr)
def test_secret_passed_in_place_of_credentials_is_in_no_frame(name: str, secret: Any) -> None:
    make, _, _, _ = MAKE[name]
    with pytest.raises(ConfigError, match=r"must be a (Credentials|Token)") as caught:
        make(secret, http=HTTP)
    assert not leaks(shown(caught.value))


@pytest.mark.parametrize("name", ["exchange", "admin"])
def test_key_at_the_wrong_place_is_in_no_frame(name: str) -> None:
    _, _, live, _ = MAKE[name]
    with pytest.raises(ConfigError) as caught:
        made(name, f"{SANDBOX_MARK}{CANARY}", live)
    assert not leaks(shown(caught.value))


@pytest.mark.parametrize(
    ("url", "here"),
    [
        ("http://127.0.0.1:8080/v2", True),
        ("http://127.8.9.10", True),
        ("ws://[::1]:9/ws", True),
        ("http://localhost:1", True),
        ("http://LOCALHOST.:1", True),
        ("http://venue.localhost", True),
        ("http://127.0.0.1@venue.example/", False),
        ("http://127.0.0.1.venue.example/", False),
        ("http://localhost.venue.example/", False),
        ("http://0.0.0.0", False),
        ("http://192.168.1.1", False),
        ("http://[::2]", False),
        ("http://[", False),
        ("", False),
    ],
)
def test_what_can_only_be_this_machine(url: str, here: bool) -> None:
    assert is_loopback(url) is here


@pytest.mark.parametrize("url", ["gopher://x", "venue.example", "https://", "http://[", "file:///etc/passwd"])
def test_address_of_another_kind_is_refused(url: str) -> None:
    assert "https:// or wss://" in place_fault([url], "", allow_insecure=True, allow_any_key=True)


async def test_sandbox_marks_every_key_it_makes() -> None:
    async with tradewire.Sandbox(rate=0) as box:
        keys = [
            box.coinex.access_id,
            box.coinex.add_trader("other").access_id,
            box.exchange.api_key,
            box.truex.key_id,
        ]
        for client in (CoinEx, Exchange, TrueX):
            await client.for_sandbox(box).close()
    assert all(SANDBOX_MARK in key.lower() for key in keys)
    assert sandbox_venue.SANDBOX_MARK == SANDBOX_MARK


def test_unused_address_is_not_judged() -> None:
    assert place_fault(["https://venue.example", ""], "key") == ""
