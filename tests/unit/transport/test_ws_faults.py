"""Upgrades that break in every place: a failed connect with a reason, and nothing left behind."""

from __future__ import annotations

import asyncio
import gc
import logging
from collections.abc import Callable

import pytest

from support.crash_report import shown
from support.raw_server import HOST, listening, read_head, reset, upgrade_reply
from tradewire.transport.seam import ConnectFailed
from tradewire.transport.ws import PicowsTransport

CANARY = "CANARY0HEADER"
HTML = b"HTTP/1.1 502 Bad Gateway\r\nContent-Type: text/html\r\n\r\n<html></html>"
Reply = Callable[[bytes], bytes]
REPLIES: dict[str, Reply] = {
    "nothing": lambda good: b"",
    "half": lambda good: good[:40],
    "wrong accept": lambda good: good.replace(b"Accept: ", b"Accept: x"),
    "no upgrade": lambda good: good.replace(b"Upgrade: websocket\r\n", b""),
    "HTML": lambda good: HTML,
    "redirect": lambda good: (
        b"HTTP/1.1 302 Found\r\nLocation: ws://127.0.0.1:1/\r\nContent-Length: 0\r\n\r\n"
    ),
    "status without a number": lambda good: b"HTTP/1.1 abc X\r\n\r\n",
    "status alone": lambda good: b"HTTP/1.1\r\n\r\n",
    "header without a colon": lambda good: b"HTTP/1.1 101 X\r\nfoo\r\n\r\n",
    "garbage": lambda good: b"\x00\x01\x02\xff" * 20 + b"\r\n\r\n",
    "garbage that never ends": lambda good: b"\xff" * 40_000,
    "empty line": lambda good: b"\r\n\r\n",
    "head of a MiB": lambda good: b"HTTP/1.1 101 X\r\nX: " + b"a" * (1 << 20) + b"\r\n\r\n",
    "HTTP/1.0": lambda good: good.replace(b"1.1", b"1.0"),
    "with a body": lambda good: good[:-2] + b"Content-Length: 5\r\n\r\nhello",
}


class Owner:
    def on_frame(self, data: bytes, received_at_ns: int) -> None: ...

    def on_closed(self, code: int, reason: str) -> None: ...


async def connect(port: int, timeout_s: float = 5.0) -> None:
    connection = await PicowsTransport().connect(
        f"ws://{HOST}:{port}/x", Owner(), headers={"X-Key": CANARY}, timeout_s=timeout_s, max_frame_bytes=1000
    )
    await connection.close()


async def fails(port: int, *, timeout_s: float = 5.0) -> ConnectFailed:
    """Connect, and check that it fails as it should with nothing left behind."""
    loop = asyncio.get_running_loop()
    complaints: list[str] = []
    loop.set_exception_handler(lambda _, context: complaints.append(str(context)))
    before = asyncio.all_tasks()
    with pytest.raises(ConnectFailed) as caught:
        await connect(port, timeout_s)
    for _ in range(5):
        await asyncio.sleep(0)
    gc.collect()
    assert complaints == []
    assert not [task for task in asyncio.all_tasks() - before if "serve" not in repr(task)]
    assert str(caught.value).partition(f":{port}/x: ")[2].strip()
    assert CANARY not in shown(caught.value)
    return caught.value


@pytest.mark.parametrize("ending", ["close", "reset"])
@pytest.mark.parametrize("reply", REPLIES.values(), ids=REPLIES.keys())
async def test_an_upgrade_that_breaks_is_a_failed_connect(reply: Reply, ending: str) -> None:
    async def peer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(reply(upgrade_reply(await read_head(reader))))
        if ending == "reset":
            await writer.drain()
            reset(writer)

    async with listening(peer) as port:
        await fails(port)


@pytest.mark.parametrize("at_once", [True, False], ids=["at once", "after a moment"])
@pytest.mark.parametrize("end", [reset, lambda writer: writer.close()], ids=["reset", "close"])
async def test_a_connection_ended_before_the_request_is_read_is_a_failed_connect(
    end: Callable[[asyncio.StreamWriter], None], at_once: bool
) -> None:
    async def peer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if not at_once:
            await asyncio.sleep(0.01)
        end(writer)

    async with listening(peer) as port:
        for _ in range(5):
            await fails(port)


async def test_a_peer_that_accepts_and_stays_mute_is_a_failed_connect_in_time() -> None:
    async def mute(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read()

    async with listening(mute) as port:
        error = await fails(port, timeout_s=0.05)
    assert "no upgrade within 0.05 s" in str(error)


async def test_an_upgrade_in_single_bytes_opens() -> None:
    async def peer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        for byte in upgrade_reply(await read_head(reader)):
            writer.write(bytes([byte]))
            await asyncio.sleep(0)
        await reader.read()

    async with listening(peer) as port:
        await connect(port)


Raised = Callable[[], BaseException]


@pytest.mark.parametrize(
    "raised",
    [
        lambda: asyncio.InvalidStateError("invalid state"),
        lambda: AttributeError("no such attribute"),
        lambda: asyncio.CancelledError(),
        lambda: OSError(),
    ],
    ids=["InvalidStateError", "AttributeError", "CancelledError", "OSError without words"],
)
async def test_whatever_the_library_raises_is_a_failed_connect_with_a_reason(
    raised: Raised, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def raising(*args: object, **kwargs: object) -> None:
        raise raised()

    monkeypatch.setattr("picows.ws_connect", raising)
    await fails(1)


async def test_a_cancelled_connect_is_cancelled_and_shows_no_header() -> None:
    arrived = asyncio.Event()

    async def mute(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await read_head(reader)
        arrived.set()
        await reader.read()

    async with listening(mute) as port:
        task = asyncio.create_task(connect(port))
        await arrived.wait()
        task.cancel()
        with pytest.raises(asyncio.CancelledError) as caught:
            await task
    assert CANARY not in shown(caught.value)


async def test_logs_of_a_broken_upgrade_show_no_header(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO)

    async def peer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await read_head(reader)

    async with listening(peer) as port:
        await fails(port)
    assert CANARY not in caplog.text
