"""Requests over WebSocket and what resolves them: their own answer and their own event, not one told late."""

from __future__ import annotations

import asyncio
import json
from decimal import Decimal
from typing import Any

import pytest

from tradewire._native import ExchangeEvent, ExchangeFeed
from tradewire.errors import ConfigError, NotSent, OrderNotFound, Outcome, OutcomeUnknown
from tradewire.model import Order, OrderStatus, OrderType, Side, TimeInForce
from tradewire.venues.exchange.acks import Attributes
from tradewire.venues.exchange.lane import WsOrderEntry

D = Decimal
SIZE = Attributes("ABC-USD", Side.BUY, 100, 5)


class Wire:
    """A lane with a wire the test holds in its hands."""

    def __init__(self, timeout_s: float = 5.0) -> None:
        self.sent: list[dict[str, Any]] = []
        self.found: list[tuple[str, str]] = []
        self.doubted: list[str] = []
        self.is_down = False
        self._feed = ExchangeFeed()
        self.lane = WsOrderEntry(self._send, self._found, self._doubted, timeout_s)

    def _send(self, frame: bytes) -> None:
        if self.is_down:
            raise NotSent("down")
        self.sent.append(json.loads(frame))

    def _found(self, request_id: str, order_id: str) -> None:
        self.found.append((request_id, order_id))

    def _doubted(self, request_id: str, error: OutcomeUnknown) -> None:
        assert error.lookup
        self.doubted.append(request_id)

    def submit(self, request_id: str, attributes: Attributes = SIZE) -> asyncio.Task[str]:
        future = self.lane.submit(request_id, attributes, {"quantity": attributes.size})
        return asyncio.ensure_future(self.lane.placed(request_id, future))

    def hear(self, **message: Any) -> ExchangeEvent:
        return self._feed.on_frame(json.dumps(message).encode(), 1)

    def ack(self, request: dict[str, Any]) -> None:
        self.lane.on_ack(self.hear(type="ack", op=request["op"], request_id=request["request_id"]))

    def reject(self, request: dict[str, Any], code: str) -> None:
        answer = {"op": request["op"], "request_id": request["request_id"], "code": code, "message": "no"}
        self.lane.on_reject(self.hear(type="reject", **answer))


def order(
    size: int, *, filled_size: int = 0, status: OrderStatus = OrderStatus.OPEN, order_id: str = "o"
) -> Order:
    return Order(
        order_id=order_id,
        client_order_id="",
        market="ABC-USD",
        side=Side.BUY,
        type=OrderType.LIMIT,
        time_in_force=TimeInForce.GTC,
        post_only=False,
        price=D(100),
        size=D(size),
        filled_size=D(filled_size),
        filled_notional=D(filled_size * 100),
        status=status,
        created_at_ns=1,
        updated_at_ns=1,
    )


async def begun(*tasks: asyncio.Task[Any]) -> None:
    """Let tasks run as far as they can."""
    for _ in range(3):
        await asyncio.sleep(0)
    assert not any(task.done() for task in tasks)


async def test_a_submit_is_its_frame_its_ack_and_its_order() -> None:
    wire = Wire()
    placing = wire.submit("mine")
    assert wire.sent == [{"op": "submit_order", "request_id": "mine", "quantity": 5}]
    wire.ack(wire.sent[0])
    await begun(placing)
    assert wire.lane.identify("o1", SIZE) == "mine"
    assert await placing == "o1"
    assert wire.found == [("mine", "o1")]


async def test_a_refusal_reaches_its_own_request() -> None:
    wire = Wire()
    first, second = wire.submit("a"), wire.submit("b")
    wire.ack(wire.sent[0])
    wire.reject(wire.sent[1], "position_limit_exceeded")
    await asyncio.wait([second])
    assert type(second.exception()).__name__ == "OrderRejected"
    assert wire.lane.identify("o1", SIZE) == "a"
    assert await first == "o1"


async def test_a_refusal_that_proves_nothing_leaves_its_order_to_nobody_else() -> None:
    wire = Wire()
    first, second = wire.submit("first"), wire.submit("second")
    wire.reject(wire.sent[0], "overflow")
    wire.ack(wire.sent[1])
    # The order the venue made of the first before it overflowed.
    assert wire.lane.identify("o1", SIZE) == ""
    for placing in (first, second):
        with pytest.raises(OutcomeUnknown):
            await placing
    assert wire.found == []


async def test_a_cancel_waits_for_the_end_and_not_for_an_earlier_fill() -> None:
    wire = Wire()
    cancelling = asyncio.ensure_future(wire.lane.cancel("o"))
    await begun(cancelling)
    wire.lane.on_order(order(5, status=OrderStatus.CANCELLED, order_id="another"))
    wire.ack(wire.sent[0])
    wire.lane.on_order(order(5, filled_size=2, status=OrderStatus.PARTIALLY_FILLED))
    await begun(cancelling)
    wire.lane.on_order(order(5, filled_size=2, status=OrderStatus.CANCELLED))
    assert (await cancelling).status is OrderStatus.CANCELLED


