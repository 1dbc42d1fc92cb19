"""One connection: one request at a time, its reply, its deadline, and whether it can be used again."""

from __future__ import annotations

import asyncio
import select
import sys
from typing import Final, Protocol, cast

from tradewire._native import HttpReplyReader, Wire
from tradewire.signing import SOLE_REFERENCES, wipe
from tradewire.transport.failures import reason_of
from tradewire.transport.seam import ConnectionLost, HttpReply, TransportError

__all__ = ["MAX_BODY_BYTES", "MAX_HEAD_BYTES", "Connection"]

MAX_HEAD_BYTES: Final = 64 << 10
MAX_BODY_BYTES: Final = 32 << 20
"""A list of every market of a large venue has about 1 MiB."""
BUFFER_BYTES: Final = 64 << 10
LOST: Final = "connection lost before the reply was whole"
IDLE_LIMIT_S: Final = 30.0
"""Servers close what is idle for a minute or so; a request must not meet that on its way."""

SECRET_HEADERS: Final = (b"\r\nx-api-key: ", b"\r\nAuthorization: ")
"""Headers whose value is a secret as it stands: a request that has one is overwritten once it is answered."""


class Owner(Protocol):
    """Gets what becomes of a connection."""

    def is_free(self, connection: Connection) -> None:
        """Take a connection that can carry the next request."""

    def is_gone(self, connection: Connection) -> None:
        """Forget a connection; called once."""


