"""Who sends: one header each for traders and the operator, none for the public, and no key where none is needed."""

from __future__ import annotations

import pytest

from tradewire.errors import ConfigError
from tradewire.protocol.endpoint import Access
from tradewire.protocol.rest import Target
from tradewire.signing import Token
from tradewire.venues.exchange.auth import AdminAuth, TraderAuth

KEY = "exch_0123456789abcdef0123456789abcdef"
WITH_BODY = Target("/api/v1/orders", b"{}")
WITHOUT = Target("/api/v1/user", b"")


def test_a_trader_sends_its_key_and_says_what_the_body_is() -> None:
    auth = TraderAuth(Token(KEY))
    assert auth.has_key
    assert auth.headers(Access.KEYED, WITH_BODY) == {"x-api-key": KEY, "Content-Type": "application/json"}
    assert auth.headers(Access.KEYED, WITHOUT) == {"x-api-key": KEY}


def test_the_operator_sends_a_bearer_token() -> None:
    auth = AdminAuth(Token("local-admin-token"))
    assert auth.headers(Access.KEYED, WITHOUT) == {"Authorization": "Bearer local-admin-token"}
    assert auth.headers(Access.KEYED, WITH_BODY)["Content-Type"] == "application/json"


@pytest.mark.parametrize("auth", [TraderAuth(Token(KEY)), TraderAuth(None), AdminAuth(Token(KEY))])
def test_the_public_is_told_nothing(auth: TraderAuth | AdminAuth) -> None:
    assert auth.headers(Access.PUBLIC, WITHOUT) == {}


def test_without_a_key_nothing_that_needs_one_is_sent() -> None:
    auth = TraderAuth(None)
    assert not auth.has_key
    with pytest.raises(ConfigError, match="Token"):
        auth.headers(Access.KEYED, WITHOUT)
    with pytest.raises(ConfigError, match="Token"):
        auth.reveal()


@pytest.mark.parametrize("key", ["ABC1234", KEY, "x"])
def test_keys_of_every_generation_are_taken(key: str) -> None:
    assert TraderAuth(Token(key)).headers(Access.KEYED, WITHOUT) == {"x-api-key": key}
