"""From a request to its reply: path generation, schema version, credentials, limits, body, envelope. Routes: ``rest``.

Three generations of paths lead to the same rules: ``/v1/cefi`` with plural names, ``/api/v1`` with plural names,
``/api/v1`` with singular ones. Replies to what is deprecated say so in ``Deprecation`` and ``Sunset``; the exact
syntax is not published, so both known ones occur. Sources: docs.truemarkets.co/apis/institutional/
true-markets-cefi-rest and the change log of its versions, read 2026-11-20.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, NoReturn
from urllib.parse import parse_qs, unquote

from tradewire.sandbox.documents import from_json, to_json
from tradewire.sandbox.limits import FixedWindows
from tradewire.sandbox.reply import Reply
from tradewire.sandbox.routing import Api, Matched, Request, Route, Source
from tradewire.sandbox.venues.truex.auth import Authenticator
from tradewire.sandbox.venues.truex.clients import Key
from tradewire.sandbox.venues.truex.fields import Fields, read_json, require_json_type
from tradewire.sandbox.venues.truex.handlers import Call, Degraded, Handlers
from tradewire.sandbox.venues.truex.instruments import Instrument
from tradewire.sandbox.venues.truex.options import CURRENT, OLDER, TrueXOptions
from tradewire.sandbox.venues.truex.paging import Page
from tradewire.sandbox.venues.truex.problems import Problem
from tradewire.sandbox.venues.truex.tokens import Tokens

__all__ = ["RestApi"]

PREFIX = "/v1/cefi/"
LEGACY_PREFIX = "/api/v1/"
TOKEN_PREFIX = "/v1/auth/"  # noqa: S105 - a path
SUNSET = "Wed, 05 Aug 2026 00:00:00 GMT"
SINGULAR_SINCE = "Tue, 27 Jan 2026 00:00:00 GMT"
PREFIX_SINCE = "@1775692800"
VERSION_HEADER = "X-Truex-Version"
PROBLEM_TYPE = "application/problem+json"
WINDOW_MS = 1000


class RestApi(Api[Call]):
    """The venue's REST API.

    Args:
        subjects: Every endpoint.
        instruments: What is traded, by id.
        authenticator: Verifies signatures.
        tokens: Verifies bearer tokens.
        options: How the venue differs.
    """

    def __init__(
        self,
        subjects: Iterable[Handlers],
        instruments: Mapping[str, Instrument],
        authenticator: Authenticator,
        tokens: Tokens,
        options: TrueXOptions,
    ) -> None:
        super().__init__(subjects)
        self._singular = {
            path for one in self.routes for path in one.spellings if not path.startswith(PREFIX)
        }
        self._instruments = instruments
        self._authenticator = authenticator
        self._tokens = tokens
        self._options = options
        self._windows = FixedWindows(options.requests_per_s or None, WINDOW_MS)

    def answer(self, request: Request) -> Reply:
        """Return the reply to one request."""
        if not self.is_current(request.headers):
            request.reply_headers.update(_aged(PREFIX_SINCE))
        try:
            if request.path.startswith(TOKEN_PREFIX):
                return Reply(to_json(self._token(request)))
            return self.serve(request)
        except Problem as problem:
            return self.refused(problem, request.headers, request.path, request.reply_headers)

    def oversized(self) -> Reply:
        """Return the answer to a body that is too large."""
        return self.refused(Problem(413, "the body is too large"), {VERSION_HEADER: OLDER})

    def market_of(self, request: Request) -> str | None:
        """Return the symbol of the instrument that a body names by its id."""
        try:
            document = from_json(request.body)
            return self._instruments[document.get("info", document)["instrument_id"]].symbol
        except (ValueError, LookupError, AttributeError, TypeError):
            return None

    def is_current(self, headers: Mapping[str, str]) -> bool:
        """Say whether replies to a request have the newer schema."""
        return self._version(headers) != OLDER

    def refused(
        self,
        problem: Problem,
        headers: Mapping[str, str],
        instance: str = "",
        reply_headers: Mapping[str, str] | None = None,
    ) -> Reply:
        """Return a refusal in the schema that a request with ``headers`` asks for."""
        document, with_headers = problem.document(instance), {**(reply_headers or {}), **problem.headers}
        if self.is_current(headers):
            return Reply(to_json({"error": document}), problem.status, headers=with_headers)
        return Reply(to_json(document), problem.status, PROBLEM_TYPE, with_headers)

    def paths(self, route: Route) -> Iterable[str]:
        """Return the paths of each generation."""
        for path in (route.path, *route.spellings):
            yield path
            if path.startswith(PREFIX):
                yield LEGACY_PREFIX + path.removeprefix(PREFIX)

    def path_found(self, request: Request, template: str) -> None:
        """Say how old the path is, and refuse versions that are not known."""
        if not template.startswith(PREFIX):
            since = SINGULAR_SINCE if template in self._singular else PREFIX_SINCE
            request.reply_headers.update(_aged(since))
            if self._options.sunset_status is not None:
                raise Problem(self._options.sunset_status, "This path is gone; use /v1/cefi")
        if self._version(request.headers) not in {OLDER, CURRENT}:
            raise Problem(400, f"{VERSION_HEADER} must be {OLDER} or {CURRENT}")

    def unknown_path(self, request: Request) -> NoReturn:  # noqa: ARG002 - the contract
        """Refuse a path that is not there."""
        raise Problem(404, "Not found")

    def wrong_method(self, request: Request, routes: Mapping[str, Route]) -> NoReturn:  # noqa: ARG002
        """Refuse another verb."""
        raise Problem(405, "Method not allowed", {"Allow": ", ".join(routes)})

    def admit(self, matched: Matched) -> Call:
        """Check signature or token, and the rate of the key."""
        key = self._key(matched.request) if matched.route.is_signed else None
        return Call(key, self.is_current(matched.request.headers), matched.template in self._singular)

    def fields(self, matched: Matched, source: Source) -> Fields:
        """Return what came in path, query or body."""
        if source == "path":
            return Fields({name: unquote(text) for name, text in matched.values.items()})
        if source == "query":
            values = parse_qs(matched.request.query, keep_blank_values=True)
            return Fields({name: last[-1] for name, last in values.items()})
        require_json_type(matched.request.headers.get("Content-Type", ""))
        return Fields(read_json(matched.request.body))

    def envelope(self, matched: Matched, result: Any) -> Reply:
        """Return the document in the schema that is matched for."""
        status = matched.route.status
        if isinstance(result, Degraded):
            result, status = result.document, 503
        is_current = self.is_current(matched.request.headers)
        document = _enveloped(result) if is_current else result.rows if isinstance(result, Page) else result
        return Reply(to_json(document), status, headers=matched.request.reply_headers)

    def _version(self, headers: Mapping[str, str]) -> str:
        return headers.get(VERSION_HEADER) or self._options.default_version

    def _key(self, request: Request) -> Key:
        if authorization := request.headers.get("Authorization"):
            key = self._tokens.admit(authorization, request.now_ms)
        else:
            key = self._authenticator.admit(
                request.method, request.path, request.headers, request.body, request.now_ms
            )
        if not self._windows.take(key.key_id, request.now_ms):
            raise Problem(429, "Too many requests")
        return key

    def _token(self, request: Request) -> dict[str, Any]:
        work = {"api-key/token": self._tokens.mint, "token/refresh": self._tokens.refresh}.get(
            request.path.removeprefix(TOKEN_PREFIX)
        )
        if work is None:
            raise Problem(404, "Not found")
        if request.method != "POST":
            raise Problem(405, "Method not allowed", {"Allow": "POST"})
        require_json_type(request.headers.get("Content-Type", ""))
        return work(Fields(read_json(request.body)), request.now_ms)


def _aged(since: str) -> dict[str, str]:
    return {"Deprecation": since, "Sunset": SUNSET}


def _enveloped(document: dict[str, Any] | list[dict[str, Any]] | Page) -> dict[str, Any]:
    if isinstance(document, dict):
        return {"data": document}
    if isinstance(document, list):
        document = Page(document, len(document))
    pagination: dict[str, Any] = {"size": document.size}
    if document.next_cursor:
        pagination["next_cursor"] = document.next_cursor
    return {"data": document.rows, "pagination": pagination}
