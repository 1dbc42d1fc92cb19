"""Which state follows which."""

from __future__ import annotations

import pytest

from tradewire.errors import LocalProtocolError
from tradewire.protocol.states import TRANSITIONS, State, Trigger, follow


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
