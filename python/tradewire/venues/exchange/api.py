"""What all REST endpoints of Exchange share: the rows' maker, arguments in the venue's spelling, how replies are read.

Prices and sizes are whole numbers here. Source: the project's ``rest.rs`` and ``admin.rs`` at 6a38735, read 2026-11-20;
the page of each endpoint stands in its row.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Annotated, TypeVar

import msgspec

from tradewire import codec
from tradewire.errors import ConfigError, FrameError
from tradewire.model import Rows, Side
from tradewire.protocol.arguments import Exact, exact, plain, shown
from tradewire.protocol.endpoint import Access, Api, Reply
from tradewire.protocol.request import Argument, Request, one_of, within
from tradewire.session.rest import RestSession
from tradewire.venues.exchange.connection import Streams
from tradewire.wire import Reader, decoder, shape_text

__all__ = [
    "Limit",
    "LimitQuery",
    "MarketName",
    "OperatorPart",
    "OrderId",
    "Part",
    "SideName",
    "WholeNumber",
    "Words",
    "api",
    "check_market",
    "check_order_id",
    "every",
    "one",
    "rows",
    "secret",
    "text",
    "whole",
]

api = Api(
    "https://www.mintlify.com/jamxu88/exchange/guides",
    "2026-11-20",
    public_group="public",
    access=Access.KEYED,
)

MAX_NUMBER = 2**63 - 1
"""Larger numbers overflow inside the server, possibly after the book has changed."""
_UUID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}")

ShapeT = TypeVar("ShapeT", bound=msgspec.Struct)
ModelT = TypeVar("ModelT")


def whole(name: str, value: Exact) -> int:
    """Return ``value`` as a whole number above zero.

    Raises:
        ConfigError: It is no exact number above zero, has a fraction, or is larger than 2^63-1.
    """
    if type(value) is int and 0 < value <= MAX_NUMBER:
        return value
    number = exact(name, value)
    if number != number.to_integral_value():
        raise ConfigError(f"{name} must be a whole number on Exchange, got {plain(number)}")
    if number > MAX_NUMBER:
        raise ConfigError(f"{name} must be at most {MAX_NUMBER}, got {plain(number)}")
    return int(number)


def check_order_id(order_id: object) -> str:
    """Return ``order_id`` if it is a UUID in lower case, as the venue writes them.

    Raises:
        ConfigError: It is none.
    """
    if not isinstance(order_id, str) or not _UUID.fullmatch(order_id):
        raise ConfigError(f"order_id must be a UUID in lower case on Exchange, got {shown(order_id)}")
    return order_id


def check_market(market: object) -> str:
    """Return ``market`` if it can be one: two parts with a hyphen between.

    Raises:
        ConfigError: It cannot.
    """
    base, hyphen, quote = market.partition("-") if isinstance(market, str) else ("", "", "")
    if not isinstance(market, str) or not (base and hyphen and quote) or not market.isprintable():
        raise ConfigError(f"market must be BASE-QUOTE on Exchange, got {shown(market)}")
    return market


def text(name: str, value: object) -> str:
    """Return ``value`` if it is a text that says something and can be sent.

    Raises:
        ConfigError: It is none.
    """
    if not isinstance(value, str) or not value.strip():
        raise ConfigError(f"{name} must be a text that is not blank, got {shown(value)}")
    try:
        value.encode()
    except UnicodeEncodeError:
        raise ConfigError(f"{name} must be a text that UTF-8 can encode, got {shown(value)}") from None
    return value


WholeNumber = Annotated[Exact, Argument(whole)]
OrderId = Annotated[str, Argument(lambda _, value: check_order_id(value))]
MarketName = Annotated[str, Argument(lambda _, value: check_market(value))]
Words = Annotated[str, Argument(text)]
SideName = Annotated[Side, one_of(Side, str.upper)]
Limit = Annotated[int, within(0, MAX_NUMBER)]


class LimitQuery(Request, frozen=True):
    """How many rows, or all of them."""

    limit: Limit | None


class OperatorPart:
    """A subject of the operator's pages, as a part of ``ExchangeAdmin``."""

    _rest: RestSession


class Part(OperatorPart):
    """A subject of the venue's documentation, as a part of ``Exchange``."""

    _streams: Streams


def one(shape: type[ShapeT]) -> Reply[ShapeT]:
    """Return how a reply with one object is read."""
    read: msgspec.json.Decoder[ShapeT] = decoder(shape)
    return Reply(lambda body: codec.decode_as(body, read), shape_text(shape))


def secret(reply: Reply[ModelT]) -> Reply[ModelT]:
    """Return the same for a reply that holds a key: failures do not show what they failed on."""

    def decode(body: bytes) -> ModelT:
        try:
            return reply.decode(body)
        except FrameError as error:
            message, kind, offset = str(error), error.kind, error.offset
        # Tracebacks show local variables.
        del body
        raise FrameError(message, kind=kind, offset=offset)

    return Reply(decode, reply.shape)


def rows(shape: type[ShapeT]) -> Reply[Rows[ShapeT]]:
    """Return how a list is read."""
    return every(shape, lambda row: row)


def every(shape: type[ShapeT], build: Callable[[ShapeT], ModelT]) -> Reply[Rows[ModelT]]:
    """Return how a list is read whose rows ``build`` makes models of."""
    reader = Reader(shape)

    def decode(body: bytes) -> Rows[ModelT]:
        raws = codec.decode_as(body, _lists)
        return reader.all(raws, build)

    return Reply(decode, f"[{shape_text(shape)}]")


_lists: msgspec.json.Decoder[list[msgspec.Raw]] = decoder(list[msgspec.Raw])
