"""O1: what does it cost to keep an order on disk: its intent, its outcome and one fill?"""

import json
import os
import sqlite3
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path

from bench.row import BEST, OURS, Contender, Lap, Row, Target
from tradewire.model import Fill, Liquidity, Order, OrderStatus, Side, sent_order

ORDERS = 200
WORDS = ("client_order_id", "market", "side", "size", "price", "filled_size", "status")


@dataclass(frozen=True, slots=True)
class Story:
    """What happens to one order."""

    sent: Order
    fill: Fill
    filled: Order


def _story(number: int) -> Story:
    from msgspec.structs import replace

    price, size = Decimal("61000.12") + Decimal(number) / 100, Decimal("0.01000000")
    sent = sent_order(
        market="BTCUSDT",
        side=Side.BUY,
        size=size,
        price=price,
        client_order_id=f"tw-5f3a91c7e2b04d68{number:08x}",
    )
    fill = Fill(
        trade_id=str(1_000_000_000 + number), order_id=str(100_000_000_000 + number), client_order_id="",
        market="BTCUSDT", side=Side.BUY, price=price, size=size, liquidity=Liquidity.MAKER, fee=Decimal("0.00001"),
        fee_asset="BTC", time_ns=1_763_640_000_000_000_000 + number,
    )  # fmt: skip
    filled = replace(sent, order_id=fill.order_id, filled_size=size, status=OrderStatus.FILLED)
    return Story(sent, fill, filled)


STORIES = [_story(number) for number in range(ORDERS)]
Answer = list[tuple[str, str, int]]
"""Of each order its id, where it stands and how many fills it has."""


def _expected() -> Answer:
    return [(story.sent.client_order_id, "filled", 1) for story in STORIES]


def _fresh() -> Path:
    # Removed with the interpreter's other temporary files: a lap's file is small.
    return Path(tempfile.mkdtemp(prefix="tradewire-bench-")) / "orders"


def _ours() -> Lap:
    from tradewire.journal.journal import Journal, read_journal

    path = _fresh()
    journal = Journal(path)
    book = journal.book("bench/spot")

    def run() -> None:
        for story in STORIES:
            book.intend(story.sent)
            book.fill(story.sent.client_order_id, story.fill)
            book.report(story.filled)

    def answer() -> Answer:
        run()
        journal.close()
        orders = read_journal(path).finished
        return [(one.placed.client_order_id, one.status.value, len(one.fills)) for one in orders]

    return Lap(run, answer)


def _as_dict(order: Order) -> dict[str, str]:
    return {word: str(getattr(order, word)) for word in WORDS}


def _of_fill(fill: Fill, name: str) -> dict[str, str]:
    return {
        "client_order_id": name,
        "trade_id": fill.trade_id,
        "price": str(fill.price),
        "size": str(fill.size),
    }


def _told(entries: Iterator[dict[str, str]]) -> Answer:
    status: dict[str, str] = {}
    fills: dict[str, int] = {}
    for entry in entries:
        name = entry["client_order_id"]
        if "trade_id" in entry:
            fills[name] = fills.get(name, 0) + 1
        else:
            status[name] = entry["status"]
    return [(name, state, fills.get(name, 0)) for name, state in status.items()]


def _lines() -> Lap:
    """Append lines of JSON without a checksum, as people do."""
    path = _fresh()
    fd = os.open(path, os.O_CREAT | os.O_WRONLY | os.O_APPEND)

    def write(entry: dict[str, str]) -> None:
        os.write(fd, json.dumps(entry).encode() + b"\n")

    def run() -> None:
        for story in STORIES:
            write(_as_dict(story.sent))
            write(_of_fill(story.fill, story.sent.client_order_id))
            write(_as_dict(story.filled))

    def answer() -> Answer:
        run()
        os.close(fd)
        return _told(json.loads(line) for line in path.read_bytes().splitlines())

    return Lap(run, answer)


def _sqlite(synchronous: str) -> Lap:
    """Insert rows into SQLite in WAL mode, each in a transaction of its own."""
    base = sqlite3.connect(_fresh(), isolation_level=None)
    base.execute("pragma journal_mode=wal")
    base.execute(f"pragma synchronous={synchronous}")
    base.execute("create table entries(entry text)")

    def write(entry: dict[str, str]) -> None:
        base.execute("insert into entries values(?)", (json.dumps(entry),))

    def run() -> None:
        for story in STORIES:
            write(_as_dict(story.sent))
            write(_of_fill(story.fill, story.sent.client_order_id))
            write(_as_dict(story.filled))

    def answer() -> Answer:
        run()
        told = _told(json.loads(row[0]) for row in base.execute("select entry from entries order by rowid"))
        base.close()
        return told

    return Lap(run, answer)


def _contender(name: str, prepare: Callable[[], Lap], note: str = "") -> Contender:
    return Contender(name, prepare, note=note)


ROWS = (
    Row(
        "O1",
        "keep an order on disk: intent, fill and outcome, no wait for the disk",
        ORDERS,
        (
            _contender(OURS, _ours),
            _contender("json lines", _lines, note="no checksum, and nothing is kept in memory"),
            _contender("sqlite, normal", lambda: _sqlite("normal")),
            _contender("sqlite, off", lambda: _sqlite("off")),
        ),
        (Target("sqlite, normal", 2.0, required=1.5), Target(BEST, 1.0)),
        _expected,
    ),
)
