"""A seeded tape of CoinEx depth pushes, and the file it is kept in.

Knows how a 50-level book of a liquid market moves and how the venue writes it. Nothing here is ours:
the standard library compresses and sums, so the tape can judge every contender alike.

The tape is kept as a file of concatenated gzip members (``zcat`` prints it) because compressors differ
between machines and the bytes must not. ``python -m bench.tape`` writes it anew; a test compares it with
what the seed gives.
"""

import gzip
import json
import random
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from statistics import median

MARKET = "BTCUSDT"
LIMIT = 50
SEED = 20261120
DELTAS = 256
FULLS = 64
PUSH_EVERY_MS = 200
STARTED_AT_MS = 1_763_640_000_000
TAPE = Path(__file__).parents[2] / "data" / "coinex-depth50.json.gz"

TOUCH_CENTS = 8_651_234
GAP_CENTS = 250
SIZE_CHANGES = 7
REPLACEMENTS = 5
"""Per push: levels whose size changes, and levels that go while another comes. Chosen so that a
difference has the size the venue's pushes have, about 286 bytes packed and 526 unpacked."""
TOUCH_BIAS = 0.12
"""Rate of the exponential law by which changes fall off from the touch, per level."""

_GZIP_WINDOW = 16 + zlib.MAX_WBITS

Side = dict[int, str]
"""Price in cents to the size as the venue writes it."""


@dataclass(frozen=True, slots=True)
class Tape:
    """One full push, the differences that follow it, and the same market as full pushes only."""

    deltas: tuple[bytes, ...]
    fulls: tuple[bytes, ...]

    @property
    def snapshot(self) -> bytes:
        """The full push from which ``deltas`` start."""
        return self.fulls[0]

    def sizes(self, frames: tuple[bytes, ...]) -> str:
        """Say the median size of these frames, packed and unpacked."""
        packed = median(len(frame) for frame in frames)
        unpacked = median(len(zlib.decompress(frame, _GZIP_WINDOW)) for frame in frames)
        return f"{packed:.0f} B -> {unpacked:.0f} B"


def _price(cents: int) -> str:
    return f"{cents // 100}.{cents % 100:02d}"


def _size(rng: random.Random) -> str:
    """Draw a size: log-normal, eight decimals always written, a third of them coarse."""
    decimals = rng.choice((4, 8, 8))
    return f"{max(round(rng.lognormvariate(-2.5, 1.3), decimals), 0.01):.8f}"


def _rank(rng: random.Random) -> int:
    return min(int(rng.expovariate(TOUCH_BIAS)), LIMIT - 1)


def _difference(before: Side, after: Side) -> Side:
    prices = before.keys() | after.keys()
    return {cents: after.get(cents, "0") for cents in prices if before.get(cents) != after.get(cents)}


class _Market:
    def __init__(self, rng: random.Random, name: str = MARKET) -> None:
        self._rng = rng
        self.name = name
        self.asks: Side = {}
        self.bids: Side = {}
        for side, direction in ((self.asks, 1), (self.bids, -1)):
            cents = TOUCH_CENTS
            for _ in range(LIMIT):
                cents += direction * rng.randint(1, GAP_CENTS)
                side[cents] = _size(rng)

    def _ranked(self, side: Side) -> list[int]:
        return sorted(side, reverse=side is self.bids)

    def move(self) -> tuple[Side, Side]:
        """Change the book as one push would; the changed levels of asks and of bids, size ``0`` if gone."""
        before = (dict(self.asks), dict(self.bids))
        for _ in range(SIZE_CHANGES):
            side = self._either_side()
            side[self._ranked(side)[_rank(self._rng)]] = _size(self._rng)
        for _ in range(REPLACEMENTS):
            self._replace(self._either_side())
        return _difference(before[0], self.asks), _difference(before[1], self.bids)

    def _either_side(self) -> Side:
        return self.asks if self._rng.random() < 0.5 else self.bids

    def _replace(self, side: Side) -> None:
        """Take one level away and let another come, so that the window keeps its depth.

        A level that comes inside pushes the deepest one out of the window; one that goes lets the
        next deeper one in. The venue tells both in the same push.
        """
        rng = self._rng
        ranked = self._ranked(side)
        direction = -1 if side is self.bids else 1
        if rng.random() < 0.5:
            gone = ranked[_rank(rng)]
            came = ranked[-1] + direction * rng.randint(1, GAP_CENTS)
        else:
            gone = ranked[-1]
            came = self._free_price(side, ranked, direction)
        del side[gone]
        side[came] = _size(rng)

    def _free_price(self, side: Side, ranked: list[int], direction: int) -> int:
        """Find a free price near the touch that does not cross the book."""
        other = min(self.asks) if side is self.bids else max(self.bids)
        while True:
            cents = ranked[_rank(self._rng)] - direction * self._rng.randint(1, GAP_CENTS)
            if cents not in side and (cents - other) * direction > 0 and cents != ranked[-1]:
                return cents

    def checksum(self) -> int:
        pairs = [f"{_price(cents)}:{self.bids[cents]}" for cents in self._ranked(self.bids)]
        pairs += [f"{_price(cents)}:{self.asks[cents]}" for cents in self._ranked(self.asks)]
        return zlib.crc32(":".join(pairs).encode())


