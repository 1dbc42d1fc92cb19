"""Tick to trade: a venue that never sleeps, bots in processes of their own, and who of them may run.

Each bot has a peer of its own (``bench.peer``) on the first core, the bot sits on the last. Whoever is not measured is
stopped (SIGSTOP), so that nobody polls beside the one whose turn it is and laps can be interleaved.
"""

import atexit
import gzip
import json
import signal
import subprocess
import sys
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from decimal import Decimal
from functools import cache
from pathlib import Path
from time import monotonic, sleep
from typing import Any

from bench import machine, order_flow, tape, truth
from bench.order_flow import ADDED, REMOVED, Event, Order
from bench.peer import NUMBERED, PUSH, SNAPSHOT, UNANSWERED, Peer, Record
from bench.row import WrongAnswerError

ACCESS_ID = "BENCH0123456789ABCDEF0123456789A"
SIZE = "0.001"
QUANTITY = 3
SHOWN = 40
"""Pushes whose answers are looked at; the next one after them has to be left unanswered."""
LEVELS, ORDERS_OF_OURS = 100, 64
READING_S = 2.0
PATIENCE_S = 20.0
"""A pair that was stopped for longer is started anew: clients give up a connection that is silent for so long."""


@dataclass(frozen=True, slots=True)
class Setup:
    """How a bot runs, and against what.

    Args:
        bot: Its name in ``bench.contenders.tick_bots``.
        venue: ``coinex`` (orders over REST) or ``exchange`` (orders over the WebSocket).
        is_polled: The loop never sleeps.
        uses_uvloop: uvloop instead of asyncio's.
        is_tls: Over TLS.
        is_pinned: The bot stays on the last core.
        is_frozen: The collector leaves alone what exists when the bot starts.
    """

    bot: str
    venue: str
    is_polled: bool = True
    uses_uvloop: bool = True
    is_tls: bool = False
    is_pinned: bool = True
    is_frozen: bool = True


class Pair:
    """A bot and its venue, stopped except while they are asked; the first question shows whether the bot is right."""

    def __init__(self, setup: Setup) -> None:
        self._peer = Peer(setup.venue, _records(setup.venue), is_tls=setup.is_tls)
        options = asdict(setup) | asdict(self._peer.place)
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
        self._bot.kill()
        self._bot.communicate()
        self._peer.close()

    def _ask(self, command: str) -> dict[str, Any]:
        """Let the pair run, and return what the peer says."""
        self._signal(signal.SIGCONT)
        self._peer.tell(command)
        answer = self._peer.answer()
        self._let_it_read()
        self._signal(signal.SIGSTOP)
        self._used_s = monotonic()
        if "error" in answer or self._bot.poll() is not None:
            raise WrongAnswerError(f"{self._name}: {answer.get('error', 'the bot is gone')}")
        return answer

    def _let_it_read(self) -> None:
        """Wait until the bot has read the last reply: stopped before, it would take the reply for lost."""
        until_s = monotonic() + READING_S
        while machine.unread_bytes(self._peer.place.port) and monotonic() < until_s:
            sleep(0.001)
        sleep(0.001)

    def _signal(self, number: signal.Signals) -> None:
        self._peer.signal(number)
        if self._bot.poll() is None:
            self._bot.send_signal(number)


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


@cache
def _records(venue: str) -> tuple[Record, ...]:
    if venue == "coinex":
        kept = tape.load()
        pushes = [(PUSH, frame) for frame in kept.deltas]
        pushes.insert(SHOWN, (UNANSWERED, _with_wrong_checksum(kept.deltas[SHOWN])))
        return (SNAPSHOT, kept.snapshot), *pushes
    opening, events = _flow()
    flow = order_flow.OrderFlow(opening, events)
    frames = [
        (NUMBERED, frame.replace(b'"sequence":%d' % number, b'"sequence":#', 1))
        for number, frame in enumerate(order_flow.deltas(flow, 1), 1)
    ]
    out_of_turn = frames[SHOWN][1].replace(b"#", b"%d" % (SHOWN + 7))
    frames.insert(SHOWN, (UNANSWERED, out_of_turn))
    return (SNAPSHOT, order_flow.snapshot(flow)), *frames


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
