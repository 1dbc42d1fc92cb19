"""What a reply, or the lack of one, proves about its request."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

from tradewire.errors import (
    FrameError,
    NotSent,
    OrderNotFound,
    OutcomeUnknown,
    Rejected,
    RemoteProtocolError,
    RequestError,
    VenueUnavailable,
)
from tradewire.protocol.endpoint import AnyEndpoint, Effect
from tradewire.protocol.mismatch import foreign_id
from tradewire.session.pacing import Pacer
from tradewire.session.rest_dialect import Attempt, RestDialect
from tradewire.transport.seam import ConnectFailed, HttpReply, TransportError

__all__ = ["Outcomes"]

BuiltT = TypeVar("BuiltT")
NOT_FOUND = 404


class Outcomes:
    """Reads the replies of one venue.

    Args:
        dialect: What is the venue's own.
        pacer: Obeys what a refusal says about pace.
        venue_now_s: Returns the venue's time, seconds UTC.
    """

    def __init__(self, dialect: RestDialect, pacer: Pacer, venue_now_s: Callable[[], float]) -> None:
        self._dialect = dialect
        self._pacer = pacer
        self._venue_now_s = venue_now_s

    def lost(self, endpoint: AnyEndpoint, failure: TransportError) -> RequestError:
        """Return the error of a request that has no reply."""
        if isinstance(failure, ConnectFailed):
            return NotSent(str(failure), venue=self._dialect.name, endpoint=endpoint.name)
        return self._unknown(endpoint, str(failure))

    def read(self, attempt: Attempt, reply: HttpReply, read: Callable[[HttpReply], BuiltT]) -> BuiltT:
        """Return what ``read`` makes of a reply, or raise the error that it stands for."""
        endpoint = attempt.endpoint
        try:
            error = self._dialect.error_from_reply(attempt, reply)
            if error is None:
                return read(reply)
        except RequestError as refusal:
            # Some venues say no inside the body.
            error = refusal
        except RemoteProtocolError as fault:
            # The venue did something; only its account of it cannot be read, or is of something else.
            message = f"unreadable reply: {fault}" if isinstance(fault, FrameError) else str(fault)
            raise self._unknown(endpoint, message, reply.status) from fault
        self._pacer.obey(endpoint.rate_group, error, reply, self._venue_now_s())
        if stranger := _other_request(attempt, error):
            message = f"the reply belongs to another request: it is about {stranger}"
            raise self._unknown(endpoint, message, reply.status) from error
        raise self._final(endpoint, error)

    def _final(self, endpoint: AnyEndpoint, error: RequestError) -> RequestError:
        """Return the error to raise: for a read, "unknown" only means that there is no answer."""
        error.venue = error.venue or self._dialect.name
        error.endpoint = error.endpoint or endpoint.name
        if isinstance(error, OutcomeUnknown) and endpoint.effect is Effect.READ:
            return VenueUnavailable(
                error.message,
                code=error.code,
                http_status=error.http_status,
                venue=error.venue,
                endpoint=error.endpoint,
            )
        return error

    def _unknown(self, endpoint: AnyEndpoint, message: str, http_status: int = 0) -> OutcomeUnknown:
        return OutcomeUnknown(
            message, http_status=http_status, venue=self._dialect.name, endpoint=endpoint.name
        )


def _other_request(attempt: Attempt, error: RequestError) -> str:
    """Return what other order a refusal is about, empty if it may be the answer.

    A second, late reply to the question about one order may arrive as the answer to placing the next.
    """
    is_order = isinstance(error, OrderNotFound)
    if not is_order and not (isinstance(error, Rejected) and error.http_status == NOT_FOUND):
        return ""
    path, body = attempt.target
    stranger = foreign_id(error.message, path, body.decode(errors="replace"))
    return stranger or ("an order that is not found" if is_order and attempt.endpoint.is_placing else "")
