"""The sockets of one venue: HTTP, WebSocket and the control surface on one loopback listener.

Knows aiohttp and nothing of trading. Compression is refused at the handshake; protocol pings are answered;
a client that is silent too long, reads too slowly or sends too much is cut off with a reason.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable, Mapping
from typing import Any, Protocol

from aiohttp import WSCloseCode, WSMsgType, web

from tradewire.sandbox.control import Control
from tradewire.sandbox.outbox import Outbox

__all__ = ["Limits", "Listener"]

MAX_MESSAGE_BYTES = 64 * 1024
IDLE_S = 60.0
LAST_WORD_S = 1.0


class Limits:
    """What a client may do to a socket."""

    def __init__(
        self,
        *,
        idle_s: float = IDLE_S,
        max_message_bytes: int = MAX_MESSAGE_BYTES,
        outbox: Callable[[], Outbox] = Outbox,
    ) -> None:
        self.idle_s = idle_s
        self.max_message_bytes = max_message_bytes
        self.outbox = outbox


class Reply(Protocol):
    """An answer over HTTP."""

    @property
    def body(self) -> bytes:
        """What to send."""

    @property
    def status(self) -> int:
        """HTTP status."""

    @property
    def content_type(self) -> str:
        """Type of the body."""

    @property
    def headers(self) -> dict[str, str]:
        """Further headers."""


class Conversation(Protocol):
    """One client over WebSocket, as a venue sees it."""

    def receive(self, text: str, now_ms: int) -> None:
        """Take one text message."""

    def follows(self, market: str) -> bool:
        """Say whether it gets anything about ``market``."""


class Venue(Protocol):
    """What a listener needs of a venue."""

    now_ms: Callable[[], int]

    def has_stream(self, path: str) -> bool:
        """Say whether WebSockets may be opened at ``path``."""

    def answer(self, method: str, raw_path: str, headers: Mapping[str, str], body: bytes, peer: str) -> Reply:
        """Answer one request."""

    def connect(self, send: Callable[[bytes], None]) -> Any:
        """Begin a conversation."""

    def disconnect(self, stream: Any) -> None:
        """End it."""


class Listener:
    """One venue on one port.

    Args:
        venue: Who answers.
        control: Who answers below ``/sandbox/``.
        limits: What a client may do to a socket.
    """

    def __init__(self, venue: Venue, control: Control, limits: Limits) -> None:
        self._venue = venue
        self._control = control
        self._limits = limits
        self._requests: dict[Conversation, web.BaseRequest] = {}
        self._runner = web.ServerRunner(
            web.Server(self._handle, access_log=None), shutdown_timeout=LAST_WORD_S
        )

    async def open(self, host: str, port: int) -> int:
        """Listen on ``port``, or on a free one for 0, and return which it is."""
        await self._runner.setup()
        site = web.TCPSite(self._runner, host, port)
        await site.start()
        chosen: int = self._runner.addresses[0][1]
        return chosen

    async def close(self) -> None:
        """Cut every stream and stop listening."""
        self.drop(None)
        await self._runner.cleanup()

    def drop(self, market: str | None) -> int:
        """Cut the streams that follow ``market``, or all, without a closing handshake; return how many."""
        dropped = 0
        for conversation, request in list(self._requests.items()):
            if (market is None or conversation.follows(market)) and request.transport is not None:
                request.transport.abort()
                dropped += 1
        return dropped

    async def _handle(self, request: web.BaseRequest) -> web.StreamResponse:
        path = request.raw_path.partition("?")[0]
        if self._venue.has_stream(path) and "upgrade" in request.headers:
            return await self._converse(request)
        try:
            body = await request.read()
        except web.HTTPRequestEntityTooLarge:
            page = "<html><body><h1>413 Request Entity Too Large</h1></body></html>"
            return web.Response(status=413, text=page, content_type="text/html")
        if path.startswith("/sandbox/"):
            status, document = self._control.answer(request.method, path, dict(request.query), body)
            return web.json_response(document, status=status)
        reply = self._venue.answer(
            request.method, request.raw_path, request.headers, body, request.remote or ""
        )
        return web.Response(
            body=reply.body,
            status=reply.status,
            content_type=reply.content_type,
            charset="utf-8",
            headers=reply.headers,
        )

    async def _converse(self, request: web.BaseRequest) -> web.WebSocketResponse:
        socket = web.WebSocketResponse(
            autoping=True, compress=False, max_msg_size=self._limits.max_message_bytes, timeout=LAST_WORD_S
        )
        await socket.prepare(request)
        outbox = self._limits.outbox()
        conversation: Conversation = self._venue.connect(outbox.put)
        self._requests[conversation] = request
        async with asyncio.TaskGroup() as tasks:
            pump = tasks.create_task(_pump(outbox, socket))

            def hang_up() -> None:
                pump.cancel()
                tasks.create_task(_cut(socket, request))

            outbox.on_overflow = hang_up
            try:
                await self._listen(socket, conversation)
            finally:
                outbox.on_overflow = lambda: None
                del self._requests[conversation]
                self._venue.disconnect(conversation)
                pump.cancel()
        return socket

    async def _listen(self, socket: web.WebSocketResponse, conversation: Conversation) -> None:
        while True:
            try:
                message = await socket.receive(timeout=self._limits.idle_s)
            except TimeoutError:
                await socket.close(code=WSCloseCode.GOING_AWAY, message=b"idle")
                return
            if message.type is WSMsgType.TEXT:
                conversation.receive(message.data, self._venue.now_ms())
            elif message.type is WSMsgType.BINARY:
                await socket.close(code=WSCloseCode.UNSUPPORTED_DATA, message=b"requests are text frames")
                return
            else:
                return


async def _pump(outbox: Outbox, socket: web.WebSocketResponse) -> None:
    with contextlib.suppress(ConnectionError):
        while True:
            await socket.send_bytes(await outbox.get())


async def _cut(socket: web.WebSocketResponse, request: web.BaseRequest) -> None:
    """Say why and hang up; who does not read the reason in time loses the connection without it."""
    with contextlib.suppress(ConnectionError, TimeoutError):
        await asyncio.wait_for(
            socket.close(code=WSCloseCode.POLICY_VIOLATION, message=b"slow consumer", drain=False),
            LAST_WORD_S,
        )
    if request.transport is not None:
        request.transport.abort()