class Connection(asyncio.BufferedProtocol):
    """Carries one request after another. ``write`` may be called while ``is_ready``.

    Reads into one buffer: a transport would allocate one for each read, which costs 9 us in aiofastnet's.
    """

    def __init__(self, owner: Owner) -> None:
        self._owner = owner
        self._loop = asyncio.get_running_loop()
        self._reader = HttpReplyReader(MAX_HEAD_BYTES, MAX_BODY_BYTES)
        self._buffer = memoryview(bytearray(BUFFER_BYTES))
        self._transport: asyncio.Transport | None = None
        self.wire: Wire | None = None
        self._pending: asyncio.Future[HttpReply] | None = None
        self._request = b""
        self._timer: asyncio.TimerHandle | None = None
        self._deadline_s = 0.0
        self._timeout_s = 0.0
        self._idle_limit_s = IDLE_LIMIT_S
        self._expires_s = self._loop.time() + IDLE_LIMIT_S
        self.was_used = False

    @property
    def expires_s(self) -> float:
        """When the connection has been idle for too long, by the loop's clock."""
        return self._expires_s

    @property
    def is_open(self) -> bool:
        """Whether the peer has not left; what a request was written to a moment ago is."""
        return self._transport is not None and not self._transport.is_closing()

    @property
    def has_unread(self) -> bool:
        """Whether bytes stand on the socket that the loop has not read, or its end."""
        return self.wire is not None and self.wire.has_unread

    def is_ready(self, now_s: float) -> bool:
        """Return whether a request can be written: no other is under way, and nothing came that no one asked for.

        What stands unread on the socket counts: it would be taken for the reply.
        """
        return self.wire is not None and self._pending is None and self.wire.is_ready(now_s)

    def write(
        self, request: bytes, deadline_s: float, timeout_s: float, *, is_head: bool
    ) -> asyncio.Future[HttpReply]:
        """Write a whole request and return the future of its reply; bytes are on the socket before this returns."""
        transport = self._transport
        assert transport is not None
        self._request = request
        try:
            transport.write(request)
        except BaseException:
            self.end()
            raise
        return self.written(deadline_s, timeout_s, is_head=is_head)

    def written(self, deadline_s: float, timeout_s: float, *, is_head: bool) -> asyncio.Future[HttpReply]:
        """Return the future of the reply to a request that was written in this step of the loop.

        What this does can wait for the bytes: a reply is read in a later step.
        """
        pending = self._pending = self._loop.create_future()
        self.was_used = True
        self._deadline_s, self._timeout_s = deadline_s, timeout_s
        self._reader.begin(is_head)
        if self._transport is None:
            # A transport may find in the call that the peer is gone.
            self._fail(ConnectionLost(LOST))
        elif self._timer is None or self._timer.when() > deadline_s:
            self._arm()
        return pending

    def end(self, failure: TransportError | None = None) -> None:
        """Close the connection at once; a request under way fails with ``failure``."""
        if failure is not None:
            self._fail(failure)
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        if self._transport is not None:
            self._transport.abort()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Keep the transport."""
        # Not by isinstance: aiofastnet's is one by its methods only.
        self._transport = cast("asyncio.Transport", transport)
        connected = transport.get_extra_info("socket")
        # A transport in memory has none, and nothing stands unread on it.
        unread = None
        if connected is not None and hasattr(select, "poll"):
            poll = select.poll()
            poll.register(connected.fileno(), select.POLLIN)
            unread = poll.poll
        self.wire = Wire(self._transport.write, transport.is_closing, unread, self._expires_s)

    def get_buffer(self, sizehint: int) -> memoryview:  # noqa: ARG002 - asyncio's protocol
        """Return what the socket is read into."""
        return self._buffer

    def buffer_updated(self, nbytes: int) -> None:
        """Read the reply; bytes that no one asked for end the connection."""
        if self._pending is None:
            self.end()
            return
        progress = self._reader.feed(self._buffer[:nbytes].tobytes())
        if progress is not None:
            self._finish(progress)

    def eof_received(self) -> bool:
        """End the reply, which may be what it was waiting for; the transport closes itself."""
        if self._pending is not None:
            self._finish(self._reader.finish())
        return False

    def connection_lost(self, exc: Exception | None) -> None:
        """Fail what is under way and tell the owner."""
        reason = reason_of(exc) if exc is not None else "closed"
        self._fail(ConnectionLost(f"{LOST}: {reason}"))
        self.wire = None
        self.end()
        self._transport = None
        self._wipe_request()
        self._buffer[:] = bytes(BUFFER_BYTES)
        self._owner.is_gone(self)

    def _finish(self, progress: tuple[int, dict[str, str], bytes, bool] | str) -> None:
        pending, self._pending = self._pending, None
        assert pending is not None
        if isinstance(progress, str):
            self.end()
            if not pending.done():
                pending.set_exception(ConnectionLost(progress))
            return
        status, headers, body, can_reuse = progress
        if not pending.done():
            pending.set_result(HttpReply(status, headers, body))
        self._wipe_request()
        transport = self._transport
        # A reply that came before the request was on its way in whole leaves a half of it behind.
        if transport is None or not can_reuse or transport.is_closing() or transport.get_write_buffer_size():
            self.end()
            return
        if "keep-alive" in headers:
            self._idle_limit_s = _idle_limit_s(headers["keep-alive"])
        self._expires_s = self._loop.time() + self._idle_limit_s
        if self.wire is not None:
            self.wire.expires_s = self._expires_s
        self._owner.is_free(self)

    def _wipe_request(self) -> None:
        request, self._request = self._request, b""
        # Whoever records what was sent keeps it.
        is_sole = sys.getrefcount(request) <= SOLE_REFERENCES
        if is_sole and any(header in request for header in SECRET_HEADERS):
            wipe(request)

    def _fail(self, failure: TransportError) -> None:
        pending, self._pending = self._pending, None
        if pending is not None and not pending.done():
            pending.set_exception(failure)

    def _arm(self) -> None:
        """Set the timer, which is left alone by requests that end in time: it looks at the deadline when it fires."""
        if self._timer is not None:
            self._timer.cancel()
        self._timer = self._loop.call_at(self._deadline_s, self._look_at_deadline)

    def _look_at_deadline(self) -> None:
        self._timer = None
        if self._pending is None:
            return
        if self._loop.time() < self._deadline_s:
            self._arm()
            return
        self.end(ConnectionLost(f"no reply within {self._timeout_s:g} s"))


def _idle_limit_s(hint: str) -> float:
    """Return how long to keep an idle connection whose server says ``timeout=5``: a second less than it does."""
    for part in hint.split(","):
        name, _, value = part.strip().partition("=")
        if name.lower() == "timeout" and value.isascii() and value.isdigit() and len(value) < 9:
            return min(IDLE_LIMIT_S, max(0.0, float(value) - 1.0))
    return IDLE_LIMIT_S
