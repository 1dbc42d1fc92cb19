"""Which journal a guard works on, and what it goes by."""

from __future__ import annotations

from pathlib import Path

import pytest

import tradewire
from support.guarding import PRODUCTS, Account, damage
from tradewire.errors import JournalFailed
from tradewire.guard.clearing import Snapshot, clear

FIRST = PRODUCTS[0]


exists = Path.exists


@pytest.fixture
def path(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr("tradewire.guard.clearing.READ_LAG_S", 0.0)
    tradewire.Journal(tmp_path / "bot.journal").close()
    return tmp_path / "bot.journal"


async def cleared(path: Path, prefix: str = "", *, is_dead: bool = True) -> tuple[Account, list[str]]:
    account, said = Account(), list[str]()
    await clear(Snapshot(path, is_dead=is_dead), {FIRST: account.client}, prefix, said.append)
    return account, said


async def test_the_journal_of_a_dead_bot_is_written(path: Path) -> None:
    account, _ = await cleared(path)
    assert account.journals == [path]


async def test_of_a_bot_that_lives_a_copy_is_used_and_forgotten(path: Path) -> None:
    with tradewire.Journal(path):
        account, _ = await cleared(path, is_dead=False)
    [copy] = account.journals
    assert copy != path
    assert not exists(copy)


async def test_what_a_bot_started_meanwhile_writes_is_not_seen(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tradewire.guard.clearing.LOCK_WITHIN_S", 0.0)
    snapshot, account = Snapshot(path, is_dead=True), Account()
    before = path.read_bytes()  # noqa: ASYNC240 - one file
    copies: list[bytes] = []

    def client(**options: object) -> object:
        copies.append(options["journal"].path.read_bytes())  # type: ignore[attr-defined]  # a journal
        return account.client(**options)

    with tradewire.Journal(path) as journal:
        journal.book("a new run").reconciled(0, 0)
        await clear(snapshot, {FIRST: client}, "", lambda _: None)
    assert copies == [before]


async def test_a_damaged_journal_is_refused_unless_there_is_a_prefix(path: Path) -> None:
    damage(path)
    with pytest.raises(JournalFailed):
        await cleared(path)
    account, said = await cleared(path, "mine-1")
    assert account.prefixes == {"mine-1"}
    assert "going by the prefix 'mine-1' alone" in said[0]


async def test_a_bot_without_a_journal_yet_has_nothing_open(path: Path) -> None:
    path.unlink()  # noqa: ASYNC240 - one file
    account, _ = await cleared(path)
    assert account.cleared == 1
    assert not exists(path)
