"""The control surface: the venue's own truth, its traffic and its mischief, over HTTP on the same port.

Below ``/sandbox/``, JSON both ways, unsigned: it listens on loopback only and is no part of any venue.

    GET  /sandbox/health
    GET  /sandbox/<venue>/keys
    GET  /sandbox/<venue>/book?market=&limit=&interval=[&updated_at=&checksum=]
    GET  /sandbox/<venue>/ledger?access_id=
    GET  /sandbox/<venue>/tape?limit=
    POST /sandbox/<venue>/traffic   {"rate": 200.0, "paused": true, "step": 10}
    POST /sandbox/<venue>/market    {"market": "BTCUSDT", "status": "bidding"}
    POST /sandbox/mischief          {"kind": "drop_socket", "market": "BTCUSDT", "count": 1, "detail": 0}
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import Any, Protocol

from tradewire.sandbox.ledger import DoesNotAddUp
from tradewire.sandbox.mischief import Mischief
from tradewire.sandbox.traffic import Traffic

__all__ = ["Control"]

OK = 200
BAD_REQUEST = 400
NOT_FOUND = 404
Answer = tuple[int, dict[str, Any]]
Query = Mapping[str, str]


class Controlled(Protocol):
    """What the control surface needs of a venue."""

    name: str
    traffic: Traffic

    @property
    def access_id(self) -> str:
        """Key of the default trader."""

    @property
    def secret(self) -> str:
        """Its secret."""

    @property
    def markets(self) -> tuple[str, ...]:
        """Every market name."""

    def book(self, market: str, limit: int, interval: str) -> dict[str, Any]:
        """Return the book now."""

    def pushed_book(
        self, market: str, limit: int, interval: str, *, updated_at: int, checksum: int
    ) -> dict[str, Any] | None:
        """Return a book as it was pushed."""

    def ledger_of(self, access_id: str) -> dict[str, Any]:
        """Return what the venue knows of an account."""

    def assert_adds_up(self) -> None:
        """Prove that no money appeared or vanished."""

    def set_status(self, market: str, status: str) -> None:
        """Open or close a market."""


class Control:
    """Answers below ``/sandbox/`` for one venue."""

    def __init__(self, venue: Controlled, mischief: Mischief) -> None:
        self._venue = venue
        self._mischief = mischief
        root = f"/sandbox/{venue.name}"
        self._gets: dict[str, Callable[[Query], Answer]] = {
            "/sandbox/health": self._health,
            f"{root}/keys": self._keys,
            f"{root}/book": self._book,
            f"{root}/ledger": self._ledger,
            f"{root}/tape": self._tape,
        }
        self._posts: dict[str, Callable[[dict[str, Any]], Answer]] = {
            "/sandbox/mischief": self._do_mischief,
            f"{root}/traffic": self._set_traffic,
            f"{root}/market": self._set_market,
        }

    def answer(self, method: str, path: str, query: Query, body: bytes) -> Answer:
        """Return status and document of one request."""
        try:
            if method == "GET" and path in self._gets:
                return self._gets[path](query)
            if method == "POST" and path in self._posts:
                document = json.loads(body)
                if not isinstance(document, dict):
                    raise TypeError("the body must be a JSON object")
                return self._posts[path](document)
        except (KeyError, TypeError, ValueError) as error:
            return BAD_REQUEST, {"error": f"{type(error).__name__}: {error}"}
        return NOT_FOUND, {"error": f"no {method} {path}; there is {', '.join([*self._gets, *self._posts])}"}

    def _health(self, _: Query) -> Answer:
        adds_up = True
        try:
            self._venue.assert_adds_up()
        except DoesNotAddUp:
            adds_up = False
        traffic = self._venue.traffic
        return OK, {
            "ok": adds_up,
            "venue": self._venue.name,
            "adds_up": adds_up,
            "commands": traffic.count,
            "paused": traffic.paused,
            "struck": {kind.value: times for kind, times in self._mischief.struck.items()},
        }

    def _keys(self, _: Query) -> Answer:
        venue = self._venue
        return OK, {"access_id": venue.access_id, "secret": venue.secret, "markets": list(venue.markets)}

    def _book(self, query: Query) -> Answer:
        market, limit, interval = query["market"], int(query.get("limit", "50")), query.get("interval", "0")
        if "updated_at" not in query:
            return OK, self._venue.book(market, limit, interval)
        marks = {"updated_at": int(query["updated_at"]), "checksum": int(query["checksum"])}
        book = self._venue.pushed_book(market, limit, interval, **marks)
        if book is None:
            return NOT_FOUND, {"error": "no such book was pushed, or it is no longer remembered"}
        return OK, book

    def _ledger(self, query: Query) -> Answer:
        return OK, self._venue.ledger_of(query["access_id"])

    def _tape(self, query: Query) -> Answer:
        traffic = self._venue.traffic
        newest = list(traffic.played)[-int(query.get("limit", "100")) :]
        commands = [
            {"kind": type(command).__name__.lower()}
            | {name: _plain(getattr(command, name)) for name in command.__slots__}
            for command in newest
        ]
        return OK, {"count": traffic.count, "commands": commands}

    def _set_traffic(self, document: dict[str, Any]) -> Answer:
        traffic = self._venue.traffic
        traffic.rate_per_s = float(document.get("rate", traffic.rate_per_s))
        traffic.paused = bool(document.get("paused", traffic.paused))
        traffic.step(int(document.get("step", 0)))
        return OK, {"rate": traffic.rate_per_s, "paused": traffic.paused, "count": traffic.count}

    def _set_market(self, document: dict[str, Any]) -> Answer:
        self._venue.set_status(document["market"], document["status"])
        return OK, {"market": document["market"], "status": document["status"]}

    def _do_mischief(self, document: dict[str, Any]) -> Answer:
        detail = document.get("detail")
        return OK, self._mischief.request(
            document["kind"],
            market=document.get("market"),
            count=int(document.get("count", 1)),
            detail=None if detail is None else int(detail),
        )


def _plain(value: Any) -> Any:
    return value if isinstance(value, int) else str(value)
