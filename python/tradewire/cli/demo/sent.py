"""A WebSocket transport that tells what was sent, to measure how long a reaction took."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from tradewire.transport.seam import WsConnection, WsListener, WsTransport

__all__ = ["NotingTransport"]


class _Noting:
    def __init__(self, connection: WsConnection, on_sent: Callable[[bytes], None]) -> None:
        self._connection = connection
        self._on_sent = on_sent

    def send_text(self, data: bytes) -> None:
        self._connection.send_text(data)
        self._on_sent(data)

    async def close(self, code: int = 1000, reason: str = "") -> None:
        await self._connection.close(code, reason)


class NotingTransport:
    """Opens WebSockets with another transport.

    Args:
        transport: Which.
        on_sent: Called with every frame once it is on the socket.
    """

    def __init__(self, transport: WsTransport, on_sent: Callable[[bytes], None]) -> None:
        self._transport = transport
        self._on_sent = on_sent

    async def connect(
        self,
        url: str,
        listener: WsListener,
        *,
        headers: Mapping[str, str],
        timeout_s: float,
        max_frame_bytes: int,
    ) -> WsConnection:
        """Open ``url`` and deliver its messages to ``listener``."""
        connection = await self._transport.connect(
            url, listener, headers=headers, timeout_s=timeout_s, max_frame_bytes=max_frame_bytes
        )
        return _Noting(connection, self._on_sent)
