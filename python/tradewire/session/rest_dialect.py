"""What a REST session must ask a venue. Knows no venue and no socket."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Protocol

from msgspec import Struct

from tradewire._native import RequestTemplate
from tradewire.errors import RequestError
from tradewire.protocol.endpoint import Access, AnyEndpoint, Api, Endpoint
from tradewire.protocol.pace import PaceHeaders
from tradewire.protocol.rest import Target
from tradewire.transport.seam import HttpReply
from tradewire.wire import exact_json

__all__ = ["Attempt", "DefaultRestDialect", "RestDialect"]


class Attempt(Struct, frozen=True):
    """One sending of a request: what a venue may need to sign it, and to judge its reply."""

    endpoint: AnyEndpoint
    target: Target
    timestamp_ms: int
    """The venue's time as far as we can tell, taken as the request leaves."""


class RestDialect(Protocol):
    """What a session must ask a venue."""

    name: str
    api: Api
    """Makes the venue's rows."""
    time: Endpoint[None, int]
    """The venue's public clock, nanoseconds UTC."""
    pace: PaceHeaders
    """How its replies tell what is left of a rate group."""

    def headers(self, attempt: Attempt) -> Mapping[str, str]:
        """Return the headers of a request, signed if its endpoint's ``access`` says so."""
        ...

    def template(
        self, endpoint: AnyEndpoint, target: Target, host: str, holes: list[tuple[bytes, str, str, str]]
    ) -> RequestTemplate | None:
        """Return what writes requests as ``headers`` would have them, ``None`` where only that can.

        Raises:
            ConfigError: As ``headers``.
        """
        ...

    def error_from_reply(self, attempt: Attempt, reply: HttpReply) -> RequestError | None:
        """Return the error a reply stands for, ``None`` if it may be decoded.

        Where the venue says no inside a body, decoding may raise the error instead.

        Raises:
            RemoteProtocolError: The reply cannot be read.
        """
        ...

    def read_raw(self, body: bytes) -> object:
        """Return the JSON of a reply that has no row; where the venue says no inside a body, raise the error."""
        ...

    def route(self, target: Target) -> Target:
        """Return the request as this venue wants it spelled; most take it as it is."""
        ...

    def is_ready(self, access: Access) -> bool:
        """Return whether a request can be signed without ``refresh_credentials``."""
        ...

    async def refresh_credentials(self, access: Access) -> None:
        """Make sure that credentials which expire are good for one more request."""
        ...


class DefaultRestDialect:
    """Answers the questions that most venues need not be asked."""

    pace = PaceHeaders()

    def read_raw(self, body: bytes) -> object:
        """Return the JSON of a reply."""
        return exact_json(body)

    def route(self, target: Target) -> Target:
        """Return the request unchanged."""
        return target

    def is_ready(self, access: Access) -> bool:  # noqa: ARG002 - the contract's
        """Return that it can: the credentials do not expire."""
        return True

    def template(
        self,
        endpoint: AnyEndpoint,  # noqa: ARG002 - the contract's
        target: Target,  # noqa: ARG002
        host: str,  # noqa: ARG002
        holes: list[tuple[bytes, str, str, str]],  # noqa: ARG002
    ) -> RequestTemplate | None:
        """Return nothing: the core does not know this venue."""
        return None

    async def refresh_credentials(self, access: Access) -> None:
        """Do nothing: the credentials do not expire."""
