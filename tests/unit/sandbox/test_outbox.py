"""Frames that wait to be sent."""

from __future__ import annotations

import asyncio

import pytest

from tradewire.sandbox.outbox import Outbox


async def test_outbox_is_first_in_first_out() -> None:
    outbox = Outbox()
    waiting = asyncio.create_task(outbox.get())
    await asyncio.sleep(0)
    outbox.put(b"1")
    outbox.put(b"2")
    assert [await waiting, await outbox.get()] == [b"1", b"2"]


@pytest.mark.parametrize("outbox", [Outbox(max_frames=2), Outbox(max_bytes=5)], ids=["frames", "bytes"])
def test_outbox_overflows_once_and_takes_no_more(outbox: Outbox) -> None:
    told: list[bool] = []
    outbox.on_overflow = lambda: told.append(True)
    for _ in range(5):
        outbox.put(b"ab")
    assert outbox.overflowed
    assert told == [True]
