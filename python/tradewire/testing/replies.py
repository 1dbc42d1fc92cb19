"""What a broken server or a gateway makes of a reply: pure functions of its bytes, each by name."""

from __future__ import annotations

import gzip
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

__all__ = ["HTML", "REPLY_CHANGES", "Reply", "ReplyChange", "wire"]

HOP_BY_HOP: Final = (b"content-length", b"connection", b"transfer-encoding", b"date", b"server")
JSON: Final = b"Content-Type: application/json"
HTML: Final = b"Content-Type: text/html"


@dataclass(frozen=True, slots=True)
class Reply:
    """A server's reply."""

    status: bytes
    headers: tuple[bytes, ...]
    body: bytes

    @classmethod
    def read(cls, data: bytes) -> Reply:
        """Take a whole reply from the wire.

        Raises:
            ConnectionError: The server said nothing.
        """
        head, mark, body = data.partition(b"\r\n\r\n")
        if not mark:
            raise ConnectionError("the target ended the connection without a reply")
        first, *lines = head.split(b"\r\n")
        kept = tuple(line for line in lines if not line.lower().startswith(HOP_BY_HOP))
        return cls(first.split(b" ", 1)[1], kept, body)

    @property
    def sent(self) -> bytes:
        """The reply as it goes to the client."""
        return wire(self.status, self.headers, self.body)


def wire(status: bytes, headers: Sequence[bytes], body: bytes, announced: int | None = None) -> bytes:
    """Return a reply that announces its body's length, or another."""
    length = b"Content-Length: %d" % (len(body) if announced is None else announced)
    return b"\r\n".join([b"HTTP/1.1 " + status, *headers, length, b"", b""]) + body


@dataclass(frozen=True, slots=True)
class ReplyChange:
    """One way of breaking a reply.

    Attributes:
        change: Returns the bytes that are sent instead.
        goes_on: The connection stays open behind them.
    """

    change: Callable[[Reply], bytes]
    goes_on: bool = False


def _chunks(reply: Reply, end: bytes) -> bytes:
    pieces = [reply.body[start : start + 7] for start in range(0, len(reply.body), 7)]
    body = b"".join(b"%x\r\n%s\r\n" % (len(piece), piece) for piece in pieces)
    head = [b"HTTP/1.1 " + reply.status, *reply.headers, b"Transfer-Encoding: chunked", b"", b""]
    return b"\r\n".join(head) + body + end


def _gzipped(reply: Reply, keep: int | None = None) -> bytes:
    packed = gzip.compress(reply.body, mtime=0)[:keep]
    return wire(reply.status, [*reply.headers, b"Content-Encoding: gzip"], packed)


def _utf16(body: bytes) -> bytes:
    return body.decode(errors="replace").encode("utf-16")


def _instead(status: bytes, headers: Sequence[bytes], body: bytes) -> ReplyChange:
    return ReplyChange(lambda _: wire(status, headers, body), goes_on=True)


REPLY_CHANGES: Final[Mapping[str, ReplyChange]] = {
    "gateway_html_after": _instead(b"502 Bad Gateway", [HTML], b"<html><h1>502 Bad Gateway</h1></html>"),
    "error_500_after": _instead(b"500 Internal Server Error", [], b""),
    "unavailable_json_after": _instead(
        b"503 Service Unavailable", [JSON], b'{"code":0,"data":{},"message":"OK"}'
    ),
    "timeout_504_after": _instead(b"504 Gateway Timeout", [], b"upstream timeout"),
    "status_520_after": _instead(b"520 Unknown Error", [], b"cloudflare"),
    "status_408_after": _instead(b"408 Request Timeout", [], b"Request Timeout"),
    "html_200_after": _instead(b"200 OK", [HTML], b"<html>hello</html>"),
    "empty_200_after": _instead(b"200 OK", [], b""),
    "null_200_after": _instead(b"200 OK", [JSON], b"null"),
    "other_types_after": _instead(b"200 OK", [JSON], b'{"code":"0","data":[],"message":5}'),
    "broken_json_after": ReplyChange(lambda r: wire(r.status, r.headers, r.body[:-1]), goes_on=True),
    "reply_truncated": ReplyChange(lambda r: wire(r.status, r.headers, r.body[:-3], len(r.body))),
    "chunks_truncated": ReplyChange(lambda r: _chunks(r, b"")),
    "gzip_truncated": ReplyChange(lambda r: _gzipped(r, -4)),
    "gzip_claimed": ReplyChange(lambda r: wire(r.status, [*r.headers, b"Content-Encoding: gzip"], r.body)),
    "encoding_unknown": ReplyChange(lambda r: wire(r.status, [*r.headers, b"Content-Encoding: br"], r.body)),
    "reply_utf16": ReplyChange(lambda r: wire(r.status, r.headers, _utf16(r.body)), goes_on=True),
    "status_line_garbage": ReplyChange(lambda r: b"\x00\x01garbage\r\n\r\n" + r.body),
    "reply_twice": ReplyChange(lambda r: r.sent + r.sent, goes_on=True),
    "reply_chunked": ReplyChange(lambda r: _chunks(r, b"0\r\n\r\n"), goes_on=True),
    "reply_gzipped": ReplyChange(_gzipped, goes_on=True),
    "continue_before_reply": ReplyChange(lambda r: b"HTTP/1.1 100 Continue\r\n\r\n" + r.sent, goes_on=True),
    "close_after_reply": ReplyChange(lambda r: r.sent),
}
"""Every way by name."""
