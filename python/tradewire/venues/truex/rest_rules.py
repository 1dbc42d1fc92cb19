"""What the REST session must know of TrueX: spelling, headers, errors, deprecations, the clock."""

from __future__ import annotations

import logging
import re
import warnings
from collections.abc import Mapping
from datetime import UTC, datetime

from tradewire._native import RequestTemplate
from tradewire.errors import (
    AuthRejected,
    ConfigError,
    RemoteProtocolError,
    RequestError,
    TimestampRejected,
    VenueDeprecationWarning,
)
from tradewire.protocol.endpoint import Access, AnyEndpoint
from tradewire.protocol.pace import http_date_s
from tradewire.protocol.rest import Target
from tradewire.session.rest_dialect import Attempt, DefaultRestDialect
from tradewire.transport.seam import HttpReply
from tradewire.venues.truex import errors
from tradewire.venues.truex.api import CURSOR, api
from tradewire.venues.truex.auth import Auth
from tradewire.venues.truex.hosts import Prefix, Spelling
from tradewire.venues.truex.rest.orders import AMEND_ORDER
from tradewire.venues.truex.rest.service import HEALTH, TIME

__all__ = ["RestRules"]

log = logging.getLogger(__name__)

WINDOW_S = 15
AHEAD_S = 1
"""The venue refuses what is older or further ahead. Its ``Date`` and our stamp are both rounded down to seconds."""
MS_PER_S = 1000
UNAVAILABLE = 503


class RestRules(DefaultRestDialect):
    """TrueX as ``session.rest`` sees it."""

    name = errors.VENUE
    api = api
    time = TIME

    def __init__(self, auth: Auth, prefix: Prefix, spelling: Spelling, cursor: str = CURSOR) -> None:
        if spelling is Spelling.SINGULAR and prefix is not Prefix.LEGACY:
            raise ConfigError("singular paths go with the legacy prefix only")
        if not re.fullmatch("[A-Za-z_]+", cursor):
            raise ConfigError(f"cursor is the name of a member of a query, was {cursor[:40]!r}")
        self._auth = auth
        self._prefix = prefix
        self._cursor = cursor
        self._spellings = _spellings() if spelling is Spelling.SINGULAR else {}
        self._warned: set[str] = set()

    def route(self, target: Target) -> Target:
        """Return the request under the client's prefix and spelling, by its name for cursors."""
        path = target.path.removeprefix(Prefix.CEFI.value)
        noun, mark, query = path.partition("?")
        for plural, singular in self._spellings.items():
            ref = noun.removeprefix(plural)
            if noun == plural or (plural.endswith("/") and ref != noun and "/" not in ref):
                noun = singular + ref
                break
        if self._cursor != CURSOR:
            query = re.sub(rf"(^|&){CURSOR}=", rf"\g<1>{self._cursor}=", query)
        return Target(f"{self._prefix.value}{noun}{mark}{query}", target.body)

    def headers(self, attempt: Attempt) -> Mapping[str, str]:
        """Return the headers of a request."""
        row = attempt.endpoint
        return self._auth.headers(row.access, row.method, attempt.target, attempt.timestamp_ms)

    def template(
        self, endpoint: AnyEndpoint, target: Target, host: str, holes: list[tuple[bytes, str, str, str]]
    ) -> RequestTemplate | None:
        """Return what writes signed requests."""
        return self._auth.template(endpoint.method, target, host, holes)

    def error_from_reply(self, attempt: Attempt, reply: HttpReply) -> RequestError | None:
        """Return what the venue complains about, and warn of what it will give up."""
        row = attempt.endpoint
        self._warn_of_deprecation(row.name, reply)
        if row.name == HEALTH.name and reply.status == UNAVAILABLE:
            # A service that is not well still tells so in the usual way.
            try:
                HEALTH.decode(reply.body)
            except RemoteProtocolError:
                pass
            else:
                return None
        is_order = "{ref_id}" in row.path or row.name == AMEND_ORDER.name
        error = errors.error_from_reply(row.name, reply, is_order=is_order)
        return self._annotate_error(attempt, error, reply) if isinstance(error, AuthRejected) else error

    def is_ready(self, access: Access) -> bool:
        """Return whether the bearer token, if that is what is used, is good for one more request."""
        return access is Access.PUBLIC or self._auth.is_ready

    async def refresh_credentials(self, access: Access) -> None:
        """Renew the bearer token, if that is what is used."""
        if access is not Access.PUBLIC:
            await self._auth.refresh_credentials()

    def _annotate_error(self, attempt: Attempt, error: AuthRejected, reply: HttpReply) -> AuthRejected:
        """Return a refused signature with the text that was signed, blaming the clock where it is to blame.

        A refused bearer token is renewed before the next request.
        """
        self._auth.invalidate_token()
        signed = self._auth.signed_text(attempt.endpoint.method, attempt.target, attempt.timestamp_ms)
        words = f"{error.message}; signed was {signed!r}" if signed else error.message
        ahead_s = _ahead_s(reply, attempt.timestamp_ms)
        kind = type(error)
        if signed and ahead_s is not None and not -WINDOW_S < ahead_s <= AHEAD_S:
            kind = TimestampRejected
            words += f"; our clock is {ahead_s:+d} s from the venue's"
        else:
            words += "; check key and secret"
        return kind(
            words,
            code=error.code,
            http_status=error.http_status,
            venue=error.venue,
            endpoint=error.endpoint,
        )

    def _warn_of_deprecation(self, endpoint: str, reply: HttpReply) -> None:
        since, until = reply.headers.get("deprecation", ""), reply.headers.get("sunset", "")
        if not (since or until) or endpoint in self._warned:
            return
        self._warned.add(endpoint)
        parts = [f"deprecated since {_date(since)}"] if since else []
        parts += [f"announced to go on {_date(until)}"] if until else []
        words = f"{endpoint} as asked for here is {' and '.join(parts)}: see prefix, spelling and version"
        try:
            warnings.warn(words, VenueDeprecationWarning, stacklevel=2)
        except VenueDeprecationWarning:
            # Where warnings are errors: this one must not come in place of what became of an order.
            log.warning("%s", words)


def _spellings() -> dict[str, str]:
    """Return old nouns by new ones, paths of one object with the slash they end in, longest first."""
    pairs: dict[str, str] = {}
    for row in api.rows:
        singular = row.spellings[-1] if row.spellings else ""
        if singular:
            noun = row.path.removeprefix(Prefix.CEFI.value).removesuffix("{ref_id}")
            pairs[noun] = singular.removeprefix(Prefix.LEGACY.value).removesuffix("{ref_id}")
    return dict(sorted(pairs.items(), key=lambda pair: -len(pair[0])))


def _date(text: str) -> str:
    """Return the day a header names, in whichever of the two forms; the text itself if it is neither."""
    try:
        stamp_s = float(text[1:]) if text.startswith("@") else http_date_s(text)
        return text[:40] if stamp_s is None else datetime.fromtimestamp(stamp_s, UTC).date().isoformat()
    except (ValueError, OverflowError, OSError):
        return text[:40]


def _ahead_s(reply: HttpReply, timestamp_ms: int) -> int | None:
    venue_s = http_date_s(reply.headers.get("date", ""))
    return None if venue_s is None else timestamp_ms // MS_PER_S - int(venue_s)
