"""The rule that finds an order's id: by example, and against a venue that acts in every order it may."""

from __future__ import annotations

from collections import Counter, deque
from dataclasses import dataclass, field
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from tradewire.model import Side
from tradewire.venues.exchange.acks import AckMatcher
from tradewire.venues.exchange.user_values import Attributes, Identified

ONE = Attributes("ABC-USD", Side.BUY, 100, 5)
OTHERS = (
    replace(ONE, market="XYZ-USD"),
    replace(ONE, side=Side.SELL),
    replace(ONE, price=101),
    replace(ONE, size=6),
)


def sent(*names: str, attributes: Attributes = ONE) -> AckMatcher:
    acks = AckMatcher()
    for name in names:
        acks.sent(name, attributes)
    return acks


def test_an_order_told_after_its_ack_is_found() -> None:
    acks = sent("a")
    assert acks.acked("a") == []
    assert acks.seen("o1", ONE) == [Identified("a", "o1")]
    assert "a" not in acks.unanswered


def test_equal_requests_pair_up_in_the_order_they_were_sent() -> None:
    acks = sent("a", "b", "c")
    assert acks.acked("a") == acks.refused("b") == acks.acked("c") == []
    assert acks.seen("o1", ONE) == [Identified("a", "o1")]
    assert acks.seen("o2", ONE) == [Identified("c", "o2")]


@pytest.mark.parametrize("other", OTHERS)
def test_an_order_that_differs_in_anything_is_not_taken(other: Attributes) -> None:
    acks = sent("a")
    acks.acked("a")
    assert acks.seen("o1", other) == []
    assert acks.seen("o2", ONE) == [Identified("a", "o2")]


def test_different_requests_do_not_wait_for_one_another() -> None:
    acks = sent("a")
    acks.sent("b", OTHERS[0])
    acks.acked("a")
    acks.acked("b")
    assert acks.seen("o2", OTHERS[0]) == [Identified("b", "o2")]
    assert acks.seen("o1", ONE) == [Identified("a", "o1")]


def test_an_order_told_before_the_ack_is_not_ours() -> None:
    acks = sent("a")
    assert acks.seen("strange", ONE) == []
    acks.acked("a")
    assert acks.seen("o1", ONE) == [Identified("a", "o1")]


@pytest.mark.parametrize("is_refused", [True, False])
def test_an_answer_that_was_skipped_is_noticed_by_the_next_one(is_refused: bool) -> None:
    acks = sent("a", "b")
    assert (acks.refused("b") if is_refused else acks.acked("b")) == ["a"]
    assert "a" not in acks.unanswered


def test_an_order_over_rest_is_held_back_until_it_is_named() -> None:
    acks = sent("a")
    acks.rest_began(ONE)
    acks.acked("a")
    acks.sent("b", OTHERS[0])
    assert acks.under_way() == {ONE, OTHERS[0]}
    assert acks.refused("b") == []
    assert acks.seen("o1", ONE) == acks.seen("o2", ONE) == []
    assert acks.rest_ended(ONE, "o1") == [Identified("a", "o2")]
    assert acks.under_way() == set()


def test_an_order_is_held_back_until_the_last_equal_one_over_rest_has_ended() -> None:
    acks = sent("a")
    acks.rest_began(ONE)
    acks.rest_began(ONE)
    acks.acked("a")
    assert [acks.seen(name, ONE) for name in ("o1", "o2", "o3")] == [[], [], []]
    assert acks.rest_ended(ONE, "o3") == []
    assert acks.rest_ended(ONE, "o1") == [Identified("a", "o2")]


def test_an_order_held_back_since_before_the_ack_is_not_ours() -> None:
    acks = sent("a")
    acks.rest_began(ONE)
    acks.seen("strange", ONE)
    acks.acked("a")
    acks.seen("o1", ONE)
    assert acks.rest_ended(ONE) == [Identified("a", "o1")]


def test_a_request_that_is_forgotten_takes_no_place_and_keeps_the_order_of_answers() -> None:
    acks = sent("a", "b", "c")
    acks.acked("a")
    acks.forget("a")
    acks.forget("b")
    assert "a" not in acks.unanswered
    assert "b" in acks.unanswered
    assert acks.acked("b") == acks.acked("c") == []
    assert acks.seen("o1", ONE) == [Identified("c", "o1")]