def _push(market: _Market, asks: Side, bids: Side, *, is_full: bool, at_ms: int) -> bytes:
    depth = {
        "asks": [[_price(cents), asks[cents]] for cents in sorted(asks)],
        "bids": [[_price(cents), bids[cents]] for cents in sorted(bids, reverse=True)],
        "last": _price(min(market.asks)),
        "updated_at": at_ms,
        "checksum": market.checksum(),
    }
    data = {"market": market.name, "is_full": is_full, "depth": depth}
    push = {"method": "depth.update", "data": data, "id": None}
    return json.dumps(push, separators=(",", ":")).encode()


def pushes() -> Iterator[bytes]:
    """Give the JSON of every push of the tape: the full ones first, then the differences."""
    rng = random.Random(SEED)
    market = _Market(rng)
    opening = _push(market, market.asks, market.bids, is_full=True, at_ms=STARTED_AT_MS)
    deltas: list[bytes] = []
    fulls: list[bytes] = [opening]
    for number in range(1, max(DELTAS, FULLS) + 1):
        at_ms = STARTED_AT_MS + number * PUSH_EVERY_MS
        asks, bids = market.move()
        deltas.append(_push(market, asks, bids, is_full=False, at_ms=at_ms))
        fulls.append(_push(market, market.asks, market.bids, is_full=True, at_ms=at_ms))
    yield from fulls[: FULLS + 1]
    yield from deltas[:DELTAS]


def mixed(name: str, fulls: int, deltas_a_full: int) -> tuple[bytes, ...]:
    """Give another market's pushes, packed: a full one and the differences that follow it, so many times."""
    market = _Market(random.Random(f"{SEED}/{name}"), name)
    pushes: list[bytes] = []
    for number in range(fulls * (deltas_a_full + 1)):
        at_ms = STARTED_AT_MS + number * PUSH_EVERY_MS
        is_full = number % (deltas_a_full + 1) == 0
        asks, bids = (market.asks, market.bids) if is_full else market.move()
        push = _push(market, asks, bids, is_full=is_full, at_ms=at_ms)
        pushes.append(gzip.compress(push, mtime=0))
    return tuple(pushes)


def members(packed: bytes) -> Iterator[bytes]:
    """Split concatenated gzip members without unpacking them for good."""
    while packed:
        inflater = zlib.decompressobj(_GZIP_WINDOW)
        inflater.decompress(packed)
        yield packed[: len(packed) - len(inflater.unused_data)]
        packed = inflater.unused_data


def load() -> Tape:
    """Read the tape from ``benches/data``."""
    frames = tuple(members(TAPE.read_bytes()))
    return Tape(fulls=frames[: FULLS + 1], deltas=frames[FULLS + 1 :])


def write() -> None:
    """Write the tape anew, and say how big its pushes are."""
    TAPE.write_bytes(b"".join(gzip.compress(push, mtime=0) for push in pushes()))
    tape = load()
    print(f"{TAPE.name}: difference {tape.sizes(tape.deltas)}, full {tape.sizes(tape.fulls)}")


if __name__ == "__main__":
    write()
