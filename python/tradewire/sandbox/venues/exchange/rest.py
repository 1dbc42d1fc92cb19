"""From a request to its reply: path, credentials, rate, body, rule; refusals in the server's two formats.

Knows no socket. The order of checks is the server's: a trader's key and rate come before everything about the
request itself, an operator's token likewise.

Source: the project's ``rest.rs``, ``auth.rs``, ``rate_limit.rs`` and ``lib.rs``, read 2026-11-20.
"""

from __future__ import annotations

import json
import re
import sqlite3
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Any
from urllib.parse import parse_qs, unquote

from tradewire.sandbox.limits import FixedWindow
from tradewire.sandbox.reply import Reply
from tradewire.sandbox.venues.exchange.bodies import Fields, canonical_uuid, read_body, require_json_type
from tradewire.sandbox.venues.exchange.core import ExchangeCore
from tradewire.sandbox.venues.exchange.options import ExchangeOptions
from tradewire.sandbox.venues.exchange.records import User
from tradewire.sandbox.venues.exchange.refusals import BodyRefusal, Refusal, as_json, as_text

__all__ = ["TOO_LARGE", "Call", "RestApi", "Role", "Row"]

BEARER = "Bearer "
WINDOW_MS = 1000
LIMIT = re.compile(r"0*[0-9]{1,20}")
MAX_LIMIT = 2**64 - 1
ANYBODY = {
    "Access-Control-Allow-Origin": "*",
    "Access-Control-Expose-Headers": "*",
    "Vary": "origin, access-control-request-method, access-control-request-headers",
}
PREFLIGHT = {**ANYBODY, "Access-Control-Allow-Methods": "*", "Access-Control-Allow-Headers": "*"}
MAX_BODY_BYTES = 2 * 1024 * 1024
TOO_LARGE = "Failed to buffer the request body: length limit exceeded"


class Role(StrEnum):
    """Who may ask."""

    PUBLIC = "public"
    TRADER = "trader"
    ADMIN = "admin"


@dataclass(frozen=True, slots=True)
class Call:
    """A request after all checks that need no rule of the venue."""

    fields: Fields
    path: Mapping[str, str]
    query: Mapping[str, list[str]]
    trader: User | None

    @property
    def user(self) -> User:
        """The trader who asks."""
        assert self.trader is not None
        return self.trader

    def limit(self) -> int | None:
        """Return ``limit`` of the query.

        Raises:
            BodyRefusal: 400, it is no whole number or comes twice.
        """
        text = self._asked("limit")
        if text is None:
            return None
        if not LIMIT.fullmatch(text) or int(text) > MAX_LIMIT:
            raise BodyRefusal(400, "Failed to deserialize query string: limit: invalid digit found in string")
        return int(text)

    def order_id(self) -> str:
        """Return the order of the path.

        Raises:
            BodyRefusal: 400, it is no UUID.
        """
        text = self.path["order_id"]
        order_id = canonical_uuid(text)
        if order_id is None:
            raise BodyRefusal(400, f"Invalid URL: Cannot parse `order_id` with value `{text}` to a `Uuid`")
        return order_id

    def market(self) -> str | None:
        """Return ``market`` of the query.

        Raises:
            BodyRefusal: 400, it comes twice.
        """
        return self._asked("market")

    def _asked(self, name: str) -> str | None:
        values = self.query.get(name, [])
        if len(values) > 1:
            raise BodyRefusal(400, f"Failed to deserialize query string: duplicate field `{name}`")
        return values[0] if values else None


@dataclass(frozen=True, slots=True)
class Row:
    """One route. ``check`` looks at path and query before the body is read; ``members`` are the body's, in order."""

    method: str
    path: str
    role: Role
    handler: Callable[[Call], Any]
    status: int = 200
    members: Sequence[str] = ()
    check: Callable[[Call], object] = lambda _: None


