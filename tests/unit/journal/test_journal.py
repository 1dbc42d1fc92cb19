"""The journal of orders: what is written comes back, what is torn is cut off, what is damaged is refused."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
from decimal import Decimal
from itertools import count
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from support.witness import PATIENCE_S
from tradewire.errors import ConfigError, JournalFailed
from tradewire.journal.entries import VERSION, Begun, Entry, Filled, Intent, Outcome, read_entry, written
from tradewire.journal.file import LineFile
from tradewire.journal.journal import Journal, JournalState, read_journal
from tradewire.model import Fill, Liquidity, Order, OrderStatus, Side, sent_order

NS_PER_S = 1_000_000_000


def an_order(name: str = "bot-1") -> Order:
    return sent_order(
        market="BTCUSDT",
        side=Side.BUY,
        size=Decimal("0.0100"),
        price=Decimal("61000.10"),
        client_order_id=name,
    )


def a_report(order: Order, status: OrderStatus, order_id: str = "7", filled: str = "0") -> Order:
    return replace(order, order_id=order_id, status=status, filled_size=Decimal(filled), updated_at_ns=5)


def a_fill(order: Order, trade_id: str = "t1", size: str = "0.004") -> Fill:
    return Fill(
        trade_id=trade_id, order_id="7", client_order_id="", market=order.market, side=order.side,
        price=Decimal("61000.1"), size=Decimal(size), liquidity=Liquidity.MAKER, fee=Decimal("-0.0001"),
        fee_asset="BTC", time_ns=9,
    )  # fmt: skip


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "bot.journal"


def test_what_was_written_comes_back(path: Path) -> None:
    order = an_order()
    with Journal(path) as journal:
        book = journal.book("coinex")
        book.intend(order)
        book.report(a_report(order, OrderStatus.OPEN))
        book.fill("bot-1", a_fill(order))
        book.intend(an_order("bot-2"))
        book.report(replace(an_order("bot-2"), status=OrderStatus.REJECTED), "OrderRejected: too small")
        journal.book("exchange").intend(an_order("bot-1"))
    with Journal(path) as journal:
        open_order, other = journal.live
        assert (open_order.book, open_order.placed, open_order.status) == ("coinex", order, OrderStatus.OPEN)
        assert open_order.order_id == "7"
        assert open_order.fills == {"t1": a_fill(order)}
        assert (other.book, other.status, other.report) == ("exchange", OrderStatus.PENDING, None)
        assert [one.error for one in journal.finished] == ["OrderRejected: too small"]
        book = journal.book("coinex")
        assert book.live == (open_order,)
        with pytest.raises(ConfigError, match="serves another client of coinex"):
            journal.book("coinex")
        book.release()
        journal.book("coinex")
        assert journal.torn_bytes == 0


@pytest.mark.parametrize("kept", [0, 1, 9, 30])
def test_a_torn_end_is_cut_off_and_the_rest_is_kept(path: Path, kept: int) -> None:
    with Journal(path) as journal:
        journal.book("coinex").intend(an_order("first"))
    whole = path.read_bytes()
    with Journal(path) as journal:
        journal.book("coinex").intend(an_order("second"))
    path.write_bytes(path.read_bytes()[: len(whole) + kept])
    with Journal(path) as journal:
        assert [one.placed.client_order_id for one in journal.live] == ["first"]
        assert journal.torn_bytes == kept
        journal.book("coinex").intend(an_order("third"))
    assert [one.placed.client_order_id for one in read_journal(path).live] == ["first", "third"]


@given(cut=st.integers(min_value=0, max_value=3000))
def test_wherever_the_process_dies_all_whole_lines_are_there(
    tmp_path_factory: pytest.TempPathFactory, cut: int
) -> None:
    path = tmp_path_factory.mktemp("journal") / "bot.journal"
    with Journal(path) as journal:
        book = journal.book("coinex")
        for number in range(4):
            book.intend(an_order(f"bot-{number}"))
    data = path.read_bytes()[:cut]
    path.write_bytes(data)
    with Journal(path) as journal:
        # The first line begins the file; one that lacks no more than its newline is torn.
        assert len(journal.live) == max(0, data.count(b"\n") - 1)


def test_damage_before_the_end_is_refused_and_nothing_is_cut_off(path: Path) -> None:
    with Journal(path) as journal:
        book = journal.book("coinex")
        for number in range(3):
            book.intend(an_order(f"bot-{number}"))
    data = bytearray(path.read_bytes())
    data[data.index(b"bot-1")] ^= 1
    path.write_bytes(data)
    with pytest.raises(JournalFailed, match="damaged in line 3"):
        Journal(path)
    with pytest.raises(JournalFailed, match="damaged in line 3"):
        read_journal(path)
    assert path.read_bytes() == bytes(data)


def test_another_version_and_another_file_are_refused(path: Path, tmp_path: Path) -> None:
    file, _ = LineFile.open(path)
    file.append(written(Begun(VERSION + 1, 0)))
    file.close()
    with pytest.raises(JournalFailed, match=f"version {VERSION}, got {VERSION + 1}"):
        Journal(path)
    strange = tmp_path / "notes.txt"
    strange.write_text("remember the milk\nand the bread\n")
    with pytest.raises(JournalFailed, match="damaged in line 1"):
        Journal(strange)
    with pytest.raises(JournalFailed, match="must be an entry"):
        read_entry(b'{"kind":"haiku"}')
    with pytest.raises(JournalFailed, match="must be a file that can be written"):
        Journal(tmp_path / "no such folder" / "bot.journal")
    with pytest.raises(JournalFailed, match="must be a journal that can be read"):
        read_journal(tmp_path / "nothing.journal")


def test_a_journal_has_one_writer(path: Path) -> None:
    with Journal(path):
        with pytest.raises(JournalFailed, match="one writer"):
            Journal(path)
        # Readers may look at any time.
        assert read_journal(path).live == ()
    Journal(path).close()


def test_nothing_is_written_after_it_was_closed(path: Path) -> None:
    with Journal(path) as journal:
        book = journal.book("coinex")
    for _ in range(2):
        with pytest.raises(JournalFailed, match="is closed"):
            book.intend(an_order())
    assert journal.live == ()


def test_a_full_disk_sends_no_order_and_tears_nothing(path: Path) -> None:
    program = f"""
