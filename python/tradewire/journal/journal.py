"""``Journal``: every order of a bot on disk before it is sent, so that nothing is lost or doubled when the bot dies.

    journal = tradewire.Journal("bot.journal")
    async with Client(credentials, journal=journal) as venue:   # asks what became of the orders of last time
        print(venue.reconciliation)

An order's intent is written before its first byte leaves and its outcome after; a restarted bot gets its open, unknown
and finished orders and fills back, and may trade once the venue has said what became of them. Knows no venue, no socket
and no session: who asks is ``session.reconciling``.
"""

from __future__ import annotations

import os
import time
from collections import OrderedDict
from collections.abc import Callable, Iterator
from pathlib import Path
from types import TracebackType
from typing import Self

from tradewire.errors import ConfigError, JournalFailed
from tradewire.journal.entries import (
    VERSION,
    Begun,
    Entry,
    Filled,
    Intent,
    Outcome,
    Reconciled,
    read_entry,
    written,
)
from tradewire.journal.file import LineFile, read_lines
from tradewire.model import Fill, Order, OrderStatus

__all__ = ["Journal", "JournalBook", "JournalState", "JournalledOrder", "read_journal"]

KEPT_FINISHED = 1_000
COMPACT_BYTES = 64 * 1024 * 1024
FILLS_BOUND = 100_000
"""Fills remembered of one order: more are on disk only."""
KEPT_NS = 30 * 1_000_000_000
"""However many there are, orders that finished no longer ago than this are kept, and as long before the oldest order
that was not heard of: where fills name no order of ours, what is known of the others tells whose they are not."""


class JournalledOrder:
    """One order as the journal has it.

    Attributes:
        book: The venue, and its product where it has several.
        placed: The order as it was sent.
        sent_at_ns: Our time when it was sent, UTC.
        ended_at_ns: Our time when the journal learned that it was final, UTC; 0 if it is not.
        report: The newest that is known; ``None`` if nothing was heard of it.
        error: Why placing it failed, where it did.
        fills: Its fills by the venue's trade id.
    """

    __slots__ = ("book", "ended_at_ns", "error", "fills", "placed", "report", "sent_at_ns")

    def __init__(self, book: str, placed: Order, sent_at_ns: int) -> None:
        self.book = book
        self.placed = placed
        self.sent_at_ns = sent_at_ns
        self.ended_at_ns = 0
        self.report: Order | None = None
        self.error = ""
        self.fills: dict[str, Fill] = {}

    @property
    def status(self) -> OrderStatus:
        """Where it stood when the journal was written last."""
        return OrderStatus.PENDING if self.report is None else self.report.status

    @property
    def order_id(self) -> str:
        """The venue's id; empty while it is not known. A fill that was written before its report names it, too."""
        if self.report is not None and self.report.order_id:
            return self.report.order_id
        return next((fill.order_id for fill in self.fills.values()), "")

    def __repr__(self) -> str:
        order = self.report or self.placed
        return (
            f"<JournalledOrder {self.book} {self.placed.client_order_id} {order.market} {order.side} "
            f"{order.filled_size}/{order.size} {self.status}>"
        )


