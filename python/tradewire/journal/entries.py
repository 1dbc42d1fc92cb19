"""What a journal holds, line by line: JSON that any tool can read, prices and sizes as text.

``intent`` is written before the first byte of an order leaves, ``outcome`` after every change of its state, ``fill``
for each of its fills. ``reconciled`` closes a restart, ``journal`` begins the file.
"""

from __future__ import annotations

from typing import TypeAlias

import msgspec

from tradewire.errors import JournalFailed
from tradewire.model import Fill, Order

__all__ = ["VERSION", "Begun", "Entry", "Filled", "Intent", "Outcome", "Reconciled", "read_entry", "written"]

VERSION = 1


class Begun(msgspec.Struct, frozen=True, tag="journal", tag_field="kind"):
    """The first line: which form the others have."""

    version: int
    at_ns: int
    """When the file was begun, or last compacted; our clock, UTC."""


class Intent(msgspec.Struct, frozen=True, tag="intent", tag_field="kind"):
    """An order about to be sent."""

    at_ns: int
    """Our clock, UTC."""
    book: str
    """Whose it is: the venue, and its product where it has several, as ``<venue>/spot``."""
    order: Order
    """As it is sent: ``pending``, without an id of the venue's."""


class Outcome(msgspec.Struct, frozen=True, tag="outcome", tag_field="kind"):
    """What is known of an order from now on."""

    at_ns: int
    book: str
    order: Order
    """The newest report, completed by its fills; its ``client_order_id`` is that of the intent."""
    error: str = ""
    """Why placing it failed, where it did: name and message of the error."""


class Filled(msgspec.Struct, frozen=True, tag="fill", tag_field="kind"):
    """One fill of an order of ours."""

    at_ns: int
    book: str
    client_order_id: str
    """That of the order's intent: the venue's fill need not name it."""
    fill: Fill


class Reconciled(msgspec.Struct, frozen=True, tag="reconciled", tag_field="kind"):
    """A restart after which nothing of the book is unknown."""

    at_ns: int
    book: str
    orders: int
    """Orders that were open or of unknown fate."""
    fills: int
    """Fills that were not known before."""


Entry: TypeAlias = Begun | Intent | Outcome | Filled | Reconciled

_encode = msgspec.json.Encoder().encode
_decoder: msgspec.json.Decoder[Entry] = msgspec.json.Decoder(Entry)


def written(entry: Entry) -> bytes:
    """Return an entry as a line holds it."""
    return _encode(entry)


def read_entry(line: bytes) -> Entry:
    """Return what a line holds.

    Raises:
        JournalFailed: It is none of ours, or of a later version.
    """
    try:
        return _decoder.decode(line)
    except msgspec.MsgspecError as error:
        raise JournalFailed(
            f"a line must be an entry of version {VERSION}, got {line[:80]!r}: {error}; a later tradewire may read it"
        ) from error
