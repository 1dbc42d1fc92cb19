"""What a broken server or gateway answers instead of a WebSocket upgrade, each by name.

Each fault is one connection: when it reads the request, what it answers, how it ends.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum

from support.raw_server import read_head, reset, upgrade_reply

__all__ = ["UPGRADE_FAULTS", "Ending", "UpgradeFault"]

HOLD_S = 0.2
SEEN_S = 0.02
"""Long enough for a peer on loopback to read what was written before the connection ends."""
Answer = Callable[[bytes], bytes]


class Ending(StrEnum):
    """How the connection ends."""

    RESET = "reset"
    CLOSE = "close"
    HOLD = "hold"
    """It stays open and says nothing more, for a while."""


@dataclass(frozen=True, slots=True)
class UpgradeFault:
    """One fault.

    Attributes:
        name: What it is called in reports.
        answer: What is answered to the request's head; ``None`` ends the connection before the request is read.
        ending: How the connection ends then.
        in_slices: Every byte of the answer travels on its own.
        is_seen: The end comes only after the peer could read the answer; else together with it.
    """

    name: str
    answer: Answer | None
    ending: Ending
    in_slices: bool = False
    is_seen: bool = True

    async def inflict(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, hold_s: float = HOLD_S
    ) -> None:
        """Serve one connection this way."""
        if self.answer is not None:
            answer = self.answer(await read_head(reader))
            for piece in [bytes([byte]) for byte in answer] if self.in_slices else [answer]:
                writer.write(piece)
                await writer.drain()
                await asyncio.sleep(0)
        if self.ending is Ending.HOLD:
            await asyncio.sleep(hold_s)
        elif self.answer is not None and self.is_seen:
            await asyncio.sleep(SEEN_S)
        if self.ending is Ending.RESET and not writer.is_closing():
            reset(writer)
        else:
            writer.close()


def _fixed(answer: bytes) -> Answer:
    return lambda head: answer


def _upgraded(more: bytes = b"") -> Answer:
    return lambda head: upgrade_reply(head) + more


def _changed(change: Callable[[bytes], bytes]) -> Answer:
    return lambda head: change(upgrade_reply(head))


def _without(name: bytes) -> Answer:
    return _changed(
        lambda reply: b"\r\n".join(line for line in reply.split(b"\r\n") if not line.startswith(name))
    )


def _with(header: bytes) -> Answer:
    return _changed(lambda reply: reply[:-2] + header + b"\r\n\r\n")


CUT = _changed(lambda reply: reply[:40])
BROKEN_REPLIES: dict[str, Answer] = {
    "wrong_accept": _changed(lambda reply: reply.replace(b"Accept: ", b"Accept: x")),
    "no_accept": _without(b"Sec-WebSocket-Accept"),
    "no_upgrade_header": _without(b"Upgrade"),
    "second_accept": _with(b"Sec-WebSocket-Accept: zzz"),
    "unasked_deflate": _with(b"Sec-WebSocket-Extensions: permessage-deflate"),
    "unasked_subprotocol": _with(b"Sec-WebSocket-Protocol: zzz"),
    "content_length": _changed(lambda reply: reply[:-2] + b"Content-Length: 5\r\n\r\nhello"),
    "chunked": _with(b"Transfer-Encoding: chunked"),
    "second_101": _changed(lambda reply: reply + reply),
    "http_1_0": _changed(lambda reply: reply.replace(b"HTTP/1.1", b"HTTP/1.0")),
    "status_200": _fixed(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}"),
    "status_302": _fixed(b"HTTP/1.1 302 Found\r\nLocation: ws://127.0.0.1:1/\r\nContent-Length: 0\r\n\r\n"),
    "status_307_nowhere": _fixed(b"HTTP/1.1 307 Temporary Redirect\r\nContent-Length: 0\r\n\r\n"),
    "status_429": _fixed(b"HTTP/1.1 429 Too Many Requests\r\nRetry-After: 1\r\n\r\n"),
    "status_502_html": _fixed(b"HTTP/1.1 502 Bad Gateway\r\nContent-Type: text/html\r\n\r\n<html>"),
    "status_503": _fixed(b"HTTP/1.1 503 Service Unavailable\r\nContent-Length: 0\r\n\r\n"),
    "garbage": _fixed(b"\x00\x01\x02\xff" * 20 + b"\r\n\r\n"),
    "garbage_headers": _fixed(b"HTTP/1.1 101 \xff\xfe\r\nX: \xff\r\n\r\n"),
    "status_not_a_number": _fixed(b"HTTP/1.1 abc X\r\n\r\n"),
    "version_only": _fixed(b"HTTP/1.1\r\n\r\n"),
    "empty_head": _fixed(b"\r\n\r\n"),
    "header_without_colon": _fixed(b"HTTP/1.1 101 X\r\nfoo\r\n\r\n"),
    "no_http": _fixed(b"hello\r\n\r\n"),
    "header_of_1_mib": _fixed(b"HTTP/1.1 101 X\r\nX: " + b"a" * (1 << 20) + b"\r\n\r\n"),
}
BROKEN_FRAMES: dict[str, bytes] = {
    "all_bits_set": b"\xff\xff\xff\xff",
    "reserved_bits": b"\xf1\x00",
    "length_beyond_63_bits": b"\x82\x7f" + b"\xff" * 8,
    "close_1000": b"\x88\x02\x03\xe8",
    "close_of_one_byte": b"\x88\x01\x03",
    "close_not_utf8": b"\x88\x05\x03\xe8\xff\xfe\xfd",
    "close_5000": b"\x88\x02\x13\x88",
    "close_0": b"\x88\x02\x00\x00",
    "masked": b"\x82\x81\x01\x02\x03\x04\x05",
    "continuation_of_nothing": b"\x80\x01a",
    "ping_too_long": b"\x89\x7e\x00\xff" + b"x" * 255,
    "ping_in_parts": b"\x09\x01a",
    "unknown_opcode": b"\x83\x01a",
    "parts_interleaved": b"\x02\x01a\x02\x01b",
    "announces_64_mib": b"\x82\x7f" + (64 << 20).to_bytes(8, "big"),
}

UPGRADE_FAULTS: dict[str, UpgradeFault] = {
    fault.name: fault
    for fault in (
        UpgradeFault("reset_at_once", None, Ending.RESET),
        UpgradeFault("close_at_once", None, Ending.CLOSE),
        UpgradeFault("silent", None, Ending.HOLD),
        UpgradeFault("reset_before_reply", _fixed(b""), Ending.RESET, is_seen=False),
        UpgradeFault("close_before_reply", _fixed(b""), Ending.CLOSE, is_seen=False),
        UpgradeFault("no_reply", _fixed(b""), Ending.HOLD),
        UpgradeFault("reset_amid_reply", CUT, Ending.RESET),
        UpgradeFault("reset_with_half_reply", CUT, Ending.RESET, is_seen=False),
        UpgradeFault("close_amid_reply", CUT, Ending.CLOSE),
        UpgradeFault("reset_after_reply", _upgraded(), Ending.RESET),
        UpgradeFault("reset_with_reply", _upgraded(), Ending.RESET, is_seen=False),
        UpgradeFault("close_after_reply", _upgraded(), Ending.CLOSE),
        UpgradeFault("close_with_reply", _upgraded(), Ending.CLOSE, is_seen=False),
        UpgradeFault("mute_after_reply", _upgraded(), Ending.HOLD),
        UpgradeFault("reply_in_slices", _upgraded(), Ending.CLOSE, in_slices=True),
        *(UpgradeFault(name, answer, Ending.CLOSE) for name, answer in BROKEN_REPLIES.items()),
        *(
            UpgradeFault(f"frame_{name}", _upgraded(frame), Ending.HOLD)
            for name, frame in BROKEN_FRAMES.items()
        ),
    )
}
"""Every fault by name. None of them is a venue's final word: each is a failed try, and the next one may succeed."""
