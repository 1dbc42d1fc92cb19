"""One run of a user's bot: what is virtual, what is repeated, and what the run itself finds wrong."""

from __future__ import annotations

import asyncio
import random
import time
from collections.abc import Iterator
from typing import Any

import pytest

from tradewire.errors import ConfigError
from tradewire.testing import BotResult, BotRun, strike
from tradewire.testing.bot_result import Plan
from tradewire.testing.bot_run import run_bot
from tradewire.transport.seam import SYSTEM

MACHINE = (time.time, time.sleep, time.monotonic_ns)


def ran(function: Any, *faults: Any, seed: int = 1, seconds: float = 1.0, invariants: Any = ()) -> BotResult:
    plan = Plan(faults=list(faults), invariants=invariants, seconds=seconds, rate=0)
    return run_bot(function, "coinex", seed, plan)


def only(result: BotResult) -> str:
    [broken] = result.broken
    return str(broken)


def test_time_is_virtual_and_the_machines_again_afterwards() -> None:
    seen: dict[str, object] = {}

    async def bot(run: BotRun) -> None:
        began = time.time(), time.monotonic(), time.perf_counter_ns(), asyncio.get_running_loop().time()
        await asyncio.sleep(20)
        time.sleep(5)  # noqa: ASYNC251 - virtual
        ended = time.time(), time.monotonic(), time.perf_counter_ns() / 1e9, asyncio.get_running_loop().time()
        seen["passed"] = [
            round(end - begin)
            for begin, end in zip((*began[:2], began[2] / 1e9, began[3]), ended, strict=True)
        ]
        seen["run"] = round(run.now_s())
        seen["client"] = abs(run.client_options()["clocks"].wall_ns() - time.time_ns())

    assert ran(bot).is_good
    assert seen == {"passed": [25, 25, 25, 25], "run": 25, "client": 0}
    assert (time.time, time.sleep, time.monotonic_ns) == MACHINE


def test_a_seed_gives_the_same_run_with_the_same_dice_again() -> None:
    drawn: list[tuple[float, float]] = []

    async def bot(run: BotRun) -> None:
        drawn.append((random.random(), run.random.random()))
        book = run.client.watch_book(run.market)
        await book.ready()
        await asyncio.sleep(random.random())

    state = random.getstate()
    traces = [ran(bot, "ws.reset", "lost_reply", seed=seed).trace for seed in (1, 1, 2)]
    assert (drawn[0], traces[0]) == (drawn[1], traces[1])
    assert (drawn[0], traces[0]) != (drawn[2], traces[2])
    assert random.getstate() == state


async def idle(run: BotRun) -> None:
    await asyncio.sleep(run.seconds)


async def raising(run: BotRun) -> None:
    raise ZeroDivisionError("a bug")


def test_what_the_bot_raises_is_in_the_result() -> None:
    result = ran(raising)
    assert isinstance(result.error, ZeroDivisionError)
    assert not result.is_good
    assert result.kinds == {"ZeroDivisionError"}


async def never(run: BotRun) -> None:
    await asyncio.get_running_loop().create_future()


async def stubborn(run: BotRun) -> None:
    while True:
        try:
            await asyncio.sleep(60)
        except asyncio.CancelledError:
            if run.now_s() > 20:
                raise


def test_a_bot_that_does_not_return_is_given_up() -> None:
    assert only(ran(never)).startswith("the bot ends: it has not returned after 600 virtual seconds")


def test_a_bot_is_cancelled_as_by_ctrl_c_and_has_to_end() -> None:
    assert ran(idle, strike(0.5, "bot.closes")).is_good
    result = ran(stubborn, strike(0.5, "bot.closes"), seconds=30.0)
    assert "the bot ends: it goes on 5 s after it was cancelled, as by Ctrl-C" in map(str, result.broken)


async def leaving(run: BotRun) -> None:
    asyncio.create_task(asyncio.sleep(1000), name="left")  # noqa: RUF006 - the bug


async def dying(run: BotRun) -> None:
    run.kept = asyncio.create_task(raising(run), name="died")  # type: ignore[attr-defined]
    await asyncio.sleep(0.1)


