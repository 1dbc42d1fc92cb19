"""From a request to its reply: route, key, signature, rate, parameters, handler, envelope.

Knows no socket: takes what came over HTTP apart and gives back what to send. Everything the API itself says
has status 200; only what stands in front of it (a gateway, an oversized body) answers otherwise.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qsl

from tradewire.sandbox.reply import JSON_TYPE, Reply
from tradewire.sandbox.venues.coinex.auth import Keyring, Trader
from tradewire.sandbox.venues.coinex.codes import Code, Refusal, unreadable
from tradewire.sandbox.venues.coinex.fields import Fields
from tradewire.sandbox.venues.coinex.rates import RateLimits

__all__ = ["Call", "Paged", "RestApi", "Row"]


@dataclass(frozen=True, slots=True)
class Call:
    """One request after all checks: its parameters, who sent it and when."""

    fields: Fields
    now_ms: int
    account: str = ""


@dataclass(frozen=True, slots=True)
class Paged:
    """A list with its place in a longer one; ``total`` only where the venue gives it."""

    data: list[Any]
    has_next: bool
    total: int | None = None


@dataclass(frozen=True, slots=True)
class Row:
    """One route. ``cost`` counts the tokens of a batch."""

    method: str
    path: str
    signed: bool
    group: str
    handler: Callable[[Call], Any]
    cost: Callable[[Mapping[str, Any]], int] = lambda _: 1


class RestApi:
    """The venue's REST face.

    Args:
        rows: Every route.
        keyring: Who may sign.
        limits: Who may ask how often.
    """

    def __init__(self, rows: Iterable[Row], keyring: Keyring, limits: RateLimits) -> None:
        self._rows: dict[str, dict[str, Row]] = {}
        for row in rows:
            self._rows.setdefault(row.path, {})[row.method] = row
        self._keyring = keyring
        self._limits = limits

    def answer(
        self, method: str, raw_path: str, headers: Mapping[str, str], body: bytes, *, peer: str, now_ms: int
    ) -> Reply:
        """Return the reply to one request; ``raw_path`` is path and query as they came over the wire."""
        rate_headers: dict[str, str] = {}
        try:
            envelope = self._verified(method, raw_path, headers, body, peer, now_ms, rate_headers)
        except Refusal as refusal:
            envelope = {"code": int(refusal.code), "data": {}, "message": refusal.message}
        return Reply(json.dumps(envelope, separators=(",", ":")).encode(), headers=rate_headers)

    def _verified(
        self,
        method: str,
        raw_path: str,
        headers: Mapping[str, str],
        body: bytes,
        peer: str,
        now_ms: int,
        rate_headers: dict[str, str],
    ) -> dict[str, Any]:
        self._limits.charge_peer(peer, now_ms)
        path, _, query = raw_path.partition("?")
        row = self._route(method, path)
        trader = self._signer(row, method, raw_path, body, headers, now_ms)
        values = _query(query) if method == "GET" else _json_object(headers, body)
        if trader is not None:
            rate_headers |= self._limits.charge(trader.name, row.group, row.cost(values), now_ms)
        call = Call(Fields(values, from_query=method == "GET"), now_ms, trader.name if trader else "")
        result = row.handler(call)
        if isinstance(result, Paged):
            pagination: dict[str, Any] = {} if result.total is None else {"total": result.total}
            pagination["has_next"] = result.has_next
            return {"code": 0, "data": result.data, "message": "OK", "pagination": pagination}
        return {"code": 0, "data": result, "message": "OK"}

    def _route(self, method: str, path: str) -> Row:
        by_method = self._rows.get(path)
        if by_method is None:
            raise unreadable(f"the sandbox does not have {method} {path} yet")
        if method not in by_method:
            raise Refusal(Code.WRONG_METHOD, f"Wrong request method: use {' or '.join(by_method)}")
        return by_method[method]

    def _signer(
        self, row: Row, method: str, raw_path: str, body: bytes, headers: Mapping[str, str], now_ms: int
    ) -> Trader | None:
        if not row.signed:
            self._keyring.verify_window(headers, now_ms)
            return None
        return self._keyring.verify(method, raw_path, body, headers, now_ms)


def _query(query: str) -> dict[str, str]:
    try:
        return dict(parse_qsl(query, keep_blank_values=True, errors="strict", max_num_fields=64))
    except ValueError:
        raise unreadable("the query cannot be read") from None


def _json_object(headers: Mapping[str, str], body: bytes) -> dict[str, Any]:
    kind = headers.get("Content-Type", "").partition(";")[0].strip().lower()
    if kind != JSON_TYPE:
        raise unreadable(f"Content-Type must be {JSON_TYPE}")
    try:
        values = json.loads(body.decode(), parse_constant=_refuse_constant)
    except (ValueError, RecursionError):
        raise unreadable("the body is not JSON") from None
    if not isinstance(values, dict):
        raise unreadable("the body must be a JSON object")
    return values


def _refuse_constant(name: str) -> None:
    raise ValueError(f"{name} is not JSON")
