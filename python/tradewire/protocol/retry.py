"""May a failed request be repeated? One table, by what the request does and what became of it."""

from __future__ import annotations

from enum import StrEnum

from tradewire.errors import Outcome, RateLimited, RequestError, TimestampRejected, VenueUnavailable
from tradewire.protocol.endpoint import Effect

__all__ = ["Decision", "decide", "is_temporary"]


class Decision(StrEnum):
    """What may be done about a failed request."""

    REPEAT = "repeat"
    LOOK_UP = "look_up"
    """Ask what became of it first."""
    GIVE_UP = "give_up"


_TABLE = {
    (Effect.READ, Outcome.NOT_SENT): Decision.REPEAT,
    (Effect.READ, Outcome.REJECTED): Decision.REPEAT,
    (Effect.READ, Outcome.UNKNOWN): Decision.REPEAT,
    (Effect.REPEATABLE, Outcome.NOT_SENT): Decision.REPEAT,
    (Effect.REPEATABLE, Outcome.REJECTED): Decision.REPEAT,
    (Effect.REPEATABLE, Outcome.UNKNOWN): Decision.LOOK_UP,
    (Effect.ONCE, Outcome.NOT_SENT): Decision.REPEAT,
    (Effect.ONCE, Outcome.REJECTED): Decision.GIVE_UP,
    (Effect.ONCE, Outcome.UNKNOWN): Decision.LOOK_UP,
}


def is_temporary(error: RequestError) -> bool:
    """Tell whether the cause may be gone by itself the next time."""
    return error.outcome is not Outcome.REJECTED or isinstance(
        error, RateLimited | TimestampRejected | VenueUnavailable
    )


def decide(effect: Effect, error: RequestError) -> Decision:
    """Return what may be done after ``error``. A rejection that is not temporary is final for every effect."""
    if not is_temporary(error):
        return Decision.GIVE_UP
    return _TABLE[effect, error.outcome]
