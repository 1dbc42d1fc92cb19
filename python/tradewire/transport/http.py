"""HTTP over aiohttp. Importing this loads aiohttp, so clients import it when they are made, not before.

The order lane goes through here too, until a leaner connection takes its place behind the same seam.
"""

from __future__ import annotations

import asyncio
import select
from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import aiohttp
from yarl import URL

from tradewire.transport.failures import is_cancelled, reason_of
from tradewire.transport.network import DIRECT, NetworkOptions, Proxy
from tradewire.transport.seam import ConnectFailed, ConnectionLost, HttpReply, HttpRequest, TransportError

__all__ = ["MAX_REPLY_BYTES", "AiohttpTransport"]

MAX_REPLY_BYTES = 32 << 20
"""A list of every market of a large venue has about 1 MiB. What is compressed counts inflated."""
CONNECT_TIMEOUT_S = 5.0
KEEPALIVE_S = 30.0
MAX_CONNECTIONS = 64
"""Requests beyond these wait for one of them to finish, within their own timeout."""


class _Progress(SimpleNamespace):
    """What aiohttp's hooks know of one request."""

    request: HttpRequest
    is_begun: bool
    """A connection was handed out: bytes may have left."""


class _Spoiled(Exception):
    """A kept connection has bytes that nobody asked for; nothing was sent on it."""


class _Request(aiohttp.ClientRequest):
    """Refuses a kept connection on which something arrived, before it writes to it."""

    async def send(self, conn: Any) -> aiohttp.ClientResponse:
        if conn.protocol.should_close or _has_bytes(conn.transport):
            conn.protocol.force_close()
            conn.close()
            raise _Spoiled
        return await super().send(conn)


class AiohttpTransport:
    """Keeps connections alive and sends requests over them. Follows no redirect and keeps no cookie.

    Args:
        network: Proxy and TLS; no proxy and the system's certificates if left out. No SOCKS.
        on_sent: Called with a request when its last byte has been handed to the socket. Must not block.
    """

    def __init__(
        self, network: NetworkOptions = DIRECT, *, on_sent: Callable[[HttpRequest], None] | None = None
    ) -> None:
        self._network = network
        self._on_sent = on_sent
        self._session: aiohttp.ClientSession | None = None
        self._is_closed = False

    async def send(self, request: HttpRequest) -> HttpReply:
        """Send ``request``; see ``HttpTransport``."""
        progress = _Progress(request=request, is_begun=False)
        while True:
            if self._is_closed:
                raise ConnectFailed("the client is closed")
            try:
                return await self._send(request, progress)
            except _Spoiled:
                # Nothing was sent, and that connection is gone: the next is another one.
                progress.is_begun = False
                continue
            except asyncio.CancelledError as error:
                if is_cancelled():
                    raise error.with_traceback(None)  # noqa: B904 - the same error, without aiohttp's frames
                failure = self._failure(progress, "the client was closed")
            except (aiohttp.ClientConnectorError, aiohttp.ConnectionTimeoutError) as error:
                failure = ConnectFailed(f"no connection: {reason_of(error)}")
            except (aiohttp.InvalidURL, aiohttp.NonHttpUrlClientError):
                failure = ConnectFailed(f"not an HTTP URL: {request.url!r}")
            except TransportError as error:
                failure = type(error)(str(error))
            except TimeoutError:
                failure = self._failure(progress, f"no reply within {request.timeout_s:g} s")
            except Exception as error:
                failure = self._failure(progress, f"connection lost: {reason_of(error)}")
            # Here, outside the handler: aiohttp's frames hold the headers, and a chain would keep them.
            raise failure

    def _failure(self, progress: _Progress, reason: str) -> TransportError:
        return ConnectionLost(reason) if progress.is_begun else ConnectFailed(reason)

    async def _send(self, request: HttpRequest, progress: _Progress) -> HttpReply:
        session = self._session or await self._open()
        url = URL(request.url, encoded=True)  # What was signed must travel as it is.
        proxy = self._network.proxy_to(url.host or "", is_tls=url.scheme == "https")
        async with session.request(
            request.method,
            url,
            data=request.body or None,
            headers=request.headers,
            allow_redirects=False,
            timeout=aiohttp.ClientTimeout(total=request.timeout_s, sock_connect=CONNECT_TIMEOUT_S),
            trace_request_ctx=progress,
            **_through(proxy),
        ) as reply:
            body = await _read(reply)
            headers = {name.lower(): value for name, value in reply.headers.items()}
            return HttpReply(reply.status, headers, body)

    async def close(self) -> None:
        """Close every connection. Safe to call twice. Requests that wait for one raise ``ConnectFailed``."""
        self._is_closed = True
        session, self._session = self._session, None
        if session is not None:
            await session.close()
            # aiohttp closes its sockets in the next iteration of the loop.
            await asyncio.sleep(0)

    async def _open(self) -> aiohttp.ClientSession:
        tls = await self._network.tls_context()
        if self._session is not None:
            return self._session
        trace = aiohttp.TraceConfig()
        trace.on_request_headers_sent.append(self._begun)
        if self._on_sent is not None:
            trace.on_request_chunk_sent.append(self._sent)
        self._session = aiohttp.ClientSession(
            connector=aiohttp.TCPConnector(limit=MAX_CONNECTIONS, keepalive_timeout=KEEPALIVE_S, ssl=tls),
            cookie_jar=aiohttp.DummyCookieJar(),
            trace_configs=[trace],
            request_class=_Request,
        )
        # Or aiohttp sends a DELETE again when a kept connection breaks: a cancel that was done would then be told
        # as refused. There is no public switch; its own test client turns it off the same way.
        self._session._retry_connection = False
        return self._session

    async def _begun(self, _session: object, context: SimpleNamespace, _params: object) -> None:
        context.trace_request_ctx.is_begun = True

    async def _sent(self, _session: object, context: SimpleNamespace, _params: object) -> None:
        if self._on_sent is not None:
            self._on_sent(context.trace_request_ctx.request)


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


def _through(proxy: Proxy | None) -> dict[str, Any]:
    """Return what aiohttp must be told of the proxy."""
    if proxy is None:
        return {}
    if proxy.scheme != "http":
        raise ConnectFailed(f"no SOCKS proxy here: {proxy}; use an http:// proxy")
    headers = {"Proxy-Authorization": proxy.authorization} if proxy.authorization else None
    return {"proxy": URL(str(proxy)), "proxy_headers": headers}


def _has_bytes(transport: asyncio.Transport | None) -> bool:
    """Return whether unread bytes, or the end, stand on the socket; TLS writes tickets there, so it is not asked."""
    if transport is None:
        return True
    if transport.get_extra_info("ssl_object") is not None:
        return False
    poller = select.poll()
    poller.register(transport.get_extra_info("socket"), select.POLLIN)
    return bool(poller.poll(0))
