"""The guard's side: what it takes for a death, what for a good end, and what it cancels then."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any

import pytest

import tradewire
from support.guarding import PRODUCTS, Pair, damage, until
from tradewire.errors import NotSent
from tradewire.guard.watch import Exit
from tradewire.protocol import guard_lines as lines

FIRST, SECOND = PRODUCTS


@pytest.fixture
async def joined(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Callable[..., Any]]:
    pairs: list[Pair] = []
    with tradewire.Journal(tmp_path / "bot.journal") as journal:

        async def make(**options: Any) -> Pair:
            pair = Pair(journal, tradewire.Guard(**options), monkeypatch)
            pairs.append(pair)
            for client in pair.clients:
                await client.join()
            return pair

        yield make
        for pair in pairs:
            await pair.close()


@pytest.mark.parametrize(("at_close", "cleared"), [("leave", 0), ("cancel", 1)])
async def test_a_good_end_leaves_or_cancels_by_option(joined: Any, at_close: str, cleared: int) -> None:
    pair = await joined(at_close=at_close)
    for number, client in enumerate(pair.clients):
        await client.leave("")
        assert [pair.accounts[name].cleared for name in PRODUCTS] == [cleared, cleared * number]
    assert await pair.watch.ended is Exit.IN_ORDER


async def test_an_exception_is_no_good_end_for_its_client_alone(joined: Any) -> None:
    pair = await joined()
    await pair.clients[0].leave("ValueError: a strategy that broke")
    assert [pair.accounts[name].cleared for name in PRODUCTS] == [1, 0]
    assert pair.guard.refusal() == ""
    await pair.clients[1].leave("")
    assert await pair.watch.ended is Exit.ACTED
    assert pair.accounts[SECOND].cleared == 0


async def test_a_bot_that_goes_without_a_word_has_died(joined: Any) -> None:
    pair = await joined(on_lost="refuse")
    # As the system closes it with the process.
    pair.watch.link.connection_lost(None)
    assert await pair.watch.ended is Exit.ACTED
    assert [pair.accounts[name].cleared for name in PRODUCTS] == [1, 1]
    assert any("the bot is gone: its process has ended" in line for line in pair.said)


async def test_a_bot_that_goes_once_its_clients_have_left_has_not_died(
    joined: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tradewire.session.guard.LEAVE_WITHIN_S", 0.1)
    pair = await joined(at_close="cancel", on_lost="refuse")
    pair.accounts[FIRST].entered.clear()
    leaving = asyncio.create_task(pair.clients[0].leave(""))
    await until(lambda: pair.accounts[FIRST].journals)
    # The other one leaves while the first is still being cancelled, and then the bot is gone.
    pair.watch.link.data_received(bytes(lines.line_of(lines.Leave(SECOND, ""))))
    pair.watch.link.connection_lost(None)
    pair.accounts[FIRST].entered.set()
    assert await pair.watch.ended is Exit.IN_ORDER
    assert [pair.accounts[name].cleared for name in PRODUCTS] == [1, 1]
    await leaving


async def test_what_a_guard_does_not_understand_is_taken_for_a_death(joined: Any) -> None:
    pair = await joined(on_lost="refuse")
    pair.watch.link.data_received(b'{"type":"Sing"}\n')
    assert await pair.watch.ended is Exit.ACTED
    assert [pair.accounts[name].cleared for name in PRODUCTS] == [1, 1]


async def test_a_failing_venue_is_asked_until_it_confirms(
    joined: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tradewire.guard.clearing.FIRST_WAIT_S", 0.0)
    pair = await joined(on_lost="refuse")
    account = pair.accounts[FIRST]
    account.failures = [NotSent("the venue cannot be reached"), ValueError("a bug"), NotSent("still not")]
    account.listed = [2, 0, 1]
    pair.watch.link.connection_lost(None)
    assert await pair.watch.ended is Exit.ACTED
    assert account.listed == []
    said = "\n".join(pair.said)
    assert f"{FIRST}: NotSent: the venue cannot be reached" in said
    assert f"{FIRST}: ValueError: a bug" in said
    assert f"{FIRST}: 2 more orders were open and are cancelled" in said


async def test_a_journal_that_cannot_be_read_ends_in_an_alarm(joined: Any) -> None:
    pair = await joined(on_lost="refuse")
    damage(pair.journal.path)
    pair.watch.link.connection_lost(None)
    assert await pair.watch.ended is Exit.LEFT
    assert any("CANNOT CANCEL" in line for line in pair.said)
    assert pair.accounts[FIRST].cleared == 0


async def test_a_bot_of_another_journal_or_version_is_refused(joined: Any) -> None:
    pair = await joined()
    hello = lines.Hello(2, str(pair.journal.path), 1, 1.0, "leave", "")
    pair.watch.link.data_received(bytes(lines.line_of(hello)))
    assert "speaks version 2" in pair.said[-1]
    other = lines.Hello(lines.VERSION, "/elsewhere", 1, 1.0, "leave", "")
    pair.watch.link.data_received(bytes(lines.line_of(other)))
    assert "this guard is for" in pair.said[-1]
