"""HTTP over aiohttp. Importing this loads aiohttp, so clients import it when they are made, not before.

The order lane goes through here too, until a leaner connection takes its place behind the same seam.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from types import SimpleNamespace

import aiohttp
from yarl import URL

from tradewire.transport.seam import ConnectFailed, ConnectionLost, HttpReply, HttpRequest

__all__ = ["MAX_REPLY_BYTES", "AiohttpTransport"]

MAX_REPLY_BYTES = 32 << 20
"""A list of every market of a large venue has about 1 MiB. What is compressed counts inflated."""
CONNECT_TIMEOUT_S = 5.0
KEEPALIVE_S = 30.0
MAX_CONNECTIONS = 64
"""Requests beyond these wait for one of them to finish, within their own timeout."""


class AiohttpTransport:
    """Keeps connections alive and sends requests over them. Follows no redirect and keeps no cookie.

    Args:
        on_sent: Called with a request when its last byte has been handed to the socket. Must not block.
    """

    def __init__(self, *, on_sent: Callable[[HttpRequest], None] | None = None) -> None:
        self._on_sent = on_sent
        self._session: aiohttp.ClientSession | None = None
        self._is_closed = False

    async def send(self, request: HttpRequest) -> HttpReply:
        """Send ``request``; see ``HttpTransport``."""
        if self._is_closed:
            raise ConnectFailed("the client is closed")
        session = self._session or self._open()
        try:
            async with session.request(
                request.method,
                # What was signed must travel as it is.
                URL(request.url, encoded=True),
                data=request.body or None,
                headers=request.headers,
                allow_redirects=False,
                timeout=aiohttp.ClientTimeout(total=request.timeout_s, sock_connect=CONNECT_TIMEOUT_S),
                trace_request_ctx=request,
            ) as reply:
                body = await _read(reply)
                headers = {name.lower(): value for name, value in reply.headers.items()}
                return HttpReply(reply.status, headers, body)
        except (aiohttp.ClientConnectorError, aiohttp.ConnectionTimeoutError) as error:
            raise ConnectFailed(f"no connection: {error}") from error
        except (aiohttp.InvalidURL, aiohttp.NonHttpUrlClientError) as error:
            raise ConnectFailed(f"not an HTTP URL: {request.url!r}") from error
        except TimeoutError as error:
            raise ConnectionLost(f"no reply within {request.timeout_s:g} s") from error
        except aiohttp.ClientError as error:
            raise ConnectionLost(f"connection lost: {str(error) or type(error).__name__}") from error

    async def close(self) -> None:
        """Close every connection. Safe to call twice."""
        self._is_closed = True
        session, self._session = self._session, None
        if session is not None:
            await session.close()
            # aiohttp closes its sockets in the next iteration of the loop.
            await asyncio.sleep(0)

    def _open(self) -> aiohttp.ClientSession:
        traces = []
        if self._on_sent is not None:
            trace = aiohttp.TraceConfig()
            trace.on_request_chunk_sent.append(self._sent)
            traces.append(trace)
        self._session = aiohttp.ClientSession(
            connector=aiohttp.TCPConnector(limit=MAX_CONNECTIONS, keepalive_timeout=KEEPALIVE_S),
            cookie_jar=aiohttp.DummyCookieJar(),
            trace_configs=traces,
        )
        # Or aiohttp sends a DELETE again when a kept connection breaks: a cancel that was done would then be told
        # as refused. There is no public switch; its own test client turns it off the same way.
        self._session._retry_connection = False
        return self._session

    async def _sent(self, _session: object, context: SimpleNamespace, _params: object) -> None:
        if self._on_sent is not None:
            self._on_sent(context.trace_request_ctx)


async def _read(reply: aiohttp.ClientResponse) -> bytes:
    chunks = []
    size_bytes = 0
    async for chunk in reply.content.iter_any():
        size_bytes += len(chunk)
        if size_bytes > MAX_REPLY_BYTES:
            reply.close()
            raise ConnectionLost(f"the reply has more than {MAX_REPLY_BYTES} bytes")
        chunks.append(chunk)
    return b"".join(chunks)
