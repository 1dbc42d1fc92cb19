"""What D1 and D2 share: the same bots on the same market, told by differences or in full.

A lap starts from a full push (not timed) and plays the pushes once, in order, with the venue's rising
times; after each push the best levels are read as numbers. The answer to check is every best level
read, whether each checksum was verified, and whether a push with a wrong checksum was noticed.
"""

import gzip
import re

from bench import truth
from bench.contenders.bots import BotMaker, DictBot, OurBot, SortedDictBot
from bench.contenders.ccxt_bot import CCXT, CcxtBot
from bench.contenders.handmade import HandmadeBot
from bench.row import OURS, Contender, Lap, Row, Target
from bench.tape import load

HANDMADE = "hand-made"
DICT = "json + dict"
CCXT_NOTE = "verifies no checksum, so it does less than the others"

TAPE = load()
_RECEIVED_AT_NS = 1_763_640_000_000_000_000
_WRONG_CHECKSUM = 1


def _spoil(frame: bytes) -> bytes:
    push = gzip.decompress(frame)
    spoilt = re.sub(rb'"checksum":\d+', b'"checksum":%d' % _WRONG_CHECKSUM, push)
    return gzip.compress(spoilt, mtime=0)


def _lap(make: BotMaker, frames: tuple[bytes, ...], *, verifies: bool) -> Lap:
    bot = make()
    bot.on_frame(TAPE.snapshot, _RECEIVED_AT_NS)
    on_frame, best = bot.on_frame, bot.best

    def run() -> None:
        for frame in frames:
            on_frame(frame, _RECEIVED_AT_NS)
            best()

    def answer() -> list[object]:
        answers: list[object] = []
        for frame in frames[:-1]:
            on_frame(frame, _RECEIVED_AT_NS)
            answers.append((best(), bot.is_proved or not verifies))
        on_frame(_spoil(frames[-1]), _RECEIVED_AT_NS)
        return [*answers, bot.is_proved]

    return Lap(run, answer)


def row(row_id: str, question: str, frames: tuple[bytes, ...], targets: tuple[Target, ...]) -> Row:
    """Make the row of these frames."""

    def expected() -> list[object]:
        bests = truth.bests((TAPE.snapshot, *frames))[1:-1]
        return [*((best, True) for best in bests), False]

    def contender(
        name: str, make: BotMaker, *packages: str, verifies: bool = True, note: str = ""
    ) -> Contender:
        return Contender(name, lambda: _lap(make, frames, verifies=verifies), packages, note)

    contenders = (
        contender(OURS, OurBot),
        contender(HANDMADE, HandmadeBot, "deflate", "msgspec"),
        contender("orjson + SortedDict", SortedDictBot, "orjson", "sortedcontainers"),
        contender(DICT, DictBot),
        contender(CCXT, CcxtBot, "ccxt", "cryptography", verifies=False, note=CCXT_NOTE),
    )
    sizes = TAPE.sizes(frames)
    return Row(row_id, f"{question} ({sizes})", len(frames), contenders, targets, expected)