def test_missed_events_give_up_acknowledged_requests_and_leave_the_others() -> None:
    acks = sent("a")
    acks.sent("b", OTHERS[0])
    acks.acked("a")
    acks.rest_began(ONE)
    acks.seen("o1", ONE)
    assert acks.missed() == ["a"]
    assert acks.rest_ended(ONE) == []
    acks.acked("b")
    assert acks.seen("o2", OTHERS[0]) == [Identified("b", "o2")]


def test_after_a_lost_connection_nothing_of_before_is_waited_for() -> None:
    acks = sent("a", "b")
    acks.acked("a")
    acks.sent("cancel", None)
    acks.disconnected()
    assert not acks.unanswered
    acks.sent("c", ONE)
    assert acks.acked("c") == []
    assert acks.seen("o1", ONE) == [Identified("c", "o1")]


def test_requests_that_make_no_order_keep_the_order_of_answers() -> None:
    acks = sent("a")
    acks.sent("cancel", None)
    assert acks.acked("cancel") == ["a"]
    assert acks.refused("nobody's") == acks.acked("nobody's") == []


def test_what_is_remembered_has_an_end() -> None:
    acks = AckMatcher()
    for number in range(1000):
        attributes = replace(ONE, price=number + 1)
        acks.sent(f"a{number}", attributes)
        acks.acked(f"a{number}")
        acks.seen(f"o{number}", attributes)
        acks.rest_began(attributes)
        acks.seen(f"p{number}", attributes)
        acks.rest_ended(attributes)
        acks.sent(f"b{number}", attributes)
        acks.disconnected()
    remembered = [len(value) for value in vars(acks).values() if hasattr(value, "__len__")]
    assert max(remembered) <= 20


@dataclass
class Venue:
    """An obvious model of the venue, its wires and its other clients; it knows whose order is whose."""

    acks: AckMatcher = field(default_factory=AckMatcher)
    count: int = 0
    unhandled: deque[tuple[str, Attributes]] = field(default_factory=deque)
    answers: deque[tuple[str, bool]] = field(default_factory=deque)
    answered: int = 0
    # Order, its attributes, and how many answers come before it.
    events: deque[tuple[str, Attributes, int]] = field(default_factory=deque)
    over_rest: list[tuple[str, Attributes]] = field(default_factory=list)
    replies: list[tuple[str, Attributes, str]] = field(default_factory=list)
    named: set[str] = field(default_factory=set)
    truth: dict[str, str] = field(default_factory=dict)
    believed: dict[str, str] = field(default_factory=dict)
    looks: dict[str, Attributes] = field(default_factory=dict)
    ours: set[str] = field(default_factory=set)

    def name(self, kind: str) -> str:
        self.count += 1
        return f"{kind}{self.count}"

    def take(self, news: list[Identified]) -> None:
        for one in news:
            self.believed[one.request_id] = one.order_id

    def send(self, attributes: Attributes) -> None:
        request_id = self.name("ws")
        self.acks.sent(request_id, attributes)
        self.looks[request_id] = attributes
        self.unhandled.append((request_id, attributes))

    def handle(self, *, is_accepted: bool) -> None:
        if self.unhandled:
            request_id, attributes = self.unhandled.popleft()
            self.answers.append((request_id, is_accepted))
            if is_accepted:
                self.truth[request_id] = order_id = self.make(attributes, self.answered + len(self.answers))
                self.ours.add(order_id)

    def make(self, attributes: Attributes, after: int = 0) -> str:
        order_id = self.name("order")
        self.looks[order_id] = attributes
        self.events.append((order_id, attributes, after))
        return order_id

    def answer(self, *, is_lost: bool = False) -> None:
        if self.answers:
            request_id, is_accepted = self.answers.popleft()
            self.answered += 1
            if not is_lost:
                (self.acks.acked if is_accepted else self.acks.refused)(request_id)

    def tell(self) -> None:
        if self.events and self.events[0][2] <= self.answered:
            order_id, attributes, _ = self.events.popleft()
            if order_id not in self.named:
                self.take(self.acks.seen(order_id, attributes))

    def post(self, attributes: Attributes) -> None:
        self.acks.rest_began(attributes)
        self.over_rest.append((self.name("rest"), attributes))

    def handle_post(self, *, is_accepted: bool) -> None:
        if self.over_rest:
            request_id, attributes = self.over_rest.pop(0)
            order_id = self.make(attributes) if is_accepted else ""
            self.ours.add(order_id)
            self.replies.append((request_id, attributes, order_id))

    def reply(self, *, is_lost: bool = False) -> None:
        if self.replies:
            _, attributes, order_id = self.replies.pop(0)
            named = "" if is_lost else order_id
            self.take(self.acks.rest_ended(attributes, named))
            self.named.add(named)

    def lag(self) -> None:
        while self.answers:
            self.answer()
        if self.events:
            self.events.popleft()
            self.acks.missed()

    def cut(self) -> None:
        self.answered += len(self.answers)
        self.answers.clear()
        self.events.clear()
        self.acks.disconnected()

    def finish(self) -> None:
        while self.unhandled or self.over_rest:
            self.handle(is_accepted=True)
            self.handle_post(is_accepted=True)
        while self.answers or self.replies or self.events:
            self.answer()
            self.reply()
            self.tell()

    def do(self, step: str, attributes: Attributes) -> None:
        actions: dict[str, Any] = {
            "send": lambda: self.send(attributes),
            "accept": lambda: self.handle(is_accepted=True),
            "refuse": lambda: self.handle(is_accepted=False),
            "answer": self.answer,
            "tell": self.tell,
            "post": lambda: self.post(attributes),
            "accept post": lambda: self.handle_post(is_accepted=True),
            "refuse post": lambda: self.handle_post(is_accepted=False),
            "reply": self.reply,
            "give up": self.give_up,
            "lose answer": lambda: self.answer(is_lost=True),
            "lose reply": lambda: self.reply(is_lost=True),
            "lag": self.lag,
            "cut": self.cut,
            "stranger": lambda: self.make(attributes),
        }
        actions[step]()

    def give_up(self) -> None:
        waiting = [name for name in self.named_requests() if name in self.acks.unanswered]
        if waiting:
            self.acks.forget(waiting[0])

    def named_requests(self) -> list[str]:
        return [f"ws{number}" for number in range(1, self.count + 1)]

    def wrong(self, *, strangers: bool) -> list[tuple[str, str]]:
        """Return pairings of what does not look alike, or is nobody's of ours, or was named for another request."""
        orders = Counter(self.believed.values())
        return [
            (request_id, order_id)
            for request_id, order_id in self.believed.items()
            if self.looks[order_id] != self.looks[request_id]
            or orders[order_id] > 1
            or order_id in self.named
            or (order_id not in self.ours and not strangers)
        ]


