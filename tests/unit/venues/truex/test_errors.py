"""What TrueX's statuses and problems become: class, code and outcome, in either envelope or in none."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tradewire.errors import (
    AuthRejected,
    BadRequest,
    InsufficientFunds,
    MarketUnavailable,
    OrderNotFound,
    OrderRejected,
    Outcome,
    OutcomeUnknown,
    PermissionDenied,
    PostOnlyRejected,
    RateLimited,
    Rejected,
    RequestError,
)
from tradewire.transport.seam import HttpReply
from tradewire.venues.truex import errors

WHERE = "POST /v1/cefi/orders"
STATUSES: dict[int, type[RequestError]] = {
    302: OutcomeUnknown,
    400: BadRequest,
    401: AuthRejected,
    403: PermissionDenied,
    404: BadRequest,
    405: BadRequest,
    408: OutcomeUnknown,
    409: OrderRejected,
    410: BadRequest,
    413: BadRequest,
    415: BadRequest,
    418: RateLimited,
    422: BadRequest,
    429: RateLimited,
    500: OutcomeUnknown,
    502: OutcomeUnknown,
    503: OutcomeUnknown,
    504: OutcomeUnknown,
}
"""Those of the venue's pages and those a gateway in front of it may have. What nobody documents proves nothing."""

WORDS: dict[str, type[Rejected]] = {
    "Insufficient balance": InsufficientFunds,
    "Not enough balance": InsufficientFunds,
    "Order would take liquidity": PostOnlyRejected,
    "ALO order would cross": PostOnlyRejected,
    "refused: ALO": PostOnlyRejected,
    "Order outside book price bands": OrderRejected,
    "price 1.05 is not a multiple of the increment 0.1": OrderRejected,
    "Notional below 1.00": OrderRejected,
    "Too many open orders": OrderRejected,
    "Instrument is halted": MarketUnavailable,
    "Instrument is not active": MarketUnavailable,
    "Unknown instrument": MarketUnavailable,
    "Invalid ClOrdID": BadRequest,
    "external_id was used along with another order": BadRequest,
    "anything else": BadRequest,
}


def problem(status: int, detail: str = "the venue's own words") -> dict[str, Any]:
    return {
        "type": "about:blank",
        "title": "An Error Occured",
        "status": status,
        "detail": detail,
        "instance": "/api/v1/endpoint",
        "extensions": {"more": ["of", {"it": 1}]},
    }


def raw(status: int, detail: str = "the venue's own words") -> HttpReply:
    headers = {"content-type": "application/problem+json"}
    return HttpReply(status, headers, json.dumps(problem(status, detail)).encode())


def enveloped(status: int, detail: str = "the venue's own words") -> HttpReply:
    return HttpReply(status, {}, json.dumps({"error": problem(status, detail)}).encode())


def judged(reply: HttpReply, *, is_order: bool = False) -> RequestError:
    error = errors.error_from_reply(WHERE, reply, is_order=is_order)
    assert error is not None
    return error


@pytest.mark.parametrize("shape", [raw, enveloped])
@pytest.mark.parametrize(("status", "expected"), STATUSES.items())
def test_status_becomes_its_class(status: int, expected: type[RequestError], shape: Any) -> None:
    error = judged(shape(status))
    assert type(error) is expected
    assert isinstance(error, Rejected | OutcomeUnknown)
    assert error.http_status == status
    assert (error.venue, error.endpoint) == ("truex", WHERE)
    assert error.message == f"HTTP {status}: the venue's own words"
    proven = expected is not OutcomeUnknown
    assert error.outcome is (Outcome.REJECTED if proven else Outcome.UNKNOWN)
    assert error.code == (str(status) if proven else "")


def test_table_has_these_statuses_and_no_others() -> None:
    proven = {status for status, error in STATUSES.items() if error is not OutcomeUnknown}
    assert set(errors.STATUSES) == proven


@pytest.mark.parametrize("status", [200, 201, 202, 204, 299])
def test_every_kind_of_success(status: int) -> None:
    assert errors.error_from_reply(WHERE, HttpReply(status, {}, b""), is_order=False) is None


@pytest.mark.parametrize("shape", [raw, enveloped])
@pytest.mark.parametrize(("words", "expected"), WORDS.items())
def test_words_of_a_bad_request_tell_more(words: str, expected: type[Rejected], shape: Any) -> None:
    error = judged(shape(400, words))
    assert type(error) is expected
    assert words in str(error)


@pytest.mark.parametrize("status", [401, 403, 409, 429, 408, 500])
def test_words_change_no_other_status(status: int) -> None:
    assert type(judged(raw(status, "Insufficient balance"))) is STATUSES[status]


def test_an_order_that_is_not_there() -> None:
    assert type(judged(enveloped(404, "Order 7 is unknown"), is_order=True)) is OrderNotFound
    assert type(judged(raw(404, "Order 7 is unknown"), is_order=True)) is OrderNotFound
    assert type(judged(enveloped(404, "Unknown instrument"), is_order=False)) is MarketUnavailable


@pytest.mark.parametrize("body", [b"<html>404</html>", b"", b"{}", b'{"error":"not found"}'])
def test_a_gateway_that_knows_no_such_page_proves_nothing_about_an_order(body: bytes) -> None:
    error = errors.error_from_reply(WHERE, HttpReply(404, {}, body), is_order=True)
    assert type(error) is BadRequest


@pytest.mark.parametrize(("words", "expected"), WORDS.items())
def test_order_taken_and_then_refused(words: str, expected: type[Rejected]) -> None:
    error = errors.refused_order(WHERE, words)
    assert type(error) is (OrderRejected if expected is BadRequest else expected)
    assert (error.code, error.outcome, error.http_status) == ("REJECTED", Outcome.REJECTED, 0)
    assert words in str(error)


def test_order_refused_without_a_reason() -> None:
    assert "no reason given" in str(errors.refused_order(WHERE, ""))


@pytest.mark.parametrize("status", [418, 429])
def test_limit_of_the_venue_concerns_every_group(status: int) -> None:
    error = judged(HttpReply(status, {}, b""))
    assert isinstance(error, RateLimited)
    assert error.is_global


@pytest.mark.parametrize(
    ("body", "said"),
    [
        (b"<html>\n<h1>502 Bad Gateway</h1>\n</html>", "<html> <h1>502 Bad Gateway</h1> </html>"),
        (b"", "no words"),
        (b"{}", "{}"),
        (b"[]", "[]"),
        (b"null", "null"),
        (b'{"error":null}', '{"error":null}'),
        (b'{"error":"busy"}', '{"error":"busy"}'),
        (b'{"error":{"title":"An Error Occured"}}', "An Error Occured"),
        (b'{"title":"An Error Occured","status":"400"}', '{"title":"An Error Occured","status":"400"}'),
        (b'{"detail":"' + b"x" * 5000 + b'"}', "x" * 300),
        (b"y" * 5000, "y" * 300),
        (b'{"detail":"a\\u001b[31mred\\nline"}', "a?[31mred line"),
        (b"\xff\xfe", "��"),
        (b"[" * 100_000, "[" * 300),
        (b'{"more":' + b"[" * 100_000, '{"more":' + "[" * 292),
    ],
    ids=lambda value: repr(value)[:24],
)  # fmt: skip
def test_whatever_a_gateway_says_is_shown_short_and_printable(body: bytes, said: str) -> None:
    error = judged(HttpReply(502, {}, body))
    assert type(error) is OutcomeUnknown
    assert error.message == f"HTTP 502: {said}"
