"""What a transport is: two ways to send for HTTP, three methods for WebSocket.

Everything above speaks only to these. A transport knows bytes and sockets, never a venue; it reports
failures in exactly two classes, because they decide an order's fate: ``ConnectFailed`` (no byte of the
request left) and ``ConnectionLost`` (some may have).
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any, NamedTuple, Protocol, runtime_checkable

from msgspec import Struct

from tradewire.errors import TradewireError
from tradewire.protocol.backoff import jitter

if TYPE_CHECKING:
    from tradewire._native import HttpDoor

__all__ = [
    "SYSTEM",
    "Clocks",
    "ConnectFailed",
    "ConnectionLost",
    "DirectHttpTransport",
    "HttpLane",
    "HttpReply",
    "HttpRequest",
    "HttpTransport",
    "LaneHttpTransport",
    "TransportError",
    "WsConnection",
    "WsListener",
    "WsTransport",
]


class TransportError(TradewireError):
    """A socket failed. Sessions turn it into the caller's ``NotSent`` or ``OutcomeUnknown``."""


class ConnectFailed(TransportError):
    """No byte was sent: name resolution, connect, TLS or upgrade failed, or the queue was full."""


class ConnectionLost(TransportError):
    """The connection broke, or the deadline passed, after bytes may have been sent."""


class HttpRequest(NamedTuple):
    """One HTTP request, complete: the transport adds nothing that was signed. Shows no header: keys travel there."""

    method: str
    url: str
    """Absolute, with the query exactly as it was signed."""
    headers: Mapping[str, str]
    body: bytes
    timeout_s: float
    on_sent: Callable[[], None] | None = None
    """Called when the last byte has been handed to the socket, by transports that can tell. Must not block."""

    def __repr__(self) -> str:
        return f"HttpRequest({self.method} {self.url}, {len(self.body)} bytes)"


class HttpReply(NamedTuple):
    """One HTTP reply, undecoded. Shows no body: some venues answer with keys."""

    status: int
    headers: Mapping[str, str]
    """Names in lower case."""
    body: bytes

    def __repr__(self) -> str:
        return f"HttpReply({self.status}, {len(self.body)} bytes)"


class HttpTransport(Protocol):
    """Sends HTTP requests over connections it keeps alive.

    What it sends, it sends once.
    """

    async def send(self, request: HttpRequest) -> HttpReply:
        """Send ``request`` and return the reply, whatever its status.

        Raises:
            ConnectFailed: Nothing was sent.
            ConnectionLost: Something may have been.
        """
        ...

    async def close(self) -> None:
        """Close every connection. Safe to call twice."""
        ...


@runtime_checkable
class DirectHttpTransport(HttpTransport, Protocol):
    """Can also write in the call. A session uses that where it is offered, and awaits ``send`` where it is not."""

    def start(self, request: HttpRequest) -> asyncio.Future[HttpReply] | None:
        """Write ``request`` before this returns, if a connection is ready; return ``None`` if not: then ``send`` it.

        The future has the reply, or ``ConnectionLost``; the deadline is the request's. Whoever takes it must look
        at it, by ``await`` or a callback. Cancelling it takes nothing back: the bytes are on their way.

        Raises:
            ConnectFailed: Nothing was sent, and ``send`` would fail alike.
        """
        ...

    async def warm(self, url: str, connections: int = 1) -> None:
        """Open connections to the host of ``url`` until so many are ready, so that ``start`` finds one.

        Raises:
            ConnectFailed: The host cannot be reached.
        """
        ...


class HttpLane(Protocol):
    """Writes requests to one host that are whole already."""

    authority: str
    """What their ``Host`` says."""
    door: HttpDoor | None
    """What the core writes them to by itself where it can; then it is for ``written`` to go on."""

    def write(self, request: bytes, timeout_s: float) -> asyncio.Future[HttpReply] | None:
        """Write ``request`` before this returns, if a connection is ready; as ``DirectHttpTransport.start``."""
        ...

    def written(self, connection: Any, request: bytes, timeout_s: float) -> asyncio.Future[HttpReply]:
        """Return the future of the reply to ``request``, which went through ``door`` to ``connection`` just now."""
        ...


@runtime_checkable
class LaneHttpTransport(DirectHttpTransport, Protocol):
    """Can also write what a session has encoded to the last byte."""

    def lane(self, url: str) -> HttpLane:
        """Return what writes to the host of ``url``.

        Raises:
            ConnectFailed: The transport is closed.
            ConfigError: This is not its event loop.
        """
        ...


class WsListener(Protocol):
    """What a WebSocket owner hears; both are called in the loop's thread and must not block."""

    def on_frame(self, data: bytes, received_at_ns: int) -> None:
        """Take one whole message, text or binary, in the loop iteration that read it."""
        ...

    def on_closed(self, code: int, reason: str) -> None:
        """Learn that the connection is gone; called exactly once, also after ``close``."""
        ...


class WsConnection(Protocol):
    """An open WebSocket."""

    def send_text(self, data: bytes) -> None:
        """Queue one text frame; never waits.

        Raises:
            ConnectionLost: The connection is closed.
        """
        ...

    async def close(self, code: int = 1000, reason: str = "") -> None:
        """Close the handshake properly, or abort after a second. Safe to call twice."""
        ...


class WsTransport(Protocol):
    """Opens WebSockets."""

    async def connect(
        self,
        url: str,
        listener: WsListener,
        *,
        headers: Mapping[str, str],
        timeout_s: float,
        max_frame_bytes: int,
    ) -> WsConnection:
        """Open ``url`` and deliver its messages to ``listener``.

        Raises:
            ConnectFailed: The upgrade did not happen.
        """
        ...


Clock = Callable[[], int]
"""Nanoseconds; sessions take two of them, wall (UTC) and monotonic, so that tests can turn the hands."""


class Clocks(Struct, frozen=True):
    """What a client takes time and chance from; sleeping is the event loop's."""

    wall_ns: Clock = time.time_ns
    monotonic_ns: Clock = time.monotonic_ns
    random: Callable[[], float] = jitter
    """Uniform in [0, 1)."""


SYSTEM = Clocks()
"""Those of the machine."""
