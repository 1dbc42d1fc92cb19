"""The states of a supervised connection and the one table that leads from one to the next.

A pair that is not in the table is a bug of tradewire and raises ``LocalProtocolError``. Books have a
smaller life of their own (``protocol.health``): one book in doubt does not make a connection less live.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from types import MappingProxyType

from tradewire.errors import LocalProtocolError

__all__ = ["TRANSITIONS", "State", "Trigger", "follow"]


class State(StrEnum):
    """Where a connection stands."""

    IDLE = "idle"
    CONNECTING = "connecting"
    AUTHENTICATING = "authenticating"
    SUBSCRIBING = "subscribing"
    LIVE = "live"
    BACKING_OFF = "backing_off"
    CLOSED = "closed"

    @property
    def is_open(self) -> bool:
        """Frames may be sent."""
        return self in _OPEN


_OPEN = frozenset({State.AUTHENTICATING, State.SUBSCRIBING, State.LIVE})


class Trigger(StrEnum):
    """What moves a connection from one state to the next."""

    CONNECT = "connect"
    OPENED = "opened"
    LOGIN_SENT = "login_sent"
    LOGIN_ANSWERED = "login_answered"
    SUBSCRIBE_SENT = "subscribe_sent"
    ALL_CONFIRMED = "all_confirmed"
    LOST = "lost"
    CLOSE = "close"


TRANSITIONS: Mapping[tuple[State, Trigger], State] = MappingProxyType(
    {
        (State.IDLE, Trigger.CONNECT): State.CONNECTING,
        (State.CONNECTING, Trigger.OPENED): State.SUBSCRIBING,
        (State.CONNECTING, Trigger.LOST): State.BACKING_OFF,
        (State.SUBSCRIBING, Trigger.LOGIN_SENT): State.AUTHENTICATING,
        (State.SUBSCRIBING, Trigger.SUBSCRIBE_SENT): State.SUBSCRIBING,
        (State.SUBSCRIBING, Trigger.ALL_CONFIRMED): State.LIVE,
        (State.SUBSCRIBING, Trigger.LOST): State.BACKING_OFF,
        (State.AUTHENTICATING, Trigger.LOGIN_ANSWERED): State.SUBSCRIBING,
        (State.AUTHENTICATING, Trigger.SUBSCRIBE_SENT): State.AUTHENTICATING,
        (State.AUTHENTICATING, Trigger.LOST): State.BACKING_OFF,
        (State.LIVE, Trigger.LOGIN_SENT): State.AUTHENTICATING,
        (State.LIVE, Trigger.SUBSCRIBE_SENT): State.SUBSCRIBING,
        (State.LIVE, Trigger.LOST): State.BACKING_OFF,
        (State.BACKING_OFF, Trigger.CONNECT): State.CONNECTING,
        **{(state, Trigger.CLOSE): State.CLOSED for state in State},
    }
)


def follow(state: State, cue: Trigger) -> State:
    """Return the state after ``cue``.

    Raises:
        LocalProtocolError: The table has no such step: a bug of tradewire.
    """
    try:
        return TRANSITIONS[state, cue]
    except KeyError:
        raise LocalProtocolError(f"a stream that is {state} cannot take the cue {cue}") from None
