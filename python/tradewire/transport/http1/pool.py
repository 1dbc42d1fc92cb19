"""The connections to one host: which are idle, who waits for one, and the spare that is kept ready."""

from __future__ import annotations

import asyncio
from collections import deque
from typing import Final

from msgspec import Struct

from tradewire.errors import TradewireError
from tradewire.transport.dial import Dial, dial
from tradewire.transport.failures import is_cancelled, reason_of
from tradewire.transport.http1.connection import Connection
from tradewire.transport.network import NetworkOptions
from tradewire.transport.seam import ConnectFailed, ConnectionLost

__all__ = ["Origin", "Pool"]

MAX_CONNECTIONS: Final = 64
"""Requests beyond these wait for one of them to finish, within their own timeout."""
WARM_S: Final = 300.0
"""A host that was not used for so long has no connection kept ready any more."""
SPARE_PAUSE_S: Final = 5.0
"""After a spare that failed, or was closed by the server before it was used."""
CLOSE_PATIENCE_S: Final = 1.0


class Origin(Struct, frozen=True):
    """A host as a URL names it."""

    host: str
    port: int
    is_tls: bool

    @property
    def authority(self) -> str:
        """What ``Host`` says."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return host if self.port == (443 if self.is_tls else 80) else f"{host}:{self.port}"


class Pool:
    """Keeps connections to ``origin``.

    Args:
        origin: The host.
        network: Proxy and TLS.
        spares: Connections kept ready beside the one in use.
        dial: Opens a connection.
    """

    def __init__(self, origin: Origin, network: NetworkOptions, spares: int, dial: Dial = dial) -> None:
        self.origin = origin
        self._network = network
        self._dial = dial
        self._spares = spares
        self._loop = asyncio.get_running_loop()
        self.idle: list[Connection] = []
        """Those that wait for a request; the one used last, which is the warmest, at the end. Always the same list."""
        self._alive: set[Connection] = set()
        self._opening = 0
        self._spare_tasks: set[asyncio.Task[None]] = set()
        self._waiters: deque[asyncio.Future[None]] = deque()
        self._tidying: asyncio.TimerHandle | None = None
        self._used_s = 0.0
        self._no_spare_before_s = 0.0
        self._is_closed = False
        self._emptied: asyncio.Future[None] | None = None

    def take(self, now_s: float) -> Connection | None:
        """Return a connection that is ready now; the one used last, since it is the warmest."""
        idle = self.idle
        while idle:
            connection = idle.pop()
            if connection.is_ready(now_s):
                return connection
            connection.end()
        return None

    async def acquire(self) -> Connection:
        """Return a connection, opening one or waiting for one if need be. The caller has the deadline.

        Raises:
            ConnectFailed: The host cannot be reached, or the pool was closed.
        """
        while not self._is_closed:
            connection = self.take(self._loop.time())
            if connection is not None:
                return connection
            if len(self._alive) + self._opening < MAX_CONNECTIONS:
                opened = await self._open()
                if opened.is_open:
                    return opened
                raise ConnectFailed(f"{self.origin.authority} closed the connection at once")
            waiter: asyncio.Future[None] = self._loop.create_future()
            self._waiters.append(waiter)
            try:
                await waiter
            except asyncio.CancelledError:
                if waiter.done() and not waiter.cancelled():
                    self._wake()
                raise
        raise ConnectFailed("the client is closed")

    async def warm(self, connections: int) -> None:
        """Open connections until so many are idle.

        Raises:
            ConnectFailed: The host cannot be reached.
        """
        self._used_s = self._loop.time()
        for _ in range(min(connections, MAX_CONNECTIONS) - len(self.idle)):
            self.is_free(await self._open())

    async def close(self) -> None:
        """End every connection; what is under way fails."""
        self._is_closed = True
        if self._tidying is not None:
            self._tidying.cancel()
        for task in self._spare_tasks:
            task.cancel()
        for connection in tuple(self._alive):
            connection.end(ConnectionLost("the client was closed"))
        while self._waiters:
            self._wake()
        await asyncio.gather(*self._spare_tasks, return_exceptions=True)
        if self._alive:
            # Sockets are closed in the next iterations of the loop.
            self._emptied = self._loop.create_future()
            await asyncio.wait([self._emptied], timeout=CLOSE_PATIENCE_S)

    def is_free(self, connection: Connection) -> None:
        """Take a connection that can carry the next request."""
        if self._is_closed:
            connection.end()
            return
        if connection.was_used:
            self.idle.append(connection)
            self._used_s = self._loop.time()
        else:
            # Behind those that have carried a request: a server may be about to close what it was sent nothing on.
            self.idle.insert(0, connection)
        self._wake()
        self._keep_ready()

    def is_gone(self, connection: Connection) -> None:
        """Forget a connection, and replace it if it was kept ready."""
        self._alive.discard(connection)
        if self._emptied is not None and not self._alive and not self._emptied.done():
            self._emptied.set_result(None)
        if connection in self.idle:
            self.idle.remove(connection)
        now_s = self._loop.time()
        if not connection.was_used and now_s < connection.expires_s:
            self._no_spare_before_s = now_s + SPARE_PAUSE_S
        self._wake()
        self._keep_ready()

    def _wake(self) -> None:
        """Let the first who waits try again."""
        while self._waiters:
            waiter = self._waiters.popleft()
            if not waiter.done():
                waiter.set_result(None)
                return

    def _keep_ready(self) -> None:
        """Open spares where there are too few, and see that what is idle for too long is replaced."""
        if self._is_closed:
            return
        now_s = self._loop.time()
        wanted = 1 + self._spares if self._spares and now_s < self._used_s + WARM_S else 0
        missing = wanted - len(self.idle) - len(self._spare_tasks)
        room = MAX_CONNECTIONS - len(self._alive) - self._opening
        if now_s >= self._no_spare_before_s:
            for _ in range(min(missing, room)):
                task = self._loop.create_task(self._open_spare())
                self._spare_tasks.add(task)
                task.add_done_callback(self._spare_tasks.discard)
        elif missing > 0:
            self._tidy_at(self._no_spare_before_s)
        if self._tidying is None and self.idle:
            soonest_s = min(connection.expires_s for connection in self.idle)
            self._tidy_at(max(soonest_s, now_s + 0.1))

    def _tidy_at(self, when_s: float) -> None:
        """Look again then, or sooner if that is planned."""
        if self._tidying is not None:
            if self._tidying.when() <= when_s:
                return
            self._tidying.cancel()
        self._tidying = self._loop.call_at(when_s, self._tidy)

    def _tidy(self) -> None:
        """End what was idle for too long, and replace it."""
        self._tidying = None
        now_s = self._loop.time()
        for connection in [one for one in self.idle if one.expires_s <= now_s]:
            self.idle.remove(connection)
            connection.end()
        self._keep_ready()

    async def _open_spare(self) -> None:
        try:
            opened = await self._open()
        except ConnectFailed:
            # The request that needs it will say why.
            self._no_spare_before_s = self._loop.time() + SPARE_PAUSE_S
            if not self._is_closed:
                self._tidy_at(self._no_spare_before_s)
        else:
            if opened.is_open:
                self.is_free(opened)

    async def _open(self) -> Connection:
        """Open one connection.

        Raises:
            ConnectFailed: It could not be opened; the message says why.
        """
        self._opening += 1
        try:
            connection = await self._connect()
        except asyncio.CancelledError as error:
            if is_cancelled():
                self._wake()
                raise error.with_traceback(None)  # noqa: B904 - the same error
            reason = reason_of(error)
        except TradewireError as error:
            reason = str(error)
        except Exception as error:
            step = "the TLS handshake failed: " if self.origin.is_tls else ""
            reason = f"no connection to {self.origin.authority}: {step}{reason_of(error)}"
        else:
            if not self._is_closed:
                return connection
            connection.end()
            reason = "the client is closed"
        finally:
            self._opening -= 1
        self._wake()
        raise ConnectFailed(reason)

    async def _connect(self) -> Connection:
        origin = self.origin
        connection = Connection(self)
        await self._dial(connection, origin.host, origin.port, self._network, is_tls=origin.is_tls)
        if connection.is_open:
            self._alive.add(connection)
        # What stands on the socket before a request was written would be read as its reply. The loop reads it: what
        # is no more than the tickets of a TLS session harms nothing, a byte of HTTP ends the connection.
        while connection.is_open and connection.has_unread:  # noqa: ASYNC110 - nothing tells
            await asyncio.sleep(0)
        return connection