async def calling_back(run: BotRun) -> None:
    def fail(event: object) -> None:
        raise KeyError("a bug in a callback")

    book = run.client.watch_book(run.market, on_update=fail)
    await book.ready()


async def showing(run: BotRun) -> None:
    import logging

    logging.getLogger("tradewire.mine").warning("my key is %s", run.secrets[0])


@pytest.mark.parametrize(
    ("bot", "found"),
    [
        (leaving, "no task is left: <Task pending name='left'"),
        (dying, "no task dies unnoticed: died ended with"),
        (calling_back, "callbacks do not raise: "),
        (showing, "no secret is shown: one is in a log, an error or an event"),
    ],
)
def test_a_run_finds_what_no_bot_may_do(bot: Any, found: str) -> None:
    result = ran(bot)
    assert any(str(one).startswith(found) for one in result.broken), result.broken


def test_a_book_that_was_never_the_venues_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    async def bot(run: BotRun) -> None:
        await run.client.watch_book(run.market).ready()

    from tradewire.testing.venues.coinex import Setup

    monkeypatch.setattr(Setup, "was_so", lambda self, book: False)
    assert ran(bot).kinds == {"books are true"}


def test_what_is_reported_of_a_bot_names_orders_and_faults_with_their_times() -> None:
    async def bot(run: BotRun) -> None:
        await run.client.watch_book(run.market).ready()
        await asyncio.sleep(1)
        run.client.send_order(run.market, "buy", run.size, 100)
        run.log("sent it")
        await asyncio.sleep(1)

    result = ran(bot, strike(0.5, "lost_reply", count=2))
    said = [text for _, text in result.timeline]
    assert "fault lost_reply(count=2) begins" in said
    assert said.index("send buy 0.00100 BTCUSDT at 100") < said.index("sent it") < said.index("faults end")
    assert result.struck["lost_reply"] == 1
    assert result.is_good, result.broken


def test_the_world_keeps_its_transports_and_clocks() -> None:
    async def bot(run: BotRun) -> None:
        with pytest.raises(ConfigError, match="clocks of a client are the world's; leave them out"):
            run.client_options(clocks=SYSTEM)

    assert ran(bot).is_good


def test_a_bot_may_make_its_client_itself() -> None:
    import tradewire

    async def bot(run: BotRun) -> None:
        async with tradewire.CoinEx.for_sandbox(run.box, **run.client_options(timeout_s=2)) as client:
            await client.place_order(run.market, "buy", run.size, 100)
        assert len(run.ledger.open_orders) == 1
        assert len(run.observer.sent) == 1

    assert ran(bot).error is None


def test_invariants_are_waited_for_and_told_by_name() -> None:
    asked: list[float] = []

    def in_time(run: BotRun) -> bool:
        asked.append(run.now_s())
        return len(asked) > 3

    def never_so(run: BotRun) -> Iterator[str]:
        yield "for no reason"

    async def asserting(run: BotRun) -> None:
        assert run.position == 7, "seven"

    assert ran(idle, invariants=[in_time]).is_good
    assert asked == pytest.approx([2.0, 2.5, 3.0, 3.5], abs=0.1)
    result = ran(idle, invariants=[never_so, asserting])
    assert [str(one).splitlines()[0] for one in result.broken] == [
        "never_so: for no reason",
        "asserting: seven",
    ]


@pytest.mark.parametrize(
    ("venue", "faults", "message"),
    [
        ("nyse", [], "venue must be one of coinex, coinex-futures, exchange, truex, got 'nyse'"),
        ("coinex", ["lost_ack"], "none of the faults lost_ack is possible at coinex"),
        ("coinex", [strike(1.0, "lost_ack")], "coinex has no fault 'lost_ack'"),
    ],
)
def test_what_a_venue_cannot_do_is_refused(venue: str, faults: Any, message: str) -> None:
    with pytest.raises(ConfigError, match=message):
        run_bot(idle, venue, 1, Plan(faults=faults, invariants=(), seconds=1, rate=0))


async def test_a_world_is_refused_inside_of_a_running_loop() -> None:
    with pytest.raises(ConfigError, match="call this outside of a running one"):
        ran(idle)
