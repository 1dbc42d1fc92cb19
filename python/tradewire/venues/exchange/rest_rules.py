"""What the REST session must know of Exchange: headers, errors, the clock."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Protocol

from tradewire._native import RequestTemplate
from tradewire.errors import RequestError
from tradewire.protocol.endpoint import Access, AnyEndpoint, Endpoint
from tradewire.protocol.rest import Target
from tradewire.session.rest_dialect import Attempt, DefaultRestDialect
from tradewire.transport.seam import HttpReply
from tradewire.venues.exchange import errors
from tradewire.venues.exchange.api import api
from tradewire.venues.exchange.rest.market_data import HEALTH

__all__ = ["RestRules"]


class Auth(Protocol):
    """Who sends."""

    def headers(self, access: Access, target: Target) -> Mapping[str, str]:
        """Return the headers of one request."""
        ...


class RestRules(DefaultRestDialect):
    """Exchange as ``session.rest`` sees it."""

    name = errors.VENUE
    api = api
    time: Endpoint[None, int] = Endpoint(
        HEALTH.method,
        HEALTH.path,
        HEALTH.access,
        HEALTH.effect,
        HEALTH.rate_group,
        HEALTH.encode,
        lambda body: HEALTH.decode(body).now_ns,
        HEALTH.source,
        HEALTH.read_on,
    )
    """Nothing is stamped here; only the venue's health has its time."""

    def __init__(self, auth: Auth) -> None:
        self._auth = auth

    def headers(self, attempt: Attempt) -> Mapping[str, str]:
        """Return the headers of a request."""
        return self._auth.headers(attempt.endpoint.access, attempt.target)

    def template(
        self, endpoint: AnyEndpoint, target: Target, host: str, holes: list[tuple[bytes, str, str, str]]
    ) -> RequestTemplate:
        """Return what writes requests with the key."""
        headers = dict(self._auth.headers(endpoint.access, target))
        return RequestTemplate(endpoint.method, target.path, host, None, headers, target.body, holes)

    def error_from_reply(self, attempt: Attempt, reply: HttpReply) -> RequestError | None:
        """Return what the venue complains about."""
        return errors.error_from_reply(attempt.endpoint.name, reply)
