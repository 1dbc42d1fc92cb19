"""Our HTTP/1.1 against nginx, plain and over TLS; skipped where it is not installed."""

from __future__ import annotations

import asyncio
import os
import shutil
import socket
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from support.certificates import server_context, trusting
from support.raw_server import HOST
from support.witness import PATIENCE_S
from tradewire.transport.http1 import Http1Transport
from tradewire.transport.network import NetworkOptions
from tradewire.transport.seam import ConnectionLost, HttpRequest

NGINX = shutil.which("nginx") or shutil.which("nginx", path="/usr/sbin")
pytestmark = pytest.mark.skipif(NGINX is None, reason="nginx is not installed")
BIG = bytes(range(256)) * 8000
CONFIG = """
daemon off;
master_process off;
user {user};
pid {folder}/nginx.pid;
error_log stderr;
events {{ worker_connections 64; }}
http {{
    access_log off;
    gzip on;
    gzip_types application/json;
    gzip_min_length 0;
    client_body_temp_path {folder}/body;
    proxy_temp_path {folder}/proxy;
    fastcgi_temp_path {folder}/fastcgi;
    uwsgi_temp_path {folder}/uwsgi;
    scgi_temp_path {folder}/scgi;
    default_type application/json;
    keepalive_requests 3;
    server {{
        listen {host}:{plain};
        listen {host}:{tls} ssl;
        ssl_certificate {folder}/cert.pem;
        ssl_certificate_key {folder}/key.pem;
        root {folder};
        location = /small {{ return 200 '{{"code":0}}'; }}
        location = /moved {{ return 307 http://127.0.0.1:1/; }}
        location = /empty {{ return 204; }}
        location = /gone {{ return 444; }}
        location = /busy {{ return 503; }}
    }}
}}
"""


def free_ports() -> tuple[int, int]:
    with socket.create_server((HOST, 0)) as one, socket.create_server((HOST, 0)) as other:
        return int(one.getsockname()[1]), int(other.getsockname()[1])


@pytest.fixture(params=["http", "https"])
async def root(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[str]:
    """Run nginx and give the root of its URLs."""
    assert NGINX is not None
    plain, tls = free_ports()
    server_context(tmp_path)
    (tmp_path / "big").write_bytes(BIG)
    config = tmp_path / "nginx.conf"
    user = "root" if os.geteuid() == 0 else "nobody"
    config.write_text(CONFIG.format(folder=tmp_path, host=HOST, plain=plain, tls=tls, user=user))
    server = await asyncio.create_subprocess_exec(NGINX, "-c", str(config), "-p", str(tmp_path))
    try:
        async with asyncio.timeout(PATIENCE_S):
            while True:
                try:
                    _, writer = await asyncio.open_connection(HOST, tls)
                except OSError:
                    await asyncio.sleep(0.02)
                else:
                    writer.close()
                    break
        yield f"{request.param}://{HOST}:{plain if request.param == 'http' else tls}"
    finally:
        server.terminate()
        await server.wait()


@pytest.mark.parametrize("spares", [0, 1])
async def test_nginx_answers_and_closes_a_connection_now_and_then(
    root: str, tmp_path: Path, spares: int
) -> None:
    transport = Http1Transport(NetworkOptions(tls=trusting(tmp_path)), spares=spares)

    def request(path: str, method: str = "GET", body: bytes = b"") -> HttpRequest:
        return HttpRequest(method, root + path, {"X-Key": "k"}, body, 5.0)

    try:
        # nginx closes a connection after three requests: what it closed is not used, and nothing is lost.
        for number in range(20):
            pending = transport.start(request("/small"))
            reply = await (pending if pending is not None else transport.send(request("/small")))
            assert (reply.status, reply.body) == (200, b'{"code":0}'), number
        assert (await transport.send(request("/big"))).body == BIG
        head = await transport.send(request("/big", "HEAD"))
        assert (head.body, head.headers["content-length"]) == (b"", str(len(BIG)))
        assert (await transport.send(request("/empty"))).status == 204
        assert (await transport.send(request("/moved"))).headers["location"] == "http://127.0.0.1:1/"
        assert (await transport.send(request("/busy"))).body.startswith(b"<html>")
        assert (await transport.send(request("/small", "POST", b"x" * 300_000))).status == 200
        assert (await transport.send(request("/none"))).status == 404
        with pytest.raises(ConnectionLost, match="before the reply was whole"):
            await transport.send(request("/gone", "POST", b"{}"))
    finally:
        await transport.close()
