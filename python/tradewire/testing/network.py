"""The network of a world: byte connections for HTTP, message connections for WebSocket, all in memory.

HTTP is real on both sides: the client's own connections and pool, and the sandbox's server, joined by transports that
lose no byte and promise nothing else. WebSockets meet at the seam, message by message: picows reads sockets by itself.
What TCP promises holds: within a connection nothing is lost, doubled or swapped.
"""

from __future__ import annotations

import asyncio
import contextlib
import gzip
import hashlib
import random
from collections import deque
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final, NamedTuple, Protocol
from urllib.parse import urlsplit

from aiohttp import WSMsgType

from tradewire.sandbox.server import Listener
from tradewire.testing.loop import VirtualLoop
from tradewire.testing.replies import REPLY_CHANGES, Reply
from tradewire.transport.network import NetworkOptions
from tradewire.transport.seam import ConnectFailed, ConnectionLost, WsConnection, WsListener

__all__ = ["Link", "Network", "Streams", "Trace"]

NS_PER_MS: Final = 1_000_000
ABNORMAL: Final = 1006
SLICED_BYTES: Final = 200
"""Bytes of a write that travel one by one; the rest comes at once: a head and the beginning of a body."""
TOO_FREQUENT: Final = (b"HTTP/1.1 429 ", b'{"code":4213,')
"""How venues say that a request came too soon."""
GZIP_MAGIC: Final = b"\x1f\x8b"


class Trace:
    """Everything that happened, as a hash, so that two runs can be compared; kept whole where asked for."""

    def __init__(self, *, keeps: bool = False) -> None:
        self._hash = hashlib.blake2b(digest_size=16)
        self.lines: list[str] | None = [] if keeps else None

    def add(self, now_ns: int, source: str, data: bytes) -> None:
        """Take one event."""
        shown = data
        if data[:2] == GZIP_MAGIC:
            # What gzip makes of a message depends on its version.
            with contextlib.suppress(EOFError, OSError):
                shown = gzip.decompress(data)
        self._hash.update(b"%d %s %d " % (now_ns, source.encode(), len(shown)))
        self._hash.update(shown)
        if self.lines is not None:
            self.lines.append(f"{now_ns / 1e9:.9f} {source} {shown!r}")

    def hexdigest(self) -> str:
        """Return the hash so far."""
        return self._hash.hexdigest()


@dataclass
class Link:
    """What the way to and from the venue is like now, of one kind of connection.

    Attributes:
        latency_ms: Least and longest time of a packet.
        is_sliced: What the venue sends arrives byte by byte, each write's first ``SLICED_BYTES``.
        coalesce_ms: What arrives is held back to the next multiple of this and read at once; 0 for never.
        bytes_per_s: No more than that gets through; 0 for no bound.
        holds_up: What the client sends stays on the way.
        holds_down: What the venue sends stays on the way.
        refuses: New connections are refused.
        hangs: New connections are never answered.
    """

    latency_ms: tuple[float, float] = (0.2, 2.0)
    is_sliced: bool = False
    coalesce_ms: int = 0
    bytes_per_s: int = 0
    holds_up: bool = False
    holds_down: bool = False
    refuses: bool = False
    hangs: bool = False
    ignores_close: bool = False
    """The venue never answers a closing handshake."""
    cut_after_bytes: int = 0
    """So many bytes of the venue's still arrive, then their connection breaks; 0 for no cut."""
    reply_changes: list[tuple[str, bool]] = field(default_factory=list)
    """What is made of the next replies, see ``replies.REPLY_CHANGES``: to a request that writes, or one that reads."""
    fail_next: list[str] = field(default_factory=list)
    """Reasons for which the next connections are not made: ``dns``, ``address``, ``tls``, ``reset``."""

    def heal(self) -> None:
        """Make it good from now on."""
        for name, value in vars(Link()).items():
            setattr(self, name, value)


