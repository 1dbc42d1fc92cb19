"""What CoinEx's codes mean over REST: class, and so outcome, of every error. Those of the streams are in ``dialect``.

Source: https://docs.coinex.com/api/v2/error, read 2026-11-20; codes only seen by other clients are named.
"""

from __future__ import annotations

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
from tradewire.protocol.rest import printable
from tradewire.transport.seam import HttpReply
from tradewire.venues.coinex.shapes import Failure

__all__ = ["CODES", "GATEWAY", "UNPROVEN", "VENUE", "by_code", "error_from_reply"]

VENUE = "coinex"
HTTP_OK = 200
SHOWN_CHARACTERS = 200

_ORDER_REFUSED = (3127, 3606, 3610, *range(3612, 3622), *range(3627, 3630), *range(3632, 3636), 3638)
CODES: dict[int, type[Rejected]] = {
    **dict.fromkeys(_ORDER_REFUSED, OrderRejected),
    **dict.fromkeys((227, 4010, 4017), TimestampRejected),
    3109: InsufficientFunds,
    **dict.fromkeys((3157, 4117, 4130, 4158, 4159), MarketUnavailable),
    3600: OrderNotFound,
    3622: PostOnlyRejected,
    **dict.fromkeys((3639, 4004, 4009), BadRequest),
    4001: VenueUnavailable,
    **dict.fromkeys((4005, 4006, 4008), AuthRejected),
    **dict.fromkeys((4007, 4011, 4018, 4115, 4512), PermissionDenied),
    **dict.fromkeys((4123, 4213), RateLimited),
}
"""227, 3157, 3600, 4018 and 4123 were seen by one client and stand on no page."""

UNPROVEN = frozenset({3008, 4002, 4003})
"""Busy, timed out, internal error: the venue does not say that it did nothing, and advises to look first."""

GATEWAY: dict[int, type[Rejected]] = {
    401: AuthRejected,
    403: PermissionDenied,
    404: BadRequest,
    418: RateLimited,
    429: RateLimited,
}
"""Statuses by which the gateway in front of the API refuses. Of any other no one knows how far the request got."""

_FRAGMENTS: tuple[tuple[str, type[Rejected]], ...] = (
    ("ip not allow visit", PermissionDenied),
    ("access_id not exist", AuthRejected),
    ("not available during funding fee settlement", VenueUnavailable),
)
"""What the words say where the code is not in the table."""
_BUSY = "service too busy"


def error_from_reply(endpoint: str, reply: HttpReply) -> RequestError | None:
    """Return the error that the HTTP status of a reply stands for, ``None`` if its body says more."""
    return None if reply.status == HTTP_OK else _gateway(endpoint, reply)


def by_code(endpoint: str, failure: Failure) -> RequestError:
    """Return the error a code other than 0 stands for; a code new to us is ``Rejected`` and carries it."""
    code, message = str(failure.code), failure.message.strip()[:SHOWN_CHARACTERS] or "no words"
    lowered = message.lower()
    if failure.code in UNPROVEN or (failure.code not in CODES and _BUSY in lowered):
        return OutcomeUnknown(
            f"{message} (code {code})", code=code, http_status=HTTP_OK, venue=VENUE, endpoint=endpoint
        )
    error = CODES.get(failure.code)
    if error is None:
        error = next((kind for fragment, kind in _FRAGMENTS if fragment in lowered), Rejected)
    if error is BadRequest and "market" in lowered and "not found" in lowered:
        # 3639 says "Invalid Parameter: market X not found" for a market it does not know.
        error = MarketUnavailable
    return error(message, code=code, http_status=HTTP_OK, venue=VENUE, endpoint=endpoint)


def _gateway(endpoint: str, reply: HttpReply) -> RequestError:
    """Return the error of the gateway in front of the API, whose body may be anything. It counts by address."""
    message = f"HTTP {reply.status}: {printable(reply.body, SHOWN_CHARACTERS) or 'empty'}"
    kind = GATEWAY.get(reply.status)
    if kind is None:
        return OutcomeUnknown(message, http_status=reply.status, venue=VENUE, endpoint=endpoint)
    error = kind(message, http_status=reply.status, venue=VENUE, endpoint=endpoint)
    if isinstance(error, RateLimited):
        error.is_global = True
    return error
