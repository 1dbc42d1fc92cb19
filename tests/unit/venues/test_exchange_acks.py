"""The rule that finds an order's id: by example, and against a venue that acts in every order it may."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, field
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from tradewire.model import Side
from tradewire.venues.exchange.acks import DOUBT_NS, AckMatcher
from tradewire.venues.exchange.user_values import Attributes, Attribution, Identified, Unlinked

ONE = Attributes("ABC-USD", Side.BUY, 100, 5)
OTHERS = (
    ONE._replace(market="XYZ-USD"),
    ONE._replace(side=Side.SELL),
    ONE._replace(price=101),
    ONE._replace(size=6),
)
MS = 1_000_000


def sent(*names: str, attributes: Attributes = ONE) -> AckMatcher:
    acks = AckMatcher()
    for name in names:
        acks.sent(name, attributes)
    return acks


def lost(news: list[Attribution]) -> list[str]:
    return [one.request_id for one in news if isinstance(one, Unlinked)]


def test_an_order_told_after_its_ack_is_found() -> None:
    acks = sent("a")
    assert acks.acked("a", 1) == []
    assert acks.seen("o1", ONE, 2) == [Identified("a", "o1")]
    assert not acks.is_waiting("a")


def test_equal_requests_pair_up_in_the_order_they_were_sent() -> None:
    acks = sent("a", "b", "c")
    assert acks.acked("a", 1) == acks.refused("b", 1) == acks.acked("c", 1) == []
    assert acks.seen("o1", ONE, 2) == [Identified("a", "o1")]
    assert acks.seen("o2", ONE, 3) == [Identified("c", "o2")]


def test_an_order_of_a_request_refused_without_proof_is_not_taken_for_an_equal_one() -> None:
    acks = sent("a", "b", "c")
    acks.acked("a", 1)
    assert lost(acks.refused("b", 1, is_certain=False)) == ["a"]
    assert lost(acks.acked("c", 1)) == ["c"]
    # Of these three orders nobody knows whose they are.
    assert [acks.seen(name, ONE, 2) for name in ("o1", "o2", "o3")] == [[], [], []]
    later = 1 + 2 * DOUBT_NS
    acks.sent("d", ONE)
    acks.acked("d", later)
    assert acks.seen("o4", ONE, later) == [Identified("d", "o4")]


@pytest.mark.parametrize("other", OTHERS)
def test_an_order_that_differs_in_anything_is_not_taken(other: Attributes) -> None:
    acks = sent("a")
    acks.acked("a", 1)
    assert acks.seen("o1", other, 2) == []
    assert acks.seen("o2", ONE, 3) == [Identified("a", "o2")]


def test_different_requests_do_not_wait_for_one_another() -> None:
    acks = sent("a")
    acks.sent("b", OTHERS[0])
    acks.acked("a", 1)
    acks.acked("b", 1)
    assert acks.seen("o2", OTHERS[0], 2) == [Identified("b", "o2")]
    assert acks.seen("o1", ONE, 3) == [Identified("a", "o1")]


def test_an_order_told_before_the_ack_is_not_ours() -> None:
    acks = sent("a")
    assert acks.seen("strange", ONE, 1) == []
    acks.acked("a", 2)
    assert acks.seen("o1", ONE, 3) == [Identified("a", "o1")]


def test_one_order_more_than_asked_for_takes_the_pairings_back() -> None:
    acks = sent("a", "b")
    acks.acked("a", 1)
    acks.seen("strange", ONE, 2)
    acks.acked("b", 3)
    acks.seen("o1", ONE, DOUBT_NS)
    assert lost(acks.seen("o2", ONE, 2 * DOUBT_NS)) == ["a", "b"]
    assert acks.seen("o3", ONE, 2 * DOUBT_NS) == []


def test_one_order_more_much_later_casts_no_doubt() -> None:
    acks = sent("a")
    acks.acked("a", 1)
    acks.seen("o1", ONE, 2)
    assert acks.seen("o2", ONE, 3 + DOUBT_NS) == []


@pytest.mark.parametrize("is_refused", [True, False])
def test_an_answer_that_was_skipped_makes_equal_requests_unknown(is_refused: bool) -> None:
    acks = sent("a", "b")
    acks.sent("c", OTHERS[0])
    news = acks.refused("b", 1) if is_refused else acks.acked("b", 1)
    assert lost(news) == (["a"] if is_refused else ["a", "b"])
    acks.acked("c", 2)
    assert acks.seen("o3", OTHERS[0], 3) == [Identified("c", "o3")]
    acks.sent("d", ONE)
    assert lost(acks.acked("d", 4)) == ["d"]
    acks.sent("e", ONE)
    acks.acked("e", 5 + DOUBT_NS)
    assert acks.seen("o5", ONE, 6 + DOUBT_NS) == [Identified("e", "o5")]


def test_an_order_over_rest_is_held_back_until_it_is_named() -> None:
    acks = sent("a")
    acks.rest_began(ONE)
    acks.acked("a", 1)
    acks.sent("b", OTHERS[0])
    assert acks.under_way() == {ONE, OTHERS[0]}
    assert acks.refused("b", 2) == []
    assert acks.seen("o1", ONE, 2) == acks.seen("o2", ONE, 3) == []
    assert acks.rest_placed(ONE, "o1", 4) == [Identified("a", "o2")]
    assert acks.under_way() == set()


def test_an_order_held_back_since_before_the_ack_is_not_ours() -> None:
    acks = sent("a")
    acks.rest_began(ONE)
    acks.seen("strange", ONE, 1)
    acks.acked("a", 2)
    acks.seen("o1", ONE, 3)
    assert acks.rest_failed(ONE, 4, is_certain=True) == [Identified("a", "o1")]


def test_a_refusal_over_rest_lets_the_held_order_go() -> None:
    acks = sent("a")
    acks.rest_began(ONE)
    acks.acked("a", 1)
    acks.seen("o1", ONE, 2)
    assert acks.rest_failed(ONE, 3, is_certain=True) == [Identified("a", "o1")]


def test_an_unknown_outcome_over_rest_makes_equal_requests_unknown() -> None:
    acks = sent("a")
    acks.rest_began(ONE)
    acks.acked("a", 1)
    acks.seen("o1", ONE, 2)
    assert lost(acks.rest_failed(ONE, 3, is_certain=False)) == ["a"]
    acks.sent("b", ONE)
    assert lost(acks.acked("b", 4)) == ["b"]


def test_a_late_answer_after_lost_patience_still_finds_the_order() -> None:
    acks = sent("a", "b")
    assert acks.timed_out("a", 1) == []
    acks.acked("a", 2)
    acks.acked("b", 3)
    assert acks.seen("o1", ONE, 4) == [Identified("a", "o1")]
    assert acks.seen("o2", ONE, 5) == [Identified("b", "o2")]


def test_an_order_never_told_after_its_ack_makes_equal_requests_unknown() -> None:
    acks = sent("a", "b")
    acks.acked("a", 1)
    acks.acked("b", 2)
    assert lost(acks.timed_out("a", 3)) == ["a", "b"]


def test_missed_events_make_acknowledged_requests_unknown_and_leave_the_others() -> None:
    acks = sent("a")
    acks.sent("b", OTHERS[0])
    acks.acked("a", 1)
    acks.rest_began(ONE)
    acks.seen("o1", ONE, 2)
    assert lost(acks.missed(2)) == ["a"]
    acks.rest_failed(ONE, 2, is_certain=True)
    acks.acked("b", 3)
    assert acks.seen("o2", OTHERS[0], 4) == [Identified("b", "o2")]


def test_a_lost_connection_makes_everything_unknown_and_what_follows_careful() -> None:
    acks = sent("a", "b")
    acks.acked("a", 1)
    acks.sent("cancel", None)
    assert sorted(lost(acks.disconnected(2))) == ["a", "b", "cancel"]
    acks.sent("c", ONE)
    assert lost(acks.acked("c", 3)) == ["c"]
    assert acks.seen("o1", ONE, 4) == []


def test_requests_that_make_no_order_keep_the_order_of_answers() -> None:
    acks = sent("a")
    acks.sent("cancel", None)
    assert lost(acks.acked("cancel", 1)) == ["a"]
    assert acks.refused("nobody's", 2) == acks.acked("nobody's", 2) == []


def test_what_is_remembered_has_an_end() -> None:
    acks = AckMatcher()
    for number in range(1000):
        attributes = ONE._replace(price=number + 1)
        now_ns = number * DOUBT_NS // 10
        acks.sent(f"a{number}", attributes)
        acks.acked(f"a{number}", now_ns)
        acks.seen(f"o{number}", attributes, now_ns)
        acks.sent(f"b{number}", attributes)
        acks.disconnected(now_ns)
    remembered = [len(value) for value in vars(acks).values() if hasattr(value, "__len__")]
    assert max(remembered) <= 20


@dataclass
class Venue:
    """An obvious model of the venue, its wires and its other clients; it knows whose order is whose."""

    acks: AckMatcher = field(default_factory=AckMatcher)
    now_ns: int = 0
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
    believed: dict[str, str | None] = field(default_factory=dict)

    def name(self, kind: str) -> str:
        self.count += 1
        return f"{kind}{self.count}"

    def take(self, news: list[Attribution]) -> None:
        for one in news:
            self.believed[one.request_id] = one.order_id if isinstance(one, Identified) else None

    def send(self, attributes: Attributes) -> None:
        request_id = self.name("ws")
        self.acks.sent(request_id, attributes)
        self.unhandled.append((request_id, attributes))

    def handle(self, *, is_accepted: bool) -> None:
        if self.unhandled:
            request_id, attributes = self.unhandled.popleft()
            self.answers.append((request_id, is_accepted))
            if is_accepted:
                self.truth[request_id] = self.make(attributes, self.answered + len(self.answers))

    def make(self, attributes: Attributes, after: int = 0) -> str:
        order_id = self.name("order")
        self.events.append((order_id, attributes, after))
        return order_id

    def answer(self, *, is_lost: bool = False) -> None:
        if self.answers:
            request_id, is_accepted = self.answers.popleft()
            self.answered += 1
            if not is_lost:
                judge = self.acks.acked if is_accepted else self.acks.refused
                self.take(judge(request_id, self.now_ns))

    def tell(self) -> None:
        if self.events and self.events[0][2] <= self.answered:
            order_id, attributes, _ = self.events.popleft()
            if order_id not in self.named:
                self.take(self.acks.seen(order_id, attributes, self.now_ns))

    def post(self, attributes: Attributes) -> None:
        self.acks.rest_began(attributes)
        self.over_rest.append((self.name("rest"), attributes))

    def handle_post(self, *, is_accepted: bool) -> None:
        if self.over_rest:
            request_id, attributes = self.over_rest.pop(0)
            order_id = self.make(attributes) if is_accepted else ""
            self.replies.append((request_id, attributes, order_id))

    def reply(self, *, is_lost: bool = False) -> None:
        if self.replies:
            _, attributes, order_id = self.replies.pop(0)
            if is_lost or not order_id:
                self.take(self.acks.rest_failed(attributes, self.now_ns, is_certain=not is_lost))
            else:
                self.take(self.acks.rest_placed(attributes, order_id, self.now_ns))
                self.named.add(order_id)

    def lag(self) -> None:
        while self.answers:
            self.answer()
        if self.events:
            self.events.popleft()
            self.take(self.acks.missed(self.now_ns))

    def cut(self) -> None:
        self.answered += len(self.answers)
        self.answers.clear()
        self.events.clear()
        self.take(self.acks.disconnected(self.now_ns))

    def finish(self) -> None:
        while self.unhandled or self.over_rest:
            self.handle(is_accepted=True)
            self.handle_post(is_accepted=True)
        while self.answers or self.replies or self.events:
            self.answer()
            self.reply()
            self.tell()

    def do(self, step: str, attributes: Attributes) -> None:
        self.now_ns += MS
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
        waiting = [name for name in self.named_requests() if self.acks.is_waiting(name)]
        if waiting:
            self.take(self.acks.timed_out(waiting[0], self.now_ns))

    def named_requests(self) -> list[str]:
        return [f"ws{number}" for number in range(1, self.count + 1)]

    def wrong(self) -> dict[str, str]:
        """Return what is believed and not so."""
        return {
            request_id: order_id
            for request_id, order_id in self.believed.items()
            if order_id is not None and self.truth.get(request_id) != order_id
        }


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
def test_no_fault_makes_an_order_somebody_elses(script: list[tuple[str, Attributes]]) -> None:
    venue = Venue()
    for step, attributes in script:
        venue.do(step, attributes)
    venue.finish()
    assert venue.wrong() == {}


@MANY
@given(steps(*STRANGE))
@example([("send", ONE), ("accept", ONE), ("answer", ONE), ("stranger", ONE), ("tell", ONE)])
def test_no_stranger_is_taken_for_ours_for_good(script: list[tuple[str, Attributes]]) -> None:
    venue = Venue()
    for step, attributes in script:
        venue.do(step, attributes)
    venue.finish()
    assert venue.wrong() == {}
