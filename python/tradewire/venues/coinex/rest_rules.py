"""What the REST session must know of CoinEx: headers, errors, the clock, what is left of a rate group."""

from __future__ import annotations

from collections.abc import Mapping

from tradewire._native import RequestTemplate
from tradewire.errors import RequestError
from tradewire.protocol.endpoint import AnyEndpoint
from tradewire.protocol.pace import PaceHeaders
from tradewire.protocol.rest import Target
from tradewire.session.rest_dialect import Attempt, DefaultRestDialect
from tradewire.transport.seam import HttpReply
from tradewire.venues.coinex import errors, replies
from tradewire.venues.coinex.api import api
from tradewire.venues.coinex.auth import Auth
from tradewire.venues.coinex.rest.common import TIME

__all__ = ["RestRules"]


class RestRules(DefaultRestDialect):
    """CoinEx as ``session.rest`` sees it."""

    name = errors.VENUE
    api = api
    time = TIME
    pace = PaceHeaders(
        remaining="x-ratelimit-remaining",
        long_periods=tuple(f"x-ratelimit-longperiod-{hours}h-remaining" for hours in (1, 4, 8, 24)),
    )

    def __init__(self, auth: Auth) -> None:
        self._auth = auth

    def headers(self, attempt: Attempt) -> Mapping[str, str]:
        """Return the headers of a request."""
        row = attempt.endpoint
        return self._auth.headers(row.access, row.method, attempt.target, attempt.timestamp_ms)

    def template(
        self, endpoint: AnyEndpoint, target: Target, host: str, holes: list[tuple[bytes, str, str, str]]
    ) -> RequestTemplate:
        """Return what writes signed requests."""
        return self._auth.template(endpoint.method, target, host, holes)

    def read_raw(self, body: bytes) -> object:
        """Return the JSON of a reply that says that it succeeded."""
        return replies.raw(body)

    def error_from_reply(self, attempt: Attempt, reply: HttpReply) -> RequestError | None:
        """Return what the venue complains about."""
        return errors.error_from_reply(attempt.endpoint.name, reply)
