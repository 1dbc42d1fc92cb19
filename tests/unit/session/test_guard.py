"""The bot's side of a guard: when orders may be sent, what is told, and what a guard that is gone means."""

from __future__ import annotations

import time
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any

import pytest

import tradewire
from support.guarding import PRODUCTS, Pair, until
from tradewire.errors import AuthRejected, ConfigError, GuardFailed
from tradewire.guard.watch import Exit
from tradewire.protocol import events
from tradewire.registry import find_product

FIRST, SECOND = PRODUCTS


@pytest.fixture
async def paired(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Callable[..., Pair]]:
    pairs: list[Pair] = []
    with tradewire.Journal(tmp_path / "bot.journal") as journal:

        def make(**options: Any) -> Pair:
            pairs.append(Pair(journal, tradewire.Guard(**options), monkeypatch))
            return pairs[-1]

        yield make
        for pair in pairs:
            await pair.close()


@pytest.fixture
def later(monkeypatch: pytest.MonkeyPatch) -> Callable[[float], None]:
    """Return what makes it later by so many seconds for the bot's side alone, as when its loop is stuck."""
    passed_ns, now_ns = 0, time.monotonic_ns

    def advance(seconds: float) -> None:
        nonlocal passed_ns
        passed_ns += int(seconds * 1e9)

    monkeypatch.setattr("time.monotonic_ns", lambda: now_ns() + passed_ns)
    return advance


@pytest.mark.parametrize(
    ("options", "reason"),
    [
        ({"mute_s": 0.1}, "mute_s must be at least 0.2 seconds, got 0.1"),
        ({"mute_s": float("nan")}, "mute_s must be at least 0.2 seconds, got nan"),
        ({"at_close": "keep"}, 'at_close must be "leave" or "cancel", got \'keep\''),
        ({"on_lost": "cry"}, "on_lost must be .*, got 'cry'"),
        ({"prefix": "tw-"}, "prefix must be at least 4 characters .*, got 'tw-'"),
    ],
)
def test_impossible_arguments_are_refused(options: dict[str, Any], reason: str) -> None:
    with pytest.raises(ConfigError, match=reason):
        tradewire.Guard(**options)


def test_a_client_without_a_journal_cannot_be_guarded() -> None:
    client_class: Any = find_product(FIRST).client_class
    with pytest.raises(ConfigError, match="a guard goes by the journal"):
        client_class(guard=tradewire.Guard())


def test_what_is_no_client_cannot_be_guarded(tmp_path: Path) -> None:
    with (
        tradewire.Journal(tmp_path / "bot.journal") as journal,
        pytest.raises(ConfigError, match="must be a client"),
    ):
        tradewire.Guard().of(int, {"journal": journal}, lambda: None)  # type: ignore[arg-type, return-value]  # refused


async def test_orders_are_sent_from_the_guards_answer_on_and_not_after_a_stuck_loop(
    paired: Callable[..., Pair], later: Callable[[float], None]
) -> None:
    pair = paired(mute_s=60.0)
    assert "not there yet" in pair.guard.refusal()
    for client in pair.clients:
        await client.join()
    assert pair.guard.refusal() == ""
    assert pair.guard.is_guarding
    assert pair.reports[FIRST].has(events.GuardStarted)
    later(61.0)
    assert "was stuck" in pair.guard.refusal()
    assert not pair.guard.is_guarding
    await until(lambda: pair.guard.refusal() == "")


@pytest.mark.parametrize("policy", ["refuse", "go_on", "restart"])
async def test_a_guard_that_does_not_answer_is_gone(
    paired: Callable[..., Pair], later: Callable[[float], None], policy: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tradewire.session.guard.LONGEST_BEAT_S", 0.01)
    pair = paired(mute_s=60.0, on_lost=policy)
    for client in pair.clients:
        await client.join()
    monkeypatch.setattr(pair.watch.link, "send", lambda _: None)
    reports = pair.reports[FIRST]

    def is_lost() -> bool:
        # Time passes while the loop runs: it is not the bot that is stuck.
        later(0.5)
        return reports.has(events.GuardLost)

    await until(is_lost)
    assert pair.reports[SECOND].has(events.GuardLost)
    [error] = pair.reports[FIRST].errors
    assert isinstance(error, GuardFailed)
    assert "has not answered" in str(error)
    if policy == "restart":
        await until(lambda: sum(isinstance(one, events.GuardStarted) for one in reports.events) == 2)
        assert len(pair.watches) == 2
    assert bool(pair.guard.refusal()) == (policy == "refuse")
    # It must not take our leaving it for our death.
    assert await pair.watches[0].ended is Exit.IN_ORDER
    assert all(account.cleared == 0 for account in pair.accounts.values())


async def test_a_bot_that_does_not_beat_itself_is_mute_and_trades_on_after_resume(
    paired: Callable[..., Pair],
) -> None:
    pair = paired(mute_s=0.3, own_beat=True)
    await pair.clients[0].join()
    with pytest.raises(ConfigError, match="nothing to resume"):
        await pair.guard.resume()
    await until(lambda: pair.reports[FIRST].has(events.GuardCleared))
    assert "mute for 0.3 s" in pair.guard.acted
    assert "await guard.resume()" in pair.guard.refusal()
    assert pair.accounts[FIRST].cleared == 1
    pair.guard.beat()
    await pair.guard.resume()
    assert (pair.guard.acted, pair.accounts[FIRST].cleared) == ("", 2)
    # And is found to be mute again.
    await until(lambda: pair.guard.acted)


async def test_a_guard_that_cannot_use_the_keys_is_refused_by_name(paired: Callable[..., Pair]) -> None:
    pair = paired()
    pair.accounts[FIRST].failures.append(AuthRejected("no such key"))
    with pytest.raises(GuardFailed, match=f"the guard refuses: {FIRST}: no such key"):
        await pair.clients[0].join()
    assert "not there yet" in pair.guard.refusal()
    # Once it is good, a guard is there.
    await pair.clients[0].join()
    assert pair.guard.refusal() == ""


async def test_a_guard_has_one_journal_and_one_client_of_a_product(
    paired: Callable[..., Pair], tmp_path: Path
) -> None:
    pair = paired()
    await pair.clients[0].join()
    await pair.clients[0].join()
    with pytest.raises(ConfigError, match=f"has a client of {FIRST} already"):
        await pair.client(FIRST).join()
    with tradewire.Journal(tmp_path / "other.journal") as other:
        pair.journal = other
        with pytest.raises(ConfigError, match="must have one journal"):
            await pair.client(SECOND).join()


async def test_a_client_that_was_never_guarded_leaves_nothing(paired: Callable[..., Pair]) -> None:
    pair = paired()
    await pair.clients[0].leave("")
    assert pair.watches == []
