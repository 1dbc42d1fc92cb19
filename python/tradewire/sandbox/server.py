"""The sockets of one venue: HTTP, WebSocket and the control surface on one loopback listener.

Knows aiohttp and nothing of trading. Compression is refused at the handshake; protocol pings are answered;
a client that is silent too long, reads too slowly or sends too much is cut off with a reason.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections import deque
from collections.abc import Callable
from email.utils import formatdate
from typing import Any, Final, Protocol

from aiohttp import StreamReader, WSCloseCode, WSMsgType, web
from aiohttp.abc import AbstractStreamWriter
from aiohttp.http_parser import RawRequestMessage

from tradewire.sandbox.control import Control
from tradewire.sandbox.faults import FaultKind
from tradewire.sandbox.faults.rest import Delivery, RestInjector
from tradewire.sandbox.faults.stream import StreamInjector
from tradewire.sandbox.outbox import Outbox
from tradewire.sandbox.reply import Reply
from tradewire.sandbox.routing import Request
from tradewire.sandbox.venue import Conversation, Venue

__all__ = ["Listener", "Socket"]

LAST_WORD_S: Final = 1.0
SERVER: Final = "tradewire-sandbox"
"""Not aiohttp's own word, which names the versions of it and of Python."""
POLL_S: Final = 0.05
DATA: Final = frozenset({WSMsgType.TEXT, WSMsgType.BINARY})


class Socket(Protocol):
    """One open WebSocket, as aiohttp's."""

    async def receive(self, timeout: float | None = None) -> Any:  # noqa: ASYNC109 - aiohttp's
        """Return the next message, with ``type`` and ``data``; raise ``TimeoutError`` if none comes in time."""

    async def send_frame(self, message: bytes, opcode: WSMsgType, /) -> None:
        """Send one frame."""

    async def pong(self, message: bytes = b"", /) -> None:
        """Answer a ping."""

    async def close(self, *, code: int = 1000, message: bytes = b"", drain: bool = True) -> object:
        """Close with a handshake."""


