"""The file format, version 1: a header and blocks, each with its length and checksum.

All integers are little-endian. A file is one header and any number of blocks:

    header   magic        8 bytes  89 54 57 52 45 43 0D 0A  (``\\x89TWREC\\r\\n``: a transfer as text breaks it)
             version      u16      1
             codec        u16      1: blocks are zlib streams
             length       u32      of what follows
             about        JSON     what was recorded, see ``About``
             checksum     u32      CRC-32 of all of the header before it

    block    mark         4 bytes  ``TWB1``
             packed       u32      bytes of the payload as it stands in the file
             size         u32      bytes of it inflated
             count        u32      records in it
             first        i64      wall clock of its first record
             checksum     u32      CRC-32 of the fields before it and of the payload
             payload

An inflated payload is ``count`` records:

    record   length       u32      of the data
             kind         u8       see ``Kind``
             source       u32      the connection, or the request that this is about
             wall_ns      i64      nanoseconds UTC
             monotonic_ns i64      nanoseconds of the recorder's monotonic clock
             data

Blocks are appended with one write each, so that a process that is killed leaves whole blocks and at most one torn one,
the last.
"""

from __future__ import annotations

import struct
import zlib
from collections.abc import Iterable, Iterator, Sequence
from enum import IntEnum
from typing import ClassVar, Final, NamedTuple

import msgspec
from msgspec import Struct

from tradewire.errors import RecordingError

__all__ = [
    "BLOCK_BYTES",
    "MARK",
    "VERSION",
    "About",
    "BlockHead",
    "Kind",
    "Record",
    "header_of",
    "in_blocks",
    "pack",
    "read_header",
    "unpack",
]

MAGIC: Final = b"\x89TWREC\r\n"
VERSION: Final = 1
ZLIB: Final = 1
LEVEL: Final = 1
"""zlib's fastest: 1 to 3 us a frame in a thread, without the interpreter's lock; level 6 takes three times that for a
tenth of the size. zstd packs 10 to 25% smaller in a quarter of the time, and would be one more dependency."""
MARK: Final = b"TWB1"
BLOCK_BYTES: Final = 1 << 20
"""A block is closed once it holds so much; a larger record stands alone."""
MAX_BLOCK_BYTES: Final = 256 << 20
"""No larger block is read: its length is damaged, or somebody wants our memory."""
MAX_ABOUT_BYTES: Final = 1 << 20
_START = struct.Struct("<8sHHI")
_HEAD = struct.Struct("<4sIIIq")
_CRC = struct.Struct("<I")
_RECORD = struct.Struct("<IBIqq")


class Kind(IntEnum):
    """What a record holds."""

    OPENED = 1
    """A WebSocket was opened; data is its URL."""
    RECEIVED = 2
    """A message came, byte for byte."""
    SENT = 3
    """A message was sent; of one with credentials only what may be shown."""
    CLOSED = 4
    """The connection is gone; data is ``code reason``."""
    REQUEST = 5
    """A REST request was sent; data is a line of JSON (``method``, ``url``, ``headers``), then the body."""
    REPLY = 6
    """Its reply; data is a line of JSON (``status``, ``headers``), then the body."""
    FAILED = 7
    """It failed in the transport; data says how."""
    LOST = 8
    """The recorder could not keep up and left so many records out here; data is the number."""


