"""Bodies of CoinEx read in one pass: envelope, refusal and data together.

The venue says no inside a reply of status 200, with data of another shape. A body is read as what was asked for; only
one that does not fit is read again, for the code that says why.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

import msgspec

from tradewire import codec
from tradewire.errors import FrameError, RequestError
from tradewire.model import Order, Page
from tradewire.venues.coinex import errors, parse, shapes

__all__ = ["cancelled_batch", "every", "nothing", "one", "page"]

CANCEL_BATCH = "POST /v2/spot/cancel-order-by-client-id"

ShapeT = TypeVar("ShapeT")
ModelT = TypeVar("ModelT")


def one(shape: type[ShapeT], build: Callable[[ShapeT], ModelT]) -> Callable[[bytes], ModelT]:
    """Return a decoder of replies with one object."""
    read = _reader(shapes.Envelope[shape])  # type: ignore[valid-type]  # a shape chosen at import
    return lambda body: build(read(body).data)


def every(row: type[ShapeT], build: Callable[[ShapeT], ModelT]) -> Callable[[bytes], tuple[ModelT, ...]]:
    """Return a decoder of replies with a list; the venue may send null for an empty one."""
    read = _reader(shapes.Envelope[list[row] | None])  # type: ignore[valid-type]  # as above
    return lambda body: tuple(map(build, read(body).data or ()))


def page(row: type[ShapeT], build: Callable[[ShapeT], ModelT]) -> Callable[[bytes], Page[ModelT]]:
    """Return a decoder of replies with one page of a list."""
    read = _reader(shapes.PagedEnvelope[list[row] | None])  # type: ignore[valid-type]  # as above

    def decode(body: bytes) -> Page[ModelT]:
        reply = read(body)
        return Page(tuple(map(build, reply.data or ())), reply.pagination.has_next, reply.pagination.total)

    return decode


def nothing(body: bytes) -> None:
    """Accept whatever a successful reply carries: there is nothing in it to read."""
    _check(codec.decode_as(body, _failures))


def cancelled_batch(body: bytes) -> tuple[Order | RequestError, ...]:
    """Read what became of each order; one that failed says nothing about the others."""
    items = _read_batch(body).data
    # As seen in 2024: bare orders, without codes of their own.
    has_bare = any(item.order_id is not None for item in items)
    raws = _read_bare(body).data if has_bare else [item.data for item in items]
    return tuple(map(_cancelled, items, raws))


def _cancelled(item: shapes.BatchItem, raw: msgspec.Raw) -> Order | RequestError:
    if item.code:
        return errors.by_code(CANCEL_BATCH, shapes.Failure(code=item.code, message=item.message))
    row = raw if item.order_id is not None else item.data
    return parse.order(codec.decode_as(bytes(row), _orders), is_finished=True)


def _reader(shape: Any) -> Callable[[bytes], Any]:
    """Return a decoder of ``shape``, an envelope, that raises the refusal a body stands for."""
    decoder = msgspec.json.Decoder(shape)

    def read(body: bytes) -> Any:
        try:
            reply = codec.decode_as(body, decoder)
        except FrameError as fault:
            if fault.kind == "wrong_shape":
                _check(codec.decode_as(body, _failures))
            raise
        _check(reply)
        return reply

    return read


def _check(reply: shapes.Failure) -> None:
    """Raise the error that a code other than 0 stands for; whoever sent the request names its endpoint."""
    if reply.code:
        raise errors.by_code("", reply) from None


_failures: msgspec.json.Decoder[shapes.Failure] = msgspec.json.Decoder(shapes.Failure)
_orders: msgspec.json.Decoder[shapes.OrderRow] = msgspec.json.Decoder(shapes.OrderRow)
_read_batch = _reader(shapes.Envelope[list[shapes.BatchItem]])
_read_bare = _reader(shapes.Envelope[list[msgspec.Raw]])
