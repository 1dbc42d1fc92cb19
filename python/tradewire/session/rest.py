"""REST calls: encode, meter, sign, send, judge, decode, and repeat what may be repeated.

Knows no venue and no socket: a venue answers through ``RestDialect``, bytes go through ``HttpTransport``.
"""

from __future__ import annotations

import asyncio
import logging
import random
import time
from collections.abc import Awaitable, Callable, Mapping
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

__all__ = ["AsItIs", "RestDialect", "RestSession"]

RequestT = TypeVar("RequestT")
ResponseT = TypeVar("ResponseT")

NS_PER_MS = 1_000_000
NS_PER_S = 1_000_000_000
READ_TRIES = 3
BACKOFF_S = 0.2
"""Pause before the second try of a read; it doubles from there and is jittered by half."""

log = logging.getLogger("tradewire.rest")


class RestDialect(Protocol):
    """What a session must ask a venue."""

    name: str
    time: Endpoint[None, int]
    """The venue's public clock, nanoseconds UTC."""

    def headers(self, access: Access, method: str, target: Target, timestamp_ms: int) -> Mapping[str, str]:
        """Return the headers of a request, signed if ``access`` says so."""
        ...

    def judge(self, endpoint: str, reply: HttpReply) -> RequestError | None:
        """Return what the venue complains about, ``None`` if nothing.

        Raises:
            RemoteProtocolError: The reply cannot be read.
        """
        ...

    def remaining(self, reply: HttpReply) -> float | None:
        """Return the tokens left in the request's rate group, if the reply tells."""
        ...

    def route(self, target: Target) -> Target:
        """Return the request as this venue wants it spelled; most take it as it is."""
        ...

    def explain(
        self, complaint: RequestError, method: str, target: Target, timestamp_ms: int, reply: HttpReply
    ) -> RequestError:
        """Return a complaint with what only the sender knows, for instance which text was signed."""
        ...

    async def renew(self, access: Access) -> None:
        """Make sure that credentials which expire are good for one more request."""
        ...


class AsItIs:
    """Answers the questions that most venues need not be asked."""

    def remaining(self, reply: HttpReply) -> float | None:  # noqa: ARG002 - the contract's
        """Return nothing: the venue does not tell."""
        return None

    def route(self, target: Target) -> Target:
        """Return the request unchanged."""
        return target

    def explain(
        self,
        complaint: RequestError,
        method: str,  # noqa: ARG002 - the contract's
        target: Target,  # noqa: ARG002 - the contract's
        timestamp_ms: int,  # noqa: ARG002 - the contract's
        reply: HttpReply,  # noqa: ARG002 - the contract's
    ) -> RequestError:
        """Return the complaint unchanged."""
        return complaint

    async def renew(self, access: Access) -> None:
        """Do nothing: the credentials do not expire."""


