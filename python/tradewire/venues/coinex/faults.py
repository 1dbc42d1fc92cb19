"""What CoinEx's codes mean: class, and so outcome, of every error.

Source: https://docs.coinex.com/api/v2/error, read 2026-11-20; codes only seen by other clients are marked.
"""

from __future__ import annotations

import msgspec

from tradewire.errors import (
    AuthRejected,
    BadRequest,
    InsufficientFunds,
    MarketUnavailable,
    OrderNotFound,
    OrderRejected,
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
from tradewire.venues.coinex.shapes import Failure

__all__ = ["CODES", "UNPROVEN", "VENUE", "judge"]

VENUE = "coinex"
HTTP_OK = 200
HTTP_UNAUTHORISED = 401
HTTP_FORBIDDEN = 403
HTTP_NOT_FOUND = 404
HTTP_TOO_MANY = 429
SHOWN_CHARACTERS = 200

CODES: dict[int, type[Rejected]] = {
    227: TimestampRejected,  # seen by one client
    3109: InsufficientFunds,
    3127: OrderRejected,
    3157: MarketUnavailable,
    3600: OrderNotFound,
    3606: OrderRejected,
    3610: OrderRejected,
    3612: OrderRejected,
    3613: OrderRejected,
    3614: OrderRejected,
    3615: OrderRejected,
    3616: OrderRejected,
    3617: OrderRejected,
    3618: OrderRejected,
    3619: OrderRejected,
    3620: OrderRejected,
    3621: OrderRejected,
    3622: PostOnlyRejected,
    3627: OrderRejected,
    3628: OrderRejected,
    3629: OrderRejected,
    3632: OrderRejected,
    3633: OrderRejected,
    3634: OrderRejected,
    3635: OrderRejected,
    3638: OrderRejected,
    3639: BadRequest,
    4001: VenueUnavailable,
    4004: BadRequest,
    4005: AuthRejected,
    4006: AuthRejected,
    4007: PermissionDenied,
    4008: AuthRejected,
    4009: BadRequest,
    4010: TimestampRejected,
    4011: PermissionDenied,
    4017: TimestampRejected,
    4018: PermissionDenied,
    4115: PermissionDenied,
    4117: MarketUnavailable,
    4123: RateLimited,
    4130: MarketUnavailable,
    4158: MarketUnavailable,
    4159: MarketUnavailable,
    4213: RateLimited,
    4512: PermissionDenied,
}

UNPROVEN = frozenset({3008, 4002, 4003})
"""Busy, timed out, internal error: the venue does not say that it did nothing, and advises to look first."""

UNKNOWN_MARKET = "market"
NOT_FOUND = "not found"

_decode = msgspec.json.Decoder(Failure).decode


def judge(endpoint: str, reply: HttpReply) -> RequestError | None:
    """Return the error a reply stands for, ``None`` for success. HTTP status first, then ``code``."""
    if reply.status != HTTP_OK:
        return _gateway(endpoint, reply)
    try:
        failure = _decode(reply.body)
    except (msgspec.DecodeError, RecursionError):
        return OutcomeUnknown(
            f"the reply is not the venue's JSON: {_shown(reply.body)}", venue=VENUE, endpoint=endpoint
        )
    if failure.code == 0:
        return None
    return _by_code(endpoint, failure)


def _by_code(endpoint: str, failure: Failure) -> RequestError:
    message = failure.message or "no words"
    if failure.code in UNPROVEN:
        return OutcomeUnknown(f"{message} (code {failure.code})", venue=VENUE, endpoint=endpoint)
    error = CODES.get(failure.code, Rejected)
    lowered = message.lower()
    if error is BadRequest and UNKNOWN_MARKET in lowered and NOT_FOUND in lowered:
        # 3639 says "Invalid Parameter: market X not found" for a market it does not know.
        error = MarketUnavailable
    return error(message, code=str(failure.code), http_status=HTTP_OK, venue=VENUE, endpoint=endpoint)


def _gateway(endpoint: str, reply: HttpReply) -> RequestError:
    """Judge an answer of the gateway in front of the API, whose body may be anything."""
    message = f"HTTP {reply.status}: {_shown(reply.body)}"
    refusals: dict[int, type[Rejected]] = {
        HTTP_UNAUTHORISED: AuthRejected,
        HTTP_FORBIDDEN: PermissionDenied,
        HTTP_NOT_FOUND: BadRequest,
        HTTP_TOO_MANY: RateLimited,
    }
    error = refusals.get(reply.status)
    if error is None:
        # Whether the request got past the gateway, nobody says.
        return OutcomeUnknown(message, venue=VENUE, endpoint=endpoint)
    return error(message, http_status=reply.status, venue=VENUE, endpoint=endpoint)


def _shown(body: bytes) -> str:
    text = " ".join(body.decode(errors="replace").split())
    return text[:SHOWN_CHARACTERS] or "empty"
