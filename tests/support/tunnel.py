"""Proxies of a few lines."""

from __future__ import annotations

import asyncio
import base64
import socket

from support.raw_server import HOST, read_head


async def _pipe(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    while data := await reader.read(4096):
        writer.write(data)


class Tunnel:
    """A proxy of either kind to ports of this machine, which keeps what it was asked for and by whom."""

    def __init__(self) -> None:
        self.asked: list[str] = []
        self.credentials: list[str] = []

    async def http(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = (await read_head(reader)).decode()
        method, target, _ = head.split(" ", 2)
        assert method == "CONNECT"
        self.asked.append(target)
        for line in head.split("\r\n"):
            if line.startswith("Proxy-Authorization: Basic "):
                self.credentials.append(base64.b64decode(line.split(" ")[2]).decode())
        writer.write(b"HTTP/1.1 200 Connection established\r\n\r\n")
        await self._relay(target, reader, writer)

    async def socks(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        version, count = await reader.readexactly(2)
        assert (version, 2 in await reader.readexactly(count)) == (5, True)
        writer.write(b"\x05\x02")
        _, length = await reader.readexactly(2)
        user = await reader.readexactly(length)
        password = await reader.readexactly((await reader.readexactly(1))[0])
        self.credentials.append(f"{user.decode()}:{password.decode()}")
        writer.write(b"\x01\x00")
        *connect, kind = await reader.readexactly(4)
        assert connect == [5, 1, 0]
        if kind == 1:
            name = socket.inet_ntoa(await reader.readexactly(4))
        else:
            name = (await reader.readexactly((await reader.readexactly(1))[0])).decode()
        self.asked.append(f"{name}:{int.from_bytes(await reader.readexactly(2), 'big')}")
        writer.write(b"\x05\x00\x00\x01" + bytes(6))
        await self._relay(self.asked[-1], reader, writer)

    async def _relay(self, target: str, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        inner_reader, inner_writer = await asyncio.open_connection(HOST, int(target.rpartition(":")[2]))
        back = asyncio.create_task(_pipe(inner_reader, writer))
        try:
            await _pipe(reader, inner_writer)
        finally:
            back.cancel()
            inner_writer.close()