class Listener:
    """One venue on one port.

    Args:
        venue: Who answers.
        control: Who answers below ``/sandbox/``.
    """

    def __init__(self, venue: Venue, control: Control) -> None:
        self._venue = venue
        self._control = control
        self._aborts: dict[Conversation, Callable[[], None]] = {}
        self._muted: set[Conversation] = set()
        self._is_closed = False
        self._injector = RestInjector(venue.faults, venue.fault_points, venue.api, venue.now_ms)
        venue.faults.on(FaultKind.DROP_SOCKET, self.drop)
        venue.faults.on(FaultKind.MUTE_SOCKET, self.mute)
        venue.faults.on(FaultKind.LOGIN_EXPIRED, self.expire_logins)
        self._server = web.Server(self._handle, request_factory=self._request, access_log=None)
        self._runner = web.ServerRunner(self._server, shutdown_timeout=LAST_WORD_S)

    @property
    def venue(self) -> Venue:
        """Who answers."""
        return self._venue

    def http_protocol(self) -> asyncio.Protocol:
        """Return what serves one HTTP connection over a transport of the caller's."""
        return self._server()

    def upgrade_refused(self) -> int | None:
        """Return the status by which the next upgrade is refused, 0 for a reset, ``None`` if it is not."""
        refused = self._venue.faults.take(FaultKind.UPGRADE_REFUSED)
        return None if refused is None else int(refused.values["status"])

    async def open(self, host: str, port: int) -> int:
        """Listen on ``port``, or on a free one for 0, and return which it is."""
        await self._runner.setup()
        site = web.TCPSite(self._runner, host, port)
        await site.start()
        chosen: int = self._runner.addresses[0][1]
        return chosen

    async def close(self) -> None:
        """Cut every stream and stop listening."""
        self._is_closed = True
        self.drop(None)
        await self._runner.cleanup()

    def drop(self, market: str | None) -> int:
        """Cut the streams that follow ``market``, or all, without a closing handshake; return how many."""
        dropped = 0
        for conversation, abort in list(self._aborts.items()):
            if market is None or conversation.follows(market):
                abort()
                dropped += 1
        return dropped

    def mute(self, market: str | None) -> int:
        """Say nothing more to the streams that follow ``market``, or to all; return how many."""
        muted = {
            conversation for conversation in self._aborts if market is None or conversation.follows(market)
        }
        self._muted |= muted
        return len(muted)

    def expire_logins(self) -> int:
        """End every login; return how many there were."""
        return sum(conversation.expire_login() for conversation in self._aborts)

    def _date(self) -> str:
        """Return the venue's clock as the ``Date`` header, which clients compare with their own."""
        return formatdate(self._venue.now_ms() / 1000, usegmt=True)

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
            status = self.upgrade_refused()
            return await self._converse(request) if status is None else _refuse(request, status)
        try:
            body = await request.read()
        except web.HTTPRequestEntityTooLarge:
            return _response(self._venue.api.oversized(), self._date())
        if path.startswith("/sandbox/"):
            status, document = self._control.answer(request.method, path, dict(request.query), body)
            return web.json_response(document, status=status)
        asked = Request(
            request.method,
            request.raw_path,
            request.headers,
            body,
            request.remote or "",
            self._venue.now_ms(),
        )
        delivery = self._injector.answer(asked)
        if delay_s := self._venue.faults.delay_s(self._venue.faults.rest_delay):
            await asyncio.sleep(delay_s)
        if delivery.fault is FaultKind.NO_REPLY and request.transport is not None:
            await self._hold(request.transport)
        return await _deliver(request, delivery, self._date())

    async def _hold(self, transport: asyncio.Transport) -> None:
        """Keep a connection open without a reply until its client or this listener closes it."""
        while not (transport.is_closing() or self._is_closed):  # noqa: ASYNC110 - aiohttp says nothing
            await asyncio.sleep(POLL_S)

    async def _converse(self, request: web.BaseRequest) -> web.StreamResponse:
        socket = web.WebSocketResponse(
            autoping=False, compress=False, max_msg_size=self._venue.max_message_bytes, timeout=LAST_WORD_S
        )
        try:
            await socket.prepare(request)
        except ConnectionError:
            # The client left before the upgrade: no one reads this, and aiohttp takes it without a complaint.
            return web.Response()

        def abort() -> None:
            if request.transport is not None:
                request.transport.abort()

        await self.converse(socket, abort, request.raw_path.partition("?")[0])
        return socket

    async def converse(self, socket: Socket, abort: Callable[[], None], path: str) -> None:
        """Talk to one client of the stream at ``path`` until it leaves; ``abort`` cuts its connection."""
        outbox = self._venue.outbox()
        conversation = self._venue.connect(outbox, path)
        self._aborts[conversation] = abort
        async with asyncio.TaskGroup() as tasks:
            injector = StreamInjector(self._venue.faults, self._venue.fault_points, conversation)
            sending = _Sending(socket, self._venue)
            pump = tasks.create_task(self._pump(outbox, sending, conversation, injector))

            def hang_up() -> None:
                pump.cancel()
                tasks.create_task(_cut(socket, abort))

            outbox.on_overflow = hang_up
            try:
                await self._listen(socket, conversation, injector)
            finally:
                outbox.on_overflow = lambda: None
                del self._aborts[conversation]
                self._muted.discard(conversation)
                self._venue.disconnect(conversation)
                pump.cancel()
                sending.close()

    async def _listen(self, socket: Socket, conversation: Conversation, injector: StreamInjector) -> None:
        while True:
            try:
                message = await socket.receive(timeout=self._venue.idle_s)
            except TimeoutError:
                if self._venue.idle_cut_is_abrupt:
                    self._aborts[conversation]()
                else:
                    await socket.close(code=WSCloseCode.GOING_AWAY, message=b"idle")
                return
            if message.type is WSMsgType.PONG or (
                conversation in self._muted and message.type in {WSMsgType.PING, *DATA}
            ):
                continue
            if message.type is WSMsgType.PING:
                if self._venue.faults.answers_pings:
                    with contextlib.suppress(ConnectionError):
                        await socket.pong(message.data)
            elif message.type is WSMsgType.TEXT:
                if injector.passes(message.data):
                    conversation.receive(message.data, self._venue.now_ms())
            elif message.type is WSMsgType.BINARY:
                if self._venue.refuses_binary:
                    await socket.close(code=WSCloseCode.UNSUPPORTED_DATA, message=b"requests are text frames")
                    return
            else:
                return

    async def _pump(
        self, outbox: Outbox, sending: _Sending, conversation: Conversation, injector: StreamInjector
    ) -> None:
        with contextlib.suppress(ConnectionError):
            while True:
                frame = await outbox.get()
                if conversation not in self._muted:
                    for one in injector.frames(frame):
                        await sending.send(one)


