"""What the REST session must know of Exchange: headers, complaints, the clock."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Protocol

from tradewire.errors import RequestError
from tradewire.protocol.endpoint import Access, Effect, Endpoint
from tradewire.protocol.rest import Target
from tradewire.session.rest import AsItIs
from tradewire.transport.seam import HttpReply
from tradewire.venues.exchange import endpoints, faults

__all__ = ["RestRules"]


class Auth(Protocol):
    """Who sends."""

    def headers(self, access: Access, target: Target) -> Mapping[str, str]:
        """Return the headers of one request."""
        ...


class RestRules(AsItIs):
    """Exchange as ``session.rest`` sees it."""

    name = faults.VENUE
    time: Endpoint[None, int] = Endpoint(
        "GET",
        endpoints.HEALTH.path,
        Access.PUBLIC,
        Effect.READ,
        endpoints.HEALTH.rate_group,
        endpoints.HEALTH.encode,
        lambda body: endpoints.HEALTH.decode(body).now_ns,
        endpoints.HEALTH.source,
        endpoints.HEALTH.read_on,
    )
    """Nothing is stamped here; only the venue's health tells its time."""

    def __init__(self, auth: Auth) -> None:
        self._auth = auth

    def headers(self, access: Access, method: str, target: Target, timestamp_ms: int) -> Mapping[str, str]:  # noqa: ARG002 - the session's contract
        """Return the headers of a request."""
        return self._auth.headers(access, target)

    def judge(self, endpoint: str, reply: HttpReply) -> RequestError | None:
        """Return what the venue complains about."""
        return faults.judge(endpoint, reply)
