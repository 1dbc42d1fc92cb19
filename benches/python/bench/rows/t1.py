"""T1, T2: from the frame on the socket to the signed order on the socket, everything between them included.

The bots are processes of their own and so is their venue, which polls on another core, pushes one difference after
another with a pause between them, and stops its clock when the order that answers is whole and its signature is right.
By the wall clock: a lap counts its median reaction in T1, and in T2 its 99th percentile or its median in a loop that
sleeps. Exchange takes orders over the WebSocket, CoinEx over REST. T3 is our bot only, and what each argument of
``tradewire.run`` is worth to it.
"""

from dataclasses import replace

from bench import tick
from bench.row import OURS, Contender, Lap, Row, Target
from bench.tick import Setup
from bench.timing import percentile

PREPARED = f"{OURS}, prepared"
HANDMADE, TYPICAL, CCXT, FLOOR = "hand-made", "aiohttp + json", "ccxt.pro", "bare Protocol"

POLLED_LAP = (20, 100, 150, 100)
"""Pushes that are not counted, pushes that are, pause between them and its jitter, both in microseconds."""
TAIL_LAP = (20, 300, 150, 100)
SLEEPING_LAP = (5, 40, 1_200, 400)

GLUE = ("picows", "deflate", "msgspec", "aiofastnet")
COINEX = {
    OURS: ("tradewire", ()),
    PREPARED: ("tradewire-prepared", ()),
    HANDMADE: ("handmade", GLUE),
    "hand-made + pyreqwest": ("handmade-pyreqwest", (*GLUE, "pyreqwest")),
    "hand-made + httpx": ("handmade-httpx", (*GLUE, "httpx")),
    TYPICAL: ("typical", ("aiohttp",)),
    CCXT: ("ccxt", ("ccxt",)),
    FLOOR: ("floor", ("aiofastnet",)),
}
EXCHANGE = {
    OURS: ("tradewire-exchange", ()),
    PREPARED: ("tradewire-exchange-prepared", ()),
    HANDMADE: ("handmade-exchange", ("picows", "msgspec")),
    TYPICAL: ("typical-exchange", ("aiohttp",)),
    FLOOR: ("floor-exchange", ("aiofastnet",)),
}
NOTES = {
    PREPARED: "prepare_order(...).send in place of send_order",
    CCXT: "verifies no checksum, signs with a plain hash",
    FLOOR: "our native parts without the client: no limits, no order tracking, no checks of arguments",
}


def lap(setup: Setup, share: float) -> Lap:
    """Make a lap whose figure is this percentile of the reactions of the bot of ``setup``."""
    pair = tick.pair(setup)
    plan = (TAIL_LAP if share > 0.5 else POLLED_LAP) if setup.is_polled else SLEEPING_LAP
    reactions_ns: list[int] = []

    def run() -> None:
        reactions_ns[:] = pair.reactions_ns(*plan)

    def answer() -> list[object]:
        orders = tick.orders_of(pair.shown)
        # It would notice if it looked.
        return [*orders[:-1], None] if setup.bot == "ccxt" else orders

    return Lap(run, answer, lambda: round(percentile(reactions_ns, share)), lambda: reactions_ns)


def _row(
    row_id: str,
    question: str,
    setup: Setup,
    targets: tuple[Target, ...],
    share: float = 0.5,
    *,
    is_long: bool = True,
) -> Row:
    bots = COINEX if setup.venue == "coinex" else EXCHANGE
    loop = ("uvloop",) if setup.uses_uvloop else ()

    def contender(name: str, bot: str, packages: tuple[str, ...]) -> Contender:
        its = replace(setup, bot=bot)
        return Contender(name, lambda: lap(its, share), (*packages, *loop), NOTES.get(name, ""))

    return Row(
        row_id,
        question,
        1,
        tuple(contender(name, *bot) for name, bot in bots.items()),
        targets,
        lambda: tick.expected(setup.venue),
        is_long,
        FLOOR,
    )


