"""A key that went to the wrong place cannot be taken back: what is refused when a client is made."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest

import tradewire
from support.crash_report import CANARY, leaks, shown
from support.kits import CLIENTS
from tradewire.errors import ConfigError
from tradewire.protocol.hosts import SANDBOX_MARK, is_loopback, place_fault
from tradewire.registry import BUILT_IN, find_venue
from tradewire.sandbox import venue as sandbox_venue
from tradewire.transport.mock import MockHttp
from tradewire.transport.seam import HttpReply

HTTP = MockHttp(lambda _request: HttpReply(200, {}, b"{}"))
SANDBOX_KEY = f"{SANDBOX_MARK}-0000"

EVERY = pytest.mark.parametrize("name", CLIENTS)


def made(name: str, key: str, environment: Any, **more: Any) -> object:
    return CLIENTS[name].make(HTTP, key, environment=environment, **more)


@EVERY
@pytest.mark.parametrize("host", ["192.168.0.7", "127.0.0.1.example.com", "venue.example", "10.0.0.1"])
def test_plain_text_to_another_machine_is_refused(name: str, host: str) -> None:
    live = CLIENTS[name].live
    plain = msgspec.structs.replace(
        live,
        **{
            field.name: f"http://{host}/x"
            for field in msgspec.structs.fields(live)
            if field.name.endswith(("_root", "_url")) and "auth" not in field.name and "ws" not in field.name
        },
    )
    with pytest.raises(ConfigError, match=r"http:// shows everything .* allow_insecure=True"):
        made(name, "key", plain)
    assert made(name, "key", plain, allow_insecure=True)


@pytest.mark.parametrize("name", [name for name, kit in CLIENTS.items() if kit.has_stream])
def test_plain_stream_to_another_machine_is_refused(name: str) -> None:
    live = CLIENTS[name].live
    [field] = [field.name for field in msgspec.structs.fields(live) if field.name.startswith("ws_")]
    plain = msgspec.structs.replace(live, **{field: "ws://venue.example/ws"})
    with pytest.raises(ConfigError, match=r"ws:// shows everything .* use wss://"):
        made(name, "key", plain)
    assert made(name, "key", plain, allow_insecure=True)


@EVERY
def test_key_of_a_sandbox_is_refused_at_a_live_host(name: str) -> None:
    live, here = CLIENTS[name].live, CLIENTS[name].here
    for key in (SANDBOX_KEY, f"exch_{SANDBOX_KEY}", SANDBOX_KEY.upper()):
        with pytest.raises(ConfigError, match="key of a sandbox") as caught:
            made(name, key, live)
        assert SANDBOX_MARK not in str(caught.value).lower()
    assert made(name, SANDBOX_KEY, live, allow_any_key=True)
    assert made(name, SANDBOX_KEY, here)
    assert made(name, "key", live)


@EVERY
def test_other_key_is_refused_at_a_sandbox(name: str) -> None:
    here = CLIENTS[name].here
    sandbox = msgspec.structs.replace(here, is_sandbox=True)
    with pytest.raises(ConfigError, match="no key of a sandbox"):
        made(name, "key", sandbox)
    assert made(name, "key", sandbox, allow_any_key=True)
    assert made(name, SANDBOX_KEY, sandbox)
    assert made(name, "key", here)


@EVERY
@pytest.mark.parametrize("secret", [CANARY, CANARY.encode(), {CANARY: 1}], ids=repr)
def test_secret_passed_in_place_of_credentials_is_in_no_frame(name: str, secret: Any) -> None:
    with pytest.raises(ConfigError, match=r"must be a (Credentials|Token)") as caught:
        CLIENTS[name].kind(secret, http=HTTP)
    assert not leaks(shown(caught.value))


@EVERY
def test_key_at_the_wrong_place_is_in_no_frame(name: str) -> None:
    live = CLIENTS[name].live
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
        for name in BUILT_IN:
            await find_venue(name).client_class.for_sandbox(box).close()
    assert sandbox_venue.SANDBOX_MARK == SANDBOX_MARK


def test_unused_address_is_not_judged() -> None:
    assert place_fault(["https://venue.example", ""], "key") == ""