class JournalState:
    """What the entries of a journal say together.

    Attributes:
        last_ns: Our time of the last entry, by book.
    """

    def __init__(self, kept_finished: int = KEPT_FINISHED) -> None:
        self._kept_finished = kept_finished
        # By book and our id: ids of finished orders may be used again, so the latest counts.
        self._latest: dict[tuple[str, str], JournalledOrder] = {}
        self._live: dict[JournalledOrder, None] = {}
        # Of those the ones without an id of the venue's.
        self._unheard: dict[JournalledOrder, None] = {}
        self._finished: OrderedDict[JournalledOrder, None] = OrderedDict()
        self.last_ns: dict[str, int] = {}

    @property
    def live(self) -> tuple[JournalledOrder, ...]:
        """Orders that are not final, oldest first."""
        return tuple(self._live)

    @property
    def finished(self) -> tuple[JournalledOrder, ...]:
        """The last finished orders, oldest first."""
        return tuple(self._finished)

    def take(self, entry: Entry) -> None:
        """Take one entry: the newest word counts. One about an order that is not kept any more says nothing.

        Raises:
            JournalFailed: The journal is of another version.
        """
        if isinstance(entry, Begun):
            if entry.version != VERSION:
                raise JournalFailed(f"the journal must be of version {VERSION}, got {entry.version}")
            return
        self.last_ns[entry.book] = max(entry.at_ns, self.last_ns.get(entry.book, 0))
        if isinstance(entry, Intent):
            self._begin(JournalledOrder(entry.book, entry.order, entry.at_ns))
        elif isinstance(entry, Outcome):
            order = self._latest.get((entry.book, entry.order.client_order_id))
            if order is not None:
                order.report, order.error = entry.order, entry.error
                self._sort(order, entry.at_ns)
        elif isinstance(entry, Filled):
            order = self._latest.get((entry.book, entry.client_order_id))
            if order is not None and len(order.fills) < FILLS_BOUND:
                order.fills[entry.fill.trade_id] = entry.fill
                self._unheard.pop(order, None)

    def entries(self) -> Iterator[Entry]:
        """Yield entries that say the same, in the order the orders were sent."""
        for order in sorted([*self._finished, *self._live], key=lambda one: one.sent_at_ns):
            at_ns = self.last_ns.get(order.book, order.sent_at_ns)
            yield Intent(order.sent_at_ns, order.book, order.placed)
            for fill in order.fills.values():
                yield Filled(at_ns, order.book, order.placed.client_order_id, fill)
            if order.report is not None:
                yield Outcome(at_ns, order.book, order.report, order.error)

    def _begin(self, order: JournalledOrder) -> None:
        key = order.book, order.placed.client_order_id
        before = self._latest.get(key)
        if before is not None and before in self._live:
            # The same again takes back what was said of it; another one with its id means that it is over.
            del self._live[before]
            self._unheard.pop(before, None)
            if before.sent_at_ns != order.sent_at_ns:
                self._file(before, order.sent_at_ns)
        self._latest[key] = order
        self._live[order] = self._unheard[order] = None

    def _sort(self, order: JournalledOrder, at_ns: int) -> None:
        """Keep an order among the live or the finished ones; a later report may bring one back."""
        if order.order_id or order.status.is_final:
            self._unheard.pop(order, None)
        if order.status.is_final:
            self._live.pop(order, None)
            self._file(order, at_ns)
        else:
            order.ended_at_ns = 0
            self._finished.pop(order, None)
            self._live[order] = None

    def _file(self, order: JournalledOrder, at_ns: int) -> None:
        order.ended_at_ns = at_ns
        self._finished[order] = None
        self._finished.move_to_end(order)
        unheard = next(iter(self._unheard), None)
        since_ns = (at_ns if unheard is None else min(at_ns, unheard.sent_at_ns)) - KEPT_NS
        while len(self._finished) > self._kept_finished:
            oldest = next(iter(self._finished))
            if oldest.ended_at_ns >= since_ns:
                return
            self._forget(oldest)

    def _forget(self, order: JournalledOrder) -> None:
        del self._finished[order]
        key = order.book, order.placed.client_order_id
        if self._latest.get(key) is order:
            del self._latest[key]


