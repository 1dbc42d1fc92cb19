"""The decorator: what it takes and refuses, and what a failing seed tells."""

from __future__ import annotations

import asyncio
import gc
import inspect
import traceback
from pathlib import Path
from typing import Any

import pytest

from tradewire.errors import ConfigError
from tradewire.testing import BotRun, ChaosFailure, ChaosRunner, chaos, strike
from tradewire.testing.script import from_toml

SEEN: list[tuple[str, int, tuple[str, ...]]] = []


@pytest.fixture(autouse=True)
def unseen() -> None:
    SEEN.clear()


async def idle(run: BotRun) -> None:
    SEEN.append((run.venue, run.seed, tuple(event.fault for event in run.schedule)))
    await asyncio.sleep(0.1)


def test_it_runs_every_seed_on_every_venue() -> None:
    chaos(seeds=2, venues=["coinex", "truex"], faults=[], invariants=[])(idle)()
    assert SEEN == [("coinex", 1, ()), ("coinex", 2, ()), ("truex", 1, ()), ("truex", 2, ())]


def test_seeds_may_be_named_and_faults_come_from_a_list_a_script_or_names(tmp_path: Path) -> None:
    script = tmp_path / "faults.toml"
    script.write_text(
        '[[faults]]\nat_s = 1\nfault = "busy"\n[[faults]]\nat_s = 2\nfault = "lag"\nvenue = "exchange"'
    )
    options: dict[str, Any] = {"seeds": [7], "venues": ["coinex"], "invariants": []}
    chaos(**options, faults=[strike(2, "ws.reset"), strike(1, "busy")])(idle)()
    chaos(**options, faults=script)(idle)()
    chaos(**options, faults=str(script))(idle)()
    chaos(**options, faults=script.read_text())(idle)()
    assert [("coinex", 7, ("busy", "ws.reset")), *[("coinex", 7, ("busy",))] * 3] == SEEN
    SEEN.clear()
    chaos(**options, faults=["busy", "lost_ack"])(idle)()
    assert {name for _, _, names in SEEN for name in names} == {"busy"}


def test_pytest_sees_the_fixtures_of_the_function_and_one_for_the_venue() -> None:
    class Tests:
        @chaos(seeds=1, venues=["coinex"], faults=[], invariants=[])
        async def test(self, run: BotRun, tmp_path: Path, *, other: int) -> None:
            SEEN.append((str(tmp_path), other, (type(self).__name__,)))

    assert list(inspect.signature(Tests.test).parameters) == ["self", "tmp_path", "other", "tradewire_venue"]
    assert not inspect.iscoroutinefunction(Tests.test)
    Tests.test(Tests(), other=3, tmp_path=Path("here"), tradewire_venue="coinex")
    assert SEEN == [("here", 3, ("Tests",))]


def test_bare_it_takes_what_is_usual() -> None:
    assert list(inspect.signature(chaos(idle)).parameters) == ["tradewire_venue"]


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"seeds": 0}, "seeds must be a whole number of at least 1, or a list of seeds, got 0"),
        ({"seeds": "many"}, "or a list of seeds, got 'many'"),
        ({"seeds": []}, r"or a list of seeds, got \[\]"),
        ({"seeds": True}, "got True"),
        ({"seconds": 0}, "seconds must be above 0 and at most 300, got 0"),
        ({"venues": ["nyse"]}, "venues must be of coinex, coinex-futures, exchange, truex, got 'nyse'"),
        ({"faults": ["lost_repy"]}, "got 'lost_repy'; is 'lost_reply' meant"),
        ({"faults": ["bot.cancels"]}, "faults must be one of .*, got 'bot.cancels'"),
        ({"faults": [7]}, r"faults must be names, or all of them strike\(...\), got \[7\]"),
        ({"faults": "nowhere.toml"}, "faults must be a script that can be read, got nowhere.toml"),
        ({"faults": '[[faults]]\nfault = "busy"'}, "fault 1 of the script: at_s must be seconds"),
    ],
)
def test_what_makes_no_sense_is_refused(options: Any, message: str) -> None:
    with pytest.raises(ConfigError, match=message):
        chaos(**options)