class RestSession:
    """Sends one venue's requests.

    Args:
        dialect: The venue's words.
        root_url: Scheme and host.
        http: The transport.
        limiter: The venue's rate groups.
        timeout_s: Longest wait for one reply.
        max_wait_s: Longest wait for a rate limit, and before a read is tried again; what would wait longer
            fails at once.
        wall_ns: Our clock, UTC.
        monotonic_ns: The clock by which rate limits refill.
        sleep: Waits, seconds.
        jitter: A number from 0 to 1.
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
        monotonic_ns: Clock = time.monotonic_ns,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
        jitter: Callable[[], float] = random.random,
    ) -> None:
        self._dialect = dialect
        self._root_url = root_url
        self._http = http
        self._limiter = limiter
        self._timeout_s = timeout_s
        self._max_wait_s = max_wait_s
        self._wall_ns = wall_ns
        self._monotonic_ns = monotonic_ns
        self._sleep = sleep
        self._jitter = jitter
        self._lines: dict[tuple[str, bool], asyncio.Lock] = {}
        self.clock = ClockEstimate()

    @property
    def venue_now_ms(self) -> int:
        """The venue's time as far as we can tell, milliseconds UTC."""
        return (self._wall_ns() + self.clock.offset_ns) // NS_PER_MS

    async def ask_time(self) -> None:
        """Ask the venue for its time once; ``venue_now_ms`` follows it from then on.

        Raises:
            RequestError: It did not tell.
        """
        self.clock.restart()
        await self._once(self._dialect.time, self._dialect.route(prepare(self._dialect.time, None)))

    async def call(self, endpoint: Endpoint[RequestT, ResponseT], request: RequestT) -> ResponseT:
        """Send ``request`` and return the decoded reply.

        Reads are tried up to three times when the failure may pass. Nothing else is repeated, save a request
        that does no harm twice and was refused for its timestamp. A call that is cancelled from outside
        raises ``CancelledError`` and proves nothing about the request: it may have been sent.

        Raises:
            ConfigError: The request makes no sense; nothing was sent.
            NotSent: Nothing reached the venue: no connection, or the rate limit is further away than allowed.
            Rejected: The venue said no; see its subclasses.
            OutcomeUnknown: It was sent and nothing proves its fate; ``lookup`` says what to ask. Where the
                venue answered something unreadable, ``__cause__`` is the ``FrameError``.
        """
        target = self._dialect.route(prepare(endpoint, request))
        attempt = 1
        while True:
            await self._pass_limits(endpoint)
            await self._dialect.renew(endpoint.access)
            try:
                return await self._once(endpoint, target)
            except TimestampRejected as error:
                await self._estimate_anew(error)
                if endpoint.effect is Effect.ONCE or attempt > 1:
                    raise
            except RequestError as error:
                if isinstance(error, OutcomeUnknown):
                    error.lookup = endpoint.lookup_of(request)
                pause_s = self._pause_s(error, attempt)
                if not self._is_repeated(endpoint, error, attempt) or pause_s > self._max_wait_s:
                    raise
                log.debug("%s failed (%s), try %d follows", endpoint.name, type(error).__name__, attempt + 1)
                await self._sleep(pause_s)
            attempt += 1

    def _is_repeated(
        self, endpoint: Endpoint[RequestT, ResponseT], error: RequestError, attempt: int
    ) -> bool:
        is_read = endpoint.effect is Effect.READ
        return is_read and attempt < READ_TRIES and decide(endpoint.effect, error) is Decision.REPEAT

    def _pause_s(self, error: RequestError, attempt: int) -> float:
        if isinstance(error, RateLimited):
            return error.retry_after_s * (1 + self._jitter() / 2)
        return BACKOFF_S * 2.0 ** (attempt - 1) * (0.5 + self._jitter() / 2)

    async def _estimate_anew(self, rejection: TimestampRejected) -> None:
        """Ask the venue for its time and note in ``rejection`` what came of it."""
        try:
            await self.ask_time()
        except RequestError as error:
            rejection.message += f"; its clock could not be asked either: {error}"
        else:
            ahead_ms = self.clock.offset_ns // NS_PER_MS
            rejection.message += f"; estimated anew, the venue's clock is {ahead_ms} ms ahead of ours"

    async def _once(self, endpoint: Endpoint[RequestT, ResponseT], target: Target) -> ResponseT:
        sent_ns = self._wall_ns()
        stamped_ms = self.venue_now_ms
        request = HttpRequest(
            endpoint.method,
            self._root_url + target.path,
            self._dialect.headers(endpoint.access, endpoint.method, target, stamped_ms),
            target.body,
            self._timeout_s,
        )
        try:
            reply = await self._http.send(request)
        except ConnectFailed as error:
            raise NotSent(str(error), venue=self._dialect.name, endpoint=endpoint.name) from error
        except ConnectionLost as error:
            raise self._unknown(endpoint, str(error)) from error
        received_ns = self._wall_ns()
        log.debug("%s: %d in %.1f ms", endpoint.name, reply.status, (received_ns - sent_ns) / NS_PER_MS)
        self._heed_limits(endpoint.rate_group, reply)
        try:
            complaint = self._dialect.judge(endpoint.name, reply)
            if complaint is not None:
                complaint = self._dialect.explain(complaint, endpoint.method, target, stamped_ms, reply)
                raise self._settle(endpoint, complaint)
            response = endpoint.decode(reply.body)
        except RemoteProtocolError as error:
            # The venue did something; only its account of it cannot be read.
            raise self._unknown(endpoint, f"unreadable reply: {error}", reply.status) from error
        if endpoint.path == self._dialect.time.path and isinstance(response, int):
            self.clock.observe(sent_ns, received_ns, response)
        return response

    async def _pass_limits(self, endpoint: Endpoint[RequestT, ResponseT]) -> None:
        """Take the tokens of one request, standing in line for them if need be.

        Cancels have a line of their own. What waits beside it only estimates: cancels may go first.
        """
        group, weight, is_cancel = endpoint.rate_group, endpoint.weight, endpoint.is_cancel
        wait_ns = self._limiter.take(group, weight, self._monotonic_ns(), is_cancel=is_cancel)
        if not wait_ns:
            return
        if wait_ns > self._max_wait_s * NS_PER_S:
            message = f"rate group {group} is {wait_ns / NS_PER_S:.1f} s behind; send fewer requests"
            raise NotSent(message, venue=self._dialect.name, endpoint=endpoint.name)
        self._limiter.join(group, weight)
        try:
            async with self._lines.setdefault((group, is_cancel), asyncio.Lock()):
                while wait_ns := self._limiter.take(
                    group, weight, self._monotonic_ns(), is_cancel=is_cancel, is_next=True
                ):
                    await self._sleep(wait_ns / NS_PER_S)
        finally:
            self._limiter.leave(group, weight)

    def _heed_limits(self, group: str, reply: HttpReply) -> None:
        remaining = self._dialect.remaining(reply)
        if remaining is not None:
            self._limiter.observe(group, remaining, self._monotonic_ns())

    def _settle(self, endpoint: Endpoint[RequestT, ResponseT], complaint: RequestError) -> RequestError:
        """Return the error to raise: for a read, "unknown" only means that there is no answer."""
        if isinstance(complaint, RateLimited):
            self._limiter.exhaust(endpoint.rate_group, self._monotonic_ns())
        if isinstance(complaint, OutcomeUnknown) and endpoint.effect is Effect.READ:
            return VenueUnavailable(
                complaint.message,
                code=complaint.code,
                http_status=complaint.http_status,
                venue=complaint.venue,
                endpoint=complaint.endpoint,
            )
        return complaint

    def _unknown(
        self, endpoint: Endpoint[RequestT, ResponseT], message: str, http_status: int = 0
    ) -> OutcomeUnknown:
        return OutcomeUnknown(
            message,
            http_status=http_status,
            venue=self._dialect.name,
            endpoint=endpoint.name,
        )
