"""Faults between a REST request and its reply. Knows no socket: says what to send and how.

Before the venue is asked: refusals and lost requests. After it accepted: replies that are lost, late, doubled or
from a gateway. A request that the venue refused by itself uses up no fault of the second kind.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from email.utils import formatdate
from typing import Any, TypeAlias

from tradewire.sandbox.faults.kinds import FaultKind
from tradewire.sandbox.faults.points import FaultPoints, RequestKind
from tradewire.sandbox.faults.rows import spoil_first
from tradewire.sandbox.faults.store import Armed, FaultStore
from tradewire.sandbox.reply import Reply
from tradewire.sandbox.routing import Api, Request

__all__ = ["Delivery", "RestInjector"]

GATEWAY_PAGE = "<html>\r\n<head><title>{0}</title></head>\r\n<body><h1>{0}</h1></body>\r\n</html>\r\n"
HELD_BACK = (
    FaultKind.LOST_REPLY,
    FaultKind.NO_REPLY,
    FaultKind.LATE_REPLY,
    FaultKind.SECOND_REPLY,
    FaultKind.BROKEN_REPLY,
)
"""What is done to a reply on its way out; the socket does it."""


Refusal: TypeAlias = Callable[[FaultKind, Mapping[str, Any]], Reply]


@dataclass(frozen=True, slots=True)
class Delivery:
    """A reply, and what goes wrong on its way; ``delay_ms`` belongs to that."""

    reply: Reply
    fault: FaultKind | None = None
    delay_ms: float = 0.0


class RestInjector:
    """Injects what is armed.

    Args:
        faults: What is armed.
        points: What the venue says of itself.
        api: The venue.
        now_ms: The venue's clock.
    """

    def __init__(
        self, faults: FaultStore, points: FaultPoints, api: Api[Any], now_ms: Callable[[], int]
    ) -> None:
        self._faults = faults
        self._points = points
        self._api = api
        self._now_ms = now_ms

    def answer(self, asked: Request) -> Delivery:
        """Return the reply to a request and how to send it."""
        if not self._faults.is_armed:
            return Delivery(self._api.answer(asked))
        request = self._api.classify(asked)

        def refusal(kind: FaultKind, values: Mapping[str, Any]) -> Reply:
            return self._points.refusal(kind, values, asked.headers)

        if (refused := self._before(request, refusal)) is not None:
            return refused
        reply = self._api.answer(asked)
        if self._points.is_accepted(reply):
            reply = self._spoilt(request, reply)
            if (lost := self._after(request, refusal)) is not None:
                return Delivery(lost)
            for kind in HELD_BACK:
                if (armed := self._take(kind, request)) is not None:
                    return Delivery(self._counted(request, reply), kind, armed.values.get("delay_ms", 0.0))
        return Delivery(self._counted(request, reply))

    def _before(self, request: RequestKind, refusal: Refusal) -> Delivery | None:
        """Return what happens instead of asking the venue."""
        if self._take(FaultKind.LOST_REQUEST, request) is not None:
            return Delivery(Reply(b""), FaultKind.LOST_REPLY)
        if (armed := self._take(FaultKind.GATEWAY_HTML, request)) is not None:
            return Delivery(gateway_page(armed.values["status"]))
        if request.action != "public":
            if (armed := self._faults.take(FaultKind.STALE_TIMESTAMP)) is not None:
                return Delivery(refusal(armed.kind, armed.values))
            if (armed := self._faults.take(FaultKind.RATE_LIMITED)) is not None:
                return Delivery(self._rate_limited(armed, refusal))
        if (armed := self._take(FaultKind.INTERNAL_ERROR, request)) is not None:
            return Delivery(refusal(armed.kind, armed.values))
        if request.action == "place" and self._faults.take(FaultKind.BUSY, request.market) is not None:
            return Delivery(refusal(FaultKind.BUSY, {}))
        late = self._timed_out(request, refusal, executed=False)
        return None if late is None else Delivery(late)

    def _after(self, request: RequestKind, refusal: Refusal) -> Reply | None:
        """Return what the client gets instead of the reply to what took effect."""
        if (armed := self._take(FaultKind.GATEWAY_AFTER, request)) is not None:
            return gateway_page(armed.values["status"])
        if (armed := self._take(FaultKind.ERROR_AFTER, request)) is not None:
            return replace(refusal(FaultKind.INTERNAL_ERROR, armed.values), status=armed.values["status"])
        return self._timed_out(request, refusal, executed=True)

    def _timed_out(self, request: RequestKind, refusal: Refusal, *, executed: bool) -> Reply | None:
        if not request.is_command:
            return None
        armed = self._faults.take(FaultKind.TIMED_OUT, fits=lambda values: values["executed"] is executed)
        return None if armed is None else refusal(FaultKind.TIMED_OUT, {})

    def _rate_limited(self, armed: Armed, refusal: Refusal) -> Reply:
        values = armed.values
        reply = refusal(FaultKind.RATE_LIMITED, values)
        headers = dict(reply.headers)
        if (wait_s := values["retry_after_s"]) is not None:
            at_s = self._now_ms() // 1000 + wait_s
            headers["Retry-After"] = formatdate(at_s, usegmt=True) if values["as_date"] else str(wait_s)
        return replace(reply, headers=headers, status=values["status"] or reply.status)

    def _counted(self, request: RequestKind, reply: Reply) -> Reply:
        if request.action == "public" or (armed := self._faults.take(FaultKind.REMAINING_HEADERS)) is None:
            return reply
        values = armed.values
        headers = self._points.remaining_headers(values["remaining"], values["long_remaining"])
        return replace(reply, headers={**reply.headers, **headers})

    def _spoilt(self, request: RequestKind, reply: Reply) -> Reply:
        def fits(values: Mapping[str, Any]) -> bool:
            return values["topic"] == request.topic and values["where"] in {"any", "rest"}

        if not request.topic or not self._faults.touches_frames:
            return reply
        if (armed := self._faults.take(FaultKind.BAD_ROW, request.market, fits)) is None:
            return reply
        holder = {"reply": json.loads(reply.body)}
        rows = self._points.rows_of_reply(request.topic, holder)
        values = armed.values
        spoil_first(rows, self._points.fields[request.topic], values["defect"], values["field"])
        return replace(reply, body=json.dumps(holder["reply"], separators=(",", ":")).encode())

    def _take(self, kind: FaultKind, request: RequestKind) -> Armed | None:
        return self._faults.take(kind, request.market, lambda values: request.is_among(values["requests"]))


def gateway_page(status: int) -> Reply:
    """Return what a gateway in front of a venue says: a page, not the venue's format."""
    return Reply(GATEWAY_PAGE.format(f"{status} Bad Gateway").encode(), status, "text/html")
