"""D4: what does one TrueX depth update of a 50-level book cost, from the socket's bytes to the best levels?

The market is the one of D1, told as TrueX tells it: plain JSON, levels as objects, a sequence in place of the
checksum. The answer to check is every best level read, whether the sequence held, and whether a jump was noticed.
"""

import gzip
import json
from typing import Any

from bench import truth
from bench.contenders.bots import BotMaker
from bench.contenders.truex_bots import HandmadeTruexBot, OurTruexBot, json_bot, orjson_bot
from bench.row import OURS, Contender, Lap, Row, Target
from bench.tape import MARKET, load

JSON = "json + SortedDict"
HANDMADE = "hand-made"

_RECEIVED_AT_NS = 1_763_640_000_000_000_000
_TAPE = load()
_FIRST = 1


def _told(frame: bytes, number: int, update: str) -> bytes:
    depth = json.loads(gzip.decompress(frame))["data"]["depth"]
    data: dict[str, Any] = {"id": "7", "symbol": MARKET}
    for side in ("bids", "asks"):
        data[side] = [
            {"price": price, "qty": size, "order_count": "0" if size == "0" else "3"}
            for price, size in depth[side]
        ]
    message = {
        "seqnum": str(number), "channel": "DEPTH", "update": update, "status": "AUTHENTICATED", "data": data
    }  # fmt: skip
    return json.dumps(message, separators=(",", ":")).encode()


SNAPSHOT = _told(_TAPE.snapshot, _FIRST, "SNAPSHOT")
FRAMES = tuple(_told(frame, _FIRST + at, "UPDATE") for at, frame in enumerate(_TAPE.deltas))
_JUMP = _told(_TAPE.deltas[-1], _FIRST + 2 * len(FRAMES), "UPDATE")


def _lap(make: BotMaker) -> Lap:
    bot = make()
    bot.on_frame(SNAPSHOT, _RECEIVED_AT_NS)
    on_frame, best = bot.on_frame, bot.best

    def run() -> None:
        for frame in FRAMES:
            on_frame(frame, _RECEIVED_AT_NS)
            best()

    def answer() -> list[object]:
        answers: list[object] = []
        for frame in FRAMES:
            on_frame(frame, _RECEIVED_AT_NS)
            answers.append((best(), bot.is_proved))
        on_frame(_JUMP, _RECEIVED_AT_NS)
        return [*answers, bot.is_proved]

    return Lap(run, answer)


def _expected() -> list[object]:
    return [*((best, True) for best in truth.bests((_TAPE.snapshot, *_TAPE.deltas))[1:]), False]


def _contender(name: str, make: BotMaker, *packages: str) -> Contender:
    return Contender(name, lambda: _lap(make), packages)


_SIZE_BYTES = sorted(map(len, FRAMES))[len(FRAMES) // 2]

ROWS = (
    Row(
        "D4",
        f"TrueX depth update, 50 levels ({_SIZE_BYTES} B): decode, apply, read the best",
        len(FRAMES),
        (
            _contender(OURS, OurTruexBot),
            _contender(HANDMADE, HandmadeTruexBot, "msgspec"),
            _contender("orjson + SortedDict", orjson_bot, "orjson", "sortedcontainers"),
            _contender(JSON, json_bot, "sortedcontainers"),
        ),
        (Target(HANDMADE, 6.0, 3.2), Target(JSON, 15.0, 8.3)),
        _expected,
    ),
)