import resource, signal
from tests_of_the_journal import an_order
from tradewire.errors import JournalFailed
from tradewire.journal.journal import Journal
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
journal = Journal({str(path)!r})
resource.setrlimit(resource.RLIMIT_FSIZE, (3000, 3000))
written = 0
book = journal.book("coinex")
try:
    while True:
        book.intend(an_order(f"bot-{{written}}"))
        written += 1
except JournalFailed as error:
    print(written, error)
"""
    names = {"tests_of_the_journal": Path(__file__)}
    loader = "".join(
        f"import importlib.util, sys\ns = importlib.util.spec_from_file_location({name!r}, {str(file)!r})\n"
        f"m = importlib.util.module_from_spec(s); sys.modules[{name!r}] = m; s.loader.exec_module(m)\n"
        for name, file in names.items()
    )
    done = subprocess.run(
        [sys.executable, "-c", loader + program],
        capture_output=True,
        text=True,
        check=True,
        env={**os.environ, "PYTHONPATH": str(Path(__file__).parents[2])},
    )
    count, words = done.stdout.split(" ", 1)
    assert int(count) > 3
    assert "cannot be written" in words
    with Journal(path) as journal:
        assert len(journal.live) == int(count)
        assert journal.torn_bytes == 0


def test_a_long_journal_is_compacted_to_what_counts(path: Path) -> None:
    minutes = count()
    with Journal(
        path, kept_finished=2, compact_bytes=20_000, wall_ns=lambda: next(minutes) * 60 * NS_PER_S
    ) as journal:
        book = journal.book("coinex")
        for number in range(200):
            order = an_order(f"bot-{number}")
            book.intend(order)
            book.fill(order.client_order_id, a_fill(order))
            if number != 5:
                book.report(a_report(order, OrderStatus.FILLED, str(number), "0.01"))
        expected = [repr(one) for one in (*journal.live, *journal.finished)]
        assert len(expected) == 3
        assert path.stat().st_size < 40_000
    with Journal(path, kept_finished=2) as journal:
        assert [repr(one) for one in (*journal.live, *journal.finished)] == expected
        assert journal.live[0].fills
    assert not path.with_name("bot.journal.new").exists()


def test_finished_orders_are_kept_as_long_as_they_may_tell_whose_a_fill_is_not() -> None:
    """However many: what finished within 30 s before now, or before the oldest order not heard of."""
    state = JournalState(kept_finished=1)

    def finish(name: str, at_s: int) -> None:
        state.take(Intent(at_s * NS_PER_S, "exchange", an_order(name)))
        state.take(Outcome(at_s * NS_PER_S, "exchange", a_report(an_order(name), OrderStatus.FILLED)))

    def kept() -> list[str]:
        return [one.placed.client_order_id for one in state.finished]

    for at_s in (100, 120, 129):
        finish(f"at {at_s}", at_s)
    assert kept() == ["at 100", "at 120", "at 129"]
    state.take(Intent(140 * NS_PER_S, "exchange", an_order("not heard of")))
    finish("at 200", 200)
    assert kept() == ["at 120", "at 129", "at 200"]
    state.take(
        Outcome(210 * NS_PER_S, "exchange", a_report(an_order("not heard of"), OrderStatus.NOT_FOUND, ""))
    )
    finish("at 240", 240)
    assert kept() == ["not heard of", "at 240"]


def test_a_fill_that_was_written_names_the_order_though_the_bot_died_before_it_wrote_its_report(
    path: Path,
) -> None:
    with Journal(path) as journal:
        book = journal.book("exchange")
        book.intend(an_order())
        book.fill("bot-1", a_fill(an_order()))
        [order] = journal.live
        assert (order.report, order.order_id) == (None, a_fill(an_order()).order_id)


def test_the_state_follows_ids_used_again_and_orders_that_come_back() -> None:
    state = JournalState()
    first = an_order()

    def take(*entries: Entry) -> None:
        for entry in entries:
            state.take(entry)

    take(Intent(1, "coinex", first), Outcome(2, "coinex", a_report(first, OrderStatus.NOT_FOUND, "")))
    assert [one.status for one in state.finished] == [OrderStatus.NOT_FOUND]
    # Concluded, not reported: a later report counts.
    take(Outcome(3, "coinex", a_report(first, OrderStatus.OPEN)))
    assert [one.status for one in state.live] == [OrderStatus.OPEN]
    # The same intent again takes back a report and a fill that were another order's.
    take(Filled(4, "coinex", "bot-1", a_fill(first)), Intent(1, "coinex", first))
    assert [(one.status, one.fills) for one in state.live] == [(OrderStatus.PENDING, {})]
    assert not state.finished
    # Another order with the id: the one before is over.
    take(Intent(9, "coinex", first))
    assert [one.sent_at_ns for one in state.live] == [9]
    assert [one.sent_at_ns for one in state.finished] == [1]
    # Of an order that nobody intended nothing is kept.
    take(Outcome(10, "coinex", a_report(an_order("stranger"), OrderStatus.OPEN)))
    assert len(state.live) == 1


def test_a_journal_in_use_is_waited_for_as_long_as_was_said(tmp_path: Path) -> None:
    first = Journal(tmp_path / "bot.journal")
    with pytest.raises(JournalFailed, match="is in use already"):
        Journal(tmp_path / "bot.journal", wait_s=0.05)
    closing = threading.Timer(0.1, first.close)
    closing.start()
    Journal(tmp_path / "bot.journal", wait_s=PATIENCE_S).close()
    closing.join()


def test_who_waited_gets_the_file_that_was_compacted_meanwhile(tmp_path: Path) -> None:
    path = tmp_path / "bot.journal"
    first, got = Journal(path, compact_bytes=1), list[Journal]()
    waiting = threading.Thread(target=lambda: got.append(Journal(path, wait_s=PATIENCE_S)))
    waiting.start()
    first.book("here").intend(an_order())
    first.close()
    waiting.join()
    assert [order.placed for order in got[0].live] == [an_order()]
    got[0].book("here").intend(an_order("bot-2"))
    got[0].close()
    assert len(read_journal(path).live) == 2
