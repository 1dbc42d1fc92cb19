"""WebSockets over picows, behind the seam.

Knows how picows is called and how it fails; refuses to know venues. picows and ssl are imported when the
first connection opens, not when tradewire is.
"""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from tradewire.errors import ConfigError
from tradewire.transport.dial import open_socket
from tradewire.transport.failures import is_cancelled, reason_of
from tradewire.transport.network import DIRECT, NetworkOptions
from tradewire.transport.seam import ConnectFailed, WsConnection, WsListener

if TYPE_CHECKING:
    from tradewire.transport.ws_listener import Listener

__all__ = ["PicowsTransport"]


class PicowsTransport:
    """Opens WebSockets with picows, the fastest client measured for asyncio.

    No extension is offered, so ``permessage-deflate`` is off; protocol pings are answered; for ``wss`` the
    certificate is verified; redirects are not followed.

    Args:
        network: Proxy and TLS; no proxy and the system's certificates if left out.
        ping_interval_s: Send a protocol ping this often, for venues whose liveness rests on it; 0 for never.
        pong_timeout_s: A ping unanswered for this long ends the connection; at most the interval.

    Raises:
        ConfigError: ``pong_timeout_s`` is longer than the interval.
    """

    def __init__(
        self,
        network: NetworkOptions = DIRECT,
        *,
        ping_interval_s: float = 0.0,
        pong_timeout_s: float = 20.0,
    ) -> None:
        if 0 < ping_interval_s < pong_timeout_s:
            raise ConfigError(
                f"pong_timeout_s must be at most ping_interval_s, {ping_interval_s:g}, got {pong_timeout_s:g}"
            )
        self._network = network
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
            ConnectFailed: The upgrade did not happen; the message says why.
        """
        from tradewire.transport.ws_listener import Listener, connection_of

        opened = Listener(listener, max_frame_bytes)
        sockets: list[socket.socket] = []
        try:
            async with asyncio.timeout(timeout_s):
                await self._upgrade(url, opened, sockets, headers, max_frame_bytes)
            # picows takes a connection that is lost before the reply for one that was opened.
            reason = "" if opened.transport is not None else "the peer left before it answered the upgrade"
        except asyncio.CancelledError as error:
            if is_cancelled():
                _give_up(opened, sockets)
                # Headers may hold a key, and crash reports show the locals of every frame.
                del headers
                raise error.with_traceback(None)  # noqa: B904 - the same error
            reason = reason_of(error)
        except TimeoutError:
            reason = f"no upgrade within {timeout_s:g} s"
        except ConnectFailed as error:
            reason = str(error)
        except Exception as error:
            reason = reason_of(error)
        del headers
        if reason:
            _give_up(opened, sockets)
            raise ConnectFailed(f"{url}: {reason}")
        return connection_of(opened)

    async def _upgrade(
        self,
        url: str,
        opened: Listener,
        sockets: list[socket.socket],
        headers: Mapping[str, str],
        max_frame_bytes: int,
    ) -> None:
        import picows

        is_tls = url.startswith("wss:")

        async def connect_socket(parsed: Any) -> socket.socket:
            connected = _Connected(await open_socket(parsed.host, parsed.port, self._network, is_tls=is_tls))
            sockets.append(connected)
            return connected

        await picows.ws_connect(
            lambda: opened,
            url,
            ssl_context=await self._network.tls_context() if is_tls else None,
            # Ours bounds all of it, and ends what is under way.
            websocket_handshake_timeout=None,
            max_frame_size=max_frame_bytes,
            extra_headers=dict(headers),
            max_redirects=0,
            socket_factory=connect_socket,
            enable_auto_ping=self._ping_interval_s > 0,
            auto_ping_idle_timeout=self._ping_interval_s,
            auto_ping_reply_timeout=self._pong_timeout_s,
            auto_ping_strategy=picows.WSAutoPingStrategy.PING_PERIODICALLY,
        )


class _Connected(socket.socket):
    """A connected socket that stays what it is.

    picows connects a socket again if it has no peer any more, and would then go past the proxy.
    """

    def __init__(self, connected: socket.socket) -> None:
        super().__init__(fileno=connected.detach())
        self.setblocking(False)

    def getpeername(self) -> Any:
        try:
            return super().getpeername()
        except OSError:
            return ("", 0)


def _give_up(opened: Listener, sockets: list[socket.socket]) -> None:
    """Make the transport under a half-done upgrade see the end, so that it closes itself."""
    if opened.transport is not None:
        opened.transport.disconnect(graceful=False)
    for connected in sockets:
        try:
            connected.shutdown(socket.SHUT_RDWR)
        except OSError:
            pass
