"""Where faults are injected into the TrueX sandbox: its refusals, frames and rows."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any, ClassVar

from tradewire.sandbox.faults import FaultKind, Faults
from tradewire.sandbox.faults.own import NumberedUserEvents, Timestamps
from tradewire.sandbox.faults.points import Asked, FaultPoints, Push, RowFields, Slot
from tradewire.sandbox.reply import Reply
from tradewire.sandbox.venues.truex.api import RestApi
from tradewire.sandbox.venues.truex.auth import FAILED
from tradewire.sandbox.venues.truex.instruments import Instrument
from tradewire.sandbox.venues.truex.problems import Problem

__all__ = ["TrueXFaultPoints", "TrueXFaults"]

CHANNELS = {
    "DEPTH": "book",
    "EBBO": "ticker",
    "INSTRUMENT": "ticker",
    "TRADE": "trades",
    "DROPCOPY": "orders",
}
REFUSALS = {
    FaultKind.STALE_TIMESTAMP: Problem(401, f"{FAILED}: the timestamp is outside the window"),
    FaultKind.RATE_LIMITED: Problem(429, "Too many requests"),
    FaultKind.INTERNAL_ERROR: Problem(500, "Internal error"),
    FaultKind.BUSY: Problem(503, "Service unavailable"),
    FaultKind.TIMED_OUT: Problem(408, "The exchange did not answer in time"),
}


class TrueXFaults(Timestamps, NumberedUserEvents, Faults):
    """What TrueX does wrong on demand."""


class TrueXFaultPoints(FaultPoints):
    """See ``FaultPoints``.

    Args:
        instruments: By id, for reports that name it.
        api: Says how refusals look.
    """

    fields: ClassVar[Mapping[str, RowFields]] = {
        "orders": RowFields("price", "status"),
        "fills": RowFields("trade_price", "liq_flag"),
        "balances": RowFields("balance", "state"),
        "positions": RowFields("balance", "state"),
        "markets": RowFields("reference_price", "status"),
    }
    sequence_back: ClassVar[int] = 0

    def __init__(self, instruments: Mapping[str, Instrument], api: RestApi) -> None:
        self._instruments = instruments
        self._api = api

    def refusal(self, kind: FaultKind, values: Mapping[str, Any], headers: Mapping[str, str]) -> Reply:  # noqa: ARG002 - the contract
        """Return what the venue says when ``kind`` happens: a problem document."""
        return self._api.refused(REFUSALS[kind], headers)

    def rows_of_reply(self, topic: str, document: Any) -> Iterator[Slot]:
        """Yield where the rows are: in ``data`` or bare, one or a list; balances sit inside their client's."""
        holder, place = document, "reply"
        if isinstance(document["reply"], dict) and "data" in document["reply"]:
            holder, place = document["reply"], "data"
        rows = holder[place]
        if not isinstance(rows, list):
            yield holder, place
        elif topic == "balances":
            for row in rows:
                yield from ((row["balances"], place) for place in range(len(row["balances"])))
        else:
            yield from ((rows, place) for place in range(len(rows)))

    def rows_of_push(self, topic: str, message: dict[str, Any]) -> Iterator[Slot]:
        """Yield where the row is."""
        if topic == "orders" and "data" in message:
            yield message, "data"

    def asked(self, text: str) -> Asked:
        """Say what a client's frame wants; credentials are in each of them."""
        try:
            frame = json.loads(text)
            kind, items = frame["type"], frame["item_names"]
            is_login = "signature" in frame
            markets = tuple(item for item in items if isinstance(item, str))
        except (ValueError, LookupError, TypeError, RecursionError):
            return Asked("other")
        if not isinstance(kind, str):
            return Asked("other")
        if kind.startswith("UNSUBSCRIBE"):
            return Asked("unsubscribe", markets, is_login)
        return Asked("subscribe", markets, is_login)

    def push(self, message: dict[str, Any]) -> Push | None:
        """Say what a frame is about; ``None`` for confirmations and marks."""
        topic = CHANNELS.get(message["channel"])
        if topic is None or "data" not in message:
            return None
        data = message["data"]
        instrument = self._instruments.get(
            data.get("order_info", {}).get("instrument_id", data.get("id", ""))
        )
        market = data.get("symbol") or (instrument.symbol if instrument is not None else None)
        return Push(topic, market, message["channel"])

    def number(self, message: dict[str, Any]) -> int | None:
        """Return the number of a frame."""
        text = message.get("seqnum")
        return None if text is None else int(text)

    def renumber(self, message: dict[str, Any], number: int | None) -> None:
        """Write the number of a frame, or take it out."""
        if number is None:
            del message["seqnum"]
        else:
            message["seqnum"] = str(number)
