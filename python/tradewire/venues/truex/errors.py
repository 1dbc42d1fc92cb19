"""What TrueX's statuses and problem documents mean: class, and so outcome, of every error.

Problems come raw or in an ``error`` envelope, and something in front of the venue may answer with anything. Their
words are not published; what is matched here are the reject texts of its FIX gateway and words the field uses.

Source: docs.truemarkets.co order status page and problem schema, the vendor's FIX specification, read 2026-11-20.
"""

from __future__ import annotations

import re

import msgspec

from tradewire import codec
from tradewire.errors import (
    AuthRejected,
    BadRequest,
    FrameError,
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
)
from tradewire.protocol.rest import printable
from tradewire.transport.seam import HttpReply

__all__ = ["STATUSES", "VENUE", "error_from_reply", "refused_order"]

VENUE = "truex"
SHOWN_CHARACTERS = 300
NOT_FOUND = 404

STATUSES: dict[int, type[Rejected]] = {
    **dict.fromkeys((400, 404, 405, 410, 413, 415, 422), BadRequest),
    401: AuthRejected,
    403: PermissionDenied,
    409: OrderRejected,
    **dict.fromkeys((418, 429), RateLimited),
}
"""Every other status proves nothing: somebody waited too long, or broke."""

_WORDS: tuple[tuple[str, type[Rejected]], ...] = (
    ("insufficient", InsufficientFunds),
    ("not enough balance", InsufficientFunds),
    ("would take liquidity", PostOnlyRejected),
    ("would cross", PostOnlyRejected),
    (" alo ", PostOnlyRejected),
    ("outside book price bands", OrderRejected),
    ("price band", OrderRejected),
    ("increment", OrderRejected),
    ("notional", OrderRejected),
    ("open orders", OrderRejected),
    ("halted", MarketUnavailable),
    ("not active", MarketUnavailable),
    ("unknown instrument", MarketUnavailable),
)
"""Fragments of a problem's words, lower case with a blank around each; the first that fits decides."""
_NO_WORD = re.compile("[^a-z]+")


class Problem(msgspec.Struct, frozen=True):
    """What went wrong (RFC 7807)."""

    title: str = ""
    status: int = 0
    detail: str = ""
    instance: str = ""
    type: str = ""


class _Envelope(msgspec.Struct):
    error: Problem | None = None


_envelopes: msgspec.json.Decoder[_Envelope] = msgspec.json.Decoder(_Envelope)
_problems: msgspec.json.Decoder[Problem] = msgspec.json.Decoder(Problem)


def error_from_reply(endpoint: str, reply: HttpReply, *, is_order: bool) -> RequestError | None:
    """Return the error of a reply, ``None`` for success; ``is_order``: what is not found is the order."""
    if 200 <= reply.status < 300:
        return None
    problem = _problem(reply)
    words = _words(problem, reply)
    message = f"HTTP {reply.status}: {words}"
    kind = STATUSES.get(reply.status)
    if kind is None:
        return OutcomeUnknown(message, http_status=reply.status, venue=VENUE, endpoint=endpoint)
    if reply.status == NOT_FOUND and is_order and problem is not None:
        # The venue itself says so; a page of something in front of it proves nothing about an order.
        kind = OrderNotFound
    elif kind is BadRequest:
        kind = _by_words(words, kind)
    error = kind(message, code=str(reply.status), http_status=reply.status, venue=VENUE, endpoint=endpoint)
    if isinstance(error, RateLimited):
        # No limit is published: which of our groups it is about is not known.
        error.is_global = True
    return error


def refused_order(endpoint: str, words: str) -> Rejected:
    """Return the error for an order the venue took and then refused: it is there, with status ``REJECTED``."""
    text = words or "no reason given over REST; watch_orders() tells it as Order.reason"
    return _by_words(text, OrderRejected)(text, code="REJECTED", venue=VENUE, endpoint=endpoint)


def _by_words(words: str, otherwise: type[Rejected]) -> type[Rejected]:
    lowered = f" {_NO_WORD.sub(' ', words.lower())} "
    return next((kind for fragment, kind in _WORDS if fragment in lowered), otherwise)


def _problem(reply: HttpReply) -> Problem | None:
    """Return the problem document of a reply, if it has one."""
    try:
        problem = codec.decode_as(reply.body, _envelopes).error or codec.decode_as(reply.body, _problems)
    except FrameError:
        return None
    return problem if problem.detail or problem.title else None


def _words(problem: Problem | None, reply: HttpReply) -> str:
    said = reply.body if problem is None else problem.detail or problem.title
    return printable(said, SHOWN_CHARACTERS) or "no words"
