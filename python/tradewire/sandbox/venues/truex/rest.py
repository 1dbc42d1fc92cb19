"""From a request to its reply: path generation, schema version, credentials, limits, body, rule, envelope.

Three generations of paths lead to the same rules: ``/v1/cefi`` with plural names, ``/api/v1`` with plural names,
``/api/v1`` with singular ones. Replies to what is deprecated say so in ``Deprecation`` and ``Sunset``; the exact
syntax is not published, so both known ones occur. Sources: docs.truemarkets.co/apis/institutional/
true-markets-cefi-rest and the change log of its versions, read 2026-11-20.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qs, unquote

from tradewire.sandbox.limits import FixedWindow
from tradewire.sandbox.reply import Reply
from tradewire.sandbox.venues.truex.auth import Authenticator
from tradewire.sandbox.venues.truex.clients import Key
from tradewire.sandbox.venues.truex.fields import Fields, read_json, require_json_type
from tradewire.sandbox.venues.truex.options import TrueXOptions
from tradewire.sandbox.venues.truex.paging import Page
from tradewire.sandbox.venues.truex.problems import Problem
from tradewire.sandbox.venues.truex.publicdata import CURRENT, OLDER
from tradewire.sandbox.venues.truex.tokens import Tokens
from tradewire.sandbox.venues.truex.wire import encode

__all__ = ["PROBLEM_TYPE", "VERSION_HEADER", "Call", "RestApi", "Row"]

PREFIX = "/v1/cefi/"
LEGACY_PREFIX = "/api/v1/"
TOKEN_PREFIX = "/v1/auth/"  # noqa: S105 - a path
SUNSET = "Wed, 05 Aug 2026 00:00:00 GMT"
SINGULAR_SINCE = "Tue, 27 Jan 2026 00:00:00 GMT"
PREFIX_SINCE = "@1775692800"
VERSION_HEADER = "X-Truex-Version"
PROBLEM_TYPE = "application/problem+json"
WINDOW_MS = 1000
TOO_LARGE = "the body is too large"


@dataclass(frozen=True, slots=True)
class Call:
    """A request after all checks that need no rule of the venue."""

    fields: Fields
    query: Fields
    path: Mapping[str, str]
    signer: Key | None
    is_current: bool
    is_singular: bool

    @property
    def key(self) -> Key:
        """Who asks."""
        assert self.signer is not None
        return self.signer


@dataclass(frozen=True, slots=True)
class Row:
    """One operation: an object answers as such, a list or page as a list."""

    method: str
    plural: str
    singular: str | None
    is_signed: bool
    handler: Callable[[Call], dict[str, Any] | list[dict[str, Any]] | Page]
    status: Callable[[], int] = lambda: 200


@dataclass(frozen=True, slots=True)
class _Place:
    """Where a path leads."""

    parts: list[str]
    rows: dict[str, Row]
    since: str | None
    is_singular: bool


class RestApi:
    """The venue's REST face.

    Args:
        rows: Every operation.
        authenticator: Verifies signatures.
        tokens: Verifies bearer tokens.
        options: How the venue differs.
        now_ms: The clock.
    """

    def __init__(
        self,
        rows: Iterable[Row],
        authenticator: Authenticator,
        tokens: Tokens,
        options: TrueXOptions,
        now_ms: Callable[[], int],
    ) -> None:
        self._places = _places(rows)
        self._authenticator = authenticator
        self._tokens = tokens
        self._options = options
        self._now_ms = now_ms
        self._windows: dict[str, FixedWindow] = {}

    def answer(self, method: str, raw_path: str, headers: Mapping[str, str], body: bytes) -> Reply:
        """Answer one request."""
        path, _, query = raw_path.partition("?")
        version = headers.get(VERSION_HEADER) or self._options.default_version
        is_current = version != OLDER
        aged = {} if is_current else _aged(PREFIX_SINCE)
        try:
            if path.startswith(TOKEN_PREFIX):
                return _reply(self._token(method, path, headers, body), 200, {})
            place, names = self._find(path)
            if place.since is not None:
                aged = _aged(place.since)
                if self._options.sunset_status is not None:
                    raise Problem(self._options.sunset_status, "This path is gone; use /v1/cefi")
            if version not in {OLDER, CURRENT}:
                raise Problem(400, f"{VERSION_HEADER} must be {OLDER} or {CURRENT}")
            row = place.rows.get(method)
            if row is None:
                raise Problem(405, "Method not allowed", {"Allow": ", ".join(place.rows)})
            signer = self._admit(row, method, path, headers, body)
            fields = Fields({})
            if method in {"POST", "PATCH"}:
                require_json_type(headers.get("Content-Type", ""))
                fields = Fields(read_json(body))
            known = {name: last[-1] for name, last in parse_qs(query, keep_blank_values=True).items()}
            call = Call(fields, Fields(known), names, signer, is_current, place.is_singular)
            return self._run(row, call, aged)
        except Problem as problem:
            return _refusal(problem, path, aged, is_current=is_current)

    def oversized(self) -> Reply:
        """Return the answer to a body that is too large."""
        return _refusal(Problem(413, TOO_LARGE), "", {}, is_current=False)

    def _run(self, row: Row, call: Call, headers: dict[str, str]) -> Reply:
        document = row.handler(call)
        return _reply(_enveloped(document) if call.is_current else _raw(document), row.status(), headers)

    def _admit(self, row: Row, method: str, path: str, headers: Mapping[str, str], body: bytes) -> Key | None:
        if not row.is_signed:
            return None
        now_ms = self._now_ms()
        if authorization := headers.get("Authorization"):
            key = self._tokens.admit(authorization, now_ms)
        else:
            key = self._authenticator.admit(method, path, headers, body, now_ms)
        quota = self._options.requests_per_s
        window = self._windows.setdefault(key.key_id, FixedWindow(quota, WINDOW_MS))
        if quota and not window.take(now_ms):
            raise Problem(429, "Too many requests")
        return key

    def _token(self, method: str, path: str, headers: Mapping[str, str], body: bytes) -> dict[str, Any]:
        work = {"api-key/token": self._tokens.mint, "token/refresh": self._tokens.refresh}.get(
            path.removeprefix(TOKEN_PREFIX)
        )
        if work is None:
            raise Problem(404, "Not found")
        if method != "POST":
            raise Problem(405, "Method not allowed", {"Allow": "POST"})
        require_json_type(headers.get("Content-Type", ""))
        return work(Fields(read_json(body)), self._now_ms())

    def _find(self, path: str) -> tuple[_Place, dict[str, str]]:
        segments = path.split("/")
        for place in self._places:
            if len(place.parts) == len(segments) and all(
                part == segment or (part.startswith("{") and segment)
                for part, segment in zip(place.parts, segments, strict=True)
            ):
                return place, {
                    part[1:-1]: unquote(segment)
                    for part, segment in zip(place.parts, segments, strict=True)
                    if part.startswith("{")
                }
        raise Problem(404, "Not found")


def _places(rows: Iterable[Row]) -> list[_Place]:
    places: dict[str, _Place] = {}
    for row in rows:
        for path, since, is_singular in (
            (PREFIX + row.plural, None, False),
            (LEGACY_PREFIX + row.plural, PREFIX_SINCE, False),
            *([] if row.singular is None else [(LEGACY_PREFIX + row.singular, SINGULAR_SINCE, True)]),
        ):
            place = places.setdefault(path, _Place(path.split("/"), {}, since, is_singular))
            place.rows.setdefault(row.method, row)
    # A word in a path goes before a placeholder.
    return sorted(places.values(), key=lambda place: sum(part.startswith("{") for part in place.parts))


def _aged(since: str) -> dict[str, str]:
    return {"Deprecation": since, "Sunset": SUNSET}


def _raw(document: dict[str, Any] | list[dict[str, Any]] | Page) -> Any:
    return document.rows if isinstance(document, Page) else document


def _enveloped(document: dict[str, Any] | list[dict[str, Any]] | Page) -> dict[str, Any]:
    if isinstance(document, dict):
        return {"data": document}
    if isinstance(document, list):
        document = Page(document, len(document))
    pagination: dict[str, Any] = {"size": document.size}
    if document.next_cursor:
        pagination["next_cursor"] = document.next_cursor
    return {"data": document.rows, "pagination": pagination}


def _reply(document: Any, status: int, headers: dict[str, str]) -> Reply:
    return Reply(encode(document).encode(), status, headers=headers)


def _refusal(problem: Problem, instance: str, headers: dict[str, str], *, is_current: bool) -> Reply:
    document = problem.document(instance)
    headers = {**headers, **problem.headers}
    if is_current:
        return _reply({"error": document}, problem.status, headers)
    return Reply(encode(document).encode(), problem.status, PROBLEM_TYPE, headers)
