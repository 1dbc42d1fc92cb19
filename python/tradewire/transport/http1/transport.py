"""``Http1Transport``: what a client sends its requests through."""

from __future__ import annotations

import asyncio
from asyncio import get_running_loop
from collections.abc import Callable

from tradewire._native import HttpDoor, http_request
from tradewire.errors import ConfigError
from tradewire.protocol.addresses import plain_address
from tradewire.transport.dial import Dial, dial
from tradewire.transport.http1.connection import Connection
from tradewire.transport.http1.pool import Origin, Pool
from tradewire.transport.network import DIRECT, NetworkOptions
from tradewire.transport.seam import ConnectFailed, HttpLane, HttpReply, HttpRequest

__all__ = ["Http1Transport"]

DEFAULT_PORTS = {"http": 80, "https": 443}


class Http1Transport:
    """Sends requests over warm connections: TCP_NODELAY, one write a request, no request ever sent twice.

    Follows no redirect, keeps no cookie, asks for no compression and refuses it. Heads are limited to 64 KiB, bodies
    to 32 MiB. A byte that comes on an idle connection ends it, and so does half a minute without use: an order must
    not meet a server that is about to close. Belongs to the event loop it is first used in.

    Args:
        network: Proxy and TLS; no proxy and the system's certificates if left out.
        spares: Connections to each host in use that are kept ready beside the one that is used, so that the next
            request finds one whatever the server closed; 0 for none.
        on_sent: Called with the bytes of a request, keys and all, when the last of them has been handed to the socket.
            Must not block; what it raises goes to the event loop's exception handler.
        dial: Opens connections otherwise than with sockets.
    """

    def __init__(
        self,
        network: NetworkOptions = DIRECT,
        *,
        spares: int = 1,
        on_sent: Callable[[bytes], None] | None = None,
        dial: Dial = dial,
    ) -> None:
        self._network = network
        self._dial = dial
        self._spares = spares
        self._on_sent = None if on_sent is None else _guarded(on_sent)
        self._pools: dict[str, Pool] = {}
        self._loop: asyncio.AbstractEventLoop | None = None
        self._is_closed = False

    def start(self, request: HttpRequest) -> asyncio.Future[HttpReply] | None:
        """Write ``request`` before this returns if a connection is ready; see ``DirectHttpTransport``."""
        pool, data = self._prepare(request)
        assert self._loop is not None
        now_s = self._loop.time()
        connection = pool.take(now_s)
        return (
            None if connection is None else self._write(connection, request, data, now_s + request.timeout_s)
        )

    async def send(self, request: HttpRequest) -> HttpReply:
        """Send ``request``, opening a connection if none is ready; see ``DirectHttpTransport``."""
        pool, data = self._prepare(request)
        assert self._loop is not None
        now_s = self._loop.time()
        deadline_s = now_s + request.timeout_s
        connection = pool.take(now_s)
        if connection is None:
            # Crash reports show what a frame holds, and this would hold keys while it waits.
            del data
            connection = await _within(pool, deadline_s, request.timeout_s)
            _, data = self._prepare(request)
        pending = self._write(connection, request, data, deadline_s)
        del data
        return await pending

    def lane(self, url: str) -> HttpLane:
        """Return what writes to the host of ``url``; see ``LaneHttpTransport``."""
        return _Lane(self._pool_of(url)[0], self._on_sent)

    async def warm(self, url: str, connections: int = 1) -> None:
        """Open connections to the host of ``url`` until so many are ready; see ``DirectHttpTransport``."""
        await self._pool_of(url)[0].warm(connections)

    async def close(self) -> None:
        """Close every connection. Safe to call twice. What is under way fails: unsent, or with its outcome unknown."""
        self._is_closed = True
        pools, self._pools = self._pools, {}
        if self._loop is _running_loop():
            await asyncio.gather(*(pool.close() for pool in pools.values()))

    def _prepare(self, request: HttpRequest) -> tuple[Pool, bytes]:
        """Return the connections to use and the bytes to write."""
        url = request.url
        slash = url.find("/", 8)
        # The usual case in one look: this loop, and a host that was used before.
        pool = self._pools.get(url[:slash]) if slash > 0 else None
        if pool is None or _running_loop() is not self._loop:
            pool, target = self._pool_of(url)
        else:
            target = url[slash:]
        headers = request.headers if type(request.headers) is dict else dict(request.headers)
        try:
            data = http_request(request.method, target, pool.origin.authority, headers, request.body)
        except (ConfigError, UnicodeError) as error:
            reason = str(error)
        else:
            return pool, data
        # Crash reports show what a frame holds.
        del headers
        raise ConnectFailed(f"not an HTTP request: {reason}")

    def _pool_of(self, url: str) -> tuple[Pool, str]:
        """Return the connections to the host of ``url``, and the rest of it."""
        if self._is_closed:
            raise ConnectFailed("the client is closed")
        loop = _running_loop()
        if loop is None:
            raise ConfigError("a client must be called in its event loop: use loop.call_soon_threadsafe")
        if loop is not self._loop:
            if self._loop is not None:
                raise ConfigError("a client belongs to one event loop: make another one in this loop")
            self._loop = loop
        slash = url.find("/", 8)
        root, target = (url, "/") if slash < 0 else (url[:slash], url[slash:])
        pool = self._pools.get(root)
        if pool is None:
            pool = self._pools[root] = Pool(_origin_of(root), self._network, self._spares, self._dial)
        return pool, target

    def _write(
        self, connection: Connection, request: HttpRequest, data: bytes, deadline_s: float
    ) -> asyncio.Future[HttpReply]:
        pending = connection.write(data, deadline_s, request.timeout_s, is_head=request.method == "HEAD")
        if request.on_sent is not None:
            request.on_sent()
        if self._on_sent is not None:
            self._on_sent(data)
        return pending


