"""Tick to trade: a venue that never sleeps, bots in processes of their own, and who of them may run.

The venue is ``benches/rust/peer``, one process for each bot, on the first core; the bot sits on the last. Whoever is
not measured is stopped (SIGSTOP), so that nobody polls beside the one whose turn it is and laps can be interleaved.
"""

import atexit
import gzip
import ipaddress
import json
import os
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from functools import cache
from pathlib import Path
from time import monotonic
from typing import Any

from bench import machine, order_flow, tape, truth
from bench.order_flow import ADDED, REMOVED, Event, Order
from bench.row import WrongAnswerError

SECRET = "exch_0123456789abcdef0123456789abcdef"
"""CoinEx's secret and Exchange's key."""
ACCESS_ID = "BENCH0123456789ABCDEF0123456789A"
SIZE = "0.001"
QUANTITY = 3
SNAPSHOT, PUSH, UNANSWERED, NUMBERED = range(4)
SHOWN = 40
"""Pushes whose answers are looked at; the next one after them has to be left unanswered."""
LEVELS, ORDERS_OF_OURS = 100, 64
PEER = machine.ROOT / "benches" / "rust" / "peer"
PATIENCE_S = 20.0
"""A pair that was stopped for longer is started anew: clients give up a connection that is silent for so long."""
Record = tuple[int, bytes]


@dataclass(frozen=True, slots=True)
class Setup:
    """How a bot runs, and against what.

    Args:
        bot: Its name in ``bench.contenders.tick_bots``.
        venue: ``coinex`` (orders over REST) or ``exchange`` (orders over the WebSocket).
        is_polled: The loop never sleeps.
        uses_uvloop: uvloop instead of asyncio's.
        is_tls: Over TLS.
    """

    bot: str
    venue: str
    is_polled: bool
    uses_uvloop: bool = True
    is_tls: bool = False


