"""Bodies of TrueX: a list or one object, raw or in an envelope, whatever the operation; all are read.

Every id and number is documented as a text; what a member may look like is said by its type, see ``tradewire.wire``.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import TypeVar

import msgspec

from tradewire import codec
from tradewire.errors import FrameError, OrderNotFound, UnreadableRow
from tradewire.model import Rows
from tradewire.protocol.endpoint import Reply
from tradewire.venues.truex import parse, shapes
from tradewire.venues.truex.directory import Directory
from tradewire.venues.truex.errors import VENUE
from tradewire.wire import Accepted, Reader, Text, WireRows, decoder, shape_text

__all__ = ["every", "found_order", "itself", "one", "order", "placed_order", "rows"]

HTTP_OK = 200
BLANKS = b" \t\r\n"
NOTHING = frozenset({b"null", b"{}"})
WRAPPINGS = 2
"""Objects around the rows, at most."""

ShapeT = TypeVar("ShapeT", bound=msgspec.Struct)
ModelT = TypeVar("ModelT")


class _Pagination(msgspec.Struct, frozen=True):
    next_cursor: Text = ""


class _Envelope(msgspec.Struct, frozen=True):
    data: msgspec.Raw = msgspec.Raw(b"")
    versions: msgspec.Raw = msgspec.Raw(b"")
    """Where the list of schema versions was seen."""
    pagination: _Pagination | None = None


def itself(row: ModelT) -> ModelT:
    """Return ``row``: its shape is the model."""
    return row


def one(shape: type[ShapeT], build: Callable[[ShapeT], ModelT]) -> Reply[ModelT]:
    """Return how a reply with one object is read."""
    reader = Reader(shape)
    return Reply(lambda body: reader.one(_something(body), build), shape_text(shape))


def rows(shape: type[ShapeT]) -> Reply[WireRows[ShapeT]]:
    """Return how a list is read whose rows are made models where more is known."""
    reader = Reader(shape)

    def decode(body: bytes) -> WireRows[ShapeT]:
        raws, is_list, cursor = _raws(body)
        if not (raws or is_list):
            raise FrameError("a reply without content", kind="wrong_shape")
        found = reader.rows(raws)
        if found.unreadable and not is_list:
            # One object of another shape is no list of anything.
            raise found.unreadable[0]
        found.next_cursor = cursor
        return found

    return Reply(decode, f"[{shape_text(shape)}]")


def every(shape: type[ShapeT]) -> Reply[Rows[ShapeT]]:
    """Return how a list is read whose rows are models."""
    wired = rows(shape)
    return Reply(lambda body: wired.decode(body).build(itself), wired.shape)


def _found_order(body: bytes) -> shapes.OrderRow | Accepted:
    """Read an order that was asked for; no content means that there is no such order."""
    raw = _only(body)
    if raw is None:
        raise OrderNotFound("no such order: the reply is empty", http_status=HTTP_OK, venue=VENUE)
    return _order_or_ids(raw)


def _order_or_ids(raw: msgspec.Raw) -> shapes.OrderRow | Accepted:
    """Read an order, or at least its ids and its status, if the rest cannot be read."""
    try:
        return _orders.one(raw, _readable)
    except UnreadableRow as fault:
        return _accepted.one(raw, partial(parse.accepted, fault))


def _whole(row: shapes.OrderRow) -> shapes.OrderRow:
    """Return an order of REST, which says what was ordered."""
    if row.info is None:
        raise FrameError("an order without order_info", kind="wrong_shape")
    return row


def _readable(row: shapes.OrderRow) -> shapes.OrderRow:
    # Names of ids make no order unreadable, and all else is judged here.
    parse.order(row, Directory())
    return row


def _something(body: bytes) -> msgspec.Raw:
    raw = _only(body)
    if raw is None:
        raise FrameError("a reply without content", kind="wrong_shape", excerpt=body[:200])
    return raw


def _only(body: bytes) -> msgspec.Raw | None:
    """Return the one object of a body, ``None`` for a body without content."""
    raws, _, _ = _raws(body)
    if len(raws) > 1:
        raise FrameError(f"one object was asked for, {len(raws)} came", kind="wrong_shape")
    return raws[0] if raws else None


def _raws(body: bytes) -> tuple[list[msgspec.Raw], bool, str]:
    """Return a body's rows as they came, however they are wrapped, if in a list, and the cursor of the next page."""
    stripped, cursor = body.strip(BLANKS), ""
    for _ in range(WRAPPINGS):
        if not stripped.startswith(b"{"):
            break
        envelope = codec.decode_as(stripped, _envelopes)
        inside = bytes(envelope.data) or bytes(envelope.versions)
        if not inside:
            break
        stripped = inside.strip(BLANKS)
        if envelope.pagination is not None:
            cursor = cursor or envelope.pagination.next_cursor
    if stripped.startswith(b"["):
        return codec.decode_as(stripped, _lists), True, cursor
    if not stripped.startswith((b"{", b"null")):
        raise FrameError("a body must be a list or an object", kind="wrong_shape", excerpt=body[:200])
    codec.decode(stripped)
    is_empty = stripped.translate(None, BLANKS) in NOTHING
    return ([] if is_empty else [msgspec.Raw(stripped)]), False, cursor


_envelopes: msgspec.json.Decoder[_Envelope] = decoder(_Envelope)
_lists: msgspec.json.Decoder[list[msgspec.Raw]] = decoder(list[msgspec.Raw])
_orders = Reader(shapes.OrderRow)
_accepted = Reader(shapes.AcceptedRow)
order = one(shapes.OrderRow, _whole)
found_order = Reply(_found_order, order.shape)
placed_order = Reply(lambda body: _order_or_ids(_something(body)), order.shape)
