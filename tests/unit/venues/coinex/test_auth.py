"""Headers and login of CoinEx, signed as the standard library signs them."""

from __future__ import annotations

import hashlib
import hmac

import pytest

from support.kits.coinex import KIT
from tradewire.errors import ConfigError
from tradewire.protocol.endpoint import Access
from tradewire.protocol.rest import Target
from tradewire.signing import Credentials
from tradewire.transport.mock import MockHttp
from tradewire.transport.seam import HttpReply
from tradewire.venues.coinex.auth import Auth
from tradewire.venues.coinex.hosts import LIVE, local

SECRET = "SANDBOX_SECRET_0123456789ABCDEF0123456789ABCDEF"
AUTH = Auth(Credentials("my-access-id", SECRET))
NOW_MS = 1763640000123


def signature(text: str) -> str:
    return hmac.new(SECRET.encode(), text.encode(), hashlib.sha256).hexdigest()


@pytest.mark.parametrize(
    ("method", "path", "body"),
    [
        ("GET", "/v2/assets/spot/balance", ""),
        ("GET", "/v2/spot/pending-order?market=BTCUSDT&market_type=SPOT&page=1&limit=10", ""),
        ("GET", "/v2/spot/ticker?market=BTCUSDT%2CETHUSDT", ""),
        ("POST", "/v2/spot/order", '{"market":"BTCUSDT","amount":"0.001"}'),
    ],
)
def test_signed_request_carries_key_signature_and_time(method: str, path: str, body: str) -> None:
    headers = dict(AUTH.headers(Access.SIGNED, method, Target(path, body.encode()), NOW_MS))
    assert headers.pop("X-COINEX-KEY") == "my-access-id"
    assert headers.pop("X-COINEX-TIMESTAMP") == str(NOW_MS)
    assert headers.pop("X-COINEX-SIGN") == signature(f"{method}{path}{body}{NOW_MS}")
    assert headers == ({"Content-Type": "application/json"} if body else {})


def test_public_request_carries_nothing_of_us() -> None:
    assert AUTH.headers(Access.PUBLIC, "GET", Target("/v2/time", b""), NOW_MS) == {}


def test_login_signs_the_time_alone() -> None:
    assert AUTH.stream_login(NOW_MS) == {
        "access_id": "my-access-id",
        "signed_str": signature(str(NOW_MS)),
        "timestamp": NOW_MS,
    }


def test_without_credentials_only_public_requests_go() -> None:
    nobody = Auth(None)
    assert not nobody.can_sign
    assert nobody.headers(Access.PUBLIC, "GET", Target("/v2/time", b""), NOW_MS) == {}
    with pytest.raises(ConfigError, match="Credentials"):
        nobody.headers(Access.SIGNED, "GET", Target("/v2/assets/spot/balance", b""), NOW_MS)
    with pytest.raises(ConfigError, match="Credentials"):
        nobody.stream_login(NOW_MS)


def test_live_venue_is_reached_over_tls_only() -> None:
    assert LIVE.rest_root.startswith("https://")
    assert LIVE.ws_url.startswith("wss://")


@pytest.mark.parametrize(
    "url", ["http://127.0.0.1:8080/v2", "http://127.0.0.1:8080/v2/", "http://127.0.0.1:8080"]
)
def test_local_venue_is_given_as_the_sandbox_prints_it(url: str) -> None:
    assert local(url, "ws://127.0.0.1:8080/v2/spot").rest_root == "http://127.0.0.1:8080"


def test_key_in_the_form_of_the_live_venue_is_refused_on_this_machine() -> None:
    made, key = KIT.clients[0], "4DA36FFC61334695A66F8D29020EB589"
    http = MockHttp(lambda _request: HttpReply(200, {}, b"{}"))
    with pytest.raises(ConfigError, match="no key of a sandbox"):
        made.make(http, key, environment=made.here)
    assert made.make(http, key, environment=made.here, allow_any_key=True)
    assert made.make(http, key, environment=made.live)
