"""Every row of the fact sheet's error tables: words and status, or code, become class, code and outcome."""

from __future__ import annotations

import json

import pytest

from tradewire.errors import (
    AuthRejected,
    BadRequest,
    MarketUnavailable,
    OrderNotFound,
    OrderRejected,
    Outcome,
    OutcomeUnknown,
    PermissionDenied,
    RateLimited,
    Rejected,
    RequestError,
    VenueUnavailable,
)
from tradewire.transport.seam import HttpReply
from tradewire.venues.exchange import errors

ORDER = "POST /api/v1/orders"
Kind = type[RequestError]

TRADING: list[tuple[str, int, str, Kind]] = [
    ("invalid_market", 400, "invalid market symbol", BadRequest),
    ("trading_disabled", 409, "trading is currently disabled", VenueUnavailable),
    ("market_not_configured", 404, "market is not configured", MarketUnavailable),
    ("market_disabled", 409, "market is disabled", MarketUnavailable),
    ("market_settled", 409, "market has already been settled", MarketUnavailable),
    ("tick_size_violation", 400, "price must align to tick size 5", OrderRejected),
    ("quantity_below_minimum", 400, "quantity must be at least 2", OrderRejected),
    ("invalid_price", 400, "price must be greater than zero", OrderRejected),
    ("invalid_quantity", 400, "quantity must be greater than zero", OrderRejected),
    ("invalid_remaining", 400, "remaining quantity must be greater than zero", OrderRejected),
    ("invalid_amend", 400, "cannot increase remaining quantity", OrderRejected),
    ("order_not_found", 404, "order not found", OrderNotFound),
    ("order_not_owned", 403, "order does not belong to trader", PermissionDenied),
    (
        "position_limit_exceeded",
        409,
        "projected net position for ABC-USD would be 1001; limit is +/-1000",
        OrderRejected,
    ),
    ("overflow", 500, "numeric overflow", OutcomeUnknown),
]
LATER: list[tuple[str, int, str, Kind]] = [
    ("price_too_large", 400, "price must be at most 900", OrderRejected),
    ("quantity_too_large", 400, "quantity must be at most 900", OrderRejected),
    ("price_below_minimum", 400, "price must be at least 10", OrderRejected),
    (
        "no_liquidity",
        400,
        "market order could not be filled because no opposite-side liquidity is available",
        OrderRejected,
    ),
    ("engine_unavailable", 503, "market engine unavailable", OutcomeUnknown),
    ("rate_limit_exceeded", 429, "per-user rate limit exceeded: max 500 ops per 10s", RateLimited),
]
ELSEWHERE: list[tuple[int, str, Kind]] = [
    (401, "missing authentication", AuthRejected),
    (401, "invalid api key", AuthRejected),
    (400, "username is required", BadRequest),
    (400, "market id is required", BadRequest),
    (400, "market id must match BTC-USD", BadRequest),
    (400, "base asset is required", BadRequest),
    (400, "quote asset is required", BadRequest),
    (400, "tick size must be greater than zero", BadRequest),
    (400, "minimum order quantity must be greater than zero", BadRequest),
    (400, "message body is required", BadRequest),
    (400, "settlement price must be greater than zero", BadRequest),
    (404, "market not found", MarketUnavailable),
    (404, "target user not found", BadRequest),
    (409, "username already exists", Rejected),
    (409, "market already settled", Rejected),
    (409, "cannot delete market with open orders", Rejected),
    (500, "failed to generate unique api key", OutcomeUnknown),
]
PLAIN: list[tuple[int, str, Kind]] = [
    (401, "missing admin authentication", AuthRejected),
    (401, "invalid admin token", AuthRejected),
    (400, "Failed to parse the request body as JSON: EOF while parsing", BadRequest),
    (400, "Invalid URL: Cannot parse `order_id` with value `x` to a `Uuid`", BadRequest),
    (400, "Failed to deserialize query string: limit: invalid digit found in string", BadRequest),
    (404, "not found", BadRequest),
    (405, "", BadRequest),
    (413, "Failed to buffer the request body: length limit exceeded", BadRequest),
    (415, "Expected request with `Content-Type: application/json`", BadRequest),
    (
        422,
        "Failed to deserialize the JSON body into the target type: price: invalid type: floating point",
        BadRequest,
    ),
    (502, "<html><body>Bad Gateway</body></html>", OutcomeUnknown),
    (503, "upstream connect error", OutcomeUnknown),
    (504, "", OutcomeUnknown),
    (301, "Moved", OutcomeUnknown),
]


