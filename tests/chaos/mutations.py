"""Deliberate faults in the session, each caught by the campaign: ``python -m chaos.mutations`` prints where."""

from __future__ import annotations

import logging
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any
from unittest import mock

from msgspec import structs

from tradewire.errors import NotSent, OutcomeUnknown, VenueUnavailable
from tradewire.model import Fill, Order, OrderStatus
from tradewire.protocol.health import BookHealth
from tradewire.protocol.stream import StreamProtocol
from tradewire.session.account import AccountConnection
from tradewire.session.background import Tasks
from tradewire.session.catch_up import CatchUp
from tradewire.session.inquiry import Inquiries
from tradewire.session.missing_fills import MissingFills
from tradewire.session.orders import OrderTracker
from tradewire.session.outcomes import Outcomes
from tradewire.session.recent import Recent
from tradewire.session.rest import RestSession
from tradewire.testing.run import RunResult, run_seed
from tradewire.testing.venues import SETUPS

__all__ = ["MOST_SEEDS", "MUTATIONS", "caught"]

MOST_SEEDS = 500
"""Seeds over all venues within which each fault must be caught."""
Wrapper = Callable[..., Any]
FOR_EVER_NS = 10**15


def _nothing(*_: object, **__: object) -> None:
    """Do nothing, whatever was to be done."""


def _swallowing_fills(whole: Wrapper) -> Wrapper:
    seen: dict[str, int] = {}

    def take_fill(self: OrderTracker, fill: Fill) -> bool:
        number = seen.setdefault(f"{fill.order_id} {fill.trade_id}", len(seen))
        return number % 3 != 2 and bool(whole(self, fill))

    return take_fill


def _swallowing_cancels(whole: Wrapper) -> Wrapper:
    def merge(self: OrderTracker, report: Order) -> Any:
        is_cancel = report.status is OrderStatus.CANCELLED
        return whole(self, structs.replace(report, status=OrderStatus.OPEN) if is_cancel else report)

    return merge


def _sending_again(whole: Wrapper) -> Wrapper:
    def is_repeated(self: RestSession, endpoint: Any, error: Exception, attempt: int) -> bool:
        return (isinstance(error, OutcomeUnknown) and attempt < 2) or bool(
            whole(self, endpoint, error, attempt)
        )

    return is_repeated


def _lost_is_unsent(_: Wrapper) -> Wrapper:
    return lambda self, endpoint, failure: NotSent(str(failure), venue="", endpoint=endpoint.name)


def _gateway_is_venue(whole: Wrapper) -> Wrapper:
    def read(self: Outcomes, attempt: Any, reply: Any, read: Any) -> Any:
        if reply.status >= 500:
            raise VenueUnavailable("refused", http_status=reply.status)
        return whole(self, attempt, reply, read)

    return read


def _hasty(whole: Wrapper) -> Wrapper:
    def init(self: Inquiries, *args: Any, **options: Any) -> None:
        whole(self, *args, **{**options, "window_s": 0.0, "read_lag_s": 0.0})

    return init


def _patient(whole: Wrapper) -> Wrapper:
    def request(self: StreamProtocol[Any], purpose: Any, channels: Any, now_ns: int) -> None:
        whole(self, purpose, channels, now_ns + FOR_EVER_NS)

    return request


def _showing_keys(whole: Wrapper) -> Wrapper:
    def leave(self: RestSession, *args: Any, **options: Any) -> Any:
        sending = whole(self, *args, **options)
        logging.getLogger("tradewire.rest").warning("sent %s", dict(sending.request.headers))
        return sending

    return leave


MUTATIONS: dict[str, tuple[type, str, Callable[[Wrapper], Wrapper]]] = {
    "an order without a reply is sent again": (RestSession, "_is_repeated", _sending_again),
    "a lost reply counts as not sent": (Outcomes, "lost", _lost_is_unsent),
    "a gateway's error counts as the venue's no": (Outcomes, "read", _gateway_is_venue),
    "every third fill is swallowed": (OrderTracker, "take_fill", _swallowing_fills),
    "fills are delivered as often as they come": (Recent, "add", lambda _: lambda self, key: True),
    "cancelled orders count as open": (OrderTracker, "merge", _swallowing_cancels),
    "a lost order is not asked for": (AccountConnection, "inquire", lambda _: _nothing),
    "an order that is not found at once is gone": (Inquiries, "__init__", _hasty),
    "missing fills are not asked for": (MissingFills, "look_at", lambda _: _nothing),
    "nothing is caught up with": (CatchUp, "begin", lambda _: _nothing),
    "resyncs are dropped": (BookHealth, "deadline_ns", lambda _: _nothing),
    "a request without an answer is waited for for ever": (StreamProtocol, "_request", _patient),
    "tasks go on after closing": (Tasks, "close", lambda _: _close_nothing),
    "keys are logged": (RestSession, "_leave", _showing_keys),
}
"""What is wrong, and the method that does it."""


async def _close_nothing(self: object) -> None:
    """Leave everything running."""


@contextmanager
def _planted(name: str) -> Iterator[None]:
    owner, method, make = MUTATIONS[name]
    with mock.patch.object(owner, method, make(getattr(owner, method))):
        yield


def caught(name: str, seeds: int = MOST_SEEDS) -> RunResult | None:
    """Return the first run that shows a planted fault, ``None`` if none of so many does."""
    with _planted(name):
        for number in range(seeds):
            seed, place = divmod(number, len(SETUPS))
            result = run_seed(list(SETUPS)[place], 1 + seed)
            if result.broken:
                return result
    return None


if __name__ == "__main__":
    for mutation in MUTATIONS:
        found = caught(mutation)
        where = "NOT CAUGHT" if found is None else f"{found.venue} {found.seed}: {found.broken[0].invariant}"
        sys.stdout.write(f"{mutation}: {where}\n")
        sys.stdout.flush()
