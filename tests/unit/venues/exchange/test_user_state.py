"""Requests over WebSocket as values: their own answer and their own event answer them, not one that is late."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

import pytest

from tradewire._native import ExchangeFeed
from tradewire.errors import FrameError, OrderNotFound, OrderRejected, Outcome, OutcomeUnknown, RequestError
from tradewire.model import Fill, Order, OrderStatus, Side
from tradewire.protocol import events
from tradewire.venues.exchange.model import Message
from tradewire.venues.exchange.user_state import UserState
from tradewire.venues.exchange.user_values import (
    AccountRead,
    Attributes,
    Change,
    Effect,
    Identified,
    Now,
    OrderFields,
    ReadAccount,
    Report,
    RequestDone,
    RequestFailed,
)

SIZE = Attributes("ABC-USD", Side.BUY, 100, 5)
NOW = Now(1, 7)
AT = "2026-04-02T09:29:58.000451Z"


def uuid(name: str) -> str:
    """Return an id of the venue's that is as good as ``name``."""
    return f"{name.encode().hex():0>8.8}-0000-4000-8000-000000000000"


class User:
    """The state, with the venue's frames and our requests put into it."""

    def __init__(self) -> None:
        self.state = UserState()
        self._feed = ExchangeFeed()
        self.read()

    def read(self, *, is_followed: bool = True) -> None:
        self.state.account.read_started(NOW, is_followed=is_followed)
        self.finish_reading()

    def finish_reading(self) -> None:
        self.state.account_read(NOW, AccountRead((), (), ()))

    def hear(self, **message: Any) -> Sequence[Effect]:
        return self.state.take(NOW, self._feed.on_frame(json.dumps(message).encode(), 1))

    def submit(self, *request_ids: str) -> None:
        for request_id in request_ids:
            self.state.sent(request_id, SIZE)

    def ack(self, request_id: str) -> Sequence[Effect]:
        return self.hear(type="ack", op="submit_order", request_id=request_id)

    def reject(self, request_id: str, code: str, op: str = "submit_order") -> Sequence[Effect]:
        return self.hear(type="reject", op=op, request_id=request_id, code=code, message="no")

    def order(self, name: str, remaining: int = 5, status: str = "open") -> Sequence[Effect]:
        row = {
            "id": uuid(name),
            "trader_id": uuid("us"),
            "market": "ABC-USD",
            "side": "BUY",
            "price": 100,
            "quantity": 5,
            "remaining": remaining,
            "created_at": AT,
        }
        return self.hear(type="order_state", order=row, status=status)

    def fill(self, maker: str, size: int) -> None:
        row = {
            "fill_id": uuid(f"f{size}"),
            "market": "ABC-USD",
            "maker_order_id": uuid(maker),
            "taker_order_id": uuid("them"),
            "price": 100,
            "quantity": size,
            "occurred_at": AT,
        }
        assert self.hear(type="fill", fill=row) == []


def done(effects: Sequence[Effect]) -> dict[str, Order]:
    return {one.request_id: one.order for one in effects if isinstance(one, RequestDone)}


def failed(effects: Sequence[Effect]) -> dict[str, RequestError]:
    return {one.request_id: one.error for one in effects if isinstance(one, RequestFailed)}


def test_a_submit_is_done_once_its_order_is_reported() -> None:
    user = User()
    user.submit("mine")
    assert user.ack("mine") == []
    identified, report, answer = user.order("o1")
    assert identified == Identified("mine", uuid("o1"))
    assert isinstance(report, Order)
    assert isinstance(answer, RequestDone)
    assert (answer.request_id, answer.order) == ("mine", report)
    assert (answer.order.client_order_id, answer.order.updated_at_ns) == ("mine", 7)


def test_a_refusal_reaches_its_own_request() -> None:
    user = User()
    user.submit("a", "b")
    user.ack("a")
    [(name, error)] = failed(user.reject("b", "position_limit_exceeded")).items()
    assert (name, type(error)) == ("b", OrderRejected)
    assert list(done(user.order("o1"))) == ["a"]


def test_a_refusal_that_proves_nothing_leaves_the_outcome_unknown() -> None:
    user = User()
    user.submit("first")
    [error] = failed(user.reject("first", "overflow")).values()
    assert isinstance(error, OutcomeUnknown)
    # The order the venue made of it before it overflowed.
    [report] = user.order("o1")
    assert isinstance(report, Order)
    assert report.client_order_id == ""


