"""J1: what does a depth frame in plain JSON cost, from bytes to levels as numbers?

The frame is CoinEx's full push, not packed. Ours also keeps the levels in order and verifies the checksum, and its
numbers stay native; the others make lists of pairs of floats.
"""

import gzip
import json
import zlib
from collections.abc import Callable
from functools import cache
from typing import Any

import orjson
from msgspec import Struct
from msgspec.json import Decoder

from bench.row import OURS, Contender, Lap, Row, Target
from bench.tape import MARKET, load

ORJSON, MSGSPEC = "orjson + float", "msgspec, lax floats"
Levels = list[tuple[float, float]]
Sides = tuple[Levels, Levels]
Decode = Callable[[bytes], Any]
_RECEIVED_AT_NS = 1_763_640_000_000_000_000


class _Depth(Struct, gc=False):
    asks: list[tuple[float, float]]
    bids: list[tuple[float, float]]


class _Data(Struct, gc=False):
    depth: _Depth


class _Push(Struct, gc=False):
    data: _Data


@cache
def _frames(depth: int) -> tuple[bytes, ...]:
    """Return the tape's full pushes cut to so many levels a side, unpacked, their checksums right."""
    frames = []
    for packed in load().fulls:
        push = json.loads(gzip.decompress(packed))
        told = push["data"]["depth"]
        told["asks"], told["bids"] = told["asks"][:depth], told["bids"][:depth]
        told["checksum"] = zlib.crc32(
            ":".join(":".join(level) for level in told["bids"] + told["asks"]).encode()
        )
        frames.append(json.dumps(push, separators=(",", ":")).encode())
    return tuple(frames)


def _ours(depth: int) -> tuple[Decode, Callable[[Any], Sides]]:
    from tradewire._native import CoinexFeed

    feed = CoinexFeed()
    book = feed.add_book(MARKET, depth)
    on_frame = feed.on_frame
    return lambda frame: on_frame(frame, _RECEIVED_AT_NS), lambda _: (
        _floats(book.bids()),
        _floats(book.asks()),
    )


def _with_msgspec(_: int) -> tuple[Decode, Callable[[Any], Sides]]:
    return Decoder(_Push, strict=False).decode, lambda push: (push.data.depth.bids, push.data.depth.asks)


def _with_orjson(_: int) -> tuple[Decode, Callable[[Any], Sides]]:
    loads = orjson.loads

    def decode(frame: bytes) -> Sides:
        told = loads(frame)["data"]["depth"]
        return (
            [(float(price), float(size)) for price, size in told["bids"]],
            [(float(price), float(size)) for price, size in told["asks"]],
        )

    return decode, lambda sides: sides


def _floats(levels: Any) -> Levels:
    return [(float(level[0]), float(level[1])) for level in levels]


def _expected(depth: int) -> list[object]:
    told = [json.loads(frame)["data"]["depth"] for frame in _frames(depth)]
    return [(_floats(one["bids"]), _floats(one["asks"])) for one in told]


def _row(depth: int) -> Row:
    def contender(
        name: str, make: Callable[[int], tuple[Decode, Callable[[Any], Sides]]], *packages: str
    ) -> Contender:
        def prepare() -> Lap:
            decode, levels_of = make(depth)

            def run() -> None:
                for frame in _frames(depth):
                    decode(frame)

            return Lap(run, lambda: [levels_of(decode(frame)) for frame in _frames(depth)])

        return Contender(name, prepare, packages)

    size = sorted(map(len, _frames(depth)))[len(_frames(depth)) // 2]
    return Row(
        f"J1/{depth}",
        f"depth frame of {depth} levels a side in plain JSON ({size} B): decode to numbers",
        len(_frames(depth)),
        (
            contender(OURS, _ours),
            contender(MSGSPEC, _with_msgspec, "msgspec"),
            contender(ORJSON, _with_orjson, "orjson"),
        ),
        (Target(ORJSON, 12.0), Target(MSGSPEC, 4.5)),
        lambda: _expected(depth),
    )


ROWS = (_row(20), _row(50))
