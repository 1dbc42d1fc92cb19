"""The loop on virtual time: when things happen, in which order, and what a seed decides."""

from __future__ import annotations

import asyncio
from collections import Counter

import pytest

from tradewire.testing.loop import BEGIN_NS, EPOCH_NS, LATEST_NS, Stalled, VirtualLoop

MS = 1_000_000


def test_an_hour_passes_at_once_and_both_clocks_show_it() -> None:
    loop = VirtualLoop()
    assert loop.run(asyncio.sleep(3600, "slept")) == "slept"
    assert 0 <= loop.monotonic_ns() - BEGIN_NS - 3600 * 1000 * MS < LATEST_NS
    assert loop.wall_ns() - EPOCH_NS == loop.monotonic_ns() - BEGIN_NS


def test_a_timer_never_fires_before_its_time_and_timers_keep_their_order() -> None:
    for seed in range(50):
        loop = VirtualLoop(seed)
        fired: list[tuple[int, int]] = []

        async def main(loop: VirtualLoop = loop, fired: list[tuple[int, int]] = fired) -> None:
            for delay_ms in (5, 1, 3, 3, 2):
                due_ns = loop.monotonic_ns() + delay_ms * MS
                loop.call_later(
                    delay_ms / 1000, lambda due_ns: fired.append((due_ns, loop.monotonic_ns())), due_ns
                )
            await asyncio.sleep(0.01)

        loop.run(main())
        assert [due for due, _ in fired] == sorted(due for due, _ in fired)
        assert len(fired) == 5
        assert all(due <= at < due + LATEST_NS for due, at in fired)


def test_sources_that_are_due_together_come_in_any_order_and_each_keeps_its_own() -> None:
    orders: Counter[str] = Counter()
    for seed in range(100):
        loop = VirtualLoop(seed)
        heard: list[str] = []

        async def main(loop: VirtualLoop = loop, heard: list[str] = heard) -> None:
            at_ns = loop.monotonic_ns() + MS
            for name in ("a1", "b1", "a2", "b2"):
                loop.arrive(at_ns, name[0], lambda name=name: heard.append(name))  # type: ignore[misc]
            await asyncio.sleep(0.01)

        loop.run(main())
        orders["".join(heard)] += 1
    assert set(orders) == {"a1a2b1b2", "b1b2a1a2"}
    assert min(orders.values()) > 20


def test_callbacks_run_in_the_order_they_were_scheduled() -> None:
    loop = VirtualLoop(3)
    ran: list[int] = []

    async def main() -> None:
        for number in range(20):
            loop.call_soon(ran.append, number)
        await asyncio.sleep(0)

    loop.run(main())
    assert ran == list(range(20))


def test_the_wall_clock_steps_and_the_monotonic_one_does_not() -> None:
    loop = VirtualLoop()
    before_ns = loop.monotonic_ns()
    loop.wall_offset_ns += 5 * MS
    assert (loop.monotonic_ns(), loop.wall_ns()) == (before_ns, EPOCH_NS + 5 * MS)
    loop.close()


def test_the_same_seed_wakes_equally_late() -> None:
    def wakes(seed: int) -> list[int]:
        loop = VirtualLoop(seed)

        async def main() -> list[int]:
            woken: list[int] = []
            for _ in range(100):
                await asyncio.sleep(0.01)
                woken.append(loop.monotonic_ns())
            return woken

        return loop.run(main())

    assert wakes(1) == wakes(1)
    assert wakes(1) != wakes(2)


async def _wait_for_nothing() -> None:
    await asyncio.get_running_loop().create_future()


async def _poll_for_ever() -> None:
    while True:  # noqa: ASYNC110 - what the test is about
        await asyncio.sleep(0)


@pytest.mark.parametrize(
    ("main", "reason"), [(_wait_for_nothing, "waits for ever"), (_poll_for_ever, "without time passing")]
)
def test_what_never_ends_is_said(main: object, reason: str) -> None:
    assert callable(main)
    with pytest.raises(Stalled, match=reason):
        VirtualLoop().run(main())


def test_tasks_left_behind_are_cancelled_at_the_end() -> None:
    loop = VirtualLoop()
    ended: list[str] = []

    async def left() -> None:
        try:
            await asyncio.sleep(1000)
        finally:
            ended.append("left")

    async def main() -> None:
        main.task = loop.create_task(left())  # type: ignore[attr-defined]
        await asyncio.sleep(1)

    loop.run(main())
    assert ended == ["left"]
    assert loop.is_closed()
