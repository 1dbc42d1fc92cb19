"""The network of a world: everything between a client and a venue, in memory.

HTTP is real on both sides: the client's own connections and pool, and the sandbox's server, joined by transports that
lose no byte and promise nothing else. WebSockets meet at the seam.
"""

from __future__ import annotations

import asyncio
import random
from collections.abc import Callable
from typing import Protocol
from urllib.parse import urlsplit

from tradewire.sandbox.server import Listener
from tradewire.testing.byte_transport import ByteTransport
from tradewire.testing.link import NS_PER_MS, Link, Pipe
from tradewire.testing.loop import VirtualLoop
from tradewire.testing.trace import Trace
from tradewire.testing.web_sockets import ClientSocket, VenueSocket
from tradewire.transport.network import NetworkOptions
from tradewire.transport.seam import ConnectFailed, WsConnection, WsListener

__all__ = ["Network"]


class Ends(Protocol):
    """A connection that can be ended from outside."""

    def reset(self) -> None:
        """End it at once; both sides notice when the news arrives."""


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
        self._seed = seed
        self._chances: dict[str, random.Random] = {}
        self.trace = trace
        self.http = Link()
        self.ws = Link()
        self.held: list[Pipe] = []
        self._listeners: dict[int, Listener] = {}
        self._open: dict[Ends, Link] = {}
        self._connections = 0
        self._conversations: dict[asyncio.Task[None], None] = {}
        self._sockets: dict[VenueSocket, None] = {}
        self.on_fault: Callable[[str], None] = lambda _: None
        """Is told the name of each fault when it finds a victim."""
        self.too_frequent = 0
        """How often the venue refused a request as too frequent."""
        self.slow_consumers = 0
        """Streams that the venue ended because nobody read them in time."""

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

    def chance_of(self, source: str) -> random.Random:
        """Return the chance of one source, which does not depend on what others do at the same moment."""
        chance = self._chances.get(source)
        if chance is None:
            chance = self._chances[source] = random.Random(f"network {self._seed} {source}")
        return chance

    def after_latency(self, link: Link, source: str, act: Callable[[], object]) -> None:
        """Do something when the news of it has travelled."""
        delay_ms = self.chance_of(source).uniform(*link.latency_ms)
        self.loop.arrive(self.loop.monotonic_ns() + round(delay_ms * NS_PER_MS), source, act)

    async def dial(
        self, protocol: asyncio.BaseProtocol, host: str, port: int, network: NetworkOptions, *, is_tls: bool
    ) -> None:
        """Connect ``protocol`` to the venue's HTTP server; see ``transport.dial.Dial``."""
        del network, is_tls
        name, listener = await self._way(self.http, host, port, "http")
        client = ByteTransport(self, self.http, f"{name} down", is_client=True)
        venue = ByteTransport(self, self.http, f"{name} up", is_client=False)
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
        theirs = VenueSocket(self, self.ws, name)
        ours = theirs.client = ClientSocket(self, self.ws, name, listener, ping_s)
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
        await asyncio.sleep(2 * self.chance_of(name).uniform(least, longest) / 1000)
        if link.hangs:
            await self.loop.create_future()
        reason = "refused" if link.refuses else ""
        if link.fail_next:
            reason = link.fail_next.pop(0)
            self.struck(f"{kind}.no_connection: {reason}")
        listener = self._listeners.get(port)
        if reason or listener is None:
            self.trace.add(self.loop.monotonic_ns(), name, reason.encode())
            raise ConnectFailed(f"no connection to {host}:{port}: {reason or 'nobody listens'}")
        return name, listener
