"""REST calls: encode, wait for the rate limit, sign, send, check, decode, and repeat what may be repeated.

Knows no venue and no socket: a venue answers through ``RestDialect``, bytes go through ``HttpTransport``.
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Awaitable, Callable, Coroutine, Iterable
from typing import TypeVar

from tradewire.errors import (
    ConfigError,
    OutcomeUnknown,
    RateLimited,
    RequestError,
    TimestampRejected,
    UnreadableRow,
    VenueUnavailable,
)
from tradewire.model import stamp
from tradewire.protocol.arguments import shown
from tradewire.protocol.backoff import jitter
from tradewire.protocol.clock import ClockEstimate
from tradewire.protocol.endpoint import Access, AnyEndpoint, Effect, Endpoint, Params
from tradewire.protocol.limits import Limiter
from tradewire.protocol.request import Request
from tradewire.protocol.rest import Target, prepare
from tradewire.protocol.retry import Decision, decide
from tradewire.session.background import watched
from tradewire.session.lane import Lanes, Sending
from tradewire.session.line import Line
from tradewire.session.outcomes import Outcomes
from tradewire.session.pacing import Departure, Pacer
from tradewire.session.rest_dialect import Attempt, RestDialect
from tradewire.transport.seam import (
    Clock,
    ConnectFailed,
    DirectHttpTransport,
    HttpReply,
    HttpRequest,
    HttpTransport,
    TransportError,
)
from tradewire.transport.taps import Tap, tapped_http

__all__ = ["RestSession"]

RequestT = TypeVar("RequestT")
ResponseT = TypeVar("ResponseT")
BuiltT = TypeVar("BuiltT")

NS_PER_MS = 1_000_000
NS_PER_S = 1_000_000_000
READ_TRIES = 3
BACKOFF_S = 0.2
"""Pause before the second try of a read; it doubles from there and is jittered by half."""
CLOCK_PATIENCE_S = 2.0
"""Longest wait for the venue's time when our own clock was set."""

log = logging.getLogger("tradewire.rest")


