"""What Exchange says no with: over REST by status and words, over WebSocket by code.

Its own handlers answer in JSON, the web framework and the operator's gate in plain text; both are read.

Source: https://www.mintlify.com/jamxu88/exchange/guides/error-codes and the project's ``trading.rs``, ``rest.rs``
and ``admin.rs`` at 6a38735, read 2026-11-20; codes of later generations from 026132e and fc569b6.
"""

from __future__ import annotations

import msgspec

from tradewire.errors import (
    AuthRejected,
    BadRequest,
    MarketUnavailable,
    OrderNotFound,
    OrderRejected,
    OutcomeUnknown,
    PermissionDenied,
    RateLimited,
    Rejected,
    RequestError,
    VenueUnavailable,
)
from tradewire.protocol.rest import printable
from tradewire.transport.seam import HttpReply
from tradewire.venues.exchange.shapes import ErrorBody

__all__ = ["CODES", "UNPROVEN", "VENUE", "by_code", "error_from_reply"]

VENUE = "exchange"
SHOWN_CHARACTERS = 200
OVERFLOW = "overflow"

CODES: dict[str, type[Rejected]] = {
    **dict.fromkeys(("unauthenticated", "invalid_api_key"), AuthRejected),
    **dict.fromkeys(("invalid_market", "unsupported_channel", "invalid_message"), BadRequest),
    **dict.fromkeys(("market_not_configured", "market_disabled", "market_settled"), MarketUnavailable),
    **dict.fromkeys(
        (
            "tick_size_violation", "quantity_below_minimum", "invalid_price", "invalid_quantity", "invalid_remaining",
            "invalid_amend", "position_limit_exceeded", "price_too_large", "quantity_too_large", "price_below_minimum",
            "price_above_maximum", "no_liquidity",
        ),
        OrderRejected,
    ),
    "trading_disabled": VenueUnavailable,
    "order_not_found": OrderNotFound,
    "order_not_owned": PermissionDenied,
    "rate_limit_exceeded": RateLimited,
}  # fmt: skip
UNPROVEN = frozenset({OVERFLOW, "engine_unavailable"})
"""An overflow may come after the book has changed; of an engine that is away no one knows what it did."""

_EXACT: dict[str, str] = {
    "invalid market symbol": "invalid_market",
    "trading is currently disabled": "trading_disabled",
    "market is not configured": "market_not_configured",
    "market is disabled": "market_disabled",
    "market has already been settled": "market_settled",
    "price must be greater than zero": "invalid_price",
    "quantity must be greater than zero": "invalid_quantity",
    "remaining quantity must be greater than zero": "invalid_remaining",
    "cannot increase remaining quantity": "invalid_amend",
    "order not found": "order_not_found",
    "order does not belong to trader": "order_not_owned",
    "numeric overflow": OVERFLOW,
    "market engine unavailable": "engine_unavailable",
    "market order could not be filled because no opposite-side liquidity is available": "no_liquidity",
}
_PREFIXES: tuple[tuple[str, str], ...] = (
    ("price must align to tick size ", "tick_size_violation"),
    ("quantity must be at least ", "quantity_below_minimum"),
    ("projected net position for ", "position_limit_exceeded"),
    ("per-user rate limit exceeded", "rate_limit_exceeded"),
    ("price must be at least ", "price_below_minimum"),
    ("price must be at most ", "price_too_large"),
    ("quantity must be at most ", "quantity_too_large"),
)
"""Words with figures in them."""
_STATUSES: dict[int, type[Rejected]] = {
    **dict.fromkeys((400, 404, 405, 413, 415, 422), BadRequest),
    401: AuthRejected,
    403: PermissionDenied,
    409: Rejected,
    **dict.fromkeys((418, 429), RateLimited),
}
"""What a status says where the words are none of a trading rule."""
_MARKET_MISSING = "market not found"

_errors: msgspec.json.Decoder[ErrorBody] = msgspec.json.Decoder(ErrorBody)


def error_from_reply(endpoint: str, reply: HttpReply) -> RequestError | None:
    """Return the error a reply stands for, ``None`` for success."""
    if 200 <= reply.status < 300:
        return None
    words, is_the_venues = _words(reply)
    code = _code(words)
    if code:
        return by_code(endpoint, code, words, http_status=reply.status)
    kind = _STATUSES.get(reply.status)
    if kind is None:
        message = f"HTTP {reply.status}: {words}"
        return OutcomeUnknown(message, http_status=reply.status, venue=VENUE, endpoint=endpoint)
    if is_the_venues and words == _MARKET_MISSING:
        kind = MarketUnavailable
    return kind(words, http_status=reply.status, venue=VENUE, endpoint=endpoint)


def by_code(endpoint: str, code: str, message: str, *, http_status: int = 0) -> RequestError:
    """Return the error a code stands for; one new to us is ``Rejected`` and carries it."""
    words = printable(message, SHOWN_CHARACTERS) or "no words"
    if code in UNPROVEN:
        return OutcomeUnknown(words, code=code, http_status=http_status, venue=VENUE, endpoint=endpoint)
    kind = CODES.get(code, Rejected)
    return kind(words, code=code, http_status=http_status, venue=VENUE, endpoint=endpoint)


def _words(reply: HttpReply) -> tuple[str, bool]:
    """Return what a reply says, and whether the venue's own handlers said it."""
    try:
        return printable(_errors.decode(reply.body).error, SHOWN_CHARACTERS), True
    except msgspec.MsgspecError:
        return printable(reply.body, SHOWN_CHARACTERS) or "empty", False


def _code(words: str) -> str:
    found = _EXACT.get(words)
    if found is not None:
        return found
    return next((code for prefix, code in _PREFIXES if words.startswith(prefix)), "")