REST, WS = Setup("", "coinex"), Setup("", "exchange")
REST_TLS, WS_TLS = replace(REST, is_tls=True), replace(WS, is_tls=True)
OF_REST = (
    Target(HANDMADE, 1.18, 0.57),
    Target(TYPICAL, 6.0, 3.0),
    Target(CCXT, 12.0, 6.5),
    Target(FLOOR, 0.87, 0.39),
)
OF_WS = (Target(HANDMADE, 1.18, 0.55), Target(TYPICAL, 3.0, 1.1), Target(FLOOR, 0.87, 0.46))
TAIL = (Target(HANDMADE, 1.0),)
REST_ASLEEP = (Target(HANDMADE, 1.075, 0.78), Target(TYPICAL, 3.5, 2.0), Target(CCXT, 6.0, 3.2))
WS_ASLEEP = (Target(HANDMADE, 1.075, 0.6), Target(TYPICAL, 3.5, 0.95))
COINEX_WAY = "CoinEx, depth difference on the socket to the signed order on the socket"
EXCHANGE_WAY = "Exchange, delta on one WebSocket to the order on another"
POLLED = "a loop that never sleeps"


def _sleeping(setup: Setup) -> Setup:
    return replace(setup, is_polled=False)


def _rows() -> tuple[Row, ...]:
    asyncios = replace(REST, uses_uvloop=False)
    polled = (
        _row("T1/rest", f"{COINEX_WAY}, {POLLED}", REST, OF_REST, is_long=False),
        _row("T1/rest-tls", f"{COINEX_WAY}, {POLLED}, over TLS", REST_TLS, OF_REST),
        _row("T1/rest-asyncio", f"{COINEX_WAY}, asyncio's own loop, polled", asyncios, OF_REST),
        _row("T1/ws", f"{EXCHANGE_WAY}, {POLLED}", WS, OF_WS, is_long=False),
        _row("T1/ws-tls", f"{EXCHANGE_WAY}, {POLLED}, over TLS", WS_TLS, OF_WS),
    )
    others = []
    ways = (
        ("rest", COINEX_WAY, REST),
        ("rest-tls", f"{COINEX_WAY}, over TLS", REST_TLS),
        ("ws", EXCHANGE_WAY, WS),
        ("ws-tls", f"{EXCHANGE_WAY}, over TLS", WS_TLS),
    )
    for name, way, setup in ways:
        others.append(_row(f"T2/{name}-p99", f"{way}, {POLLED}, 99th percentile", setup, TAIL, 0.99))
    for name, way, setup in ways:
        targets = REST_ASLEEP if setup.venue == "coinex" else WS_ASLEEP
        others.append(_row(f"T2/{name}-sleeping", f"{way}, a loop that sleeps", _sleeping(setup), targets))
    return *polled, *others


def _prices() -> Row:
    """What each argument of ``tradewire.run`` takes off a reaction: all of them, and each one left out."""
    whole = replace(REST, bot="tradewire")
    setups = {
        OURS: whole,
        "without uvloop": replace(whole, uses_uvloop=False),
        "without busy_poll": replace(whole, is_polled=False),
        "without pin": replace(whole, is_pinned=False),
        "without freeze": replace(whole, is_frozen=False),
        "none of them": replace(whole, uses_uvloop=False, is_polled=False, is_pinned=False, is_frozen=False),
    }

    def contender(name: str, setup: Setup) -> Contender:
        return Contender(name, lambda: lap(setup, 0.5), ("uvloop",) if setup.uses_uvloop else ())

    return Row(
        "T3",
        f"{COINEX_WAY}, our bot with every argument of tradewire.run, and with one left out",
        1,
        tuple(contender(name, setup) for name, setup in setups.items()),
        (),
        lambda: tick.expected("coinex"),
        is_long=True,
    )


ROWS = (*_rows(), _prices())
