"""Where a recorder is put in between a client and its transports, and nothing where there is none.

WebSockets are opened through ``TappedWs``, which looks for a tap once a connection. For HTTP a session changes its
transport for one of ``tapped_http``. Neither costs a client without a recorder anything a frame or a request.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from typing import Any, Protocol

from tradewire.transport.seam import (
    DirectHttpTransport,
    HttpLane,
    HttpReply,
    HttpRequest,
    HttpTransport,
    LaneHttpTransport,
    WsConnection,
    WsListener,
    WsTransport,
)

__all__ = ["Tap", "TappedWs", "tapped_http"]


class Tap(Protocol):
    """Sees what passes. Nothing of it may block or raise."""

    def stream(self, url: str, listener: WsListener) -> TappedStream:
        """Return what stands between a new connection and its owner."""
        ...

    def asked(self, request: HttpRequest | bytes) -> int:
        """Take a request as it leaves, as a whole in bytes from a lane; return its number."""
        ...

    def answered(self, number: int, reply: HttpReply) -> None:
        """Take its reply."""
        ...

    def failed(self, number: int, error: BaseException | None) -> None:
        """Take note that no reply comes; ``None`` if nobody waits for it any more."""
        ...


class TappedStream(WsListener, Protocol):
    """Stands between a connection and its owner."""

    def opened(self, connection: WsConnection) -> WsConnection:
        """Return the connection as its owner sees it."""
        ...

    def refused(self) -> None:
        """Take note that it was not opened."""
        ...


class TappedWs:
    """Opens WebSockets, through a tap once there is one.

    Attributes:
        tap: Sees what passes on connections opened from now on.
        opened: How many were opened so far.
    """

    def __init__(self, inner: WsTransport) -> None:
        self._inner = inner
        self.tap: Tap | None = None
        self.opened = 0

    async def connect(
        self,
        url: str,
        listener: WsListener,
        *,
        headers: Mapping[str, str],
        timeout_s: float,
        max_frame_bytes: int,
    ) -> WsConnection:
        """Open ``url`` and deliver its messages to ``listener``; see ``WsTransport``."""
        self.opened += 1
        tap = self.tap
        tapped = None if tap is None else tap.stream(url, listener)
        try:
            connection = await self._inner.connect(
                url, tapped or listener, headers=headers, timeout_s=timeout_s, max_frame_bytes=max_frame_bytes
            )
        except BaseException:
            # Headers may hold a key, and crash reports show the locals of every frame.
            del headers
            if tapped is not None:
                tapped.refused()
            raise
        return connection if tapped is None else tapped.opened(connection)


def tapped_http(inner: HttpTransport, tap: Tap) -> HttpTransport:
    """Return a transport that sends through ``inner`` and can do what that can."""
    if isinstance(inner, LaneHttpTransport):
        return _TappedLanes(inner, tap)
    return _TappedDirect(inner, tap) if isinstance(inner, DirectHttpTransport) else _TappedHttp(inner, tap)


class _TappedHttp:
    def __init__(self, inner: HttpTransport, tap: Tap) -> None:
        self._http = inner
        self._tap = tap

    async def send(self, request: HttpRequest) -> HttpReply:
        number = self._tap.asked(request)
        try:
            reply = await self._http.send(request)
        except BaseException as error:
            self._tap.failed(number, error)
            raise
        self._tap.answered(number, reply)
        return reply

    async def close(self) -> None:
        await self._http.close()

    def _watch(
        self, request: HttpRequest | bytes, pending: asyncio.Future[HttpReply] | None
    ) -> asyncio.Future[HttpReply] | None:
        """Note a request that was written, and its reply when it comes."""
        if pending is None:
            return None
        tap = self._tap
        number = tap.asked(request)

        def done(reply: asyncio.Future[HttpReply]) -> None:
            if reply.cancelled():
                tap.failed(number, None)
            elif (error := reply.exception()) is not None:
                tap.failed(number, error)
            else:
                tap.answered(number, reply.result())

        pending.add_done_callback(done)
        return pending


class _TappedDirect(_TappedHttp):
    def __init__(self, inner: DirectHttpTransport, tap: Tap) -> None:
        super().__init__(inner, tap)
        self._direct = inner

    def start(self, request: HttpRequest) -> asyncio.Future[HttpReply] | None:
        return self._watch(request, self._direct.start(request))

    async def warm(self, url: str, connections: int = 1) -> None:
        await self._direct.warm(url, connections)


class _TappedLanes(_TappedDirect):
    def __init__(self, inner: LaneHttpTransport, tap: Tap) -> None:
        super().__init__(inner, tap)
        self._lanes = inner

    def lane(self, url: str) -> HttpLane:
        return _TappedLane(self._lanes.lane(url), self)


class _TappedLane:
    def __init__(self, lane: HttpLane, http: _TappedHttp) -> None:
        self.authority = lane.authority
        self.door = lane.door
        self._lane = lane
        self._http = http

    def write(self, request: bytes, timeout_s: float) -> asyncio.Future[HttpReply] | None:
        return self._http._watch(request, self._lane.write(request, timeout_s))

    def written(self, connection: Any, request: bytes, timeout_s: float) -> asyncio.Future[HttpReply]:
        pending = self._lane.written(connection, request, timeout_s)
        self._http._watch(request, pending)
        return pending