async def test_an_amend_waits_for_its_own_size() -> None:
    wire = Wire()
    amending = asyncio.ensure_future(wire.lane.amend("o", 3))
    await begun(amending)
    assert wire.sent[0]["remaining"] == 3
    wire.lane.on_order(order(3))
    wire.ack(wire.sent[0])
    wire.lane.on_order(order(9, filled_size=1, status=OrderStatus.PARTIALLY_FILLED))
    await begun(amending)
    wire.lane.on_order(order(4, filled_size=1, status=OrderStatus.PARTIALLY_FILLED))
    assert (await amending).size == 4


async def test_several_changes_of_one_order_are_told_apart() -> None:
    wire = Wire()
    changes = [
        asyncio.ensure_future(change)
        for change in (
            wire.lane.amend("o", 4),
            wire.lane.amend("o", 2),
            wire.lane.cancel("o"),
            wire.lane.cancel("o"),
        )
    ]
    await begun(*changes)
    names = [request["request_id"] for request in wire.sent]
    assert len(set(names)) == 4
    for request in wire.sent[:3]:
        wire.ack(request)
    wire.lane.on_order(order(4))
    assert (await changes[0]).size == 4
    await begun(*changes[1:])
    wire.lane.on_order(order(2))
    assert (await changes[1]).size == 2
    wire.reject(wire.sent[3], "order_not_found")
    with pytest.raises(OrderNotFound):
        await changes[3]
    await begun(changes[2])
    wire.lane.on_order(order(2, status=OrderStatus.CANCELLED))
    assert (await changes[2]).status is OrderStatus.CANCELLED


async def test_no_name_of_a_caller_is_a_name_of_the_lanes() -> None:
    wire = Wire()
    cancelling = asyncio.ensure_future(wire.lane.cancel("o"))
    await begun(cancelling)
    # Client ids are visible ASCII without blanks.
    assert " " in wire.sent[0]["request_id"]
    cancelling.cancel()


async def test_a_name_is_free_again_once_its_order_is_known() -> None:
    wire = Wire()
    placing = wire.submit("mine")
    with pytest.raises(ConfigError, match="in flight"):
        wire.submit("mine")
    wire.ack(wire.sent[0])
    with pytest.raises(ConfigError, match="in flight"):
        wire.lane.check_free("mine")
    wire.lane.identify("o1", SIZE)
    await placing
    wire.lane.check_free("mine")


async def test_patience_ends_and_a_late_answer_still_names_the_order() -> None:
    wire = Wire(timeout_s=0.01)
    placing = wire.submit("slow")
    with pytest.raises(OutcomeUnknown, match="no answer within") as caught:
        await placing
    assert "open_orders" in caught.value.lookup
    wire.ack(wire.sent[0])
    assert wire.lane.identify("o1", SIZE) == "slow"
    assert wire.found == [("slow", "o1")]
    for change in (wire.lane.cancel("o"), wire.lane.amend("o", 1)):
        with pytest.raises(OutcomeUnknown, match="no answer within"):
            await change


async def test_an_order_not_told_in_time_takes_the_equal_ones_with_it() -> None:
    wire = Wire(timeout_s=0.05)
    first = wire.submit("a")
    wire.ack(wire.sent[0])
    second = wire.submit("b")
    wire.ack(wire.sent[1])
    for placing in (first, second):
        with pytest.raises(OutcomeUnknown):
            await placing


async def test_a_lost_connection_answers_everybody() -> None:
    wire = Wire()
    placing = wire.submit("a")
    cancelling = asyncio.ensure_future(wire.lane.cancel("o"))
    await begun(placing, cancelling)
    wire.ack(wire.sent[0])
    wire.lane.disconnected()
    for task in (placing, cancelling):
        with pytest.raises(OutcomeUnknown, match="connection was lost") as caught:
            await task
        assert caught.value.outcome is Outcome.UNKNOWN
    wire.is_down = True
    with pytest.raises(NotSent):
        wire.submit("b")
    with pytest.raises(NotSent):
        await wire.lane.cancel("o")
    wire.is_down = False
    wire.submit("b").cancel()


async def test_a_pairing_taken_back_is_told_to_whoever_follows_the_order() -> None:
    wire = Wire()
    placing = wire.submit("a")
    wire.ack(wire.sent[0])
    wire.lane.identify("o1", SIZE)
    await placing
    assert wire.lane.identify("o2", SIZE) == ""
    assert wire.doubted == ["a"]


async def test_answers_to_nobody_do_no_harm() -> None:
    wire = Wire()
    wire.lane.on_ack(wire.hear(type="ack", op="submit_order", request_id=None))
    wire.lane.on_reject(
        wire.hear(type="reject", op="submit_order", request_id="x", code="invalid_price", message="no")
    )
    wire.lane.on_order(order(5))
    assert wire.lane.identify("o1", SIZE) == ""
    assert wire.found == wire.doubted == []
