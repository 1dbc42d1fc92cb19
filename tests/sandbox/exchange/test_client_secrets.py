"""No key of a trader and no token of the operator anywhere: tried right and wrong, and then searched for."""

from __future__ import annotations

import copy
import json
import logging
import pickle
from collections.abc import Callable
from typing import Any

import msgspec
import pytest

from support.crash_report import CANARY, leaks, shown
from support.exchange_trader import client_of
from tradewire.errors import ConfigError, OutcomeUnknown, TradewireError
from tradewire.sandbox import Sandbox
from tradewire.signing import Token
from tradewire.transport.http1 import Http1Transport
from tradewire.transport.seam import HttpReply, HttpRequest, HttpTransport
from tradewire.venues.exchange.admin import ExchangeAdmin
from tradewire.venues.exchange.hosts import local
from tradewire.venues.exchange.rest.admin_markets import MarketDefinition


@pytest.fixture
def log(caplog: pytest.LogCaptureFixture) -> pytest.LogCaptureFixture:
    caplog.set_level(logging.DEBUG)
    return caplog


def is_clean(box: Sandbox, error: BaseException, log: pytest.LogCaptureFixture) -> bool:
    """Tell whether neither the canary nor any secret of the venue shows."""
    secrets = [user.api_key for user in box.exchange.core.by_name.values()] + [box.exchange.admin_token]
    searched = shown(error) + log.text
    return not leaks(searched) and not any(secret in searched for secret in secrets)


async def test_a_refused_token_of_the_operator_shows_nowhere(
    fresh_box: Sandbox, log: pytest.LogCaptureFixture
) -> None:
    environment = local(fresh_box.exchange.rest_url, fresh_box.exchange.ws_url)
    async with ExchangeAdmin(Token(CANARY), environment=environment) as admin:
        for attempt in (
            admin.state(),
            admin.create_user("desk-7"),
            admin.put_market(MarketDefinition(base="A", quote="B")),
        ):
            with pytest.raises(TradewireError) as caught:
                await attempt
            assert is_clean(fresh_box, caught.value, log)
        assert not leaks(repr(admin) + str(vars(admin)))


class Torn(HttpTransport):
    """Answers with what the venue said, but something is wrong with it."""

    def __init__(self, tear: Callable[[bytes], bytes]) -> None:
        self._inner = Http1Transport()
        self._tear = tear

    async def send(self, request: HttpRequest) -> HttpReply:
        reply = await self._inner.send(request)
        return reply._replace(body=self._tear(reply.body))

    async def close(self) -> None:
        await self._inner.close()


TEARS: dict[str, Callable[[bytes], bytes]] = {
    "torn": lambda body: body[:-1],
    "another shape": lambda body: body.replace(b"trader_id", b"trader"),
    "a bad time": lambda body: body.replace(b"T", b"_"),
    "not UTF-8": lambda body: body + b"\xff",
    "a blank in the key": lambda body: body.replace(b"exch_", b"exch "),
    "deep": lambda body: body + b"[" * 1000,
}


@pytest.mark.parametrize("tear", TEARS.values(), ids=TEARS.keys())
async def test_a_profile_that_cannot_be_read_does_not_show_its_key(
    fresh_box: Sandbox, admin: ExchangeAdmin, log: pytest.LogCaptureFixture, tear: Callable[[bytes], bytes]
) -> None:
    profile = await admin.create_user("desk-7")
    assert profile.api_key is not None
    async with client_of(fresh_box, profile.api_key, http=Torn(tear)) as client:
        with pytest.raises(TradewireError) as caught:
            await client.user()
    digits = profile.api_key.reveal()[5:]
    assert digits not in shown(caught.value) + log.text
    environment = local(fresh_box.exchange.rest_url, fresh_box.exchange.ws_url)
    token = Token(fresh_box.exchange.admin_token)
    async with ExchangeAdmin(token, environment=environment, http=Torn(tear)) as torn:
        with pytest.raises(OutcomeUnknown) as caught_again:
            await torn.create_user("desk-8")
    assert is_clean(fresh_box, caught_again.value, log)


CARRY_OFF: list[Callable[[object], Any]] = [
    pickle.dumps,
    copy.deepcopy,
    json.dumps,
    msgspec.json.encode,
    msgspec.msgpack.encode,
    lambda value: pickle.dumps({"in": [value]}),
]


async def test_a_profile_shows_its_trader_and_keeps_its_key(admin: ExchangeAdmin) -> None:
    profile = await admin.create_user("desk-7")
    assert profile.api_key is not None
    secret = profile.api_key.reveal()
    as_dict = msgspec.structs.asdict(profile)
    for text in (repr(profile), str(profile), f"{profile!r:>200}", f"{[profile]}", repr(as_dict)):
        assert "desk-7" in text
        assert secret not in text


@pytest.mark.parametrize("carry_off", CARRY_OFF)
async def test_a_profile_is_not_carried_off(admin: ExchangeAdmin, carry_off: Callable[[object], Any]) -> None:
    profile = await admin.create_user("desk-7")
    assert profile.api_key is not None
    with pytest.raises((ConfigError, TypeError)) as caught:
        carry_off(profile)
    assert profile.api_key.reveal() not in str(caught.value)


@pytest.mark.parametrize("carry_off", [pickle.dumps, copy.deepcopy])
async def test_the_operators_client_is_not_carried_off(carry_off: Callable[[object], Any]) -> None:
    with pytest.raises((TradewireError, TypeError)) as caught:
        carry_off(ExchangeAdmin(Token(CANARY)))
    assert not leaks(str(caught.value))


def test_requests_and_replies_show_neither_headers_nor_bodies() -> None:
    request = HttpRequest("GET", "http://x/y", {"x-api-key": CANARY}, CANARY.encode(), 1.0)
    reply = HttpReply(200, {"set-cookie": CANARY}, CANARY.encode())
    for text in (repr(request), str(request), repr(reply), f"{[request, reply]}"):
        assert not leaks(text)
    assert "GET http://x/y" in repr(request)
    assert "200" in repr(reply)
