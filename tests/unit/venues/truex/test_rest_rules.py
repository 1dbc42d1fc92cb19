"""TrueX as the REST session sees it: spelling of paths, deprecations, what is said of a refused signature."""

from __future__ import annotations

import json
import warnings
from pathlib import Path
from typing import Any

import pytest

from support.oracle import hmac_base64
from tradewire.errors import (
    AuthRejected,
    BadRequest,
    ConfigError,
    RequestError,
    TimestampRejected,
    VenueDeprecationWarning,
)
from tradewire.protocol.endpoint import Endpoint
from tradewire.protocol.rest import Target
from tradewire.session.rest_dialect import Attempt
from tradewire.signing import Credentials
from tradewire.transport.seam import HttpReply
from tradewire.venues.truex.api import api
from tradewire.venues.truex.auth import Auth
from tradewire.venues.truex.hosts import Prefix, Spelling
from tradewire.venues.truex.rest_rules import RestRules

SECRET = "tmk-example-secret-0123456789abcdef"
KEY_ID = "6398805c-0000-4000-8000-94ce683056e4"
NOW_MS = 1_770_000_000_999
DATE = "Mon, 02 Feb 2026 02:40:00 GMT"
"""The same second as an HTTP date."""
SUNSET = "Wed, 05 Aug 2026 00:00:00 GMT"


def auth(credentials: Credentials | None = Credentials(KEY_ID, SECRET)) -> Auth:  # noqa: B008 - immutable
    return Auth(credentials, None, user_id="78932725357888855", organization_id="", version="v2026_01_23")


def rules(prefix: Prefix = Prefix.CEFI, spelling: Spelling = Spelling.PLURAL, **more: Any) -> RestRules:
    return RestRules(auth(**more), prefix, spelling)


@pytest.mark.parametrize("row", api.rows, ids=lambda row: row.name)
@pytest.mark.parametrize("query", ["", "?size=10&cursor=a%2Fb"])
def test_path_of_every_generation(row: Endpoint[Any, Any], query: str) -> None:
    ref = "sdk-000000000001"

    def routed(prefix: Prefix, spelling: Spelling = Spelling.PLURAL) -> str:
        target = Target(row.path.replace("{ref_id}", ref) + query, b"body")
        path, body = rules(prefix, spelling).route(target)
        assert body == b"body"
        return path.removesuffix(query)

    noun = row.path.removeprefix("/v1/cefi").replace("{ref_id}", ref)
    assert routed(Prefix.CEFI) == f"/v1/cefi{noun}"
    assert routed(Prefix.LEGACY) == f"/api/v1{noun}"
    oldest = row.spellings[-1].replace("{ref_id}", ref) if row.spellings else f"/api/v1{noun}"
    assert routed(Prefix.LEGACY, Spelling.SINGULAR) == oldest


def test_every_endpoint_is_tried_here() -> None:
    vectors = json.loads(
        (Path(__file__).parents[3] / "vectors" / "truex_endpoints.json").read_text(encoding="utf-8")
    )
    assert {row.name for row in api.rows} == set(vectors["rest"])


@pytest.mark.parametrize(
    ("path", "oldest"),
    [
        ("/v1/cefi/orders/list?query=%7B%7D", "/api/v1/order?query=%7B%7D"),
        ("/v1/cefi/orders/trades?timestamp=1", "/api/v1/order/trade?timestamp=1"),
        ("/v1/cefi/orders/status/orders", "/api/v1/order/status/orders"),
        ("/v1/cefi/transfers/active", "/api/v1/transfer/active"),
        ("/v1/cefi/orders/activity/7", "/api/v1/orders/activity/7"),
        ("/v1/cefi/health", "/api/v1/health"),
    ],
)
def test_old_paths_by_hand(path: str, oldest: str) -> None:
    assert rules(Prefix.LEGACY, Spelling.SINGULAR).route(Target(path, b"")).path == oldest


