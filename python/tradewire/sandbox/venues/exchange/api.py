"""From a request to its reply: credentials, rate, body, refusals in the server's two formats. Routes are in ``rest``.

Knows no socket. The order of checks is the server's: a trader's key and rate come before everything about the
request itself, an operator's token likewise.

Source: the project's ``rest.rs``, ``auth.rs``, ``rate_limit.rs`` and ``lib.rs``, read 2026-11-20.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from typing import Any
from urllib.parse import parse_qs, unquote

from tradewire.sandbox.documents import to_json
from tradewire.sandbox.limits import FixedWindows
from tradewire.sandbox.reply import Reply
from tradewire.sandbox.routing import Api, Matched, Request, Route, Source
from tradewire.sandbox.venues.exchange.core import ExchangeCore
from tradewire.sandbox.venues.exchange.fields import Fields, Texts, read_body, require_json_type
from tradewire.sandbox.venues.exchange.handlers import Call, Handlers
from tradewire.sandbox.venues.exchange.options import ExchangeOptions
from tradewire.sandbox.venues.exchange.records import User
from tradewire.sandbox.venues.exchange.refusals import BodyRefusal, Refusal, as_json, as_text

__all__ = ["RestApi"]

BEARER = "Bearer "
WINDOW_MS = 1000
ANYBODY = {
    "Access-Control-Allow-Origin": "*",
    "Access-Control-Expose-Headers": "*",
    "Vary": "origin, access-control-request-method, access-control-request-headers",
}
PREFLIGHT = {**ANYBODY, "Access-Control-Allow-Methods": "*", "Access-Control-Allow-Headers": "*"}
MAX_BODY_BYTES = 2 * 1024 * 1024
TOO_LARGE = "Failed to buffer the request body: length limit exceeded"


class RestApi(Api[Call]):
    """The venue's REST API.

    Args:
        subjects: Every endpoint.
        core: Who the traders are, and what their commands make happen.
        options: The operator's token, the rate, the formats.
        now_ms: The clock.
    """

    def __init__(
        self,
        subjects: Iterable[Handlers],
        core: ExchangeCore,
        options: ExchangeOptions,
        now_ms: Callable[[], int],
    ) -> None:
        super().__init__(subjects)
        self._core = core
        self._options = options
        self._now_ms = now_ms
        self._windows = FixedWindows(options.per_user_requests_per_second, WINDOW_MS)

    def answer(self, request: Request) -> Reply:
        """Return the reply to one request."""
        if request.method == "OPTIONS":
            return Reply(b"", headers=dict(PREFLIGHT))
        if request.method == "HEAD":
            request = replace(request, method="GET")
        try:
            reply = self.serve(request)
        except Refusal as refusal:
            reply = as_json(refusal)
        except BodyRefusal as refusal:
            reply = as_text(refusal.status, refusal.text)
        return replace(reply, headers={**ANYBODY, **reply.headers})

    def oversized(self) -> Reply:
        """Return what the framework says of a body above its limit."""
        return as_text(413, TOO_LARGE)

    def allows(self, user: User) -> bool:
        """Count one request of a trader, or say that there were too many."""
        return self._windows.take(user.trader_id, self._now_ms())

    def too_many(self) -> Refusal:
        """Return the reply to a trader who asks too often."""
        message = f"per-user rate limit exceeded: max {self._windows.quota} ops/sec"
        return Refusal(429, message, "rate_limit_exceeded")

    def unknown_path(self, request: Request) -> Reply:  # noqa: ARG002 - the contract
        """Answer a request to a path that is not there."""
        return as_text(404, "not found")

    def wrong_method(self, request: Request, routes: Mapping[str, Route]) -> Reply:
        """Answer another verb: a trader's key is looked at before, an operator's token is not."""
        if any(route.group == "trader" for route in routes.values()):
            self._trader(request.headers)
        # Whoever may GET may ask for the head alone.
        verbs = {*routes, "HEAD"} if "GET" in routes else routes
        return Reply(b"", 405, "text/plain", {"Allow": ",".join(sorted(verbs))})

    def admit(self, matched: Matched) -> Call:
        """Check the key and rate of a trader, or the token of the operator."""
        headers = matched.request.headers
        if matched.route.group == "admin":
            self._check_token(headers.get("Authorization", ""))
        return Call(self._trader(headers) if matched.route.group == "trader" else None)

    def fields(self, matched: Matched, source: Source) -> Fields | Texts:
        """Return what came in path, query or body."""
        if source == "query":
            return Texts(parse_qs(matched.request.query, keep_blank_values=True))
        if source == "path":
            return Texts({name: [_unquoted(text)] for name, text in matched.values.items()})
        require_json_type(matched.request.headers.get("Content-Type", ""))
        if len(matched.request.body) > MAX_BODY_BYTES:
            raise BodyRefusal(413, TOO_LARGE)
        return read_body(matched.request.body, matched.route.members("body"))

    def run(self, matched: Matched, arguments: Mapping[str, Any]) -> Any:
        """Return what the handler does, and publish it."""
        try:
            return super().run(matched, arguments)
        except sqlite3.Error as error:
            raise Refusal(500, f"the state could not be kept: {error}") from None
        finally:
            self._core.events.publish()

    def envelope(self, matched: Matched, result: Any) -> Reply:
        """Return a document as it is."""
        return result if isinstance(result, Reply) else Reply(to_json(result), matched.route.status)

    def _check_token(self, authorization: str) -> None:
        if not authorization.isascii() or not authorization.startswith(BEARER):
            message = "missing admin authentication"
        elif authorization.removeprefix(BEARER) != self._options.admin_token:
            message = "invalid admin token"
        else:
            return
        raise (Refusal if self._options.admin_refusals_as_json else BodyRefusal)(401, message)

    def _trader(self, headers: Mapping[str, str]) -> User:
        key = headers.get("x-api-key")
        if key is None or not key.isascii():
            raise Refusal(401, "missing authentication")
        user = self._core.by_key.get(key)
        if user is None:
            raise Refusal(401, "invalid api key")
        if not self.allows(user):
            raise self.too_many()
        return user


def _unquoted(text: str) -> str:
    try:
        return unquote(text, errors="strict")
    except UnicodeDecodeError:
        raise BodyRefusal(400, "Invalid URL: Invalid UTF-8 in path parameter") from None
