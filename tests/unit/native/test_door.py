"""When the core writes a request to a connection by itself, and when it leaves everything as it was."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from decimal import Decimal
from types import SimpleNamespace
from typing import Any

import pytest

from tradewire._native import (
    ClockEstimate,
    HttpDoor,
    Limiter,
    OrderPath,
    RequestLane,
    RequestTemplate,
    Wire,
)

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


HOLES = [(b"<1>", "number", "0.1", ""), (b"<2>", "number", "", ""), (b"<3>", "text", "", "")]


class OrderRig(Rig):
    """The same for orders of a size, a price and an id."""

    def __init__(self) -> None:
        super().__init__()
        template = RequestTemplate("POST", "/t", "h", None, {}, b"<1>,<2>,<3>", HOLES)
        lane = RequestLane(
            template, self.limiter, "g", 1.0, ClockEstimate(), is_cancel=False, is_signed=False,
            ours=(lambda: 5_000_000, lambda: 0, self.line, self.pacer, HttpDoor(asyncio.get_running_loop(), self.idle)),
        )  # fmt: skip
        self.tracker = SimpleNamespace(loop=asyncio.get_running_loop(), refusal="")
        self.basis, self.known = "rules", "rules"
        self.told: list[Any] = []
        self.path = OrderPath(
            lane, self.tracker, basis=lambda: self.basis, known=self.known, new_id=lambda: "mine",
            general=lambda *order: self.told.append(("general", *order)),
            go_on=lambda written, error, *order: self.told.append((written and written[1], error, *order)),
        )  # fmt: skip


async def test_usual_order_is_written_and_handed_on_with_its_id() -> None:
    rig = OrderRig()
    rig.path.send("0.5", Decimal("7.25"))
    assert [data.rpartition(b"\r\n")[2] for data in rig.written] == [b"0.5,7.25,mine"]
    assert rig.told == [(rig.written[0], None, "0.5", Decimal("7.25"), "mine")]


async def test_every_other_order_goes_the_general_way_untouched() -> None:
    rig = OrderRig()
    rig.path.send("0.55", "7")
    rig.path.send("0.5", "7", "an id")
    rig.path.send("0.5")
    rig.basis = "other rules"
    rig.path.send("0.5", "7")
    rig.basis = rig.known
    rig.tracker.refusal = "closed"
    rig.path.send("0.5", "7")
    assert rig.told == [
        ("general", "0.55", "7", None), ("general", "0.5", "7", "an id"), ("general", "0.5", None, None),
        ("general", "0.5", "7", None), ("general", "0.5", "7", None),
    ]  # fmt: skip
    assert rig.written == []
    assert rig.limiter.take("g", 10.0, 0) == 0


async def test_order_whose_writing_raised_is_handed_on_with_the_fault() -> None:
    rig = OrderRig()
    nothing: dict[bytes, object] = {}
    rig.connection.wire = Wire(nothing.__getitem__, lambda: False, None, float("inf"))
    rig.path.send("0.5", "7")
    [(written, fault, *order)] = rig.told
    assert (written, type(fault), order) == (None, KeyError, ["0.5", "7", "mine"])


async def test_rehearsal_takes_and_writes_nothing() -> None:
    rig = OrderRig()
    for price in ("7", None):
        rig.path.rehearse("0.5", price, "mine")
    rig.idle.clear()
    rig.path.rehearse("0.5", "7", "mine")
    assert (rig.written, rig.told, rig.ended) == ([], [], 0)
    assert rig.limiter.take("g", 10.0, 0) == 0