class _Sending:
    """Frames on their way to one client, at once or after the latency that is set."""

    def __init__(self, socket: Socket, venue: Venue) -> None:
        self._socket = socket
        self._faults = venue.faults
        self._kind = WSMsgType.TEXT if venue.frames_are_text else WSMsgType.BINARY
        self._waiting: deque[tuple[float, bytes]] = deque()
        self._task: asyncio.Task[None] | None = None

    async def send(self, frame: bytes) -> None:
        """Send ``frame`` after those before it."""
        delay_s = self._faults.delay_s(self._faults.push_delay)
        if not delay_s and self._task is None:
            await self._socket.send_frame(frame, self._kind)
            return
        self._waiting.append((asyncio.get_running_loop().time() + delay_s, frame))
        if self._task is None:
            self._task = asyncio.create_task(self._drain())

    def close(self) -> None:
        """Drop what waits."""
        if self._task is not None:
            self._task.cancel()

    async def _drain(self) -> None:
        loop = asyncio.get_running_loop()
        with contextlib.suppress(ConnectionError):
            while self._waiting:
                due_s, frame = self._waiting.popleft()
                await asyncio.sleep(max(0.0, due_s - loop.time()))
                await self._socket.send_frame(frame, self._kind)
        self._task = None


def _refuse(request: web.BaseRequest, status: int) -> web.Response:
    if not status and request.transport is not None:
        request.transport.abort()
    return web.Response(status=status or 503, text="upgrade refused")


async def _deliver(request: web.BaseRequest, delivery: Delivery, date: str) -> web.StreamResponse:
    """Send a reply as its fault says."""
    response, transport = _response(delivery.reply, date), request.transport
    if delivery.fault is None or transport is None:
        return response
    match delivery.fault:
        case FaultKind.LOST_REPLY | FaultKind.NO_REPLY:
            transport.abort()
        case FaultKind.LATE_REPLY:
            await asyncio.sleep(delivery.delay_ms / 1000)
        case FaultKind.SECOND_REPLY:
            again = _raw(delivery.reply, date)
            asyncio.get_running_loop().call_later(delivery.delay_ms / 1000, _write, transport, again)
        case FaultKind.BROKEN_REPLY:
            raw = _raw(delivery.reply, date)
            transport.write(raw[: len(raw) - max(1, len(delivery.reply.body) // 2)])
            transport.close()
    return response


def _write(transport: asyncio.Transport, data: bytes) -> None:
    if not transport.is_closing():
        transport.write(data)


def _raw(reply: Reply, date: str) -> bytes:
    """Return a reply as it goes over the wire."""
    headers = {
        "Content-Type": f"{reply.content_type}; charset=utf-8",
        "Content-Length": str(len(reply.body)),
        "Date": date,
        **reply.headers,
    }
    lines = "".join(f"{name}: {value}\r\n" for name, value in headers.items())
    return f"HTTP/1.1 {reply.status} OK\r\n{lines}\r\n".encode() + reply.body


def _response(reply: Reply, date: str) -> web.Response:
    return web.Response(
        body=reply.body,
        status=reply.status,
        content_type=reply.content_type,
        charset="utf-8",
        headers={"Date": date, "Server": SERVER, **reply.headers},
    )


async def _cut(socket: Socket, abort: Callable[[], None]) -> None:
    """Say why and hang up; who does not read the reason in time loses the connection without it."""
    with contextlib.suppress(ConnectionError, TimeoutError):
        await asyncio.wait_for(
            socket.close(code=WSCloseCode.POLICY_VIOLATION, message=b"slow consumer", drain=False),
            LAST_WORD_S,
        )
    abort()
