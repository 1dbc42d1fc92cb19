"""G1: does a frame cost the same with more markets on the connection, and with deeper books?

There is no peer: ours are the many markets and the deep book, and what they are held against is our own client with
one market, our own book of 20 levels. Markets go through the whole client over a socket (``bench.flood``); depth
through TrueX's feed, because CoinEx's checksum runs over the whole book and its books end at 50 levels.
"""

import json
from functools import cache

from bench import flood
from bench.ladder import Ladder, ladder
from bench.row import Contender, Lap, Row, Target

MARKETS = (1, 10, 50, 200)
DEPTHS = (20, 100, 1000)
CHANGES = 12
"""Levels that one frame changes."""
MARKET = "BTC-USD"
WITHIN = round(1 / 1.2, 3)
_RECEIVED_AT_NS = 1_763_640_000_000_000_000
Levels = list[tuple[int, int]]


def _flooded(markets: int) -> Contender:
    def prepare() -> Lap:
        running = flood.flood(markets)
        cpu_ns = 0

        def run() -> None:
            nonlocal cpu_ns
            cpu_ns = running.push(flood.FRAMES)["cpu_ns"]

        # Every number of markets has books of its own: what is compared is whether all of them are right.
        return Lap(run, lambda: running.bests == running.expected, lambda: cpu_ns)

    return Contender(_markets(markets), prepare, ("picows",))


def _markets(count: int) -> str:
    return f"{count} market{'s' if count > 1 else ''}"


def _message(number: int, update: str, bids: Levels, asks: Levels) -> bytes:
    data: dict[str, object] = {"id": "7", "symbol": MARKET}
    for side, levels in (("bids", bids), ("asks", asks)):
        data[side] = [
            {
                "price": f"{price // 100}.{price % 100:02}",
                "qty": f"{size / 1e8:.8f}",
                "order_count": "3" if size else "0",
            }
            for price, size in levels
        ]
    message = {
        "seqnum": str(number), "channel": "DEPTH", "update": update, "status": "AUTHENTICATED", "data": data
    }  # fmt: skip
    return json.dumps(message, separators=(",", ":")).encode()


def _split(updates: tuple[tuple[bool, int, int], ...]) -> tuple[Levels, Levels]:
    bids = {price: size for is_bid, price, size in updates if is_bid}
    asks = {price: size for is_bid, price, size in updates if not is_bid}
    return sorted(bids.items(), reverse=True), sorted(asks.items())


@cache
def _frames(depth: int) -> tuple[bytes, ...]:
    """Return a snapshot of this depth and the updates that follow it."""
    stream: Ladder = ladder(depth)
    frames = [_message(1, "SNAPSHOT", *_split(stream.opening))]
    for number, at in enumerate(range(0, len(stream.updates), CHANGES)):
        frames.append(_message(1 + number, "UPDATE", *_split(stream.updates[at : at + CHANGES])))
    return tuple(frames)


@cache
def _bests(depth: int) -> list[object]:
    """Return the best levels after each update, by dicts."""
    stream = ladder(depth)
    sides: dict[bool, dict[int, int]] = {True: {}, False: {}}
    for is_bid, price, size in stream.opening:
        sides[is_bid][price] = size
    bests: list[object] = []
    for at in range(0, len(stream.updates), CHANGES):
        for is_bid, price, size in stream.updates[at : at + CHANGES]:
            sides[is_bid][price] = size
            if not size:
                del sides[is_bid][price]
        bid, ask = max(sides[True]), min(sides[False])
        bests.append((bid / 100, sides[True][bid] / 1e8, ask / 100, sides[False][ask] / 1e8))
    return bests


def _deep(depth: int) -> Contender:
    def prepare() -> Lap:
        from tradewire._native import TruexFeed

        snapshot, *frames = _frames(depth)
        feed = TruexFeed()
        book = feed.add_book(MARKET)
        feed.on_frame(snapshot, _RECEIVED_AT_NS)
        on_frame, best = feed.on_frame, book.best_float

        def run() -> None:
            for frame in frames:
                on_frame(frame, _RECEIVED_AT_NS)
                best()

        def answer() -> object:
            bests = []
            for frame in frames:
                on_frame(frame, _RECEIVED_AT_NS)
                bests.append(best())
            return bests == _bests(depth)

        return Lap(run, answer)

    return Contender(f"{depth} levels", prepare)


ROWS = (
    Row(
        "G1/markets",
        f"CoinEx, the whole client with {MARKETS[-1]} markets on one connection: a frame in a burst",
        flood.FRAMES,
        tuple(map(_flooded, reversed(MARKETS))),
        (Target(_markets(1), WITHIN),),
        lambda: True,
        is_long=True,
        ours=_markets(MARKETS[-1]),
    ),
    Row(
        "G1/depth",
        f"TrueX depth update of {CHANGES} levels of a book of {DEPTHS[-1]} levels a side: decode, apply, read the best",
        len(_frames(20)) - 1,
        tuple(map(_deep, reversed(DEPTHS))),
        (Target(f"{DEPTHS[0]} levels", WITHIN, WITHIN),),
        lambda: True,
        ours=f"{DEPTHS[-1]} levels",
    ),
)
