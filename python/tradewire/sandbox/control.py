"""The control surface: the venue's oracle, its traffic and its faults, over HTTP on the same port.

Below ``/sandbox/``, JSON both ways, unsigned: it listens on loopback only and is no part of any venue. Every
venue has

    GET  /sandbox/health
    GET  /sandbox/<venue>/keys
    GET  /sandbox/<venue>/account       the default trader's, in words that all venues share
    GET  /sandbox/<venue>/sent_book?market=&checksum=&limit=&time_ms=&sequence=
    GET  /sandbox/<venue>/tape?limit=
    POST /sandbox/<venue>/traffic   {"rate": 200.0, "paused": true, "step": 10}
    GET  /sandbox/faults
    POST /sandbox/faults            {"kind": "late_reply", "delay_ms": 300, "count": 2}
    GET  /sandbox/faults/script     what is yet to come
    POST /sandbox/faults/script     a script in TOML, see ``faults.script``; its time begins when it arrives

and requests of its own (``Venue.control_routes``), among them ``book`` and ``ledger``. A path that is not
there answers with the list of those that are.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from tradewire.sandbox.faults import FaultKind
from tradewire.sandbox.faults.catalogue import catalogue, inject
from tradewire.sandbox.faults.script import Event
from tradewire.sandbox.ledger import DoesNotAddUp
from tradewire.sandbox.venue import Answer, ControlHandler, Venue

__all__ = ["Control"]

SCRIPT = "/sandbox/faults/script"
OK = 200
BAD_REQUEST = 400
NOT_FOUND = 404
ALSO_UNKNOWN_MARKETS = frozenset({FaultKind.SILENT_SUBSCRIPTION, FaultKind.SUBSCRIPTION_PUT_OFF})
Query = Mapping[str, Any]


class Control:
    """Answers below ``/sandbox/`` for one venue."""

    def __init__(self, venue: Venue) -> None:
        self._venue = venue
        own = {
            ("GET", "keys"): self._keys,
            ("GET", "account"): self._account,
            ("GET", "sent_book"): self._sent_book,
            ("GET", "tape"): self._tape,
            ("POST", "traffic"): self._set_traffic,
            **venue.control_routes(),
        }
        self._routes: dict[tuple[str, str], ControlHandler] = {
            ("GET", "/sandbox/health"): self._health,
            ("GET", "/sandbox/faults"): self._faults,
            ("POST", "/sandbox/faults"): self._inject,
            ("GET", SCRIPT): self._to_come,
            ("POST", SCRIPT): self._play,
            **{(method, f"/sandbox/{venue.name}/{name}"): handler for (method, name), handler in own.items()},
        }

    def answer(self, method: str, path: str, query: Query, body: bytes) -> Answer:
        """Return status and document of one request."""
        handler = self._routes.get((method, path))
        if handler is None:
            known = ", ".join(" ".join(route) for route in self._routes)
            return NOT_FOUND, {"error": f"no {method} {path}; there is {known}"}
        try:
            asked = query
            if method != "GET":
                asked = {"script": body.decode()} if path == SCRIPT else json.loads(body)
            if not isinstance(asked, Mapping):
                raise TypeError("the body must be a JSON object")
            return handler(asked)
        except KeyError as error:
            return BAD_REQUEST, {"error": f"{error} is missing, or names nothing that is there"}
        except (TypeError, ValueError) as error:
            return BAD_REQUEST, {"error": str(error)}

    def _health(self, _: Query) -> Answer:
        adds_up = True
        try:
            self._venue.assert_adds_up()
        except DoesNotAddUp:
            adds_up = False
        traffic, triggered = self._venue.traffic, self._venue.faults.triggered
        return OK, {
            "ok": adds_up,
            "venue": self._venue.name,
            "adds_up": adds_up,
            "commands": traffic.count,
            "paused": traffic.paused,
            "triggered": triggered,
        }

    def _keys(self, _: Query) -> Answer:
        return OK, self._venue.keys()

    def _account(self, _: Query) -> Answer:
        return OK, self._venue.account()

    def _sent_book(self, query: Query) -> Answer:
        book = self._venue.sent_book(query["market"], query)
        if book is None:
            return NOT_FOUND, {"error": "no such book was sent, or it is no longer remembered"}
        return OK, book

    def _tape(self, query: Query) -> Answer:
        traffic = self._venue.traffic
        newest = list(traffic.played)[-int(query.get("limit", "100")) :]
        commands = [
            {"kind": type(command).__name__.lower()}
            | {name: _plain(getattr(command, name)) for name in command.__slots__}
            for command in newest
        ]
        return OK, {"count": traffic.count, "commands": commands}

    def _set_traffic(self, document: Query) -> Answer:
        traffic = self._venue.traffic
        traffic.set_rate(document.get("rate", traffic.rate_per_s))
        traffic.paused = bool(document.get("paused", traffic.paused))
        traffic.step(int(document.get("step", 0)))
        return OK, {"rate": traffic.rate_per_s, "paused": traffic.paused, "count": traffic.count}

    def _faults(self, _: Query) -> Answer:
        return OK, {"faults": catalogue(self._venue.faults)}

    def _to_come(self, _: Query) -> Answer:
        return OK, {"faults": [_told(event) for event in self._venue.faults.to_come]}

    def _play(self, document: Query) -> Answer:
        return OK, {"faults": [_told(event) for event in self._venue.faults.play(document["script"])]}

    def _inject(self, document: Query) -> Answer:
        market, markets = document.get("market"), self._venue.keys()["markets"]
        if market not in {None, *markets} and document.get("kind") not in ALSO_UNKNOWN_MARKETS:
            raise ValueError(f"there is no market {market}; there is {', '.join(markets)}")
        return OK, inject(self._venue.faults, document)


def _told(event: Event) -> dict[str, Any]:
    return {"at_s": event.at_s, "fault": event.fault, **event.values}


def _plain(value: Any) -> Any:
    return value if isinstance(value, int) else str(value)
