"""A connected TCP socket to a venue, for HTTP and WebSocket alike: addresses raced, proxies passed.

Needs ``aiohappyeyeballs`` (the race of RFC 8305; aiohttp's maintainers keep it) and, behind a SOCKS proxy only,
``python-socks``. Neither is loaded before the first connection.
"""

from __future__ import annotations

import asyncio
import socket
from typing import Final, Protocol

from tradewire.errors import ConfigError
from tradewire.transport.failures import is_cancelled, reason_of
from tradewire.transport.network import NetworkOptions, Proxy
from tradewire.transport.seam import ConnectFailed

__all__ = ["RACE_DELAY_S", "Dial", "dial", "open_socket"]

RACE_DELAY_S: Final = 0.25
"""How long an address may take before the next is tried beside it: RFC 8305, section 5."""
MAX_PROXY_HEAD_BYTES: Final = 16 << 10


class Dial(Protocol):
    """Connects a protocol to a host, through the proxy if there is one; raises as ``open_socket`` does."""

    async def __call__(
        self, protocol: asyncio.BaseProtocol, host: str, port: int, network: NetworkOptions, *, is_tls: bool
    ) -> None:
        """Connect ``protocol``."""


async def dial(
    protocol: asyncio.BaseProtocol, host: str, port: int, network: NetworkOptions, *, is_tls: bool
) -> None:
    """Connect ``protocol`` to ``host`` over a socket; see ``open_socket``."""
    loop = asyncio.get_running_loop()
    tls = await network.tls_context() if is_tls else None
    connected = await open_socket(host, port, network, is_tls=is_tls)
    name = host if is_tls else None
    try:
        import aiofastnet
    except ModuleNotFoundError:
        # Where picows has no wheel with it.
        await loop.create_connection(lambda: protocol, sock=connected, ssl=tls, server_hostname=name)
    else:
        await aiofastnet.create_connection(
            loop, lambda: protocol, sock=connected, ssl=tls, server_hostname=name
        )


async def open_socket(host: str, port: int, network: NetworkOptions, *, is_tls: bool) -> socket.socket:
    """Return a socket connected to ``host``, non-blocking, through the proxy if there is one.

    Waits without a limit of its own: callers have a deadline for the whole request.

    Raises:
        ConnectFailed: No address answered, or the proxy refused; the message says which and why.
    """
    try:
        proxy = network.proxy_to(host, is_tls=is_tls)
        if proxy is None:
            return await _race(host, port)
        if proxy.scheme == "http":
            return await _through_http(proxy, host, port)
        return await _through_socks(proxy, host, port)
    except asyncio.CancelledError as error:
        if is_cancelled():
            raise error.with_traceback(None)  # noqa: B904 - the same error, without frames that hold a password
        reason = reason_of(error)
    except (ConnectFailed, ConfigError) as error:
        reason = str(error)
    except Exception as error:
        reason = reason_of(error)
    raise ConnectFailed(f"no connection to {host}:{port}: {reason}")


async def _race(host: str, port: int) -> socket.socket:
    """Connect to the address of ``host`` that answers first, each a quarter of a second behind the one before."""
    import aiohappyeyeballs

    loop = asyncio.get_running_loop()
    try:
        # A numeric address needs no thread.
        addresses = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, flags=socket.AI_NUMERICHOST)
    except OSError:
        addresses = await loop.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    if not addresses:
        raise ConnectFailed("the name has no address")
    connected = await aiohappyeyeballs.start_connection(
        addresses, happy_eyeballs_delay=RACE_DELAY_S, interleave=1, loop=loop
    )
    connected.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    return connected


async def _through_http(proxy: Proxy, host: str, port: int) -> socket.socket:
    loop = asyncio.get_running_loop()
    connected = await _race(proxy.host, proxy.port)
    try:
        await loop.sock_sendall(connected, _connect_head(proxy, host, port))
        head = bytearray()
        while b"\r\n\r\n" not in head:
            received = await loop.sock_recv(connected, 4096)
            if not received:
                raise ConnectFailed(f"the proxy {proxy} closed the connection before it answered")
            head += received
            if len(head) > MAX_PROXY_HEAD_BYTES:
                raise ConnectFailed(f"the proxy {proxy} answered with more than {MAX_PROXY_HEAD_BYTES} bytes")
        version, _, rest = head.partition(b"\r\n")[0].partition(b" ")
        status = rest[:3].decode("ascii", "replace")
        if not version.startswith(b"HTTP/1.") or len(status) != 3 or not status.isdigit():
            raise ConnectFailed(f"the proxy {proxy} did not answer with HTTP")
        if not status.startswith("2"):
            raise ConnectFailed(f"the proxy {proxy} refused with HTTP {status}")
        if head.index(b"\r\n\r\n") + 4 != len(head):
            # The venue does not speak first: whoever sent this is not the venue.
            raise ConnectFailed(f"the proxy {proxy} sent bytes of its own into the tunnel")
    except BaseException:
        connected.close()
        raise
    return connected


def _connect_head(proxy: Proxy, host: str, port: int) -> bytes:
    authority = f"[{host}]:{port}" if ":" in host else f"{host}:{port}"
    lines = [f"CONNECT {authority} HTTP/1.1", f"Host: {authority}"]
    if authorization := proxy.authorization:
        lines.append(f"Proxy-Authorization: {authorization}")
    return "\r\n".join([*lines, "", ""]).encode("ascii")


async def _through_socks(proxy: Proxy, host: str, port: int) -> socket.socket:
    from python_socks import ProxyType
    from python_socks.async_.asyncio import Proxy as SocksProxy

    passing = SocksProxy(
        ProxyType.SOCKS5, proxy.host, proxy.port, proxy.user or None, proxy.password or None, rdns=True
    )
    connected = await passing.connect(host, port)
    connected.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    return connected
