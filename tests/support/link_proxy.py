"""A TCP proxy of one target that makes the link as bad as it is told: broken, half-open, slow, in slices.

What TCP promises stays true: within a connection no byte is lost, doubled or swapped. Whole frames of garbage may
be put between the server's WebSocket frames, which no client may stumble over.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, replace

from support.raw_server import HOST, reset
from support.upgrade_faults import UpgradeFault

__all__ = ["Condition", "LinkProxy"]

CHUNK_BYTES = 65_536
SLICED_BYTES = 200
"""Bytes of a read that travel one by one; the rest follows at once, or a test would spend its time here."""
SEEN_S = 0.01
"""Long enough for a peer on loopback to read what was written before the connection ends."""
BROKEN_CONNECTION = (ConnectionError, asyncio.IncompleteReadError, TimeoutError)


@dataclass(frozen=True, slots=True)
class Condition:
    """What the link is like. The default is a good one.

    Attributes:
        reads_nothing: What the client sends stays on the way.
        sends_nothing: What the server sends stays on the way.
        in_slices: What the server sends arrives byte by byte.
        coalesce_s: What the server sends is collected for so long and arrives at once.
        delay_s: Everything takes so much longer.
        bytes_per_s: No more than that gets through; 0 for no bound.
        refuses: New connections are reset.
    """

    reads_nothing: bool = False
    sends_nothing: bool = False
    in_slices: bool = False
    coalesce_s: float = 0.0
    delay_s: float = 0.0
    bytes_per_s: int = 0
    refuses: bool = False


class Frames:
    """Finds out where the server's frames end, after the head of its upgrade reply."""

    def __init__(self) -> None:
        self._is_upgraded = False
        self._pending = bytearray()
        self._left = 0

    def ends_with(self, data: bytes) -> bool:
        """Take the next bytes and tell whether a frame ends exactly with them."""
        self._pending += data
        if not self._is_upgraded:
            head, mark, rest = self._pending.partition(b"\r\n\r\n")
            if not mark:
                return False
            self._is_upgraded = head.startswith(b"HTTP/1.1 101")
            self._pending = rest
        while self._pending:
            if not self._left:
                size = self._frame_bytes()
                if size is None:
                    return False
                self._left = size
            taken = min(self._left, len(self._pending))
            del self._pending[:taken]
            self._left -= taken
        return self._is_upgraded and not self._left

    def _frame_bytes(self) -> int | None:
        head = self._pending
        if len(head) < 2:
            return None
        wide = {126: 2, 127: 8}.get(head[1] & 0x7F, 0)
        if len(head) < 2 + wide:
            return None
        return 2 + wide + (int.from_bytes(head[2 : 2 + wide], "big") if wide else head[1] & 0x7F)


