"""T1, T2: from the frame on the socket to the signed order on the socket, everything between them included.

The bots are processes of their own and so is their venue, which polls on another core, pushes one difference after
another with a pause between them, and stops its clock when the order that answers is whole and its signature is right.
By the wall clock: a lap counts its median reaction in T1, and in T2 its 99th percentile or its median in a loop that
sleeps. Exchange takes orders over the WebSocket, CoinEx over REST.
"""

from dataclasses import replace

from bench import tick
from bench.row import OURS, Contender, Lap, Row, Target
from bench.tick import Setup
from bench.timing import percentile

HANDMADE, PYREQWEST, TYPICAL = "hand-made", "hand-made + pyreqwest", "aiohttp + json"
CCXT, FLOOR = "ccxt.pro", "bare Protocol"

POLLED_LAP = (20, 100, 150, 100)
"""Pushes that are not counted, pushes that are, pause between them and its jitter, both in microseconds."""
TAIL_LAP = (20, 300, 150, 100)
SLEEPING_LAP = (5, 40, 1_200, 400)

GLUE = ("picows", "deflate", "msgspec", "aiofastnet")
COINEX = {
    OURS: ("tradewire", ()),
    HANDMADE: ("handmade", GLUE),
    PYREQWEST: ("handmade-pyreqwest", (*GLUE, "pyreqwest")),
    TYPICAL: ("typical", ("aiohttp",)),
    CCXT: ("ccxt", ("ccxt",)),
    FLOOR: ("floor", ("aiofastnet",)),
}
EXCHANGE = {
    OURS: ("tradewire-exchange", ()),
    HANDMADE: ("handmade-exchange", ("picows", "msgspec")),
    TYPICAL: ("typical-exchange", ("aiohttp",)),
}
NOTES = {
    CCXT: "verifies no checksum, signs with a plain hash",
    FLOOR: "our native parts without the client: no limits, no order tracking, no checks of arguments",
}
BEST = (
    Target(HANDMADE, 1.18),
    Target(TYPICAL, 6.0),
    Target(CCXT, 12.0),
    Target(FLOOR, 0.87),
)


def _lap(setup: Setup, share: float) -> Lap:
    pair = tick.pair(setup)
    plan = (TAIL_LAP if share > 0.5 else POLLED_LAP) if setup.is_polled else SLEEPING_LAP
    figure_ns = 0.0

    def run() -> None:
        nonlocal figure_ns
        figure_ns = percentile([float(ns) for ns in pair.reactions_ns(*plan)], share)

    def answer() -> list[object]:
        orders = tick.orders_of(pair.shown)
        # It would notice if it looked.
        return [*orders[:-1], None] if setup.bot == "ccxt" else orders

    return Lap(run, answer, lambda: round(figure_ns))


def _row(
    row_id: str,
    question: str,
    setup: Setup,
    targets: tuple[Target, ...],
    share: float = 0.5,
    *,
    is_long: bool = False,
) -> Row:
    bots = COINEX if setup.venue == "coinex" else EXCHANGE
    loop = ("uvloop",) if setup.uses_uvloop else ()

    def contender(name: str, bot: str, packages: tuple[str, ...]) -> Contender:
        its = replace(setup, bot=bot)
        return Contender(name, lambda: _lap(its, share), (*packages, *loop), NOTES.get(name, ""))

    return Row(
        row_id,
        question,
        1,
        tuple(contender(name, *bot) for name, bot in bots.items()),
        targets,
        lambda: tick.expected(setup.venue),
        is_long,
    )


REST = Setup("", "coinex", is_polled=True)
LANE = Setup("", "exchange", is_polled=True)
PUSH = "depth difference on the socket to the signed order on the socket"

ROWS = (
    _row("T1/rest", f"CoinEx, a loop that never sleeps: {PUSH}", REST, BEST),
    _row("T2/p99", "the same, 99th percentile", REST, (Target(HANDMADE, 1.0),), 0.99),
    _row("T1/tls", "the same over TLS", replace(REST, is_tls=True), BEST, is_long=True),
    _row("T1/asyncio", "the same on asyncio's loop", replace(REST, uses_uvloop=False), BEST, is_long=True),
    _row(
        "T2/sleeping",
        f"CoinEx, a loop that sleeps: {PUSH}",
        replace(REST, is_polled=False),
        (Target(HANDMADE, 1.075), Target(TYPICAL, 3.5), Target(CCXT, 6.0)),
    ),
    _row(
        "T1/ws",
        "Exchange, a loop that never sleeps: delta on one WebSocket to the order on another",
        LANE,
        (Target(HANDMADE, 1.18), Target(TYPICAL, 3.0)),
    ),
)
