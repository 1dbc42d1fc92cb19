"""Requests that differ in a few values only: the rest of them is checked and encoded once, what is left is one call.

The general way to encode is the only truth: a lane is made of a sample request that went that way, and whatever is
not of the usual form, or has to wait, goes that way still.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from decimal import Decimal
from typing import Any, TypeAlias, TypeVar

from msgspec.structs import replace

from tradewire._native import ClockEstimate, RequestLane
from tradewire.errors import ConfigError
from tradewire.protocol.endpoint import Access, AnyEndpoint
from tradewire.protocol.request import Hole, Request
from tradewire.protocol.rest import Target, prepare
from tradewire.session.line import Line
from tradewire.session.pacing import Departure, Pacer
from tradewire.session.rest_dialect import Attempt, RestDialect
from tradewire.transport.seam import (
    Clock,
    HttpLane,
    HttpReply,
    HttpRequest,
    HttpTransport,
    LaneHttpTransport,
    TransportError,
)

__all__ = ["Lane", "Lanes", "Sending"]

LANES_BOUND = 1_000
"""Kinds of requests that a session keeps a lane for."""
NS_PER_MS = 1_000_000
END_OF_HEAD = b"\r\n\r\n"

RequestT = TypeVar("RequestT", bound=Request)
Entered: TypeAlias = tuple[Any, bytes, int]
"""A connection, the request that was written to it, and its timestamp in milliseconds."""


class Sending:
    """One try of a request, which is written already (``pending``) or is to be given to the transport."""

    __slots__ = ("_wall_ns", "attempt", "departure", "pending", "request", "sent_ns")

    request: HttpRequest

    def __init__(self, attempt: Attempt, departure: Departure, wall_ns: Clock) -> None:
        self.attempt = attempt
        self.departure = departure
        self.pending: asyncio.Future[HttpReply] | None = None
        self.sent_ns = wall_ns()
        self._wall_ns = wall_ns

    def sent(self) -> None:
        """Note that the last byte is on its way."""
        self.sent_ns = self._wall_ns()
        self.departure.left()


class Lane:
    """Writes requests of one kind to one host."""

    __slots__ = (
        "_endpoint", "_http", "_lanes", "_line", "_monotonic_ns", "_needs_place", "_pacer", "_path",
        "_timeout_s", "_wall_ns", "native",
    )  # fmt: skip

    def __init__(
        self,
        lanes: Lanes,
        endpoint: AnyEndpoint,
        path: str | None,
        native: RequestLane,
        http: HttpLane,
    ) -> None:
        self._lanes = lanes
        # Looked at before every write: one step each.
        self._line, self._pacer, self._timeout_s = lanes.line, lanes.pacer, lanes.timeout_s
        self._wall_ns, self._monotonic_ns = lanes.wall_ns, lanes.monotonic_ns
        self._needs_place = not endpoint.is_cancel
        self._endpoint = endpoint
        self._path = path
        self._http = http
        self.native = native
        """Its ``write`` writes a request at once, where it returns one; ``go_on`` takes that."""

    def write(self, *values: object) -> Sending | None:
        """Write a request before this returns; ``begin`` of the session takes what this returns.

        ``None``: it has to wait, or a value is not of the usual form. Nothing was done. Whoever takes it must look at
        its ``pending``.
        """
        entered = self.native.write(*values)
        return self._offer(values) if entered is None else self.go_on(entered)

    def go_on(self, entered: Entered) -> Sending:
        """Return what ``begin`` of the session takes of a request that ``native`` has written."""
        connection, data, timestamp_ms = entered
        pending = self._http.written(connection, data, self._timeout_s)
        self._pacer.occupy(self._endpoint)
        departure = self._departure()
        departure.left()
        sending = Sending(Attempt(self._endpoint, self._target(data), timestamp_ms), departure, self._wall_ns)
        sending.pending = pending
        return sending

    def _departure(self) -> Departure:
        return Departure(self._pacer.limiter, self._endpoint, self._monotonic_ns, is_held=False)

    def _target(self, data: bytes) -> Target:
        return Target(self._path or _path_of(data), data[data.index(END_OF_HEAD) + len(END_OF_HEAD) :])

    def _offer(self, values: tuple[object, ...]) -> Sending | None:
        pacer = self._pacer
        if self._line.is_closed or (self._needs_place and not pacer.free_places):
            return None
        wall_ns, now_ns = self._wall_ns(), self._monotonic_ns()
        data = self.native.fill(wall_ns, now_ns, values)
        if data is None:
            return None
        try:
            pending = self._http.write(data, self._timeout_s)
        except BaseException:
            # Crash reports show what a frame holds.
            del data
            raise
        lanes, endpoint = self._lanes, self._endpoint
        pacer.occupy(endpoint)
        departure, target = self._departure(), self._target(data)
        timestamp_ms = lanes.clock.venue_ns(wall_ns, now_ns) // NS_PER_MS
        if pending is None:
            return lanes.leave(endpoint, target, departure, timestamp_ms)
        departure.left()
        sending = Sending(Attempt(endpoint, target, timestamp_ms), departure, lanes.wall_ns)
        sending.pending = pending
        return sending


class Lanes:
    """Makes the lanes of one session.

    Args:
        dialect: What is the venue's own.
        http: The transport.
        root_url: Scheme and host.
        timeout_s: Longest wait for one reply.
        pacer: Lets requests go.
        clock: The venue's time.
        line: Says whether the session is closed.
        wall_ns: Our clock, UTC.
        monotonic_ns: The clock by which rate limits refill.
        leave: Sends what a lane has metered and the transport could not write at once.
    """

    def __init__(
        self,
        dialect: RestDialect,
        http: HttpTransport,
        root_url: str,
        *,
        timeout_s: float,
        pacer: Pacer,
        clock: ClockEstimate,
        line: Line,
        wall_ns: Clock,
        monotonic_ns: Clock,
        leave: Callable[[AnyEndpoint, Target, Departure, int], Sending],
    ) -> None:
        self._dialect = dialect
        self.http = http
        self._root_url = root_url
        self.timeout_s = timeout_s
        self.pacer = pacer
        self.clock = clock
        self.line = line
        self.wall_ns = wall_ns
        self.monotonic_ns = monotonic_ns
        self.leave = leave
        self._known: dict[tuple[object, ...], Lane | None] = {}

    def make(self, endpoint: AnyEndpoint, request: Request, holes: Mapping[str, Hole]) -> Lane | None:
        """Return what writes requests like ``request`` natively, ``None`` where only the general way is open.

        Args:
            endpoint: Its row.
            request: One of them.
            holes: The fields in which they differ. Their values are passed to ``write`` in this order.
        """
        if not isinstance(self.http, LaneHttpTransport):
            return None
        sample, marked = _with_marks(request, holes)
        try:
            target = self._dialect.route(prepare(endpoint, sample))
            http = self.http.lane(self._root_url)
            template = self._dialect.template(endpoint, target, http.authority, marked)
        except (ConfigError, TransportError):
            # Where the general way fails, too, it says why.
            return None
        if template is None:
            return None
        native = RequestLane(
            template, self.pacer.limiter, endpoint.rate_group, endpoint.weight, self.clock,
            is_cancel=endpoint.is_cancel, is_signed=endpoint.access is Access.SIGNED,
            ours=(self.wall_ns, self.monotonic_ns, self.line, self.pacer, http.door),
        )  # fmt: skip
        is_fixed = not any(mark.decode() in target.path for mark, *_ in marked)
        return Lane(self, endpoint, target.path if is_fixed else None, native, http)

    def write(self, endpoint: AnyEndpoint, request: Request) -> Sending | None:
        """Write a request of a row that says in which fields its requests differ, as ``Lane.write``."""
        holes = {name: hole for name, hole in endpoint.varying.items() if getattr(request, name) is not None}
        fixed = [getattr(request, name) for name in request.__struct_fields__ if name not in holes]
        key = (endpoint.path, *holes, *fixed)
        try:
            lane = self._known[key]
        except KeyError:
            if len(self._known) >= LANES_BOUND:
                self._known.clear()
            lane = self._known[key] = self.make(endpoint, request, holes)
        except TypeError:
            # What cannot be a key cannot be sent.
            return None
        return None if lane is None else lane.write(*[getattr(request, name) for name in holes])


def _path_of(request: bytes) -> str:
    """Return the path of a whole request, which holds a value."""
    return request[: request.index(b" HTTP/1.1\r\n")].partition(b" ")[2].decode()


def _with_marks(
    request: RequestT, holes: Mapping[str, Hole]
) -> tuple[RequestT, list[tuple[bytes, str, str, str]]]:
    """Return ``request`` with values that can be found in what is encoded of it, and the template's holes."""
    values: dict[str, object] = {}
    marked = []
    for place, (name, hole) in enumerate(holes.items()):
        value: object = f"90071992547409930{place}"
        if hole.kind == "number":
            value = Decimal(f"{place}.9007199254740993")
        elif hole.kind == "uuid":
            value = f"90071992-5474-4099-8300-00000000000{place}"
        elif hole.kind == "count":
            value = int(f"90071992547409930{place}")
        values[name] = value
        marked.append((str(value).encode(), *hole))
    return replace(request, **values), marked