class LinkProxy:
    """Listens on loopback and forwards each connection to ``target``.

    Args:
        target: Host and port.
        on_fault: Told the name of each fault when it strikes.

    Attributes:
        condition: What the link is like now, for connections of now and later.
        port: Where it listens, once started.
        connections: Connections accepted so far.
    """

    def __init__(self, target: tuple[str, int], on_fault: Callable[[str], None] = lambda name: None) -> None:
        self.condition = Condition()
        self.port = 0
        self.connections = 0
        self._target = target
        self._on_fault = on_fault
        self._next: deque[UpgradeFault] = deque()
        self._garbage: deque[bytes] = deque()
        self._cut_after: int | None = None
        self._changed = asyncio.Event()
        self._server: asyncio.Server | None = None
        self._handlers: set[asyncio.Task[None]] = set()
        self._open: set[asyncio.StreamWriter] = set()

    async def start(self) -> LinkProxy:
        """Listen on a free port."""
        self._server = await asyncio.start_server(self._accept, HOST, 0)
        self.port = self._server.sockets[0].getsockname()[1]
        return self

    async def close(self) -> None:
        """End every connection and stop listening."""
        if self._server is not None:
            self._server.close()
        self._end(reset)
        for handler in self._handlers:
            handler.cancel()
        await asyncio.gather(*self._handlers, return_exceptions=True)

    def change(self, **condition: bool | float) -> None:
        """Change what the link is like."""
        self._set(replace(self.condition, **condition))  # type: ignore[arg-type]  # checked by the dataclass

    def heal(self) -> None:
        """Make the link good from now on. What happened to connections before stays."""
        self._set(Condition())
        self._next.clear()
        self._garbage.clear()
        self._cut_after = None

    def fail_next(self, fault: UpgradeFault, count: int = 1) -> None:
        """Serve the next ``count`` connections this way."""
        self._next.extend([fault] * count)

    def put_between_frames(self, frame: bytes) -> None:
        """Send the client one more frame, between two of the server's."""
        self._garbage.append(frame)

    def cut_after(self, count_bytes: int) -> None:
        """Reset a connection once the server has sent so many more bytes, likely amid a frame."""
        self._cut_after = count_bytes

    def reset_all(self) -> int:
        """Reset every connection and return how many there were."""
        return self._end(reset)

    def close_all(self) -> int:
        """Close every connection without a closing handshake and return how many there were."""
        return self._end(lambda writer: writer.close())

    def _set(self, condition: Condition) -> None:
        self.condition = condition
        self._changed.set()
        self._changed = asyncio.Event()

    def _end(self, end: Callable[[asyncio.StreamWriter], None]) -> int:
        ended = [writer for writer in self._open if not writer.is_closing()]
        for writer in ended:
            end(writer)
        return len(ended) // 2

    def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.connections += 1
        handler = asyncio.create_task(self._serve(reader, writer))
        self._handlers.add(handler)

        def ended(handler: asyncio.Task[None]) -> None:
            # Here, because a task that is cancelled before it began runs no ``finally``.
            writer.close()
            self._handlers.discard(handler)

        handler.add_done_callback(ended)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            if self.condition.refuses:
                self._on_fault("refused")
                reset(writer)
            elif self._next:
                fault = self._next.popleft()
                self._on_fault(f"upgrade:{fault.name}")
                await fault.inflict(reader, writer)
            else:
                await self._forward(reader, writer)
        except BROKEN_CONNECTION:
            pass
        finally:
            writer.close()

    async def _forward(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        from_server, to_server = await asyncio.open_connection(*self._target)
        ends = {writer, to_server}
        self._open |= ends
        pipes = (
            asyncio.create_task(self._pipe_up(reader, to_server)),
            asyncio.create_task(self._pipe_down(from_server, writer)),
        )
        try:
            await asyncio.wait(pipes, return_when=asyncio.FIRST_COMPLETED)
        finally:
            self._open -= ends
            for end in ends:
                end.close()
            for pipe in pipes:
                pipe.cancel()
            await asyncio.gather(*pipes, return_exceptions=True)

    async def _pipe_up(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while data := await reader.read(CHUNK_BYTES):
            while self.condition.reads_nothing:
                await self._changed.wait()
            if self.condition.delay_s:
                await asyncio.sleep(self.condition.delay_s)
            writer.write(data)
            await writer.drain()

    async def _pipe_down(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        frames = Frames()
        while data := await reader.read(CHUNK_BYTES):
            if self.condition.coalesce_s:
                data += await self._collected(reader)
            while self.condition.sends_nothing:
                await self._changed.wait()
            if self.condition.delay_s:
                await asyncio.sleep(self.condition.delay_s)
            if self._cut_after is not None:
                if self._cut_after < len(data):
                    writer.write(data[: self._cut_after])
                    self._cut_after = None
                    self._on_fault("cut_amid_frame")
                    await asyncio.sleep(SEEN_S)
                    reset(writer)
                    return
                self._cut_after -= len(data)
            await self._send(writer, data)
            if frames.ends_with(data) and self._garbage:
                self._on_fault("foreign_frame")
                writer.write(self._garbage.popleft())

    async def _collected(self, reader: asyncio.StreamReader) -> bytes:
        await asyncio.sleep(self.condition.coalesce_s)
        try:
            return await asyncio.wait_for(reader.read(CHUNK_BYTES), 0.001)
        except TimeoutError:
            return b""

    async def _send(self, writer: asyncio.StreamWriter, data: bytes) -> None:
        if self.condition.in_slices:
            for position in range(min(SLICED_BYTES, len(data))):
                writer.write(data[position : position + 1])
                await asyncio.sleep(0)
            data = data[SLICED_BYTES:]
        if rate := self.condition.bytes_per_s:
            step = max(1, rate // 50)
            while data and self.condition.bytes_per_s:
                writer.write(data[:step])
                data = data[step:]
                await asyncio.sleep(step / rate)
        writer.write(data)
        await writer.drain()
