"""No secret anywhere: canary secrets are used in every way, right and wrong, and then searched for.

Searched: logs at DEBUG, reprs, tracebacks with the locals of our frames, exceptions, pickles, and every object
that hangs on a client.
"""

from __future__ import annotations

import copy
import logging
import pickle
from collections.abc import Awaitable, Callable
from typing import Any

import pytest

import tradewire
from support.crash_report import CANARY, attributes, leaks, shown
from tradewire.errors import TradewireError
from tradewire.sandbox import Sandbox
from tradewire.signing import Credentials
from tradewire.venues.coinex.client import CoinEx
from tradewire.venues.coinex.hosts import Environment, local

MARKET = "BTCUSDT"


@pytest.fixture
def log(caplog: pytest.LogCaptureFixture) -> pytest.LogCaptureFixture:
    caplog.set_level(logging.DEBUG)
    return caplog


def client_of(box: Sandbox, *, key: str | None = None) -> CoinEx:
    environment = local(box.coinex.rest_url, box.coinex.ws_spot_url)
    return CoinEx(Credentials(key or box.coinex.access_id, CANARY), environment=environment)


ATTEMPTS: dict[str, Callable[[CoinEx], Awaitable[object]]] = {
    "balances": lambda venue: venue.balances(),
    "place": lambda venue: venue.place_order(MARKET, "buy", "0.001", "30000"),
    "place badly": lambda venue: venue.place_order(MARKET, "buy", "x", "30000"),
    "send": lambda venue: venue.send_order(MARKET, "buy", "0.001", "30000"),
    "cancel": lambda venue: venue.cancel_order(MARKET, "1"),
    "cancel badly": lambda venue: venue.cancel_order(MARKET, "x\r\n"),
    "orders": lambda venue: venue.open_orders(),
    "stream": lambda venue: venue.watch_orders().ready(),
}


@pytest.mark.parametrize("attempt", ATTEMPTS.values(), ids=ATTEMPTS.keys())
async def test_refused_secret_shows_nowhere(
    box: Sandbox, log: pytest.LogCaptureFixture, attempt: Callable[[CoinEx], Awaitable[object]]
) -> None:
    async with client_of(box) as venue:
        with pytest.raises(TradewireError) as caught:
            await attempt(venue)
        assert not leaks(shown(caught.value))
        assert not leaks(repr(venue))
    assert not leaks(log.text)


async def test_secret_shows_nowhere_when_the_transport_fails(
    log: pytest.LogCaptureFixture,
) -> None:
    environment = Environment("local", "http://127.0.0.1:1", "ws://127.0.0.1:1")
    async with CoinEx(Credentials("key", CANARY), environment=environment) as venue:
        with pytest.raises(TradewireError) as caught:
            await venue.balances()
    assert not leaks(shown(caught.value))
    assert not leaks(log.text)


@pytest.mark.parametrize("faults", ["gateway_html", "busy", "stale_timestamp", "rate_limited"])
async def test_right_secret_shows_nowhere_when_the_venue_fails(
    box: Sandbox, log: pytest.LogCaptureFixture, faults: str
) -> None:
    getattr(box.coinex.faults, faults)(count=3)
    async with CoinEx.for_sandbox(box) as venue:
        with pytest.raises(TradewireError) as caught:
            await venue.place_order(MARKET, "buy", "0.001", "30000")
        secret = box.coinex.secret
        assert secret not in shown(caught.value)
        assert secret not in log.text


async def test_client_keeps_no_secret(box: Sandbox) -> None:
    async with client_of(box) as venue:
        await venue.markets()
        found = [thing for thing in attributes(venue) if isinstance(thing, str | bytes) and leaks(str(thing))]
    assert found == []


def test_walk_would_find_a_secret_that_is_kept() -> None:
    class Careless:
        def __init__(self) -> None:
            self.inner = {"deep": [lambda secret=CANARY: secret]}

    assert any(isinstance(thing, str) and leaks(thing) for thing in attributes(Careless()))


@pytest.mark.parametrize("make", [repr, str, "{}".format, "{!r:>80}".format, lambda value: f"{[value]}"])
def test_credentials_show_the_key_only(make: Callable[[object], str]) -> None:
    text = make(Credentials("my-key", CANARY))
    assert "my-key" in text
    assert not leaks(text)


CARRY_OFF: tuple[Callable[[object], Any], ...] = (
    pickle.dumps,
    copy.deepcopy,
    lambda value: pickle.dumps({"in": [value]}),
)


@pytest.mark.parametrize("carry_off", [*CARRY_OFF, copy.copy])
def test_credentials_are_not_carried_off(carry_off: Callable[[object], Any]) -> None:
    with pytest.raises(TradewireError) as caught:
        carry_off(Credentials("my-key", CANARY))
    assert not leaks(str(caught.value))


@pytest.mark.parametrize("carry_off", CARRY_OFF)
async def test_client_is_not_carried_off(carry_off: Callable[[object], Any]) -> None:
    venue = tradewire.CoinEx(Credentials("my-key", CANARY))
    with pytest.raises((TradewireError, TypeError)) as caught:
        carry_off(venue)
    assert not leaks(str(caught.value))


@pytest.mark.parametrize("secret", [f"{CANARY}\n", f" {CANARY}", f"{CANARY}ü", f"{CANARY}\x00"], ids=repr)
def test_malformed_secret_is_refused_without_being_shown(secret: str) -> None:
    with pytest.raises(TradewireError) as caught:
        Credentials("my-key", secret)
    assert not leaks(str(caught.value) + repr(caught.value))
