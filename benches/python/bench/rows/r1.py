"""R1: from the call that sends an order until its bytes are at the server, and until the reply is read.

The peer polls on a core of its own, the loop of the clients never sleeps. Both are by the wall clock, and a lap
counts its median request: one that the system put off says nothing of the client.
"""

from statistics import median
from time import time_ns

from bench.contenders import http_clients
from bench.contenders.http_clients import Open, Send
from bench.row import OURS, Contender, Lap, Row, Target

BODY = (
    b'{"market":"BTCUSDT","market_type":"SPOT","side":"buy","type":"limit","amount":"0.001","price":"63500"}'
)
HEADERS = {
    "Content-Type": "application/json; charset=utf-8",
    "X-COINEX-KEY": "A" * 32,
    "X-COINEX-SIGN": "0123456789abcdef" * 4,
    "X-COINEX-TIMESTAMP": "1763640000000",
}
REQUESTS = [(f"?n={number}", HEADERS, BODY) for number in range(50)]
FLOOR, HANDMADE = "bare Protocol", "hand-made"
CLIENTS: dict[str, tuple[Open, tuple[str, ...]]] = {
    OURS: (http_clients.ours, ()),
    "aiohttp": (http_clients.aiohttp, ("aiohttp",)),
    "httpx": (http_clients.httpx, ("httpx",)),
    "pyreqwest": (http_clients.pyreqwest, ("pyreqwest",)),
    HANDMADE: (http_clients.handmade, ("aiofastnet",)),
    FLOOR: (http_clients.bare, ("aiofastnet",)),
}
NOTES = {
    HANDMADE: "reads replies by length, times nothing out, checks nothing",
    FLOOR: "reads no reply that comes in two pieces",
}
Times = tuple[float, float]
"""Nanoseconds until the request was whole at the server, and until the reply was read."""


async def _send_all(send: Send) -> Times:
    """Give the medians of both times over all requests."""
    to_peer_ns, round_ns = [], []
    for path, headers, body in REQUESTS:
        began_ns = time_ns()
        _, reply = await send(f"/stamp{path}", headers, body)
        round_ns.append(time_ns() - began_ns)
        to_peer_ns.append(http_clients.received_at_ns(reply) - began_ns)
    return median(to_peer_ns), median(round_ns)


def _lap(name: str, opening: Open, which: int, *, is_tls: bool) -> Lap:
    clients = http_clients.clients(is_tls=is_tls)
    send = clients.client(name, opening)
    medians_ns = (0.0, 0.0)

    def run() -> None:
        nonlocal medians_ns
        medians_ns = clients.run(_send_all(send))

    return Lap(
        run,
        lambda: clients.run(http_clients.echoed(send, REQUESTS)),
        lambda: round(medians_ns[which] * len(REQUESTS)),
    )


def _expected() -> object:
    kept = sorted([name.lower(), value] for name, value in HEADERS.items())
    return [(200, [f"POST /echo{path} HTTP/1.1", kept, body.decode()]) for path, _, body in REQUESTS]


def _row(variant: str, question: str, which: int, targets: tuple[Target, ...], *, is_tls: bool) -> Row:
    def contender(name: str, opening: Open, packages: tuple[str, ...]) -> Contender:
        note = NOTES.get(name, "")
        return Contender(name, lambda: _lap(name, opening, which, is_tls=is_tls), packages, note)

    return Row(
        f"R1/{variant}{'-tls' if is_tls else ''}",
        question + (", over TLS" if is_tls else ""),
        len(REQUESTS),
        tuple(contender(name, *client) for name, client in CLIENTS.items()),
        targets,
        _expected,
        is_long=is_tls or which > 0,
        floor=FLOOR,
    )


CALL = "an order's request of 350 bytes on a warm connection: from the call until it is whole at the server"
ROUND = "the same until the reply is read, from a server that answers at once"

ROWS = (
    _row("call", CALL, 0, (Target("aiohttp", 7.0, 4.4), Target("pyreqwest", 2.4, 2.0)), is_tls=False),
    _row("call", CALL, 0, (Target("aiohttp", 7.0, 6.0), Target("pyreqwest", 2.4, 2.0)), is_tls=True),
    _row("round", ROUND, 1, (Target("aiohttp", 4.0, 3.9), Target("pyreqwest", 2.4, 3.0)), is_tls=False),
    _row("round", ROUND, 1, (Target("aiohttp", 4.0, 4.0), Target("pyreqwest", 2.4, 3.0)), is_tls=True),
)
