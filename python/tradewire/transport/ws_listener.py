"""What picows calls: frames in, whole messages out.

The only module that imports picows at its top; ``transport.ws`` imports it when a connection opens.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from typing import TYPE_CHECKING, Final

import picows

from tradewire._native import TextSender, WholeMessages
from tradewire.transport.seam import ConnectionLost, WsListener

if TYPE_CHECKING:
    from picows.picows import WSCloseHandshake, WSCloseInfo

__all__ = ["Connection", "Listener", "connection_of"]

ABNORMAL: Final = 1006
"""RFC 6455 section 7.4.1: the peer left without a closing handshake."""
NO_STATUS: Final = 1005
CLOSE_PATIENCE_S: Final = 1.0
"""How long a peer may take to answer the closing handshake."""
BINARY = picows.WSMsgType.BINARY
TEXT = picows.WSMsgType.TEXT
CONTINUATION = picows.WSMsgType.CONTINUATION
CLOSE = picows.WSMsgType.CLOSE


class Listener(picows.WSListener):
    """Joins fragments, bounds messages and stamps the time a frame was read."""

    __slots__ = (
        "_failure", "_max_message_bytes", "_on_message", "_owner", "_parts", "_size", "_whole", "on_ws_frame",
        "transport",
    )  # fmt: skip
    # picows looks a method up in the instance, and finds it there.
    on_ws_frame: Callable[[picows.WSTransport, picows.WSFrame], None]  # type: ignore[assignment]  # a method there
    """Takes a frame in the loop iteration that read it: natively, but inside a fragmented message."""

    def __init__(self, owner: WsListener, max_message_bytes: int) -> None:
        super().__init__()
        self._owner = owner
        self._on_message = owner.on_frame
        self._max_message_bytes = max_message_bytes
        self._whole = WholeMessages(owner.on_frame, self._on_frame, time.time_ns, (BINARY, TEXT)).on_ws_frame
        self.on_ws_frame = self._whole
        self._parts: list[bytes] = []
        self._size = 0
        self._failure = ""
        self.transport: picows.WSTransport | None = None

    def on_ws_connected(self, transport: picows.WSTransport) -> None:
        """Keep the transport."""
        self.transport = transport

    def _on_part(self, transport: picows.WSTransport, frame: picows.WSFrame) -> None:
        self._on_frame(transport, frame, time.time_ns())

    def _on_frame(self, transport: picows.WSTransport, frame: picows.WSFrame, received_at_ns: int) -> None:
        """Take any frame."""
        kind = frame.msg_type
        if frame.rsv1 or frame.rsv2 or frame.rsv3:
            self._refuse(picows.WSCloseCode.PROTOCOL_ERROR, "a frame of an extension that was not agreed on")
        if kind is BINARY or kind is TEXT:
            if self._parts:
                self._refuse(picows.WSCloseCode.PROTOCOL_ERROR, "a new message inside a fragmented one")
            if frame.fin:
                self._on_message(frame.get_payload_as_bytes(), received_at_ns)
            else:
                self._add(frame)
        elif kind is CONTINUATION:
            if not self._parts:
                self._refuse(picows.WSCloseCode.PROTOCOL_ERROR, "a continuation of nothing")
            self._add(frame)
            if frame.fin:
                whole, self._parts, self._size = b"".join(self._parts), [], 0
                self.on_ws_frame = self._whole
                self._on_message(whole, received_at_ns)
        elif kind is CLOSE:
            transport.send_close(picows.WSCloseCode.OK)
            transport.disconnect()

    def on_ws_disconnected(self, transport: picows.WSTransport) -> None:
        """Tell the owner why the connection is gone."""
        received, sent = _closing(transport)
        if self._failure or (sent is not None and received is None):
            # picows keeps what it ended the connection for until somebody waits; the loop complains if no one does.
            ended = asyncio.get_running_loop().create_task(transport.wait_disconnected())
            ended.add_done_callback(_retrieve)
        if self._failure:
            self._owner.on_closed(ABNORMAL, self._failure)
        elif received is not None:
            self._owner.on_closed(received.code.value or NO_STATUS, received.reason or "")
        elif sent is not None:
            self._owner.on_closed(sent.code.value, sent.reason or "")
        else:
            self._owner.on_closed(ABNORMAL, "the connection broke")

    def _add(self, frame: picows.WSFrame) -> None:
        self._size += frame.payload_size
        if self._size > self._max_message_bytes:
            self._refuse(
                picows.WSCloseCode.MESSAGE_TOO_BIG, f"a message of more than {self._max_message_bytes} bytes"
            )
        self._parts.append(frame.get_payload_as_bytes())
        self.on_ws_frame = self._on_part

    def _refuse(self, code: picows.WSCloseCode, reason: str) -> None:
        """End the connection: picows sends the close frame for this error."""
        self._failure = reason
        self._parts.clear()
        raise picows.WSProtocolError(code, reason)


def _retrieve(ended: asyncio.Task[None]) -> None:
    if not ended.cancelled():
        ended.exception()


def _closing(transport: picows.WSTransport) -> tuple[WSCloseInfo | None, WSCloseInfo | None]:
    """Return the close frames received and sent."""
    handshake: WSCloseHandshake | None = transport.close_handshake
    return (None, None) if handshake is None else (handshake.recv, handshake.sent)


class Connection:
    """An open WebSocket."""

    def __init__(self, transport: picows.WSTransport) -> None:
        self._transport = transport
        self.send_text = TextSender(
            transport, TEXT, lambda: ConnectionLost("the WebSocket is closed")
        ).send_text
        """Queue one text frame; never waits. Raises ``ConnectionLost`` if the connection is closed."""

    async def close(self, code: int = 1000, reason: str = "") -> None:
        """Close the handshake properly, or abort after a second. Safe to call twice."""
        transport = self._transport
        try:
            if not transport.is_disconnected:
                transport.send_close(picows.WSCloseCode(code), reason.encode())
                async with asyncio.timeout(CLOSE_PATIENCE_S):
                    await transport.wait_disconnected()
        except TimeoutError:
            pass
        except picows.WSError:
            return
        finally:
            transport.disconnect(graceful=False)
        try:
            await transport.wait_disconnected()
        except picows.WSError:
            pass


def connection_of(listener: Listener) -> Connection:
    """Return the connection ``listener`` heard opening."""
    assert listener.transport is not None
    return Connection(listener.transport)
