"""When the core writes a request to a connection by itself, and when it leaves everything as it was."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import pytest

from tradewire._native import ClockEstimate, HttpDoor, Limiter, RequestLane, RequestTemplate, Wire

REQUEST = RequestTemplate("GET", "/t", "h", None, {}, b"", []).fill(0)


class Rig:
    """Two idle connections and a lane to them; made in a running loop."""

    def __init__(self, *, is_cancel: bool = False) -> None:
        self.written: list[bytes] = []
        self.unread: list[tuple[int, int]] = []
        self.is_closing = False
        self.ended = 0
        self.line, self.pacer = SimpleNamespace(is_closed=False), SimpleNamespace(free_places=1)
        self.limiter = Limiter({"g": 10.0})
        spare, self.connection = SimpleNamespace(wire=None), SimpleNamespace(wire=None, end=self._end)
        expires_s = asyncio.get_running_loop().time() + 60.0
        self.connection.wire = Wire(self.write, lambda: self.is_closing, lambda _: self.unread, expires_s)
        self.idle = [spare, self.connection]
        self.lane = RequestLane(
            RequestTemplate("GET", "/t", "h", None, {}, b"", []), self.limiter, "g", 1.0, ClockEstimate(),
            is_cancel=is_cancel, is_signed=False,
            ours=(lambda: 5_000_000, lambda: 0, self.line, self.pacer, HttpDoor(asyncio.get_running_loop(), self.idle)),
        )  # fmt: skip

    def write(self, data: bytes) -> None:
        self.written.append(data)

    def _end(self) -> None:
        self.ended += 1


async def test_request_goes_to_the_connection_used_last_which_then_waits_no_longer() -> None:
    rig = Rig()
    assert rig.lane.write() == (rig.connection, REQUEST, 5)
    assert rig.written == [REQUEST]
    assert rig.connection not in rig.idle
    assert rig.lane.write() is None


def unread(rig: Rig) -> None:
    rig.unread.append((3, 1))


def closing(rig: Rig) -> None:
    rig.is_closing = True


def expired(rig: Rig) -> None:
    rig.connection.wire.expires_s = 0.0


def lost(rig: Rig) -> None:
    rig.connection.wire = None


def none_idle(rig: Rig) -> None:
    rig.idle.clear()


def line_closed(rig: Rig) -> None:
    rig.line.is_closed = True


def no_place(rig: Rig) -> None:
    rig.pacer.free_places = 0


def no_tokens(rig: Rig) -> None:
    assert rig.limiter.take("g", 10.0, 0) == 0


@pytest.mark.parametrize(
    "obstacle", [unread, closing, expired, lost, none_idle, line_closed, no_place, no_tokens]
)
async def test_nothing_is_taken_or_written_where_a_request_cannot_leave(
    obstacle: Callable[[Rig], None],
) -> None:
    rig = Rig()
    obstacle(rig)
    idle = list(rig.idle)
    assert rig.lane.write() is None
    assert (rig.written, rig.idle, rig.ended) == ([], idle, 0)
    if obstacle is not no_tokens:
        assert rig.limiter.take("g", 10.0, 0) == 0


async def test_cancel_needs_no_place() -> None:
    rig = Rig(is_cancel=True)
    no_place(rig)
    assert rig.lane.write() is not None


async def test_connection_whose_write_raises_is_ended_and_not_used_again() -> None:
    rig = Rig()

    def fail(_: bytes) -> None:
        raise RuntimeError("half of it is out")

    rig.connection.wire = Wire(fail, lambda: False, None, float("inf"))
    with pytest.raises(RuntimeError, match="half of it is out"):
        rig.lane.write()
    assert rig.ended == 1
    assert rig.connection not in rig.idle


async def test_lane_of_another_loop_writes_nothing() -> None:
    rig = Rig()

    async def elsewhere() -> Any:
        return rig.lane.write()

    assert await asyncio.to_thread(asyncio.run, elsewhere()) is None
    assert await asyncio.to_thread(rig.lane.write) is None
    assert rig.written == []