class Journal:
    """The orders and fills of one bot in one file, written by one process.

    Cost: an entry is encoded and appended with one system call, about 5 us. With ``durable`` each intent also waits
    for the disk, some hundred microseconds on a good one, and blocks the event loop for that long.

    Args:
        path: The file; made if it is not there. Its folder must be.
        durable: Wait until the disk has an intent before the order is sent. Without it an order survives ``kill -9``
            of the bot, and a crash of the machine only if the system had written it (seconds).
        wait_s: How long to wait, blocking, for another process to give the file up, for a guard that cancels what an
            earlier run left, or for an earlier run that still ends.
        kept_finished: Finished orders that are kept for reports that come late, and in the file when it is compacted;
            more if they finished within the last 30 s.
        compact_bytes: Length from which the file is rewritten without finished orders beyond those.
        wall_ns: Our clock, UTC.

    Raises:
        JournalFailed: The file cannot be used, is damaged, or another process writes it.
    """

    def __init__(
        self,
        path: str | os.PathLike[str],
        *,
        durable: bool = False,
        wait_s: float = 0.0,
        kept_finished: int = KEPT_FINISHED,
        compact_bytes: int = COMPACT_BYTES,
        wall_ns: Callable[[], int] = time.time_ns,
    ) -> None:
        if not isinstance(path, str | os.PathLike):
            raise ConfigError(f"path must be a file's path, got {type(path).__name__}")
        self._durable = durable
        self._compact_bytes = self._compact_at = compact_bytes
        self._wall_ns = wall_ns
        self._taken: set[str] = set()
        self._file, lines = LineFile.open(Path(path), wait_s)
        try:
            self._state = _state_of(lines, kept_finished)
            if not lines:
                self._file.append(written(Begun(VERSION, wall_ns())), is_synced=True)
            self._compact_if_long()
        except BaseException:
            self._file.close()
            raise

    @property
    def path(self) -> Path:
        """Where it is."""
        return self._file.path

    @property
    def torn_bytes(self) -> int:
        """What the bot was writing when it died, cut off at the opening; usually 0."""
        return self._file.torn_bytes

    @property
    def live(self) -> tuple[JournalledOrder, ...]:
        """Orders that are not final as far as the journal knows, oldest first."""
        return self._state.live

    @property
    def finished(self) -> tuple[JournalledOrder, ...]:
        """Finished orders that are still kept, oldest first."""
        return self._state.finished

    def book(self, name: str) -> JournalBook:
        """Return the part of one venue's account, which one client has at a time; clients ask for it.

        Raises:
            ConfigError: Another client has it: give each account a journal of its own.
        """
        if name in self._taken:
            raise ConfigError(
                f"{self.path} serves another client of {name}; give each account its own journal"
            )
        self._taken.add(name)
        return JournalBook(self, name)

    def append(self, entry: Entry) -> None:
        """Write one entry. Raises ``JournalFailed``, and from then on always."""
        self._file.append(written(entry), is_synced=self._durable and isinstance(entry, Intent))
        self._state.take(entry)
        if self._file.size_bytes > self._compact_at:
            self._compact_if_long()

    def sync(self) -> None:
        """Wait until the disk has everything. Raises ``JournalFailed``."""
        self._file.sync()

    def close(self) -> None:
        """Give the file up; from then on nothing is written. Safe to call twice."""
        self._file.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.close()

    def __repr__(self) -> str:
        return f"<Journal {self.path} {len(self.live)} live, {len(self.finished)} finished>"

    def _compact_if_long(self) -> None:
        if self._file.size_bytes <= self._compact_at:
            return
        self._file.replace(map(written, [Begun(VERSION, self._wall_ns()), *self._state.entries()]))
        # A journal of many live orders would else be rewritten with every entry.
        self._compact_at = max(self._compact_bytes, 2 * self._file.size_bytes)


class JournalBook:
    """One venue's part of a journal: what its client writes and what it gets back."""

    def __init__(self, journal: Journal, name: str) -> None:
        self._journal = journal
        self.name = name

    @property
    def live(self) -> tuple[JournalledOrder, ...]:
        """Its orders that are not final as far as the journal knows, oldest first."""
        return tuple(order for order in self._journal.live if order.book == self.name)

    @property
    def finished(self) -> tuple[JournalledOrder, ...]:
        """Its finished orders that are still kept, oldest first."""
        return tuple(order for order in self._journal.finished if order.book == self.name)

    @property
    def last_ns(self) -> int:
        """Our time of its last entry, UTC; 0 if there is none."""
        return self._journal._state.last_ns.get(self.name, 0)

    def intend(self, order: Order, sent_at_ns: int | None = None) -> None:
        """Write that ``order`` is about to be sent; with the time of an earlier intent: take back what was said since.

        Raises:
            JournalFailed: It is not written, so it must not be sent.
        """
        at_ns = self._journal._wall_ns() if sent_at_ns is None else sent_at_ns
        self._journal.append(Intent(at_ns, self.name, order))

    def report(self, order: Order, error: str = "") -> None:
        """Write what is known of an order from now on."""
        self._journal.append(Outcome(self._journal._wall_ns(), self.name, order, error))

    def fill(self, client_order_id: str, fill: Fill) -> None:
        """Write a fill of an order of ours."""
        self._journal.append(Filled(self._journal._wall_ns(), self.name, client_order_id, fill))

    def release(self) -> None:
        """Let another client have it."""
        self._journal._taken.discard(self.name)

    def reconciled(self, orders: int, fills: int) -> None:
        """Write that nothing is unknown any more, and what was found."""
        self._journal.append(Reconciled(self._journal._wall_ns(), self.name, orders, fills))


def read_journal(path: str | os.PathLike[str], kept_finished: int = KEPT_FINISHED) -> JournalState:
    """Return what a journal says, which another process may be writing; of finished orders the last so many.

    Raises:
        JournalFailed: It cannot be read, or is damaged.
    """
    return _state_of(read_lines(Path(path)), kept_finished)


def _state_of(lines: list[bytes], kept_finished: int) -> JournalState:
    state = JournalState(kept_finished)
    for line in lines:
        state.take(read_entry(line))
    return state
