"""Where faults are injected into the Exchange sandbox: its refusals, messages and rows."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any, ClassVar

from tradewire.sandbox.faults import FaultKind, Faults
from tradewire.sandbox.faults.own import Broadcasts, NumberedUserEvents
from tradewire.sandbox.faults.points import Asked, FaultPoints, Push, RowFields, Slot
from tradewire.sandbox.reply import Reply
from tradewire.sandbox.venues.exchange.api import RestApi
from tradewire.sandbox.venues.exchange.refusals import Refusal, as_json

__all__ = ["ExchangeFaultPoints", "ExchangeFaults"]


class ExchangeFaults(NumberedUserEvents, Broadcasts, Faults):
    """What Exchange does wrong on demand."""


class ExchangeFaultPoints(FaultPoints):
    """See ``FaultPoints``.

    Args:
        api: Says how often a trader may ask.
    """

    fields: ClassVar[Mapping[str, RowFields]] = {
        "orders": RowFields("price", "side"),
        "fills": RowFields("price", "market"),
        "balances": RowFields("net_quantity", "market"),
        "positions": RowFields("net_quantity", "market"),
        "markets": RowFields("tick_size", "status"),
    }
    sequence_back: ClassVar[int] = 0

    def __init__(self, api: RestApi) -> None:
        self._api = api

    def refusal(self, kind: FaultKind, values: Mapping[str, Any], headers: Mapping[str, str]) -> Reply:  # noqa: ARG002 - the contract
        """Return what the venue says when ``kind`` happens."""
        refusals = {
            FaultKind.BUSY: Refusal(503, "market engine unavailable"),
            FaultKind.RATE_LIMITED: self._api.too_many(),
            FaultKind.INTERNAL_ERROR: Refusal(500, "internal error"),
            FaultKind.TIMED_OUT: Refusal(504, "market engine timed out"),
        }
        return as_json(refusals[kind])

    def rows_of_reply(self, topic: str, document: Any) -> Iterator[Slot]:
        """Yield where the rows are: a list, or ``order``, ``fills`` and ``positions`` of an object."""
        rows = document["reply"]
        if isinstance(rows, dict):
            if topic == "orders":
                yield rows, "order"
                return
            rows = rows.get(topic, [])
        yield from ((rows, place) for place in range(len(rows)))

    def rows_of_push(self, topic: str, message: dict[str, Any]) -> Iterator[Slot]:
        """Yield where the row is."""
        name = {"orders": "order", "fills": "fill"}.get(topic)
        if name in message:
            yield message, name

    def asked(self, text: str) -> Asked:
        """Say what a client's message wants."""
        try:
            message = json.loads(text)
            op = message["op"]
        except (ValueError, LookupError, TypeError, RecursionError):
            return Asked("other")
        if op == "authenticate":
            return Asked("other", is_login=True)
        if op not in {"subscribe", "unsubscribe"}:
            return Asked("other")
        market = message.get("market")
        return Asked(op, (market,) if isinstance(market, str) else ())

    def push(self, message: dict[str, Any]) -> Push | None:
        """Say what a message is about; ``None`` for replies, heartbeats and calls to resync."""
        kind = message["type"]
        if kind in {"snapshot", "delta"}:
            return Push("book", message["market"], message["market"])
        if kind == "fill":
            return Push("fills", message["fill"]["market"])
        if kind == "order_state":
            return Push("orders", message["order"]["market"])
        return None

    def number(self, message: dict[str, Any]) -> int | None:
        """Return the number of a book's message."""
        number: int | None = message.get("sequence")
        return number

    def renumber(self, message: dict[str, Any], number: int | None) -> None:
        """Write the number of a book's message, or take it out."""
        if number is None:
            del message["sequence"]
        else:
            message["sequence"] = number
