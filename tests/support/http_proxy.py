"""An HTTP proxy of one target that loses, breaks, doubles and delays requests and replies.

It speaks to the client on connections kept alive and asks the target on a new connection each time, so that what it
does to one side never spoils the other.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable
from dataclasses import dataclass

from support.http_faults import HTTP_FAULTS, Conversation, HttpFault, Reply
from support.raw_server import HOST, read_request, reset

__all__ = ["HttpProxy"]

BROKEN_CONNECTION = (ConnectionError, asyncio.IncompleteReadError, asyncio.LimitOverrunError)


@dataclass(slots=True)
class Armed:
    """A fault for one request to come."""

    fault: HttpFault
    is_write: bool | None
    """Only for a request that writes, only for one that reads; ``None`` for the next, whichever it is."""


class HttpProxy:
    """Listens on loopback and forwards each request to ``target``.

    Args:
        target: Host and port.
        on_fault: Told the name of each fault and the request it struck.

    Attributes:
        port: Where it listens, once started.
        refuses: New connections are reset, kept ones end with their next request.
    """

    def __init__(
        self, target: tuple[str, int], on_fault: Callable[[str, str], None] = lambda name, request: None
    ) -> None:
        self.port = 0
        self.refuses = False
        self._target = target
        self._on_fault = on_fault
        self._armed: list[Armed] = []
        self._server: asyncio.Server | None = None
        self._handlers: set[asyncio.Task[None]] = set()
        self._open: set[asyncio.StreamWriter] = set()

    async def start(self) -> HttpProxy:
        """Listen on a free port."""
        self._server = await asyncio.start_server(self._accept, HOST, 0)
        self.port = self._server.sockets[0].getsockname()[1]
        return self

    async def close(self) -> None:
        """End every connection and stop listening."""
        if self._server is not None:
            self._server.close()
        self.reset_all()
        for handler in self._handlers:
            handler.cancel()
        await asyncio.gather(*self._handlers, return_exceptions=True)

    def arm(self, fault: str, *, is_write: bool | None = None, count: int = 1) -> None:
        """Let ``fault`` strike the next ``count`` requests of that kind."""
        self._armed += [Armed(HTTP_FAULTS[fault], is_write) for _ in range(count)]

    def heal(self) -> None:
        """Forward everything as it is from now on. Requests held back still arrive, as they would."""
        self._armed.clear()
        self.refuses = False

    def reset_all(self) -> int:
        """Reset every connection and return how many there were."""
        ended = [writer for writer in self._open if not writer.is_closing()]
        for writer in ended:
            reset(writer)
        return len(ended)

    def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        handler = asyncio.create_task(self._serve(reader, writer))
        self._handlers.add(handler)

        def ended(handler: asyncio.Task[None]) -> None:
            # Here, because a task that is cancelled before it began runs no ``finally``.
            writer.close()
            self._handlers.discard(handler)

        handler.add_done_callback(ended)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._open.add(writer)
        try:
            while not self.refuses:
                head, body = await read_request(reader)
                if not await self._answer(head, body, writer):
                    return
            self._on_fault("refused", "connection")
            reset(writer)
        except BROKEN_CONNECTION:
            pass
        finally:
            self._open.discard(writer)
            writer.close()

    async def _answer(self, head: bytes, body: bytes, writer: asyncio.StreamWriter) -> bool:
        """Answer one request and tell whether the connection goes on."""
        method, path, _ = head.split(b"\r\n", 1)[0].decode("latin1").split(" ", 2)
        fault = self._take(is_write=method != "GET")
        if fault is None:
            writer.write((await self._ask(head, body)).sent)
            await writer.drain()
            return True
        self._on_fault(f"http:{fault.name}", f"{method} {path.partition('?')[0]}")
        return await fault.strike(Conversation(writer, lambda: self._ask(head, body)))

    def _take(self, *, is_write: bool) -> HttpFault | None:
        for armed in self._armed:
            if armed.is_write in {None, is_write}:
                self._armed.remove(armed)
                return armed.fault
        return None

    async def _ask(self, head: bytes, body: bytes) -> Reply:
        reader, writer = await asyncio.open_connection(*self._target)
        try:
            lines = [line for line in head[:-4].split(b"\r\n") if not line.lower().startswith(b"connection:")]
            writer.write(b"\r\n".join([*lines, b"Connection: close", b"", b""]) + body)
            return Reply.read(await reader.read(-1))
        finally:
            writer.close()
            with contextlib.suppress(ConnectionError):
                await writer.wait_closed()