class _Lane:
    """Writes requests that are whole already to one host."""

    def __init__(self, pool: Pool, on_sent: Callable[[bytes], None] | None) -> None:
        self.authority = pool.origin.authority
        self._pool = pool
        self._loop = get_running_loop()
        self._on_sent = on_sent
        self.door: HttpDoor | None = HttpDoor(self._loop, pool.idle)

    def write(self, request: bytes, timeout_s: float) -> asyncio.Future[HttpReply] | None:
        loop = self._loop
        if get_running_loop() is not loop:
            return None
        now_s = loop.time()
        connection = self._pool.take(now_s)
        if connection is None:
            return None
        pending = connection.write(request, now_s + timeout_s, timeout_s, is_head=False)
        if self._on_sent is not None:
            self._on_sent(request)
        return pending

    def written(self, connection: Connection, request: bytes, timeout_s: float) -> asyncio.Future[HttpReply]:
        pending = connection.written(self._loop.time() + timeout_s, timeout_s, is_head=False)
        if self._on_sent is not None:
            self._on_sent(request)
        return pending


async def _within(pool: Pool, deadline_s: float, timeout_s: float) -> Connection:
    """Return a connection of ``pool`` before the deadline."""
    try:
        async with asyncio.timeout_at(deadline_s):
            return await pool.acquire()
    except TimeoutError:
        pass
    raise ConnectFailed(f"no connection to {pool.origin.authority} within {timeout_s:g} s")


def _guarded(on_sent: Callable[[bytes], None]) -> Callable[[bytes], None]:
    """Return ``on_sent`` so that what it raises is not taken for a failure of the request, which is on its way."""

    def report(data: bytes) -> None:
        try:
            on_sent(data)
        except Exception as error:
            # Without its frames, which hold keys.
            context = {"message": "on_sent raised", "exception": error.with_traceback(None)}
            get_running_loop().call_exception_handler(context)

    return report


def _running_loop() -> asyncio.AbstractEventLoop | None:
    try:
        return get_running_loop()
    except RuntimeError:
        return None


def _origin_of(root: str) -> Origin:
    """Read scheme, host and port of ``root``."""
    plain = plain_address(root)
    if plain is not None and plain.scheme in DEFAULT_PORTS and not plain.path:
        known = DEFAULT_PORTS[plain.scheme] if plain.port is None else plain.port
        return Origin(plain.host, known, plain.scheme == "https")
    from urllib.parse import urlsplit

    try:
        parts = urlsplit(root)
        host, port = (parts.hostname or "").encode("idna").decode(), parts.port
    except ValueError:
        host, port, parts = "", None, urlsplit("")
    # urlsplit drops line ends.
    has_blank = any(letter <= " " for letter in root)
    is_plain = not (
        has_blank or parts.path or parts.query or parts.fragment or parts.username or parts.password
    )
    if parts.scheme not in DEFAULT_PORTS or not host or not is_plain:
        raise ConnectFailed("the URL must be http://host[:port]/path or https://...")
    is_tls = parts.scheme == "https"
    return Origin(host, port if port is not None else DEFAULT_PORTS[parts.scheme], is_tls)
