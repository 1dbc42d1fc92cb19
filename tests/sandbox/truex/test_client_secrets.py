"""No private key and no token of a TrueX client anywhere: used rightly and wrongly, then searched."""

from __future__ import annotations

import logging
from typing import Any

import pytest

from support.crash_report import shown
from support.truex_trader import MARKET, SIZE, bid, client_of
from tradewire.errors import TradewireError
from tradewire.sandbox import Sandbox
from tradewire.sandbox.venues.truex.fields import Fields
from tradewire.sandbox.venues.truex.options import TrueXOptions
from tradewire.sandbox.venues.truex.tokens import Tokens
from tradewire.venues.truex.jwt import JwtKey

pytest.importorskip("cryptography")


@pytest.fixture
def log(caplog: pytest.LogCaptureFixture) -> pytest.LogCaptureFixture:
    caplog.set_level(logging.DEBUG)
    return caplog


def jwt_of(box: Sandbox, **more: Any) -> JwtKey:
    known = box.truex.key_file()
    return JwtKey(known["key_id"], known["private_key"] | more)


@pytest.fixture
def minted(monkeypatch: pytest.MonkeyPatch) -> list[dict[str, Any]]:
    """What the venue gave out for signed statements."""
    answers: list[dict[str, Any]] = []
    mint = Tokens.mint

    def remember(tokens: Tokens, fields: Fields, now_ms: int) -> dict[str, Any]:
        answers.append(mint(tokens, fields, now_ms))
        return answers[-1]

    monkeypatch.setattr(Tokens, "mint", remember)
    return answers


def secrets_of(box: Sandbox, minted: list[dict[str, Any]]) -> set[str]:
    """Return the private key and the tokens the client got for it."""
    [answer] = minted
    return {box.truex.key_file()["private_key"]["d"], answer["access_token"], answer["refresh_token"]}


@pytest.mark.parametrize(
    "faults", ["gateway_html", "internal_error", "stale_timestamp", "rate_limited", "busy"]
)
async def test_tokens_and_their_key_show_nowhere(
    truex_box: Sandbox, log: pytest.LogCaptureFixture, minted: list[dict[str, Any]], faults: str
) -> None:
    async with client_of(truex_box, credentials=None, jwt=jwt_of(truex_box)) as venue:
        await venue.account_id()
        await venue.load_markets()
        await venue.clients()
        secrets = secrets_of(truex_box, minted)
        assert len(secrets) == 3
        getattr(truex_box.truex.faults, faults)()
        with pytest.raises(TradewireError) as caught:
            await venue.place_order(MARKET, "buy", SIZE, bid(truex_box))
        told = shown(caught.value) + log.text + repr(venue)
    assert [secret for secret in secrets if secret in told] == []


async def test_key_that_is_refused_shows_nowhere(truex_box: Sandbox, log: pytest.LogCaptureFixture) -> None:
    other = "AQ" + "A" * 41
    async with client_of(truex_box, credentials=None, jwt=jwt_of(truex_box, d=other)) as venue:
        with pytest.raises(TradewireError) as caught:
            await venue.clients()
    assert other not in shown(caught.value) + log.text


async def test_broken_refresh_shows_no_token(
    log: pytest.LogCaptureFixture, minted: list[dict[str, Any]]
) -> None:
    # A token that lives a minute is due for renewal at once.
    async with (
        Sandbox(["truex"], rate=0, truex=TrueXOptions(access_token_s=60)) as box,
        client_of(box, credentials=None, jwt=jwt_of(box)) as venue,
    ):
        await venue.clients()
        secrets = secrets_of(box, minted)
        box.truex.faults.gateway_html(count=10)
        with pytest.raises(TradewireError) as caught:
            await venue.clients()
    told = shown(caught.value) + log.text
    assert [secret for secret in secrets if secret in told] == []


async def test_token_without_a_client_is_not_shown(minted: list[dict[str, Any]]) -> None:
    options = TrueXOptions(tokens_name_client=False)
    async with (
        Sandbox(["truex"], rate=0, truex=options) as box,
        client_of(box, credentials=None, jwt=jwt_of(box)) as venue,
    ):
        with pytest.raises(TradewireError, match="no client_id") as caught:
            await venue.clients()
        secrets = secrets_of(box, minted)
    assert [secret for secret in secrets if secret in shown(caught.value)] == []