class Pair:
    """A bot and its venue, stopped except while they are asked; the first question shows whether the bot is right."""

    def __init__(self, setup: Setup) -> None:
        certificate = _certificate() if setup.is_tls else ()
        self._peer = subprocess.Popen(
            [str(_program()), setup.venue, str(_frames(setup.venue)), SECRET, *map(str, certificate)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        if hasattr(os, "sched_setaffinity") and (os.cpu_count() or 1) > 1:
            os.sched_setaffinity(self._peer.pid, {0})
        assert self._peer.stdout is not None
        options = {
            "bot": setup.bot,
            "port": int(self._peer.stdout.readline()),
            "is_polled": setup.is_polled,
            "uses_uvloop": setup.uses_uvloop,
            "cafile": str(certificate[0]) if certificate else "",
        }
        self._bot = subprocess.Popen(
            [sys.executable, "-m", "bench.contenders.tick_bots", json.dumps(options)],
            cwd=Path(__file__).parents[1],
            stdin=subprocess.DEVNULL,
        )
        self._name = f"{setup.bot} on {setup.venue}"
        self._used_s = monotonic()
        self.shown: list[Any] = self._ask(f"show {SHOWN + 1}")["orders"]
        """The orders that answered the first pushes, as the bot wrote them."""

    @property
    def is_fresh(self) -> bool:
        """Whether neither side can have given the other up for its silence."""
        return monotonic() < self._used_s + PATIENCE_S

    def reactions_ns(self, skip: int, count: int, gap_us: int, jitter_us: int) -> list[int]:
        """Return the reactions to ``count`` pushes, after ``skip`` others; raises if one was wrong or missing."""
        answer = self._ask(f"go {skip} {count} {gap_us} {jitter_us}")
        if answer["missed"] or answer["unsigned"]:
            missed, unsigned = answer["missed"], answer["unsigned"]
            raise WrongAnswerError(f"{self._name}: {missed} pushes unanswered, {unsigned} wrong signatures")
        reactions_ns: list[int] = answer["ns"]
        return reactions_ns

    def close(self) -> None:
        """End both processes."""
        for process in (self._bot, self._peer):
            process.kill()
            process.communicate()

    def _ask(self, command: str) -> dict[str, Any]:
        """Let the pair run, and return what the peer says."""
        assert self._peer.stdin is not None
        assert self._peer.stdout is not None
        self._signal(signal.SIGCONT)
        self._peer.stdin.write(command + "\n")
        self._peer.stdin.flush()
        line = self._peer.stdout.readline()
        self._signal(signal.SIGSTOP)
        self._used_s = monotonic()
        answer: dict[str, Any] = json.loads(line) if line else {"error": "the peer is gone"}
        if "error" in answer or self._bot.poll() is not None:
            raise WrongAnswerError(f"{self._name}: {answer.get('error', 'the bot is gone')}")
        return answer

    def _signal(self, number: signal.Signals) -> None:
        for process in (self._peer, self._bot):
            if process.poll() is None:
                process.send_signal(number)


_pairs: dict[Setup, Pair] = {}


def pair(setup: Setup) -> Pair:
    """Return the pair, started when it is first asked for, or was not asked for too long."""
    known = _pairs.get(setup)
    if known is not None and known.is_fresh:
        return known
    if known is not None:
        known.close()
    started = _pairs[setup] = Pair(setup)
    return started


@atexit.register
def _close() -> None:
    for one in _pairs.values():
        one.close()


def orders_of(texts: Iterable[Any]) -> list[object]:
    """Return side, price and size of each order as it was sent; None where none was."""
    return [None if order is None or isinstance(order, str) else _order_of(order) for order in texts]


def _order_of(order: dict[str, Any]) -> tuple[str, Decimal, Decimal]:
    size = order.get("amount", order.get("quantity"))
    return str(order["side"]).lower(), Decimal(str(order["price"])), Decimal(str(size))


@cache
def expected(venue: str) -> list[object]:
    """Return what a right bot does, by the standard library: it joins the side with the larger best size."""
    if venue == "coinex":
        kept = tape.load()
        bests: Iterable[Any] = truth.bests([kept.snapshot, *kept.deltas[:SHOWN]])[1:]
        size, grid = Decimal(SIZE), Decimal("0.01")
    else:
        opening, events = _flow()
        bests = truth.queues(opening, events[:SHOWN])[:-2]
        size, grid = Decimal(QUANTITY), Decimal(1)
    orders: list[object] = []
    for bid, bid_size, ask, ask_size in bests:
        side, price = ("buy", bid) if bid_size > ask_size else ("sell", ask)
        orders.append((side, Decimal(price).quantize(grid), size))
    return [*orders, None]


def _records(venue: str) -> list[Record]:
    if venue == "coinex":
        kept = tape.load()
        pushes = [(PUSH, frame) for frame in kept.deltas]
        pushes.insert(SHOWN, (UNANSWERED, _with_wrong_checksum(kept.deltas[SHOWN])))
        return [(SNAPSHOT, kept.snapshot), *pushes]
    opening, events = _flow()
    flow = order_flow.OrderFlow(opening, events)
    frames = [
        (NUMBERED, frame.replace(b'"sequence":%d' % number, b'"sequence":#', 1))
        for number, frame in enumerate(order_flow.deltas(flow, 1), 1)
    ]
    out_of_turn = frames[SHOWN][1].replace(b"#", b"%d" % (SHOWN + 7))
    frames.insert(SHOWN, (UNANSWERED, out_of_turn))
    return [(SNAPSHOT, order_flow.snapshot(flow)), *frames]


def _with_wrong_checksum(frame: bytes) -> bytes:
    push = json.loads(gzip.decompress(frame))
    push["data"]["depth"]["checksum"] ^= 1
    return gzip.compress(json.dumps(push, separators=(",", ":")).encode(), mtime=0)


@cache
def _flow() -> tuple[tuple[Order, ...], tuple[Event, ...]]:
    """Return a market whose events end where they began: orders come near the touch and leave again."""
    flow = order_flow.order_flow()
    kept = {side: [order for order in flow.opening if order[1] == side][:LEVELS] for side in ("buy", "sell")}
    opening = tuple(order for side in kept.values() for order in side)
    added = [order for kind, order in flow.events if kind == ADDED][:ORDERS_OF_OURS]
    events: list[Event] = []
    for number, order in enumerate(added):
        events.append((ADDED, order))
        if number >= 2:
            events.append((REMOVED, added[number - 2]))
    events += [(REMOVED, order) for order in added[-2:]]
    return opening, tuple(events)


@cache
def _folder() -> Path:
    folder = tempfile.TemporaryDirectory()
    atexit.register(folder.cleanup)
    return Path(folder.name)


@cache
def _frames(venue: str) -> Path:
    path = _folder() / f"{venue}.frames"
    records = _records(venue)
    path.write_bytes(b"".join(bytes([kind]) + len(data).to_bytes(4) + data for kind, data in records))
    return path


@cache
def _program() -> Path:
    """Build the peer, unless it is there, and return its path."""
    target = machine.ROOT / "target" / "peer"
    subprocess.run(
        ["cargo", "build", "--release", "--locked", "--quiet", "--target-dir", str(target)],
        check=True,
        cwd=PEER,
    )
    return target / "release" / "tick-peer"


@cache
def _certificate() -> tuple[Path, Path]:
    """Make a certificate for loopback and its key."""
    from cryptography import x509
    from cryptography.hazmat.primitives import hashes, serialization
    from cryptography.hazmat.primitives.asymmetric import ec

    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "tradewire bench")])
    now, day = datetime.now(UTC), timedelta(days=1)
    loopback = x509.IPAddress(ipaddress.ip_address("127.0.0.1"))
    certificate = (
        x509.CertificateBuilder(
            name, name, key.public_key(), x509.random_serial_number(), now - day, now + day
        )
        .add_extension(x509.SubjectAlternativeName([loopback]), critical=False)
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    paths = _folder() / "cert.pem", _folder() / "key.pem"
    paths[0].write_bytes(certificate.public_bytes(serialization.Encoding.PEM))
    paths[1].write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )
    )
    return paths
