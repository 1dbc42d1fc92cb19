"""The sockets of one venue: HTTP, WebSocket and the control surface on one loopback listener.

Knows aiohttp and nothing of trading. Compression is refused at the handshake; protocol pings are answered;
a client that is silent too long, reads too slowly or sends too much is cut off with a reason.
"""

from __future__ import annotations

import asyncio
import contextlib
from typing import Final

from aiohttp import StreamReader, WSCloseCode, WSMsgType, web
from aiohttp.abc import AbstractStreamWriter
from aiohttp.http_parser import RawRequestMessage

from tradewire.sandbox.control import Control
from tradewire.sandbox.outbox import Outbox
from tradewire.sandbox.reply import Reply
from tradewire.sandbox.venue import Conversation, Venue

__all__ = ["Listener"]

LAST_WORD_S: Final = 1.0
DATA: Final = frozenset({WSMsgType.TEXT, WSMsgType.BINARY})


class Listener:
    """One venue on one port.

    Args:
        venue: Who answers.
        control: Who answers below ``/sandbox/``.
    """

    def __init__(self, venue: Venue, control: Control) -> None:
        self._venue = venue
        self._control = control
        self._requests: dict[Conversation, web.BaseRequest] = {}
        self._muted: set[Conversation] = set()
        self._runner = web.ServerRunner(
            web.Server(self._handle, request_factory=self._request, access_log=None),
            shutdown_timeout=LAST_WORD_S,
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

    def mute(self, market: str | None) -> int:
        """Say nothing more to the streams that follow ``market``, or to all; return how many."""
        muted = {
            conversation for conversation in self._requests if market is None or conversation.follows(market)
        }
        self._muted |= muted
        return len(muted)

    def _request(
        self,
        message: RawRequestMessage,
        payload: StreamReader,
        protocol: web.RequestHandler,
        writer: AbstractStreamWriter,
        task: asyncio.Task[None],
    ) -> web.BaseRequest:
        loop = asyncio.get_running_loop()
        size = self._venue.max_body_bytes
        return web.BaseRequest(message, payload, protocol, writer, task, loop, client_max_size=size)

    async def _handle(self, request: web.BaseRequest) -> web.StreamResponse:
        path = request.raw_path.partition("?")[0]
        if self._venue.has_stream(path) and "upgrade" in request.headers:
            return await self._converse(request)
        try:
            body = await request.read()
        except web.HTTPRequestEntityTooLarge:
            return _response(self._venue.oversized())
        if path.startswith("/sandbox/"):
            status, document = self._control.answer(request.method, path, dict(request.query), body)
            return web.json_response(document, status=status)
        reply = self._venue.answer(
            request.method, request.raw_path, request.headers, body, request.remote or ""
        )
        if reply.is_lost and request.transport is not None:
            request.transport.abort()
        return _response(reply)

    async def _converse(self, request: web.BaseRequest) -> web.WebSocketResponse:
        socket = web.WebSocketResponse(
            autoping=False, compress=False, max_msg_size=self._venue.max_message_bytes, timeout=LAST_WORD_S
        )
        await socket.prepare(request)
        outbox = self._venue.outbox()
        conversation = self._venue.connect(outbox)
        self._requests[conversation] = request
        async with asyncio.TaskGroup() as tasks:
            pump = tasks.create_task(self._pump(outbox, socket, conversation))

            def hang_up() -> None:
                pump.cancel()
                tasks.create_task(_cut(socket, request))

            outbox.on_overflow = hang_up
            try:
                await self._listen(socket, conversation)
            finally:
                outbox.on_overflow = lambda: None
                del self._requests[conversation]
                self._muted.discard(conversation)
                self._venue.disconnect(conversation)
                pump.cancel()
        return socket

    async def _listen(self, socket: web.WebSocketResponse, conversation: Conversation) -> None:
        while True:
            try:
                message = await socket.receive(timeout=self._venue.idle_s)
            except TimeoutError:
                await socket.close(code=WSCloseCode.GOING_AWAY, message=b"idle")
                return
            if message.type is WSMsgType.PONG or (
                conversation in self._muted and message.type in {WSMsgType.PING, *DATA}
            ):
                continue
            if message.type is WSMsgType.PING:
                with contextlib.suppress(ConnectionError):
                    await socket.pong(message.data)
            elif message.type is WSMsgType.TEXT:
                conversation.receive(message.data, self._venue.now_ms())
            elif message.type is WSMsgType.BINARY:
                if self._venue.refuses_binary:
                    await socket.close(code=WSCloseCode.UNSUPPORTED_DATA, message=b"requests are text frames")
                    return
            else:
                return

    async def _pump(self, outbox: Outbox, socket: web.WebSocketResponse, conversation: Conversation) -> None:
        kind = WSMsgType.TEXT if self._venue.frames_are_text else WSMsgType.BINARY
        with contextlib.suppress(ConnectionError):
            while True:
                frame = await outbox.get()
                if conversation not in self._muted:
                    await socket.send_frame(frame, kind)


def _response(reply: Reply) -> web.Response:
    return web.Response(
        body=reply.body,
        status=reply.status,
        content_type=reply.content_type,
        charset="utf-8",
        headers=reply.headers,
    )


async def _cut(socket: web.WebSocketResponse, request: web.BaseRequest) -> None:
    """Say why and hang up; who does not read the reason in time loses the connection without it."""
    with contextlib.suppress(ConnectionError, TimeoutError):
        await asyncio.wait_for(
            socket.close(code=WSCloseCode.POLICY_VIOLATION, message=b"slow consumer", drain=False),
            LAST_WORD_S,
        )
    if request.transport is not None:
        request.transport.abort()
