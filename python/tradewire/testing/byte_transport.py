"""Byte connections in memory: transports of asyncio that real protocols on both sides are joined by."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any, Final

from tradewire.testing.link import Link, Pipe
from tradewire.testing.replies import REPLY_CHANGES, Reply

if TYPE_CHECKING:
    from tradewire.testing.network import Network

__all__ = ["ByteTransport"]

SLICED_BYTES: Final = 200
"""Bytes of a write that travel one by one; the rest comes at once: a head and the beginning of a body."""
TOO_FREQUENT: Final = (b"HTTP/1.1 429 ", b'{"code":4213,')
"""How venues say that a request came too soon."""


class ByteTransport(asyncio.Transport):
    """One end of a byte connection."""

    def __init__(self, network: Network, link: Link, name: str, *, is_client: bool) -> None:
        super().__init__({"peername": ("127.0.0.1", 50_000), "sockname": ("127.0.0.1", 80)})
        self._network = network
        self._out = Pipe(network, link, name, is_up=is_client)
        self._link = link
        self._name = name
        self._is_client = is_client
        self._protocol: Any = None
        self._is_closing = False
        self._is_lost = False
        self._is_paused = False
        self._is_write = False
        self._unread: list[bytes] = []
        self.peer: ByteTransport = self

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
            self._network.struck("http.cut")
            self._out.put(0, self.reset)

    def _changed(self, sent: bytes) -> bytes:
        """Return what is made of a reply, if something is."""
        self._network.too_frequent += any(mark in sent for mark in TOO_FREQUENT)
        changes = self._link.reply_changes
        for place, (name, is_write) in enumerate(changes):
            if is_write is self._is_write and sent.startswith(b"HTTP/1."):
                del changes[place]
                change = REPLY_CHANGES[name]
                self._network.struck(f"http.{name}")
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
