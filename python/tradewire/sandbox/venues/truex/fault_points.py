"""Where faults are injected into the TrueX sandbox: its requests, refusals, frames and rows."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any, ClassVar

from tradewire.sandbox.documents import to_json
from tradewire.sandbox.faults import FaultKind
from tradewire.sandbox.faults.points import Asked, Push, Request, RowFields, Slot
from tradewire.sandbox.reply import Reply
from tradewire.sandbox.venues.truex.api import RestApi
from tradewire.sandbox.venues.truex.auth import FAILED
from tradewire.sandbox.venues.truex.problems import Problem

__all__ = ["TrueXFaultPoints"]

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
ACCEPTED = range(200, 300)


class TrueXFaultPoints:
    """See ``FaultPoints``.

    Args:
        symbols: Symbol by instrument id, for requests and reports that name the id.
        api: Which request does what, and how refusals look.
    """

    fields: ClassVar[Mapping[str, RowFields]] = {
        "orders": RowFields("price", "status"),
        "fills": RowFields("trade_price", "liq_flag"),
        "balances": RowFields("balance", "state"),
        "positions": RowFields("balance", "state"),
        "markets": RowFields("reference_price", "status"),
    }
    sequence_back: ClassVar[int] = 0

    def __init__(self, symbols: Mapping[str, str], api: RestApi) -> None:
        self._symbols = symbols
        self._api = api

    def request(self, method: str, raw_path: str, body: bytes) -> Request:
        """Say what a REST request is about, under any of its paths."""
        found = self._api.find_route(method, raw_path.partition("?")[0])
        if found is None:
            return Request("public")
        is_order = method != "GET" and found.topic == "orders"
        return Request(found.action, found.topic, self._market_of(body) if is_order else None)

    def is_accepted(self, reply: Reply) -> bool:
        """Say whether the venue did what was asked."""
        return reply.status in ACCEPTED

    def refusal(self, kind: FaultKind, values: Mapping[str, Any], headers: Mapping[str, str]) -> Reply:  # noqa: ARG002 - the contract
        """Return what the venue says when ``kind`` happens: a problem document."""
        return self._api.refused(REFUSALS[kind], headers)

    def remaining_headers(self, remaining: int, long_remaining: int | None) -> dict[str, str]:  # noqa: ARG002
        """Return the header a gateway in front of the venue may add."""
        return {"X-RateLimit-Remaining": str(remaining)}

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

    def decode(self, frame: bytes) -> dict[str, Any]:
        """Return what a frame holds."""
        message: dict[str, Any] = json.loads(frame)
        return message

    def encode(self, message: dict[str, Any]) -> bytes:
        """Return a message as a frame."""
        return to_json(message)

    def push(self, message: dict[str, Any]) -> Push | None:
        """Say what a frame is about; ``None`` for confirmations and marks."""
        topic = CHANNELS.get(message["channel"])
        if topic is None or "data" not in message:
            return None
        data = message["data"]
        market = data.get("symbol") or self._symbols.get(
            data.get("order_info", {}).get("instrument_id", data.get("id", ""))
        )
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

    def _market_of(self, body: bytes) -> str | None:
        try:
            document = json.loads(body)
            return self._symbols.get(document.get("info", document).get("instrument_id"))
        except (ValueError, AttributeError, TypeError, RecursionError):
            return None