class RestApi:
    """The venue's REST face.

    Args:
        rows: Every route.
        core: Who the traders are, and what their commands make happen.
        options: The operator's token, the rate, the formats.
        now_ms: The clock.
    """

    def __init__(
        self,
        rows: Iterable[Row],
        core: ExchangeCore,
        options: ExchangeOptions,
        now_ms: Callable[[], int],
    ) -> None:
        self._routes: list[tuple[list[str], dict[str, Row]]] = []
        by_path: dict[str, dict[str, Row]] = {}
        for row in rows:
            by_path.setdefault(row.path, {})[row.method] = row
        for path, methods in by_path.items():
            self._routes.append((path.split("/"), methods))
        self._core = core
        self._options = options
        self._now_ms = now_ms
        self._windows: dict[str, FixedWindow] = {}

    def answer(self, method: str, raw_path: str, headers: Mapping[str, str], body: bytes) -> Reply:
        """Answer one request."""
        if method == "OPTIONS":
            return Reply(b"", headers=dict(PREFLIGHT))
        reply = self._answer(method, raw_path, headers, body)
        return replace(reply, headers={**ANYBODY, **reply.headers})

    def allows(self, user: User) -> bool:
        """Count one request of a trader, or say that there were too many."""
        quota = self._options.per_user_requests_per_second
        window = self._windows.setdefault(user.trader_id, FixedWindow(quota, WINDOW_MS))
        return window.take(self._now_ms())

    def too_many(self) -> Refusal:
        """Return the reply to a trader who asks too often."""
        quota = self._options.per_user_requests_per_second
        return Refusal(429, f"per-user rate limit exceeded: max {quota} ops/sec", "rate_limit_exceeded")

    def _answer(self, method: str, raw_path: str, headers: Mapping[str, str], body: bytes) -> Reply:
        path, _, query = raw_path.partition("?")
        segments = path.split("/")
        found = next(((parts, methods) for parts, methods in self._routes if _fits(parts, segments)), None)
        if found is None:
            return as_text(404, "not found")
        parts, methods = found
        row = methods.get("GET" if method == "HEAD" else method)
        role = next(iter(methods.values())).role
        try:
            # A trader's key is looked at before the verb, an operator's token by what the verb leads to.
            trader = self._admit(role, headers) if row is not None or role is Role.TRADER else None
            if row is None:
                return Reply(b"", 405, "text/plain", {"Allow": _allowed(methods)})
            asked = Call(
                Fields({}), _values(parts, segments), parse_qs(query, keep_blank_values=True), trader
            )
            row.check(asked)
            return self._run(
                row, replace(asked, fields=_fields(headers, body, row.members)) if row.members else asked
            )
        except Refusal as refusal:
            if role is Role.ADMIN and refusal.status == 401 and not self._options.admin_refusals_as_json:
                return as_text(401, refusal.message)
            return as_json(refusal)
        except BodyRefusal as refusal:
            return as_text(refusal.status, refusal.text)

    def _run(self, row: Row, call: Call) -> Reply:
        try:
            result = row.handler(call)
        except sqlite3.Error as error:
            return as_json(Refusal(500, f"the state could not be kept: {error}"))
        finally:
            self._core.events.publish()
        if isinstance(result, Reply):
            return result
        return Reply(json.dumps(result, separators=(",", ":")).encode(), row.status)

    def _admit(self, role: Role, headers: Mapping[str, str]) -> User | None:
        if role is Role.ADMIN:
            authorization = headers.get("Authorization", "")
            if not authorization.isascii() or not authorization.startswith(BEARER):
                raise Refusal(401, "missing admin authentication")
            if authorization.removeprefix(BEARER) != self._options.admin_token:
                raise Refusal(401, "invalid admin token")
            return None
        if role is Role.PUBLIC:
            return None
        key = headers.get("x-api-key")
        if key is None or not key.isascii():
            raise Refusal(401, "missing authentication")
        user = self._core.by_key.get(key)
        if user is None:
            raise Refusal(401, "invalid api key")
        if not self.allows(user):
            raise self.too_many()
        return user


def _fits(parts: list[str], segments: list[str]) -> bool:
    return len(parts) == len(segments) and all(
        part == segment or (part.startswith("{") and segment)
        for part, segment in zip(parts, segments, strict=True)
    )


def _allowed(methods: Mapping[str, Row]) -> str:
    """Return the verbs of a path; whoever may GET may ask for the head alone."""
    return ",".join(sorted({*methods, "HEAD"} if "GET" in methods else methods))


def _values(parts: list[str], segments: list[str]) -> dict[str, str]:
    """Return what stands where the route has a name.

    Raises:
        BodyRefusal: 400, it is no UTF-8.
    """
    try:
        return {
            part[1:-1]: unquote(segment, errors="strict")
            for part, segment in zip(parts, segments, strict=True)
            if part.startswith("{")
        }
    except UnicodeDecodeError:
        raise BodyRefusal(400, "Invalid URL: Invalid UTF-8 in path parameter") from None


def _fields(headers: Mapping[str, str], body: bytes, members: Sequence[str]) -> Fields:
    require_json_type(headers.get("Content-Type", ""))
    if len(body) > MAX_BODY_BYTES:
        raise BodyRefusal(413, TOO_LARGE)
    return read_body(body, members)