class _Pipe:
    """One direction of one connection: what is put in comes out later, in order."""

    def __init__(self, network: Network, link: Link, name: str, *, is_up: bool) -> None:
        self._network = network
        self._link = link
        self._name = name
        self._is_up = is_up
        self._last_ns = 0
        self._held: deque[tuple[int, Callable[[], object]]] = deque()
        self.is_cut = False

    def put(self, size: int, deliver: Callable[[], object]) -> None:
        """Have ``deliver`` called when ``size`` bytes have travelled."""
        if self._held or self.is_held:
            self._held.append((size, deliver))
            self._network.held.append(self)
            return
        link, loop = self._link, self._network.loop
        now_ns = loop.monotonic_ns()
        least, longest = link.latency_ms
        when_ns = now_ns + round(self._network.chance.uniform(least, longest) * NS_PER_MS)
        if link.bytes_per_s:
            when_ns = max(when_ns, self._last_ns) + size * 1_000_000_000 // link.bytes_per_s
        if link.coalesce_ms:
            step_ns = link.coalesce_ms * NS_PER_MS
            when_ns = -(-when_ns // step_ns) * step_ns
        self._last_ns = when_ns = max(when_ns, self._last_ns)
        loop.arrive(when_ns, self._name, lambda: None if self.is_cut else deliver())

    @property
    def is_held(self) -> bool:
        """Whether nothing gets through."""
        return self._link.holds_up if self._is_up else self._link.holds_down

    def release(self) -> None:
        """Let go of what was held back."""
        if not self.is_held:
            held, self._held = self._held, deque()
            for size, deliver in held:
                self.put(size, deliver)


class Ends(Protocol):
    """A connection that can be ended from outside."""

    def reset(self) -> None:
        """End it at once; both sides notice when the news arrives."""


class _ByteTransport(asyncio.Transport):
    """One end of a byte connection."""

    def __init__(self, network: Network, link: Link, name: str, *, is_client: bool) -> None:
        super().__init__({"peername": ("127.0.0.1", 50_000), "sockname": ("127.0.0.1", 80)})
        self._network = network
        self._out = _Pipe(network, link, name, is_up=is_client)
        self._link = link
        self._name = name
        self._is_client = is_client
        self._protocol: Any = None
        self._is_closing = False
        self._is_lost = False
        self._is_paused = False
        self._is_write = False
        self._unread: list[bytes] = []
        self.peer: _ByteTransport = self

    def begin(self, protocol: asyncio.BaseProtocol) -> None:
        """Tell ``protocol`` of the connection."""
        self._protocol = protocol
        protocol.connection_made(self)

    def write(self, data: bytes | bytearray | memoryview) -> None:
        """Send ``data``."""
        if self._is_closing or not data:
            return
        sent = bytes(data)
        if not self._is_client:
            sent = self._changed(sent)
        if self._link.is_sliced and not self._is_client:
            for place in range(min(SLICED_BYTES, len(sent))):
                self._put(sent[place : place + 1])
            sent = sent[SLICED_BYTES:]
        if sent:
            self._put(sent)

    def _put(self, data: bytes) -> None:
        left = 0 if self._is_client else self._link.cut_after_bytes
        self._link.cut_after_bytes -= min(left, len(data))
        is_cut = 0 < left <= len(data)
        arriving = data[:left] if is_cut else data
        self._out.put(len(arriving), lambda: self.peer.arrived(arriving))
        if is_cut:
            self._network.struck("http:cut")
            self._out.put(0, self.reset)

    def _changed(self, sent: bytes) -> bytes:
        """Return what is made of a reply, if something is."""
        self._network.too_frequent += any(mark in sent for mark in TOO_FREQUENT)
        changes = self._link.reply_changes
        for place, (name, is_write) in enumerate(changes):
            if is_write is self._is_write and sent.startswith(b"HTTP/1."):
                del changes[place]
                change = REPLY_CHANGES[name]
                self._network.struck(f"http:{name}")
                if not change.goes_on:
                    self._network.loop.call_soon(self.close)
                return change.change(Reply.read(sent))
        return sent

    def arrived(self, data: bytes) -> None:
        """Hand what arrived to the protocol."""
        if self._is_lost:
            return
        if self._is_paused:
            self._unread.append(data)
            return
        self._network.trace.add(self._network.loop.monotonic_ns(), self._name, data)
        if not self._is_client and b" HTTP/1.1\r\n" in data:
            self._is_write = not data.startswith(b"GET ")
        protocol = self._protocol
        if isinstance(protocol, asyncio.BufferedProtocol):
            while data and not self._is_lost:
                buffer = protocol.get_buffer(len(data))
                view = memoryview(buffer)
                count = min(len(view), len(data))
                view[:count] = data[:count]
                data = data[count:]
                protocol.buffer_updated(count)
        else:
            protocol.data_received(data)

    def ended(self) -> None:
        """Take note that the peer sends nothing more."""
        if not self._is_lost and not self._protocol.eof_received():
            self.close()

    def lost(self, error: Exception | None) -> None:
        """Take note that the connection is gone."""
        if not self._is_lost:
            self._is_closing = self._is_lost = True
            self._network.forget(self)
            self._protocol.connection_lost(error)

    def close(self) -> None:
        """Close after what was written."""
        if not self._is_closing:
            self._is_closing = True
            self._out.put(0, self.peer.ended)
            self._network.loop.call_soon(self.lost, None)

    def abort(self) -> None:
        """End the connection; what is under way may be lost."""
        if not self._is_lost:
            self._is_closing = True
            self._break()
            self._network.loop.call_soon(self.lost, None)

    def _break(self) -> None:
        """Let the peer find the connection broken when the news arrives."""
        peer = self.peer
        if not peer._is_lost:
            self._network.after_latency(
                self._link, peer._name, lambda: peer.lost(ConnectionResetError("reset"))
            )

    def reset(self) -> None:
        """End both ends, as when the way between them breaks."""
        self._out.is_cut = self.peer._out.is_cut = True
        self._break()
        self.peer._break()

    def is_closing(self) -> bool:
        """Return whether nothing more can be sent."""
        return self._is_closing

    def get_write_buffer_size(self) -> int:
        """Return 0: the network takes everything."""
        return 0

    def set_write_buffer_limits(self, high: int | None = None, low: int | None = None) -> None:
        """Do nothing: the network takes everything."""

    def get_protocol(self) -> asyncio.BaseProtocol:
        """Return who reads."""
        protocol: asyncio.BaseProtocol = self._protocol
        return protocol

    def set_protocol(self, protocol: asyncio.BaseProtocol) -> None:
        """Let another one read."""
        self._protocol = protocol

    def pause_reading(self) -> None:
        """Keep what arrives."""
        self._is_paused = True

    def resume_reading(self) -> None:
        """Hand on what was kept."""
        self._is_paused = False
        unread, self._unread = self._unread, []
        for data in unread:
            self.arrived(data)


class _Message(NamedTuple):
    type: WSMsgType
    data: Any = None


CLOSED: Final = _Message(WSMsgType.CLOSED)


class _VenueSocket:
    """The venue's end of a WebSocket."""

    def __init__(self, network: Network, link: Link, name: str) -> None:
        self._network = network
        self._down = _Pipe(network, link, name, is_up=False)
        self._inbox: asyncio.Queue[_Message] = asyncio.Queue()
        self._is_closed = False
        self.client: _ClientSocket

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


class _ClientSocket:
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
        self._up = _Pipe(network, link, f"{name} up", is_up=True)
        self._is_closed = False
        self._is_leaving = False
        self._gone: asyncio.Future[None] = network.loop.create_future()
        self.venue: _VenueSocket

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


class Network:
    """Everything between a client and a venue.

    Args:
        loop: The world's.
        seed: Decides how long each packet takes.
        trace: Is told what arrives.

    Attributes:
        http: What the way of requests is like.
        ws: What the way of streams is like.
    """

    def __init__(self, loop: VirtualLoop, seed: object, trace: Trace) -> None:
        self.loop = loop
        self.chance = random.Random(f"network {seed}")
        self.trace = trace
        self.http = Link()
        self.ws = Link()
        self.held: list[_Pipe] = []
        self._listeners: dict[int, Listener] = {}
        self._open: dict[Ends, Link] = {}
        self._connections = 0
        self._conversations: dict[asyncio.Task[None], None] = {}
        self._sockets: dict[_VenueSocket, None] = {}
        self.on_fault: Callable[[str], None] = lambda _: None
        """Is told the name of each fault when it finds a victim."""
        self.too_frequent = 0
        """How often the venue refused a request as too frequent."""

    async def listen(self, listener: Listener, host: str, port: int) -> int:  # noqa: ARG002 - Sandbox's signature
        """Let ``listener`` answer on a port of this network."""
        chosen = port or 10_001 + len(self._listeners)
        self._listeners[chosen] = listener
        return chosen

    def heal(self) -> None:
        """Make every way good, and let through what was held back. What was done to connections stays."""
        for link in (self.http, self.ws):
            link.heal()
        self.release()

    def release(self) -> None:
        """Let through what is no longer held back."""
        held, self.held = dict.fromkeys(self.held), []
        for pipe in held:
            pipe.release()
            if pipe.is_held:
                self.held.append(pipe)

    def reset(self, link: Link) -> int:
        """Break every connection that goes this way; return how many there were."""
        ends = [end for end, way in self._open.items() if way is link]
        for end in ends:
            end.reset()
        return len(ends)

    def close_streams(self, code: int) -> int:
        """Let the venue close every stream with a handshake; return how many there were."""
        sockets = list(self._sockets)
        for socket in sockets:
            socket.leave(code)
        return len(sockets)

    def send_foreign(self, frame: bytes) -> int:
        """Send every stream a frame that is not the venue's; return how many there were."""
        sockets = list(self._sockets)
        for socket in sockets:
            socket.put(frame)
        return len(sockets)

    def struck(self, name: str) -> None:
        """Report that a fault found a victim."""
        self.trace.add(self.loop.monotonic_ns(), "fault", name.encode())
        self.on_fault(name)

    def forget(self, end: Ends) -> None:
        """Take note that a connection is gone."""
        self._open.pop(end, None)

    def after_latency(self, link: Link, source: str, act: Callable[[], object]) -> None:
        """Do something when the news of it has travelled."""
        delay_ms = self.chance.uniform(*link.latency_ms)
        self.loop.arrive(self.loop.monotonic_ns() + round(delay_ms * NS_PER_MS), source, act)

    async def dial(
        self, protocol: asyncio.BaseProtocol, host: str, port: int, network: NetworkOptions, *, is_tls: bool
    ) -> None:
        """Connect ``protocol`` to the venue's HTTP server; see ``transport.dial.Dial``."""
        del network, is_tls
        name, listener = await self._way(self.http, host, port, "http")
        client = _ByteTransport(self, self.http, f"{name} down", is_client=True)
        venue = _ByteTransport(self, self.http, f"{name} up", is_client=False)
        client.peer, venue.peer = venue, client
        self._open[client] = self.http
        venue.begin(listener.http_protocol())
        client.begin(protocol)

    async def open_stream(
        self, url: str, listener: WsListener, timeout_s: float, ping_s: tuple[float, float]
    ) -> WsConnection:
        """Open a WebSocket; see ``Streams``."""
        parts = urlsplit(url)
        try:
            async with asyncio.timeout(timeout_s):
                name, venue = await self._way(self.ws, str(parts.hostname), int(parts.port or 80), "ws")
                if not venue.venue.has_stream(parts.path):
                    raise ConnectFailed(f"{url}: refused with HTTP 404")
                status = venue.upgrade_refused()
                if status is not None:
                    raise ConnectFailed(f"{url}: refused with HTTP {status}" if status else f"{url}: reset")
        except TimeoutError:
            raise ConnectFailed(f"{url}: no upgrade within {timeout_s:g} s") from None
        theirs = _VenueSocket(self, self.ws, name)
        ours = theirs.client = _ClientSocket(self, self.ws, name, listener, ping_s)
        ours.venue = theirs
        self._open[ours] = self.ws
        ours.ping_soon()
        talking = self.loop.create_task(venue.converse(theirs, theirs.reset, parts.path))
        self._conversations[talking] = None
        talking.add_done_callback(self._conversations.pop)
        self._sockets[theirs] = None
        talking.add_done_callback(lambda _: self._sockets.pop(theirs))
        return ours

    async def close(self) -> None:
        """End every connection, and wait until the venues have noticed."""
        for end in list(self._open):
            end.reset()
        if self._conversations:
            await asyncio.wait(list(self._conversations), timeout=5.0)

    async def _way(self, link: Link, host: str, port: int, kind: str) -> tuple[str, Listener]:
        """Wait as long as connecting takes; return the connection's name and who answers."""
        self._connections += 1
        name = f"{kind}{self._connections}"
        least, longest = link.latency_ms
        await asyncio.sleep(2 * self.chance.uniform(least, longest) / 1000)
        if link.hangs:
            await self.loop.create_future()
        reason = link.fail_next.pop(0) if link.fail_next else "refused" if link.refuses else ""
        listener = self._listeners.get(port)
        if reason or listener is None:
            self.trace.add(self.loop.monotonic_ns(), name, reason.encode())
            raise ConnectFailed(f"no connection to {host}:{port}: {reason or 'nobody listens'}")
        return name, listener
