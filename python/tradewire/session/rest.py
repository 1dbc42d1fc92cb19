"""REST calls: encode, meter, sign, send, judge, decode, and repeat what may be repeated."""

from __future__ import annotations

import asyncio
import logging
import random
import time
from collections.abc import Mapping
from typing import Protocol, TypeVar

from tradewire.errors import (
    NotSent,
    OutcomeUnknown,
    RateLimited,
    RemoteProtocolError,
    RequestError,
    TimestampRejected,
    VenueUnavailable,
)
from tradewire.protocol.clock import ClockEstimate
from tradewire.protocol.endpoint import Access, Effect, Endpoint
from tradewire.protocol.limits import Limiter
from tradewire.protocol.rest import Target, prepare
from tradewire.protocol.retry import Decision, decide
from tradewire.transport.seam import (
    Clock,
    ConnectFailed,
    ConnectionLost,
    HttpReply,
    HttpRequest,
    HttpTransport,
)

__all__ = ["RestDialect", "RestSession"]

RequestT = TypeVar("RequestT")
ResponseT = TypeVar("ResponseT")

NS_PER_MS = 1_000_000
NS_PER_S = 1_000_000_000
MAX_TRIES = 3
BACKOFF_S = 0.2

log = logging.getLogger("tradewire.rest")


class RestDialect(Protocol):
    """What a session must ask a venue."""

    name: str

    def headers(self, access: Access, method: str, target: Target, timestamp_ms: int) -> Mapping[str, str]:
        """Return the headers of a request, signed if ``access`` says so."""
        ...

    def judge(self, endpoint: str, reply: HttpReply) -> RequestError | None:
        """Return what the venue complains about, ``None`` if nothing."""
        ...

    def remaining(self, reply: HttpReply) -> float | None:
        """Return the tokens left in the request's rate group, if the reply tells."""
        ...

    def venue_time_ns(self, body: bytes) -> int:
        """Return the time in a reply to ``time_path``."""
        ...

    time_path: str
    """Path of the public clock."""


