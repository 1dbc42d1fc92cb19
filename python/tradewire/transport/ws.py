"""WebSockets over picows, behind the seam.

Knows sockets, TLS and how picows is called; refuses to know venues. picows and ssl are imported when the
first connection opens, not when tradewire is.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from tradewire.errors import ConfigError
from tradewire.transport.seam import ConnectFailed, WsConnection, WsListener

if TYPE_CHECKING:
    import socket

__all__ = ["PicowsTransport"]


class PicowsTransport:
    """Opens WebSockets with picows, the fastest client measured for asyncio.

    No extension is offered, so ``permessage-deflate`` is off; protocol pings are answered; for ``wss`` the
    certificate is verified against the system's store; proxies and redirects are not followed.

    Args:
        ping_interval_s: Send a protocol ping this often, for venues whose liveness rests on it; 0 for never.
        pong_timeout_s: A ping unanswered for this long ends the connection; at most the interval.

    Raises:
        ConfigError: ``pong_timeout_s`` is longer than the interval.
    """

    def __init__(self, *, ping_interval_s: float = 0.0, pong_timeout_s: float = 20.0) -> None:
        if 0 < ping_interval_s < pong_timeout_s:
            raise ConfigError(f"pong_timeout_s is at most ping_interval_s, was {pong_timeout_s:g}")
        self._ping_interval_s = ping_interval_s
        self._pong_timeout_s = pong_timeout_s

    async def connect(
        self,
        url: str,
        listener: WsListener,
        *,
        headers: Mapping[str, str],
        timeout_s: float,
        max_frame_bytes: int,
    ) -> WsConnection:
        """Open ``url`` and deliver its messages to ``listener``.

        Raises:
            ConnectFailed: The upgrade did not happen; the message says at which step.
        """
        import ssl

        import picows

        from tradewire.transport.ws_listener import Listener, connection_of

        opened = Listener(listener, max_frame_bytes)
        sockets: list[socket.socket] = []

        async def open_socket(parsed: Any) -> socket.socket:
            connected = await _open_socket(parsed.host, parsed.port)
            sockets.append(connected)
            return connected

        try:
            async with asyncio.timeout(timeout_s):
                await picows.ws_connect(
                    lambda: opened,
                    url,
                    ssl_context=ssl.create_default_context() if url.startswith("wss:") else None,
                    websocket_handshake_timeout=timeout_s,
                    max_frame_size=max_frame_bytes,
                    extra_headers=dict(headers),
                    max_redirects=0,
                    socket_factory=open_socket,
                    enable_auto_ping=self._ping_interval_s > 0,
                    auto_ping_idle_timeout=self._ping_interval_s,
                    auto_ping_reply_timeout=self._pong_timeout_s,
                    auto_ping_strategy=picows.WSAutoPingStrategy.PING_PERIODICALLY,
                )
        except (OSError, TimeoutError, picows.WSError, picows.WSInvalidURL) as error:
            _give_up(sockets)
            raise ConnectFailed(f"{url}: {error or type(error).__name__}") from error
        except BaseException:
            _give_up(sockets)
            raise
        return connection_of(opened)


def _give_up(sockets: list[socket.socket]) -> None:
    """Make the transport under a half-done upgrade see the end, so that it closes itself."""
    import socket

    for connected in sockets:
        try:
            connected.shutdown(socket.SHUT_RDWR)
        except OSError:
            pass


async def _open_socket(host: str, port: int) -> socket.socket:
    """Connect to the first address of ``host`` that answers."""
    import socket

    loop = asyncio.get_running_loop()
    failure: OSError = OSError(f"{host} has no address")
    for family, kind, protocol, _, address in await loop.getaddrinfo(host, port, type=socket.SOCK_STREAM):
        candidate = socket.socket(family, kind, protocol)
        candidate.setblocking(False)
        try:
            await loop.sock_connect(candidate, address)
        except OSError as error:
            candidate.close()
            failure = error
        except BaseException:
            candidate.close()
            raise
        else:
            return candidate
    raise failure
