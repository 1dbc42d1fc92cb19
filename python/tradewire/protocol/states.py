"""The states of a supervised connection and the one table that leads from one to the next.

A pair that is not in the table is a bug of tradewire and raises ``LocalProtocolError``. Books have a
smaller life of their own (``protocol.health``): one book in doubt does not make a connection less live.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from types import MappingProxyType

from tradewire.errors import LocalProtocolError

__all__ = ["TRANSITIONS", "Cue", "State", "follow"]


class State(StrEnum):
    """Where a connection stands."""

    IDLE = "idle"
    CONNECTING = "connecting"
    SIGNING = "signing"
    SUBSCRIBING = "subscribing"
    LIVE = "live"
    BACKING_OFF = "backing_off"
    CLOSED = "closed"

    @property
    def is_open(self) -> bool:
        """Frames may be sent."""
        return self in _OPEN


_OPEN = frozenset({State.SIGNING, State.SUBSCRIBING, State.LIVE})


class Cue(StrEnum):
    """What moves a connection from one state to the next."""

    CONNECT = "connect"
    OPENED = "opened"
    LOGIN_SENT = "login_sent"
    LOGIN_ANSWERED = "login_answered"
    ASKED = "asked"
    ALL_CONFIRMED = "all_confirmed"
    LOST = "lost"
    CLOSE = "close"


TRANSITIONS: Mapping[tuple[State, Cue], State] = MappingProxyType(
    {
        (State.IDLE, Cue.CONNECT): State.CONNECTING,
        (State.CONNECTING, Cue.OPENED): State.SUBSCRIBING,
        (State.CONNECTING, Cue.LOST): State.BACKING_OFF,
        (State.SUBSCRIBING, Cue.LOGIN_SENT): State.SIGNING,
        (State.SUBSCRIBING, Cue.ASKED): State.SUBSCRIBING,
        (State.SUBSCRIBING, Cue.ALL_CONFIRMED): State.LIVE,
        (State.SUBSCRIBING, Cue.LOST): State.BACKING_OFF,
        (State.SIGNING, Cue.LOGIN_ANSWERED): State.SUBSCRIBING,
        (State.SIGNING, Cue.ASKED): State.SIGNING,
        (State.SIGNING, Cue.LOST): State.BACKING_OFF,
        (State.LIVE, Cue.LOGIN_SENT): State.SIGNING,
        (State.LIVE, Cue.ASKED): State.SUBSCRIBING,
        (State.LIVE, Cue.LOST): State.BACKING_OFF,
        (State.BACKING_OFF, Cue.CONNECT): State.CONNECTING,
        **{(state, Cue.CLOSE): State.CLOSED for state in State},
    }
)


def follow(state: State, cue: Cue) -> State:
    """Return the state after ``cue``.

    Raises:
        LocalProtocolError: The table has no such step: a bug of tradewire.
    """
    try:
        return TRANSITIONS[state, cue]
    except KeyError:
        raise LocalProtocolError(f"a stream that is {state} cannot take the cue {cue}") from None
