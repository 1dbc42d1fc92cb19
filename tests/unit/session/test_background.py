"""Background tasks by key: one at a time for each, none ends in silence, none is left behind."""

from __future__ import annotations

import asyncio
import inspect

import pytest

from tradewire.errors import ConfigError
from tradewire.session.background import Tasks, begun, own_loop


async def never() -> None:
    await asyncio.Event().wait()


async def broken() -> None:
    raise ValueError("bug")


async def test_a_key_has_one_task_at_a_time() -> None:
    tasks = Tasks[str](lambda _: None)
    first = tasks.start("a", never)
    assert tasks.start("a", never) is first
    assert tasks.start("b", never) is not first
    await tasks.close()
    assert (dict(tasks), first.cancelled()) == ({}, True)


async def test_a_task_that_has_ended_does_not_pass_for_one_under_way() -> None:
    tasks = Tasks[str](lambda _: None)
    first = tasks.start("a", lambda: asyncio.sleep(0))
    # Not removed yet: that is done in the loop's next iteration.
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    assert (first.done(), "a" in tasks) == (True, True)
    again = tasks.start("a", never)
    assert again is not first
    await asyncio.sleep(0)
    assert tasks["a"] is again
    await tasks.close()


async def test_what_a_task_raises_is_reported() -> None:
    errors: list[Exception] = []
    async with Tasks[str](errors.append) as tasks:
        tasks.start("a", broken)
    await asyncio.sleep(0)
    assert [str(error) for error in errors] == ["bug"]


async def test_a_group_waits_for_what_begins_meanwhile() -> None:
    done: list[str] = []

    async def first() -> None:
        tasks.start("second", second)

    async def second() -> None:
        await asyncio.sleep(0)
        done.append("second")

    async with Tasks[str](lambda _: None) as tasks:
        tasks.start("first", first)
    assert done == ["second"]


async def test_a_group_that_is_left_early_cancels_its_tasks() -> None:
    tasks = Tasks[str](lambda _: None)
    task = tasks.start("a", never)

    async def leave() -> None:
        async with tasks:
            raise KeyError

    with pytest.raises(KeyError):
        await leave()
    await asyncio.sleep(0)
    assert task.cancelled()


async def test_a_group_whose_waiter_is_cancelled_cancels_its_tasks() -> None:
    tasks = Tasks[str](lambda _: None)

    async def wait() -> None:
        async with tasks:
            tasks.start("a", never)

    waiter = asyncio.create_task(wait())
    await asyncio.sleep(0)
    task = tasks["a"]
    waiter.cancel()
    with pytest.raises(asyncio.CancelledError):
        await waiter
    await asyncio.sleep(0)
    assert task.cancelled()


def test_a_thread_without_a_loop_and_another_loop_are_refused() -> None:
    with pytest.raises(
        ConfigError, match="must be sent from the event loop of its client, got a thread without"
    ):
        own_loop(None, "an order must be sent from")

    async def running() -> asyncio.AbstractEventLoop:
        return own_loop(None, "an order must be sent from")

    first = asyncio.run(running())

    async def other() -> None:
        with pytest.raises(ConfigError, match="got another loop"):
            own_loop(first, "an order must be sent from")

    asyncio.run(other())


async def test_what_waits_goes_on_in_a_coroutine_which_is_all_that_tasks_take_from_python_3_12_on() -> None:
    said: list[str] = []

    async def work() -> None:
        said.append("begun")
        await asyncio.sleep(0)
        said.append("ended")

    task = begun(work(), asyncio.get_running_loop())
    assert task is not None
    assert inspect.iscoroutine(task.get_coro())
    assert said == ["begun"]
    await task
    assert said == ["begun", "ended"]
