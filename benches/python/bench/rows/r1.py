"""R1: from the call that sends an order until its bytes are at the server, and until the reply is read.

The peer polls on a core of its own, the loop of the clients never sleeps. Both are by the wall clock, and a lap
counts its median request: one that the system put off says nothing of the client.
"""

from statistics import median
from time import perf_counter_ns

from bench.contenders import http_clients
from bench.contenders.http_clients import Open, Send
from bench.row import OURS, Contender, Lap, Row, Target

PATH = "/v2/spot/order"
BODY = (
    b'{"market":"BTCUSDT","market_type":"SPOT","side":"buy","type":"limit","amount":"0.001","price":"63500"}'
)
HEADERS = {
    "Content-Type": "application/json; charset=utf-8",
    "X-COINEX-KEY": "A" * 32,
    "X-COINEX-SIGN": "0123456789abcdef" * 4,
    "X-COINEX-TIMESTAMP": "1763640000000",
}
REQUESTS = [(f"{PATH}?n={number}", HEADERS, BODY) for number in range(50)]
FLOOR = "bare Protocol"


async def _send_all(send: Send, peer: http_clients.Peer) -> tuple[float, float]:
    """Give the medians of both times over all requests."""
    to_peer_ns, round_ns = [], []
    for path, headers, body in REQUESTS:
        began_ns = perf_counter_ns()
        await send(path, headers, body)
        round_ns.append(perf_counter_ns() - began_ns)
        to_peer_ns.append(peer.last_complete_ns - began_ns)
    return median(to_peer_ns), median(round_ns)


def _lap(name: str, opening: Open, which: int) -> Lap:
    peer = http_clients.peer()
    send = peer.client(name, opening)
    medians_ns = (0.0, 0.0)

    def run() -> None:
        nonlocal medians_ns
        medians_ns = peer.run(_send_all(send, peer))

    return Lap(
        run,
        lambda: peer.run(http_clients.echoed(send, REQUESTS)),
        lambda: round(medians_ns[which] * len(REQUESTS)),
    )


def _contender(which: int, name: str, opening: Open, *packages: str, note: str = "") -> Contender:
    return Contender(name, lambda: _lap(name, opening, which), packages, note)


def _contenders(which: int) -> tuple[Contender, ...]:
    return (
        _contender(which, OURS, http_clients.ours),
        _contender(which, "aiohttp", http_clients.aiohttp, "aiohttp"),
        _contender(which, "httpx", http_clients.httpx, "httpx"),
        _contender(which, "pyreqwest", http_clients.pyreqwest, "pyreqwest"),
        _contender(
            which, FLOOR, http_clients.bare, note="reads no reply that comes in two pieces, checks nothing"
        ),
    )


def _expected() -> object:
    kept = sorted((name.lower(), value) for name, value in HEADERS.items())
    pairs = [list(pair) for pair in kept]
    return [(200, [f"POST /echo{path} HTTP/1.1", pairs, body.decode()]) for path, _, body in REQUESTS]


ROWS = (
    Row(
        "R1/call",
        "an order's request of 350 bytes on a warm connection: from the call until it is whole at the server",
        len(REQUESTS),
        _contenders(0),
        (Target("aiohttp", 7.0, 6.0), Target("pyreqwest", 2.4, 2.0)),
        _expected,
    ),
    Row(
        "R1/round",
        "the same until the reply is read, from a server that answers at once",
        len(REQUESTS),
        _contenders(1),
        (Target("aiohttp", 4.0), Target("pyreqwest", 2.4)),
        _expected,
    ),
)
