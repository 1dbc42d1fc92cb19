from __future__ import annotations

import pytest

from tradewire.errors import (
    BadRequest,
    InsufficientFunds,
    NotSent,
    OutcomeUnknown,
    RateLimited,
    Rejected,
    RequestError,
    VenueUnavailable,
)
from tradewire.protocol.endpoint import Effect
from tradewire.protocol.retry import Decision, decide

REPEAT, LOOK_UP, GIVE_UP = Decision.REPEAT, Decision.LOOK_UP, Decision.GIVE_UP


@pytest.mark.parametrize(
    ("error", "read", "repeatable", "once"),
    [
        (NotSent("x"), REPEAT, REPEAT, REPEAT),
        (VenueUnavailable("x"), REPEAT, REPEAT, GIVE_UP),
        (RateLimited("x"), REPEAT, REPEAT, GIVE_UP),
        (OutcomeUnknown("x"), REPEAT, LOOK_UP, LOOK_UP),
        (Rejected("x"), GIVE_UP, GIVE_UP, GIVE_UP),
        (BadRequest("x"), GIVE_UP, GIVE_UP, GIVE_UP),
        (InsufficientFunds("x"), GIVE_UP, GIVE_UP, GIVE_UP),
    ],
    ids=lambda value: type(value).__name__ if isinstance(value, RequestError) else None,
)
def test_decide_by_effect_and_outcome(
    error: RequestError, read: Decision, repeatable: Decision, once: Decision
) -> None:
    assert decide(Effect.READ, error) is read
    assert decide(Effect.REPEATABLE, error) is repeatable
    assert decide(Effect.ONCE, error) is once


def test_request_with_an_unknown_fate_is_never_repeated_unasked() -> None:
    for effect in (Effect.REPEATABLE, Effect.ONCE):
        assert decide(effect, OutcomeUnknown("x")) is not Decision.REPEAT
