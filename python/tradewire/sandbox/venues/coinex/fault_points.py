"""Where faults are injected into the CoinEx sandbox: its refusals, frames and rows."""

from __future__ import annotations

import gzip
import json
from collections.abc import Iterator, Mapping
from typing import Any, ClassVar

from tradewire.sandbox.faults import FaultKind, Faults
from tradewire.sandbox.faults.own import Checksums, MarginAccount, TwoTimestamps
from tradewire.sandbox.faults.points import Asked, FaultPoints, Push, RowFields, Slot
from tradewire.sandbox.reply import Reply
from tradewire.sandbox.venues.coinex.api import refused
from tradewire.sandbox.venues.coinex.codes import Code
from tradewire.sandbox.venues.coinex.framing import frame
from tradewire.sandbox.venues.coinex.rates import LONG_WINDOW_HOURS

__all__ = ["CoinExFaultPoints", "CoinExFaults"]

TOPICS = {
    "depth": "book",
    "bbo": "ticker",
    "state": "ticker",
    "index": "ticker",
    "premium": "ticker",
    "position": "positions",
    "deals": "trades",
    "order": "orders",
    "stop": "stop_orders",
    "user_deals": "fills",
    "balance": "balances",
    "notice": "notices",
}
REFUSALS = {
    FaultKind.BUSY: (Code.BUSY, "Service too busy, please try again later"),
    FaultKind.RATE_LIMITED: (Code.TOO_MANY_REQUESTS, "Too many requests"),
    FaultKind.INTERNAL_ERROR: (Code.INTERNAL_ERROR, "Internal error"),
    FaultKind.TIMED_OUT: (Code.TIMED_OUT, "Service timeout"),
}
ACCEPTED = b'{"code":0,'
AN_HOUR_MS = 3_600_000


class CoinExFaults(TwoTimestamps, Checksums, MarginAccount, Faults):
    """What CoinEx does wrong on demand."""


class CoinExFaultPoints(FaultPoints):
    """See ``FaultPoints``."""

    fields: ClassVar[Mapping[str, RowFields]] = {
        "orders": RowFields("price", "type"),
        "stop_orders": RowFields("trigger_price", "type"),
        "fills": RowFields("price", "side"),
        "balances": RowFields("available", "ccy"),
        "positions": RowFields("open_interest", "side"),
        "markets": RowFields("min_amount", "status"),
    }
    sequence_back: ClassVar[int] = AN_HOUR_MS

    def is_accepted(self, reply: Reply) -> bool:
        """Say whether the venue did what was asked."""
        return reply.body.startswith(ACCEPTED)

    def refusal(self, kind: FaultKind, values: Mapping[str, Any], headers: Mapping[str, str]) -> Reply:  # noqa: ARG002 - the contract
        """Return what the venue says when ``kind`` happens: status 200 and a code."""
        if kind is FaultKind.STALE_TIMESTAMP:
            code, message = Code(values["code"] or Code.EXPIRED), "Request expired"
        else:
            code, message = REFUSALS[kind]
        return refused(code, message)

    def remaining_headers(self, remaining: int, long_remaining: int | None) -> dict[str, str]:
        """Return the headers that say how many requests are left, now and in the long windows."""
        headers = {"X-RateLimit-Remaining": str(remaining)}
        if long_remaining is not None:
            headers |= {
                f"X-RateLimit-LongPeriod-{hours}H-Remaining": str(long_remaining)
                for hours in LONG_WINDOW_HOURS
            }
        return headers

    def rows_of_reply(self, topic: str, document: Any) -> Iterator[Slot]:  # noqa: ARG002 - a reply has one topic
        """Yield where the rows are: ``data``, its elements, or their own ``data`` in a batch."""
        envelope = document["reply"]
        data = envelope["data"]
        if not isinstance(data, list):
            yield envelope, "data"
            return
        for place, row in enumerate(data):
            yield (row, "data") if isinstance(row, dict) and "code" in row else (data, place)

    def rows_of_push(self, topic: str, message: dict[str, Any]) -> Iterator[Slot]:
        """Yield where the rows are."""
        data = message["data"]
        if topic == "orders":
            yield data, "order"
        elif topic == "stop_orders":
            yield data, "stop"
        elif topic == "positions":
            yield data, "position"
        elif topic == "fills":
            yield message, "data"
        elif topic == "balances":
            yield from ((data["balance_list"], place) for place in range(len(data["balance_list"])))

    def asked(self, text: str) -> Asked:
        """Say what a client's message wants."""
        try:
            request = json.loads(text)
            method, params = request["method"], request.get("params", {})
            topic, _, verb = method.partition(".")
            if method == "server.ping":
                return Asked("ping")
            if method == "server.sign":
                return Asked("other", is_login=True)
            if verb not in {"subscribe", "unsubscribe"} or topic not in TOPICS:
                return Asked("other")
            listed = params.get("market_list", [])
            markets = tuple(entry[0] if isinstance(entry, list) else entry for entry in listed)
            return Asked(verb, tuple(market for market in markets if isinstance(market, str)))
        except (ValueError, LookupError, TypeError, AttributeError, RecursionError):
            return Asked("other")

    def decode(self, frame: bytes) -> dict[str, Any]:
        """Return what a frame holds."""
        message: dict[str, Any] = json.loads(gzip.decompress(frame))
        return message

    def encode(self, message: dict[str, Any]) -> bytes:
        """Return a message as a frame."""
        return frame(message)

    def push(self, message: dict[str, Any]) -> Push | None:
        """Say what a message is about; ``None`` for replies."""
        if message.get("id") is not None or "method" not in message:
            return None
        topic, data = TOPICS[message["method"].partition(".")[0]], message["data"]
        market = (data.get("order") or data.get("stop") or data).get("market")
        return Push(topic, market, market or "")

    def number(self, message: dict[str, Any]) -> int | None:
        """Return ``updated_at`` of a book."""
        number: int | None = (
            message["data"]["depth"].get("updated_at") if "depth" in message["data"] else None
        )
        return number

    def renumber(self, message: dict[str, Any], number: int | None) -> None:
        """Write ``updated_at`` of a book, or take it out."""
        depth = message["data"]["depth"]
        if number is None:
            del depth["updated_at"]
        else:
            depth["updated_at"] = number