def test_a_cancel_waits_for_the_end_and_not_for_an_earlier_fill() -> None:
    user = User()
    user.order("o")
    user.order("another")
    user.state.sent("c", Change(uuid("o"), None))
    assert done(user.order("another", status="canceled")) == {}
    assert user.hear(type="ack", op="cancel_order", request_id="c") == []
    user.fill("o", 2)
    assert done(user.order("o", remaining=3)) == {}
    ended = done(user.order("o", remaining=3, status="canceled"))["c"]
    assert (ended.status, ended.filled_size) == (OrderStatus.CANCELLED, 2)


def test_an_amend_waits_for_its_own_size() -> None:
    user = User()
    user.order("o")
    user.state.sent("a", Change(uuid("o"), 3))
    assert done(user.order("o", remaining=3)) == {}
    user = User()
    user.order("o")
    user.state.sent("a", Change(uuid("o"), 3))
    user.hear(type="ack", op="amend_order", request_id="a")
    user.fill("o", 1)
    assert done(user.order("o", remaining=4)) == {}
    shrunk = done(user.order("o", remaining=3))["a"]
    assert (shrunk.size, shrunk.filled_size) == (4, 1)


def test_several_changes_of_one_order_are_told_apart() -> None:
    user = User()
    user.order("o")
    for name, remaining in (("a4", 4), ("a2", 2), ("c1", None), ("c2", None)):
        user.state.sent(name, Change(uuid("o"), remaining))
    for name in ("a4", "a2", "c1"):
        user.hear(type="ack", op="amend_order", request_id=name)
    assert list(done(user.order("o", remaining=4))) == ["a4"]
    assert list(done(user.order("o", remaining=2))) == ["a2"]
    assert isinstance(failed(user.reject("c2", "order_not_found", "cancel_order"))["c2"], OrderNotFound)
    assert list(done(user.order("o", remaining=2, status="canceled"))) == ["c1"]


def test_a_request_is_under_way_until_its_order_is_known() -> None:
    user = User()
    user.submit("mine")
    assert user.state.is_waiting("mine")
    user.ack("mine")
    assert user.state.is_waiting("mine")
    user.order("o1")
    assert not user.state.is_waiting("mine")


def test_a_request_that_timed_out_is_left_to_those_who_ask() -> None:
    user = User()
    user.submit("slow")
    error = failed(user.state.timed_out(NOW, "slow", 5.0))["slow"]
    assert isinstance(error, OutcomeUnknown)
    assert "no answer within 5 s" in str(error)
    assert "open_orders" in error.lookup
    assert user.state.timed_out(NOW, "slow", 5.0) == []
    user.ack("slow")
    assert [type(one) for one in user.order("o1")] == [Order]
    user.state.sent("c", Change(uuid("o1"), None))
    assert list(failed(user.state.timed_out(NOW, "c", 5.0))) == ["c"]


def test_a_lost_connection_answers_every_request() -> None:
    user = User()
    user.order("o")
    user.submit("a")
    user.state.sent("c", Change(uuid("o"), None))
    user.state.sent("d", Change(uuid("o"), None))
    user.ack("a")
    user.hear(type="ack", op="cancel_order", request_id="c")
    lost = failed(user.state.disconnected(NOW))
    assert sorted(lost) == ["a", "c", "d"]
    for error in lost.values():
        assert error.outcome is Outcome.UNKNOWN
        assert "connection was lost" in str(error)
    assert not user.state.account.is_known


def test_answers_to_no_request_of_ours_do_no_harm() -> None:
    user = User()
    assert user.hear(type="ack", op="submit_order", request_id=None) == []
    assert user.reject("x", "invalid_price") == []
    [report] = user.order("o1")
    assert isinstance(report, Order)


def test_a_cancel_is_never_the_first_word_of_an_order_of_ours() -> None:
    user = User()
    user.submit("mine")
    user.ack("mine")
    assert done(user.order("old", status="canceled")) == {}
    assert list(done(user.order("new"))) == ["mine"]


def fields(name: str, remaining: int = 5) -> OrderFields:
    return OrderFields(uuid(name), "ABC-USD", Side.BUY, 100, 5, remaining, 1)


def test_an_equal_order_over_rest_is_told_apart_and_the_held_one_answered() -> None:
    user = User()
    user.submit("ws")
    user.state.rest_started("rest", SIZE)
    user.ack("ws")
    assert done(user.order("o1")) == done(user.order("o2")) == {}
    effects = user.state.rest_placed(NOW, "rest", SIZE, fields("o1"), (), is_resting=True)
    assert done(effects)["ws"].order_id == uuid("o2")
    [report] = [one for one in effects if isinstance(one, Order)]
    assert (report.order_id, report.client_order_id) == (uuid("o1"), "rest")


