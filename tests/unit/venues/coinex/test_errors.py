from __future__ import annotations

import json

import pytest

from tradewire.errors import (
    AuthRejected,
    BadRequest,
    FrameError,
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
    TimestampRejected,
    VenueUnavailable,
)
from tradewire.transport.seam import HttpReply
from tradewire.venues.coinex import errors
from tradewire.venues.coinex.api import SPOT
from tradewire.venues.coinex.rest import common, market, orders

WHERE = "POST /v2/spot/order"

DOCUMENTED: dict[type[RequestError], list[int]] = {
    TimestampRejected: [227, 4010, 4017],
    OutcomeUnknown: [3008, 4002, 4003],
    InsufficientFunds: [3109],
    OrderRejected: [
        3127, 3606, 3610, 3612, 3613, 3614, 3615, 3616, 3617, 3618, 3619, 3620, 3621, 3627, 3628, 3629, 3632, 3633,
        3634, 3635, 3638,
    ],
    PostOnlyRejected: [3622],
    OrderNotFound: [3600],
    BadRequest: [3639, 4004, 4009],
    VenueUnavailable: [4001],
    AuthRejected: [4005, 4006, 4008],
    PermissionDenied: [4007, 4011, 4018, 4115, 4512],
    MarketUnavailable: [3157, 4117, 4130, 4158, 4159],
    RateLimited: [4123, 4213],
}  # fmt: skip
"""The venue's page of error codes, read 2026-11-20."""

BY_CODE = [(code, error) for error, codes in DOCUMENTED.items() for code in codes]


def reply(code: int, message: str = "no", *, data: object = None) -> HttpReply:
    body = {"code": code, "data": {} if data is None else data, "message": message}
    return HttpReply(200, {}, json.dumps(body).encode())


def judged(answer: HttpReply) -> RequestError:
    error = errors.error_from_reply(WHERE, answer)
    if error is None:
        # Business errors come with status 200, inside the body, whatever was asked for.
        for row in (common.PING, orders.ORDER[SPOT], market.MARKETS[SPOT], orders.OPEN_ORDERS[SPOT]):
            with pytest.raises(RequestError) as caught:
                row.decode(answer.body)
            error = caught.value
            assert error.__cause__ is None
    assert error is not None
    return error


@pytest.mark.parametrize(("code", "expected"), BY_CODE)
def test_code_becomes_its_class_and_is_carried(code: int, expected: type[RequestError]) -> None:
    error = judged(reply(code, "the venue's own words"))
    assert type(error) is expected
    assert isinstance(error, Rejected | OutcomeUnknown)
    assert error.code == str(code)
    assert error.http_status == 200
    assert error.venue == "coinex"
    assert "the venue's own words" in str(error)
    assert str(code) in str(error)


def test_table_has_the_documented_codes_and_no_others() -> None:
    assert set(errors.CODES) | errors.UNPROVEN == {code for code, _ in BY_CODE}
    assert not set(errors.CODES) & errors.UNPROVEN


@pytest.mark.parametrize("message", ["OK", "OK ", "", "anything"])
def test_success_is_told_by_the_code_alone(message: str) -> None:
    answer = reply(0, message, data=[1])
    assert errors.error_from_reply(WHERE, answer) is None
    common.PING.decode(answer.body)


def test_code_new_to_us_is_a_rejection_that_carries_it() -> None:
    error = judged(reply(987_654, "brand new"))
    assert type(error) is Rejected
    assert error.code == "987654"
    assert error.outcome is Outcome.REJECTED


@pytest.mark.parametrize(
    ("message", "expected"),
    [
        ("IP not allow visit", PermissionDenied),
        ("access_id not exist", AuthRejected),
        ("Service is not available during funding fee settlement", VenueUnavailable),
        ("Service too busy", OutcomeUnknown),
    ],
)
def test_words_decide_where_the_code_is_new(message: str, expected: type[RequestError]) -> None:
    assert type(judged(reply(99_999, message))) is expected


def test_words_never_overrule_a_known_code() -> None:
    assert type(judged(reply(3109, "service too busy"))) is InsufficientFunds


def test_unknown_market_is_told_from_other_bad_parameters() -> None:
    assert type(judged(reply(3639, "Invalid Parameter: market XUSDT not found"))) is MarketUnavailable
    assert type(judged(reply(3639, "Invalid Parameter: amount"))) is BadRequest


@pytest.mark.parametrize(
    ("status", "expected"),
    [
        (401, AuthRejected),
        (403, PermissionDenied),
        (404, BadRequest),
        (418, RateLimited),
        (429, RateLimited),
        (301, OutcomeUnknown),
        (400, OutcomeUnknown),
        (500, OutcomeUnknown),
        (502, OutcomeUnknown),
        (503, OutcomeUnknown),
        (504, OutcomeUnknown),
    ],
)
@pytest.mark.parametrize(
    "body", [b"<html><h1>Bad Gateway</h1></html>", b"", b"\xff\x00", b'{"code":0,"data":{}}']
)
def test_status_comes_before_the_body(status: int, body: bytes, expected: type[RequestError]) -> None:
    error = judged(HttpReply(status, {}, body))
    assert type(error) is expected
    assert isinstance(error, Rejected | OutcomeUnknown)
    assert error.http_status == status
    assert str(error).isprintable()


@pytest.mark.parametrize("status", [418, 429])
def test_gateway_limits_the_address_and_not_one_group(status: int) -> None:
    error = judged(HttpReply(status, {}, b"<html>"))
    assert isinstance(error, RateLimited)
    assert error.is_global
    error = judged(reply(4213, "too many"))
    assert isinstance(error, RateLimited)
    assert not error.is_global


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"<html></html>",
        b'{"code":0,',
        b'{"code":0,"data":{}}}',
        b'{"data":{}}',
        b'{"code":"x"}',
        b'{"code":null}',
        b'{"code":0.5}',
        b"[]",
        b"null",
        b'{"code":0,"message":"\xff"}',
        b'{"code":0,"data":' + b"[" * 100_000 + b"]" * 100_000 + b"}",
        b"\xef\xbb\xbf{}",
    ],
    ids=lambda body: repr(body[:30]),
)
def test_what_is_not_the_venues_json_is_a_frame_error(body: bytes) -> None:
    for row in (common.PING, orders.ORDER[SPOT], market.MARKETS[SPOT], orders.OPEN_ORDERS[SPOT]):
        with pytest.raises(FrameError):
            row.decode(body)


def test_words_of_the_venue_are_cut() -> None:
    assert len(str(judged(reply(4004, "x" * 1_000_000)))) < 1_000
    assert len(str(judged(HttpReply(502, {}, b"x" * 1_000_000)))) < 1_000
