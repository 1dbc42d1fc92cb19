"""Bodies of CoinEx: envelope and refusal in one pass, then each row on its own.

The venue says no inside a reply of status 200, with data of another shape.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

import msgspec

from tradewire import codec
from tradewire.errors import FrameError, OrderNotFound, OutcomeUnknown, RequestError, UnreadableRow
from tradewire.model import Order, Page, Rows
from tradewire.protocol.endpoint import Reply
from tradewire.venues.coinex import errors, parse, shapes
from tradewire.wire import Accepted, Reader, WireRows, decoder, exact_json, shape_text

__all__ = [
    "Unconfirmed",
    "batch",
    "every",
    "itself",
    "model",
    "models",
    "models_page",
    "nothing",
    "one",
    "order",
    "order_batch",
    "page",
    "placed",
    "placed_batch",
    "raw",
    "rows",
    "secret",
    "unconfirmed",
]

EMPTY = frozenset({b"null", b"{}", b"[]"})
BLANKS = b" \t\r\n"
SHORT_BYTES = 64

ShapeT = TypeVar("ShapeT", bound=msgspec.Struct)
ModelT = TypeVar("ModelT")


class Unconfirmed(msgspec.Struct, frozen=True, kw_only=True):
    """What came from an endpoint whose reply is not published: passed on as it is."""

    data: object
    """As in the JSON; numbers with a fraction are ``Decimal``."""
    has_next: bool = False
    """There is another page, where it is a list in pages."""
    total: int | None = None
    """Items on all pages together, where the venue tells."""


PAGE_TEXT = '"pagination": {"has_next": bool, "total": int | null}'


def one(shape: type[ShapeT], build: Callable[[ShapeT], ModelT]) -> Reply[ModelT]:
    """Return how a reply with one object is read."""
    reader = Reader(shape)
    return Reply(lambda body: reader.one(_object(body), build), f'{{"data": {shape_text(shape)}}}')


def order(shape: type[shapes.OrderRow]) -> Reply[Order]:
    """Return how an order is read that was asked for; raises ``OrderNotFound`` where the reply has none."""
    read = _found(shape)
    return Reply(lambda body: read(_object(body)), f'{{"data": {shape_text(shape)}}}')


def _found(shape: type[shapes.OrderRow]) -> Callable[[bytes], Order]:
    reader = Reader(shape)

    def read(raw: bytes) -> Order:
        if len(raw) < SHORT_BYTES and raw.translate(None, BLANKS) in EMPTY:
            raise OrderNotFound(
                "no such order: the reply has no data", http_status=errors.HTTP_OK, venue=errors.VENUE
            )
        return reader.one(raw, parse.order)

    return read


def placed(shape: type[shapes.OrderRow]) -> Reply[Order | Accepted]:
    """Return how the reply to a placed order is read: the order, or its ids at least, if the rest cannot be read."""
    read = _placed(shape)
    return Reply(lambda body: read(_object(body)), f'{{"data": {shape_text(shape)}}}')


def _placed(shape: type[shapes.OrderRow]) -> Callable[[bytes], Order | Accepted]:
    reader = Reader(shape)

    def read(raw: bytes) -> Order | Accepted:
        try:
            return reader.one(raw, parse.order)
        except UnreadableRow as fault:
            ids = _accepted.one(raw, lambda row: row)
            return Accepted(order_id=ids.order_id, client_order_id=ids.client_id, fault=fault)

    return read


def rows(shape: type[ShapeT]) -> Reply[WireRows[ShapeT]]:
    """Return how a list is read whose rows do not say enough to be made models."""
    reader = Reader(shape)
    return Reply(lambda body: reader.rows(_list(_read_list(body))), f'{{"data": [{shape_text(shape)}]}}')


def every(shape: type[ShapeT], build: Callable[[ShapeT], ModelT]) -> Reply[Rows[ModelT]]:
    """Return how a list is read."""
    reader = Reader(shape)
    return Reply(
        lambda body: reader.all(_list(_read_list(body)), build), f'{{"data": [{shape_text(shape)}]}}'
    )


def page(shape: type[ShapeT], build: Callable[[ShapeT], ModelT]) -> Reply[Page[ModelT]]:
    """Return how one page of a list is read."""
    reader = Reader(shape)

    def decode(body: bytes) -> Page[ModelT]:
        reply = _read_list(body)
        found = reader.all(_list(reply), build)
        at = reply.pagination or reply.paginatation or shapes.Pagination()
        total = None if at.total is None else int(at.total)
        return Page(found, at.has_next, total, unreadable=found.unreadable)

    return Reply(decode, f'{{"data": [{shape_text(shape)}], {PAGE_TEXT}}}')


def itself(row: ModelT) -> ModelT:
    """Return ``row``: its shape is the model."""
    return row


def model(shape: type[ShapeT]) -> Reply[ShapeT]:
    """Return how a reply with one object is read whose shape is the model."""
    return one(shape, itself)


def models(shape: type[ShapeT]) -> Reply[Rows[ShapeT]]:
    """Return how a list of such objects is read."""
    return every(shape, itself)


def models_page(shape: type[ShapeT]) -> Reply[Page[ShapeT]]:
    """Return how a page of such objects is read."""
    return page(shape, itself)


def secret(reply: Reply[ModelT]) -> Reply[ModelT]:
    """Return the same for a reply that holds a key: failures do not show what they failed on."""

    def decode(body: bytes) -> ModelT:
        try:
            found = reply.decode(body)
        except FrameError as error:
            message, kind, offset = str(error), error.kind, error.offset
        else:
            if isinstance(found, Rows):
                found.unreadable = tuple(UnreadableRow(row.reason) for row in found.unreadable)
            return found
        # Tracebacks show local variables.
        del body
        raise FrameError(message, kind=kind, offset=offset)

    return Reply(decode, reply.shape)


def _unconfirmed(body: bytes) -> Unconfirmed:
    _check(codec.decode_as(body, _failures))
    reply = codec.decode_as(body, _objects_of_pages)
    at = reply.pagination or reply.paginatation or shapes.Pagination()
    total = None if at.total is None else int(at.total)
    return Unconfirmed(data=exact_json(bytes(reply.data)), has_next=at.has_next, total=total)


unconfirmed: Reply[Unconfirmed] = Reply(_unconfirmed, '{"data": ...}, not published')
"""How a reply is read that is not published."""


def nothing(data: str) -> Reply[None]:
    """Return how a reply is read that says nothing but that it succeeded."""
    return Reply(lambda body: _check(codec.decode_as(body, _failures)), f'{{"data": {data}}}')


def raw(body: bytes) -> object:
    """Read a successful reply of any endpoint, envelope included."""
    _check(codec.decode_as(body, _failures))
    return exact_json(body)


def batch(
    shape: type[ShapeT], build: Callable[[ShapeT], ModelT], endpoint: str
) -> Reply[tuple[ModelT | RequestError, ...]]:
    """Return how it is read what became of each item; one that failed, or cannot be read, says nothing of others."""
    reader = Reader(shape)
    return _batch(lambda raw: reader.one(raw, build), shape_text(shape), endpoint)


def placed_batch(
    shape: type[shapes.OrderRow], endpoint: str
) -> Reply[tuple[Order | Accepted | RequestError, ...]]:
    """Return how the reply to a batch of placed orders is read, each as ``placed``."""
    return _batch(_placed(shape), shape_text(shape), endpoint)


def order_batch(shape: type[shapes.OrderRow], endpoint: str) -> Reply[tuple[Order | RequestError, ...]]:
    """Return how orders are read that were asked for, each as ``order``."""
    read = _found(shape)
    return _batch(lambda raw: read(bytes(raw)), shape_text(shape), endpoint)


def _batch(
    read: Callable[[msgspec.Raw], ModelT], text: str, endpoint: str
) -> Reply[tuple[ModelT | RequestError, ...]]:
    def one(raw: msgspec.Raw) -> ModelT | RequestError:
        try:
            item = _items.one(raw, lambda row: row)
            if item.code:
                return errors.by_code(endpoint, shapes.Failure(code=item.code, message=item.message))
            # As seen in 2024: bare orders, without codes of their own.
            return read(raw if item.order_id or item.stop_id else item.data)
        except OrderNotFound as absent:
            return absent
        except UnreadableRow as fault:
            unknown = OutcomeUnknown(f"unreadable reply: {fault}", venue=errors.VENUE, endpoint=endpoint)
            unknown.__cause__ = fault
            return unknown

    def decode(body: bytes) -> tuple[ModelT | RequestError, ...]:
        reply = _read_list(body)
        if not isinstance(reply.data, list):
            raise FrameError("data must be a list with one element for each item", kind="wrong_shape")
        return tuple(map(one, reply.data))

    return Reply(decode, f'{{"data": [{{"code": int, "message": str, "data": {text} | null}}]}}')


def _object(body: bytes) -> bytes:
    """Return the data of a successful reply."""
    reply = codec.decode_as(body, _objects)
    _check(reply)
    return bytes(reply.data)


def _read_list(body: bytes) -> shapes.ListReply:
    try:
        reply = codec.decode_as(body, _lists)
    except FrameError as fault:
        if fault.kind == "wrong_shape":
            _check(codec.decode_as(body, _failures))
        raise
    _check(reply)
    return reply


def _list(reply: shapes.ListReply) -> list[msgspec.Raw]:
    if isinstance(reply.data, dict) and reply.data:
        raise FrameError("data must be a list, got an object", kind="wrong_shape")
    return reply.data if isinstance(reply.data, list) else []


def _check(reply: shapes.Failure) -> None:
    """Raise the error that a code other than 0 stands for; whoever sent the request names its endpoint."""
    if reply.code:
        raise errors.by_code("", reply) from None


_failures: msgspec.json.Decoder[shapes.Failure] = decoder(shapes.Failure)
_objects_of_pages: msgspec.json.Decoder[shapes.PagedReply] = decoder(shapes.PagedReply)
_objects: msgspec.json.Decoder[shapes.ObjectReply] = decoder(shapes.ObjectReply)
_lists: msgspec.json.Decoder[shapes.ListReply] = decoder(shapes.ListReply)
_accepted = Reader(shapes.AcceptedRow)
_items = Reader(shapes.BatchItem)