class RestSession:
    """Sends one venue's requests.

    Args:
        dialect: The venue's words.
        root_url: Scheme and host.
        http: The transport.
        limiter: The venue's rate groups.
        timeout_s: Longest wait for one reply.
        max_wait_s: Longest wait for a rate limit; beyond it the request is not sent.
        wall_ns: Our clock, UTC.
    """

    def __init__(
        self,
        dialect: RestDialect,
        root_url: str,
        http: HttpTransport,
        limiter: Limiter,
        *,
        timeout_s: float = 10.0,
        max_wait_s: float = 5.0,
        wall_ns: Clock = time.time_ns,
    ) -> None:
        self._dialect = dialect
        self._root_url = root_url
        self._http = http
        self._limiter = limiter
        self._timeout_s = timeout_s
        self._max_wait_s = max_wait_s
        self._wall_ns = wall_ns
        self.clock = ClockEstimate()

    async def call(self, endpoint: Endpoint[RequestT, ResponseT], request: RequestT) -> ResponseT:
        """Send ``request`` and return the decoded reply.

        Reads are repeated up to twice after a failure that may pass; anything else is repeated only if it was
        provably not sent, or after a refused timestamp. A cancelled call raises ``CancelledError`` and proves
        nothing about the request.

        Raises:
            NotSent: Nothing reached the venue: no connection, or the rate limit is further away than allowed.
            Rejected: The venue said no; see its subclasses.
            OutcomeUnknown: It was sent and nothing proves its fate; ``lookup`` says what to ask.
        """
        target = prepare(endpoint, request)
        for attempt in range(1, MAX_TRIES + 1):
            try:
                return await self._once(endpoint, target)
            except RequestError as error:
                if attempt == MAX_TRIES or not self._may_repeat(endpoint.effect, error):
                    raise
                log.debug("%s failed (%s), try %d follows", endpoint.name, type(error).__name__, attempt + 1)
                await self._before_repeating(error, attempt)
        raise AssertionError("the loop returns or raises")

    async def synchronise(self) -> None:
        """Estimate the venue's clock anew."""
        sent_ns = self._wall_ns()
        url = self._root_url + self._dialect.time_path
        reply = await self._http.send(HttpRequest("GET", url, {}, b"", self._timeout_s))
        self.clock.observe(sent_ns, self._wall_ns(), self._dialect.venue_time_ns(reply.body))

    def _may_repeat(self, effect: Effect, error: RequestError) -> bool:
        # A timestamp is checked before anything is done, so even an order may follow a refused one.
        return isinstance(error, TimestampRejected) or decide(effect, error) is Decision.REPEAT

    async def _before_repeating(self, error: RequestError, attempt: int) -> None:
        if isinstance(error, TimestampRejected):
            self.clock.restart()
            try:
                await self.synchronise()
            except (ConnectFailed, ConnectionLost, RemoteProtocolError):
                raise error from None
            return
        wait_s = error.retry_after_s if isinstance(error, RateLimited) else BACKOFF_S * 2**attempt
        await asyncio.sleep(wait_s * random.uniform(0.5, 1.0))  # noqa: S311 - jitter is no secret

    async def _once(self, endpoint: Endpoint[RequestT, ResponseT], target: Target) -> ResponseT:
        await self._pass_limits(endpoint)
        timestamp_ms = (self._wall_ns() + self.clock.offset_ns) // NS_PER_MS
        headers = self._dialect.headers(endpoint.access, endpoint.method, target, timestamp_ms)
        request = HttpRequest(
            endpoint.method, self._root_url + target.path, headers, target.body, self._timeout_s
        )
        try:
            reply = await self._http.send(request)
        except ConnectFailed as error:
            raise NotSent(str(error), venue=self._dialect.name, endpoint=endpoint.name) from error
        except ConnectionLost as error:
            raise self._unknown(endpoint, str(error)) from error
        now_ns = self._wall_ns()
        remaining = self._dialect.remaining(reply)
        if remaining is not None:
            self._limiter.observe(endpoint.rate_group, remaining, now_ns)
        complaint = self._dialect.judge(endpoint.name, reply)
        if complaint is not None:
            if isinstance(complaint, RateLimited):
                self._limiter.exhaust(endpoint.rate_group, now_ns)
            raise self._settle(endpoint, complaint)
        try:
            return endpoint.decode(reply.body)
        except RemoteProtocolError as error:
            # The venue did something; only its account of it cannot be read.
            raise self._unknown(endpoint, f"unreadable reply: {error}") from error

    async def _pass_limits(self, endpoint: Endpoint[RequestT, ResponseT]) -> None:
        group, weight = endpoint.rate_group, endpoint.weight
        wait_ns = self._limiter.take(group, weight, self._wall_ns(), is_cancel=endpoint.is_cancel)
        if not wait_ns:
            return
        if wait_ns > self._max_wait_s * NS_PER_S:
            self._limiter.give_back(group, weight)
            message = f"rate group {group} is {wait_ns / NS_PER_S:.1f} s behind; send fewer requests"
            raise NotSent(message, venue=self._dialect.name, endpoint=endpoint.name)
        try:
            await asyncio.sleep(wait_ns / NS_PER_S)
        except asyncio.CancelledError:
            self._limiter.give_back(group, weight)
            raise

    def _settle(self, endpoint: Endpoint[RequestT, ResponseT], complaint: RequestError) -> RequestError:
        """Return the error to raise: for a read, "unknown" only means that there is no answer."""
        if isinstance(complaint, OutcomeUnknown):
            if endpoint.effect is Effect.READ:
                return VenueUnavailable(complaint.message, venue=complaint.venue, endpoint=complaint.endpoint)
            complaint.lookup = endpoint.lookup
        return complaint

    def _unknown(self, endpoint: Endpoint[RequestT, ResponseT], message: str) -> OutcomeUnknown:
        return OutcomeUnknown(
            message, lookup=endpoint.lookup, venue=self._dialect.name, endpoint=endpoint.name
        )
