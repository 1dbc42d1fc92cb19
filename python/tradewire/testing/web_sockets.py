"""WebSockets in memory, joined at the seam message by message: picows reads sockets by itself."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from aiohttp import WSMsgType

from tradewire.testing.link import Link, Pipe
from tradewire.transport.seam import ConnectionLost, WsConnection, WsListener

if TYPE_CHECKING:
    from tradewire.testing.network import Network

__all__ = ["ClientSocket", "Streams", "VenueSocket"]

ABNORMAL: Final = 1006
SLOW_CONSUMER: Final = b"slow consumer"
"""The sandbox's reason for closing a stream whose frames pile up."""


class _Message(NamedTuple):
    type: WSMsgType
    data: Any = None


CLOSED: Final = _Message(WSMsgType.CLOSED)


class VenueSocket:
    """The venue's end of a WebSocket."""

    def __init__(self, network: Network, link: Link, name: str) -> None:
        self._network = network
        self._down = Pipe(network, link, name, is_up=False)
        self._inbox: asyncio.Queue[_Message] = asyncio.Queue()
        self._is_closed = False
        self.client: ClientSocket

    def arrived(self, message: _Message) -> None:
        """Take one message of the client's."""
        if not self._is_closed:
            self._inbox.put_nowait(message)

    def gone(self) -> None:
        """Take note that the client is gone."""
        if not self._is_closed:
            self._is_closed = True
            self._inbox.put_nowait(CLOSED)

    async def receive(self, timeout: float | None = None) -> _Message:  # noqa: ASYNC109 - aiohttp's
        """Return the next message."""
        async with asyncio.timeout(timeout):
            return await self._inbox.get()

    async def send_frame(self, message: bytes, opcode: WSMsgType) -> None:  # noqa: ARG002 - aiohttp's
        """Send one frame."""
        if self._is_closed:
            raise ConnectionResetError("the client is gone")
        self.put(message)

    def put(self, frame: bytes) -> None:
        """Send bytes as they are."""
        self._down.put(len(frame), lambda: self.client.arrived(frame))

    async def pong(self, message: bytes = b"") -> None:
        """Answer a ping."""
        self._down.put(len(message), self.client.ponged)

    async def close(self, *, code: int = 1000, message: bytes = b"", drain: bool = True) -> None:  # noqa: ARG002
        """Close with a handshake."""
        self._network.slow_consumers += message == SLOW_CONSUMER
        self.leave(code, message.decode())

    def leave(self, code: int, reason: str = "") -> None:
        """Do the same, without waiting."""
        if not self._is_closed:
            self._is_closed = True
            self._down.put(len(reason), lambda: self.client.closed(code, reason))
            self._inbox.put_nowait(CLOSED)

    def reset(self) -> None:
        """End the connection without a word."""
        self._down.is_cut = True
        self.client.reset()
        self.gone()


class ClientSocket:
    """The client's end of a WebSocket."""

    def __init__(
        self, network: Network, link: Link, name: str, listener: WsListener, ping_s: tuple[float, float]
    ) -> None:
        self._ping_s, self._pong_s = ping_s
        self._timer: asyncio.TimerHandle | None = None
        self._network = network
        self._link = link
        self._name = name
        self._listener = listener
        self._up = Pipe(network, link, f"{name} up", is_up=True)
        self._is_closed = False
        self._is_leaving = False
        self._gone: asyncio.Future[None] = network.loop.create_future()
        self.venue: VenueSocket

    def ping_soon(self) -> None:
        """Send pings from now on, if the client wants that."""
        if self._ping_s and not self._is_closed:
            self._timer = self._network.loop.call_later(self._ping_s, self._ping)

    def _ping(self) -> None:
        self._up.put(0, lambda: self.venue.arrived(_Message(WSMsgType.PING, b"")))
        self._timer = self._network.loop.call_later(self._pong_s, self._unanswered)

    def ponged(self) -> None:
        """Take note that a ping was answered."""
        if self._timer is not None:
            self._timer.cancel()
        self.ping_soon()

    def _unanswered(self) -> None:
        self.venue.gone()
        self.closed(ABNORMAL, "no pong")

    def send_text(self, data: bytes) -> None:
        """Send one text frame."""
        if self._is_closed or self._is_leaving:
            raise ConnectionLost("the WebSocket is closed")
        self._network.trace.add(self._network.loop.monotonic_ns(), f"{self._name} up", data)
        message = _Message(WSMsgType.TEXT, data.decode())
        self._up.put(len(data), lambda: self.venue.arrived(message))

    async def close(self, code: int = 1000, reason: str = "") -> None:
        """Close the handshake properly, or abort after a second."""
        if not self._is_closed and not self._is_leaving:
            self._is_leaving = True
            self._up.put(len(reason), self._left)
        if not self._is_closed:
            await asyncio.wait([self._gone], timeout=1.0)
            self.closed(code, reason)

    def _left(self) -> None:
        self.venue.gone()
        if self._link.ignores_close:
            return
        self._network.after_latency(self._link, self._name, lambda: self.closed(1000, ""))

    def arrived(self, data: bytes) -> None:
        """Take one frame."""
        if not self._is_closed:
            self._network.trace.add(self._network.loop.monotonic_ns(), self._name, data)
            self._listener.on_frame(data, self._network.loop.wall_ns())

    def closed(self, code: int, reason: str) -> None:
        """Take note that the connection is gone."""
        if not self._is_closed:
            self._is_closed = True
            if self._timer is not None:
                self._timer.cancel()
            self._network.forget(self)
            self._network.trace.add(self._network.loop.monotonic_ns(), self._name, b"closed")
            if not self._gone.done():
                self._gone.set_result(None)
            self._listener.on_closed(code, reason)

    def reset(self) -> None:
        """End the connection without a word."""
        self._up.is_cut = self.venue._down.is_cut = True
        self._network.after_latency(
            self._link, self._name, lambda: self.closed(ABNORMAL, "the connection broke")
        )
        self._network.after_latency(self._link, f"{self._name} up", self.venue.gone)


class Streams:
    """Opens WebSockets in memory; see ``transport.seam.WsTransport``.

    Args:
        network: Where.
        ping_interval_s: Send a protocol ping this often; 0 for never.
        pong_timeout_s: A ping unanswered for this long ends the connection.
    """

    def __init__(
        self, network: Network, *, ping_interval_s: float = 0.0, pong_timeout_s: float = 20.0
    ) -> None:
        self._network = network
        self._ping_s = (ping_interval_s, pong_timeout_s)

    async def connect(
        self,
        url: str,
        listener: WsListener,
        *,
        headers: Mapping[str, str],
        timeout_s: float,
        max_frame_bytes: int,
    ) -> WsConnection:
        """Open ``url`` and deliver its messages to ``listener``."""
        del headers, max_frame_bytes
        return await self._network.open_stream(url, listener, timeout_s, self._ping_s)