MANY = settings(max_examples=150, deadline=None)
SOUND = ["send", "send", "accept", "accept", "refuse", "answer", "answer", "tell", "tell"]
OVER_REST = ["post", "accept post", "refuse post", "reply"]
FAULTS = ["give up", "lose answer", "lose reply", "lag", "cut"]
STRANGE = ["stranger", "give up", "lose answer", "lose reply"]


def steps(*rare: str) -> st.SearchStrategy[list[tuple[str, Attributes]]]:
    """Return scripts long enough for something to go wrong; most of what happens looks alike."""
    kind = st.sampled_from([*SOUND * 4, *OVER_REST * 4, *rare])
    attributes = st.sampled_from((ONE, ONE, ONE, ONE, OTHERS[0]))
    return st.lists(st.tuples(kind, attributes), min_size=20, max_size=80)


@MANY
@given(steps())
def test_every_order_of_a_sound_venue_is_found(script: list[tuple[str, Attributes]]) -> None:
    venue = Venue()
    for step, attributes in script:
        venue.do(step, attributes)
    venue.finish()
    assert venue.believed == venue.truth


@MANY
@given(steps(*FAULTS))
def test_no_fault_gives_a_request_an_order_that_is_not_equal_to_its_own(
    script: list[tuple[str, Attributes]],
) -> None:
    venue = Venue()
    for step, attributes in script:
        venue.do(step, attributes)
    venue.finish()
    assert venue.wrong(strangers=False) == []


@MANY
@given(steps(*STRANGE))
def test_no_stranger_is_taken_for_two_or_for_what_it_does_not_look_like(
    script: list[tuple[str, Attributes]],
) -> None:
    venue = Venue()
    for step, attributes in script:
        venue.do(step, attributes)
    venue.finish()
    assert venue.wrong(strangers=True) == []
