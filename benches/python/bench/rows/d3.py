"""D3: what does one delta of Exchange's order-by-order book cost, from the socket's bytes to the best levels?

A lap starts from a snapshot of 2,000 orders (not timed) and plays the deltas once, in order. The answer to check
is every best level, every trade, whether the sequence held, both sides in priority at the end, and whether a
delta out of its turn was noticed.
"""

from functools import cache

from bench import truth
from bench.contenders.queue_bots import HandmadeQueueBot, OurQueueBot, QueueBotMaker, json_bot, orjson_bot
from bench.order_flow import LIVE_ORDERS, TRADE, deltas, order_flow, snapshot
from bench.row import OURS, Contender, Lap, Row, Target

JSON = "json + SortedDict"
HANDMADE = "hand-made"

_RECEIVED_AT_NS = 1_763_640_000_000_000_000
_FLOW = order_flow()
_SNAPSHOT = snapshot(_FLOW)


def _lap(make: QueueBotMaker, frames: tuple[bytes, ...]) -> Lap:
    bot = make()
    bot.on_frame(_SNAPSHOT, _RECEIVED_AT_NS)
    on_frame = bot.on_frame

    def run() -> None:
        best = bot.best
        for frame in frames:
            on_frame(frame, _RECEIVED_AT_NS)
            best()

    def answer() -> list[object]:
        bests: list[object] = []
        trades: list[object] = []
        for frame in frames:
            trades += bot.trades(on_frame(frame, _RECEIVED_AT_NS))
            bests.append((bot.best(), bot.is_proved))
        end = [bot.orders("buy"), bot.orders("sell")]
        on_frame(frames[-1], _RECEIVED_AT_NS)
        return [*bests, *trades, *end, bot.is_proved]

    return Lap(run, answer)


@cache
def _expected(events_a_frame: int) -> list[object]:
    answers = truth.queues(_FLOW.opening, _FLOW.events)
    bests = [(best, True) for best in answers[events_a_frame - 1 : -2 : events_a_frame]]
    trades = [(maker, price, size) for kind, (maker, _, price, size) in _FLOW.events if kind == TRADE]
    return [*bests, *trades, *answers[-2:], False]


def _row(events_a_frame: int, targets: tuple[Target, ...]) -> Row:
    frames = deltas(_FLOW, events_a_frame)

    def contender(name: str, make: QueueBotMaker, *packages: str) -> Contender:
        return Contender(name, lambda: _lap(make, frames), packages)

    size = sorted(map(len, frames))[len(frames) // 2]
    plural = "s" if events_a_frame > 1 else ""
    return Row(
        f"D3/{events_a_frame}",
        f"Exchange delta of {events_a_frame} event{plural} ({size} B) on {LIVE_ORDERS} live orders: decode, apply,"
        " read the best",
        len(frames),
        (
            contender(OURS, OurQueueBot),
            contender(HANDMADE, HandmadeQueueBot, "msgspec"),
            contender("orjson + dicts", orjson_bot, "orjson"),
            contender(JSON, json_bot, "sortedcontainers"),
        ),
        targets,
        lambda: _expected(events_a_frame),
    )


ROWS = (
    _row(1, (Target(HANDMADE, 6.0, 3.3), Target(JSON, 15.0, 11.0))),
    _row(10, (Target(HANDMADE, 9.0, 4.2), Target(JSON, 15.0, 8.5))),
)