def test_a_submit_that_failed_over_rest_holds_back_no_equal_one() -> None:
    user = User()
    user.submit("ws")
    user.state.rest_started("rest", SIZE)
    user.ack("ws")
    assert done(user.order("o1")) == {}
    assert list(done(user.state.rest_failed(NOW, "rest", SIZE))) == ["ws"]


def test_an_order_answered_after_the_account_was_read_asks_for_the_account_again() -> None:
    user = User()
    user.state.rest_started("rest", SIZE)
    user.state.missed(NOW, "lagged")
    user.read()
    effects = user.state.rest_placed(NOW, "rest", SIZE, fields("o"), (), is_resting=True)
    assert isinstance(effects[-1], ReadAccount)
    assert not user.state.account.is_known


def test_missed_events_ask_for_the_account_and_give_up_what_was_acknowledged() -> None:
    user = User()
    user.submit("a", "b")
    user.ack("a")
    effects = user.state.missed(NOW, "unreadable")
    assert list(failed(effects)) == ["a"]
    assert effects[-1] == ReadAccount("unreadable")
    assert not user.state.account.is_known
    user = User()
    user.submit("a")
    user.ack("a")
    assert user.state.missed(NOW, "reconnected", are_orders=False) == [ReadAccount("reconnected")]


@pytest.mark.parametrize(("channel", "is_lost"), [("user", True), ("account", True), ("system", False)])
def test_a_call_to_resync_asks_for_the_account(channel: str, is_lost: bool) -> None:
    user = User()
    user.submit("a")
    user.ack("a")
    effects = user.hear(
        type="resync_required",
        channel=channel,
        market=None,
        expected_sequence=None,
        current_sequence=None,
        reason="lagged",
    )
    gap = effects[0]
    assert isinstance(gap, Report)
    assert isinstance(gap.event, events.Gap)
    assert gap.event.topic == f"resync_required {channel}"
    assert list(failed(effects)) == (["a"] if is_lost else [])
    assert effects[-1] == ReadAccount("lagged")


def test_a_fill_is_reported_with_the_state_that_follows_it() -> None:
    user = User()
    user.order("o")
    user.fill("o", 2)
    effects = user.order("o", remaining=3)
    [fill] = [one for one in effects if isinstance(one, Fill)]
    assert (fill.order_id, fill.size) == (uuid("o"), 2)


def test_a_message_about_a_market_asks_for_the_account_and_another_does_not() -> None:
    message = {
        "message_id": uuid("m"),
        "target_username": None,
        "target_trader_id": None,
        "market": "ABC-USD",
        "level": "info",
        "title": "Abc settled",
        "body": "Market Abc settled at 104 USD per ABC.",
        "created_at": AT,
    }
    user = User()
    report, read = user.hear(type="admin_message", message=message)
    assert isinstance(report, Message)
    assert isinstance(read, ReadAccount)
    [report] = user.hear(type="admin_message", message=message | {"market": None})
    assert isinstance(report, Message)
    with pytest.raises(FrameError):
        user.hear(type="admin_message", message=message | {"level": "loud"})


def row(name: str) -> OrderFields:
    return OrderFields(uuid(name), "ABC-USD", Side.BUY, 100, 5, 5, 1)


def test_an_order_listed_before_its_event_still_answers_its_request() -> None:
    user = User()
    user.submit("mine")
    user.ack("mine")
    user.state.orders_listed((row("o1"),))
    assert list(done(user.order("o1"))) == ["mine"]
    # One that was there before the request is not taken for its order.
    user.state.orders_listed((row("older"),))
    user.submit("next")
    user.ack("next")
    assert done(user.order("older")) == {}


def test_a_late_ack_of_an_order_that_was_found_meanwhile_names_no_other() -> None:
    user = User()
    user.submit("mine")
    assert list(failed(user.state.timed_out(NOW, "mine", 1.0))) == ["mine"]
    user.state.order_found(NOW, "mine", row("o1"))
    assert [type(one) for one in user.order("o1")] == [Order]
    user.ack("mine")
    user.submit("next")
    user.ack("next")
    assert list(done(user.order("o2"))) == ["next"]


@pytest.mark.parametrize("is_followed", [True, False])
def test_an_account_read_while_its_connection_was_away_is_not_known(is_followed: bool) -> None:
    user = User()
    user.state.disconnected(NOW)
    user.read(is_followed=is_followed)
    assert user.state.account.is_known is is_followed
    # Nor is one that something was missed after.
    user.state.account.read_started(NOW)
    user.state.missed(NOW, "a frame could not be read")
    user.finish_reading()
    assert not user.state.account.is_known