def judged(status: int, body: bytes) -> RequestError:
    error = errors.error_from_reply(ORDER, HttpReply(status, {}, body))
    assert error is not None
    assert (error.venue, error.endpoint) == ("exchange", ORDER)
    return error


def in_json(words: str) -> bytes:
    return json.dumps({"error": words}).encode()


def check(error: RequestError, kind: Kind, code: str, status: int) -> None:
    assert type(error) is kind
    assert error.outcome is (Outcome.UNKNOWN if kind is OutcomeUnknown else Outcome.REJECTED)
    assert isinstance(error, Rejected | OutcomeUnknown)
    assert (error.code, error.http_status) == (code, status)


@pytest.mark.parametrize(("code", "status", "words", "kind"), TRADING + LATER)
def test_a_trading_rule_by_its_words_over_rest(code: str, status: int, words: str, kind: Kind) -> None:
    error = judged(status, in_json(words))
    check(error, kind, code, status)
    assert words in str(error)


@pytest.mark.parametrize(("code", "status", "words", "kind"), TRADING + LATER)
def test_a_trading_rule_by_its_code_over_websocket(code: str, status: int, words: str, kind: Kind) -> None:
    error = errors.by_code("WS submit_order", code, words)
    check(error, kind, code, 0)
    assert words in str(error)


@pytest.mark.parametrize(
    ("code", "kind"),
    [
        ("unauthenticated", AuthRejected),
        ("invalid_api_key", AuthRejected),
        ("invalid_message", BadRequest),
        ("unsupported_channel", BadRequest),
        ("price_above_maximum", OrderRejected),
        ("never_heard_of", Rejected),
    ],
)
def test_a_code_that_only_websocket_has(code: str, kind: Kind) -> None:
    check(errors.by_code("WS submit_order", code, "words"), kind, code, 0)


@pytest.mark.parametrize(("status", "words", "kind"), ELSEWHERE)
def test_what_the_venues_handlers_say_in_json(status: int, words: str, kind: Kind) -> None:
    error = judged(status, in_json(words))
    check(error, kind, "", status)
    assert words in str(error)


@pytest.mark.parametrize(("status", "words", "kind"), PLAIN)
def test_what_framework_and_gateway_say_in_plain_text(status: int, words: str, kind: Kind) -> None:
    error = judged(status, words.encode())
    check(error, kind, "", status)
    assert (words or "empty") in str(error)


@pytest.mark.parametrize(("status", "words"), [(401, "invalid admin token"), (404, "market not found")])
def test_both_formats_are_read(status: int, words: str) -> None:
    for body in (words.encode(), in_json(words)):
        assert words in str(judged(status, body))


def test_a_rate_limit_says_how_long_to_wait() -> None:
    error = judged(429, in_json("per-user rate limit exceeded: max 100 ops/sec"))
    assert isinstance(error, RateLimited)
    assert error.retry_after_s >= 1


@pytest.mark.parametrize("status", [200, 201, 204])
def test_success_is_no_error(status: int) -> None:
    assert errors.error_from_reply(ORDER, HttpReply(status, {}, b"{}")) is None


@pytest.mark.parametrize(
    "body",
    [
        b"\xff\xfe\x00",
        b'{"error":7}',
        b'{"mistake":"x"}',
        b"[" * 10_000,
        b"\x1b[31mred\r\nand a line",
        b"x" * 10**6,
    ],
)
def test_a_strange_body_makes_a_short_plain_message(body: bytes) -> None:
    error = judged(400, body)
    assert isinstance(error, BadRequest)
    assert len(str(error)) < 400
    assert str(error).isprintable()


def test_words_of_a_code_are_cut_and_never_missing() -> None:
    assert len(str(errors.by_code("WS submit_order", "invalid_price", "x" * 10**6))) < 400
    assert "no words" in str(errors.by_code("WS submit_order", "invalid_price", "  "))
    assert str(errors.by_code("WS x", "invalid_price", "a\nb\x1b[0m")).isprintable()


def test_every_code_of_the_table_is_known() -> None:
    told = {code for code, *_ in TRADING + LATER}
    assert told <= set(errors.CODES) | errors.UNPROVEN
