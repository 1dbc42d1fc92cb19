"""The small parts of a stream: states, back-off, batches."""

from __future__ import annotations

import random

import pytest

from tradewire.errors import ConfigError, LocalProtocolError
from tradewire.protocol.backoff import Backoff
from tradewire.protocol.channels import Channel, batches
from tradewire.protocol.states import TRANSITIONS, State, Trigger, follow

MS = 1_000_000
SECOND = 1000 * MS


def test_every_state_can_be_reached_and_closed_cannot_be_left() -> None:
    reached = {State.IDLE}
    for _ in State:
        reached |= {after for (before, _), after in TRANSITIONS.items() if before in reached}
    assert reached == set(State)
    assert {after for (before, _), after in TRANSITIONS.items() if before is State.CLOSED} == {State.CLOSED}


def test_every_open_state_survives_a_loss_and_every_state_can_close() -> None:
    for state in State:
        assert follow(state, Trigger.CLOSE) is State.CLOSED
        if state.is_open:
            assert follow(state, Trigger.LOST) is State.BACKING_OFF


@pytest.mark.parametrize(
    ("state", "cue"),
    [
        (State.IDLE, Trigger.OPENED),
        (State.CLOSED, Trigger.CONNECT),
        (State.LIVE, Trigger.CONNECT),
        (State.IDLE, Trigger.LOST),
    ],
)
def test_a_step_that_is_not_in_the_table_is_our_bug(state: State, cue: Trigger) -> None:
    with pytest.raises(LocalProtocolError, match=f"{state}.*{cue}"):
        follow(state, cue)


def test_back_off_doubles_to_its_cap() -> None:
    backoff = Backoff(lambda: 0.0, first_ns=250 * MS, cap_ns=2 * SECOND)
    assert [backoff.failed(0) // MS for _ in range(6)] == [250, 500, 1000, 2000, 2000, 2000]


def test_back_off_spreads_over_the_upper_half_of_each_step() -> None:
    chance = random.Random(7)
    first = [Backoff(chance.random, first_ns=SECOND).failed(0) for _ in range(200)]
    assert min(first) > SECOND // 2
    assert max(first) <= SECOND
    assert len(set(first)) == 200


def test_only_a_connection_that_lasted_forgives_the_failures_before_it() -> None:
    backoff = Backoff(lambda: 0.0, first_ns=SECOND, cap_ns=60 * SECOND, stable_ns=30 * SECOND)
    now_ns = 0
    delays = []
    for lived_s in (0, 1, 29, 30, 5):
        backoff.succeeded(now_ns)
        now_ns += lived_s * SECOND
        delays.append(backoff.failed(now_ns) // SECOND)
    assert delays == [1, 2, 4, 1, 2]


def test_back_off_refuses_nonsense() -> None:
    with pytest.raises(ConfigError):
        Backoff(random.random, first_ns=0)
    with pytest.raises(ConfigError):
        Backoff(random.random, first_ns=2, cap_ns=1)


def test_batches_keep_topics_apart_and_all_channels_alone() -> None:
    channels = [Channel("a", "1"), Channel("b"), Channel("a", "2"), Channel("c", "3"), Channel("a", "4")]
    assert list(batches(channels, 2)) == [
        (Channel("b"),),
        (Channel("a", "1"), Channel("a", "2")),
        (Channel("a", "4"),),
        (Channel("c", "3"),),
    ]
    assert list(batches([], 2)) == []