def test_old_spelling_goes_with_the_old_prefix_only() -> None:
    with pytest.raises(ConfigError, match="singular paths go with the legacy prefix only"):
        rules(Prefix.CEFI, Spelling.SINGULAR)


@pytest.mark.parametrize(
    ("headers", "said"),
    [
        ({"deprecation": "@1775692800", "sunset": SUNSET}, "since 2026-04-09 and announced to go on 2026-08-05"),
        ({"deprecation": "Tue, 27 Jan 2026 00:00:00 GMT"}, "deprecated since 2026-01-27:"),
        ({"sunset": "@1785888000"}, "is announced to go on 2026-08-05:"),
        ({"deprecation": "true"}, "deprecated since true:"),
        ({"deprecation": "@99999999999999999999"}, "since @99999999999999999999:"),
        ({"deprecation": "@" + "9" * 5000}, "since @999"),
        ({"sunset": "Wed, 05 Aug 99999999999999 00:00:00 GMT"}, "go on Wed, 05 Aug 99999"),
        ({"sunset": "x" * 5000}, "go on " + "x" * 40 + ":"),
    ],
    ids=lambda value: str(value)[:40],
)  # fmt: skip
def test_deprecation_is_told_with_its_day(headers: dict[str, str], said: str) -> None:
    with pytest.warns(VenueDeprecationWarning) as caught:
        rules().error_from_reply(attempt("GET /v1/cefi/assets"), HttpReply(200, headers, b"[]"))
    [one] = caught
    assert said in str(one.message)
    assert "GET /v1/cefi/assets" in str(one.message)
    assert len(str(one.message)) < 250


def test_each_deprecated_operation_is_told_once() -> None:
    known, reply = rules(), HttpReply(200, {"sunset": SUNSET}, b"[]")
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        for endpoint in ("GET /v1/cefi/assets", "GET /v1/cefi/clients") * 3:
            known.error_from_reply(attempt(endpoint), reply)
    assert len(caught) == 2


def test_a_refused_request_is_warned_of_too() -> None:
    with pytest.warns(VenueDeprecationWarning, match="2026-08-05"):
        error = rules().error_from_reply(
            attempt("GET /v1/cefi/assets"), HttpReply(410, {"sunset": SUNSET}, b"")
        )
    assert type(error) is BadRequest


def attempt(name: str, path: str = "", timestamp_ms: int = NOW_MS, body: bytes = b"") -> Attempt:
    """The sending of a request to the row called ``name``."""
    [row] = [row for row in api.rows if row.name == name]
    return Attempt(row, Target(path or row.path, body), timestamp_ms)


def explained(reply: HttpReply, timestamp_ms: int = NOW_MS, **more: Any) -> RequestError:
    known = rules(**more)
    sent = attempt("GET /v1/cefi/balances", "/v1/cefi/balances?asset_name=BTC", timestamp_ms)
    error = known.error_from_reply(sent, reply)
    assert error is not None
    return error


def refused(date: str = DATE) -> HttpReply:
    problem = {"error": {"title": "An Error Occured", "status": 401, "detail": "Authentication failed"}}
    return HttpReply(401, {"date": date} if date else {}, json.dumps(problem).encode())


def test_refused_signature_names_what_was_signed_and_never_the_secret() -> None:
    error = explained(refused())
    assert type(error) is AuthRejected
    assert error.message == (
        "HTTP 401: Authentication failed; signed was '1770000000GET/v1/cefi/balances'; check key and secret"
    )  # fmt: skip
    assert (error.code, error.http_status, error.venue) == ("401", 401, "truex")
    signature = hmac_base64(SECRET.encode(), b"1770000000GET/v1/cefi/balances")
    for told in (str(error), repr(error), repr(vars(error))):
        assert SECRET not in told
        assert signature not in told


