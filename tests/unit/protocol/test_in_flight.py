"""Questions of a venue's own over the stream: each gets its reply, or learns that none will come."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any, cast

import pytest

from tradewire.protocol.in_flight import InFlight, Purpose


def in_flight() -> InFlight:
    return InFlight(cast("Any", SimpleNamespace(ping=lambda number: b"ping %d" % number)))


def reply_to(number: int) -> Any:
    return SimpleNamespace(id=number, answers="")


def test_question_has_a_number_and_a_deadline_of_its_own() -> None:
    flight, answers = in_flight(), list[Any]()
    assert flight.register(Purpose.PING, (), 50) == b"ping 1"
    assert flight.ask(lambda number: b"time %d" % number, answers.append, 70) == b"time 2"
    assert list(flight.deadlines_ns()) == [50, 70]
    request = flight.answered(reply_to(2))
    assert request is not None
    assert request.answer is not None
    request.answer(news := reply_to(2))
    assert answers == [news]
    assert flight.overdue(60) == "ping request 1 was not answered in time"


def test_question_learns_that_its_connection_is_lost() -> None:
    flight, answers = in_flight(), list[Any]()
    flight.ask(lambda _: b"", answers.append, 70)
    assert flight.overdue(70) == "question request 1 was not answered in time"
    flight.clear()
    assert answers == [None]
    assert not flight


def test_a_question_may_be_asked_where_another_one_is_lost() -> None:
    flight = in_flight()
    flight.ask(lambda _: b"", lambda _: cast("None", flight.ask(lambda _: b"", lambda _: None, 90)), 70)
    flight.clear()
    assert list(flight.deadlines_ns()) == [90]


def test_venue_that_never_answers_ends_no_other_request() -> None:
    flight = in_flight()
    flight.ask(lambda _: b"", lambda _: None, 70)
    assert flight.answered(reply_to(5)) is None
    with pytest.raises(StopIteration):
        next(deadline for deadline in flight.deadlines_ns() if deadline != 70)