def test_a_strike_is_refused_with_what_there_is() -> None:
    with pytest.raises(ConfigError, match=r"got 'ws\.lat'; is 'ws\.late' meant"):
        strike(1, "ws.lat")
    with pytest.raises(ConfigError, match="lost_reply takes count, requests, not number"):
        strike(1, "lost_reply", number=2)


def test_only_an_async_function_with_a_run_is_taken() -> None:
    async def without() -> None: ...
    def plain(run: BotRun) -> None: ...

    for function in (without, plain):
        with pytest.raises(ConfigError, match="chaos takes an `async def` with an argument `run`, got"):
            chaos(function)  # type: ignore[arg-type] # the mistake


async def forgetful(run: BotRun) -> None:
    """Believe that an order whose reply is lost was never sent."""
    orders = 0
    for _ in range(4):
        await asyncio.sleep(0.5)
        try:
            await run.client.place_order(run.market, "buy", run.size, 100)
        except Exception:
            continue
        orders += 1
    await run.settle()
    assert orders == len(run.ledger.orders)


def test_a_failure_tells_seed_faults_what_happened_and_how_to_see_it_again() -> None:
    faults = [
        strike(0.2, "remaining_headers", remaining=5),
        strike(0.7, "lost_reply", requests="place"),
        strike(0.9, "ws.late"),
        strike(1.1, "duplicate_push"),
    ]
    with pytest.raises(ChaosFailure) as caught:
        chaos(seeds=[3], venues=["coinex"], faults=faults)(forgetful)()
    text = str(caught.value)
    assert text.startswith("coinex, seed 3: broken, after 0 seeds that held\n\n  AssertionError: ")
    assert "faults (1, shrunk from 4):\n   0.700 s lost_reply(requests='place')\n" in text
    assert "send buy 0.00100 BTCUSDT at 100" in text
    assert "--chaos-seed 3" in text
    assert from_toml(text[text.index("[[faults]]") :]) == caught.value.result.schedule
    assert isinstance(caught.value.__cause__, AssertionError)
    assert "ran otherwise" not in text


def test_a_bot_that_depends_on_more_than_its_world_is_told_so() -> None:
    times: list[int] = []

    async def bot(run: BotRun) -> None:
        times.append(len(times))
        await run.client.watch_book(run.market).ready()
        await asyncio.sleep(times[-1] * 0.5)
        assert len(times) > 3

    with pytest.raises(ChaosFailure, match="the same seed ran otherwise the second time"):
        chaos(seeds=1, venues=["coinex"], faults=[])(bot)()


def test_what_fails_without_any_fault_says_so_and_leaves_the_interpreter_as_it_was() -> None:
    async def bot(run: BotRun) -> None:
        raise LookupError("a plain bug")

    with pytest.raises(ChaosFailure, match="none: it breaks without any"):
        chaos(seeds=1, venues=["truex"])(bot)()
    assert gc.isenabled()


def test_the_runner_returns_results_or_fails() -> None:
    runner = ChaosRunner("exchange")
    results = runner.results(idle, seeds=2, faults=["lag"], invariants=[])
    assert [(one.venue, one.seed, one.is_good) for one in results] == [
        ("exchange", 1, True),
        ("exchange", 2, True),
    ]

    async def bot(run: BotRun) -> None:
        raise LookupError("a plain bug")

    assert [type(one.error) for one in runner.results(bot, seeds=1)] == [LookupError]
    with pytest.raises(ChaosFailure):
        runner.check(bot, seeds=1, venue="truex")


def test_an_error_of_tradewire_is_shown_where_the_bot_called_it() -> None:
    async def bot(run: BotRun) -> None:
        await run.client.cancel_order(run.market, "nonsense")

    with pytest.raises(ChaosFailure) as caught:
        chaos(seeds=1, venues=["coinex"], faults=[])(bot)()
    cause = caught.value.__cause__
    assert isinstance(cause, ConfigError)
    frames = [frame.name for frame in traceback.extract_tb(cause.__traceback__)]
    assert frames == ["bot"]
    assert f"at {__file__}:" in str(caught.value)