@pytest.mark.parametrize(
    ("ahead_s", "is_clock"),
    [(-60, True), (-16, True), (-15, True), (-14, False), (0, False), (1, False), (2, True), (60, True)],
)
def test_clock_is_blamed_where_the_venues_date_says_so(ahead_s: int, is_clock: bool) -> None:
    error = explained(refused(), NOW_MS + ahead_s * 1000)
    assert type(error) is (TimestampRejected if is_clock else AuthRejected)
    assert (f"our clock is {ahead_s:+d} s from the venue's" in str(error)) is is_clock


@pytest.mark.parametrize(
    "date", ["", "soon", "Mon, 02 Feb 99999999999 02:40:00 GMT", "Mon, 02 Feb 2026 02:40:00 +999999999"]
)
def test_unreadable_date_blames_no_clock(date: str) -> None:
    assert type(explained(refused(date), NOW_MS + 60_000)) is AuthRejected


def test_only_refused_signatures_are_explained() -> None:
    error = explained(HttpReply(400, {"date": DATE}, b"{}"), NOW_MS + 60_000)
    assert type(error) is BadRequest
    assert "signed" not in str(error)


@pytest.mark.parametrize(
    ("body", "is_health"),
    [
        (b'{"status":"degraded","timestamp":"2026-02-02 02:40:00","service":"rag"}', True),
        (b'{"data":{"status":"degraded","timestamp":"2026-02-02 02:40:00","service":"rag"}}', True),
        (b'{"status":"degraded"}', False),
        (b"<html>busy</html>", False),
        (b'{"error":{"title":"An Error Occured","status":503}}', False),
    ],
)
def test_health_that_is_not_well_is_still_an_answer(body: bytes, is_health: bool) -> None:
    reply = HttpReply(503, {}, body)
    assert (rules().error_from_reply(attempt("GET /v1/cefi/health"), reply) is None) is is_health
    assert rules().error_from_reply(attempt("GET /v1/cefi/assets"), reply) is not None


def test_headers_of_every_kind_of_request() -> None:
    order = attempt("POST /v1/cefi/orders", "/v1/cefi/orders?x=1", body=b'{"a":1}')
    signed = dict(rules().headers(order))
    text = b'1770000000POST/v1/cefi/orders{"a":1}'
    assert signed == {
        "x-truex-auth-userid": "78932725357888855",
        "x-truex-auth-timestamp": "1770000000",
        "x-truex-auth-token": KEY_ID,
        "x-truex-auth-signature": hmac_base64(SECRET.encode(), text),
        "X-Truex-Version": "v2026_01_23",
        "Content-Type": "application/json",
    }
    public = dict(rules().headers(attempt("GET /v1/cefi/assets")))
    assert public == {"X-Truex-Version": "v2026_01_23"}


def test_without_a_key_only_public_requests_can_be_made() -> None:
    public = rules(credentials=None)
    assert public.headers(attempt("GET /v1/cefi/assets"))
    with pytest.raises(ConfigError, match=r"TrueX\(Credentials\(key_id, secret\)\)"):
        public.headers(attempt("GET /v1/cefi/clients"))


def test_stream_credentials_with_and_without_path_and_organization() -> None:
    known = auth()
    for path, text in (("/api/v1", f"1770000000TRUEXWS{KEY_ID}/api/v1"), ("", f"1770000000TRUEXWS{KEY_ID}")):
        assert known.stream_text(NOW_MS, path) == text
        assert known.frame_credentials(NOW_MS, path) == {
            "timestamp": "1770000000",
            "key": KEY_ID,
            "signature": hmac_base64(SECRET.encode(), text.encode()),
        }
    known.organization_id = "30d17c5b-0000-4000-8000-d4b3b12bdd4e"
    assert known.frame_credentials(NOW_MS, "")["organization_id"] == known.organization_id
    assert auth(None).stream_text(NOW_MS, "/api/v1") == ""
    with pytest.raises(ConfigError, match="HMAC key"):
        auth(None).frame_credentials(NOW_MS, "/api/v1")