class RestSession:
    """Sends one venue's requests.

    Args:
        dialect: What is the venue's own.
        root_url: Scheme and host.
        http: The transport.
        limiter: The venue's rate groups.
        timeout_s: Longest wait for one reply.
        max_wait_s: Longest wait for a rate limit, and before a read is tried again; what would wait longer
            fails at once.
        wall_ns: Our clock, UTC.
        monotonic_ns: The clock by which rate limits refill; it is never set.
        sleep: Waits, seconds.
        jitter: A number from 0 to 1.
        on_unreadable: Called with every row of a reply that cannot be read; logged if left out.
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
        jitter: Callable[[], float] = jitter,
        on_unreadable: Callable[[UnreadableRow], None] | None = None,
    ) -> None:
        self._dialect = dialect
        self._limiter = limiter
        self._root_url = root_url
        self._http = http
        self._direct = http if isinstance(http, DirectHttpTransport) else None
        self._timeout_s = timeout_s
        self._max_wait_s = max_wait_s
        self._wall_ns = wall_ns
        self._monotonic_ns = monotonic_ns
        self._sleep = sleep
        self._jitter = jitter
        self.on_unreadable = on_unreadable or _log_unreadable
        self.line = Line(dialect.name)
        self._pacer = Pacer(dialect.name, limiter, dialect.pace, max_wait_s, monotonic_ns, sleep)
        self._outcomes = Outcomes(dialect, self._pacer, lambda: self.venue_now_ns / NS_PER_S)
        self._asking = asyncio.Lock()
        self._doubt = ""
        self.clock = ClockEstimate()
        # From now on it notices when our own clock is set.
        self.clock.venue_ns(wall_ns(), monotonic_ns())
        self.lanes = Lanes(
            dialect, http, root_url, timeout_s=timeout_s, pacer=self._pacer, clock=self.clock, line=self.line,
            wall_ns=wall_ns, monotonic_ns=monotonic_ns, leave=self._leave,
        )  # fmt: skip

    @property
    def now_ns(self) -> int:
        """Our time, nanoseconds UTC."""
        return self._wall_ns()

    @property
    def venue_now_ns(self) -> int:
        """The venue's time as far as we can tell, nanoseconds UTC."""
        return self.clock.venue_ns(self._wall_ns(), self._monotonic_ns())

    @property
    def venue_now_ms(self) -> int:
        """The venue's time as far as we can tell, milliseconds UTC: what a stream's login is stamped with, too."""
        return self.venue_now_ns // NS_PER_MS

    def tap(self, tap: Tap) -> None:
        """Let ``tap`` see every request and reply from now on; lanes made before it are not seen."""
        self._http = self.lanes.http = tapped_http(self._http, tap)
        self._direct = self._http if isinstance(self._http, DirectHttpTransport) else None

    async def ask_time(self) -> None:
        """Ask the venue for its time once; ``venue_now_ms`` follows it from then on.

        For a refused timestamp, over REST or the stream. Calls at the same time share one request.

        Raises:
            RequestError: It did not answer, or its answer is not believable; the estimate stays as it was.
        """
        believed = self.clock.believed
        async with self._asking:
            if self.clock.believed != believed:
                return
            row = self._dialect.time
            self.clock.restart()
            departure = await self._pacer.pass_limits(row)
            sending = self._leave(row, self._target(row, None), departure, self.venue_now_ms)
            await self._once(sending, lambda reply: row.decode(reply.body))
        if self.clock.believed == believed:
            message = f"its time is not believable: {self._doubt}"
            raise VenueUnavailable(message, venue=self._dialect.name, endpoint=row.name)

    def raw_endpoint(self, verb: str, path: str, group: str, *, is_signed: bool) -> Endpoint[Params, object]:
        """Return an endpoint that has no row, in the slowest rate group if none is named.

        Raises:
            ConfigError: There is no such group.
        """
        rates = self._limiter.rates_per_s
        if group and group not in rates:
            raise ConfigError(f"group must be one of {', '.join(rates)}, got {shown(group)}")
        found = group or min(rates, key=rates.__getitem__)
        return self._dialect.api.raw(verb, path, found, self._dialect.read_raw, is_signed=is_signed)

    def report_unreadable(self, endpoint: str, rows: Iterable[UnreadableRow]) -> None:
        """Report rows of a reply of ``endpoint`` that cannot be read, each once."""
        for row in rows:
            if not row.endpoint:
                row.endpoint = endpoint
                self.on_unreadable(row)

    def close(self) -> None:
        """Let no request go any more: those that wait in line raise ``NotSent``, those under way go on."""
        self.line.close()

    def close_limits(self, error: RateLimited, group: str) -> None:
        """Send nothing more in ``group``, or in any where the error is global, until ``error`` says that it may be.

        For a venue that says so on a stream; replies over REST are followed by themselves.
        """
        self._pacer.close(group, error)

    async def call(self, endpoint: Endpoint[RequestT, ResponseT], request: RequestT) -> ResponseT:
        """Send ``request`` and return the decoded reply.

        Reads are tried up to three times when the failure may pass. Nothing else is repeated, save a request
        that does no harm twice and was refused for its timestamp. Every try is stamped and signed as it leaves.
        A call that is cancelled from outside raises ``CancelledError`` and proves nothing about the request: it
        may have been sent.

        Raises:
            ConfigError: The request makes no sense; nothing was sent.
            NotSent: Nothing reached the venue: no connection, or the rate limit is further away than allowed.
            Rejected: The venue said no; see its subclasses.
            OutcomeUnknown: It was sent and nothing proves its fate; ``lookup`` says what to ask. Where the
                venue answered something unreadable, or the answer to another request, ``__cause__`` says so.
        """
        return await self.call_as(endpoint, request, lambda response: response)

    async def call_as(
        self,
        endpoint: Endpoint[RequestT, ResponseT],
        request: RequestT,
        build: Callable[[ResponseT], BuiltT],
    ) -> BuiltT:
        """Send ``request`` and return what ``build`` makes of the reply, which may know more than the reply says.

        As ``call``: where ``build`` refuses with ``RemoteProtocolError``, the reply is unreadable.
        """
        return await self.begin(endpoint, request, build)

    def begin(
        self,
        endpoint: Endpoint[RequestT, ResponseT],
        request: RequestT,
        build: Callable[[ResponseT], BuiltT],
        sending: Sending | None = None,
    ) -> Coroutine[object, object, BuiltT]:
        """Write ``request`` before this returns, unless something has to be waited for; await the rest at once.

        What there may be to wait for: a connection, a rate limit, credentials, the venue's time. As ``call_as``.
        ``sending`` is what a lane returned for this request, if that was tried.

        Raises:
            ConfigError: The request makes no sense; nothing was sent.
        """

        # Takes the reply, which shows no body in a crash report: keys travel there, too.
        def read(reply: HttpReply) -> BuiltT:
            response = endpoint.decode(reply.body)
            endpoint.check(request, response)
            return build(response)

        if sending is None and endpoint.varying and isinstance(request, Request):
            sending = self.lanes.write(endpoint, request)
        if sending is None:
            sending = self._send_now(endpoint, self._target(endpoint, request))
        if sending is not None and sending.pending is not None:
            # The client may be closed before anyone waits for it.
            watched(sending.pending)
        return self._complete(endpoint, request, read, sending)

    def _target(self, endpoint: Endpoint[RequestT, ResponseT], request: RequestT) -> Target:
        return self._dialect.route(prepare(endpoint, request))

    def _send_now(self, endpoint: AnyEndpoint, target: Target) -> Sending | None:
        """Start the first try, or return ``None`` if it has to wait."""
        if self._direct is None or self.line.is_closed or not self._dialect.is_ready(endpoint.access):
            return None
        wall_ns, now_ns = self._wall_ns(), self._monotonic_ns()
        venue_ns = self.clock.venue_ns(wall_ns, now_ns)
        if self._is_clock_in_doubt(endpoint) or not self._pacer.enter_now(endpoint, now_ns):
            return None
        departure = Departure(self._limiter, endpoint, self._monotonic_ns, is_held=False)
        return self._leave(endpoint, target, departure, venue_ns // NS_PER_MS)

    async def _complete(
        self,
        endpoint: Endpoint[RequestT, ResponseT],
        request: RequestT,
        read: Callable[[HttpReply], BuiltT],
        sending: Sending | None,
    ) -> BuiltT:
        attempt = 1
        while True:
            if sending is None:
                departure = await self._wait_in_line(endpoint)
                target = self._target(endpoint, request)
                sending = self._leave(endpoint, target, departure, self.venue_now_ms)
            try:
                try:
                    return await self._once(sending, read)
                finally:
                    self._pacer.leave(endpoint)
            except TimestampRejected as error:
                await self._correct_clock(error)
                if endpoint.effect is Effect.ONCE or attempt > 1:
                    raise
            except RequestError as error:
                if isinstance(error, OutcomeUnknown):
                    error.lookup = endpoint.lookup_of(request)
                pause_s = self._pause_s(endpoint, error, attempt)
                if not self._is_repeated(endpoint, error, attempt) or pause_s > self._max_wait_s:
                    raise
                log.debug("%s failed (%s), try %d follows", endpoint.name, type(error).__name__, attempt + 1)
                await self._sleep(pause_s)
            attempt += 1
            sending = None

    def _is_repeated(
        self, endpoint: Endpoint[RequestT, ResponseT], error: RequestError, attempt: int
    ) -> bool:
        is_read = endpoint.effect is Effect.READ
        return is_read and attempt < READ_TRIES and decide(endpoint.effect, error) is Decision.REPEAT

    def _pause_s(self, endpoint: Endpoint[RequestT, ResponseT], error: RequestError, attempt: int) -> float:
        if isinstance(error, RateLimited):
            return error.retry_after_s * (1 + self._jitter() / 2)
        backoff_s = BACKOFF_S * 2.0 ** (attempt - 1) * (0.5 + self._jitter() / 2)
        return max(backoff_s, self._pacer.closed_s(endpoint.rate_group))

    async def _correct_clock(self, rejection: TimestampRejected) -> None:
        """Ask the venue for its time and note in ``rejection`` what came of it."""
        # A reply may be taken in no task; asking takes one.
        await asyncio.sleep(0)
        try:
            await self.ask_time()
        except RequestError as error:
            rejection.message += f"; its clock could not be asked either: {error}"
        else:
            ahead_ms = self.clock.offset_ns // NS_PER_MS
            rejection.message += f"; estimated again, the venue's clock is {ahead_ms} ms ahead of ours"

    async def _prove_clock(self, endpoint: Endpoint[RequestT, ResponseT]) -> None:
        """Ask for the venue's time before the first signed request after our own clock was set.

        Only one request waits for it, and not for long: the monotonic clock carries the estimate meanwhile.
        """
        self.clock.venue_ns(self._wall_ns(), self._monotonic_ns())
        if not self._is_clock_in_doubt(endpoint):
            return
        self.clock.settle()
        try:
            async with asyncio.timeout(CLOCK_PATIENCE_S):
                await self.ask_time()
        except (RequestError, TimeoutError) as error:
            log.warning("our clock was set and the venue's could not be asked: %s", error or "no answer")

    def _is_clock_in_doubt(self, endpoint: AnyEndpoint) -> bool:
        return self.clock.is_in_doubt and endpoint.access is Access.SIGNED

    async def _wait_in_line(self, endpoint: AnyEndpoint) -> Departure:
        """Wait until a request may go, and take its place among those under way."""
        with self.line.stand(endpoint):
            departure = await self._pacer.pass_limits(endpoint)
            try:
                await self._dialect.refresh_credentials(endpoint.access)
                await self._prove_clock(endpoint)
                await self._pacer.enter(endpoint)
            except BaseException:
                departure.left()
                raise
            return departure

    def _leave(
        self, endpoint: AnyEndpoint, target: Target, departure: Departure, timestamp_ms: int
    ) -> Sending:
        """Sign, and write at once where a connection is ready."""
        sending = Sending(Attempt(endpoint, target, timestamp_ms), departure, self._wall_ns)
        try:
            sending.request = HttpRequest(
                endpoint.method,
                self._root_url + target.path,
                self._dialect.headers(sending.attempt),
                target.body,
                self._timeout_s,
                sending.sent,
            )
            sending.pending = self._start(sending.request)
        except BaseException:
            departure.left()
            self._pacer.leave(endpoint)
            raise
        if sending.pending is None:
            departure.leaving()
        else:
            departure.left()
        return sending

    def _start(self, request: HttpRequest) -> asyncio.Future[HttpReply] | None:
        """Write ``request`` if a connection is ready."""
        if self._direct is None:
            return None
        try:
            return self._direct.start(request)
        except ConnectFailed as error:
            failed: asyncio.Future[HttpReply] = asyncio.get_running_loop().create_future()
            failed.set_exception(error)
            return failed

    async def _once(self, sending: Sending, read: Callable[[HttpReply], BuiltT]) -> BuiltT:
        attempt, departure = sending.attempt, sending.departure
        endpoint = attempt.endpoint
        try:
            pending = sending.pending
            reply = await (self._http.send(sending.request) if pending is None else pending)
            received_ns, mark = self._wall_ns(), departure.mark
            elapsed_ns = self._monotonic_ns() - mark.time_ns
        except TransportError as failure:
            raise self._outcomes.lost(endpoint, failure) from failure
        finally:
            # Where a transport does not say when it sent, the reply is the first proof that it did.
            departure.left()
        log.debug("%s: %d in %.1f ms", endpoint.name, reply.status, elapsed_ns / NS_PER_MS)
        self._pacer.learn(endpoint.rate_group, reply, mark)
        response = self._outcomes.read(attempt, reply, read)
        stamp(response, received_ns)
        self.report_unreadable(endpoint.name, getattr(response, "unreadable", ()))
        if endpoint.path == self._dialect.time.path and isinstance(response, int):
            self._doubt = self.clock.observe(sending.sent_ns, received_ns, response, elapsed_ns)
        return response


def _log_unreadable(row: UnreadableRow) -> None:
    log.error("a row cannot be read: %s", row)
