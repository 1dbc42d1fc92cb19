"""Every error class: copied and pickled whole, never without a reason."""

from __future__ import annotations

import copy
import pickle
from collections.abc import Callable
from functools import partial
from typing import Any

import pytest

from tradewire import errors
from tradewire.errors import (
    ConfigError,
    FrameError,
    NotSent,
    NotSupported,
    NotSynced,
    OutcomeUnknown,
    RateLimited,
    Rejected,
    SequenceGap,
    StreamOverflow,
    TradewireError,
)
from tradewire.transport.seam import ConnectFailed, ConnectionLost, TransportError

CLASSES = sorted(
    (
        kind
        for kind in vars(errors).values()
        if isinstance(kind, type) and issubclass(kind, TradewireError) and kind is not StreamOverflow
    ),
    key=lambda kind: kind.__name__,
)

REQUEST = {"venue": "toy", "endpoint": "POST /v2/spot/order"}
VERDICT = {"code": "3109", "http_status": 200, **REQUEST}


class WithKeywordsOnly(Rejected):
    """A class of a caller's own, whose constructor takes no message."""

    def __init__(self, *, market: str, left: int) -> None:
        super().__init__(f"{market} has {left}", code="7")
        self.market, self.left = market, left


FILLED: list[TradewireError] = [
    ConfigError("bad", kind="not_a_decimal"),
    NotSent("behind", retry_after_s=2.5, **REQUEST),
    RateLimited("slow down", retry_after_s=30.0, is_global=True, **VERDICT),  # type: ignore[arg-type]
    OutcomeUnknown("lost", lookup="venue.order(1)", **VERDICT),  # type: ignore[arg-type]
    FrameError("broken", kind="invalid_json", offset=7, excerpt=b"{"),
    SequenceGap("gap", channel="book", expected=5, received=9),
    NotSynced("stale", market="BTCUSDT", status="stale", reason="silence"),
    StreamOverflow("orders", 1000),
    NotSupported("no", venue="toy", instead="ioc"),
    WithKeywordsOnly(market="BTCUSDT", left=3),
    ConnectFailed("refused"),
    ConnectionLost("reset"),
]


def _pickled(error: Any, *, protocol: int) -> Any:
    return pickle.loads(pickle.dumps(error, protocol))


CARRY: dict[str, Callable[[Any], Any]] = {
    "copy": copy.copy,
    "deepcopy": copy.deepcopy,
    **{
        f"pickle {protocol}": partial(_pickled, protocol=protocol)
        for protocol in range(pickle.HIGHEST_PROTOCOL + 1)
    },
}


@pytest.mark.parametrize("carry", CARRY.values(), ids=CARRY.keys())
@pytest.mark.parametrize("error", FILLED, ids=lambda error: type(error).__name__)
def test_error_is_carried_off_whole(error: TradewireError, carry: Callable[[Any], Any]) -> None:
    other = carry(error)
    assert other is not error
    assert type(other) is type(error)
    assert (str(other), repr(other), other.args) == (str(error), repr(error), error.args)
    assert vars(other) == vars(error)


@pytest.mark.parametrize("carry", CARRY.values(), ids=CARRY.keys())
@pytest.mark.parametrize("kind", CLASSES, ids=lambda kind: kind.__name__)
def test_every_class_can_be_carried_off(kind: type[TradewireError], carry: Callable[[Any], Any]) -> None:
    error = kind("why")
    other = carry(error)
    assert (type(other), str(other), vars(other)) == (kind, str(error), vars(error))


@pytest.mark.parametrize("message", ["", "  ", "\n"])
@pytest.mark.parametrize("kind", [*CLASSES, TransportError, ConnectFailed], ids=lambda kind: kind.__name__)
def test_error_without_words_still_says_what_happened(kind: type[TradewireError], message: str) -> None:
    error = kind(message)
    assert error.default_reason in str(error)
    assert error.default_reason in repr(error)
    assert len(error.default_reason) > 10


def test_every_class_says_it_in_its_own_words() -> None:
    own = [kind for kind in CLASSES if "default_reason" in vars(kind)]
    assert own == CLASSES
    assert len({kind.default_reason for kind in CLASSES}) == len(CLASSES)