class About(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What a file says of itself.

    Attributes:
        product: What was recorded, as on the command line: ``coinex-futures``.
        tradewire: Version of the package that wrote it.
        id: The same in all parts of a recording.
        part: 1 for the first file of a recording, one more for each further one.
        created_ns: When this file was begun, nanoseconds UTC.
        open: Connections that were open when this part was begun: number and URL.
        markets: Whose books and trades were asked for, where ``tradewire record`` did it.
    """

    product: str
    tradewire: str
    id: str
    part: int = 1
    created_ns: int = 0
    open: dict[int, str] = {}
    markets: tuple[str, ...] = ()


class Record(NamedTuple):
    """One thing that passed."""

    kind: int
    source: int
    wall_ns: int
    monotonic_ns: int
    data: bytes


class BlockHead(Struct, frozen=True):
    """What stands before a block's payload."""

    packed: int
    size: int
    count: int
    first_ns: int
    checksum: int
    fields: bytes
    """As they were read, for the checksum."""

    BYTES: ClassVar[int] = _HEAD.size + _CRC.size

    @classmethod
    def read(cls, data: bytes) -> BlockHead:
        """Read a head of ``BYTES``.

        Raises:
            RecordingError: It is none.
        """
        mark, packed, size, count, first_ns = _HEAD.unpack_from(data)
        if mark != MARK or packed > MAX_BLOCK_BYTES or size > MAX_BLOCK_BYTES or count > size:
            raise RecordingError("no block begins here")
        [checksum] = _CRC.unpack_from(data, _HEAD.size)
        return cls(packed, size, count, first_ns, checksum, data[: _HEAD.size])


def header_of(about: About) -> bytes:
    """Return the header of a file."""
    document = msgspec.json.encode(about)
    start = _START.pack(MAGIC, VERSION, ZLIB, len(document)) + document
    return start + _CRC.pack(zlib.crc32(start))


def read_header(data: bytes) -> tuple[About, int]:
    """Return what the beginning of a file says of it, and where its blocks begin.

    Raises:
        RecordingError: It is no recording, one of another version, or damaged.
    """
    if data[: len(MAGIC)] != MAGIC:
        raise RecordingError("must be a recording of tradewire, which begins with \\x89TWREC")
    if len(data) < _START.size:
        raise RecordingError("the header is cut off")
    _, version, codec, length = _START.unpack_from(data)
    if version != VERSION or codec != ZLIB:
        raise RecordingError(
            f"must be of format {VERSION} with codec {ZLIB}, got format {version} with codec {codec}; "
            "read it with the tradewire that wrote it"
        )
    end = _START.size + length
    if length > MAX_ABOUT_BYTES or len(data) < end + _CRC.size:
        raise RecordingError("the header is cut off")
    [checksum] = _CRC.unpack_from(data, end)
    if zlib.crc32(data[:end]) != checksum:
        raise RecordingError("the header's checksum does not match: the file is damaged")
    try:
        return msgspec.json.decode(data[_START.size : end], type=About), end + _CRC.size
    except msgspec.MsgspecError as error:
        raise RecordingError(f"the header cannot be read: {error}") from error


def pack(records: Sequence[Record]) -> bytes:
    """Return a block of ``records``, of which there is at least one."""
    entry = _RECORD.pack
    parts: list[bytes] = []
    for kind, source, wall_ns, monotonic_ns, data in records:
        parts += (entry(len(data), kind, source, wall_ns, monotonic_ns), data)
    whole = b"".join(parts)
    payload = zlib.compress(whole, LEVEL)
    fields = _HEAD.pack(MARK, len(payload), len(whole), len(records), records[0].wall_ns)
    return fields + _CRC.pack(zlib.crc32(payload, zlib.crc32(fields))) + payload


def unpack(head: BlockHead, payload: bytes) -> Iterator[Record]:
    """Yield the records of a block.

    Raises:
        RecordingError: The checksum does not match, or the payload is not what the head says.
    """
    if zlib.crc32(payload, zlib.crc32(head.fields)) != head.checksum:
        raise RecordingError("the checksum does not match")
    inflate = zlib.decompressobj()
    try:
        whole = inflate.decompress(payload, head.size + 1)
    except zlib.error as error:
        raise RecordingError(f"the payload cannot be inflated: {error}") from error
    if len(whole) != head.size:
        raise RecordingError(f"the payload must inflate to {head.size} bytes, got {len(whole)}")
    place, step = 0, _RECORD.size
    for _ in range(head.count):
        if place + step > len(whole):
            raise RecordingError("a record is cut off")
        length, kind, source, wall_ns, monotonic_ns = _RECORD.unpack_from(whole, place)
        place += step
        if place + length > len(whole):
            raise RecordingError("a record is cut off")
        yield Record(kind, source, wall_ns, monotonic_ns, whole[place : place + length])
        place += length
    if place != len(whole):
        raise RecordingError(f"the block must hold {head.count} records, got more")


def in_blocks(records: Iterable[Record], most_bytes: int = BLOCK_BYTES) -> Iterator[list[Record]]:
    """Cut ``records`` into lists that make a block each."""
    block: list[Record] = []
    size = 0
    for record in records:
        if block and size + len(record.data) > most_bytes:
            yield block
            block, size = [], 0
        block.append(record)
        size += len(record.data)
    if block:
        yield block
