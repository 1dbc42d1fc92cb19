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
from tradewire.transport.seam import HttpReply
from tradewire.venues.exchange.shapes import ErrorBody

__all__ = ["CODES", "UNPROVEN", "VENUE", "by_code", "error_from_reply"]

VENUE = "exchange"
SHOWN_CHARACTERS = 200
OVERFLOW = "overflow"

CODES: dict[str, type[Rejected]] = {
    "unauthenticated": AuthRejected,
    "invalid_api_key": AuthRejected,
    "invalid_market": BadRequest,
    "trading_disabled": VenueUnavailable,
    "market_not_configured": MarketUnavailable,
    "market_disabled": MarketUnavailable,
    "market_settled": MarketUnavailable,
    "tick_size_violation": OrderRejected,
    "quantity_below_minimum": OrderRejected,
    "invalid_price": OrderRejected,
    "invalid_quantity": OrderRejected,
    "invalid_remaining": OrderRejected,
    "invalid_amend": OrderRejected,
    "order_not_found": OrderNotFound,
    "order_not_owned": PermissionDenied,
    "position_limit_exceeded": OrderRejected,
    "price_too_large": OrderRejected,
    "quantity_too_large": OrderRejected,
    "price_below_minimum": OrderRejected,
    "price_above_maximum": OrderRejected,
    "no_liquidity": OrderRejected,
    "rate_limit_exceeded": RateLimited,
    "unsupported_channel": BadRequest,
    "invalid_message": BadRequest,
}
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
    400: BadRequest,
    401: AuthRejected,
    403: PermissionDenied,
    404: BadRequest,
    405: BadRequest,
    409: Rejected,
    413: BadRequest,
    415: BadRequest,
    418: RateLimited,
    422: BadRequest,
    429: RateLimited,
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
    words = _shown(message) or "no words"
    if code in UNPROVEN:
        return OutcomeUnknown(words, code=code, http_status=http_status, venue=VENUE, endpoint=endpoint)
    kind = CODES.get(code, Rejected)
    return kind(words, code=code, http_status=http_status, venue=VENUE, endpoint=endpoint)


def _words(reply: HttpReply) -> tuple[str, bool]:
    """Return what a reply says, and whether the venue's own handlers said it."""
    try:
        return _shown(_errors.decode(reply.body).error), True
    except msgspec.MsgspecError:
        return _shown(reply.body[:SHOWN_CHARACTERS].decode(errors="replace")) or "empty", False


def _shown(text: str) -> str:
    """Return a text of the venue as it may stand in a log: one short line of what can be printed."""
    line = " ".join(text[:SHOWN_CHARACTERS].split())
    return "".join(letter if letter.isprintable() else "?" for letter in line)


def _code(words: str) -> str:
    found = _EXACT.get(words)
    if found is not None:
        return found
    return next((code for prefix, code in _PREFIXES if words.startswith(prefix)), "")
